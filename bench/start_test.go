package bench_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver the store uses, for the baseline

	"github.com/tidings-im/tidings/internal/store/storetest"
)

// BenchmarkStart starts `tidings serve`, built and in a process of its own,
// over a database with an organization of 1,000,000 people: from the start of
// the process until /readyz answers 200. rss-MiB is what the process holds
// then, peak-MiB the most it held on the way.
//
// The baseline reads the same people with the same driver into a slice and a
// map by userid, in a process that runs already, and does nothing with them.
func BenchmarkStart(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			binary := mustBuild(b, "cmd/tidings")
			begin := time.Now()
			p := mustPrepare(b, storetest.Address(b, engine), million)
			b.Logf("%d people were imported in %v", million, time.Since(begin).Round(time.Second))
			b.Run("serve", func(b *testing.B) {
				var rss, peak float64
				for b.Loop() {
					s := p.mustStart(b, binary)
					b.StopTimer()
					rss, peak = max(rss, s.mustKiB(b, "VmRSS")/1024), max(peak, s.mustKiB(b, "VmHWM")/1024)
					s.mustStop(b)
					b.StartTimer()
				}
				b.ReportMetric(rss, "rss-MiB")
				b.ReportMetric(peak, "peak-MiB")
			})
			b.Run("bare", func(b *testing.B) {
				db := mustOpenBare(b, p.address)
				for b.Loop() {
					mustReadPeople(b, db)
				}
			})
		})
	}
}

func mustOpenBare(b *testing.B, address string) *sql.DB {
	b.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path
	}
	db, err := sql.Open(driver, address)
	must(b, err)
	b.Cleanup(func() { must(b, db.Close()) })
	return db
}

func mustReadPeople(b *testing.B, db *sql.DB) {
	b.Helper()
	type person struct {
		userid, departments string
		state               int64
	}
	rows, err := db.QueryContext(context.Background(), `SELECT ordinal, userid, dept_ids, CASE WHEN deleted_at IS NOT NULL THEN 2 WHEN disabled_at IS NOT NULL THEN 1 ELSE 0 END FROM employee ORDER BY organization, ordinal`)
	must(b, err)
	defer rows.Close()
	var people []person
	ordinals := map[string]int64{}
	for rows.Next() {
		var p person
		var ordinal int64
		must(b, rows.Scan(&ordinal, &p.userid, &p.departments, &p.state))
		people = append(people, p)
		ordinals[p.userid] = ordinal
	}
	must(b, rows.Err())
	if len(people) != million || len(ordinals) != million {
		b.Fatalf("%d people", len(people))
	}
}
