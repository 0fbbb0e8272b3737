package notify

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/queue"
)

const (
	// queueBound is how many submissions may wait or be in the making. More
	// wait outside, where their callers' deadlines end them.
	queueBound = 4096
	// batchBound is the most submissions of one transaction.
	batchBound = 256
	// patience is how long a submission waits to be taken.
	patience = 10 * time.Second
)

// A submission waits until it is taken into a transaction or withdrawn by its
// caller, whichever comes first; it cannot be both.
const (
	waits int32 = iota
	taken
	withdrawn
)

type submission struct {
	organization int64
	order        order
	state        atomic.Int32
	refused      error      // the answer, unless it is nil
	done         chan error // one answer
}

// sequencer is the goroutine through which everything passes that takes a
// revision. It groups what has queued up into one transaction.
type sequencer struct {
	deps  Deps
	slots chan struct{}
	queue *queue.Queue[*submission] // with room for every slot
	days  *days

	// Of the goroutine alone:
	lanes  map[int64]*lane
	states map[int64]*orgState
}

func newSequencer(d Deps) *sequencer {
	return &sequencer{
		deps:   d,
		slots:  make(chan struct{}, queueBound),
		queue:  queue.New[*submission](queueBound),
		days:   newDays(d),
		lanes:  map[int64]*lane{},
		states: map[int64]*orgState{},
	}
}

// submit hands an order over and waits for its outcome. A caller whose context
// ends while the order waits withdraws it and is told CodeBusy: nothing was
// and nothing will be committed. Once taken, its outcome is waited for.
func (q *sequencer) submit(ctx context.Context, organization int64, o order) error {
	// A timer, where a context of its own would cost several times as much.
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case q.slots <- struct{}{}:
		defer func() { <-q.slots }()
	case <-ctx.Done():
		return busy(ctx.Err())
	case <-late.C:
		return busy(context.DeadlineExceeded)
	}
	s := &submission{organization: organization, order: o, done: make(chan error, 1)}
	if !q.queue.Offer(s) { // which has room: a withdrawn submission keeps its place until it is skipped
		return fault.New(fault.CodeBusy, "the server is stopping")
	}
	cause := context.DeadlineExceeded
	select {
	case err := <-s.done:
		return err
	case <-ctx.Done():
		cause = ctx.Err()
	case <-late.C:
	}
	if s.state.CompareAndSwap(waits, withdrawn) {
		return busy(cause)
	}
	return <-s.done
}

func busy(cause error) error {
	return fault.New(fault.CodeBusy, "the server is busy, nothing was sent").Because(cause)
}

// run commits what is submitted until ctx ends and everything submitted has its
// answer.
func (q *sequencer) run(ctx context.Context) {
	q.queue.Run(ctx, func(waiting iter.Seq[*submission]) {
		if batch := q.gather(waiting); len(batch) > 0 {
			q.commitOrSplit(batch)
		}
	})
	for _, l := range q.lanes {
		l.finish()
	}
}

// gather takes what has queued up, except for organizations that are being
// retried: those wait in their lane and stop nobody else.
func (q *sequencer) gather(waiting iter.Seq[*submission]) (batch []*submission) {
	for s := range waiting {
		if l := q.lane(s.organization); l != nil {
			l.add(s)
		} else if s.state.CompareAndSwap(waits, taken) {
			batch = append(batch, s)
		}
		if len(batch) >= batchBound {
			break
		}
	}
	return batch
}

// lane returns the organization's lane while it is in use.
func (q *sequencer) lane(organization int64) *lane {
	l := q.lanes[organization]
	if l == nil || !l.ended() {
		return l
	}
	delete(q.lanes, organization)
	q.states[organization] = l.state
	return nil
}

// commitOrSplit commits a batch, or gives each of its organizations a lane of
// its own, side by side: one held row or one poisoned message must not stop
// the others.
func (q *sequencer) commitOrSplit(batch []*submission) {
	states := map[int64]*orgState{}
	for _, s := range batch {
		states[s.organization] = q.state(s.organization)
	}
	err := q.commit(batch, states)
	if err == nil {
		return
	}
	q.failed(batch, err)
	for _, s := range batch {
		l := q.lanes[s.organization]
		if l == nil {
			l = newLane(q, s.organization, q.state(s.organization))
			q.lanes[s.organization] = l
			delete(q.states, s.organization)
		}
		l.failed = append(l.failed, s)
	}
	for organization := range states {
		q.lanes[organization].start()
	}
}

// failed is logged when a batch begins to be retried, and when that is given up.
func (q *sequencer) failed(batch []*submission, err error) {
	if fault.Is(err, fault.CodeStorageFull) {
		return // the store tells of it, once
	}
	q.deps.Log.Warn("transaction failed", "submissions", len(batch), "error", err)
}

func (q *sequencer) state(organization int64) *orgState {
	s := q.states[organization]
	if s == nil {
		s = &orgState{folds: map[int64]*fold{}}
		q.states[organization] = s
	}
	return s
}
