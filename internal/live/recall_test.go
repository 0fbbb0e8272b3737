package live_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
)

// withheld checks that a recalled task's content never reached a client and
// its tombstone did.
func withheld(t *testing.T, c *client, id int64) {
	t.Helper()
	for _, e := range c.all() {
		if strings.Contains(e.data, content(id)) {
			t.Errorf("content after the recall: %s %s", e.name, e.data)
		}
	}
	tombs := c.named("recalled")
	if len(tombs) != 1 || tombs[0].task() != id {
		t.Fatalf("tombstones %+v", tombs)
	}
	var tomb map[string]any
	tombs[0].decode(t, &tomb)
	if len(tomb) != 4 || tomb["message_id"] != inbox.MessageID(id, 5) || tomb["revision"] == "" || tomb["recalled_at"] == nil {
		t.Errorf("tombstone %v", tomb)
	}
}

func TestRecallReachesWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(time.Second)
		c.stall(true)
		m.send(1, 5)
		_, r := m.send(1, 5)
		h.Committed(1, r)
		settle(time.Second) // the first is being written, the second waits
		id, r := m.send(1, 5)
		h.Committed(1, r)
		settle(time.Second)
		m.recall(1, id)
		h.Recalled(1, id)
		c.stall(false)
		settle(time.Second)
		if n := len(c.named("message")); n != 2 {
			t.Errorf("%d of the two other messages", n)
		}
		withheld(t, c, id)
	})
}

// Another node's recall withholds what is queued as soon as it is read, with or
// without a hint.
func TestRecallElsewhereReachesWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(time.Second)
		c.stall(true)
		m.send(1, 5)
		settle(2 * time.Second) // is being written
		id, _ := m.send(1, 5)
		settle(2 * time.Second) // waits
		m.recall(1, id)
		settle(2 * time.Second) // found by looking
		c.stall(false)
		settle(time.Second)
		if n := len(c.named("message")); n != 1 {
			t.Errorf("%d of the other message", n)
		}
		withheld(t, c, id)
	})
}

// What others have read moves badges; one that has not moved is not told again.
func TestReadElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		id, _ := m.send(1, 5)
		c := connect(t, h, ann, nil)
		settle(time.Second)
		for _, hint := range []func(){
			func() { h.ReadElsewhere(1, []uint32{4, 5}) },
			func() { h.ReadElsewhere(2, []uint32{5}) },
			h.Look,
		} {
			before := len(c.named("unread"))
			hint()
			settle(time.Second)
			if len(c.named("unread")) != before {
				t.Error("an old badge was told")
			}
		}
		for i, hint := range []func(){func() { h.ReadElsewhere(1, []uint32{4, 5}) }, h.Look} {
			before := len(c.named("unread"))
			if i > 0 {
				id, _ = m.send(1, 5)
				settle(2 * time.Second)
				before = len(c.named("unread"))
			}
			m.markRead(1, id, 5)
			hint()
			settle(time.Second)
			if len(c.named("unread")) != before+1 {
				t.Errorf("hint %d: a new badge was not told", i)
			}
		}
	})
}

// Look reads again without waiting for the next poll.
func TestLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(10*time.Second + 50*time.Millisecond) // between two polls
		m.send(1, 5)
		h.Look()
		settle(100 * time.Millisecond)
		if len(c.named("message")) != 1 {
			t.Error("nothing was looked at")
		}
	})
}

// A read of the database may have begun before a recall and end after it.
func TestRecallReachesReadsUnderWay(t *testing.T) {
	for _, read := range []string{"changes", "resume"} {
		t.Run(read, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				h := hub(t, m)
				hold := make(chan struct{})
				m.between = func(which string) {
					if which == read {
						<-hold
					}
				}
				c := connect(t, h, ann, rev(0))
				synctest.Wait()
				if read == "resume" {
					// This stream's read is under way with nothing in it; the
					// next one's holds the message.
					close(hold)
					synctest.Wait()
					hold = make(chan struct{})
				}
				id, r := m.send(1, 5)
				if read == "resume" {
					c.leave()
					settle(time.Millisecond)
					c = connect(t, h, ann, rev(0))
				} else {
					h.Committed(1, r)
				}
				synctest.Wait()
				m.recall(1, id)
				h.Recalled(1, id)
				close(hold)
				settle(time.Second)
				withheld(t, c, id)
			})
		})
	}
}

// What is remembered of a task ends with its last event.
func TestRecallIsForgottenWithItsEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c, other := connect(t, h, ann, nil), connect(t, h, ann, rev(0))
		other.stall(true)
		var r int64
		for range 20 {
			var id int64
			id, r = m.send(1, 5)
			h.Committed(1, r)
			settle(time.Millisecond)
			r = m.recall(1, id)
			h.Recalled(1, id)
		}
		other.leave()
		settle(time.Second)
		if h.Remembered(1) != 0 {
			t.Errorf("%d tasks remembered after all was written", h.Remembered(1))
		}
		if last := c.named("recalled"); last[len(last)-1].id != r {
			t.Errorf("last event %+v", last[len(last)-1])
		}
	})
}
