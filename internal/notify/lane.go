package notify

import (
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// laneTries bounds how long a lane waits for a row that somebody else holds:
// longer than a stalled node may hold it.
const laneTries = 5 * time.Second

// lane is where the submissions of one organization are retried after a
// transaction they were part of failed: all together, and if that fails too,
// one by one, so that only what fails again is refused. New submissions of the
// organization wait here until the lane has caught up.
type lane struct {
	q            *sequencer
	organization int64
	state        *orgState
	failed       []*submission // taken, from the transaction that failed

	mu      sync.Mutex
	backlog []*submission
	over    bool
	done    chan struct{}
}

func newLane(q *sequencer, organization int64, state *orgState) *lane {
	return &lane{q: q, organization: organization, state: state, done: make(chan struct{})}
}

func (l *lane) start() { go l.run() }

func (l *lane) run() {
	defer close(l.done)
	batch := l.failed
	l.failed = nil
	for len(batch) > 0 {
		l.commit(batch)
		batch = l.next()
	}
}

// next takes the backlog; the lane is over when there is none.
func (l *lane) next() []*submission {
	l.mu.Lock()
	defer l.mu.Unlock()
	var batch []*submission
	for len(batch) == 0 && len(l.backlog) > 0 {
		n := min(len(l.backlog), batchBound)
		for _, s := range l.backlog[:n] {
			if s.state.CompareAndSwap(waits, taken) {
				batch = append(batch, s)
			}
		}
		l.backlog = l.backlog[n:]
	}
	l.over = len(batch) == 0
	return batch
}

// add puts a submission into the backlog. The caller has asked ended before,
// and only the caller's goroutine adds, but the lane may end in between: then
// it starts over.
func (l *lane) add(s *submission) {
	l.mu.Lock()
	l.backlog = append(l.backlog, s)
	again := l.over
	l.over = false
	l.mu.Unlock()
	if again {
		<-l.done
		l.done = make(chan struct{})
		l.failed = l.next()
		l.start()
	}
}

func (l *lane) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

func (l *lane) finish() { <-l.done }

// commit commits the batch, waiting for the organization's row as long as
// laneTries allows; what fails for another reason is tried one by one.
func (l *lane) commit(batch []*submission) {
	err := l.try(batch)
	if err == nil {
		return
	}
	if len(batch) == 1 || fault.Is(err, fault.CodeBusy) {
		l.q.answer(batch, err)
		return
	}
	for _, s := range batch {
		one := []*submission{s}
		if err := l.try(one); err != nil {
			l.q.answer(one, err)
		}
	}
}

func (l *lane) try(batch []*submission) error {
	states := map[int64]*orgState{l.organization: l.state}
	deadline := time.Now().Add(laneTries)
	// A held row is waited for in the database; one that is away answers at
	// once, and must not be asked without end.
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := l.q.commit(batch, states)
		if fault.Is(err, fault.CodeBusy) && time.Now().Before(deadline) {
			<-time.After(pause)
			continue
		}
		if err != nil {
			l.q.failed(batch, err)
		}
		return err
	}
}
