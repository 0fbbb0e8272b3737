package account

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// watched are the rows that Ended has read. None of them is wrong while the
// count of endings stands: rows change otherwise only in SeenAt.
type watched struct {
	mu      sync.Mutex
	endings int64
	rows    map[name]*Standing
}

// question is what the rows of several credentials are read by.
type question struct {
	prefix       string
	organization int64
}

// Ended returns those of the viewers whose credential is no longer good. It
// asks the database whether anything has ended anywhere, which is one row, and
// only then for the credentials, one question for each organization and kind.
// Being asked about counts as being used. With an error, viewers whose rows
// could not be read are not among the ended.
func (s *Service) Ended(ctx context.Context, viewers []Viewer) ([]Viewer, error) {
	endings, err := s.store.Endings(ctx)
	if err != nil {
		return nil, fmt.Errorf("account.Ended: %w", err)
	}
	s.watched.mu.Lock()
	defer s.watched.mu.Unlock()
	known := s.watched.rows
	if endings != s.watched.endings {
		known = nil
	}
	rows, unread, err := s.lookAgain(ctx, viewers, known)
	s.watched.endings, s.watched.rows = endings, rows
	var ended []Viewer
	now := s.now()
	for _, v := range viewers {
		switch row := rows[v.name()]; {
		case row == nil && unread[v.question()]:
		case row == nil || !s.good(row, now):
			ended = append(ended, v)
		default:
			s.seen(row)
		}
	}
	return ended, err
}

// lookAgain returns the viewers' rows: those that are known, and the others
// from the database. It also says which questions failed.
func (s *Service) lookAgain(ctx context.Context, viewers []Viewer, known map[name]*Standing) (map[name]*Standing, map[question]bool, error) {
	rows, asked, unread := make(map[name]*Standing, len(viewers)), map[question][]string{}, map[question]bool{}
	now := s.now()
	for _, v := range viewers {
		row := known[v.name()]
		if row != nil && !row.unseen(now) {
			rows[v.name()] = row
			continue
		}
		asked[v.question()] = append(asked[v.question()], v.Credential.ID)
	}
	var failed error
	for q, ids := range asked {
		read, err := s.rows(ctx, q.prefix, q.organization, ids)
		if err != nil {
			unread[q], failed = true, errors.Join(failed, fmt.Errorf("account.Ended: %w", err))
			continue
		}
		for i := range read {
			rows[name{q.prefix, q.organization, read[i].ID}] = &read[i]
		}
	}
	return rows, unread, failed
}

// unseen reports whether it is time to note a session's use; its row tells
// when somebody has.
func (s *Standing) unseen(now time.Time) bool {
	return !s.SeenAt.IsZero() && now.Sub(s.SeenAt) >= SeenEvery
}

func (v Viewer) name() name { return name{v.Credential.prefix(), v.Organization, v.Credential.ID} }

func (v Viewer) question() question { return question{v.Credential.prefix(), v.Organization} }
