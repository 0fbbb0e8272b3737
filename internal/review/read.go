package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// Templates returns an app's templates, oldest first, of their forms kind and name
// only. Reviewers of other
// organizations see what was submitted only: the newest such version of each.
func (s *Service) Templates(ctx context.Context, g policy.Grant) ([]Template, error) {
	if err := g.For(policy.TemplatesRead); err != nil {
		return nil, err
	}
	of := g.Resource()
	all, err := s.Store.Templates(ctx, of.Organization, of.App)
	if err != nil {
		return nil, fmt.Errorf("review.Templates: %w", err)
	}
	if seesDrafts(g) {
		return all, nil
	}
	seen := all[:0]
	for _, t := range all {
		visible, ok, err := s.asReviewer(ctx, t)
		if err != nil {
			return nil, err
		}
		if ok {
			form := &visible.Newest.Form
			*form = template.Form{Kind: form.Kind, Name: form.Name}
			seen = append(seen, visible)
		}
	}
	return seen, nil
}

// Template returns one of them. Fails with CodeTemplateUnknown.
func (s *Service) Template(ctx context.Context, g policy.Grant, id string) (Template, error) {
	if err := g.For(policy.TemplatesRead); err != nil {
		return Template{}, err
	}
	return s.seen(ctx, g, id)
}

// seen is a template as far as somebody may see it, who has a right to its app.
func (s *Service) seen(ctx context.Context, g policy.Grant, id string) (Template, error) {
	t, err := s.template(ctx, g, id)
	if err != nil || seesDrafts(g) {
		return t, err
	}
	visible, ok, err := s.asReviewer(ctx, t)
	if err == nil && !ok {
		err = Unknown()
	}
	return visible, err
}

func (s *Service) template(ctx context.Context, g policy.Grant, id string) (Template, error) {
	return s.Store.TemplateByID(ctx, g.Resource().Organization, g.Resource().App, id)
}

// seesDrafts reports whether what was not submitted is there for somebody.
func seesDrafts(g policy.Grant) bool { return g.May(policy.TemplatesRead, policy.Case{Draft: true}) }

// asReviewer is a template without its draft; false when there is nothing else.
func (s *Service) asReviewer(ctx context.Context, t Template) (Template, bool, error) {
	if t.Newest.Submitted() {
		return t, true, nil
	}
	if t.Newest.Number == 1 {
		return Template{}, false, nil
	}
	var err error
	t.Newest, err = s.Store.Version(ctx, t.Organization, t.ID, t.Newest.Number-1)
	return t, err == nil, err
}

// Versions returns a template's versions, newest first, of their forms kind and
// name only.
func (s *Service) Versions(ctx context.Context, g policy.Grant, id string) ([]Version, error) {
	if err := g.For(policy.TemplatesRead); err != nil {
		return nil, err
	}
	if _, err := s.template(ctx, g, id); err != nil {
		return nil, err
	}
	all, err := s.Store.Versions(ctx, g.Resource().Organization, id)
	if err != nil {
		return nil, fmt.Errorf("review.Versions: %w", err)
	}
	if !seesDrafts(g) {
		all = slices.DeleteFunc(all, func(v Version) bool { return !v.Submitted() })
		if len(all) == 0 {
			return nil, Unknown()
		}
	}
	return all, nil
}

// Version returns one version, 0 for the newest. Fails with CodeNotFound.
func (s *Service) Version(ctx context.Context, g policy.Grant, id string, number int) (Version, error) {
	if err := g.For(policy.TemplatesRead); err != nil {
		return Version{}, err
	}
	return s.version(ctx, g, id, number)
}

func (s *Service) version(ctx context.Context, g policy.Grant, id string, number int) (Version, error) {
	t, err := s.seen(ctx, g, id)
	if err != nil {
		return Version{}, err
	}
	if number == 0 || number == t.Newest.Number {
		return t.Newest, nil
	}
	if number > t.Newest.Number {
		return Version{}, NoVersion(number)
	}
	return s.Store.Version(ctx, g.Resource().Organization, id, number)
}

// NoVersion is the answer to a version that a template does not have.
func NoVersion(number int) error {
	return fault.New(fault.CodeNotFound, "the template has no version %d", number).WithField("version")
}

// Difference returns in what a version differs from another: from the live one
// when against is 0, where there is none from an empty form. It also returns
// what it was compared with, 0 for the empty form.
func (s *Service) Difference(
	ctx context.Context, g policy.Grant, id string, number, against int,
) (changes []template.Change, with int, err error) {
	after, err := s.Version(ctx, g, id, number)
	if err != nil {
		return nil, 0, err
	}
	if against == 0 {
		t, err := s.template(ctx, g, id)
		if err != nil {
			return nil, 0, err
		}
		against = t.Live
	}
	before := Version{Form: template.Form{Kind: after.Form.Kind}}
	if against > 0 {
		if before, err = s.Version(ctx, g, id, against); err != nil {
			return nil, 0, err
		}
	}
	return template.Difference(&before.Form, &after.Form), against, nil
}

// Log returns every step that a template has taken, oldest first. Reviewers of
// other organizations see none from before a submission, as they see no draft.
func (s *Service) Log(ctx context.Context, g policy.Grant, id string) ([]audit.Entry, error) {
	if err := g.For(policy.TemplatesRead); err != nil {
		return nil, err
	}
	if _, err := s.seen(ctx, g, id); err != nil {
		return nil, err
	}
	all, err := s.Store.Log(ctx, g.Resource().Organization, id)
	if err != nil {
		return nil, fmt.Errorf("review.Log: %w", err)
	}
	if !seesDrafts(g) {
		all = slices.DeleteFunc(all, func(e audit.Entry) bool {
			return e.Action == audit.TemplateCreate || e.Action == audit.TemplateSave || e.Action == audit.TemplateClone || e.Action == audit.TemplateTest ||
				e.Action == audit.TemplateDiscard
		})
	}
	return all, nil
}
