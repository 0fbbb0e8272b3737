package live

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
)

const (
	// A queue holds one whole read of a feed (2,000 events), so that a burst
	// alone never ends a stream that reads; its content is shared with the
	// other recipients' queues.
	maxQueue = 2048
	maxBytes = 4 << 20

	writeWithin = 10 * time.Second // a reader that takes nothing for longer is gone
)

// stream is one connection. Feeds push into its queue; only its own goroutine
// writes to the client.
type stream struct {
	viewer inbox.Viewer
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // holds one

	mu       sync.Mutex // held for queue operations only
	out      sink       // where it writes; only its own goroutine does more than set deadlines
	queue    []*event
	bytes    int
	badge    *event   // the newest one not written
	loud     loudness // write the badge even if it says nothing new
	stopped  bool
	returned bool // out may not be used any more
}

func newStream(ctx context.Context, w http.ResponseWriter, v inbox.Viewer) *stream {
	ctx, cancel := context.WithCancel(ctx)
	return &stream{viewer: v, ctx: ctx, cancel: cancel, out: newResponse(w), wake: make(chan struct{}, 1)}
}

// moveTo makes the stream write elsewhere. A stop that came before is not
// forgotten: arm says so.
func (s *stream) moveTo(out sink) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = out
}

// push queues an event without ever waiting. A queue that is full ends the
// stream: its client comes back and resumes from the database.
func (s *stream) push(e *event) {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return
	}
	if len(s.queue) >= maxQueue || s.bytes > 0 && s.bytes+e.size() > maxBytes {
		s.mu.Unlock()
		s.stop()
		return
	}
	e.uses.Add(1)
	s.queue = append(s.queue, e)
	s.bytes += e.size()
	s.mu.Unlock()
	s.nudge()
}

// setBadge replaces a badge that is still waiting.
func (s *stream) setBadge(e *event, l loudness) {
	s.mu.Lock()
	s.badge = e
	s.loud = s.loud || l
	s.mu.Unlock()
	s.nudge()
}

func (s *stream) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// next takes the oldest event out of the queue; nil when there is none.
func (s *stream) next() *event {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.queue = nil // an idle stream keeps no array
		return nil
	}
	e := s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	s.bytes -= e.size()
	return e
}

// nextBadge takes the badge that is waiting, if there is one.
func (s *stream) nextBadge() (e *event, l loudness) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, l = s.badge, s.loud
	s.badge, s.loud = nil, quiet
	return e, l
}

// stop ends the stream from outside, whatever its own goroutine is doing: a
// read of the database by the context, a write by its deadline.
func (s *stream) stop() {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	if !s.returned {
		// Not every writer of a test can do this; the server's can.
		_ = s.out.SetWriteDeadline(time.Unix(1, 0))
	}
}

// arm gives the next write its deadline, unless the stream was stopped.
func (s *stream) arm() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return context.Canceled
	}
	return s.out.SetWriteDeadline(time.Now().Add(writeWithin))
}

// leave is the last thing the stream's goroutine does here. The deadline
// stays, for the little an HTTP server still writes.
func (s *stream) leave(f *recallGuards) {
	s.cancel()
	s.mu.Lock()
	s.stopped, s.returned = true, true
	queue := s.queue
	s.queue, s.badge = nil, nil
	s.mu.Unlock()
	for _, e := range queue {
		f.release(e)
	}
}
