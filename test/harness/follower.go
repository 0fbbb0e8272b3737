package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tidings-im/tidings/client"
)

// Follower is a browser that stays open: it loads the inbox once, then lives on
// events alone, resuming after each break at the last id it knows. It loads
// again only when it is told to.
type Follower struct {
	*Reader
	// Hold is how long it keeps its next connection before it hangs up; nil
	// keeps every connection until it breaks.
	Hold func() time.Duration

	mu      sync.Mutex
	hangUp  context.CancelFunc // ends the connection
	ready   bool
	items   map[string]client.Item // by message id
	unread  client.Unread
	last    int64 // the last revision it knows
	conns   int
	loads   int
	events  []Event
	problem error // something no server may say
}

// NewFollower returns one that has not begun.
func NewFollower(r *Reader) *Follower { return &Follower{Reader: r} }

// Run follows until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	pause := time.NewTicker(reconnectAfter)
	defer pause.Stop()
	for ctx.Err() == nil {
		if f.Loads() > 0 || f.load(ctx) == nil {
			f.follow(ctx)
		}
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
	}
}

// Reconnect breaks the connection; the follower resumes.
func (f *Follower) Reconnect() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hangUp != nil {
		f.hangUp()
	}
}

// load takes the whole inbox. What happens meanwhile comes as events.
func (f *Follower) load(ctx context.Context) error {
	items, revision, err := f.Walk(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.items = map[string]client.Item{}
	for _, i := range items {
		f.items[i.MessageID] = i
	}
	f.last = revision
	f.loads++
	return nil
}

// follow holds one connection.
func (f *Follower) follow(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if f.Hold != nil {
		defer time.AfterFunc(f.Hold(), cancel).Stop()
	}
	f.mu.Lock()
	f.conns++
	f.hangUp = cancel
	connection, after := f.conns, f.last
	f.mu.Unlock()
	reload := false
	_ = f.Stream(ctx, after, func(e Event) { // it ends with every break
		e.Connection = connection
		if f.apply(e) {
			reload = true
			cancel()
		}
	})
	if reload {
		f.mu.Lock()
		f.loads = 0
		f.mu.Unlock()
	}
}

// apply changes what the follower shows. It reports whether it has to load.
func (f *Follower) apply(e Event) (reload bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
	f.last = max(f.last, e.Revision)
	switch e.Name {
	case "message", "changed", "recalled":
		item, err := e.Item()
		if err != nil || item.MessageID == "" {
			f.problem = fmt.Errorf("event %s %d holds no item: %.200s", e.Name, e.Revision, e.Data)
			return false
		}
		f.show(e.Name, item)
	case "unread":
		var u client.Unread
		if err := json.Unmarshal(e.Data, &u); err != nil {
			f.problem = fmt.Errorf("unread: %w", err)
			return false
		}
		f.unread, f.ready = u, true
	case "reload":
		return true
	}
	return false
}

// show puts an item where it belongs. A tombstone keeps what it does not
// repeat, and nothing of the content.
func (f *Follower) show(event string, item client.Item) {
	if event == "recalled" {
		known := f.items[item.MessageID]
		known.MessageID, known.TaskID, known.Revision, known.RecalledAt = item.MessageID, item.TaskID, item.Revision, item.RecalledAt
		known.Title, known.Preview, known.HTML, known.StatusBar, known.Body = "", "", "", nil, nil
		item = known
	}
	f.items[item.MessageID] = item
}

// Shown returns what the follower shows, newest first.
func (f *Follower) Shown() []client.Item {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.SortedFunc(maps.Values(f.items), func(a, b client.Item) int { return int(b.SentRevision() - a.SentRevision()) })
}

// Badge returns the last unread it was told, and whether it was told any.
func (f *Follower) Badge() (client.Unread, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.unread, f.ready
}

// Events returns everything it was told, in order.
func (f *Follower) Events() []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

// Loads is how often it has loaded since it was last told to; 0 says that it
// is about to.
func (f *Follower) Loads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.loads
}

// Connections is how many it has opened.
func (f *Follower) Connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conns
}

// Problem is the first thing it was told that it could not read.
func (f *Follower) Problem() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.problem
}
