package task

import (
	"context"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

const (
	// readersKept is of how many tasks a node remembers who has read them.
	readersKept = 64
	// readersEvery is how often it reads anew who has read a task.
	readersEvery = countEvery
)

// Readers is who had read a task, and as of when that is known.
type Readers struct {
	Set *roaring.Bitmap // must not be changed
	At  time.Time
}

// readers remembers who has read those tasks that somebody looks at: with a million
// receipts, reading them takes longer than all the rest of a page.
type readers struct {
	store Store
	now   func() time.Time

	mu    sync.Mutex
	known map[taskKey]*readersOf
}

// readersOf is who has read one task.
type readersOf struct {
	moved bool // receipts came since they were read; under the lock of all

	mu sync.Mutex // held while they are read
	Readers
}

func newReaders(d Deps) *readers {
	return &readers{store: d.Store, now: d.Now, known: map[taskKey]*readersOf{}}
}

// read notes that receipts of tasks were written on this node.
func (r *readers) read(organization int64, tasks []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range tasks {
		if one := r.known[taskKey{organization, id}]; one != nil {
			one.moved = true
		}
	}
}

// readElsewhere notes that other nodes have written receipts of an organization; of
// 0, that they may have of any.
func (r *readers) readElsewhere(organization int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, one := range r.known {
		one.moved = one.moved || organization == 0 || key.organization == organization
	}
}

// of returns who has read a task: as it is now, or, where receipts came again within
// readersEvery, as it was then.
func (r *readers) of(ctx context.Context, organization, taskID int64) (Readers, error) {
	one := r.entry(taskKey{organization, taskID})
	one.mu.Lock()
	defer one.mu.Unlock()
	now := r.now().UTC()
	age := now.Sub(one.At)
	if one.Set != nil && age >= 0 && age < readersEvery || one.Set != nil && !r.hasMoved(one) {
		return one.Readers, nil
	}
	r.setMoved(one, false)
	set, err := r.store.Readers(ctx, organization, taskID)
	if err != nil {
		r.setMoved(one, true)
		return Readers{}, err
	}
	one.Readers = Readers{Set: set, At: now}
	return one.Readers, nil
}

func (r *readers) hasMoved(one *readersOf) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return one.moved
}

func (r *readers) setMoved(one *readersOf, moved bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one.moved = moved
}

func (r *readers) entry(key taskKey) *readersOf {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.known[key]
	if one == nil {
		if len(r.known) >= readersKept {
			clear(r.known)
		}
		one = &readersOf{}
		r.known[key] = one
	}
	return one
}
