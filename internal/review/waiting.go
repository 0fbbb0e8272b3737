package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// MaxCounted is where counting what waits stops. Counting is what costs more the more
// wait, because it looks at an index entry for each: so much, and no more.
const MaxCounted = 10_000

// Waiting is a template with a version in review.
type Waiting struct {
	Template Template
	App      string // its app's name
	Provider string // name of the organization it belongs to
	AgentID  int64  // one of the app's installations, by which it is asked about; 0 when there is none
	AppKey   string // the app's key, by which it is asked about otherwise
	Changes  int    // fields that differ from the live version's, where there is one
	// Position is its place among all that waits for whoever asks, from 1; 0 where
	// MaxCounted or more wait longer.
	Position int
}

// Resource returns what its app is to the table of rights.
func (w *Waiting) Resource() policy.Resource {
	return policy.Resource{Organization: w.Template.Organization, App: w.Template.AppID, ThirdParty: w.Template.ThirdParty}
}

// place is where it stands among what waits: the longest first, whatever else waits.
func (w *Waiting) place() Place { return Place{w.Template.Newest.SubmittedAt, w.Template.ID} }

func (p Place) compare(other Place) int {
	return cmp.Or(p.At.Compare(other.At), strings.Compare(p.ID, other.ID))
}

// Area is a part of what waits that is looked through by itself: that of all apps
// of one kind, of some organizations.
type Area struct {
	ThirdParty   bool
	Organization int64       // whose apps; 0 for those of every organization
	Except       int64       // not this one's, where Organization is 0
	Without      audit.Actor // leaves out what they took part in; nobody leaves out nothing
}

// areas are what somebody may review, by the table of rights.
func areas(a policy.Asker) (list []Area) {
	ours := a.By.Organization
	for _, third := range []bool{false, true} {
		may := func(organization int64, in policy.Case) bool {
			of := policy.Resource{Organization: organization, App: policy.AnyApp, ThirdParty: third}
			return a.Verdict(policy.TemplatesReview, of, in) == policy.Granted
		}
		here, elsewhere := may(ours, policy.Case{}), may(0, policy.Case{})
		area := Area{ThirdParty: third}
		switch {
		case here && !elsewhere:
			area.Organization = ours
		case !here && elsewhere:
			area.Except = ours
		case !here:
			continue
		}
		if !may(area.Organization, policy.Case{TookPart: true}) {
			area.Without = a.By.Actor
		}
		list = append(list, area)
	}
	return list
}

// WaitingQuery says which part of what waits is asked for.
type WaitingQuery struct {
	After  Place // WaitingPage.Next of another page
	Before Place // WaitingPage.Previous of another page; the zero of both is for the first page
	Limit  int   // from 1
	// Around is a template's id: only that review, the one before it and the one after
	// it, or nothing where it does not wait. The others say nothing then.
	Around string
}

// WaitingPage is a part of what waits.
type WaitingPage struct {
	Items []Waiting
	Count int // of all that waits, on whichever page; counting stops at MaxCounted
	// Previous and Next go into WaitingQuery.Before and After; zero where nothing waits
	// longer, or less long.
	Previous, Next Place
}

// Waiting returns what somebody may review, longest first, of forms kind and name
// only: reviews.read. What is on a page is found by an index and costs the same however
// many wait; WaitingPage.Count and Waiting.Position cost more up to MaxCounted.
func (s *Service) Waiting(ctx context.Context, g policy.Grant, q WaitingQuery) (WaitingPage, error) {
	if err := g.For(policy.ReviewsRead); err != nil {
		return WaitingPage{}, err
	}
	look := waitingLook{s, g, areas(g.Asker())}
	page, err := look.page(ctx, q)
	if err != nil {
		return WaitingPage{}, fmt.Errorf("review.Waiting: %w", err)
	}
	return page, nil
}

// CountWaiting returns how many templates somebody may review: reviews.read. Counting
// stops at MaxCounted.
func (s *Service) CountWaiting(ctx context.Context, g policy.Grant) (int, error) {
	if err := g.For(policy.ReviewsRead); err != nil {
		return 0, err
	}
	n, err := (&waitingLook{s, g, areas(g.Asker())}).count(ctx, Place{})
	if err != nil {
		return 0, fmt.Errorf("review.CountWaiting: %w", err)
	}
	return n, nil
}

