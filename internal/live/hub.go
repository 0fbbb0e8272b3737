package live

import (
	"context"
	"hash/maphash"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
)

// Inbox is what the hub reads, always from the database.
type Inbox interface {
	// Revision returns the organization's newest revision.
	Revision(ctx context.Context, organization int64) (int64, error)

	// Changes returns everything after a revision, ascending, and the revision
	// it is complete up to; complete is false when that is too much to tell.
	Changes(ctx context.Context, organization, after int64) (events []inbox.Event, through int64, complete bool, err error)

	// Resume is Changes for one person; reload is true when the gap is too
	// long or its beginning is unknown.
	Resume(ctx context.Context, v inbox.Viewer, after int64) (events []inbox.Event, through int64, reload bool, err error)

	// Page shows a piece of somebody's inbox.
	Page(ctx context.Context, v inbox.Viewer, q inbox.Query) (inbox.Page, error)

	// Unread derives a person's badge.
	Unread(ctx context.Context, v inbox.Viewer) (inbox.Unread, error)
}

// Hub holds the connections of this node. All methods may be called
// concurrently. The hints return at once and never wait for a reader or the
// database.
type Hub struct {
	carrier // its work is feeds and streams
	inbox   Inbox
	seed    maphash.Seed  // fingerprints of badges
	turns   chan struct{} // held while a stream reads the database for one event

	mu      sync.RWMutex // held for map operations only
	feeds   map[int64]*feed
	streams map[*stream]struct{}
	closed  bool
}

// Deps is what a Hub works with.
type Deps struct {
	Inbox Inbox
	Log   *slog.Logger
}

// New returns a hub without connections. It starts nothing until one comes.
func New(d Deps) *Hub {
	h := &Hub{
		inbox: d.Inbox, seed: maphash.MakeSeed(), turns: make(chan struct{}, readTurns),
		feeds: map[int64]*feed{}, streams: map[*stream]struct{}{},
	}
	h.begin(d.Log)
	return h
}

// Committed says that the organization has reached a revision.
func (h *Hub) Committed(organization, revision int64) {
	if f := h.feed(organization); f != nil {
		f.hint(revision)
	}
}

// Recalled says that a task's recall is committed. Once it has returned no
// stream begins to write the task's content.
func (h *Hub) Recalled(organization, taskID int64) {
	if f := h.feed(organization); f != nil {
		f.guards.recall(taskID)
		f.nudge()
	}
}

// Read says that these people's receipts are committed: their badges may have
// moved.
func (h *Hub) Read(organization int64, ordinals []uint32) {
	if f := h.feed(organization); f != nil {
		f.badges.mark(ordinals, loud)
	}
}

// ReadElsewhere is Read for receipts that another node has written: it may say
// so several times, and a badge that has not moved is not told again.
func (h *Hub) ReadElsewhere(organization int64, ordinals []uint32) {
	if f := h.feed(organization); f != nil {
		f.badges.mark(ordinals, quiet)
	}
}

// Look says that hints may have been lost: everything is read again, and every
// badge derived.
func (h *Hub) Look() {
	h.mu.RLock()
	feeds := slices.Collect(maps.Values(h.feeds))
	h.mu.RUnlock()
	for _, f := range feeds {
		f.nudge()
		f.badges.mark(f.connected(), quiet)
	}
}

// Streams returns how many connections there are.
func (h *Hub) Streams() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.streams)
}

// Close ends all streams, within a second even if their clients do not read,
// and refuses new ones. It returns when all have ended.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	open := make([]*stream, 0, len(h.streams))
	for s := range h.streams {
		open = append(open, s)
	}
	h.mu.Unlock()
	for _, s := range open {
		s.stop()
	}
	h.cancel()
	h.work.Wait()
}

func (h *Hub) feed(organization int64) *feed {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.feeds[organization]
}

// join puts a stream into its organization's feed, which it starts if this is
// the first one.
func (h *Hub) join(s *stream) (*feed, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, fault.New(fault.CodeBusy, "the server is stopping")
	}
	f := h.feeds[s.viewer.Organization]
	if f == nil {
		f = newFeed(h, s.viewer.Organization)
		h.feeds[s.viewer.Organization] = f
		h.work.Go(f.run)
		h.work.Go(f.badges.run)
	}
	f.users++
	h.streams[s] = struct{}{}
	h.work.Add(1)
	h.mu.Unlock()
	f.add(s)
	return f, nil
}

// leave undoes join. A feed without streams ends.
func (h *Hub) leave(f *feed, s *stream) {
	f.remove(s)
	h.mu.Lock()
	delete(h.streams, s)
	if f.users--; f.users == 0 {
		delete(h.feeds, f.organization)
		f.cancel()
	}
	h.mu.Unlock()
	h.work.Done()
}
