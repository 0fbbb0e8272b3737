package retention_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/retention"
)

// A message is deleted with everything that is its own, and only the messages
// that are old enough for the app they are of. It is like one that never was.
func TestAMessageGoesWhole(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		f, neighbour := w.firm(t, "ding1"), w.firm(t, "ding2")
		small, large, kept := f.send(0, "small", 1, 2), f.send(0, "large"), f.send(1, "of the other app")
		theirs := neighbour.send(0, "of the neighbour")
		f.read(1, small, large)
		neighbour.read(1, theirs)
		f.keep(policy.Retention{Messages: 1})
		f.keepOf(1, policy.Retention{Messages: 3})

		w.pass(day) // tomorrow: yesterday is kept, whatever was decided
		f.sweep()
		if got := len(walk(t, w.inbox, f.viewer(1), inbox.Query{})); got != 3 {
			t.Fatalf("%d of 3 messages are there the day after", got)
		}
		w.pass(day)
		f.sweep()
		for _, node := range []*inbox.Service{w.inbox, w.other} {
			items := walk(t, node, f.viewer(1), inbox.Query{})
			if len(items) != 1 || items[0].MessageID != inbox.MessageID(kept, 1) {
				t.Errorf("shown: %v", items)
			}
		}
		for _, task := range []int64{small, large} {
			if _, err := f.result(0, task); !fault.Is(err, fault.CodeTaskUnknown) {
				t.Errorf("result of task %d: %v", task, err)
			}
			if err := f.notify.Recall(ctx, f.apps[0], f.apps[0].AgentID, task); !fault.Is(err, fault.CodeTaskUnknown) {
				t.Errorf("recall of task %d: %v", task, err)
			}
			if _, err := f.notify.Progress(ctx, f.apps[0], f.apps[0].AgentID, task); !fault.Is(err, fault.CodeTaskUnknown) {
				t.Errorf("progress of task %d: %v", task, err)
			}
			f.read(1, task) // ignored like any unknown id
			if readers, _, err := w.db.Tasks().Readers(ctx, f.id, task); err != nil || !readers.IsEmpty() {
				t.Errorf("receipts of task %d: %v, %v", task, readers, err)
			}
		}
		if _, filed, err := w.db.Inbox().Filed(ctx, f.viewer(2), inbox.Span{Before: 1000}, 10); err != nil || len(filed) != 0 {
			t.Errorf("rows filed: %v, %v", filed, err)
		}
		if r, err := neighbour.result(0, theirs); err != nil || r.Dropped || !slices.Equal(slices.Collect(r.Read), []string{"u1"}) {
			t.Errorf("the neighbour's: %v, %v", r, err)
		}
		if d := w.meter.deleted; d.Messages != 2 || d.Filed != 2 || d.Receipts != 2 || !w.meter.oldest.Equal(w.clock().Add(-2*day)) || !w.meter.at.Equal(w.clock()) {
			t.Errorf("measured: %+v, oldest %v, at %v", d, w.meter.oldest, w.meter.at)
		}
	})
}

// halting fails every transaction after the first few, as a crash would.
type halting struct {
	retention.Store
	left int
}

var errHalt = errors.New("halted")

func (h *halting) step() error {
	if h.left--; h.left < 0 {
		return errHalt
	}
	return nil
}

func (h *halting) RaiseReceiptsFloor(ctx context.Context, organization int64, a retention.Agent, day int64, now time.Time) (int64, error) {
	if err := h.step(); err != nil {
		return 0, err
	}
	return h.Store.RaiseReceiptsFloor(ctx, organization, a, day, now)
}

func (h *halting) DeleteReceipts(ctx context.Context, organization int64, tasks []int64, _ int) (int, int, error) {
	if err := h.step(); err != nil {
		return 0, 0, err
	}
	return h.Store.DeleteReceipts(ctx, organization, tasks, 7) // many pieces
}

func (h *halting) DeleteMessages(ctx context.Context, organization, agent int64, b retention.Bounds, _ int) (retention.Deleted, error) {
	if err := h.step(); err != nil {
		return retention.Deleted{}, err
	}
	return h.Store.DeleteMessages(ctx, organization, agent, b, 7)
}

