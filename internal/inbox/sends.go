package inbox

import (
	"context"
	"fmt"
	"math"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
)

// send is one large send. All but its set is fixed; the set comes and goes
// with the budget, and is always the same one.
type send struct {
	Key
	set   atomic.Pointer[roaring.Bitmap]
	bytes int64 // what the set was charged with; guarded by the lock of largeSends
}

// largeSends knows the large sends of every organization it was asked for, and
// holds as many of their sets as its budget allows.
type largeSends struct {
	store  Store
	budget budget

	mu            sync.RWMutex
	organizations map[int64]*sendList
}

func newLargeSends(store Store, bytes int64) *largeSends {
	return &largeSends{store: store, budget: newBudget(bytes), organizations: map[int64]*sendList{}}
}

func (s *largeSends) of(organization int64) *sendList {
	s.mu.RLock()
	l := s.organizations[organization]
	s.mu.RUnlock()
	if l != nil {
		return l
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.organizations[organization]; l != nil {
		return l
	}
	l = &sendList{organization: organization, turn: make(chan struct{}, 1), byAgent: map[int64][]*send{}}
	s.organizations[organization] = l
	return l
}

// sendList is one organization's list of large sends, ascending by revision. It
// grows at its end, and trim replaces it whole, so a slice of it taken under
// the lock stays true.
type sendList struct {
	organization int64
	turn         chan struct{} // held by whoever catches up

	mu      sync.RWMutex
	through int64 // every large send up to this revision is listed
	all     []*send
	byAgent map[int64][]*send

	cached budgetShare // guarded by the budget's lock
}

// upTo returns the large sends at or below revision, all of them or one
// agent's. The revision must have been read from the database: that is what
// makes everything below it visible here.
func (s *largeSends) upTo(ctx context.Context, organization, revision, agentID int64) (*sendList, []*send, error) {
	l := s.of(organization)
	list, through := l.list(agentID)
	if through < revision {
		if err := s.catchUp(ctx, l, revision); err != nil {
			return nil, nil, err
		}
		list, through = l.list(agentID)
	}
	if through > revision {
		list = list[:below(list, revision+1)]
	}
	s.budget.touch(l)
	return l, list, nil
}

func (l *sendList) list(agentID int64) (list []*send, through int64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if agentID == 0 {
		return l.all, l.through
	}
	return l.byAgent[agentID], l.through
}

// catchUp lists what was sent up to revision. One caller at a time asks the
// database; the others find it done.
func (s *largeSends) catchUp(ctx context.Context, l *sendList, revision int64) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	const piece = 10_000
	for {
		_, through := l.list(0)
		if through >= revision {
			return nil
		}
		keys, err := s.store.Large(ctx, l.organization, Span{After: through, Before: revision + 1}, piece)
		if err != nil {
			return fmt.Errorf("list large sends: %w", err)
		}
		if len(keys) == piece {
			// There may be more between the last of these and revision.
			l.append(keys, keys[piece-1].Revision)
			continue
		}
		l.append(keys, revision)
	}
}

func (l *sendList) append(keys []Key, through int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := make([]send, len(keys))
	for i, k := range keys {
		fresh[i].Key = k
		l.all = append(l.all, &fresh[i])
		l.byAgent[k.AgentID] = append(l.byAgent[k.AgentID], &fresh[i])
	}
	l.through = through
}

// byRevision returns the large send of a revision, nil if it is none.
func (l *sendList) byRevision(revision int64) *send {
	list, _ := l.list(0)
	if i := below(list, revision); i < len(list) && list[i].Revision == revision {
		return list[i]
	}
	return nil
}

// below returns how many sends of an ascending list are below revision.
func below(list []*send, revision int64) int {
	if revision == math.MaxInt64 {
		return len(list)
	}
	return sort.Search(len(list), func(i int) bool { return list[i].Revision >= revision })
}

// fetch reads the sets of sends from the database and offers them to the
// budget. The answer holds them all, whatever the budget keeps.
func (s *largeSends) fetch(ctx context.Context, l *sendList, missing []*send) (map[*send]*roaring.Bitmap, error) {
	ids := make([]int64, len(missing))
	for i, m := range missing {
		ids[i] = m.TaskID
	}
	found, err := s.store.Sets(ctx, l.organization, ids)
	if err != nil {
		return nil, fmt.Errorf("read sets: %w", err)
	}
	sets := make(map[*send]*roaring.Bitmap, len(missing))
	for _, m := range missing {
		set := found[m.TaskID]
		if set == nil {
			set = roaring.New() // no longer kept, so no longer anybody's
		}
		sets[m] = set
	}
	s.budget.add(l, missing, sets)
	return sets, nil
}

// setOf returns one send's set.
func (s *largeSends) setOf(ctx context.Context, l *sendList, one *send) (*roaring.Bitmap, error) {
	if set := one.set.Load(); set != nil {
		return set, nil
	}
	sets, err := s.fetch(ctx, l, []*send{one})
	return sets[one], err
}
