package server_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/setup"
	"github.com/tidings-im/tidings/internal/template"
)

// nowhere is an organization that there is not.
const nowhere = 99_999

// made is what the steps have made, for those that follow.
type made struct {
	org, dept        int64
	ann              uint32
	token            string // its id
	a, suite         app.App
	agent, installed int64
	first            string // secret of the app
	secret           int64  // the id of another one
	suiteSecret      int64
	template         review.Template
	session          string
	setupLink        string
	waiting          string // the code of an account that nobody has linked
}

// life are steps that take an installation through everything that is logged.
func (d *deed) life() []step {
	m := &made{}
	link, err := d.rooms.Setup.NewLink(d.t.Context())
	must(d.t, err)
	m.setupLink = link.Token
	return slices.Concat(d.setup(m), d.people(m), d.contacts(m), d.sources(m), d.apps(m), d.redirects(m), d.callbacks(m), d.lists(m), d.templates(m), d.leaving(m), d.masterKeys(m))
}

func (d *deed) setup(m *made) []step {
	setUp := func(ctx context.Context, userid string) error {
		_, err := d.rooms.Setup.SetUp(ctx, audit.By{Peer: "192.0.2.7"}, setup.Request{
			Token: m.setupLink, Organization: "First", Userid: userid, Name: "Ann",
		})
		return err
	}
	return []step{{
		"Setup.SetUp", "organization.create, person.create",
		func(ctx context.Context) error { return setUp(ctx, "ann") },
		func(ctx context.Context) error { return setUp(ctx, "a,b") },
	}}
}

