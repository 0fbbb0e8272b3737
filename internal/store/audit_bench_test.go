package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// BenchmarkAdminister measures what an audit entry adds to a change. Each iteration
// is a pair: 100 changes of one row without an entry, then 100 with one. The metrics
// are medians over the pairs:
//
//	go test -run '^$' -bench Administer -benchtime 10x ./internal/store
func BenchmarkAdminister(b *testing.B) {
	const changes = 100
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			db := storetest.Open(b, engine)
			entry := audit.Entry{
				Organization: 1, Action: audit.PersonSave, Subject: audit.PersonSubject(8), Details: audit.Details{"changed": []string{"name"}},
				By: audit.By{Actor: audit.Person(1, 7), Credential: "session:abc", Peer: "192.0.2.7", Device: "Example/1.0"},
			}
			took := func(entries ...audit.Entry) float64 {
				begin := time.Now()
				for range changes {
					if err := store.Administer(context.Background(), db, entries...); err != nil {
						b.Fatal(err)
					}
				}
				return float64(time.Since(begin).Microseconds()) / changes
			}
			took(entry) // statements are prepared
			var without, with []float64
			for b.Loop() {
				without = append(without, took())
				with = append(with, took(entry))
			}
			b.ReportMetric(median(without), "µs/change")
			b.ReportMetric(median(with), "µs/logged-change")
		})
	}
}

// median is the middle one, the upper of two.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkVerify measures verifying a log of 5,000 entries, every second with
// something private.
func BenchmarkVerify(b *testing.B) {
	const entries = 5000
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			address := storetest.Ready(b, engine)
			db := storetest.At(b, address, nil)
			_, raw := storetest.Raw(b, address)
			tx, err := raw.BeginTx(b.Context(), nil)
			if err != nil {
				b.Fatal(err)
			}
			for i := range entries {
				e := audit.Entry{Organization: 1, By: audit.OnBehalfOf(1, 7), Action: audit.AppSave, Subject: "a", Details: audit.Details{"n": i}}
				if i%2 == 1 {
					e.Reason = "Too faint."
				}
				if err := store.AppendAudit(b.Context(), tx, storetest.AuditKeys(), e); err != nil {
					b.Fatal(err)
				}
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
			log := &audit.Log{Store: db.AuditLog(), Keys: storetest.AuditKeys()}
			for b.Loop() {
				if r, err := log.Verify(b.Context(), 1); err != nil || r.Wrong != 0 || r.Entries != entries {
					b.Fatalf("%+v, %v", r, err)
				}
			}
			b.ReportMetric(float64(entries*b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
