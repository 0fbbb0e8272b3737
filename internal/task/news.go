package task

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
)

const (
	// newsTold is how many things that happened are told one by one.
	newsTold = 200
	// newsExamined is how many are looked at for somebody who sees few of them.
	newsExamined = 2000
)

// Moved says what a News is about.
type Moved string

// What may have happened to a task.
const (
	MovedSent     Moved = "sent"
	MovedChanged  Moved = "changed" // its status bar is another
	MovedRecalled Moved = "recalled"
)

// News is what one revision did to a task.
type News struct {
	Revision int64
	Moved    Moved
	Task     Task // as it was when it was read
}

// TaskChange is a row of the changes of an organization. Its kind is one of
// notify.Change, or another one after which nothing known before holds.
type TaskChange struct {
	Revision, TaskID int64
	Kind             string
}

// Revision returns the organization's newest: console.follow.
func (s *Service) Revision(ctx context.Context, g policy.Grant) (int64, error) {
	if err := g.For(policy.ConsoleFollow); err != nil {
		return 0, err
	}
	at, err := s.Store.Standing(ctx, g.Resource().Organization)
	if err != nil {
		return 0, fmt.Errorf("task.Revision: %w", err)
	}
	return at.Revision, nil
}

// Since returns what the organization's revisions after one have done to tasks that
// somebody may see, ascending, and the revision up to which that is whole: tasks.list.
// whole is false, and there is no news, where it is more than 200, or lies so far back
// that nobody knows it: whoever knows `after` has to load anew. A task that was
// recalled since it was sent is told as recalled only.
func (s *Service) Since(ctx context.Context, g policy.Grant, after int64) (news []News, through int64, whole bool, err error) {
	if err := g.For(policy.TasksList); err != nil {
		return nil, 0, false, err
	}
	at, err := s.Store.Standing(ctx, g.Resource().Organization)
	if err != nil {
		return nil, 0, false, fmt.Errorf("task.Since: %w", err)
	}
	l := &listing{grant: g, at: at, lookup: s.lookup()}
	most := newsExamined
	if l.seesAll() {
		most = newsTold // revisions have no gaps
	}
	if through = at.Revision; after < 0 || after > through || through-after > int64(most) {
		return nil, through, false, nil
	}
	if after < through {
		news, whole, err = l.since(ctx, after)
	}
	if err != nil {
		return nil, 0, false, fmt.Errorf("task.Since: %w", err)
	}
	return news, through, whole || after == through, nil
}

// since reads sends and changes between a revision and where the organization stands.
func (l *listing) since(ctx context.Context, after int64) (news []News, whole bool, err error) {
	organization := l.grant.Resource().Organization
	span := Span{After: after, Before: l.at.Revision + 1, Ascending: true, Limit: newsTold + 1}
	if !l.seesAll() {
		own := l.grant.By().Ordinal
		span.By = &own
	}
	sent, err := l.Store.Summaries(ctx, organization, span)
	if err != nil || len(sent) > newsTold {
		return nil, false, err
	}
	floor, changes, err := l.Store.ChangesSince(ctx, organization, span)
	if err != nil || len(changes) > newsTold || after < floor {
		return nil, false, err
	}
	for i := range sent {
		if sent[i].RecalledAt.IsZero() {
			if err := l.add(ctx, &news, News{Revision: sent[i].Revision, Moved: MovedSent}, sent[i]); err != nil {
				return nil, false, err
			}
		}
	}
	for _, c := range changes {
		if c.Kind != notify.ChangeRecall && c.Kind != notify.ChangeStatusBar {
			return nil, false, nil
		}
		if err := l.addChange(ctx, &news, c); err != nil {
			return nil, false, err
		}
	}
	slices.SortFunc(news, func(a, b News) int { return cmp.Compare(a.Revision, b.Revision) })
	return news, true, nil
}

func (l *listing) addChange(ctx context.Context, news *[]News, c TaskChange) error {
	s, err := l.Store.Summary(ctx, l.grant.Resource().Organization, c.TaskID)
	if fault.Is(err, fault.CodeTaskUnknown) {
		return nil // no longer kept
	}
	if err != nil {
		return err
	}
	moved := MovedChanged
	if c.Kind == notify.ChangeRecall {
		moved = MovedRecalled
	} else if !s.RecalledAt.IsZero() {
		return nil // the recall is told
	}
	return l.add(ctx, news, News{Revision: c.Revision, Moved: moved}, s)
}

// add adds what is somebody's to see.
func (l *listing) add(ctx context.Context, news *[]News, one News, s Summary) error {
	t, seen, err := l.task(ctx, l.grant.Asker(), s)
	if err != nil || !seen {
		return err
	}
	if t.Dropped = t.Revision < l.at.Floors[t.AgentID]; !t.Dropped {
		t.Count = l.counts.peek(t.Organization, t.TaskID)
	}
	one.Task = t
	*news = append(*news, one)
	return nil
}

// Watch returns how many have read tasks, as far as this node has counted it. What
// receipts came for is counted anew, more often than for a list: every second, and the
// less often the longer it takes. It waits for nothing. Whoever asks has been granted
// tasks.read to each.
func (s *Service) Watch(organization int64, taskIDs []int64) map[int64]Count {
	s.counts.request(organization, taskIDs, watchEvery)
	all := make(map[int64]Count, len(taskIDs))
	for _, id := range taskIDs {
		if one := s.counts.peek(organization, id); !one.At.IsZero() {
			all[id] = one
		}
	}
	return all
}
