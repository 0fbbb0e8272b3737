package task_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/task"
)

// How many have read is counted anew only after receipts came, and not more often
// than every five seconds.
func TestCountsFollowReceipts(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		counted := f.counting()
		f.run()
		id := f.send(0, to("u1", "u2", "u3"), "Read me")
		read := func() task.Task { f.Helper(); return f.list(task.Query{}).Items[0] }
		first := f.clock.now()
		f.counted(task.Count{Read: 0, At: first})
		f.clock.forward(time.Minute)
		if got := read(); !got.At.Equal(first) || counted.Load() != 1 {
			t.Errorf("without receipts it was counted %d times, last at %v", counted.Load(), got.At)
		}
		f.read(id, "u1", "u2")
		f.counted(task.Count{Read: 2, At: f.clock.now()})
		f.read(id, "u3")
		f.clock.forward(4 * time.Second)
		if got := read(); got.Read != 2 || counted.Load() != 2 {
			t.Errorf("four seconds later: %+v, counted %d times", got.Count, counted.Load())
		}
		f.clock.forward(time.Second)
		f.counted(task.Count{Read: 3, At: f.clock.now()})
	})
}

// Receipts that other nodes wrote are noticed as well.
func TestCountsFollowOtherNodes(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		counted := f.counting()
		f.run()
		f.send(0, to("u1"), "Read me")
		for i, hear := range []func(){
			func() {}, func() { f.ReadElsewhere(f.org.ID) }, func() { f.ReadElsewhere(f.org.ID + 1) }, func() { f.ReadElsewhere(0) },
		} {
			f.clock.forward(time.Minute)
			hear()
			if i == 0 || i == 1 || i == 3 {
				f.counted(task.Count{At: f.clock.now()})
			}
			f.list(task.Query{})
			if want := []int64{1, 2, 2, 3}[i]; counted.Load() != want {
				t.Errorf("step %d: counted %d times, want %d", i, counted.Load(), want)
			}
		}
	})
}

// A task that nobody has counted yet says so; so does one whose receipts are gone.
func TestWhatIsNotKnownIsNotCounted(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		id := f.send(0, to("u1", "u2"), "Read me") // the room does not run: nobody counts
		if got := f.list(task.Query{}).Items[0]; !got.At.IsZero() || got.Dropped {
			t.Errorf("not counted: %+v", got.Count)
		}
		f.run()
		f.read(id, "u1")
		f.clock.forward(time.Minute)
		f.counted(task.Count{Read: 1, At: f.clock.now()})
		f.exec(`INSERT INTO agent (organization, id, app_organization, app_id, range_everyone, range_dept_ids, range_userids, limits, created_at,
			receipts_floor) VALUES ($1, 1, $1, 1, 1, '[]', '[]', '{}', 0, 100)`, f.org.ID)
		f.exec(`UPDATE org_revision SET receipts_floor = 100 WHERE organization = $1`, f.org.ID)
		got := f.list(task.Query{}).Items[0]
		if !got.Dropped || !got.At.IsZero() || got.Read != 0 || !got.DroppedAt.IsZero() {
			t.Errorf("dropped: %+v", got)
		}
		at := time.Date(2027, 5, 1, 2, 3, 4, 0, time.UTC) // and 200 is later, of tasks above
		f.exec(`INSERT INTO receipt_drop (organization, agent_id, floor, at) VALUES ($1, 1, 200, 1), ($1, 1, 100, $2), ($1, 2, 50, 2)`, f.org.ID, at.UnixMilli())
		if got = f.list(task.Query{}).Items[0]; !got.DroppedAt.Equal(at) {
			t.Errorf("dropped at %v, want %v", got.DroppedAt, at)
		}
		f.exec(`UPDATE receipt_drop SET at = NULL WHERE organization = $1 AND floor = 100`, f.org.ID)
		if got = f.list(task.Query{}).Items[0]; !got.DroppedAt.IsZero() {
			t.Errorf("dropped when nobody noted it: %v", got.DroppedAt)
		}
		if _, err := f.Exact(f.Context(), got.Grant, &got); err != nil || !got.Dropped || !got.At.IsZero() {
			t.Errorf("dropped, exactly: %+v, %v", got, err)
		}
	})
}

// counted lists until the newest task's count is there. A list waits a moment only,
// and what it began goes on.
func (f *fixture) counted(want task.Count) {
	f.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		got := f.list(task.Query{}).Items[0].Count
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			f.Fatalf("counted %+v, want %+v", got, want)
		}
	}
}

// counting has the room's countings counted.
func (f *fixture) counting() *atomic.Int64 {
	c := &counter{Store: f.Store}
	deps := f.Deps
	deps.Store = c
	f.Service = task.New(deps)
	return &c.n
}

type counter struct {
	task.Store
	n atomic.Int64
}

func (c *counter) CountRead(ctx context.Context, organization, taskID int64) (int64, bool, error) {
	c.n.Add(1)
	return c.Store.CountRead(ctx, organization, taskID)
}

// One task has exact counts, and why people were held back.
func TestOneTask(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		const words = `{"msgtype":"text","text":{"content":"Twice"}}`
		f.sendMessage(0, to("u1", "u2"), words)
		id := f.sendMessage(0, to("u1", "u2", "u3", "u4"), words)
		f.read(id, "u3")
		got, _, err := f.Find(f.Context(), f.asker(policy.Auditor), policy.TasksRead, f.org.ID, id)
		f.must(err)
		held, err := f.Exact(f.Context(), got.Grant, &got)
		f.must(err)
		if got.Read != 1 || got.Sent != 2 || got.Held != 2 || len(held) != 1 || held[0].Count != 2 || held[0].Code == "" {
			t.Errorf("%+v, held %+v", got, held)
		}
		for _, id := range []int64{id + 1, 1} {
			if _, _, err := f.Find(f.Context(), f.asker(policy.Auditor), policy.TasksRead, f.org.ID, id); err == nil {
				t.Errorf("task %d was found", id)
			}
		}
	})
}
