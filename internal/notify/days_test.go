package notify_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// readDays counts the tasks of days that are read, before transactions and in
// them.
type readDays struct {
	notify.Store
	before, inside atomic.Int64
}

func (r *readDays) TasksOfDay(ctx context.Context, organization, agentID, day, after int64, limit int, sets bool) ([]notify.DayTask, error) {
	tasks, err := r.Store.TasksOfDay(ctx, organization, agentID, day, after, limit, sets)
	r.before.Add(int64(len(tasks)))
	return tasks, err
}

func (r *readDays) WriteTasks(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	return r.Store.WriteTasks(ctx, func(ctx context.Context, tx notify.Tx) error { return work(ctx, &readDaysTx{tx, r}) })
}

type readDaysTx struct {
	notify.Tx
	days *readDays
}

func (t *readDaysTx) TasksOfDay(ctx context.Context, organization, agentID, day, after int64, limit int, sets bool) ([]notify.DayTask, error) {
	tasks, err := t.Tx.TasksOfDay(ctx, organization, agentID, day, after, limit, sets)
	t.days.inside.Add(int64(len(tasks)))
	return tasks, err
}

// What an app has sent today is read by its own first send after a start, not
// under the organization's lock, where everybody waits; and not at all when no
// rule counts it.
func TestADayIsReadBeforeItsFirstSend(t *testing.T) {
	t.Parallel()
	const sends, limit = 30, 20
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			first := mustFixture(t, storetest.At(t, address, nil), wrap{})
			c := first.mustOrganization(t, 4, func(l *policy.Limits) { l.MessagesPerDay = limit })
			for i := range sends {
				_, err := first.Send(context.Background(), request(c, fmt.Sprint(i), to("u1")))
				must(t, err)
			}
			first.Close()

			days := &readDays{}
			second := mustFixture(t, storetest.At(t, address, nil), wrap{store: func(s notify.Store) notify.Store {
				days.Store = s
				return days
			}})
			free := c
			free.Limits.MessagesPerDay = 0
			id, err := second.Send(context.Background(), request(free, "free", to("u1")))
			must(t, err)
			if got := second.mustOutcome(t, c, id); !slices.Equal(got.Unread, []string{"u1"}) || days.before.Load()+days.inside.Load() > 0 {
				t.Errorf("without a limit %d and %d tasks are read, %+v", days.before.Load(), days.inside.Load(), got)
			}
			for range 2 {
				id, err := second.Send(context.Background(), request(c, fmt.Sprint("counted ", days.before.Load()), to("u1", "u2")))
				must(t, err)
				if got := second.mustOutcome(t, c, id); got.Held["u1"] != policy.DailyInternal || !slices.Equal(got.Unread, []string{"u2"}) {
					t.Errorf("with a limit: %+v", got)
				}
			}
			// The sets once more, when there turn out to be enough tasks.
			if before, inside := days.before.Load(), days.inside.Load(); before < sends || before > 2*(sends+1) || inside > 0 {
				t.Errorf("%d tasks are read before the transaction, %d inside", before, inside)
			}
		})
	}
}

// Whether anything is counted may change from send to send: none is forgotten.
func TestCountingBeginsAndEnds(t *testing.T) {
	t.Parallel()
	const limit = 4
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := mustFixture(t, storetest.Open(t, engine), wrap{})
			c := f.mustOrganization(t, 2, nil)
			for i, counted := range []bool{true, false, true, false, true, false, true} {
				c.Limits.MessagesPerDay = 0
				if counted {
					c.Limits.MessagesPerDay = limit
				}
				id, err := f.Send(context.Background(), request(c, fmt.Sprint(i), to("u1")))
				must(t, err)
				held := f.mustOutcome(t, c, id).Held["u1"] != ""
				if want := counted && i >= limit; held != want {
					t.Errorf("message %d, counted %v: held back is %v", i, counted, held)
				}
			}
		})
	}
}