func (d *deed) people(m *made) []step {
	by, dir, name := audit.ByOperator(), d.rooms.Directory, "Renamed"
	acc := d.rooms.Accounts
	return []step{
		{
			"Directory.CreateOrganization", "organization.create",
			func(ctx context.Context) error {
				o, err := dir.CreateOrganization(ctx, by, directory.NewOrganization{Name: "Example", CorpID: "dingexample"})
				m.org = o.ID
				return err
			},
			func(ctx context.Context) error {
				_, err := dir.CreateOrganization(ctx, by, directory.NewOrganization{})
				return err
			},
		},
		{
			"Directory.UpdateOrganization", "organization.save",
			func(ctx context.Context) error {
				_, err := dir.UpdateOrganization(ctx, by, m.org, directory.OrganizationChange{Name: &name})
				return err
			},
			func(ctx context.Context) error {
				_, err := dir.UpdateOrganization(ctx, by, nowhere, directory.OrganizationChange{Name: &name})
				return err
			},
		},
		{
			"Directory.CreateDepartment", "department.create",
			func(ctx context.Context) error {
				dept, err := dir.CreateDepartment(ctx, by, m.org, directory.NewDepartment{Name: "Sales"})
				m.dept = dept.ID
				return err
			},
			func(ctx context.Context) error {
				_, err := dir.CreateDepartment(ctx, by, m.org, directory.NewDepartment{Name: "a,b"})
				return err
			},
		},
		{
			"Directory.UpdateDepartment", "department.save",
			func(ctx context.Context) error {
				_, err := dir.UpdateDepartment(ctx, by, m.org, m.dept, directory.DepartmentChange{Name: &name})
				return err
			},
			func(ctx context.Context) error {
				_, err := dir.UpdateDepartment(ctx, by, m.org, 77, directory.DepartmentChange{Name: &name})
				return err
			},
		},
		{
			"Directory.CreateUser", "person.create",
			func(ctx context.Context) error {
				u, err := dir.CreateUser(ctx, by, m.org, directory.NewUser{Userid: "ann", Name: "Ann", Roles: []string{"author"}})
				m.ann = u.Ordinal
				return err
			},
			func(ctx context.Context) error {
				_, err := dir.CreateUser(ctx, by, m.org, directory.NewUser{Name: "Ann"})
				return err
			},
		},
		{
			"Directory.UpdateUser", "person.save",
			func(ctx context.Context) error {
				_, err := dir.UpdateUser(ctx, by, m.org, "ann", directory.UserChange{Name: &name})
				return err
			},
			func(ctx context.Context) error {
				_, err := dir.UpdateUser(ctx, by, m.org, "nobody", directory.UserChange{Name: &name})
				return err
			},
		},
		{
			"Directory.DisableUser", "person.disable",
			func(ctx context.Context) error { return dir.DisableUser(ctx, by, m.org, "ann") },
			func(ctx context.Context) error { return dir.DisableUser(ctx, by, m.org, "nobody") },
		},
		{
			"Directory.EnableUser", "person.enable",
			func(ctx context.Context) error { return dir.EnableUser(ctx, by, m.org, "ann") },
			func(ctx context.Context) error { return dir.EnableUser(ctx, by, m.org, "nobody") },
		},
		{
			"Directory.Import", "people.import begun, people.import done",
			func(ctx context.Context) error {
				_, err := dir.Import(ctx, by, m.org, strings.NewReader("userid,name\nben,Ben\n"), directory.ImportOptions{})
				return err
			},
			func(ctx context.Context) error {
				_, err := dir.Import(ctx, by, m.org, strings.NewReader("userid,name\nben,\n"), directory.ImportOptions{})
				return err
			},
		},
		{
			"Directory.DeleteDepartment", "department.delete",
			func(ctx context.Context) error { return dir.DeleteDepartment(ctx, by, m.org, m.dept) },
			func(ctx context.Context) error { return dir.DeleteDepartment(ctx, by, m.org, 1) },
		},
		{
			"Accounts.CreateToken", "api_token.new",
			func(ctx context.Context) error {
				_, err := acc.CreateToken(ctx, by, m.org, "ann", "laptop", time.Hour)
				if err != nil {
					return err
				}
				all, err := acc.Tokens(ctx, m.org, "ann")
				m.token = all[0].ID
				return err
			},
			func(ctx context.Context) error {
				_, err := acc.CreateToken(ctx, by, m.org, "nobody", "laptop", time.Hour)
				return err
			},
		},
		{
			"Accounts.RevokeToken", "api_token.end",
			func(ctx context.Context) error { return acc.RevokeToken(ctx, by, m.org, "ann", m.token) },
			func(ctx context.Context) error { return acc.RevokeToken(ctx, by, m.org, "ben", m.token) },
		},
		{
			"Accounts.CreateSignInLinks", "sign_in_link.new",
			func(ctx context.Context) error {
				_, err := acc.CreateSignInLinks(ctx, by, m.org, []uint32{m.ann}, time.Hour, func(uint32, string) error { return nil })
				return err
			},
			func(ctx context.Context) error {
				_, err := acc.CreateSignInLinks(ctx, by, m.org, []uint32{m.ann}, -time.Hour, nil)
				return err
			},
		},
		{
			"Accounts.CreateSignInLink", "sign_in_link.new",
			func(ctx context.Context) error {
				link, err := acc.CreateSignInLink(ctx, by, m.org, "ann", time.Hour, true)
				if err != nil {
					return err
				}
				for range 2 { // signing in writes nothing
					in, err := acc.SignIn(ctx, account.SignInRequest{Link: link})
					if err != nil {
						return err
					}
					m.session = in.Viewer.Credential.ID
				}
				return nil
			},
			func(ctx context.Context) error {
				_, err := acc.CreateSignInLink(ctx, by, m.org, "nobody", time.Hour, true)
				return err
			},
		},
		{
			"Accounts.EndSession", "sessions.end",
			func(ctx context.Context) error { return acc.EndSession(ctx, by, m.org, m.ann, m.session) },
			func(ctx context.Context) error { return acc.EndSession(ctx, by, m.org, m.ann, "none") },
		},
		{
			"Accounts.EndSessions", "sessions.end",
			func(ctx context.Context) error { _, err := acc.EndSessions(ctx, by, m.org, m.ann); return err },
			nil, // of whoever has none it ends none
		},
	}
}

