package queue_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tidings-im/tidings/internal/queue"
)

// What was taken is worked off exactly once, also when the end comes meanwhile;
// what was refused never is.
func TestWhatIsTakenIsWorkedOff(t *testing.T) {
	t.Parallel()
	for _, room := range []int{0, 1, 64} {
		for range 50 {
			q := queue.New[int](room)
			ctx, end := context.WithCancel(t.Context())
			defer end()
			var done []int
			var worker, senders sync.WaitGroup
			worker.Go(func() {
				q.Run(ctx, func(waiting iter.Seq[int]) {
					n := 0
					for item := range waiting {
						done = append(done, item)
						if n++; n == 3 {
							break
						}
					}
				})
			})
			const each, all = 50, 8
			took := make([][]int, all)
			for s := range all {
				senders.Go(func() {
					for i := range each {
						item := s*each + i
						if s%2 == 0 && q.Put(context.Background(), item) == nil || s%2 == 1 && q.Offer(item) {
							took[s] = append(took[s], item)
						}
						if s == 0 && i == each/2 {
							end()
						}
					}
				})
			}
			senders.Wait()
			worker.Wait()
			slices.Sort(done)
			if want := slices.Sorted(slices.Values(slices.Concat(took...))); !slices.Equal(done, want) {
				t.Fatalf("room for %d: %d were taken and %d worked off", room, len(want), len(done))
			}
			if err := q.Put(context.Background(), 1); !errors.Is(err, queue.ErrEnded) || q.Offer(1) {
				t.Fatalf("after the end: %v", err)
			}
		}
	}
}

// What has queued up comes together, and what is left comes next.
func TestTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue.New[int](10)
		ctx, end := context.WithCancel(t.Context())
		for i := range 5 {
			q.Offer(i)
		}
		var calls [][]int
		go q.Run(ctx, func(waiting iter.Seq[int]) {
			var batch []int
			for item := range waiting {
				if batch = append(batch, item); len(batch) == 3 {
					break
				}
			}
			calls = append(calls, batch)
		})
		synctest.Wait()
		end()
		synctest.Wait()
		if len(calls) != 2 || !slices.Equal(calls[0], []int{0, 1, 2}) || !slices.Equal(calls[1], []int{3, 4}) {
			t.Errorf("calls with %v", calls)
		}
	})
}

// Who waits for room gives up with their context, and without room nobody has
// the item then.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue.New[int](0)
		ctx, leave := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- q.Put(ctx, 1) }()
		synctest.Wait()
		leave()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("gave up with %v", err)
		}
		if q.Offer(2) {
			t.Error("there is room where there is none")
		}
		ended, end := context.WithCancel(t.Context())
		end()
		q.Run(ended, func(waiting iter.Seq[int]) { t.Errorf("worked off %v", slices.Collect(waiting)) })
	})
}
