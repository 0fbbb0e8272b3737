package inbox

import (
	"container/heap"
	"context"
	"fmt"
)

// Trim forgets large sends that are no longer kept. Until then they cost
// memory and a look in passing, and are left out of every answer, since what
// is shown is read from the database.
func (s *Service) Trim(ctx context.Context) error {
	for _, l := range s.sends.all() {
		if err := s.sends.trim(ctx, l); err != nil {
			return fmt.Errorf("inbox.Trim: organization %d: %w", l.organization, err)
		}
	}
	return nil
}

func (s *largeSends) all() []*sendList {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]*sendList, 0, len(s.organizations))
	for _, l := range s.organizations {
		all = append(all, l)
	}
	return all
}

// trim lists an organization's large sends anew and keeps those that are still
// there. It holds the list's turn, so that nobody appends meanwhile.
func (s *largeSends) trim(ctx context.Context, l *sendList) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	list, through := l.list(0)
	kept := make([]*send, 0, len(list))
	const piece = 10_000
	for after := int64(0); ; {
		keys, err := s.store.Large(ctx, l.organization, Span{After: after, Before: through + 1}, piece)
		if err != nil {
			return fmt.Errorf("list large sends: %w", err)
		}
		for _, k := range keys {
			if one := l.byRevision(k.Revision); one != nil {
				kept = append(kept, one)
			}
		}
		if len(keys) < piece {
			break
		}
		after = keys[piece-1].Revision
	}
	if len(kept) == len(list) {
		return nil
	}
	l.replace(kept)
	s.budget.keep(l, kept)
	return nil
}

// replace makes new lists; those that walks under way have taken stay as they
// are.
func (l *sendList) replace(kept []*send) {
	byAgent := map[int64][]*send{}
	for _, one := range kept {
		byAgent[one.AgentID] = append(byAgent[one.AgentID], one)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all, l.byAgent = kept, byAgent
}

// keep gives up the sets of all but the kept sends, which ascend. A walk that
// began before may bring one back; it goes with the next Trim or as the oldest.
func (b *budget) keep(l *sendList, kept []*send) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var left oldestFirst
	for _, one := range l.cached.sends {
		if i := below(kept, one.Revision); i < len(kept) && kept[i] == one {
			left = append(left, one)
			continue
		}
		one.set.Store(nil)
		b.used -= one.bytes
	}
	l.cached.sends = left
	heap.Init(&l.cached.sends)
	if len(left) == 0 && l.cached.place != nil {
		b.recent.Remove(l.cached.place)
		l.cached.place = nil
	}
}
