package review

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

// Discard takes the draft away: the version before it, which was submitted, is the
// newest again. edition is as for Save. Fails with CodeTemplateState when there is no
// draft, or no version before it: such a template is deleted.
func (s *Service) Discard(ctx context.Context, g policy.Grant, id string, edition int) (Template, error) {
	if err := g.For(policy.TemplatesWrite); err != nil {
		return Template{}, err
	}
	seen, err := s.template(ctx, g, id)
	if err == nil {
		err = discardable(&seen, edition)
	}
	if err != nil {
		return Template{}, fmt.Errorf("review: discard: %w", err)
	}
	// It was submitted, so it is under the lock what it is now.
	before, err := s.Store.Version(ctx, g.Resource().Organization, id, seen.Newest.Number-1)
	if err != nil {
		return Template{}, fmt.Errorf("review: discard: %w", err)
	}
	return s.write(ctx, g, id, audit.TemplateDiscard, func(t *Template, _ *audit.Entry) (*Version, error) {
		if err := sameDraft(t, seen.Newest.Number); err != nil {
			return nil, err
		}
		if err := discardable(t, edition); err != nil {
			return nil, err
		}
		t.Newest = before
		return nil, nil
	})
}

func discardable(t *Template, edition int) error {
	switch {
	case t.Newest.State != Draft:
		return wrongState(t, "there is no draft")
	case t.Newest.Number == 1:
		return wrongState(t, "there is no version before it; delete the template")
	default:
		return unchanged(t, edition)
	}
}
