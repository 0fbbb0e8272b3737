package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

type appCmd struct {
	Create  appCreateCmd  `cmd:"" help:"Create an internal app and print its secret, which is never shown again."`
	List    appListCmd    `cmd:"" help:"List internal apps."`
	Show    appShowCmd    `cmd:"" help:"Show an internal app."`
	Range   appRangeCmd   `cmd:"" help:"Show or change whom an app may reach."`
	Grant   appGrantCmd   `cmd:"" help:"Change what an app may do."`
	Disable appDisableCmd `cmd:"" help:"Disable an app: its tokens stop working."`
	Enable  appEnableCmd  `cmd:"" help:"Enable a disabled app again."`
	Secret  appSecretCmd  `cmd:"" help:"Add and end secrets; the limit is 2 active ones."`

	Composers appComposersCmd `cmd:"" help:"Show or change who may send with an app by hand, beside administrators and owners."`
	Redirect  appRedirectCmd  `cmd:"" help:"Declare where people may be sent back to who sign in to an app's program."`
	Callback  appCallbackCmd  `cmd:"" help:"Have an app told of events, such as changes of people and departments."`
	Limits    appLimitsCmd    `cmd:"" help:"Show or change the limits of an app. It follows its organization in those that it has none of its own."`
	Retention appRetentionCmd `cmd:"" help:"Show or change how long an app's messages and receipts are kept. An app without days of its own follows its organization."`
}

type secretView struct {
	ID         int64      `json:"secret_id"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"` // a minute late at most
	Active     bool       `json:"active"`
}

type appView struct {
	Name           string       `json:"name"`
	AppKey         string       `json:"app_key"`
	AppSecret      string       `json:"app_secret,omitempty"` // only right after it was made
	AgentID        int64        `json:"agent_id"`
	PageURL        string       `json:"page_url"`
	SendToEveryone bool         `json:"send_to_everyone"`
	Scopes         []string     `json:"scopes"`
	Disabled       bool         `json:"disabled"`
	Range          rangeView    `json:"range"`
	Secrets        []secretView `json:"secrets,omitempty"`
}

func viewApp(a app.App, g app.Agent, secret string) appView {
	return appView{
		Name: a.Name, AppKey: a.Key, AppSecret: secret, AgentID: g.ID, PageURL: a.PageURL, SendToEveryone: a.SendToEveryone,
		Scopes: a.Scopes, Disabled: !a.DisabledAt.IsZero() || !g.DisabledAt.IsZero(), Range: viewRange(g.Range),
	}
}

type appCreateCmd struct {
	Name           string   `arg:"" help:"Name shown on every message of the app."`
	Description    string   `name:"description" help:"What it is for."`
	PageURL        string   `name:"page-url" placeholder:"URL" help:"Web page that links to the app's mini program (eapp://) open."`
	SendToEveryone bool     `name:"send-to-everyone" help:"Let the app send to the whole organization at once."`
	Scopes         []string `name:"scope" placeholder:"SCOPE" help:"A scope of the app: work_notification.send, work_notification.result, media.upload, contacts.read or contacts.write; may be repeated, the first four when not given."`
	RangeDepts     []string `name:"range-dept" placeholder:"DEPT" help:"A department the app may reach, by id, name or path; may be repeated. Without --range-dept and --range-user the app may reach everyone."`
	RangeUsers     []string `name:"range-user" placeholder:"USERID" help:"A user the app may reach; may be repeated."`
}

func (c *appCreateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		n := app.NewApp{Name: c.Name, Description: c.Description, PageURL: c.PageURL, SendToEveryone: c.SendToEveryone, Scopes: c.Scopes}
		if len(c.RangeDepts)+len(c.RangeUsers) > 0 {
			depts, err := s.deptIDs(o, c.RangeDepts)
			if err != nil {
				return err
			}
			n.Range = &directory.Range{DeptIDs: depts, Userids: c.RangeUsers}
		}
		a, g, secret, err := s.rooms.Apps.CreateInternal(s.ctx, audit.ByOperator(), o.ID, n)
		if err != nil {
			return err
		}
		return s.done(viewApp(a, g, secret), "created app %s\napp key     %s\napp secret  %s\nagent id    %d", a.Name, a.Key, secret, g.ID)
	})
}

type appListCmd struct{}

func (c *appListCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Apps.Apps(s.ctx, o.ID)
		if err != nil {
			return err
		}
		views, rows := []appView{}, [][]string{}
		for _, l := range all {
			v := viewApp(l.App, l.Agent, "")
			v.Secrets = viewSecrets(l.Secrets)
			page := "-"
			if v.PageURL != "" {
				page = v.PageURL
			}
			views = append(views, v)
			rows = append(rows, []string{v.AppKey, fmt.Sprint(v.AgentID), v.Name, yesNo(!v.Disabled), yesNo(v.SendToEveryone), page, activeSecrets(v.Secrets)})
		}
		return s.show(views, func() {
			table(s.out, []string{"APP KEY", "AGENT ID", "NAME", "ENABLED", "TO EVERYONE", "PAGE", "ACTIVE SECRETS"}, rows)
		})
	})
}

type appArg struct {
	App string `arg:"" help:"App key or agent id."`
}

