package live

import (
	"context"
	"net/http"

	"github.com/tidings-im/tidings/internal/inbox"
)

const (
	// A queue holds one whole read of a feed (2,000 events), so that a burst
	// alone never ends a stream that reads; its content is shared with the
	// other recipients' queues.
	maxQueue = 2048
	maxBytes = 4 << 20
)

// stream is one connection to an inbox. Feeds push into its queue; only its own
// goroutine writes to the client.
type stream struct {
	outlet
	viewer inbox.Viewer

	// Guarded by the outlet's mu.
	queue []*event
	bytes int
	badge *event   // the newest one not written
	loud  loudness // write the badge even if it says nothing new
}

func newStream(ctx context.Context, w http.ResponseWriter, v inbox.Viewer) *stream {
	s := &stream{viewer: v}
	s.begin(ctx, w, v.Organization)
	return s
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

// leave is the last thing the stream's goroutine does here.
func (s *stream) leave(f *recallGuards) {
	s.end()
	s.mu.Lock()
	queue := s.queue
	s.queue, s.badge = nil, nil
	s.mu.Unlock()
	for _, e := range queue {
		f.release(e)
	}
}
