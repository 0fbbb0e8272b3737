package retention_test

import (
	"context"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// When the receipts of a task were dropped is kept with it, for as long as it is there.
func TestWhenReceiptsWereDropped(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			w := worldAt(t, address)
			f := w.firm(t, "ding1")
			at := func(task int64) time.Time {
				one, err := w.db.TaskLists().Summary(context.Background(), f.id, task)
				must(t, err)
				return one.DroppedAt
			}
			f.keepOf(0, policy.Retention{Receipts: 1, Messages: 6})
			first, other := f.send(0, "first"), f.send(1, "of the other app")
			f.sweep()
			if !at(first).IsZero() {
				t.Errorf("while they are kept: %v", at(first))
			}
			w.pass(2 * day)
			f.sweep()
			dropped := w.clock()
			second := f.send(0, "second")
			for range 3 { // the floor rises with what others send
				w.pass(time.Hour)
				f.send(1, "more")
				f.sweep()
			}
			if got := at(first); !got.Equal(dropped) {
				t.Errorf("the first: %v, want %v", got, dropped)
			}
			w.pass(2 * day)
			f.sweep()
			later := w.clock()
			if !at(first).Equal(dropped) || !at(second).Equal(later) || !at(other).IsZero() {
				t.Errorf("the first %v, want %v; the second %v, want %v; of the other app %v, want none", at(first), dropped, at(second), later, at(other))
			}

			_, raw := storetest.Raw(t, address)
			kept := func() (n int) {
				must(t, raw.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM receipt_drop`).Scan(&n))
				return n
			}
			if n := kept(); n != 2 {
				t.Errorf("%d rows of two tasks", n)
			}
			w.pass(7 * day)
			f.send(1, "more")
			f.sweep() // the tasks go
			f.send(1, "more")
			f.sweep()
			if n := kept(); n != 0 {
				t.Errorf("%d rows of no task", n)
			}
		})
	}
}
