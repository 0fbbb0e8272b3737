package review

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

// movedExamined is how many entries of the audit log are looked at at once. What lies
// behind them is found the next time.
const movedExamined = 500

// Deleted is the state of a template that is gone.
const Deleted State = "deleted"

// Moved is a template that something was done to, and what has become of it.
type Moved struct {
	ID    string
	State State
}

// Logged is what an entry of the audit log says was done.
type Logged struct {
	N       int64 // its place in the organization's log
	Action  audit.Action
	Subject string
}

// LastStep returns the place of the newest entry of an organization's audit log, which
// has an entry for each step with a template: console.follow.
func (s *Service) LastStep(ctx context.Context, g policy.Grant) (int64, error) {
	if err := g.For(policy.ConsoleFollow); err != nil {
		return 0, err
	}
	n, err := s.Store.LastStep(ctx, g.Resource().Organization)
	if err != nil {
		return 0, fmt.Errorf("review.LastStep: %w", err)
	}
	return n, nil
}

// Moved returns the templates of an organization that something was done to after a
// place of its audit log, as far as somebody may see them, and the place up to which
// it has looked: templates.list.
func (s *Service) Moved(ctx context.Context, g policy.Grant, after int64) (moved []Moved, through int64, err error) {
	if err := g.For(policy.TemplatesList); err != nil {
		return nil, 0, err
	}
	organization := g.Resource().Organization
	steps, err := s.Store.Steps(ctx, organization, after, movedExamined)
	if err != nil {
		return nil, 0, fmt.Errorf("review.Moved: %w", err)
	}
	var ids []string
	through = after
	for _, step := range steps {
		through = step.N
		if strings.HasPrefix(string(step.Action), "template.") && step.Action != audit.TemplateTest && !slices.Contains(ids, step.Subject) {
			ids = append(ids, step.Subject)
		}
	}
	templates, err := s.Store.TemplatesByID(ctx, organization, ids)
	if err != nil {
		return nil, 0, fmt.Errorf("review.Moved: %w", err)
	}
	for _, id := range ids {
		i := slices.IndexFunc(templates, func(t Template) bool { return t.ID == id })
		if i < 0 {
			moved = append(moved, Moved{id, Deleted})
			continue
		}
		t, seen, err := s.listed(ctx, g, templates[i])
		if err != nil {
			return nil, 0, fmt.Errorf("review.Moved: %w", err)
		}
		if seen {
			moved = append(moved, Moved{id, t.State()})
		}
	}
	return moved, through, nil
}
