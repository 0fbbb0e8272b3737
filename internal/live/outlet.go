package live

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// writeWithin is how long a write may take: a reader that takes nothing for longer
// is gone.
const writeWithin = 10 * time.Second

// outlet is where a stream of any kind is written, and how it is ended.
type outlet struct {
	organization int64
	ctx          context.Context
	cancel       context.CancelFunc
	wake         chan struct{} // holds one

	mu       sync.Mutex // held for short operations only
	out      sink       // only the stream's own goroutine does more than set deadlines
	stopped  bool
	returned bool // out may not be used any more
}

func (s *outlet) begin(ctx context.Context, w http.ResponseWriter, organization int64) {
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.organization, s.out, s.wake = organization, newResponse(w), make(chan struct{}, 1)
}

// moveTo makes the stream write elsewhere. A stop that came before is not
// forgotten: arm says so.
func (s *outlet) moveTo(out sink) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = out
}

func (s *outlet) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// stop ends the stream from outside, whatever its own goroutine is doing: a
// read of the database by the context, a write by its deadline.
func (s *outlet) stop() {
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
func (s *outlet) arm() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return context.Canceled
	}
	return s.out.SetWriteDeadline(time.Now().Add(writeWithin))
}

// write writes an event that is the same for everybody.
func (s *outlet) write(e *event) error {
	if err := s.arm(); err != nil {
		return err
	}
	if err := e.writeTo(s.out, 0, nil); err != nil {
		return err
	}
	return s.out.Flush()
}

// end says that nothing is written any more. The deadline stays, for the little an
// HTTP server still writes.
func (s *outlet) end() {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped, s.returned = true, true
}
