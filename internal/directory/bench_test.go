package directory_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// mustBigOrg is an organization of n people in teams of 100, and the size
// -short allows instead.
func mustBigOrg(b *testing.B, engine string, n int) (org, int) {
	b.Helper()
	if testing.Short() {
		n /= 100
	}
	o := mustOrg(b, storetest.Open(b, engine), "Example")
	start := time.Now()
	if _, err := o.Import(context.Background(), audit.ByOperator(), o.id, bigCompany(n), directory.ImportOptions{}); err != nil {
		b.Fatal(err)
	}
	b.Logf("%s: %d people imported in %v", engine, n, time.Since(start).Round(time.Millisecond))
	return o, n
}

// BenchmarkMillion measures one organization of 1,000,000 people on SQLite.
func BenchmarkMillion(b *testing.B) {
	o, n := mustBigOrg(b, "sqlite", 1_000_000)
	b.Run("load", func(b *testing.B) { benchLoad(b, o) })
	b.Run("resolve/everyone", func(b *testing.B) {
		benchResolve(b, o, directory.Audience{Everyone: true}, everyone, n)
	})
	b.Run("resolve/1000 userids", func(b *testing.B) { benchUserids(b, o, n, everyone) })
	division := mustFind(b, o, "division0")
	size := min(n, 10_000)
	b.Run("search", func(b *testing.B) { benchSearch(b, o) })
	b.Run("resolve/department", func(b *testing.B) {
		benchResolve(b, o, directory.Audience{DeptIDs: []int64{division}}, everyone, size)
	})
	b.Run("resolve/1000 userids in a range", func(b *testing.B) {
		benchUserids(b, o, n, directory.Range{DeptIDs: []int64{division}})
	})
	scattered := scatter(b, o, n)
	b.Run("resolve/scattered department", func(b *testing.B) {
		benchResolve(b, o, directory.Audience{DeptIDs: []int64{scattered}}, everyone, n/10)
	})
	for _, userid := range someUserids(n, n/1000) {
		if err := o.DisableUser(context.Background(), audit.ByOperator(), o.id, userid); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("resolve/everyone, one in 1000 gone", func(b *testing.B) {
		benchResolve(b, o, directory.Audience{Everyone: true}, everyone, 0)
	})
	b.Run("change one user", func(b *testing.B) {
		i := 0
		for b.Loop() {
			title := fmt.Sprint(i)
			i++
			if _, err := o.UpdateUser(context.Background(), audit.ByOperator(), o.id, "user0000001", directory.UserChange{Title: &title}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// benchLoad also reports what one snapshot holds in memory.
func benchLoad(b *testing.B, o org) {
	for b.Loop() {
		b.StopTimer()
		before := heap()
		b.StartTimer()
		s := directory.New(directory.Deps{Store: o.store(), Now: noon})
		if err := s.Load(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		b.ReportMetric(float64(heap()-before)/(1<<20), "MiB-held")
		runtime.KeepAlive(s)
		b.StartTimer()
	}
}

// benchSearch also reports what is held in memory to search people by.
func benchSearch(b *testing.B, o org) {
	before := heap()
	start := time.Now()
	if _, err := o.FindPeople(context.Background(), o.id, "x"); err != nil {
		b.Fatal(err)
	}
	b.Logf("the first search took %v and holds %d MiB", time.Since(start).Round(time.Millisecond), (heap()-before)>>20)
	for _, text := range []string{"王小明", "wangxiaoming", "wxm", "zhang", "z", "user0009999", "nobody"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				if _, err := o.FindPeople(context.Background(), o.id, text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// benchUserids resolves other people each time, so that the processor's caches
// do not know them.
func benchUserids(b *testing.B, o org, n int, r directory.Range) {
	audiences := make([]directory.Audience, 200)
	for i := range audiences {
		audiences[i].Userids = someUserids(n, min(n, 1000))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		got, err := o.Resolve(context.Background(), o.id, audiences[i%len(audiences)], r)
		if err != nil || got.Recipients.GetCardinality()+got.OutsideUser.GetCardinality() != uint64(min(n, 1000)) {
			b.Fatalf("%d people (%v)", got.Recipients.GetCardinality(), err)
		}
	}
}

func benchResolve(b *testing.B, o org, a directory.Audience, r directory.Range, want int) {
	b.ReportAllocs()
	for b.Loop() {
		got, err := o.Resolve(context.Background(), o.id, a, r)
		if err != nil || want > 0 && got.Recipients.GetCardinality() != uint64(want) {
			b.Fatalf("%d people, want %d (%v)", got.Recipients.GetCardinality(), want, err)
		}
	}
}

func someUserids(n, count int) []string {
	userids := make([]string, count)
	for i, u := range rand.Perm(n)[:count] {
		userids[i] = fmt.Sprintf("user%07d", u)
	}
	return userids
}

func mustFind(b *testing.B, o org, name string) int64 {
	departments, err := o.Departments(context.Background(), o.id)
	if err != nil {
		b.Fatal(err)
	}
	for _, d := range departments {
		if d.Name == name {
			return d.ID
		}
	}
	b.Fatalf("no department %s", name)
	return 0
}

// scatter moves a random tenth of the people into a new department.
func scatter(b *testing.B, o org, n int) int64 {
	var text strings.Builder
	text.WriteString("userid,department\n")
	for _, userid := range someUserids(n, n/10) {
		text.WriteString(userid + ",scattered\n")
	}
	start := time.Now()
	if _, err := o.Import(context.Background(), audit.ByOperator(), o.id, strings.NewReader(text.String()), directory.ImportOptions{}); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d people moved in %v", n/10, time.Since(start).Round(time.Millisecond))
	return mustFind(b, o, "scattered")
}

// BenchmarkImport imports 100,000 people into an empty organization.
func BenchmarkImport(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			for b.Loop() {
				mustBigOrg(b, engine, 100_000)
			}
		})
	}
}

// BenchmarkContacts measures what programs look up in an organization of 1,000,000
// people: a page at the beginning and at the end of everybody, and one of them.
func BenchmarkContacts(b *testing.B) {
	for _, engine := range storetest.Engines(b) {
		b.Run(engine, func(b *testing.B) {
			o, n := mustBigOrg(b, engine, 1_000_000)
			everybodyInOne(b, o, n)
			v := o.viewer(everyone)
			for name, q := range map[string]directory.MemberQuery{
				"first page": {DeptID: directory.RootID, Limit: 100}, "last page": {DeptID: directory.RootID, Limit: 100, Cursor: int64(n - 100)},
				"last page by offset": {DeptID: directory.RootID, Limit: 100, Skip: int64(n - 100)},
			} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						if page, err := o.Members(b.Context(), v, q); err != nil || len(page.Contacts) != 100 {
							b.Fatalf("%d people (%v)", len(page.Contacts), err)
						}
					}
				})
			}
			b.Run("by mobile", func(b *testing.B) {
				for b.Loop() {
					if _, err := o.ContactByMobile(b.Context(), v, fmt.Sprintf("+86 138-%08d", rand.IntN(n))); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("by userid and unionid", func(b *testing.B) {
				for b.Loop() {
					c, err := o.Contact(b.Context(), v, fmt.Sprintf("user%07d", rand.IntN(n)))
					if err == nil {
						_, err = o.ContactByUnionID(b.Context(), v, c.UnionID)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// everybodyInOne puts all people directly into the root, each with a mobile of their own.
func everybodyInOne(b *testing.B, o org, n int) {
	b.Helper()
	var text strings.Builder
	text.WriteString("userid,dept_id,mobile\n")
	for i := range n {
		fmt.Fprintf(&text, "user%07d,1,138%08d\n", i, i)
	}
	if _, err := o.Import(context.Background(), audit.ByOperator(), o.id, strings.NewReader(text.String()), directory.ImportOptions{}); err != nil {
		b.Fatal(err)
	}
}
