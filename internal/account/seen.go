package account

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/queue"
)

// SeenEvery is how often it is noted that a session is in use.
const SeenEvery = time.Hour

const (
	marksWaiting = 1024        // beyond that, a later request brings it up again
	marksAtOnce  = 200         // in one transaction
	marksPause   = time.Minute // after a failure
	marksWithin  = time.Second // a stop waits for it
)

// Seen says that a session was used.
type Seen struct {
	Organization int64
	ID           string
	At           time.Time
}

// marks are sessions to be noted as used. Nobody waits for them.
type marks struct {
	queue *queue.Queue[Seen]

	mu      sync.Mutex
	pending map[name]struct{} // what is in the queue
}

func newMarks() *marks {
	return &marks{queue: queue.New[Seen](marksWaiting), pending: map[name]struct{}{}}
}

func (m Seen) name() name { return name{SessionPrefix, m.Organization, m.ID} }

// seen has a session's use noted, if it is time and there is room.
func (s *Service) seen(row *Standing) {
	now := s.at()
	if !row.unseen(now) {
		return
	}
	mark := Seen{row.Organization, row.ID, now}
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	if _, waits := s.marks.pending[mark.name()]; waits {
		return
	}
	if s.marks.queue.Offer(mark) {
		s.marks.pending[mark.name()] = struct{}{}
	}
}

// Run notes when sessions are used, until ctx ends and what was known by then
// is noted. What cannot be written is logged and brought up again by a later
// use.
func (s *Service) Run(ctx context.Context) {
	s.marks.queue.Run(ctx, func(waiting iter.Seq[Seen]) {
		batch := s.marks.take(waiting)
		err := s.note(ctx, batch)
		if err == nil {
			s.read.drop(namesOf(batch)) // or they would be noted again
			return
		}
		if ctx.Err() == nil {
			s.log.Warn("the use of sessions cannot be noted", "sessions", len(batch), "error", err)
		}
		pause := time.NewTimer(marksPause)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	})
}

// note writes marks, at the end as well.
func (s *Service) note(ctx context.Context, batch []Seen) error {
	if ctx.Err() == nil {
		return s.store.MarkSeen(ctx, batch)
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), marksWithin)
	defer done()
	return s.store.MarkSeen(ctx, batch)
}

func namesOf(batch []Seen) []name {
	names := make([]name, len(batch))
	for i, m := range batch {
		names[i] = m.name()
	}
	return names
}

func (m *marks) take(waiting iter.Seq[Seen]) (batch []Seen) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for mark := range waiting {
		delete(m.pending, mark.name())
		if batch = append(batch, mark); len(batch) == marksAtOnce {
			break
		}
	}
	return batch
}
