package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/live"
)

// told is one event as a client reads it.
type told struct {
	name string
	id   int64 // 0: none
	data string
	at   time.Time
}

// decode reads the data.
func (e told) decode(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.data), into); err != nil {
		t.Fatalf("data of %s: %v: %s", e.name, err, e.data)
	}
}

func (e told) task() int64 {
	var d struct {
		TaskID string `json:"task_id"`
	}
	_ = json.Unmarshal([]byte(e.data), &d)
	id, _ := strconv.ParseInt(d.TaskID, 10, 64)
	return id
}

// client is the far end of one stream: a response writer that obeys write
// deadlines and can stop reading.
type client struct {
	header http.Header
	leave  context.CancelFunc
	ended  chan struct{} // closed when Serve has returned
	err    error         // what Serve returned; after ended

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced when anything below changes
	stalled  bool
	deadline time.Time
	status   int
	buffer   bytes.Buffer
	events   []told
	comments int
	starts   func(chunk []byte) // called before anything of a write is taken
}

func (c *client) signal() {
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *client) Header() http.Header { return c.header }

func (c *client) WriteHeader(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

func (c *client) SetReadDeadline(time.Time) error { return nil }

func (c *client) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	c.signal()
	return nil
}

func (c *client) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.starts != nil {
		c.starts(p)
	}
	for {
		left := time.Until(c.deadline)
		if !c.deadline.IsZero() && left <= 0 {
			return 0, os.ErrDeadlineExceeded
		}
		if !c.stalled {
			return c.buffer.Write(p)
		}
		changed := c.changed
		c.mu.Unlock()
		late := time.NewTimer(left)
		select {
		case <-changed:
		case <-late.C:
		}
		late.Stop()
		c.mu.Lock()
	}
}

func (c *client) FlushError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		block, rest, whole := bytes.Cut(c.buffer.Bytes(), []byte("\n\n"))
		if !whole {
			return nil
		}
		c.take(string(block))
		rest = bytes.Clone(rest)
		c.buffer.Reset()
		c.buffer.Write(rest)
	}
}

func (c *client) take(block string) {
	e := told{at: time.Now()}
	for line := range strings.SplitSeq(block, "\n") {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case ":":
			c.comments++
			return
		case "event":
			e.name = value
		case "id":
			e.id, _ = strconv.ParseInt(value, 10, 64)
		case "data":
			e.data = value
		}
	}
	c.events = append(c.events, e)
}

func (c *client) stall(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stalled = on
	c.signal()
}

// all returns what has been read so far.
func (c *client) all() []told {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]told(nil), c.events...)
}

// named returns those of one name.
func (c *client) named(names ...string) []told {
	var found []told
	for _, e := range c.all() {
		for _, name := range names {
			if e.name == name {
				found = append(found, e)
			}
		}
	}
	return found
}

func (c *client) gone() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// connect opens a stream. It ends with the test at the latest.
func connect(t testing.TB, h *live.Hub, v inbox.Viewer, after *int64) *client {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := &client{
		header: http.Header{}, leave: cancel,
		ended: make(chan struct{}), changed: make(chan struct{}),
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		c.err = h.Serve(c, r, v, after, context.Background(), func() {})
	}()
	return c
}

// settle lets everything happen that needs no more than d.
func settle(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // inside a bubble: the clock is synctest's
	synctest.Wait()
}

func rev(r int64) *int64 { return &r }