func (d *deed) apps(m *made) []step {
	by, apps := audit.ByOperator(), d.rooms.Apps
	everyone := directory.Range{Everyone: true}
	return []step{
		{
			"Apps.CreateInternal", "app.create",
			func(ctx context.Context) (err error) {
				var g app.Agent
				m.a, g, m.first, err = apps.CreateInternal(ctx, by, m.org, app.NewApp{Name: "Notices"})
				m.agent = g.ID
				return err
			},
			func(ctx context.Context) error {
				_, _, _, err := apps.CreateInternal(ctx, by, nowhere, app.NewApp{Name: "Notices"})
				return err
			},
		},
		{
			"Apps.AddSecret", "secret.add",
			func(ctx context.Context) error {
				s, _, err := apps.AddSecret(ctx, by, m.org, m.a.ID)
				m.secret = s.ID
				return err
			},
			func(ctx context.Context) error { _, _, err := apps.AddSecret(ctx, by, m.org, 77); return err },
		},
		{
			"Apps.EndSecret", "secret.end",
			func(ctx context.Context) error { return apps.EndSecret(ctx, by, m.org, m.a.ID, m.secret) },
			func(ctx context.Context) error { return apps.EndSecret(ctx, by, m.org, m.a.ID, 77) },
		},
		{
			"Apps.SetProfile", "app.save",
			func(ctx context.Context) error {
				return apps.SetProfile(ctx, by, m.org, m.a.ID, app.Profile{Name: "News"})
			},
			func(ctx context.Context) error { return apps.SetProfile(ctx, by, m.org, m.a.ID, app.Profile{}) },
		},
		{
			"Apps.SaveProfile", "app.save",
			func(ctx context.Context) error {
				a, _, err := apps.AppOfAgent(ctx, m.agent)
				if err != nil {
					return err
				}
				return apps.SaveProfile(ctx, by, m.org, m.a.ID, a.Edition, app.Profile{Name: "News"})
			},
			func(ctx context.Context) error {
				return apps.SaveProfile(ctx, by, m.org, m.a.ID, 0, app.Profile{Name: "News"})
			},
		},
		{
			"Apps.SetGrants", "grants.save",
			func(ctx context.Context) error {
				return apps.SetGrants(ctx, by, m.org, m.a.ID, app.Grants{SendToEveryone: true, Scopes: []string{app.ScopeSend}})
			},
			func(ctx context.Context) error {
				return apps.SetGrants(ctx, by, m.org, m.a.ID, app.Grants{Scopes: []string{"fly"}})
			},
		},
		{
			"Apps.SetComposers", "composers.save",
			func(ctx context.Context) error {
				return apps.SetComposers(ctx, by, m.org, m.agent, app.Composers{Ordinals: []uint32{m.ann}})
			},
			func(ctx context.Context) error {
				return apps.SetComposers(ctx, by, m.org, m.agent, app.Composers{DeptIDs: []int64{0}})
			},
		},
		{
			"Apps.SaveGranted", "composers.save",
			func(ctx context.Context) error {
				_, g, err := apps.AppOfAgent(ctx, m.agent)
				if err != nil {
					return err
				}
				to := app.Granted{Grants: app.Grants{SendToEveryone: true, Scopes: []string{app.ScopeSend}}, DirectSend: true}
				return apps.SaveGranted(ctx, by, m.org, m.agent, g.Edition, to)
			},
			func(ctx context.Context) error { return apps.SaveGranted(ctx, by, m.org, m.agent, 0, app.Granted{}) },
		},
		{
			"Apps.SaveRange", "range.set",
			func(ctx context.Context) error {
				_, g, err := apps.AppOfAgent(ctx, m.agent)
				if err != nil {
					return err
				}
				return apps.SaveRange(ctx, by, m.org, m.agent, g.Edition, everyone)
			},
			func(ctx context.Context) error { return apps.SaveRange(ctx, by, m.org, m.agent, 0, everyone) },
		},
		{
			"Apps.SwitchApp", "app.enable",
			func(ctx context.Context) error { return apps.SwitchApp(ctx, by, m.org, app.Known{App: m.a}, true) },
			func(ctx context.Context) error {
				return apps.SwitchApp(ctx, by, m.org, app.Known{App: app.App{Kind: app.Internal}}, true)
			},
		},
		{
			"Apps.SetRange", "range.set",
			func(ctx context.Context) error { return apps.SetRange(ctx, by, m.org, m.agent, everyone) },
			func(ctx context.Context) error { return apps.SetRange(ctx, by, m.org, 77, everyone) },
		},
		{
			"Apps.SaveLimits", "limits.save",
			func(ctx context.Context) error {
				_, g, err := apps.AppOfAgent(ctx, m.agent)
				if err != nil {
					return err
				}
				return apps.SaveLimits(ctx, by, m.org, m.agent, g.Edition, []byte(`{"messages_per_day":4}`))
			},
			func(ctx context.Context) error { return apps.SaveLimits(ctx, by, m.org, m.agent, 0, nil) },
		},
		{
			"Apps.SetLimits", "limits.save",
			func(ctx context.Context) error {
				return apps.SetLimits(ctx, by, m.org, m.agent, []byte(`{"messages_per_day":3}`))
			},
			func(ctx context.Context) error { return apps.SetLimits(ctx, by, m.org, m.agent, []byte(`{"fly":3}`)) },
		},
		{
			"Apps.SetRetention", "retention.set",
			func(ctx context.Context) error {
				return apps.SetRetention(ctx, by, m.org, m.agent, policy.Retention{Messages: 30})
			},
			func(ctx context.Context) error {
				return apps.SetRetention(ctx, by, m.org, m.agent, policy.Retention{Changes: 30})
			},
		},
		{
			"Apps.DisableAgent", "agent.disable",
			func(ctx context.Context) error { return apps.DisableAgent(ctx, by, m.org, m.agent) },
			func(ctx context.Context) error { return apps.DisableAgent(ctx, by, m.org, 77) },
		},
		{
			"Apps.EnableAgent", "agent.enable",
			func(ctx context.Context) error { return apps.EnableAgent(ctx, by, m.org, m.agent) },
			func(ctx context.Context) error { return apps.EnableAgent(ctx, by, m.org, 77) },
		},
		{
			"Apps.DisableApp", "app.disable",
			func(ctx context.Context) error { return apps.DisableApp(ctx, by, m.org, m.a.ID) },
			func(ctx context.Context) error { return apps.DisableApp(ctx, by, m.org, 77) },
		},
		{
			"Apps.EnableApp", "app.enable",
			func(ctx context.Context) error { return apps.EnableApp(ctx, by, m.org, m.a.ID) },
			func(ctx context.Context) error { return apps.EnableApp(ctx, by, m.org, 77) },
		},
		{
			"Apps.EndTokens", "tokens.end",
			func(ctx context.Context) error { return apps.EndTokens(ctx, by, m.org, m.a.ID) },
			func(ctx context.Context) error { return apps.EndTokens(ctx, by, m.org, 77) },
		},
		{
			"Apps.CreateThirdParty", "app.create",
			func(ctx context.Context) (err error) {
				m.suite, _, err = apps.CreateThirdParty(ctx, by, m.org, app.NewApp{Name: "Approvals"}, true)
				return err
			},
			func(ctx context.Context) error {
				_, _, err := apps.CreateThirdParty(ctx, by, m.org, app.NewApp{}, true)
				return err
			},
		},
		{
			"Apps.AddSecret", "secret.add",
			func(ctx context.Context) error {
				s, _, err := apps.AddSecret(ctx, by, m.org, m.suite.ID)
				m.suiteSecret = s.ID
				return err
			},
			func(ctx context.Context) error { _, _, err := apps.AddSecret(ctx, by, m.org, m.suite.ID+1); return err },
		},
		{
			"Apps.EndSecret", "secret.end",
			func(ctx context.Context) error { return apps.EndSecret(ctx, by, m.org, m.suite.ID, m.suiteSecret) },
			func(ctx context.Context) error { return apps.EndSecret(ctx, by, m.org, m.suite.ID, m.secret) },
		},
		{
			"Apps.NewTicket", "ticket.new",
			func(ctx context.Context) error { _, err := apps.NewTicket(ctx, by, m.org, m.suite.ID); return err },
			func(ctx context.Context) error { _, err := apps.NewTicket(ctx, by, m.org, 77); return err },
		},
		{
			"Apps.Install", "app.install",
			func(ctx context.Context) error {
				g, err := apps.Install(ctx, by, m.org, m.suite.ID, m.org, app.Installation{Range: everyone})
				m.installed = g.ID
				return err
			},
			func(ctx context.Context) error {
				_, err := apps.Install(ctx, by, m.org, m.suite.ID, nowhere, app.Installation{Range: everyone})
				return err
			},
		},
		{
			"Apps.SetDirectSend", "direct_send.on",
			func(ctx context.Context) error { return apps.SetDirectSend(ctx, by, m.org, m.installed, true) },
			func(ctx context.Context) error { return apps.SetDirectSend(ctx, by, m.org, 77, true) },
		},
		{
			"Apps.Uninstall", "app.uninstall",
			func(ctx context.Context) error { return apps.Uninstall(ctx, by, m.org, m.installed) },
			func(ctx context.Context) error { return apps.Uninstall(ctx, by, m.org, 77) },
		},
		{
			"Apps.InstallByKey", "app.install",
			func(ctx context.Context) error {
				_, err := apps.InstallByKey(ctx, by, m.org, m.suite.Key, app.Installation{Range: everyone})
				return err
			},
			func(ctx context.Context) error {
				_, err := apps.InstallByKey(ctx, by, m.org, "suitenone", app.Installation{Range: everyone})
				return err
			},
		},
	}
}

