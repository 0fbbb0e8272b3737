package main

import (
	"fmt"
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

type suiteCmd struct {
	Create     suiteCreateCmd     `cmd:"" help:"Create a third-party app whose provider is the organization, and print the suite secret, which is never shown again."`
	List       suiteListCmd       `cmd:"" help:"List the organization's third-party apps, and where they are installed."`
	Secret     suiteSecretCmd     `cmd:"" help:"Add and end suite secrets; the limit is 2 active ones."`
	Ticket     suiteTicketCmd     `cmd:"" help:"Show an app's suite ticket, or replace it."`
	Redirect   suiteRedirectCmd   `cmd:"" help:"Declare where people may be sent back to who sign in to an app's program."`
	Install    suiteInstallCmd    `cmd:"" help:"Install an app in another organization, or change what it may do there."`
	Installed  suiteInstalledCmd  `cmd:"" help:"List the third-party apps installed in the organization."`
	Uninstall  suiteUninstallCmd  `cmd:"" help:"Uninstall an app from the organization: the app's tokens there stop working. What it has sent stays."`
	DirectSend suiteDirectSendCmd `cmd:"" name:"direct-send" help:"Let an installed app send to the organization without a template, or no longer."`
}

type suiteView struct {
	Name        string             `json:"name"`
	SuiteKey    string             `json:"suite_key"`
	SuiteSecret string             `json:"suite_secret,omitempty"` // only right after it was made
	SuiteTicket string             `json:"suite_ticket,omitempty"`
	AnyTicket   bool               `json:"any_ticket"`
	Scopes      []string           `json:"scopes"`
	Disabled    bool               `json:"disabled"`
	Secrets     []secretView       `json:"secrets,omitempty"`
	Installed   []installationView `json:"installed,omitempty"`
}

type installationView struct {
	CorpID     string   `json:"corp_id"`
	AgentID    int64    `json:"agent_id"`
	Scopes     []string `json:"scopes"`
	DirectSend bool     `json:"direct_send"`
	Disabled   bool     `json:"disabled"`

	Range rangeView `json:"range"`
}

func viewInstallation(corpID string, g app.Agent, asked []string) installationView {
	scopes := g.Scopes
	if scopes == nil {
		scopes = asked
	}
	return installationView{CorpID: corpID, AgentID: g.ID, Scopes: scopes, DirectSend: g.DirectSend, Disabled: !g.DisabledAt.IsZero(), Range: viewRange(g.Range)}
}

type suiteCreateCmd struct {
	Name        string   `arg:"" help:"Name shown on every message of the app."`
	Description string   `name:"description" help:"What it is for."`
	PageURL     string   `name:"page-url" placeholder:"URL" help:"Web page that links to the app's mini program (eapp://) open."`
	Scopes      []string `name:"scope" placeholder:"SCOPE" help:"A scope the app asks for: work_notification.send, work_notification.result, media.upload, contacts.read or contacts.write; may be repeated, the first three when not given."`
	AnyTicket   bool     `name:"any-ticket" help:"Accept every suite ticket, for tests."`
}

func (c *suiteCreateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		n := app.NewApp{Name: c.Name, Description: c.Description, PageURL: c.PageURL, Scopes: c.Scopes}
		a, secret, err := s.rooms.Apps.CreateThirdParty(s.ctx, audit.ByOperator(), o.ID, n, c.AnyTicket)
		if err != nil {
			return err
		}
		ticket, err := s.rooms.Apps.Ticket(s.ctx, o.ID, a.ID)
		if err != nil {
			return err
		}
		v := suiteView{Name: a.Name, SuiteKey: a.Key, SuiteSecret: secret, SuiteTicket: ticket, AnyTicket: c.AnyTicket, Scopes: a.Scopes}
		return s.done(v, "created third-party app %s\nsuite key     %s\nsuite secret  %s\nsuite ticket  %s", a.Name, a.Key, secret, ticket)
	})
}

type suiteListCmd struct{}

func (c *suiteListCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Apps.Suites(s.ctx, o.ID)
		if err != nil {
			return err
		}
		views, rows := []suiteView{}, [][]string{}
		for _, l := range all {
			v := suiteView{Name: l.App.Name, SuiteKey: l.App.Key, AnyTicket: l.AnyTicket, Scopes: l.App.Scopes, Disabled: !l.App.DisabledAt.IsZero()}
			v.Secrets = viewSecrets(l.Secrets)
			var where []string
			for _, g := range l.Agents {
				if !g.UninstalledAt.IsZero() {
					continue
				}
				in, err := s.rooms.Directory.Organization(s.ctx, g.Organization)
				if err != nil {
					return err
				}
				v.Installed = append(v.Installed, viewInstallation(in.CorpID, g, l.App.Scopes))
				where = append(where, fmt.Sprintf("%s=%d", in.CorpID, g.ID))
			}
			views = append(views, v)
			rows = append(rows, []string{v.SuiteKey, v.Name, yesNo(!v.Disabled), activeSecrets(v.Secrets), strings.Join(where, " ")})
		}
		return s.show(views, func() {
			table(s.out, []string{"SUITE KEY", "NAME", "ENABLED", "ACTIVE SECRETS", "INSTALLED (CORP ID=AGENT ID)"}, rows)
		})
	})
}

type suiteArg struct {
	Suite string `arg:"" help:"Suite key."`
}

