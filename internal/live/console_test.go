package live_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/live"
)

// desk is a console to which a row of tasks was sent.
type desk struct {
	mu       sync.Mutex
	newest   int64
	recalled bool
	reads    int
	fails    error
}

func (d *desk) News(_ context.Context, after int64) (told []live.Told, through int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	if d.newest > after+200 {
		return []live.Told{live.Reload(d.newest)}, d.newest, d.fails
	}
	text := "secret"
	if d.recalled {
		text = "gone"
	}
	for r := after + 1; r <= d.newest; r++ {
		told = append(told, live.Told{Name: "task", Revision: r, Data: text})
	}
	return told, d.newest, d.fails
}

// do changes the desk and returns how often it had been read.
func (d *desk) do(change func()) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
	return d.reads
}

func openConsole(t *testing.T, c *live.Consoles, d *desk, after int64) *client {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	far := &client{header: http.Header{}, leave: cancel, ended: make(chan struct{}), changed: make(chan struct{})}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(far.ended)
		far.err = c.Serve(far, r, 1, d, after, context.Background(), func() {})
	}()
	return far
}

func newConsoles(t *testing.T) *live.Consoles {
	c := live.NewConsoles(slog.New(slog.DiscardHandler))
	t.Cleanup(c.Close)
	return c
}

// A console is told at once, each thing once, and a flood costs two reads a second.
func TestConsoleIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, d := newConsoles(t), &desk{newest: 3}
		far := openConsole(t, c, d, 1)
		settle(100 * time.Millisecond)
		if got := far.named("task"); len(got) != 2 || got[0].id != 2 || far.comments != 1 {
			t.Fatalf("at first: %v, %d comments", got, far.comments)
		}
		settle(10 * time.Second)
		before := d.do(func() {})
		for range 1000 {
			d.do(func() { d.newest++ })
			c.Committed(1)
			settle(10 * time.Millisecond)
		}
		if reads := d.do(func() {}) - before; reads < 20 || reads > 22 {
			t.Errorf("read %d times in 10 seconds", reads)
		}
		settle(2 * time.Second)
		tasks := far.named("task")
		for i, e := range tasks {
			if e.id != int64(i+2) {
				t.Fatalf("told %d after %d others", e.id, i)
			}
		}
		if len(tasks) != 1002 {
			t.Errorf("told %d", len(tasks))
		}
		d.do(func() { d.newest += 1000 }) // and no hint
		settle(2 * time.Second)
		if got := far.named("reload"); len(got) != 1 || got[0].id != 2003-1000+1000 {
			t.Errorf("reload: %v", got)
		}
		settle(time.Minute)
		if got := far.named("at"); len(got) != 1 || got[0].id != 2003 {
			t.Errorf("at: %v", got)
		}
	})
}

// What was read before a recall is not written after it.
func TestConsoleWithholdsWhatIsRecalled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, d := newConsoles(t), &desk{}
		far := openConsole(t, c, d, 0)
		settle(time.Second)
		far.stall(true)
		d.do(func() { d.newest = 3 })
		c.Committed(1)
		settle(time.Second)
		d.do(func() { d.recalled = true })
		c.Recalled(1)
		far.stall(false)
		settle(2 * time.Second)
		got := far.named("task")
		if len(got) != 3 || got[1].data != `"gone"` || got[2].data != `"gone"` {
			t.Errorf("told %v", got) // the first was being written
		}
	})
}

// A read that fails is repeated, a stream that is over ends, and so does one whose
// reader takes nothing; all of them leave nothing behind.
func TestConsoleEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, d := newConsoles(t), &desk{}
		if far := openConsole(t, c, &desk{fails: fault.New(fault.CodeBusy, "busy")}, 0); true {
			settle(time.Second)
			if !far.gone() || !fault.Is(far.err, fault.CodeBusy) || far.status != 0 {
				t.Errorf("a stream that cannot begin: %v, status %d", far.err, far.status)
			}
		}
		over, slow := openConsole(t, c, d, 0), openConsole(t, c, &desk{newest: 1}, 0)
		settle(time.Second)
		d.do(func() { d.fails, d.newest = errors.New("broken"), 1 })
		settle(5 * time.Second)
		if over.gone() || len(over.named("task")) != 0 {
			t.Error("a failed read ends the stream, or tells something")
		}
		d.do(func() { d.fails = nil })
		settle(5 * time.Second)
		if len(over.named("task")) != 1 {
			t.Error("it is not read again")
		}
		d.do(func() { d.fails = live.ErrOver })
		slow.stall(true)
		settle(30 * time.Second)
		if !over.gone() || !slow.gone() || c.Streams() != 0 {
			t.Errorf("%d streams go on", c.Streams())
		}
		last := openConsole(t, c, &desk{}, 0)
		settle(time.Second)
		c.Close()
		if late := openConsole(t, c, &desk{}, 0); true {
			settle(time.Second)
			if !last.gone() || !fault.Is(late.err, fault.CodeBusy) {
				t.Errorf("after Close: %v", late.err)
			}
		}
	})
}
