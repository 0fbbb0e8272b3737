package account

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// SeenEvery is how often it is noted that a session is in use.
const SeenEvery = time.Hour

const (
	marksWaiting = 1024        // beyond that, a later request brings it up again
	marksAtOnce  = 200         // in one transaction
	marksPause   = time.Minute // after a failure
)

// Seen says that a session was used.
type Seen struct {
	Organization int64
	ID           string
	At           time.Time
}

// marks are sessions to be noted as used. Nobody waits for them.
type marks struct {
	queue chan Seen

	mu      sync.Mutex
	pending map[name]struct{} // what is in the queue
}

func newMarks() *marks {
	return &marks{queue: make(chan Seen, marksWaiting), pending: map[name]struct{}{}}
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
	select {
	case s.marks.queue <- mark:
		s.marks.pending[mark.name()] = struct{}{}
	default:
	}
}

// Run notes when sessions are used, until ctx ends. What cannot be written is
// logged and brought up again by a later use.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	for {
		batch := s.marks.take(ctx)
		if len(batch) == 0 {
			return
		}
		err := s.store.MarkSeen(ctx, batch)
		if err == nil {
			s.read.drop(namesOf(batch)) // or they would be noted again
			continue
		}
		if ctx.Err() == nil {
			log.Warn("the use of sessions cannot be noted", "sessions", len(batch), "error", err)
		}
		pause := time.NewTimer(marksPause)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

func namesOf(batch []Seen) []name {
	names := make([]name, len(batch))
	for i, m := range batch {
		names[i] = m.name()
	}
	return names
}

// take waits for marks; none when ctx has ended.
func (m *marks) take(ctx context.Context) (batch []Seen) {
	select {
	case <-ctx.Done():
		return nil
	case first := <-m.queue:
		batch = append(batch, first)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(batch) < marksAtOnce && len(m.queue) > 0 {
		batch = append(batch, <-m.queue) // nobody else takes any
	}
	for _, mark := range batch {
		delete(m.pending, mark.name())
	}
	return batch
}
