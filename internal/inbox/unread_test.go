package inbox_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

const (
	loudLarge = 5
	quiet     = 6
	loudFiled = 7
)

// counter counts what is asked of the database.
type counter struct {
	inbox.Store
	tasks, rows atomic.Int64
	read        atomic.Int64 // tasks whose rows were read
}

func (c *counter) Pending(ctx context.Context, v inbox.Viewer, tasks []int64) ([]inbox.Key, error) {
	c.tasks.Add(int64(len(tasks)))
	c.read.Add(int64(len(tasks)))
	return c.Store.Pending(ctx, v, tasks)
}

func (c *counter) Settled(ctx context.Context, v inbox.Viewer, tasks []int64, since int64, limit int) (inbox.Settled, error) {
	c.tasks.Add(int64(len(tasks)))
	return c.Store.Settled(ctx, v, tasks, since, limit)
}

func (c *counter) Filed(ctx context.Context, v inbox.Viewer, s inbox.Span, limit int) (int64, []inbox.Key, error) {
	revision, rows, err := c.Store.Filed(ctx, v, s, limit)
	c.rows.Add(int64(len(rows)))
	return revision, rows, err
}

func (c *counter) Badge(ctx context.Context, v inbox.Viewer, before int64, limit int) (inbox.Badge, error) {
	b, err := c.Store.Badge(ctx, v, before, limit)
	c.rows.Add(int64(len(b.Filed)))
	return b, err
}

// counting returns a Service, and what it asks of the database.
func (w *world) counting(t *testing.T) (*inbox.Service, *counter) {
	t.Helper()
	c := &counter{Store: w.db.Inbox()}
	s, err := inbox.New(inbox.Deps{Store: c, Receipts: w.db.Receipts(), Cards: cards{}, Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	w.run(t, s)
	return s, c
}

// A quiet app's count is its own, however much louder ones have sent after it,
// and whoever has looked far once does so no more.
func TestALoudAppHidesNoQuietOne(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v := inbox.Viewer{Organization: 1, Ordinal: 1}
		tasks := []storetest.Sent{
			text(t, 1, quiet, "approve", false, 1, 2), text(t, 2, quiet, "approve", true, 1), text(t, 3, quiet, "approve", true, 1),
		}
		for id := int64(4); id <= 1203; id++ {
			filed := id%2 == 0
			tasks = append(tasks, text(t, id, loudLarge+2*(1-id%2), "news", filed, 1, 2))
		}
		w.Send(1, tasks...)
		want := map[string]int{"5": 100, "6": 3, "7": 100}
		s, first := w.counting(t)
		if u := mustUnread(t, s, v); u.Count != 100 || len(u.MessageIDs) != 100 || cmp.Diff(want, u.ByApp) != "" {
			t.Errorf("count %d, %v, want %v", u.Count, u.ByApp, want)
		}
		if n := first.tasks.Load(); n > 2*100+128+3 {
			t.Errorf("%d messages were asked for of two loud apps and a quiet one", n)
		}
		w.stop(s) // writes what is waiting
		s, next := w.counting(t)
		if u := mustUnread(t, s, v); cmp.Diff(want, u.ByApp) != "" {
			t.Errorf("with a floor: %v, want %v", u.ByApp, want)
		}
		if tasks, rows := next.tasks.Load(), next.rows.Load(); tasks > 203 || rows > 0 {
			t.Errorf("with a floor %d messages and %d rows were asked for", tasks, rows)
		}
		// Below what the floor names there is more of the loud ones.
		if err := s.MarkAllRead(context.Background(), v, loudFiled, 1190); err != nil {
			t.Fatal(err)
		}
		want["7"] = 6
		if u := mustUnread(t, s, v); cmp.Diff(want, u.ByApp) != "" {
			t.Errorf("after one app was read up to 1190: %v, want %v", u.ByApp, want)
		}
		mustRead(t, s, v, inbox.MessageID(1203, 1), inbox.MessageID(1201, 1), inbox.MessageID(2, 1))
		want["6"] = 2
		if u := mustUnread(t, s, v); cmp.Diff(want, u.ByApp) != "" {
			t.Errorf("a loud app has more below: %v, want %v", u.ByApp, want)
		}
	})
}