// waitingLook looks through what waits for somebody.
type waitingLook struct {
	*Service
	grant policy.Grant
	areas []Area
}

func (l *waitingLook) page(ctx context.Context, q WaitingQuery) (page WaitingPage, err error) {
	if page.Count, err = l.count(ctx, Place{}); err != nil {
		return page, err
	}
	rows, more, err := l.part(ctx, q)
	if err != nil || len(rows) == 0 {
		return page, err
	}
	longer, err := l.count(ctx, rows[0].place())
	if err != nil {
		return page, err
	}
	if q.Around == "" {
		first, last := rows[0].place(), rows[len(rows)-1].place()
		if longer > 0 {
			page.Previous = first
		}
		if more {
			page.Next = last
		}
	}
	for i := range rows {
		if longer < MaxCounted {
			rows[i].Position = longer + i + 1
		}
	}
	page.Items, err = l.compare(ctx, rows)
	return page, err
}

// part reads what is asked for, without forms, and whether more waits behind it.
func (l *waitingLook) part(ctx context.Context, q WaitingQuery) (rows []Waiting, more bool, err error) {
	switch {
	case q.Around != "":
		rows, err = l.around(ctx, q.Around)
		return rows, false, err
	case q.Before != (Place{}):
		if rows, err = l.beside(ctx, q.Before, true, q.Limit); err != nil || len(rows) == 0 {
			return nil, false, err
		}
		next, err := l.beside(ctx, rows[len(rows)-1].place(), false, 1)
		return rows, len(next) > 0, err
	default:
		rows, err = l.beside(ctx, q.After, false, q.Limit+1)
		more = len(rows) > q.Limit
		return rows[:min(len(rows), q.Limit)], more, err
	}
}

// around reads what waits with an id, and its neighbours.
func (l *waitingLook) around(ctx context.Context, id string) ([]Waiting, error) {
	here, found, err := l.Store.WaitingByID(ctx, id)
	if err != nil || !found || !l.mayDecide(&here) {
		return nil, err
	}
	before, err := l.beside(ctx, here.place(), true, 1)
	if err != nil {
		return nil, err
	}
	after, err := l.beside(ctx, here.place(), false, 1)
	return slices.Concat(before, []Waiting{here}, after), err
}

// beside reads what waits next to a place, longest first: after it, or before it when
// back. The zero Place is before all.
func (l *waitingLook) beside(ctx context.Context, at Place, back bool, limit int) (all []Waiting, err error) {
	for _, of := range l.areas {
		rows, err := l.Store.Waiting(ctx, of, at, back, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, func(a, b Waiting) int { return a.place().compare(b.place()) })
	if back {
		return all[max(len(all)-limit, 0):], nil
	}
	return all[:min(len(all), limit)], nil
}

// count is how many wait before a place, of all for the zero Place, up to MaxCounted.
func (l *waitingLook) count(ctx context.Context, before Place) (n int, err error) {
	for _, of := range l.areas {
		more, err := l.Store.CountWaiting(ctx, of, before, MaxCounted)
		if err != nil {
			return 0, err
		}
		n += more
	}
	return min(n, MaxCounted), nil
}

func (l *waitingLook) mayDecide(w *Waiting) bool {
	in := policy.Case{TookPart: w.Template.Newest.TookPart(l.grant.By().Actor)}
	return l.grant.Asker().Verdict(policy.TemplatesReview, w.Resource(), in) == policy.Granted
}

// compare reads the forms of what waits and counts what is changed in each. It leaves out
// what waits no more.
func (l *waitingLook) compare(ctx context.Context, rows []Waiting) (there []Waiting, err error) {
	ids, changes := make([]string, len(rows)), map[string]int{}
	templates := map[string]Template{}
	for i := range rows {
		ids[i] = rows[i].Template.ID
	}
	err = l.Store.EachWaiting(ctx, ids, func(t Template, live *template.Form) {
		form := &t.Newest.Form
		if t.Live > 0 {
			changes[t.ID] = len(template.Difference(live, form))
		}
		*form = template.Form{Kind: form.Kind, Name: strings.Clone(form.Name)}
		templates[t.ID] = t
	})
	for _, w := range rows {
		t, waits := templates[w.Template.ID]
		if waits && t.Newest.Number == w.Template.Newest.Number {
			w.Template, w.Changes = t, changes[t.ID]
			there = append(there, w)
		}
	}
	return there, err
}
