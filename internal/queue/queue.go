package queue

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// ErrEnded is the answer to what comes after the end.
var ErrEnded = errors.New("queue: nothing is taken any more")

// Queue holds what waits for its worker. Put and Offer may be called by
// anybody at any time.
type Queue[T any] struct {
	items  chan T
	end    sync.Once
	ending chan struct{}
	taking sync.RWMutex // held for reading while something is handed over
}

// New returns a queue with room for so many; without room each is handed from
// Put to the worker, and until then whoever puts may give up.
func New[T any](room int) *Queue[T] {
	return &Queue[T]{items: make(chan T, room), ending: make(chan struct{})}
}

// Put hands an item over: nil means that it is worked off, whatever happens.
// It waits for room until ctx ends, and returns ErrEnded at the end.
func (q *Queue[T]) Put(ctx context.Context, item T) error {
	q.taking.RLock()
	defer q.taking.RUnlock()
	if q.ended() {
		return ErrEnded
	}
	select {
	case q.items <- item:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-q.ending:
		return ErrEnded
	}
}

// Offer is Put for who does not wait: false when there is no room, or at the
// end.
func (q *Queue[T]) Offer(item T) bool {
	q.taking.RLock()
	defer q.taking.RUnlock()
	if q.ended() {
		return false
	}
	select {
	case q.items <- item:
		return true
	default:
		return false
	}
}

func (q *Queue[T]) ended() bool {
	select {
	case <-q.ending:
		return true
	default:
		return false
	}
}

// Run calls work with what waits, again and again, until ctx ends and all that
// was taken is worked off. waiting holds one item at least; those that work
// leaves come with its next call. Run is called once.
func (q *Queue[T]) Run(ctx context.Context, work func(waiting iter.Seq[T])) {
	for {
		select {
		case first := <-q.items:
			work(q.from(first))
		case <-ctx.Done():
			q.end.Do(func() { close(q.ending) })
			q.taking.Lock() // who hands over now has done so, or has gone
			q.taking.Unlock()
			q.rest(work)
			return
		}
	}
}

// from yields an item and what waits behind it.
func (q *Queue[T]) from(first T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for item := first; yield(item); {
			select {
			case item = <-q.items:
			default:
				return
			}
		}
	}
}

func (q *Queue[T]) rest(work func(waiting iter.Seq[T])) {
	for {
		select {
		case first := <-q.items:
			work(q.from(first))
		default:
			return
		}
	}
}
