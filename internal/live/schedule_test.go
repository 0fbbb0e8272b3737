package live_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/live"
)

// step is one thing that happens in a schedule.
type step struct {
	wait   time.Duration // before it
	what   string
	person uint32
	pick   int  // which of the tasks there are
	hinted bool // whether the hub is told
	set    []uint32
}

func drawSchedule(t *rapid.T) (steps []step, delays []time.Duration) {
	person := rapid.Uint32Range(0, 3)
	one := rapid.Custom(func(t *rapid.T) step {
		return step{
			wait:   time.Duration(rapid.SampledFrom([]int{0, 0, 1, 3, 8, 40, 1200}).Draw(t, "wait")) * time.Millisecond,
			what:   rapid.SampledFrom([]string{"send", "send", "send", "send", "recall", "status", "read", "leave", "connect", "connect", "stall", "outage"}).Draw(t, "what"),
			person: person.Draw(t, "person"),
			pick:   rapid.IntRange(0, 1000).Draw(t, "pick"),
			hinted: rapid.IntRange(0, 4).Draw(t, "hinted") > 0,
			set:    rapid.SliceOfNDistinct(person, 1, 4, rapid.ID).Draw(t, "set"),
		}
	})
	steps = rapid.SliceOfN(one, 1, 60).Draw(t, "steps")
	pause := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.IntRange(0, 12).Draw(t, "delay")) * time.Millisecond
	})
	return steps, rapid.SliceOfN(pause, 1, 20).Draw(t, "delays")
}

// Whatever happens in whatever order, each person's streams together tell
// everything that is theirs once, in order, and nothing of a recalled task
// that was not being written when the recall returned.
func TestAnySchedule(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps, delays := drawSchedule(rt)
		var wrong []string
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, delays)
			for _, s := range steps {
				w.do(s)
			}
			w.finish()
			wrong = w.wrong()
		})
		if len(wrong) > 0 {
			rt.Fatalf("%s", strings.Join(wrong, "\n"))
		}
	})
}

// world is one schedule being played.
type world struct {
	t      *testing.T
	m      *memory
	h      *live.Hub
	tasks  []int64
	people [4]*person

	recalls atomic.Pointer[map[int64]bool] // whose recall has returned
	late    atomic.Pointer[string]         // content written after that
}

// person is somebody's streams, one after the other.
type person struct {
	viewer inbox.Viewer
	chain  []*client
	from   int64 // the first stream told everything after it
}

func newWorld(t *testing.T, delays []time.Duration) *world {
	w := &world{t: t, m: newMemory()}
	w.m.resumeMost, w.m.changesMost = 6, 12
	var reads atomic.Int64
	w.m.between = func(string) {
		settleNot(delays[int(reads.Add(1))%len(delays)])
	}
	w.recalls.Store(&map[int64]bool{})
	w.h = hub(t, w.m)
	for i := range w.people {
		w.people[i] = &person{viewer: inbox.Viewer{Organization: 1, Ordinal: uint32(i)}}
	}
	return w
}

func (w *world) do(s step) {
	settleNot(s.wait)
	switch s.what {
	case "send":
		id, r := w.m.send(1, s.set...)
		w.tasks = append(w.tasks, id)
		if s.hinted {
			w.h.Committed(1, r)
		}
	case "connect":
		w.connect(w.people[s.person])
	case "leave":
		if c := w.people[s.person].last(); c != nil {
			c.leave()
		}
	case "stall":
		if c := w.people[s.person].last(); c != nil {
			c.stall(s.pick%2 == 0)
		}
	case "outage":
		w.m.failing.Store(s.pick%2 == 0)
	default:
		if len(w.tasks) > 0 {
			w.change(s, w.tasks[s.pick%len(w.tasks)])
		}
	}
}

func (w *world) change(s step, id int64) {
	var r int64
	switch s.what {
	case "status":
		r = w.m.changeStatus(1, id, fmt.Sprint("state ", s.pick))
	case "read":
		w.m.markRead(1, id, s.person)
		if s.hinted {
			w.h.Read(1, []uint32{s.person})
		}
		return
	case "recall":
		if w.m.recalled(1, id) {
			return
		}
		// Nobody is between the question and the write while the answer changes.
		synctest.Wait()
		r = w.m.recall(1, id)
		w.h.Recalled(1, id)
		next := map[int64]bool{id: true}
		for old := range *w.recalls.Load() {
			next[old] = true
		}
		w.recalls.Store(&next)
	}
	if s.hinted {
		w.h.Committed(1, r)
	}
}

