package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// However many people read, and however long the database takes for them:
// sends, recalls, receipts and tokens find a connection.
func TestReadersLeaveConnectionsToOthers(t *testing.T) {
	t.Parallel()
	const people, readers = 100, 12
	address := storetest.Ready(t, "postgres")
	db := storetest.At(t, address, nil)
	storetest.NewSender(t, address).Organization(1, "ding1")
	ctx := t.Context()

	_, raw := storetest.Raw(t, address)
	raw.SetMaxOpenConns(2)
	lock, err := raw.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback()
	if _, err := lock.ExecContext(ctx, "LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	reading, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	for range people {
		running.Go(func() {
			for reading.Err() == nil { // each read gives up after a quarter of a second
				_, _, _ = db.Inbox().Filed(reading, inbox.Viewer{Organization: 1, Ordinal: 1}, inbox.Span{Before: 1 << 40}, 20)
			}
		})
	}
	waiting := func() (n int) {
		const q = `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
		if err := raw.QueryRowContext(ctx, q).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := harness.Poll(20*time.Second, func() (bool, error) { return waiting() == readers, nil }); err != nil {
		t.Fatalf("%d readers wait for the table: %v", waiting(), err)
	}
	most := 0
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second) // among the readers this takes minutes
	defer cancel()
	for range 50 {
		if err := write(db, nil); err != nil || ctx.Err() != nil {
			t.Fatalf("a send: %v, %v", err, ctx.Err())
		}
		if _, err := db.Apps().Revocations(ctx); err != nil {
			t.Fatalf("tokens: %v", err)
		}
		if _, err := db.Tasks().TasksOfDay(ctx, 1, 1, 20260302, 0, 1, false); err != nil {
			t.Fatalf("an app's day: %v", err)
		}
		most = max(most, waiting())
	}
	if most > readers {
		t.Errorf("%d connections read, the limit is %d", most, readers)
	}
}
