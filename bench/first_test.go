package bench_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// BenchmarkFirstSend is the first send after a start of an app that has sent
// 1,000,000 messages today, to one of 100,000 people each, the last 8,000 since
// the day was saved: rooms opened anew over the database, then one send until its
// commit. By what the organization limits:
//
//	off       nothing that counts what was sent before
//	standard  500 messages a day and recipient
//	dingtalk  these, the recipients of a minute and three sends to everyone a day
//
// second-ms is the median of the send after it, second-worst-ms the worst.
func BenchmarkFirstSend(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine, func(b *testing.B) {
			i := mustInstall(b, engine, people)
			begin := time.Now()
			i.mustSend(b, directory.Audience{Userids: []string{userid(0)}})
			mustRepeat(b, i, million-unsaved)
			again, stop := mustReopen(b, i)
			again.mustSend(b, directory.Audience{Userids: []string{userid(1)}}) // what was sent until here is counted and saved
			stop()
			mustRepeat(b, i, unsaved)
			i.number = again.number
			b.Logf("%d tasks were written in %v", million, time.Since(begin).Round(time.Second))
			for _, limits := range []string{"off", policy.Standard, policy.DingTalk} {
				b.Run(limits, func(b *testing.B) { firstSends(b, i, limits) })
			}
		})
	}
}

const (
	// people is how many the app of BenchmarkFirstSend writes to.
	people = 100_000
	// unsaved is how many tasks come after what was saved of the day: nearly as
	// many as there can be.
	unsaved = 8_000
)

func firstSends(b *testing.B, i *installation, limits string) {
	caller := i.caller
	caller.Limits = policy.Limits{}
	if limits != "off" {
		var err error
		caller.Limits, err = policy.ForPreset(limits, false)
		must(b, err)
	}
	var second []float64
	for b.Loop() {
		b.StopTimer()
		again, stop := mustReopen(b, i)
		again.caller = caller
		b.StartTimer()
		again.mustSend(b, directory.Audience{Userids: []string{userid(7)}})
		b.StopTimer()
		begin := time.Now()
		again.mustSend(b, directory.Audience{Userids: []string{userid(8)}})
		second = append(second, float64(time.Since(begin).Microseconds())/1e3)
		i.number = again.number
		stop()
		b.StartTimer()
	}
	report(b, second, "second")
}

// mustRepeat writes so many tasks like the newest, to one person each, and as if
// they had been sent one after the other.
func mustRepeat(b *testing.B, i *installation, tasks int) {
	b.Helper()
	ctx := context.Background()
	engine, db := storetest.Raw(b, i.address)
	tx, err := db.BeginTx(ctx, nil)
	must(b, err)
	bytesType, numbers := "BLOB", fmt.Sprintf("(WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < %d) SELECT n FROM g)", tasks)
	if engine == "postgres" {
		bytesType, numbers = "BYTEA", fmt.Sprintf("(SELECT generate_series(1, %d) AS n)", tasks)
	}
	exec := func(statement string, args ...any) {
		b.Helper()
		_, err := tx.ExecContext(ctx, statement, args...)
		must(b, err)
	}
	const sets = 1000
	exec(`CREATE TABLE bench_set (n BIGINT PRIMARY KEY, sent ` + bytesType + `)`)
	for n := range sets {
		var set bytes.Buffer
		_, err := roaring.BitmapOf(uint32(n * people / sets)).WriteTo(&set)
		must(b, err)
		exec(`INSERT INTO bench_set (n, sent) VALUES ($1, $2)`, n, set.Bytes())
	}
	exec(fmt.Sprintf(`INSERT INTO task (organization, id, agent_id, revision, accepted_at, day, minute, dup_key, digest, type, filed, everyone,
			sent_count, status_value, status_bg, message, named, invalid, held, sent)
		SELECT t.organization, t.revision + g.n, t.agent_id, t.revision + g.n, t.accepted_at, t.day, t.minute - 1000 + g.n / 1000, t.dup_key + g.n, t.digest,
			t.type, 1, 0, 1, '', '', t.message, t.named, t.invalid, t.held, s.sent
		FROM (SELECT * FROM task ORDER BY revision DESC LIMIT 1) AS t, %s AS g JOIN bench_set s ON s.n = g.n %% %d`, numbers, sets))
	exec(`UPDATE org_revision SET revision = (SELECT MAX(revision) FROM task)`)
	exec(`DROP TABLE bench_set`)
	must(b, tx.Commit())
	mustAnalyze(b, engine, db)
}

// mustAnalyze does what autovacuum would have done.
func mustAnalyze(b *testing.B, engine string, db *sql.DB) {
	b.Helper()
	if engine == "postgres" {
		_, err := db.ExecContext(context.Background(), "VACUUM ANALYZE task")
		must(b, err)
	}
}
