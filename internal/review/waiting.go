package review

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// Waiting is a template with a version in review.
type Waiting struct {
	Template Template
	App      string // its app's name
	Internal bool   // whether that is an internal app
	Provider string // name of the organization it belongs to
	AgentID  int64  // one of the app's installations, by which it is asked about; 0 when there is none
	Changes  int    // fields that differ from the live version's, where there is one
	Position int    // its place among all that waits for whoever asks, from 1
}

// Resource returns what its app is to the table of rights.
func (w *Waiting) Resource() policy.Resource {
	return policy.Resource{Organization: w.Template.Organization, App: w.Template.AppID, ThirdParty: !w.Internal}
}

// place is where it stands among what waits: the longest first, whatever else waits.
func (w *Waiting) place() string {
	return fmt.Sprintf("%015d-%s", w.Template.Newest.SubmittedAt.UnixMilli(), w.Template.ID)
}

// WaitingQuery says which part of what waits is asked for.
type WaitingQuery struct {
	After     string // WaitingPage.Next of another page; "" for the first
	Limit     int    // 0 for all
	Installed bool   // only of apps that are installed somewhere
	// Around is a template's id: only that review, the one before it and the one after
	// it, or nothing where it does not wait. After and Limit say nothing then.
	Around string
}

// WaitingPage is a part of what waits.
type WaitingPage struct {
	Items []Waiting
	Count int    // of all that waits, on whichever page
	Next  string // goes into WaitingQuery.After; "" on the last page
}

// Waiting returns what somebody may review, longest first, of forms kind and name
// only. What waits is looked through without its forms; they are read for a page.
func (s *Service) Waiting(ctx context.Context, g policy.Grant, q WaitingQuery) (WaitingPage, error) {
	if err := g.For(policy.ReviewsRead); err != nil {
		return WaitingPage{}, err
	}
	mine, err := s.waitingFor(ctx, g, q.Installed)
	if err != nil {
		return WaitingPage{}, fmt.Errorf("review.Waiting: %w", err)
	}
	slices.SortFunc(mine, func(a, b Waiting) int { return strings.Compare(a.place(), b.place()) })
	from, to := q.part(mine)
	page := WaitingPage{Count: len(mine)}
	if q.Around == "" && to < len(mine) {
		page.Next = mine[to-1].place()
	}
	for i := from; i < to; i++ {
		w := mine[i]
		w.Position = i + 1
		there, err := s.compare(ctx, &w)
		if err != nil {
			return WaitingPage{}, fmt.Errorf("review.Waiting: %w", err)
		}
		if there {
			page.Items = append(page.Items, w)
		}
	}
	return page, nil
}

// part is what is asked for of all that waits: from one index up to another.
func (q *WaitingQuery) part(all []Waiting) (from, to int) {
	if q.Around != "" {
		at := slices.IndexFunc(all, func(w Waiting) bool { return w.Template.ID == q.Around })
		if at < 0 {
			return 0, 0
		}
		return max(at-1, 0), min(at+2, len(all))
	}
	if q.After != "" {
		from = sort.Search(len(all), func(i int) bool { return all[i].place() > q.After })
	}
	if q.Limit > 0 {
		return from, min(from+q.Limit, len(all))
	}
	return from, len(all)
}

// CountWaiting returns how many of the installed apps' templates somebody may review:
// reviews.read.
func (s *Service) CountWaiting(ctx context.Context, g policy.Grant) (int, error) {
	if err := g.For(policy.ReviewsRead); err != nil {
		return 0, err
	}
	mine, err := s.waitingFor(ctx, g, true)
	if err != nil {
		return 0, fmt.Errorf("review.CountWaiting: %w", err)
	}
	return len(mine), nil
}

// waitingFor is what waits for somebody, in any order.
func (s *Service) waitingFor(ctx context.Context, g policy.Grant, installed bool) ([]Waiting, error) {
	all, err := s.Store.Waiting(ctx)
	return slices.DeleteFunc(all, func(w Waiting) bool {
		in := policy.Case{TookPart: w.Template.Newest.TookPart(g.By().Actor)}
		return installed && w.AgentID == 0 || g.Asker().Verdict(policy.TemplatesReview, w.Resource(), in) != policy.Granted
	}), err
}

// compare reads the form of what waits and counts what is changed in it; false when
// it waits no more.
func (s *Service) compare(ctx context.Context, w *Waiting) (bool, error) {
	t, err := s.Store.TemplateByID(ctx, w.Template.Organization, w.Template.AppID, w.Template.ID)
	if fault.Is(err, fault.CodeTemplateUnknown) || err == nil && (t.Newest.State != InReview || t.Newest.Number != w.Template.Newest.Number) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if t.Live > 0 {
		live, err := s.Store.Version(ctx, t.Organization, t.ID, t.Live)
		if err != nil {
			return false, err
		}
		w.Changes = len(template.Difference(&live.Form, &t.Newest.Form))
	}
	form := &t.Newest.Form
	*form = template.Form{Kind: form.Kind, Name: strings.Clone(form.Name)}
	w.Template = t
	return true, nil
}
