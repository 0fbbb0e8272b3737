package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// InstallationStore changes an installation together with its app.
type InstallationStore interface {
	// ChangeInstallation locks an app and one of its installations, lets change alter
	// their copies, stores those and records the entries that change returns. The app
	// is stored where it belongs to the organization. Fails with CodeAgentUnknown, and
	// with what change returns.
	ChangeInstallation(ctx context.Context, organization, agentID int64, change func(*App, *Agent) ([]audit.Entry, error)) error
}

// Find returns an app that an organization has installed or owns, by the agent id of
// its installation there, or by its key. The Agent is zero where it is not
// installed there. Fails with CodeAgentUnknown.
func (s *Service) Find(ctx context.Context, organization int64, named string) (Known, error) {
	here, err := s.here(ctx, organization)
	if err != nil {
		return Known{}, fmt.Errorf("app.Find: %w", err)
	}
	for _, k := range here {
		if named == strconv.FormatInt(k.Agent.ID, 10) || named == k.App.Key {
			return k, nil
		}
	}
	suites, err := s.store.Suites(ctx, organization)
	if err != nil {
		return Known{}, fmt.Errorf("app.Find: %w", err)
	}
	for _, l := range suites {
		elsewhere := func(g Agent) bool { return named == strconv.FormatInt(g.ID, 10) }
		if named == l.App.Key || slices.ContainsFunc(l.Agents, elsewhere) {
			return Known{App: l.App}, nil
		}
	}
	return Known{}, fault.New(fault.CodeAgentUnknown, "there is no such app").WithField("agent_id")
}

// readAs refuses a change by somebody who has not read what is there now.
func readAs(edition, now int64, field string) error {
	if edition == now {
		return nil
	}
	return fault.New(fault.CodeAppChanged, "somebody has changed the app since: it is edition %d, not %d", now, edition).WithField(field)
}

// read refuses a change by somebody who has not read the installation as it is.
func (g *Agent) read(edition int64) error { return readAs(edition, g.Edition, "agent_edition") }

// SaveRange is SetRange for somebody who has read an edition of the installation.
// Fails with CodeAppChanged too.
func (s *Service) SaveRange(ctx context.Context, by audit.By, organization, agentID, edition int64, r directory.Range) error {
	r, err := checkRange(r)
	if err != nil {
		return err
	}
	e := s.entry(by, organization, audit.RangeSet, rangeDetails(r))
	return s.changed(s.store.ChangeAgent(ctx, organization, agentID, when(false, e.At), e, func(g *Agent) error {
		g.Range = r
		return g.read(edition)
	}))
}

// Granted is all that an installation is allowed.
type Granted struct {
	Grants
	DirectSend bool // send without a template; always true of an internal app
	Composers  Composers
}

// Granted is what an app is allowed where it is installed.
func (k *Known) Granted() Granted {
	return Granted{
		Grants:     Grants{SendToEveryone: k.App.SendToEveryone && k.App.Kind == Internal, Scopes: GrantedScopes(k.App.Scopes, k.Agent.Scopes)},
		DirectSend: k.Agent.DirectSend || k.App.Kind == Internal, Composers: k.Agent.Composers,
	}
}

// SaveGranted changes what an installation is allowed, for somebody who has read an
// edition of it. The log has an entry for each of the three that is another one then.
// Fails with CodeAgentUnknown, CodeAppChanged and CodeParameterInvalid.
func (s *Service) SaveGranted(ctx context.Context, by audit.By, organization, agentID, edition int64, to Granted) error {
	var err error
	if to.Composers, err = to.Composers.clean(); err != nil {
		return err
	}
	return s.changed(s.store.ChangeInstallation(ctx, organization, agentID, func(a *App, g *Agent) ([]audit.Entry, error) {
		if err := g.read(edition); err != nil {
			return nil, err
		}
		before := (&Known{App: *a, Agent: *g}).Granted()
		if err := to.grant(a, g); err != nil {
			return nil, err
		}
		after := (&Known{App: *a, Agent: *g}).Granted()
		var entries []audit.Entry
		record := func(action audit.Action, d audit.Details) {
			e := s.entry(by, organization, action, d)
			e.Subject = strconv.FormatInt(agentID, 10)
			entries = append(entries, e)
		}
		if before.SendToEveryone != after.SendToEveryone || !slices.Equal(before.Scopes, after.Scopes) {
			record(audit.GrantsSave, audit.Details{"send_to_everyone": after.SendToEveryone, "scopes": after.Scopes})
		}
		if before.DirectSend != after.DirectSend {
			record(directSend(after.DirectSend), nil)
		}
		if !slices.Equal(before.Composers.DeptIDs, after.Composers.DeptIDs) || !slices.Equal(before.Composers.Ordinals, after.Composers.Ordinals) {
			record(audit.ComposersSave, after.Composers.details())
		}
		return entries, nil
	}))
}

// grant changes an installation and, where it is the only one, its app.
func (to Granted) grant(a *App, g *Agent) error {
	g.Composers = to.Composers
	if a.Kind == Internal {
		if !to.DirectSend {
			return fault.New(fault.CodeParameterInvalid, "an internal app may always send without a template").WithField("direct_send")
		}
		return to.apply(a)
	}
	if to.SendToEveryone {
		return fault.New(fault.CodeParameterInvalid, "a third-party app cannot send to everyone").WithField("send_to_everyone")
	}
	if err := a.asksFor(to.Scopes); err != nil {
		return err
	}
	g.Scopes, g.DirectSend = sorted(to.Scopes), to.DirectSend
	return nil
}

// asksFor refuses scopes that an app does not ask for.
func (a *App) asksFor(scopes []string) error {
	for _, scope := range scopes {
		if !slices.Contains(a.Scopes, scope) {
			return fault.New(fault.CodeParameterInvalid, "the app does not ask for the scope %q", scope).WithField("scopes")
		}
	}
	return nil
}

// SwitchApp switches an app on or off where it is installed: an internal one as
// DisableApp and EnableApp do, another one there alone. Fails with CodeAgentUnknown.
func (s *Service) SwitchApp(ctx context.Context, by audit.By, organization int64, k Known, on bool) error {
	switch {
	case k.App.Kind == Internal && on:
		return s.EnableApp(ctx, by, organization, k.App.ID)
	case k.App.Kind == Internal:
		return s.DisableApp(ctx, by, organization, k.App.ID)
	case on:
		return s.EnableAgent(ctx, by, organization, k.Agent.ID)
	default:
		return s.DisableAgent(ctx, by, organization, k.Agent.ID)
	}
}
