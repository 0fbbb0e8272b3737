package app

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/policy"
)

// ByHand is an app in use that somebody may send with by hand.
type ByHand struct {
	App      App
	Agent    Agent
	Direct   bool // messages of their own
	Template bool // by template
	Everyone bool // to everyone at once
}

// ByHand returns the apps in use that somebody may send with by hand, as they are
// installed in their organization.
func (s *Service) ByHand(ctx context.Context, asker policy.Asker) ([]ByHand, error) {
	if !asker.Anywhere(policy.SendsWrite) {
		return nil, nil
	}
	organization := asker.By.Organization
	known, err := s.Known(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("app.ByHand: %w", err)
	}
	o, err := s.directory.Organization(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("app.ByHand: %w", err)
	}
	var usable []ByHand
	for _, k := range known {
		of := k.App.InstalledIn(organization)
		if !k.Here(organization) || !k.Enabled() || asker.Verdict(policy.SendsWrite, of, policy.Case{}) != policy.Granted {
			continue
		}
		c, err := (&Standing{App: k.App, Agent: k.Agent, Limits: o.Limits}).caller()
		if err != nil {
			return nil, fmt.Errorf("app.ByHand: %w", err)
		}
		one := ByHand{
			App: k.App, Agent: k.Agent, Everyone: c.SendToEveryone && asker.Verdict(policy.SendsEveryone, of, policy.Case{}) == policy.Granted,
			Direct: policy.MayCompose(c.ThirdParty, c.DirectSend, c.Limits), Template: policy.MayUseTemplates(c.ThirdParty, c.Limits),
		}
		if c.Require(ScopeSend) == nil && (one.Direct || one.Template) {
			usable = append(usable, one)
		}
	}
	return usable, nil
}
