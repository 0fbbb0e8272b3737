package review

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// listExamined is how many templates a page of a list looks at.
const listExamined = 500

// Query says which templates a list is of, newest first. Its zero values leave
// nothing out.
type Query struct {
	Kind    template.Kind
	State   State
	Enabled *bool
	Mine    bool   // whose newest version the asker has a part in
	Text    string // a part of the name, in capitals or not, or the id
	Before  Place  // from there on; zero from the newest on
	Limit   int
}

// Place is where a template stands in a list.
type Place struct {
	At time.Time
	ID string
}

// Page is a part of a list. It may hold fewer than asked for, or none, and not be
// the last: a page looks at 500 templates at most.
type Page struct {
	Items []Template
	// Next is the place of the template looked at last; zero when there are no more.
	Next Place
	// ExaminedTo is when that was created; zero when none was looked at.
	ExaminedTo time.Time
}

// All returns templates of all apps of an organization.
func (s *Service) All(ctx context.Context, g policy.Grant, q Query) (Page, error) {
	if err := g.For(policy.TemplatesList); err != nil {
		return Page{}, err
	}
	return s.list(ctx, g, q)
}

// Of returns templates of one app, as far as somebody may see them, as Templates.
func (s *Service) Of(ctx context.Context, g policy.Grant, q Query) (Page, error) {
	if err := g.For(policy.TemplatesRead); err != nil {
		return Page{}, err
	}
	return s.list(ctx, g, q)
}

func (s *Service) list(ctx context.Context, g policy.Grant, q Query) (page Page, err error) {
	of, at := g.Resource(), q.Before
	for examined := 0; examined < listExamined && len(page.Items) < q.Limit; {
		piece := min(max(q.Limit, examined), listExamined-examined)
		rows, err := s.Store.List(ctx, of.Organization, of.App, at, piece+1)
		if err != nil {
			return Page{}, fmt.Errorf("review: list: %w", err)
		}
		taken := 0
		for _, t := range rows[:min(len(rows), piece)] {
			taken, at = taken+1, Place{t.CreatedAt, t.ID}
			seen, ok, err := s.listed(ctx, g, t)
			if err != nil {
				return Page{}, fmt.Errorf("review: list: %w", err)
			}
			if ok && q.matches(g, &seen) {
				page.Items = append(page.Items, seen)
			}
			if len(page.Items) == q.Limit {
				break
			}
		}
		examined += taken
		page.Next, page.ExaminedTo = at, at.At
		if taken == len(rows) {
			page.Next = Place{}
			if taken == 0 {
				page.ExaminedTo = time.Time{}
			}
			return page, nil
		}
	}
	return page, nil
}

// listed is a template as far as somebody may see it.
func (s *Service) listed(ctx context.Context, g policy.Grant, t Template) (Template, bool, error) {
	of := g.Resource()
	of.App = t.AppID
	sees := func(in policy.Case) bool { return g.Asker().Verdict(policy.TemplatesRead, of, in) == policy.Granted }
	switch {
	case sees(policy.Case{Draft: true}):
		return t, true, nil
	case sees(policy.Case{}):
		return s.asReviewer(ctx, t)
	default:
		return Template{}, false, nil
	}
}

func (q *Query) matches(g policy.Grant, t *Template) bool {
	v := &t.Newest
	return (q.Kind == "" || v.Form.Kind == q.Kind) && (q.State == "" || t.State() == q.State) &&
		(q.Enabled == nil || t.Enabled() == *q.Enabled) && (!q.Mine || v.TookPart(g.By().Actor)) &&
		(q.Text == "" || q.Text == t.ID || strings.Contains(strings.ToLower(v.Form.Name), strings.ToLower(q.Text)))
}
