package review

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidings-im/tidings/internal/policy"
)

// Sendable calls each for every template of an app that is sent, with its live version
// as the newest one, until each fails: sends.write, in whichever organization the app
// is installed. of is the app in its own organization. A form is in memory while each
// looks at it.
func (s *Service) Sendable(ctx context.Context, g policy.Grant, of policy.Resource, each func(Template) error) error {
	if err := g.For(policy.SendsWrite); err != nil {
		return err
	}
	if g.Resource().App != of.App {
		return errors.New("review.Sendable: a grant for another app")
	}
	all, err := s.Store.Templates(ctx, of.Organization, of.App)
	if err != nil {
		return fmt.Errorf("review.Sendable: %w", err)
	}
	for _, t := range all {
		if !t.Enabled() {
			continue
		}
		if t.Newest, err = s.Store.Version(ctx, t.Organization, t.ID, t.Live); err != nil {
			return fmt.Errorf("review.Sendable: %w", err)
		}
		if err := each(t); err != nil {
			return err
		}
	}
	return nil
}
