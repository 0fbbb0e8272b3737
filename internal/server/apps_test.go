package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// appCalls has every route about apps themselves. In a body EDITION stands for the
// app's and AGENT_EDITION for the installation's.
var appCalls = map[string]string{
	"GET apps/{agent_id}":                          "",
	"PUT apps/{agent_id}/range":                    `{"agent_edition":"AGENT_EDITION","everyone":true}`,
	"PUT apps/{agent_id}/grants":                   `{"agent_edition":"AGENT_EDITION","scopes":["work_notification.send"],"send_to_everyone":false,"direct_send":true,"composers":{"userids":["composer"]}}`,
	"PUT apps/{agent_id}":                          `{"edition":"EDITION","name":"Renamed","description":"","icon":"","page_url":"","trusted_hosts":["example.com"]}`,
	"GET apps/{agent_id}/secrets":                  "",
	"POST apps/{agent_id}/secrets":                 "",
	"POST apps/{agent_id}/secrets/{secret_id}/end": "",
	"GET apps/{agent_id}/limits":                   "",
	"PUT apps/{agent_id}/limits":                   `{"agent_edition":"AGENT_EDITION","own":{"messages_per_day":3}}`,
	"GET apps/{agent_id}/redirect-uris":            "",
	"PUT apps/{agent_id}/redirect-uris":            `{"items":[]}`,
	"GET apps/{agent_id}/callback":                 "",
	"PUT apps/{agent_id}/callback":                 `{"url":"http://127.0.0.1:1/","events":["user_add_org"],"token":"t","aes_key":"` + hookKey + `"}`,
	"DELETE apps/{agent_id}/callback":              "",
	"POST apps/{agent_id}/callback/test":           "",
	"GET apps/{agent_id}/installations":            "",
	"DELETE apps/{agent_id}":                       "",
	"POST apps/{agent_id}/disable":                 "",
	"POST apps/{agent_id}/enable":                  "",
}

func aboutAppsThemselves(r route) bool {
	return slices.Contains([]policy.Right{policy.AppsRead, policy.AppsManage, policy.AppsWrite, policy.InstallationsRead}, r.right)
}

// anApp is an app as our own API tells it.
type anApp struct {
	AgentID      string `json:"agent_id"`
	Name         string
	Enabled      bool
	Edition      string
	Code, Field  string // of a refusal
	Installation *struct {
		AgentEdition string `json:"agent_edition"`
		Range        struct {
			Everyone    bool
			Departments []struct{ Path string }
			Userids     []string
			Named       []aPerson
			People      int
		}
		Scopes []string
		Grants struct {
			Scopes         []string
			SendToEveryone bool `json:"send_to_everyone"`
			DirectSend     bool `json:"direct_send"`
		}
		Composers struct {
			Departments []struct{ Path string }
			People      []aPerson
		}
	}
	May struct{ Manage, Test bool }
}

// Every route about apps themselves, asked by everybody about an internal and a
// third-party app, answers as the table says; who is refused changes nothing.
func TestRightsToAppsThemselves(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		asked := 0
		for _, r := range m.routes() {
			if !aboutAppsThemselves(r) {
				continue
			}
			body, said := appCalls[r.name]
			if !said {
				t.Errorf("say in appCalls how to ask %s", r.name)
			}
			asked++
			for _, of := range m.apps {
				for _, p := range m.people {
					m.appCell(r, of, p, body)
				}
			}
		}
		if asked != len(appCalls) {
			t.Errorf("%d of the routes of appCalls are there", asked)
		}
	})
}

