package inbox

import "context"

// Shrink makes the bounds small enough for tests to reach.
func (s *Service) Shrink(examine, events, unread, candidates, filed, much int) {
	s.bounds = bounds{
		examine: examine, events: events, unread: unread, candidates: candidates, filed: filed, many: 2,
		muchExamined: much, muchSettled: much,
	}
}

// Keys finds what a page holds, without its content.
func (s *Service) Keys(ctx context.Context, v Viewer, q Query) (int, error) {
	f, err := s.keys(ctx, v, q)
	return len(f.keys), err
}

// SetBytes returns the bytes of sets in memory, and what the budget takes
// them for.
func (s *Service) SetBytes() (held, charged int64) {
	s.sends.mu.RLock()
	defer s.sends.mu.RUnlock()
	for _, l := range s.sends.organizations {
		list, _ := l.list(0)
		for _, one := range list {
			if set := one.set.Load(); set != nil {
				held += footprint(set)
			}
		}
	}
	s.sends.budget.mu.Lock()
	defer s.sends.budget.mu.Unlock()
	return held, s.sends.budget.used
}

// TaskOf is taskOf.
func TaskOf(messageID string, ordinal uint32) (int64, bool) { return taskOf(messageID, ordinal) }

// Sends returns how many large sends are in memory.
func (s *Service) Sends() (n int) {
	s.sends.mu.RLock()
	defer s.sends.mu.RUnlock()
	for _, l := range s.sends.organizations {
		list, _ := l.list(0)
		n += len(list)
		l.mu.RLock()
		for _, some := range l.byAgent {
			n -= len(some)
		}
		l.mu.RUnlock()
		if n != 0 {
			return -1 // the two lists differ
		}
	}
	for _, l := range s.sends.organizations {
		list, _ := l.list(0)
		n += len(list)
	}
	return n
}
