package inbox_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// The organization of the benchmarks: 200,000 people and 10,000 large sends,
// from a hundred people to everybody, some to departments (ranges) and some to
// people picked at random; reader has 500 small sends among them, spread out.
const (
	population = 200_000
	largeSends = 10_000
	smallSends = 500
	reader     = 123_456 // in about a third of the large sends
	outsider   = 199_999 // in none, with the same small sends
	nobody     = 199_998 // in none, without small sends
)

func benchWorld(b testing.TB, engine string) (*world, *inbox.Service) {
	b.Helper()
	w := newWorld(b, engine)
	w.Organization(1, "ding1")
	random := rand.New(rand.NewPCG(1, 2))
	var tasks []storetest.Sent
	for n := range largeSends {
		one := text(b, int64(len(tasks)+1), 5+int64(n%9), fmt.Sprintf("message %d", n), false)
		one.Recipients = audience(random, n)
		tasks = append(tasks, one)
		if n%(largeSends/smallSends) == 0 {
			tasks = append(tasks, text(b, int64(len(tasks)+1), 5, "for two", true, reader, outsider))
		}
	}
	for piece := range slices.Chunk(tasks, 500) {
		w.Send(1, piece...)
	}
	w.Analyze()
	return w, w.service(b, 0)
}

func audience(random *rand.Rand, n int) *roaring.Bitmap {
	set := roaring.New()
	switch n % 3 {
	case 0: // everybody but the two at the end
		set.AddRange(0, nobody)
	case 1: // a department
		size := 100 + random.Uint64N(20_000)
		first := random.Uint64N(nobody - size)
		set.AddRange(first, first+size)
	default: // people picked one by one
		for range 100 + random.IntN(2_000) {
			set.Add(random.Uint32N(nobody))
		}
	}
	set.RunOptimize()
	return set
}

// BenchmarkInbox measures finding a page's keys, a whole page with its cards,
// and the badge, each as median and 99th percentile.
func BenchmarkInbox(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			w, s := benchWorld(b, engine)
			people := []struct {
				name    string
				ordinal uint32
			}{{"member", reader}, {"outsider", outsider}, {"nobody", nobody}}
			b.Run("one row", func(b *testing.B) { // what any question to this database costs
				percentiles(b, func() {
					if _, err := s.Revision(context.Background(), 1); err != nil {
						b.Fatal(err)
					}
				})
			})
			for _, who := range people {
				b.Run(who.name, func(b *testing.B) {
					v := inbox.Viewer{Organization: 1, Ordinal: who.ordinal}
					percentiles(b, func() {
						if _, err := s.Keys(context.Background(), v, inbox.Query{}); err != nil {
							b.Fatal(err)
						}
					})
				})
			}
			b.Run("page", func(b *testing.B) {
				v := inbox.Viewer{Organization: 1, Ordinal: reader}
				percentiles(b, func() { mustPage(b, s, v, inbox.Query{}) })
			})
			for _, who := range people {
				b.Run("apps/"+who.name, func(b *testing.B) {
					v := inbox.Viewer{Organization: 1, Ordinal: who.ordinal}
					percentiles(b, func() { mustApps(b, s, v) })
				})
			}
			b.Run("badge/unread", func(b *testing.B) {
				v := inbox.Viewer{Organization: 1, Ordinal: reader}
				percentiles(b, func() { mustUnread(b, s, v) })
			})
			v := inbox.Viewer{Organization: 1, Ordinal: reader}
			begun := time.Now()
			if err := s.MarkAllRead(context.Background(), v, 0, forever); err != nil {
				b.Fatal(err)
			}
			b.Logf("mark all read: %v", time.Since(begun))
			w.stop(s) // writes the floor
			s = w.service(b, 0)
			mustUnread(b, s, v)
			b.Run("badge/read", func(b *testing.B) {
				percentiles(b, func() {
					if u := mustUnread(b, s, v); u.Count != 0 {
						b.Fatal(u)
					}
				})
			})
			held, _ := s.SetBytes()
			b.Logf("%d bytes of sets", held)
		})
	}
}

// percentiles runs fn b.N times and reports the median and the 99th
// percentile beside the mean.
func percentiles(b *testing.B, fn func()) {
	b.Helper()
	fn()
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		fn()
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
}