// appCell asks one route about an app as one person: by its installation where they
// are, or, where it is not installed there, by the one elsewhere.
func (m *matrix) appCell(r route, of policy.Resource, p somebody, body string) {
	m.Helper()
	agent, here := m.agents[of.ThirdParty], of.ReceivedBy == p.id
	if of.ThirdParty && p.where == "own" {
		here = true
		_ = m.Apps // the provider has it installed too
		g, _, err := m.Apps().InstallationOf(m.T.Context(), of, p.id)
		if err != nil {
			m.Fatal(err)
		}
		agent = g.ID
	}
	about := of
	about.ReceivedBy = 0
	if here {
		about.ReceivedBy = p.id
		if r.right == policy.AppsManage {
			about.Organization = p.id
		}
	}
	wasApp, before, err := m.Apps().AppOfAgent(m.T.Context(), agent)
	if err != nil {
		m.Fatal(err)
	}
	method, path, _ := strings.Cut(r.name, " ")
	secrets := m.mustSecrets(wasApp, strings.Contains(path, "{secret_id}"))
	path = strings.NewReplacer("{agent_id}", fmt.Sprint(agent), "{secret_id}", fmt.Sprint(secrets[len(secrets)-1].ID)).Replace(path)
	body = strings.NewReplacer("AGENT_EDITION", fmt.Sprint(before.Edition), "EDITION", fmt.Sprint(wasApp.Edition)).Replace(body)
	verdict := policy.Unseen
	if here {
		verdict = m.asker(p).Verdict(r.right, about, policy.Case{})
	}
	granted := r.status
	switch {
	case strings.Contains(path, "/callback") && method != http.MethodGet:
		granted = noCallback(method)
	case method == http.MethodDelete && !of.ThirdParty:
		granted = http.StatusBadRequest // an internal app is where it belongs
	}
	status, text := m.ask(method, path, p.token(), body)
	if status != statusOf(verdict, granted) {
		m.Errorf("%s, third-party %t: %v: %d, %s by the table: %s", r.name, of.ThirdParty, p, status, verdict, text)
	}
	if method == http.MethodDelete && status == http.StatusOK { // 204 of a callback
		m.mustInstallAgain(wasApp, before)
	}
	if status, _ := m.ask(method, path, "", body); status != http.StatusUnauthorized {
		m.Errorf("%s: nobody: %d", r.name, status)
	}
	if now := m.mustActive(wasApp); verdict != policy.Granted && len(now) != len(secrets) {
		m.Errorf("%s: %v: it was refused, and there are %d active secrets, not %d", r.name, p, len(now), len(secrets))
	}
	isApp, after, err := m.Apps().AppOfAgent(m.T.Context(), agent)
	if err != nil || verdict != policy.Granted && (after.Edition != before.Edition || isApp.Edition != wasApp.Edition) {
		m.Errorf("%s: %v: it was refused, and editions %d and %d became %d and %d, %v", r.name, p, wasApp.Edition, before.Edition, isApp.Edition, after.Edition, err)
	}
}

// noCallback is what a change of a callback that nobody has set is answered, by the
// callback alone: the server calls nothing on its machine.
func noCallback(method string) int {
	if method == http.MethodPut {
		return http.StatusBadRequest
	}
	return http.StatusNotFound
}

// mustInstallAgain takes the end of an installation back.
func (m *matrix) mustInstallAgain(a app.App, g app.Agent) {
	m.Helper()
	ctx, by := m.T.Context(), audit.ByOperator()
	if _, again, err := m.Apps().AppOfAgent(ctx, g.ID); err != nil || again.UninstalledAt.IsZero() {
		m.Errorf("agent %d is installed yet, %v", g.ID, err)
	}
	_, err := m.Apps().Install(ctx, by, a.Organization, a.ID, g.Organization, app.Installation{Range: g.Range})
	must(m.T, err)
	must(m.T, m.Apps().SetComposers(ctx, by, g.Organization, g.ID, g.Composers))
}

// mustActive are the active secrets of an app.
func (m *matrix) mustActive(a app.App) []app.Secret {
	m.Helper()
	all, err := m.Apps().Secrets(m.T.Context(), a.Organization, a.ID)
	must(m.T, err)
	return slices.DeleteFunc(all, func(one app.Secret) bool { return !one.EndedAt.IsZero() })
}

// mustSecrets gives an app one active secret, or two.
func (m *matrix) mustSecrets(a app.App, two bool) []app.Secret {
	m.Helper()
	ctx, by, active := m.T.Context(), audit.ByOperator(), m.mustActive(a)
	switch {
	case two && len(active) == 1:
		_, _, err := m.Apps().AddSecret(ctx, by, a.Organization, a.ID)
		must(m.T, err)
	case !two && len(active) == 2:
		must(m.T, m.Apps().EndSecret(ctx, by, a.Organization, a.ID, active[1].ID))
	}
	return m.mustActive(a)
}

