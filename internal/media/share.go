package media

import (
	"context"
	"slices"
	"sync"
)

// share divides the memory for decoding among organizations. They take turns:
// the one whose last turn is longest ago is next, whatever the others have
// waiting, and none decodes more than a few pictures at a time.
type share struct {
	atOnce int // pictures of one organization

	mu      sync.Mutex
	free    int64 // bytes
	waiting map[int64][]*waiter
	running map[int64]int
	turns   []int64 // organizations that wait; the next one first
}

// waiter is a picture that waits. granted is closed when it may be decoded.
type waiter struct {
	cost    int64
	granted chan struct{}
}

func newShare(bytes int64, atOnce int) *share {
	return &share{atOnce: atOnce, free: bytes, waiting: map[int64][]*waiter{}, running: map[int64]int{}}
}

// acquire waits for the organization's turn and returns what ends it. cost is
// at most what newShare was given.
func (s *share) acquire(ctx context.Context, organization, cost int64) (release func(), err error) {
	w := &waiter{cost: cost, granted: make(chan struct{})}
	s.mu.Lock()
	if len(s.waiting[organization]) == 0 {
		s.turns = append(s.turns, organization)
	}
	s.waiting[organization] = append(s.waiting[organization], w)
	s.grant()
	s.mu.Unlock()
	release = func() { s.release(organization, cost) }
	select {
	case <-w.granted:
		return release, nil
	case <-ctx.Done():
	}
	if s.withdraw(organization, w) {
		return nil, ctx.Err()
	}
	release() // granted at the same moment
	return nil, ctx.Err()
}

// grant gives turns as long as there is memory for the next one. A large
// picture whose turn it is waits for memory, and others behind it: else small
// ones would keep it out for ever.
func (s *share) grant() {
	for {
		next := slices.IndexFunc(s.turns, func(o int64) bool { return s.running[o] < s.atOnce })
		if next < 0 {
			return
		}
		organization := s.turns[next]
		w := s.waiting[organization][0]
		if w.cost > s.free {
			return
		}
		s.free -= w.cost
		s.running[organization]++
		close(w.granted)
		s.turns = slices.Delete(s.turns, next, next+1)
		if s.drop(organization, w) {
			s.turns = append(s.turns, organization)
		}
	}
}

// drop takes a picture out of those that wait and reports whether more of the
// organization do.
func (s *share) drop(organization int64, w *waiter) bool {
	left := slices.DeleteFunc(s.waiting[organization], func(one *waiter) bool { return one == w })
	if len(left) == 0 {
		delete(s.waiting, organization)
		return false
	}
	s.waiting[organization] = left
	return true
}

// withdraw takes back a picture that waits. False if it waits no more.
func (s *share) withdraw(organization int64, w *waiter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.waiting[organization], w) {
		return false
	}
	if !s.drop(organization, w) {
		s.turns = slices.DeleteFunc(s.turns, func(o int64) bool { return o == organization })
	}
	s.grant() // others may have waited behind it
	return true
}

func (s *share) release(organization, cost int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free += cost
	if s.running[organization]--; s.running[organization] == 0 {
		delete(s.running, organization)
	}
	s.grant()
}