// inApp runs work with the app that was named.
func (a *appArg) inApp(e *environment, work func(*session, app.Listing) error) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Apps.Apps(s.ctx, o.ID)
		if err != nil {
			return err
		}
		for _, l := range all {
			if a.App == l.App.Key || a.App == fmt.Sprint(l.Agent.ID) {
				return work(s, l)
			}
		}
		return noApp(o, a.App)
	})
}

func noApp(o directory.Organization, named string) error {
	return fault.New(fault.CodeAppUnknown, "organization %s has no app with key or agent id %q", o.CorpID, named)
}

func viewSecrets(secrets []app.Secret) []secretView {
	var views []secretView
	for _, secret := range secrets {
		view := secretView{ID: secret.ID, CreatedAt: secret.CreatedAt, Active: secret.EndedAt.IsZero()}
		if used := secret.LastUsedAt; !used.IsZero() {
			view.LastUsedAt = &used
		}
		views = append(views, view)
	}
	return views
}

// activeSecrets are their ids, for a table.
func activeSecrets(secrets []secretView) string {
	var active []string
	for _, secret := range secrets {
		if secret.Active {
			active = append(active, fmt.Sprint(secret.ID))
		}
	}
	return strings.Join(active, ",")
}

type appGrantCmd struct {
	appArg
	SendToEveryone *bool    `name:"send-to-everyone" negatable:"" help:"Whether the app may send to the whole organization at once."`
	Scopes         []string `name:"scope" placeholder:"SCOPE" help:"A scope the app has from now on, instead of those before; may be repeated."`
	PageURL        *string  `name:"page-url" placeholder:"URL" help:"Web page that links to the app's mini program (eapp://) open from now on; empty for none."`
}

func (c *appGrantCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		g := app.Grants{SendToEveryone: l.App.SendToEveryone, Scopes: l.App.Scopes}
		if c.SendToEveryone != nil {
			g.SendToEveryone = *c.SendToEveryone
		}
		if len(c.Scopes) > 0 {
			g.Scopes = slices.Sorted(slices.Values(c.Scopes))
		}
		if c.PageURL != nil {
			l.App.PageURL = strings.TrimSpace(*c.PageURL)
			if err := s.rooms.Apps.SetProfile(s.ctx, audit.ByOperator(), l.App.Organization, l.App.ID, l.App.Profile()); err != nil {
				return err
			}
		}
		if err := s.rooms.Apps.SetGrants(s.ctx, audit.ByOperator(), l.App.Organization, l.App.ID, g); err != nil {
			return err
		}
		l.App.SendToEveryone, l.App.Scopes = g.SendToEveryone, g.Scopes
		page := ""
		if l.App.PageURL != "" {
			page = "; page: " + l.App.PageURL
		}
		return s.doneEverywhere(viewApp(l.App, l.Agent, ""), "app %s may send to everyone: %s; scopes: %s%s",
			l.App.Name, yesNo(g.SendToEveryone), strings.Join(g.Scopes, ", "), page)
	})
}

type appDisableCmd struct{ appArg }

func (c *appDisableCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		if err := s.rooms.Apps.DisableApp(s.ctx, audit.ByOperator(), l.App.Organization, l.App.ID); err != nil {
			return err
		}
		l.App.DisabledAt = clock()
		return s.doneEverywhere(viewApp(l.App, l.Agent, ""), "disabled app %s", l.App.Name)
	})
}

type appEnableCmd struct{ appArg }

func (c *appEnableCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		if err := s.rooms.Apps.EnableApp(s.ctx, audit.ByOperator(), l.App.Organization, l.App.ID); err != nil {
			return err
		}
		l.App.DisabledAt = time.Time{}
		return s.done(viewApp(l.App, l.Agent, ""), "enabled app %s", l.App.Name)
	})
}

type appSecretCmd struct {
	Add secretAddCmd `cmd:"" help:"Add a second secret and print it; it is never shown again."`
	End secretEndCmd `cmd:"" help:"End a secret and the tokens taken with it."`
}

type secretAddCmd struct{ appArg }

// newSecretView shows a secret the one time it can be shown.
type newSecretView struct {
	ID        int64  `json:"secret_id"`
	AppSecret string `json:"app_secret"`
}

func (c *secretAddCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		made, value, err := s.rooms.Apps.AddSecret(s.ctx, audit.ByOperator(), l.App.Organization, l.App.ID)
		if err != nil {
			return err
		}
		return s.done(newSecretView{made.ID, value}, "added secret %d to app %s\napp secret  %s", made.ID, l.App.Name, value)
	})
}

type secretEndCmd struct {
	appArg
	Secret int64 `arg:"" range:"1.." help:"Id of the secret, as app list shows it."`
}

func (c *secretEndCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		return s.endSecret(l.App, c.Secret)
	})
}

// endSecret ends a secret of an app of either kind.
func (s *session) endSecret(a app.App, id int64) error {
	if err := s.rooms.Apps.EndSecret(s.ctx, audit.ByOperator(), a.Organization, a.ID, id); err != nil {
		return err
	}
	return s.doneEverywhere(secretView{ID: id}, "ended secret %d of app %s", id, a.Name)
}
