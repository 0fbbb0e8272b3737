package live

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/tidings-im/tidings/internal/inbox"
)

// feed follows one organization's revisions while it has connections here.
type feed struct {
	hub          *Hub
	organization int64
	guards       *recallGuards
	badges       *badges

	ctx    context.Context
	cancel context.CancelFunc
	users  int // streams that joined; guarded by hub.mu

	wake     chan struct{} // holds one; a full one says enough
	hinted   atomic.Int64  // newest revision anybody spoke of
	ready    chan struct{} // closed once position is known
	position atomic.Int64  // everything up to here is in the queues; written by run alone

	mu      sync.Mutex // held for map and queue operations only
	streams map[uint32][]*stream
}

func newFeed(h *Hub, organization int64) *feed {
	ctx, cancel := context.WithCancel(h.ctx)
	f := &feed{
		hub: h, organization: organization, guards: newRecallGuards(),
		ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, 1), ready: make(chan struct{}),
		streams: map[uint32][]*stream{},
	}
	f.badges = newBadges(f)
	return f
}

func (f *feed) add(s *stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.streams[s.viewer.Ordinal] = append(f.streams[s.viewer.Ordinal], s)
}

func (f *feed) remove(s *stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	here := f.streams[s.viewer.Ordinal]
	for i := range here {
		if here[i] == s {
			here[i] = here[len(here)-1]
			here[len(here)-1] = nil
			here = here[:len(here)-1]
			break
		}
	}
	if len(here) == 0 {
		delete(f.streams, s.viewer.Ordinal)
		return
	}
	f.streams[s.viewer.Ordinal] = here
}

// hint remembers a revision and wakes the feed.
func (f *feed) hint(revision int64) {
	for {
		known := f.hinted.Load()
		if revision <= known {
			break
		}
		if f.hinted.CompareAndSwap(known, revision) {
			break
		}
	}
	f.nudge()
}

func (f *feed) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// tell puts an event into the queue of every recipient connected here. An
// event that nobody here gets is not even encoded.
func (f *feed) tell(e *event, in inbox.Event) {
	defer f.guards.release(e)
	people := f.present(in)
	if len(people) == 0 {
		return
	}
	e.asks = e.name == eventChanged
	if err := e.encode(in.Item); err != nil {
		// One item that cannot be written must not stop the others.
		f.hub.log.Error("live: an item cannot be encoded", "organization", f.organization, "task", e.taskID, "error", err)
		return
	}
	f.push(e, people)
	if e.name != eventChanged {
		f.badges.mark(people, loud)
	}
}

// present returns the recipients who are connected here, walking the smaller
// of the two sets.
func (f *feed) present(in inbox.Event) []uint32 {
	if in.Recipients == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var people []uint32
	if in.Recipients.GetCardinality() <= uint64(len(f.streams)) {
		for it := in.Recipients.Iterator(); it.HasNext(); {
			if ordinal := it.Next(); len(f.streams[ordinal]) > 0 {
				people = append(people, ordinal)
			}
		}
		return people
	}
	for ordinal := range f.streams {
		if in.Recipients.Contains(ordinal) {
			people = append(people, ordinal)
		}
	}
	return people
}

// push never waits: a queue that is full ends its stream.
func (f *feed) push(e *event, people []uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ordinal := range people {
		for _, s := range f.streams[ordinal] {
			s.push(e)
		}
	}
}

// lost tells everybody to fetch their page again and goes on from a revision,
// which may be below the position. A hint that is forgotten here comes again
// with the next poll.
func (f *feed) lost(revision int64) {
	f.hinted.Store(revision)
	f.position.Store(revision)
	people := f.connected()
	f.push(marker(eventReload, revision), people)
	f.badges.mark(people, loud)
}

// connected returns everybody who has a stream here.
func (f *feed) connected() []uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	people := make([]uint32, 0, len(f.streams))
	for ordinal := range f.streams {
		people = append(people, ordinal)
	}
	return people
}

// of returns a person's streams.
func (f *feed) of(ordinal uint32) []*stream {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*stream(nil), f.streams[ordinal]...)
}
