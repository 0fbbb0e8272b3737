package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// Templates writes and reviews the third-party app's templates.
type Templates interface {
	Templates(ctx context.Context, g policy.Grant) ([]review.Template, error)
	Create(ctx context.Context, g policy.Grant, f template.Form) (review.Template, error)
	Submit(ctx context.Context, g policy.Grant, id string, edition int) (review.Template, error)
	Approve(ctx context.Context, g policy.Grant, id string, number int) (review.Template, error)
	Reject(ctx context.Context, g policy.Grant, id string, number int, reason string) (review.Template, error)
}

var _ Templates = (*review.Service)(nil)

// sample is one template of the third-party app.
type sample struct {
	key    string // names it in demo.json and in the description
	form   template.Form
	end    review.State // how far it is brought: Approved, InReview or Rejected
	reason string       // of a rejection
}

// makeTemplates brings every wanted template that is not noted yet to its end, written
// by somebody of the provider and decided by somebody of the other organization,
// as any would be. What becomes of it afterwards is left alone. Where nobody has
// the role any more, which only an administrator can have brought about, it is
// not made.
func (d *Demo) makeTemplates(ctx context.Context, wanted func(sample) bool) error {
	author, writes, err := d.somebody(ctx, d.shown[0], policy.Author)
	if err != nil {
		return err
	}
	reviewer, decides, err := d.somebody(ctx, d.shown[1], policy.Reviewer)
	if err != nil || !writes || !decides {
		return err
	}
	for _, t := range samples() {
		if d.state.Suite.Templates[t.key] != "" || !wanted(t) {
			continue
		}
		desk, err := newDesk(d.o.Templates, author, reviewer, d.suiteApp().Resource())
		if err != nil {
			return err
		}
		d.o.Note(suiteName + ": template " + t.key)
		id, err := desk.bring(ctx, t)
		if err != nil {
			return fmt.Errorf("template %s: %w", t.key, err)
		}
		if d.state.Suite.Templates == nil {
			d.state.Suite.Templates = map[string]string{}
		}
		d.state.Suite.Templates[t.key] = id
		if err := d.state.save(); err != nil {
			return err
		}
	}
	return nil
}

// every and approved choose the templates to make.
func every(sample) bool      { return true }
func approved(t sample) bool { return t.end == review.Approved }

// suiteApp is the third-party app, as far as templates know it.
func (d *Demo) suiteApp() app.App {
	return app.App{Organization: d.shown[0].id, ID: d.state.Suite.ID, Kind: app.ThirdParty}
}

// somebody returns the first person of an organization with a role; false when
// there is none.
func (d *Demo) somebody(ctx context.Context, s *shown, role policy.Role) (policy.Asker, bool, error) {
	users, err := d.activeUsers(ctx, s.id)
	if err != nil {
		return policy.Asker{}, false, err
	}
	for _, u := range users {
		if slices.Contains(u.Roles, string(role)) {
			a, err := d.o.Directory.Asker(ctx, audit.By{Actor: audit.Person(s.id, u.Ordinal)})
			return a, err == nil, err
		}
	}
	return policy.Asker{}, false, nil
}

// desk is where the demo's people write and decide, with the rights that any
// others would need.
type desk struct {
	rooms               Templates
	read, write, decide policy.Grant
}

func newDesk(rooms Templates, author, reviewer policy.Asker, of policy.Resource) (*desk, error) {
	k := &desk{rooms: rooms}
	for _, g := range []struct {
		into  *policy.Grant
		asker policy.Asker
		right policy.Right
	}{
		{&k.read, author, policy.TemplatesRead}, {&k.write, author, policy.TemplatesWrite}, {&k.decide, reviewer, policy.TemplatesReview},
	} {
		var err error
		if *g.into, err = policy.Check(g.asker, g.right, of, review.Unknown()); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// bring makes a template, or takes over the one that a start made and was
// killed before it was noted, and takes the steps that it has still to go.
func (k *desk) bring(ctx context.Context, s sample) (id string, err error) {
	t, err := k.find(ctx, s)
	if err != nil {
		return "", err
	}
	if t.ID == "" {
		if t, err = k.rooms.Create(ctx, k.write, s.form); err != nil {
			return "", err
		}
	}
	if t.Newest.State == review.Draft {
		if t, err = k.rooms.Submit(ctx, k.write, t.ID, 0); err != nil {
			return "", err
		}
	}
	if t.Newest.State == review.InReview {
		switch s.end {
		case review.Approved:
			_, err = k.rooms.Approve(ctx, k.decide, t.ID, t.Newest.Number)
		case review.Rejected:
			_, err = k.rooms.Reject(ctx, k.decide, t.ID, t.Newest.Number, s.reason)
		default:
		}
	}
	return t.ID, err
}

// find returns the template of that name, an empty one when there is none.
func (k *desk) find(ctx context.Context, s sample) (review.Template, error) {
	all, err := k.rooms.Templates(ctx, k.read)
	if err != nil {
		return review.Template{}, err
	}
	for _, t := range all {
		if t.Newest.Form.Name == s.form.Name {
			return t, nil
		}
	}
	return review.Template{}, nil
}
