package inbox

import (
	"container/heap"
	"container/list"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// budget bounds the bytes of sets in memory. When it is used up, the
// organization that was looked at least recently gives up its oldest sets
// first: people look at what is new, and inside one organization a walk
// through old pages never pushes out anything newer.
type budget struct {
	most int64

	mu     sync.Mutex
	used   int64
	recent *list.List // of *sendList that have sets, most recently used first
}

// budgetShare is one organization's part of the budget.
type budgetShare struct {
	sends oldestFirst
	place *list.Element // in budget.recent; nil without sets
}

func newBudget(most int64) budget { return budget{most: most, recent: list.New()} }

// touch says that the organization is being looked at.
func (b *budget) touch(l *sendList) {
	b.mu.Lock()
	if l.cached.place != nil {
		b.recent.MoveToFront(l.cached.place)
	}
	b.mu.Unlock()
}

// add offers sets. Which of them stay is the budget's decision.
func (b *budget) add(l *sendList, sends []*send, sets map[*send]*roaring.Bitmap) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range sends {
		if s.set.Load() != nil {
			continue // another request was faster
		}
		s.bytes = footprint(sets[s])
		s.set.Store(sets[s])
		b.used += s.bytes
		heap.Push(&l.cached.sends, s)
		if l.cached.place == nil {
			l.cached.place = b.recent.PushFront(l)
		}
	}
	for b.used > b.most {
		b.evict()
	}
}

func (b *budget) evict() {
	place := b.recent.Back()
	l := place.Value.(*sendList)
	s := heap.Pop(&l.cached.sends).(*send)
	s.set.Store(nil)
	b.used -= s.bytes
	if l.cached.sends.Len() == 0 {
		b.recent.Remove(place)
		l.cached.place = nil
	}
}

// footprint estimates the bytes of a set in memory: its content, and what
// each of its containers (one per 65,536 ordinals) and itself cost beside it.
func footprint(set *roaring.Bitmap) int64 {
	const perSet, perContainer = 320, 64
	return perSet + int64(set.GetSizeInBytes()) + perContainer*int64(set.Stats().Containers)
}

// oldestFirst is a heap of sends whose sets are in memory.
type oldestFirst []*send

func (h oldestFirst) Len() int           { return len(h) }
func (h oldestFirst) Less(i, j int) bool { return h[i].Revision < h[j].Revision }
func (h oldestFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's.
func (h *oldestFirst) Push(x any) { *h = append(*h, x.(*send)) }

// Pop is heap.Interface's.
func (h *oldestFirst) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
