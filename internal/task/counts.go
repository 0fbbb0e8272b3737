package task

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tidings-im/tidings/internal/queue"
)

const (
	// countEvery is how often a task's receipts are counted at most.
	countEvery = 5 * time.Second
	// watchEvery is how often one is counted at most that somebody watches, and
	// watchShare is how much longer than the counting took it is left alone.
	watchEvery = time.Second
	watchShare = 20
	// countsAtOnce is how many tasks are counted at the same time: one may have a
	// million receipts.
	countsAtOnce = 2
	// countPatience is how long a list waits for what is being counted.
	countPatience = 150 * time.Millisecond
	// countsKept is of how many tasks a node remembers what it has counted.
	countsKept = 50_000
	// countsWaiting is how many tasks may wait to be counted.
	countsWaiting = 4096
)

// Count is how many had read a task, and when that was counted: zero while it has
// not been.
type Count struct {
	Read int64
	At   time.Time
}

type taskKey struct{ organization, id int64 }

// counts is what this node has counted.
type counts struct {
	store Store
	log   *slog.Logger
	now   func() time.Time
	queue *queue.Queue[taskKey]

	mu         sync.Mutex
	known      map[taskKey]*counted
	elsewhere  map[int64]int // how often other nodes' receipts were heard of, by organization
	everywhere int           // how often anything may have been missed
}

// counted is what is known of one task.
type counted struct {
	Count
	gone    bool          // receipts are no longer kept
	took    time.Duration // how long counting it took
	moved   bool          // receipts came since counting began
	heard   int           // what was heard of other nodes when counting began
	pending chan struct{} // closed when it is counted; nil unless it waits to be
}

func newCounts(d Deps) *counts {
	return &counts{
		store: d.Store, log: d.Log, now: d.Now, queue: queue.New[taskKey](countsWaiting),
		known: map[taskKey]*counted{}, elsewhere: map[int64]int{},
	}
}

// Read notes that receipts of tasks were written on this node.
func (c *counts) read(organization int64, tasks []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range tasks {
		if k := c.known[taskKey{organization, id}]; k != nil {
			k.moved = true
		}
	}
}

// readElsewhere notes that another node has written receipts of an organization;
// of 0, that it may have of any.
func (c *counts) readElsewhere(organization int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if organization == 0 {
		c.everywhere++
		return
	}
	c.elsewhere[organization]++
}

func (c *counts) heard(organization int64) int { return c.everywhere + c.elsewhere[organization] }

// of returns what is known of tasks. What receipts came for is counted anew, and
// waited for a moment.
func (c *counts) of(ctx context.Context, organization int64, tasks []int64) map[int64]Count {
	patience := time.NewTimer(countPatience)
	defer patience.Stop()
	for _, pending := range c.request(organization, tasks, countEvery) {
		select {
		case <-pending:
			continue
		case <-patience.C:
		case <-ctx.Done():
		}
		break
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[int64]Count, len(tasks))
	for _, id := range tasks {
		if k := c.known[taskKey{organization, id}]; k != nil {
			all[id] = k.Count
		}
	}
	return all
}

// request has those tasks counted that need it, and returns what tells that they
// are. Nothing is counted more often than every so long.
func (c *counts) request(organization int64, tasks []int64, every time.Duration) (pending []chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trim(len(tasks))
	now := c.now()
	for _, id := range tasks {
		key := taskKey{organization, id}
		k := c.known[key]
		if k == nil {
			k = &counted{}
			c.known[key] = k
		}
		if k.pending == nil && c.due(k, organization, now, every) && c.queue.Offer(key) {
			k.pending = make(chan struct{})
		}
		if k.pending != nil {
			pending = append(pending, k.pending)
		}
	}
	return pending
}

func (c *counts) due(k *counted, organization int64, now time.Time, every time.Duration) bool {
	if k.At.IsZero() {
		return !k.gone
	}
	age, pause := now.Sub(k.At), min(max(every, watchShare*k.took), countEvery)
	return (k.moved || k.heard != c.heard(organization)) && (age >= pause || age < 0)
}

// peek returns what is known of a task, which nobody has counted for this.
func (c *counts) peek(organization, taskID int64) Count {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.known[taskKey{organization, taskID}]; k != nil {
		return k.Count
	}
	return Count{}
}

// trim forgets what was counted when there is too much of it.
func (c *counts) trim(more int) {
	if len(c.known)+more <= countsKept {
		return
	}
	for key, k := range c.known {
		if k.pending == nil {
			delete(c.known, key)
		}
	}
}

// run counts what waits until ctx ends.
func (c *counts) run(ctx context.Context) {
	c.queue.Run(ctx, func(waiting iter.Seq[taskKey]) {
		var counting errgroup.Group
		counting.SetLimit(countsAtOnce)
		for key := range waiting {
			counting.Go(func() error { c.count(ctx, key); return nil })
		}
		_ = counting.Wait() // none of them fails
	})
}

func (c *counts) count(ctx context.Context, key taskKey) {
	at := c.begin(key)
	n, kept, err := c.store.CountRead(ctx, key.organization, key.id)
	if err != nil && ctx.Err() == nil {
		c.log.Warn("task: receipts cannot be counted", "organization", key.organization, "task", key.id, "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.known[key]
	k.took = c.now().Sub(at)
	switch {
	case err != nil:
		k.moved = true
	case kept:
		k.Count = Count{n, at}
	default:
		k.gone, k.Count = true, Count{}
	}
	close(k.pending)
	k.pending = nil
}

// begin notes from when on receipts make a count old.
func (c *counts) begin(key taskKey) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.known[key]
	k.moved, k.heard = false, c.heard(key.organization)
	return c.now().UTC()
}