// connect opens a person's next stream where the last one ended.
func (w *world) connect(p *person) {
	after := rev(0)
	if old := p.last(); old != nil {
		old.leave()
		<-old.ended
		after = rev(p.known())
	}
	c := connect(w.t, w.h, p.viewer, after)
	c.mu.Lock()
	var begun map[int64]bool // recalls that had returned when this event was begun
	c.starts = func(chunk []byte) {
		if strings.HasPrefix(string(chunk), "event: ") {
			begun = *w.recalls.Load()
		}
		for id := range begun {
			if strings.Contains(string(chunk), content(id)) {
				text := fmt.Sprintf("content of %d is written to %d after its recall", id, p.viewer.Ordinal)
				w.late.Store(&text)
			}
		}
	}
	c.mu.Unlock()
	p.chain = append(p.chain, c)
}

// finish lets everybody catch up.
func (w *world) finish() {
	w.m.failing.Store(false)
	for _, p := range w.people {
		if c := p.last(); c != nil {
			c.stall(false)
		}
	}
	settle(12 * time.Second) // the longest backoff, and what it holds up
	for _, p := range w.people {
		if c := p.last(); c == nil || c.gone() {
			w.connect(p)
		}
	}
	settle(62 * time.Second)
}

func (p *person) last() *client {
	if len(p.chain) == 0 {
		return nil
	}
	return p.chain[len(p.chain)-1]
}

// known is the last id any of the streams told.
func (p *person) known() int64 {
	known := p.from
	for _, c := range p.chain {
		for _, e := range c.all() {
			if e.id != 0 {
				known = e.id
			}
		}
	}
	return known
}

// wrong compares what each person was told with the model.
func (w *world) wrong() (wrong []string) {
	if late := w.late.Load(); late != nil {
		wrong = append(wrong, *late)
	}
	for _, p := range w.people {
		if text := w.wrongWith(p); text != "" {
			wrong = append(wrong, fmt.Sprintf("person %d: %s", p.viewer.Ordinal, text))
		}
	}
	if n := w.h.Remembered(1); n != 0 {
		wrong = append(wrong, fmt.Sprintf("%d tasks remembered", n))
	}
	return wrong
}

func (w *world) wrongWith(p *person) string {
	events := []told{}
	for _, c := range p.chain {
		own := c.all()
		if len(own) > 0 && own[0].name != "unread" {
			return fmt.Sprintf("a stream begins with %s", own[0].name)
		}
		events = append(events, own...)
	}
	if badges := p.last().named("unread"); len(badges) > 0 {
		last := badges[len(badges)-1].data
		if want := fmt.Sprintf(`{"count":%d,`, w.m.unread(p.viewer).Count); !strings.HasPrefix(last, want) {
			return fmt.Sprintf("last badge %s, want %s", last, want)
		}
	}
	last, from := p.from, p.from
	got := map[int64]told{}
	for _, e := range events {
		switch e.name {
		case "unread":
		case "at":
			if e.id < last {
				return fmt.Sprintf("at %d after %d", e.id, last)
			}
			last = e.id
		case "reload":
			last, from = e.id, e.id
			clear(got)
		default:
			if e.id <= last {
				return fmt.Sprintf("%s %d after %d", e.name, e.id, last)
			}
			last = e.id
			got[e.id] = e
		}
	}
	for _, want := range w.m.mine(1, p.viewer.Ordinal, from) {
		e, ok := got[want.revision]
		delete(got, want.revision)
		withheld := want.kind != inbox.KindRecalled && w.m.recalled(1, want.task)
		switch {
		case !ok && !withheld:
			return fmt.Sprintf("%s %d is missing", want.kind, want.revision)
		case ok && e.task() != want.task:
			return fmt.Sprintf("%s %d is about task %d", e.name, e.id, e.task())
		case ok && e.name != string(want.kind) && (e.name != "recalled" || !withheld):
			return fmt.Sprintf("%s %d should be %s", e.name, e.id, want.kind)
		}
	}
	for id := range got {
		return fmt.Sprintf("%d is not theirs", id)
	}
	return ""
}

// settleNot sleeps without waiting for the others.
func settleNot(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // inside a bubble: the clock is synctest's
}
