package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// The organization whose inboxes are read, as every figure of a page names it.
const (
	readers    = 200_000
	largeSends = 10_000
	smallSends = 500
	reader     = 123_456 // in about a third of the large sends and in all small ones
)

// BenchmarkInboxPage reads the newest 20 messages of somebody in an
// organization of 200,000 with 10,000 large sends (a third each to everyone,
// to departments, and to 200 to 2,000 people picked one by one) and 500 small
// ones to that person: the whole page with its content, rendered; what finds
// the messages, without their content, is BenchmarkInbox of internal/inbox.
//
// The baseline is one row per recipient with the store's SQLite driver:
// 5,000,000 rows of others and 10,500 of the reader, the newest 20 by primary
// key; once the keys alone, once with the stored message, not rendered.
func BenchmarkInboxPage(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine+"/page", func(b *testing.B) {
			s, v := mustInbox(b, engine)
			b.ResetTimer()
			spread(b, func() {
				page, err := s.Page(context.Background(), v, inbox.Query{})
				must(b, err)
				if len(page.Items) != 20 {
					b.Fatalf("%d items", len(page.Items))
				}
			})
		})
	}
	b.Run("sqlite/rows-keys", func(b *testing.B) {
		db := mustReaderRows(b)
		newest := mustPrepareQuery(b, db, `SELECT task_id, state FROM inbox_row WHERE user_id = $1 ORDER BY task_id DESC LIMIT 20`)
		b.ResetTimer()
		spread(b, func() { mustScan(b, newest, 20, new(int64), new(int64)) })
	})
	b.Run("sqlite/rows-content", func(b *testing.B) {
		db := mustReaderRows(b)
		newest := mustPrepareQuery(b, db, `SELECT r.task_id, r.state, t.message FROM inbox_row r JOIN task t ON t.id = r.task_id
			WHERE r.user_id = $1 ORDER BY r.task_id DESC LIMIT 20`)
		b.ResetTimer()
		spread(b, func() { mustScan(b, newest, 20, new(int64), new(int64), new(string)) })
	})
}

// BenchmarkBadge counts the unread messages of somebody who has read all of
// the same inbox. The baseline counts the unread rows of the reader's 10,500
// in the row table: by scanning them, and by a partial index over unread rows
// that every send and every read has to write as well.
func BenchmarkBadge(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run(engine+"/all-read", func(b *testing.B) {
			s, v := mustInbox(b, engine)
			ctx := context.Background()
			revision, err := s.Revision(ctx, v.Organization)
			must(b, err)
			must(b, s.MarkAllRead(ctx, v, 0, revision))
			mustCountNone(b, s, v) // the first one leaves a hint for the next
			b.ResetTimer()
			spread(b, func() { mustCountNone(b, s, v) })
		})
	}
	const count = `SELECT COUNT(*), 0 FROM inbox_row WHERE user_id = $1 AND state = 0`
	b.Run("sqlite/rows-scan", func(b *testing.B) {
		unread := mustPrepareQuery(b, mustReaderRows(b), count)
		b.ResetTimer()
		spread(b, func() { mustScan(b, unread, 1, new(int64), new(int64)) })
	})
	b.Run("sqlite/rows-index", func(b *testing.B) {
		db := mustReaderRows(b)
		_, err := db.ExecContext(context.Background(), `CREATE INDEX inbox_row_unread ON inbox_row (user_id) WHERE state = 0`)
		must(b, err)
		unread := mustPrepareQuery(b, db, count)
		b.ResetTimer()
		spread(b, func() { mustScan(b, unread, 1, new(int64), new(int64)) })
	})
}

// spread runs fn and reports the median and the worst beside the mean.
func spread(b *testing.B, fn func()) {
	b.Helper()
	fn() // reads into memory what stays there
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		fn()
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	micro := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
	b.ReportMetric(micro(took[len(took)/2]), "p50-µs")
	b.ReportMetric(micro(took[len(took)*99/100]), "p99-µs")
	b.ReportMetric(micro(took[len(took)-1]), "worst-µs")
}