func orderForm(text string) template.Form {
	return template.Form{
		Kind: template.KindMarkdown, Name: "Order", UseCase: "Tells of an order", Title: "Order", Content: text + " ${n}",
		Parameters: []template.Parameter{{Name: "n", Description: "number", Sample: "7"}},
	}
}

func (d *deed) templates(m *made) []step {
	rev := d.rooms.Templates
	// with takes a step with the grant of ann, or of the operator who reviews.
	with := func(right policy.Right, do func(ctx context.Context, g policy.Grant) error) func(context.Context) error {
		return func(ctx context.Context) error {
			by := audit.OnBehalfOf(m.org, m.ann)
			if right == policy.TemplatesReview {
				by = audit.ByOperator()
			}
			asker, err := d.rooms.Directory.Asker(ctx, by)
			if err != nil {
				return err
			}
			g, err := policy.Check(asker, right, m.a.Resource(), review.Unknown())
			if err != nil {
				return err
			}
			return do(ctx, g)
		}
	}
	write := func(method, want string, do, refused func(ctx context.Context, g policy.Grant) error) step {
		return step{"Templates." + method, want, with(policy.TemplatesWrite, do), with(policy.TemplatesWrite, refused)}
	}
	decide := func(method, want string, do, refused func(ctx context.Context, g policy.Grant) error) step {
		return step{"Templates." + method, want, with(policy.TemplatesReview, do), with(policy.TemplatesReview, refused)}
	}
	save := write("Save", "template.save",
		func(ctx context.Context, g policy.Grant) error {
			_, err := rev.Save(ctx, g, m.template.ID, orderForm("second"), 0)
			return err
		},
		func(ctx context.Context, g policy.Grant) error {
			_, err := rev.Save(ctx, g, "none", orderForm("second"), 0)
			return err
		})
	submit := write("Submit", "template.submit",
		func(ctx context.Context, g policy.Grant) error {
			_, err := rev.Submit(ctx, g, m.template.ID, 0)
			return err
		},
		func(ctx context.Context, g policy.Grant) error {
			_, err := rev.Submit(ctx, g, m.template.ID, 77)
			return err
		})
	return []step{
		write("Create", "template.create",
			func(ctx context.Context, g policy.Grant) (err error) {
				m.template, err = rev.Create(ctx, g, orderForm("first"))
				return err
			},
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Create(ctx, g, orderForm(strings.Repeat("x", 1<<20)))
				return err
			}),
		save, submit,
		write("Withdraw", "template.withdraw",
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Withdraw(ctx, g, m.template.ID)
				return err
			},
			func(ctx context.Context, g policy.Grant) error { _, err := rev.Withdraw(ctx, g, "none"); return err }),
		write("Discard", "template.discard",
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Discard(ctx, g, m.template.ID, 0)
				return err
			},
			func(ctx context.Context, g policy.Grant) error { _, err := rev.Discard(ctx, g, "none", 0); return err }),
		save, submit,
		decide("Reject", "template.reject",
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Reject(ctx, g, m.template.ID, 2, "too short")
				return err
			},
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Reject(ctx, g, m.template.ID, 2, "")
				return err
			}),
		save, submit,
		decide("Approve", "template.approve",
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Approve(ctx, g, m.template.ID, 3)
				return err
			},
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Approve(ctx, g, m.template.ID, 1)
				return err
			}),
		write("Disable", "template.disable",
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Disable(ctx, g, m.template.ID)
				return err
			},
			func(ctx context.Context, g policy.Grant) error { _, err := rev.Disable(ctx, g, "none"); return err }),
		write("Enable", "template.enable",
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Enable(ctx, g, m.template.ID)
				return err
			},
			func(ctx context.Context, g policy.Grant) error { _, err := rev.Enable(ctx, g, "none"); return err }),
		write("Clone", "template.clone",
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Clone(ctx, g, m.template.ID, 3)
				return err
			},
			func(ctx context.Context, g policy.Grant) error {
				_, err := rev.Clone(ctx, g, m.template.ID, 77)
				return err
			}),
		write("Delete", "template.delete",
			func(ctx context.Context, g policy.Grant) error { return rev.Delete(ctx, g, m.template.ID) },
			func(ctx context.Context, g policy.Grant) error { return rev.Delete(ctx, g, "none") }),
	}
}

func (d *deed) leaving(m *made) []step {
	by := audit.ByOperator()
	return []step{
		{
			"Directory.DeleteUser", "person.delete",
			func(ctx context.Context) error { return d.rooms.Directory.DeleteUser(ctx, by, m.org, "ben") },
			func(ctx context.Context) error { return d.rooms.Directory.DeleteUser(ctx, by, m.org, "nobody") },
		},
		{
			"Eraser.Erase", "person.erase begun, person.erase done",
			func(ctx context.Context) error { return d.rooms.Eraser.Erase(ctx, by, m.org, m.ann) },
			func(ctx context.Context) error { return d.rooms.Eraser.Erase(ctx, by, m.org, 77) },
		},
	}
}