// What may be said of an app is said once it was read, named in full, and logged.
func TestAppsOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "ann", "bob", "owner")
		s.mustRoles(f, "owner", "owner")
		owner, path := f.tokens["owner"], fmt.Sprint("apps/", f.agent)
		var one anApp
		s.tell(t, owner, http.MethodGet, "apps/"+f.key, "", 200, &one)
		if one.AgentID != fmt.Sprint(f.agent) || one.Name != "Ours app" || !one.Enabled || !one.May.Manage || one.Installation == nil ||
			!one.Installation.Range.Everyone || one.Installation.Range.People != 3 || !one.Installation.Grants.DirectSend || len(one.Installation.Grants.Scopes) != len(app.NewScopes(app.Internal)) || len(one.Installation.Scopes) != len(app.Scopes()) {
			t.Fatalf("told: %+v", one)
		}
		first := one.Installation.AgentEdition
		one = anApp{}
		s.tell(t, owner, http.MethodPut, path+"/range", `{"agent_edition":"`+first+`","userids":["bob","ghost"]}`, 200, &one)
		if got := one.Installation.Range; got.Everyone || got.People != 1 || !slices.Equal(got.Userids, []string{"bob", "ghost"}) ||
			len(got.Named) != 1 || got.Named[0].Userid != "bob" || got.Named[0].Name == "" {
			t.Errorf("range: %+v", got)
		}
		s.mustRoles(f, "bob", "author")
		for asker, want := range map[string]string{"owner": "{false 0 2 1}", "bob": "<nil>"} {
			var list struct {
				Items []struct {
					Name     string
					Provider struct{ Name string }
					Reach    *struct {
						Everyone                     bool
						Departments, Userids, People int
					}
				}
			}
			s.tell(t, f.tokens[asker], http.MethodGet, "apps", "", 200, &list)
			if len(list.Items) != 1 || list.Items[0].Provider.Name != "Ours" {
				t.Fatalf("%s: the list has %+v", asker, list)
			}
			if got := strings.TrimPrefix(fmt.Sprint(list.Items[0].Reach), "&"); got != want {
				t.Errorf("%s: the app reaches %s, want %s", asker, got, want)
			}
		}
		grants := func(edition, composers, direct string) string {
			return `{"agent_edition":"` + edition + `","scopes":["work_notification.send"],"send_to_everyone":true,"direct_send":` + direct + `,"composers":` + composers + `}`
		}
		second := one.Installation.AgentEdition
		one = anApp{}
		s.tell(t, owner, http.MethodPut, path+"/grants", grants(second, `{"dept_ids":["1"],"userids":["ann"]}`, "true"), 200, &one)
		got := one.Installation
		if !slices.Equal(got.Grants.Scopes, []string{"work_notification.send"}) || !got.Grants.SendToEveryone ||
			len(got.Composers.Departments) != 1 || len(got.Composers.People) != 1 || got.Composers.People[0].Userid != "ann" {
			t.Errorf("grants: %+v", got)
		}
		now := got.AgentEdition
		for body, want := range map[string]string{
			grants(first, `{}`, "true"):                                               "409 app_changed agent_edition",
			grants(now, `{}`, "false"):                                                "400 parameter_invalid direct_send",
			grants(now, `{"userids":["ann","zoe"]}`, "true"):                          "404 user_unknown composers.userids[1]",
			grants(now, `{"dept_ids":["77"]}`, "true"):                                "404 department_unknown composers.dept_ids[0]",
			grants("x", `{}`, "true"):                                                 "400 parameter_invalid agent_edition",
			strings.Replace(grants(now, `{}`, "true"), "notification.send", "fly", 1): "400 parameter_invalid scopes",
			`{"agent_edition":"1"}`:                                                   "400 parameter_missing scopes",
		} {
			var refused anApp
			var status int
			_, _ = fmt.Sscan(want, &status)
			s.tell(t, owner, http.MethodPut, path+"/grants", body, status, &refused)
			if is := fmt.Sprint(status, " ", refused.Code, " ", refused.Field); is != want {
				t.Errorf("%s: %s, want %s", body, is, want)
			}
		}
		var refused anApp
		s.tell(t, owner, http.MethodPut, path+"/range", `{"agent_edition":"`+now+`","everyone":true,"userids":["ann"]}`, 400, &refused)
		one = anApp{}
		s.tell(t, owner, http.MethodPost, path+"/disable", "", 200, &one)
		if one.Enabled {
			t.Error("it is not switched off")
		}
		s.tell(t, owner, http.MethodPost, path+"/enable", "", 200, &one)
		s.tell(t, owner, http.MethodGet, "apps/0"+fmt.Sprint(f.agent), "", 404, &refused)
		var log struct {
			Items []struct{ Action audit.Action }
		}
		s.tell(t, owner, http.MethodGet, fmt.Sprint("audit?subject=", f.agent), "", 200, &log)
		var actions []audit.Action
		for _, e := range log.Items {
			actions = append(actions, e.Action)
		}
		want := []audit.Action{audit.AppEnable, audit.AppDisable, audit.ComposersSave, audit.GrantsSave, audit.RangeSet, audit.AppCreate}
		if !one.Enabled || !slices.Equal(actions, want) {
			t.Errorf("the log has %v", actions)
		}
	})
}

