package live_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/live"
)

var ann = inbox.Viewer{Organization: 1, Ordinal: 5}

func hub(t testing.TB, m *memory) *live.Hub {
	t.Helper()
	h := live.New(live.Deps{Inbox: m, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(h.Close)
	return h
}

func names(events []told) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.name)
	}
	return all
}

func TestStreamBeginsWithTheBadgeThenTheGapThenLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		m.send(1, 5)
		second, _ := m.send(1, 5, 6)
		m.send(1, 6)
		c := connect(t, h, ann, rev(1))
		synctest.Wait()
		third, r := m.send(1, 5)
		h.Committed(1, r)
		settle(50 * time.Millisecond)

		events := c.all()
		if got, want := names(events), []string{"unread", "message", "message", "unread"}; !slices.Equal(got, want) {
			t.Fatalf("events %v, want %v", got, want)
		}
		if events[0].id != 0 || events[1].id != 2 || events[2].id != 4 || events[1].task() != second || events[2].task() != third {
			t.Errorf("ids or tasks wrong: %+v", events)
		}
		var badge struct {
			Count      int            `json:"count"`
			ByApp      map[string]int `json:"by_app"`
			MessageIDs []string       `json:"message_ids"`
		}
		events[0].decode(t, &badge)
		if badge.Count != 2 || badge.ByApp["7"] != 2 || len(badge.MessageIDs) != 2 {
			t.Errorf("first badge %+v", badge)
		}
		if c.status != http.StatusOK || c.header.Get("Content-Type") != "text/event-stream" || c.header.Get("Cache-Control") != "no-store" {
			t.Errorf("status %d, headers %v", c.status, c.header)
		}
	})
}

func TestLiveItemIsTheItemItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		synctest.Wait()
		id, r := m.send(1, 5)
		h.Committed(1, r)
		settle(50 * time.Millisecond)

		m.mu.Lock()
		item := m.office(1).event(entry{revision: r, task: id, kind: inbox.KindMessage}).Item
		m.mu.Unlock()
		item.MessageID = inbox.MessageID(id, 5)
		text, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		c.named("message")[0].decode(t, &got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("live item\n%v\nwant\n%v", got, want)
		}
	})
}

func TestChangeCarriesTheReadersOwnReadTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		id, _ := m.send(1, 5, 6)
		m.markRead(1, id, 5)
		readAt := time.Now().UTC()
		reader, other := connect(t, h, ann, nil), connect(t, h, inbox.Viewer{Organization: 1, Ordinal: 6}, nil)
		settle(time.Second)
		h.Committed(1, m.changeStatus(1, id, "approved"))
		settle(time.Second)
		gap := connect(t, h, ann, rev(1))
		settle(time.Second)

		for _, c := range []*client{reader, other, gap} {
			var item inbox.Item
			c.named("changed")[0].decode(t, &item)
			if item.StatusBar == nil || item.StatusBar.Value != "approved" {
				t.Fatalf("status bar %+v", item.StatusBar)
			}
			if read := item.ReadAt != nil && item.ReadAt.Equal(readAt); read == (c == other) {
				t.Errorf("read_at %v of reader %v", item.ReadAt, c != other)
			}
		}
	})
}

func TestOrganizationsDoNotMeet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		ours := connect(t, h, ann, nil)
		theirs := connect(t, h, inbox.Viewer{Organization: 2, Ordinal: 5}, nil)
		synctest.Wait()
		id, r := m.send(1, 5)
		h.Committed(1, r)
		h.Committed(2, r) // a hint about nothing
		h.Read(2, []uint32{5})
		settle(3 * time.Second)
		m.recall(1, id)
		h.Recalled(1, id)
		settle(3 * time.Second)
		if n := len(ours.named("message", "recalled")); n != 2 {
			t.Errorf("%d events where they belong", n)
		}
		for _, e := range theirs.all() {
			if e.name != "unread" || strings.Contains(e.data, inbox.MessageID(id, 5)) {
				t.Errorf("told to another organization: %+v", e)
			}
		}
	})
}

func TestSignsOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		synctest.Wait()
		for range 3 {
			_, r := m.send(1, 6) // not for her
			h.Committed(1, r)
		}
		settle(2*time.Minute + 15*time.Second)
		at := c.named("at")
		if len(at) != 2 || at[0].id != 3 || at[0].data != `{"revision":"3"}` {
			t.Fatalf("at events %+v", at)
		}
		if between := at[1].at.Sub(at[0].at); between != time.Minute {
			t.Errorf("%v between two at events", between)
		}
		if c.comments < 8 || c.comments > 10 {
			t.Errorf("%d comments in 2¼ minutes", c.comments)
		}
		if n := len(c.named("unread")); n != 1 {
			t.Errorf("%d badges though nothing moved", n)
		}
	})
}

// The revision an "at" names is one up to which everything was told.
func TestAtIsNeverAheadOfWhatWasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(45 * time.Second)
		hold := make(chan struct{})
		m.between = func(read string) {
			if read == "changes" {
				<-hold
			}
		}
		id, r := m.send(1, 5)
		h.Committed(1, r) // read, and not told for a while
		settle(16 * time.Second)
		at := c.named("at")
		if len(at) != 1 || at[0].id >= r {
			t.Fatalf("at events %+v", at)
		}
		c.leave()
		again := connect(t, h, ann, rev(at[0].id))
		settle(time.Millisecond)
		if got := again.named("message"); len(got) != 1 || got[0].task() != id {
			t.Errorf("after coming back: %+v", got)
		}
		close(hold)
	})
}

func TestLostHintsCostASecondAndBadgesAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(10 * time.Second)
		began := time.Now()
		id, _ := m.send(1, 5) // nobody says so
		settle(1100 * time.Millisecond)
		got := c.named("message")
		if len(got) != 1 || got[0].at.Sub(began) > time.Second {
			t.Fatalf("without a hint: %+v after %v", got, time.Since(began))
		}
		before := len(c.named("unread"))
		m.markRead(1, id, 5)
		settle(61 * time.Second)
		badges := c.named("unread")
		if len(badges) != before+1 || !strings.Contains(badges[before].data, `"count":0`) {
			t.Errorf("badges after a lost receipt hint: %+v", badges[before:])
		}
	})
}

func TestReceiptsMoveTheBadge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		id, _ := m.send(1, 5)
		desk, phone := connect(t, h, ann, nil), connect(t, h, ann, nil)
		settle(time.Second)
		m.markRead(1, id, 5)
		h.Read(1, []uint32{4, 5})
		settle(200 * time.Millisecond)
		for _, c := range []*client{desk, phone} {
			if b := c.named("unread"); len(b) != 2 || !strings.Contains(b[1].data, `"count":0`) {
				t.Errorf("badges %+v", b)
			}
		}
	})
}

func TestFloodCostsFewDerivations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		synctest.Wait()
		for range 1000 {
			_, r := m.send(1, 5)
			h.Committed(1, r)
			settle(time.Millisecond)
		}
		settle(time.Second)
		if n := len(c.named("message")); n != 1000 {
			t.Errorf("%d messages of 1000", n)
		}
		if n := m.unreads.Load(); n > 14 {
			t.Errorf("%d derivations for a second of 1000 sends", n)
		}
		badges := c.named("unread")
		if last := badges[len(badges)-1]; !strings.Contains(last.data, `"count":1000`) {
			t.Errorf("last badge %.80s", last.data)
		}
	})
}

func TestFailingDatabaseCostsTimeOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(time.Second)
		m.failing.Store(true)
		for range 5 {
			_, r := m.send(1, 5)
			h.Committed(1, r)
			settle(2 * time.Second)
		}
		refused := connect(t, h, ann, nil)
		settle(11 * time.Second)
		if !refused.gone() || refused.err == nil || refused.status != 0 {
			t.Errorf("a stream that cannot begin: %v, status %d", refused.err, refused.status)
		}
		m.failing.Store(false)
		settle(6 * time.Second)
		var ids []int64
		for _, e := range c.named("message") {
			ids = append(ids, e.id)
		}
		if !slices.Equal(ids, []int64{1, 2, 3, 4, 5}) {
			t.Errorf("events after the outage %v", ids)
		}
		if b := c.named("unread"); !strings.Contains(b[len(b)-1].data, `"count":5`) {
			t.Errorf("last badge %+v", b[len(b)-1])
		}
	})
}

func TestOneFailedReadCostsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(100 * time.Millisecond)
		m.between = func(read string) { m.failing.Store(read == "changes" && !m.failing.Load()) }
		began := time.Now()
		_, r := m.send(1, 5)
		h.Committed(1, r)
		settle(2 * time.Second)
		if got := c.named("message"); len(got) != 1 || got[0].at.Sub(began) > 100*time.Millisecond {
			t.Errorf("after one failed read: %+v, began %v", got, began)
		}
	})
}

// A refresh that says nothing new must not silence one that was asked for.
// A read that panics is a failed read: it is logged and made again.
func TestOnePanicCostsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(time.Second)
		panics := map[string]bool{"changes": true, "unread": true}
		m.between = func(read string) {
			if panics[read] {
				panics[read] = false
				panic("one bad event")
			}
		}
		_, r := m.send(1, 5)
		h.Committed(1, r)
		settle(2 * time.Minute)
		if got := c.named("message"); len(got) != 1 {
			t.Errorf("%d messages after a panic, want 1", len(got))
		}
		if panics["changes"] || panics["unread"] {
			t.Errorf("reads that have not panicked yet: %v", panics)
		}
		if b := c.named("unread"); !strings.Contains(b[len(b)-1].data, `"count":1`) {
			t.Errorf("last badge %+v", b[len(b)-1])
		}
	})
}

func TestBadgeIsToldAgainWhenItMayHaveMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		tick := time.Duration(5+1) * 15 * time.Second / 16 // of this person's first comment
		settle(tick + 45*time.Second - time.Millisecond)
		hold := make(chan struct{})
		m.between = func(read string) {
			if read == "unread" {
				<-hold
			}
		}
		h.Read(1, []uint32{5})
		settle(0) // this round is held; what follows waits for the next
		h.Read(1, []uint32{5})
		settle(2 * time.Millisecond) // the quiet refresh of the minute
		close(hold)
		settle(time.Second)
		if n := len(c.named("unread")); n != 3 {
			t.Errorf("%d badges, want the first and two that were asked for", n)
		}
	})
}

func TestGapThatCannotBeToldIsReloaded(t *testing.T) {
	check := func(t *testing.T, c *client, id int64) {
		t.Helper()
		got := c.named("reload", "message")
		if len(got) != 2 || got[0].name != "reload" || got[0].id != id || got[1].id != id+1 {
			t.Errorf("want a reload at %d and the next message, got %+v", id, got)
		}
		if first := c.all()[0]; first.name != "unread" {
			t.Errorf("first event %+v", first)
		}
	}
	t.Run("resume", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory()
			m.resumeMost = 3
			h := hub(t, m)
			for range 4 {
				m.send(1, 5)
			}
			c := connect(t, h, ann, rev(0))
			above := connect(t, h, ann, rev(99))
			settle(time.Second)
			_, r := m.send(1, 5)
			h.Committed(1, r)
			settle(time.Second)
			check(t, c, 4)
			check(t, above, 4)
		})
	})
	t.Run("live", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory()
			m.changesMost = 3
			h := hub(t, m)
			c := connect(t, h, ann, nil)
			settle(100 * time.Millisecond)
			for range 4 {
				m.send(1, 5)
			}
			h.Committed(1, 4)
			settle(time.Second)
			_, r := m.send(1, 5)
			h.Committed(1, r)
			settle(time.Second)
			check(t, c, 4)
		})
	})
	t.Run("revision went back", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory()
			h := hub(t, m)
			m.jump(1, 50)
			c := connect(t, h, ann, nil)
			settle(time.Second)
			m.jump(1, 10)
			settle(2 * time.Second)
			m.send(1, 5)
			settle(2 * time.Second)
			check(t, c, 10)
			settle(time.Minute)
			if at := c.named("at"); len(at) == 0 || at[0].id != 11 {
				t.Errorf("at %+v", at)
			}
		})
	})
}
