package inbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// stack is a person with 120 unread messages of two apps, task n at revision n:
// some large, some filed.
func stack(t *testing.T, w *world) inbox.Viewer {
	t.Helper()
	var tasks []storetest.Sent
	for id := int64(1); id <= 120; id++ {
		tasks = append(tasks, text(t, id, 5+id%2, "hello", id%3 == 0, 1, 2))
	}
	w.Send(1, tasks...)
	return inbox.Viewer{Organization: 1, Ordinal: 1}
}

// withFloor has a floor written at revision 120, and checks that it was.
func withFloor(t *testing.T, w *world, v inbox.Viewer) {
	t.Helper()
	s := w.service(t, 0)
	s.Shrink(2000, 200, 100, 100, 256, 2)
	mustUnread(t, s, v)
	w.stop(s)
	b, err := w.db.Inbox().Badge(context.Background(), v, forever, 1)
	if err != nil || b.Floor != 120 || len(b.Candidates) != 2 || len(b.Candidates[0].Tasks) != 60 {
		t.Fatalf("%+v, %v", b, err)
	}
}

// mustCount checks what is unread of each app, and whether many tasks were read
// to find that out.
func mustCount(t *testing.T, w *world, v inbox.Viewer, five, six int, tasks bool) {
	t.Helper()
	s, c := w.counting(t)
	if u := mustUnread(t, s, v); cmp.Diff(map[string]int{"5": five, "6": six}, u.ByApp) != "" {
		t.Errorf("unread %v, want %d and %d", u.ByApp, five, six)
	}
	const few = 31
	if n := c.read.Load(); (n > few) != tasks {
		t.Errorf("%d tasks were read", n)
	}
	w.stop(s) // writes what is waiting
}

// Of many messages receipts and recalls tell which are unread, with a floor and
// without.
func TestManyMessagesAreToldByReceipts(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v := stack(t, w)
		mustCount(t, w, v, 60, 60, false)
		withFloor(t, w, v)
		mustCount(t, w, v, 60, 60, false)
		s := w.service(t, 0)
		mustRead(t, s, v, inbox.MessageID(2, 1), inbox.MessageID(3, 1), inbox.MessageID(120, 1))
		w.Recall(1, 4, start)
		w.Recall(1, 6, start)
		w.StatusBar(1, 8, "agreed", "")
		mustCount(t, w, v, 56, 59, false)
	})
}

// Where the changes since the floor are no longer kept, or are too many, tasks
// tell; and then there is a new floor.
func TestOldHintsAreTrue(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v, ctx := stack(t, w), context.Background()
		withFloor(t, w, v)
		w.Recall(1, 4, start)
		d, err := w.db.Retention().DeleteChanges(ctx, 1, start.Add(time.Hour), 200)
		if err != nil || d.Changes != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		mustCount(t, w, v, 59, 60, true)
		mustCount(t, w, v, 59, 60, false) // the floor is at revision 121 now

		for range 130 {
			w.StatusBar(1, 8, "agreed", "")
		}
		w.Recall(1, 6, start)
		mustCount(t, w, v, 58, 60, true)
		mustCount(t, w, v, 58, 60, false)
	})
}

// A floor of the version before says no revisions: tasks tell, once.
func TestHintsOfTheVersionBefore(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		v := stack(t, w)
		floor := inbox.UnreadFloor{Viewer: v, Floor: 119}
		for agent := int64(5); agent <= 6; agent++ {
			c := inbox.Candidates{AgentID: agent}
			for task := int64(119); task > 0; task-- {
				if 5+task%2 == agent {
					c.Tasks = append(c.Tasks, task)
				}
			}
			floor.Candidates = append(floor.Candidates, c)
		}
		if err := w.db.Receipts().MarkFloors(context.Background(), []inbox.UnreadFloor{floor}); err != nil {
			t.Fatal(err)
		}
		w.Recall(1, 4, start)
		mustCount(t, w, v, 59, 60, true)
		mustCount(t, w, v, 59, 60, false)
		// And it takes a revision for a task that is none.
		if keys, err := w.db.Inbox().Pending(context.Background(), v, []int64{7, -7, 9, -9}); err != nil || len(keys) != 2 {
			t.Errorf("%v, %v", keys, err)
		}
	})
}