// An app's own limits stand before its organization's, and those before the preset's.
func TestLimitsOfAppsOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "owner")
		s.mustRoles(f, "owner", "owner")
		owner, path := f.tokens["owner"], fmt.Sprint("apps/", f.agent, "/limits")
		o, err := s.Directory().Organization(t.Context(), f.id)
		must(t, err)
		limits, err := o.Limits.Changed([]byte(`{"messages_per_day":70,"recall_window":"2h"}`))
		must(t, err)
		_, err = s.Directory().UpdateOrganization(t.Context(), audit.ByOperator(), f.id, directory.OrganizationChange{Limits: &limits})
		must(t, err)

		type some struct {
			MessagesPerDay int    `json:"messages_per_day"`
			RecallWindow   string `json:"recall_window"`
			UseridsPerCall int    `json:"userids_per_call"`
			Preset         string
		}
		var told struct {
			AgentEdition                 string `json:"agent_edition"`
			Values, Organization, Preset some
			Own                          map[string]any
		}
		s.tell(t, owner, http.MethodGet, path, "", http.StatusOK, &told)
		organization, preset := some{70, "2h0m0s", 5000, "standard"}, some{500, "0s", 5000, "standard"}
		if told.Values != organization || told.Organization != organization || told.Preset != preset || len(told.Own) != 0 {
			t.Fatalf("before: %+v", told)
		}
		read := told.AgentEdition
		s.tell(t, owner, http.MethodPut, path, `{"agent_edition":"`+read+`","own":{"recall_window":"5m","userids_per_call":0}}`, http.StatusOK, &told)
		if told.Values != (some{70, "5m0s", 0, "standard"}) || told.Organization != organization || len(told.Own) != 2 {
			t.Errorf("decided: %+v", told)
		}
		for own, want := range map[string]string{
			`{"fly":1}`:                 "fly",
			`{"preset":"dingtalk"}`:     "preset",
			`{"messages_per_day":-1}`:   "messages_per_day",
			`{"messages_per_day":null}`: "messages_per_day",
			`{"recall_window":"soon"}`:  "recall_window",
			`[]`:                        "own",
		} {
			var refused refusal
			s.tell(t, owner, http.MethodPut, path, `{"agent_edition":"`+told.AgentEdition+`","own":`+own+`}`, http.StatusBadRequest, &refused)
			if refused.Field != want {
				t.Errorf("%s: %+v", own, refused)
			}
		}
		var refused refusal
		s.tell(t, owner, http.MethodPut, path, `{"agent_edition":"`+read+`","own":{}}`, http.StatusConflict, &refused)
		if refused.Code != "app_changed" || refused.Field != "agent_edition" {
			t.Errorf("of an older edition: %+v", refused)
		}
		told.Own = nil
		s.tell(t, owner, http.MethodPut, path, `{"agent_edition":"`+told.AgentEdition+`","own":{}}`, http.StatusOK, &told)
		if told.Values != organization || len(told.Own) != 0 {
			t.Errorf("taken back: %+v", told)
		}
	})
}
