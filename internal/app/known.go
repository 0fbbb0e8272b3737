package app

import (
	"context"
	"fmt"
	"time"
)

// Known is an app that an organization owns or has installed. Agent is its
// installation there; of an own app that is installed elsewhere only, one of those.
type Known struct {
	App   App
	Agent Agent
	// OldestSecretAt is when the oldest active secret of an own app was made; zero
	// where none is active, and of another organization's app.
	OldestSecretAt time.Time
}

// Here reports whether the app is installed in the organization.
func (k *Known) Here(organization int64) bool { return k.Agent.Organization == organization }

// Enabled reports whether the app may send where it is installed.
func (k *Known) Enabled() bool { return k.App.DisabledAt.IsZero() && k.Agent.DisabledAt.IsZero() }

// Known returns the apps that an organization owns or has installed: its internal
// apps, the third-party apps in it, and its own third-party apps elsewhere. One that
// is installed nowhere is left out.
func (s *Service) Known(ctx context.Context, organization int64) ([]Known, error) {
	known, err := s.here(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("app.Known: %w", err)
	}
	suites, err := s.store.Suites(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("app.Known: %w", err)
	}
	here := map[int64]*Known{}
	for i, k := range known {
		here[k.App.ID] = &known[i]
	}
	var elsewhere []Known
	for _, l := range suites {
		switch k := here[l.App.ID]; {
		case k != nil:
			k.OldestSecretAt = oldestActive(l.Secrets)
		case len(l.Agents) > 0:
			elsewhere = append(elsewhere, Known{l.App, l.Agents[0], oldestActive(l.Secrets)})
		}
	}
	return append(known, elsewhere...), nil
}

// Nowhere returns an organization's own third-party apps that were never installed
// anywhere.
func (s *Service) Nowhere(ctx context.Context, organization int64) ([]Known, error) {
	suites, err := s.store.Suites(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("app.Nowhere: %w", err)
	}
	var apps []Known
	for _, l := range suites {
		if len(l.Agents) == 0 {
			apps = append(apps, Known{App: l.App, OldestSecretAt: oldestActive(l.Secrets)})
		}
	}
	return apps, nil
}

// oldestActive is when the oldest active one of some secrets was made; zero where
// none is active.
func oldestActive(secrets []Secret) (at time.Time) {
	for _, one := range secrets {
		if one.EndedAt.IsZero() && (at.IsZero() || one.CreatedAt.Before(at)) {
			at = one.CreatedAt
		}
	}
	return at
}

// here returns the apps that are installed in an organization.
func (s *Service) here(ctx context.Context, organization int64) ([]Known, error) {
	own, err := s.store.Apps(ctx, organization)
	if err != nil {
		return nil, err
	}
	installed, err := s.store.Installed(ctx, organization)
	if err != nil {
		return nil, err
	}
	known := make([]Known, 0, len(own)+len(installed))
	for _, l := range own {
		known = append(known, Known{l.App, l.Agent, oldestActive(l.Secrets)})
	}
	for _, i := range installed {
		known = append(known, Known{App: i.App, Agent: i.Agent})
	}
	return known, nil
}
