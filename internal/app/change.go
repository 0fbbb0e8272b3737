package app

import (
	"context"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Every change here is in the organization's audit log, in the transaction that
// makes it: by is who asks for it.

// SetProfile changes what people see of an app. Fails with CodeAppUnknown and
// CodeParameterInvalid.
func (s *Service) SetProfile(ctx context.Context, by audit.By, organization, appID int64, p Profile) error {
	return s.setProfile(ctx, by, organization, appID, p, func(*App) error { return nil })
}

// SaveProfile is SetProfile for somebody who has read an edition of the app. Fails
// with CodeAppChanged too.
func (s *Service) SaveProfile(ctx context.Context, by audit.By, organization, appID, edition int64, p Profile) error {
	return s.setProfile(ctx, by, organization, appID, p, func(a *App) error { return readAs(edition, a.Edition, "edition") })
}

func (s *Service) setProfile(ctx context.Context, by audit.By, organization, appID int64, p Profile, check func(*App) error) error {
	return s.changeApp(ctx, s.entry(by, organization, audit.AppSave, nil), appID, false, func(a *App) (audit.Details, error) {
		if err := check(a); err != nil {
			return nil, err
		}
		before := *a
		err := p.apply(a)
		return audit.Details{"changed": audit.Changed(map[string]bool{
			"name": before.Name != a.Name, "description": before.Description != a.Description, "icon": before.Icon != a.Icon,
			"trusted_hosts": !slices.Equal(before.TrustedHosts, a.TrustedHosts), "page_url": before.PageURL != a.PageURL,
		})}, err
	})
}

// SetGrants changes what an app may be used for. Fails with CodeAppUnknown and
// CodeParameterInvalid.
func (s *Service) SetGrants(ctx context.Context, by audit.By, organization, appID int64, g Grants) error {
	return s.changeApp(ctx, s.entry(by, organization, audit.GrantsSave, nil), appID, false, func(a *App) (audit.Details, error) {
		err := g.apply(a)
		return audit.Details{"send_to_everyone": a.SendToEveryone, "scopes": a.Scopes}, err
	})
}

// DisableApp ends all of an app's tokens and gives no more until EnableApp.
// Fails with CodeAppUnknown.
func (s *Service) DisableApp(ctx context.Context, by audit.By, organization, appID int64) error {
	e := s.entry(by, organization, audit.AppDisable, nil)
	return s.changeApp(ctx, e, appID, true, func(a *App) (audit.Details, error) {
		a.DisabledAt = disabled(a.DisabledAt, e.At)
		return nil, nil
	})
}

// EnableApp undoes DisableApp; tokens from before stay ended. Fails with
// CodeAppUnknown.
func (s *Service) EnableApp(ctx context.Context, by audit.By, organization, appID int64) error {
	return s.changeApp(ctx, s.entry(by, organization, audit.AppEnable, nil), appID, true, func(a *App) (audit.Details, error) {
		a.DisabledAt = time.Time{}
		return nil, nil
	})
}

// EndTokens ends all of an app's tokens; new ones can be taken at once. Fails
// with CodeAppUnknown.
func (s *Service) EndTokens(ctx context.Context, by audit.By, organization, appID int64) error {
	return s.changeApp(ctx, s.entry(by, organization, audit.TokensEnd, nil), appID, true,
		func(*App) (audit.Details, error) { return nil, nil })
}

func (s *Service) changeApp(
	ctx context.Context, e audit.Entry, appID int64, endTokens bool, change func(*App) (audit.Details, error),
) error {
	return s.changed(s.store.ChangeApp(ctx, e.Organization, appID, when(endTokens, e.At), e, change))
}

func (s *Service) changeAgent(ctx context.Context, e audit.Entry, agentID int64, endTokens bool, change func(*Agent)) error {
	return s.changed(s.store.ChangeAgent(ctx, e.Organization, agentID, when(endTokens, e.At), e, func(g *Agent) error {
		change(g)
		return nil
	}))
}

// when is a time, or the zero one.
func when(yes bool, at time.Time) time.Time {
	if !yes {
		return time.Time{}
	}
	return at
}

// SetRange changes whom an installation may reach. Fails with CodeAgentUnknown and
// CodeParameterInvalid.
func (s *Service) SetRange(ctx context.Context, by audit.By, organization, agentID int64, r directory.Range) error {
	r, err := checkRange(r)
	if err != nil {
		return err
	}
	return s.changeAgent(ctx, s.entry(by, organization, audit.RangeSet, rangeDetails(r)), agentID, false, func(g *Agent) { g.Range = r })
}

// rangeDetails is a range without anybody's userid: the log stays when people are
// erased.
func rangeDetails(r directory.Range) audit.Details {
	if r.Everyone {
		return audit.Details{"everyone": true}
	}
	return audit.Details{"departments": r.DeptIDs, "people": len(r.Userids)}
}

// SetRetention sets how long an installation's messages and receipts are kept
// where that differs from its organization. Changes and the audit log are one log
// for the whole organization, so that they cannot differ. Fails with
// CodeAgentUnknown and CodeParameterInvalid.
func (s *Service) SetRetention(ctx context.Context, by audit.By, organization, agentID int64, r policy.Retention) error {
	if err := r.Check(); err != nil {
		return err
	}
	if r.Changes != 0 {
		return fault.New(fault.CodeParameterInvalid, "changes are kept as the organization decides").WithField("changes_days")
	}
	if r.Audit != 0 {
		return fault.New(fault.CodeParameterInvalid, "the audit log is kept as the organization decides").WithField("audit_days")
	}
	e := s.entry(by, organization, audit.RetentionSet, audit.FieldsOf(r))
	return s.changeAgent(ctx, e, agentID, false, func(g *Agent) { g.Retention = r })
}

// DisableAgent ends an installation's tokens and gives no more until
// EnableAgent. Fails with CodeAgentUnknown.
func (s *Service) DisableAgent(ctx context.Context, by audit.By, organization, agentID int64) error {
	e := s.entry(by, organization, audit.AgentDisable, nil)
	return s.changeAgent(ctx, e, agentID, true, func(g *Agent) { g.DisabledAt = disabled(g.DisabledAt, e.At) })
}

// EnableAgent undoes DisableAgent; tokens from before stay ended. Fails with
// CodeAgentUnknown.
func (s *Service) EnableAgent(ctx context.Context, by audit.By, organization, agentID int64) error {
	e := s.entry(by, organization, audit.AgentEnable, nil)
	return s.changeAgent(ctx, e, agentID, true, func(g *Agent) { g.DisabledAt = time.Time{} })
}