// mustInbox sends what is read, through the sequencer.
func mustInbox(b *testing.B, engine string) (*inbox.Service, inbox.Viewer) {
	b.Helper()
	i := mustInstall(b, engine, readers)
	i.caller.Limits.MessagesPerDay = 0
	departments, err := i.people.Departments(context.Background(), i.caller.Organization)
	must(b, err)
	work := make(chan directory.Audience)
	var sending sync.WaitGroup
	var counting sync.Mutex
	for range senders {
		sending.Go(func() {
			for a := range work {
				counting.Lock()
				i.number++
				n := i.number
				counting.Unlock()
				if err := i.send(n, a); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for n := range largeSends {
		work <- large(n, departments)
		if n%(largeSends/smallSends) == 0 {
			work <- directory.Audience{Userids: []string{userid(reader), userid(n)}}
		}
	}
	close(work)
	sending.Wait()
	s, err := inbox.New(inbox.Deps{Store: i.db.Inbox(), Receipts: i.db.Receipts(), Cards: plainCards{}, Now: time.Now})
	must(b, err)
	storetest.Run(b, s.Run)
	ordinal, ok := i.people.Ordinal(i.caller.Organization, userid(reader))
	if !ok {
		b.Fatal("nobody reads")
	}
	return s, inbox.Viewer{Organization: i.caller.Organization, Ordinal: ordinal}
}

// large is the n-th audience; two in three are spread evenly over everybody.
func large(n int, departments []directory.Department) directory.Audience {
	switch n % 3 {
	case 0:
		return directory.Audience{Everyone: true}
	case 1:
		return directory.Audience{DeptIDs: []int64{departments[n%len(departments)].ID}}
	}
	const fewest, more, stride = 200, 1800, 7919
	a := directory.Audience{}
	for i := range fewest + n%more {
		a.Userids = append(a.Userids, userid((n+i*stride)%readers))
	}
	return a
}

func mustCountNone(b *testing.B, s *inbox.Service, v inbox.Viewer) {
	b.Helper()
	u, err := s.Unread(context.Background(), v)
	must(b, err)
	if u.Count != 0 {
		b.Fatalf("%d unread", u.Count)
	}
}

// mustReaderRows is the row table with the reader's rows, and the messages
// they name.
func mustReaderRows(b *testing.B) *sql.DB {
	b.Helper()
	db := mustRowsSQLite(b)
	ctx := context.Background()
	tx, err := db.BeginTx(ctx, nil)
	must(b, err)
	_, err = tx.ExecContext(ctx, `CREATE TABLE task (id INTEGER PRIMARY KEY, message TEXT NOT NULL)`)
	must(b, err)
	for n := range largeSends + smallSends {
		task := million + n
		_, err = tx.ExecContext(ctx, `INSERT INTO task (id, message) VALUES ($1, $2)`, task,
			`{"msgtype":"text","text":{"content":"Message number `+strconv.Itoa(n)+` of the benchmark"}}`)
		must(b, err)
		_, err = tx.ExecContext(ctx, `INSERT INTO inbox_row (user_id, task_id, state) VALUES ($1, $2, 1)`, reader, task)
		must(b, err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE inbox_row SET state = 1 WHERE user_id = $1`, reader)
	must(b, err)
	must(b, tx.Commit())
	return db
}

func mustPrepareQuery(b *testing.B, db *sql.DB, query string) *sql.Stmt {
	b.Helper()
	stmt, err := db.PrepareContext(context.Background(), query)
	must(b, err)
	b.Cleanup(func() { must(b, stmt.Close()) })
	return stmt
}

// mustScan reads the reader's rows, of which there must be that many.
func mustScan(b *testing.B, query *sql.Stmt, want int, into ...any) {
	b.Helper()
	rows, err := query.QueryContext(context.Background(), int64(reader))
	must(b, err)
	defer rows.Close()
	got := 0
	for rows.Next() {
		must(b, rows.Scan(into...))
		got++
	}
	must(b, rows.Err())
	if got != want {
		b.Fatalf("%d rows, want %d", got, want)
	}
}

type plainCards struct{}

func (plainCards) Sender(context.Context, int64, int64) (inbox.Sender, error) {
	return inbox.Sender{Name: "Bench"}, nil
}

func (plainCards) MediaURL(context.Context, int64, int64, string) (string, bool) { return "", false }

func (plainCards) Files(context.Context, int64, []string) (map[string]message.Upload, error) {
	return nil, nil
}

// send is mustSend for goroutines, which may not end a benchmark.
func (i *installation) send(number int, a directory.Audience) error {
	_, err := i.notify.Send(context.Background(), notify.SendRequest{
		Envelope: notify.Envelope{Caller: i.caller, AgentID: i.caller.AgentID, Audience: a, Endpoint: "asyncsend_v2"},
		Message:  fmt.Appendf(nil, `{"msgtype":"text","text":{"content":"Message number %d of the benchmark"}}`, number),
	})
	return err
}
