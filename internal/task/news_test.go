package task_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/task"
)

// since is what happened after a revision, as text, and whether that is whole.
func (f *fixture) since(after int64, roles ...policy.Role) (text string, whole bool) {
	f.Helper()
	g, err := policy.Check(f.asker(roles...), policy.TasksList, policy.Resource{Organization: f.org.ID}, task.Unknown(0))
	f.must(err)
	news, _, whole, err := f.Since(f.Context(), g, after)
	f.must(err)
	for _, n := range news {
		text += fmt.Sprintf("%d %s %q; ", n.Revision, n.Moved, n.Task.Title)
	}
	return text, whole
}

// What happened is told in order to those who may see it, or it is said that it cannot
// be told: more than 200 things, and what is no longer kept.
func TestSince(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		f.send(0, to("u1"), "One")
		id := f.sendMessage(0, to("u1"), oa)
		gone := f.send(0, to("u1"), "Gone")
		f.must(f.notify.SetStatusBar(f.Context(), f.callers[0], 1, id, "Closed", ""))
		f.must(f.notify.Recall(f.Context(), f.callers[0], 1, gone))
		if text, whole := f.since(1, policy.Owner); text != `2 sent "An oa message"; 4 changed "An oa message"; 5 recalled ""; ` || !whole {
			t.Errorf("after 1: %s, whole %t", text, whole)
		}
		if text, whole := f.since(0, policy.Author); text != "" || !whole {
			t.Errorf("others' to an author: %s, whole %t", text, whole)
		}
		for after, want := range map[int64]bool{5: true, 6: false, -1: false} {
			if text, whole := f.since(after, policy.Owner); text != "" || whole != want {
				t.Errorf("after %d: %s, whole %t", after, text, whole)
			}
		}
		f.exec(`UPDATE org_revision SET revision = 205 WHERE organization = $1`, f.org.ID)
		for after, want := range map[int64]bool{4: false, 5: true} {
			if _, whole := f.since(after, policy.Owner); whole != want {
				t.Errorf("%d revisions later: whole %t", 205-after, whole)
			}
		}
		f.exec(`UPDATE org_revision SET resume_floor = 5 WHERE organization = $1`, f.org.ID)
		for after, want := range map[int64]bool{4: false, 5: true} {
			if _, whole := f.since(after, policy.Author); whole != want {
				t.Errorf("changes up to 5 are gone, after %d: whole %t", after, whole)
			}
		}
	})
}

// What is watched is counted every second after receipts came, not only every five.
func TestWhatIsWatchedIsCountedSooner(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		counted := f.counting()
		f.run()
		id := f.send(0, to("u1", "u2"), "Read me")
		watch := func() task.Count {
			f.Helper()
			for deadline := time.Now().Add(20 * time.Second); ; {
				if c := f.Watch(f.org.ID, []int64{id})[id]; c.At.Equal(f.clock.now()) {
					return c
				}
				if time.Now().After(deadline) {
					f.Fatal("nobody has counted")
				}
			}
		}
		watch()
		for readers, userid := range []string{"u1", "u2"} {
			f.read(id, userid)
			f.clock.forward(time.Second)
			if got := watch(); got.Read != int64(readers+1) {
				t.Errorf("after %s: %+v", userid, got)
			}
		}
		f.clock.forward(time.Second)
		if f.Watch(f.org.ID, []int64{id}); counted.Load() != 3 {
			t.Errorf("counted %d times", counted.Load())
		}
	})
}