// Wherever deleting is interrupted, no message turns unread, and the next sweep
// completes it.
func TestInterruptedAnywhere(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		f := w.firm(t, "ding1")
		var tasks []int64
		for i := range 3 {
			tasks = append(tasks, f.send(0, strings.Repeat("large ", i+1)), f.send(0, strings.Repeat("small ", i+1), 1, 2, 3))
		}
		for o := range uint32(people) {
			f.read(o, tasks...)
		}
		f.keep(policy.Retention{Receipts: 1, Messages: 4})
		for _, days := range []int{3, 3} { // the receipts, then the messages
			w.pass(time.Duration(days) * day)
			for steps := 0; ; steps++ {
				s := &halting{Store: w.db.Retention(), left: steps}
				err := w.sweeper(s).Sweep(context.Background())
				for _, o := range []uint32{0, 1, 40, people - 1} {
					u, uErr := w.other.Unread(context.Background(), f.viewer(o))
					if uErr != nil || u.Count != 0 {
						t.Fatalf("after %d steps %d has %d unread messages, %v", steps, o, u.Count, uErr)
					}
				}
				if err == nil {
					break
				}
				if !errors.Is(err, errHalt) {
					t.Fatal(err)
				}
			}
			if w.meter.failed == 0 {
				t.Error("no failure was measured")
			}
		}
		if got := walk(t, w.inbox, f.viewer(1), inbox.Query{}); len(got) != 0 {
			t.Errorf("still there: %v", got)
		}
	})
}

// Two people who read the same message lose their receipts together, what is
// read later leaves none, and the result says that it is no longer told.
func TestDroppedReceiptsCountAsRead(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		f := w.firm(t, "ding1")
		task := f.send(0, "to everyone")
		sent := w.clock()
		f.read(1, task)
		f.keep(policy.Retention{Receipts: 1})
		w.pass(2 * day)
		recent := f.send(0, "of today")
		f.sweep()
		f.read(2, task)
		for _, o := range []uint32{1, 2, 3} {
			items := walk(t, w.inbox, f.viewer(o), inbox.Query{})
			if len(items) != 2 || items[0].ReadAt != nil || items[1].ReadAt == nil || !items[1].ReadAt.Equal(sent) {
				t.Errorf("%d is shown %+v", o, items)
			}
			u, err := w.inbox.Unread(context.Background(), f.viewer(o))
			if err != nil || !slices.Equal(u.MessageIDs, []string{inbox.MessageID(recent, o)}) {
				t.Errorf("unread of %d: %v, %v", o, u, err)
			}
		}
		r, err := f.result(0, task)
		if err != nil || !r.Dropped || len(slices.Collect(r.Read)) != people || len(slices.Collect(r.Unread)) != 0 {
			t.Errorf("result: %+v, %v", r, err)
		}
		if readers, kept, err := w.db.Tasks().Readers(context.Background(), f.id, task); err != nil || kept || !readers.IsEmpty() {
			t.Errorf("receipts %v, %v, %v", readers, kept, err)
		}
	})
}

// What was accepted while a clock was wrong by years is not deleted with what
// is really old, and nobody's newer messages count as read for it.
func TestAClockThatWasWrong(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		f := w.firm(t, "ding1")
		before := f.send(0, "before")
		w.pass(5 * day)
		between := f.send(0, "between")
		w.pass(-20_000 * day)
		wrong := f.send(0, "while it was wrong")
		w.pass(20_000 * day)
		f.keep(policy.Retention{Messages: 2, Receipts: 2})
		f.sweep()
		if _, err := f.result(0, before); !fault.Is(err, fault.CodeTaskUnknown) {
			t.Errorf("the old one: %v", err)
		}
		for _, task := range []int64{between, wrong} {
			if r, err := f.result(0, task); err != nil || r.Dropped {
				t.Errorf("task %d: %+v, %v", task, r, err)
			}
		}
	})
}

// Identical content, quotas and idempotency keys miss nothing: what they look
// at is never deleted, even with the shortest time there is.
func TestRulesMissNothing(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		f := w.firm(t, "ding1")
		f.keep(policy.Retention{Messages: 1, Receipts: 1, Changes: 1})
		w.pass(14*time.Hour + 59*time.Minute) // 23:59 in the organization's zone
		key := notify.SendRequest{
			Envelope: notify.Envelope{
				Caller: f.apps[0], AgentID: f.apps[0].AgentID, Endpoint: "asyncsend_v2", IdempotencyKey: "k", RequestDigest: [32]byte{1},
			},
			Message: []byte(`{"msgtype":"text","text":{"content":"once"}}`),
		}
		key.Audience.Userids = []string{"u1"}
		task, err := f.notify.Send(context.Background(), key)
		must(t, err)
		w.pass(23*time.Hour + 59*time.Minute)
		f.sweep()
		if again, err := f.notify.Send(context.Background(), key); err != nil || again != task {
			t.Errorf("the key names %d, %v instead of %d", again, err, task)
		}
		w.pass(2 * time.Minute) // the day after tomorrow has begun
		f.sweep()
		if _, err := f.result(0, task); !fault.Is(err, fault.CodeTaskUnknown) {
			t.Errorf("it is two days old by the calendar and still there: %v", err)
		}
	})
}

