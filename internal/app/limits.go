package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

// AgentLimits is the limits of an installation, and where they come from.
type AgentLimits struct {
	Values       policy.Limits // in force
	Organization policy.Limits // without what was decided for the app
	Preset       policy.Limits // without what the organization decided either
	Own          json.RawMessage
}

// Limits returns the limits of an app where it is installed.
func (s *Service) Limits(ctx context.Context, a App, g Agent) (l AgentLimits, err error) {
	o, err := s.directory.Organization(ctx, g.Organization)
	if err == nil {
		l.Preset, err = policy.ForPreset(o.Limits.Preset, a.Kind == ThirdParty)
	}
	if err == nil {
		l.Organization, l.Own = limitsFor(a, o.Limits), g.Overrides
		l.Values, err = overridden(l.Organization, g.Overrides)
	}
	if err != nil {
		return l, fmt.Errorf("app.Limits: %w", err)
	}
	return l, nil
}

// limitsFor are an organization's limits for an app.
func limitsFor(a App, l policy.Limits) policy.Limits {
	if a.Kind == ThirdParty {
		return l.ForThirdParty()
	}
	return l
}

// SetLimits sets the limits in which an installation differs from its
// organization: a JSON object with some of the fields of policy.Limits, or
// nothing. A limit of 0 is given, and means none. Fails with CodeAgentUnknown
// and CodeParameterInvalid, which names the limit.
func (s *Service) SetLimits(ctx context.Context, by audit.By, organization, agentID int64, overrides json.RawMessage) error {
	return s.setLimits(ctx, by, organization, agentID, overrides, func(*Agent) error { return nil })
}

// SaveLimits is SetLimits for somebody who has read an edition of the installation.
// Fails with CodeAppChanged too.
func (s *Service) SaveLimits(ctx context.Context, by audit.By, organization, agentID, edition int64, overrides json.RawMessage) error {
	return s.setLimits(ctx, by, organization, agentID, overrides, func(g *Agent) error { return g.read(edition) })
}

func (s *Service) setLimits(ctx context.Context, by audit.By, organization, agentID int64, overrides json.RawMessage, check func(*Agent) error) error {
	overrides, err := checkOverrides(overrides)
	if err != nil {
		return err
	}
	e := s.entry(by, organization, audit.LimitsSave, audit.FieldsOf(overrides))
	return s.changed(s.store.ChangeAgent(ctx, organization, agentID, when(false, e.At), e, func(g *Agent) error {
		if err := check(g); err != nil {
			return err
		}
		g.Overrides = overrides
		return nil
	}))
}

// ChangedLimits returns an installation's own limits with those replaced that change
// names; null takes one back: the organization's limit holds again. Fails with
// CodeParameterInvalid.
func (g Agent) ChangedLimits(change json.RawMessage) (json.RawMessage, error) {
	own := map[string]json.RawMessage{}
	if len(g.Overrides) > 0 {
		if err := json.Unmarshal(g.Overrides, &own); err != nil {
			return nil, fmt.Errorf("limits of agent %d: %w", g.ID, err)
		}
	}
	given, err := limitsIn(change)
	if err != nil {
		return nil, err
	}
	for name, value := range given {
		own[name] = value
		if string(value) == "null" {
			delete(own, name)
		}
	}
	return json.Marshal(own)
}