// inSuite runs work with the provider's app that was named.
func (a *suiteArg) inSuite(e *environment, work func(*session, directory.Organization, app.App) error) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Apps.Suites(s.ctx, o.ID)
		if err != nil {
			return err
		}
		for _, l := range all {
			if a.Suite == l.App.Key {
				return work(s, o, l.App)
			}
		}
		return fault.New(fault.CodeAppUnknown, "organization %s has no third-party app with key %q", o.CorpID, a.Suite)
	})
}

type suiteTicketCmd struct {
	suiteArg
	New bool `name:"new" help:"Replace the ticket; the one before is not accepted any more."`
}

type ticketView struct {
	SuiteKey    string `json:"suite_key"`
	SuiteTicket string `json:"suite_ticket"`
}

func (c *suiteTicketCmd) Run(e *environment) error {
	return c.inSuite(e, func(s *session, o directory.Organization, a app.App) error {
		var ticket string
		var err error
		if c.New {
			ticket, err = s.rooms.Apps.NewTicket(s.ctx, audit.ByOperator(), o.ID, a.ID)
		} else {
			ticket, err = s.rooms.Apps.Ticket(s.ctx, o.ID, a.ID)
		}
		if err != nil {
			return err
		}
		return s.done(ticketView{a.Key, ticket}, "%s", ticket)
	})
}

type suiteInstallCmd struct {
	suiteArg
	In         string   `name:"in" required:"" placeholder:"CORPID" help:"Corp id of the organization to install the app in."`
	Scopes     []string `name:"scope" placeholder:"SCOPE" help:"A scope the app has there; may be repeated, all that it asks for when not given."`
	RangeDepts []string `name:"range-dept" placeholder:"DEPT" help:"A department the app may reach there, by id, name or path; may be repeated. Without --range-dept and --range-user the app may reach everyone."`
	RangeUsers []string `name:"range-user" placeholder:"USERID" help:"A user the app may reach there; may be repeated."`
}

func (c *suiteInstallCmd) Run(e *environment) error {
	return c.inSuite(e, func(s *session, o directory.Organization, a app.App) error {
		in, err := s.rooms.Directory.ByCorpID(s.ctx, c.In)
		if err != nil {
			return err
		}
		i := app.Installation{Range: directory.Range{Everyone: true}, Scopes: c.Scopes}
		if len(c.RangeDepts)+len(c.RangeUsers) > 0 {
			depts, err := s.deptIDs(in, c.RangeDepts)
			if err != nil {
				return err
			}
			i.Range = directory.Range{DeptIDs: depts, Userids: c.RangeUsers}
		}
		g, err := s.rooms.Apps.Install(s.ctx, audit.ByOperator(), o.ID, a.ID, in.ID, i)
		if err != nil {
			return err
		}
		return s.doneEverywhere(viewInstallation(in.CorpID, g, a.Scopes), "installed %s in %s, agent id %d", a.Name, in.Name, g.ID)
	})
}

type suiteInstalledCmd struct{}

type installedView struct {
	Name     string `json:"name"`
	Provider string `json:"provider"`
	installationView
}

func (c *suiteInstalledCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Apps.Installed(s.ctx, o.ID)
		if err != nil {
			return err
		}
		views, rows := []installedView{}, [][]string{}
		for _, i := range all {
			v := installedView{i.App.Name, i.Provider, viewInstallation(o.CorpID, i.Agent, i.App.Scopes)}
			views = append(views, v)
			rows = append(rows, []string{fmt.Sprint(v.AgentID), v.Name, v.Provider, yesNo(!v.Disabled), yesNo(v.DirectSend)})
		}
		return s.show(views, func() {
			table(s.out, []string{"AGENT ID", "NAME", "PROVIDER", "ENABLED", "DIRECT SEND"}, rows)
		})
	})
}

type installedArg struct {
	Agent int64 `arg:"" range:"1.." help:"Agent id, as suite installed shows it."`
}

// inInstallation runs work with the third-party app that is installed under
// that agent id.
func (a *installedArg) inInstallation(e *environment, work func(*session, directory.Organization, app.Installed) error) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Apps.Installed(s.ctx, o.ID)
		if err != nil {
			return err
		}
		for _, i := range all {
			if i.Agent.ID == a.Agent {
				return work(s, o, i)
			}
		}
		return fault.New(fault.CodeAgentUnknown, "no third-party app is installed in %s under agent id %d", o.CorpID, a.Agent)
	})
}

type suiteUninstallCmd struct{ installedArg }

func (c *suiteUninstallCmd) Run(e *environment) error {
	return c.inInstallation(e, func(s *session, o directory.Organization, i app.Installed) error {
		if err := s.rooms.Apps.Uninstall(s.ctx, audit.ByOperator(), o.ID, i.Agent.ID); err != nil {
			return err
		}
		v := viewInstallation(o.CorpID, i.Agent, i.App.Scopes)
		v.Disabled = true
		return s.doneEverywhere(v, "uninstalled %s from %s", i.App.Name, o.Name)
	})
}

type suiteDirectSendCmd struct {
	installedArg
	Switch string `arg:"" enum:"enable,disable,on,off" help:"enable or disable; on and off mean the same."`
}

func (c *suiteDirectSendCmd) Run(e *environment) error {
	return c.inInstallation(e, func(s *session, o directory.Organization, i app.Installed) error {
		on := c.Switch == "enable" || c.Switch == "on"
		if err := s.rooms.Apps.SetDirectSend(s.ctx, audit.ByOperator(), o.ID, i.Agent.ID, on); err != nil {
			return err
		}
		i.Agent.DirectSend = on
		return s.doneEverywhere(viewInstallation(o.CorpID, i.Agent, i.App.Scopes), "%s may send to %s without a template: %s", i.App.Name, o.Name, yesNo(on))
	})
}