// One node at a time deletes; a lease that was not given back ends by itself,
// and so does one that a wrong clock gave.
func TestOneNodeAtATime(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		ctx, s, now := context.Background(), w.db.Retention(), w.clock()
		lease := func(node string, at time.Duration, want bool) {
			t.Helper()
			got, err := s.Lease(ctx, node, now.Add(at), now.Add(at+time.Minute))
			if err != nil || got != want {
				t.Fatalf("lease of %s after %v: %v, %v", node, at, got, err)
			}
		}
		lease("a", 0, true)
		lease("b", 0, false)
		f := w.firm(t, "ding1")
		task := f.send(0, "old")
		f.keep(policy.Retention{Messages: 1})
		lease("a", 5*day, true)
		w.pass(5*day - time.Second)
		f.sweep() // by another node
		if _, err := f.result(0, task); err != nil {
			t.Errorf("deleted beside the node that has the lease: %v", err)
		}
		lease("b", 5*day+time.Minute+time.Second, true)
		must(t, s.EndLease(ctx, "a")) // it is not a's any more
		lease("a", 5*day+time.Minute+time.Second, false)
		must(t, s.EndLease(ctx, "b"))
		lease("a", 900*day, true)
		lease("b", 6*day, true)
		must(t, s.EndLease(ctx, "b"))
		w.pass(day)
		f.sweep()
		if _, err := f.result(0, task); !fault.Is(err, fault.CodeTaskUnknown) {
			t.Errorf("not deleted: %v", err)
		}
	})
}

// A receipt that somebody leaves in the moment in which its message is deleted
// goes with a later sweep.
func TestStrayReceipts(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		f := w.firm(t, "ding1")
		gone, kept := f.send(0, "old"), f.send(1, "other")
		f.keepOf(0, policy.Retention{Messages: 1})
		w.pass(3 * day)
		f.sweep()
		must(t, w.db.Receipts().Create(ctx, []inbox.Receipt{
			{Organization: f.id, TaskID: gone, Ordinal: 5, ReadAt: w.clock()},
			{Organization: f.id, TaskID: kept, Ordinal: 5, ReadAt: w.clock()},
		}))
		f.sweep()
		for task, want := range map[int64]bool{gone: false, kept: true} {
			if readers, _, err := w.db.Tasks().Readers(ctx, f.id, task); err != nil || readers.Contains(5) != want {
				t.Errorf("task %d: %v, %v", task, readers, err)
			}
		}
	})
}

// idle is a database in which another node has the lease.
type idle struct {
	retention.Store
	asked []time.Time
}

func (s *idle) Lease(_ context.Context, _ string, now, _ time.Time) (bool, error) {
	s.asked = append(s.asked, now)
	return false, nil
}

// Run sweeps within a minute of the start and then about once an hour.
func TestRunSweepsEveryHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, began := &idle{}, time.Now()
		r := retention.New(retention.Deps{Store: s, Log: slog.New(slog.DiscardHandler), Now: time.Now})
		ctx, stop := context.WithTimeout(context.Background(), day)
		defer stop()
		r.Run(ctx)
		if n := len(s.asked); n < 22 || n > 27 {
			t.Fatalf("%d sweeps in a day", n)
		}
		if wait := s.asked[0].Sub(began); wait > time.Minute {
			t.Errorf("the first came after %v", wait)
		}
	})
}

// Of many unread messages it is not their tasks that tell; those whose receipts,
// or which themselves, are no longer kept are read all the same.
func TestManyMessagesWithoutReceipts(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		f := w.firm(t, "ding1")
		for n := range 80 {
			if n%2 == 0 {
				f.send(n/2%2, fmt.Sprint("large ", n))
			} else {
				f.send(n/2%2, fmt.Sprint("small ", n), 1, 2)
			}
		}
		unread := func(want int) {
			t.Helper()
			for _, node := range []*inbox.Service{w.inbox, w.other} {
				if u, err := node.Unread(context.Background(), f.viewer(1)); err != nil || u.Count != want {
					t.Errorf("%d unread, want %d: %v", u.Count, want, err)
				}
			}
		}
		unread(80)
		f.keepOf(0, policy.Retention{Receipts: 1})
		f.keepOf(1, policy.Retention{Messages: 4})
		w.pass(3 * day)
		f.sweep()
		unread(40) // of the other app
		w.pass(3 * day)
		f.sweep()
		unread(0)
	})
}
