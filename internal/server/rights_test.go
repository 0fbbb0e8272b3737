package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
)

// call is how a route about templates is asked. The template asked about is in each
// of the states in turn.
type call struct {
	states []string
	body   string
}

// calls has every route that takes a right to an app. Who is answered what is the
// table's decision.
var calls = map[string]call{
	"GET apps/{agent_id}/templates":                                   {shownOrNot, ""},
	"GET apps/{agent_id}/sendable":                                    {[]string{"approved"}, ""},
	"GET apps/{agent_id}/templates/{id}":                              {shownOrNot, ""},
	"GET apps/{agent_id}/templates/{id}/log":                          {shownOrNot, ""},
	"GET apps/{agent_id}/templates/{id}/versions":                     {shownOrNot, ""},
	"GET apps/{agent_id}/templates/{id}/versions/{number}":            {shownOrNot, ""},
	"GET apps/{agent_id}/templates/{id}/versions/{number}/lint":       {shownOrNot, ""},
	"GET apps/{agent_id}/templates/{id}/versions/{number}/facts":      {shownOrNot, ""},
	"GET apps/{agent_id}/templates/{id}/versions/{number}/difference": {shownOrNot, ""},
	"POST apps/{agent_id}/templates/{id}/versions/{number}/preview":   {shownOrNot, ""},
	"POST apps/{agent_id}/templates/lint":                             {[]string{"in_review"}, noteForm("Of ${who}")},
	"POST apps/{agent_id}/templates/preview":                          {[]string{"in_review"}, `{"form":` + noteForm("Of ${who}") + `}`},
	"POST apps/{agent_id}/templates/check":                            {[]string{"in_review"}, `{"form":` + noteForm("Of ${who}") + `}`},

	"POST apps/{agent_id}/media": {[]string{"approved"}, aFile},

	"POST apps/{agent_id}/templates":                             {[]string{"draft"}, noteForm("Of ${who}")},
	"PUT apps/{agent_id}/templates/{id}":                         {[]string{"draft", "approved"}, `{"form":` + noteForm("Another of ${who}") + `}`},
	"DELETE apps/{agent_id}/templates/{id}":                      {[]string{"draft", "in_review"}, ""},
	"DELETE apps/{agent_id}/templates/{id}/draft":                {[]string{"redraft"}, ""},
	"POST apps/{agent_id}/templates/{id}/submit":                 {[]string{"draft"}, ""},
	"POST apps/{agent_id}/templates/{id}/withdraw":               {[]string{"in_review"}, ""},
	"POST apps/{agent_id}/templates/{id}/enable":                 {[]string{"approved"}, ""},
	"POST apps/{agent_id}/templates/{id}/disable":                {[]string{"approved"}, ""},
	"POST apps/{agent_id}/templates/{id}/clone":                  {[]string{"approved"}, ""},
	"POST apps/{agent_id}/templates/{id}/versions/{number}/test": {shownOrNot, ""},

	"POST apps/{agent_id}/templates/{id}/versions/{number}/approve": {shownOrNot, ""},
	"POST apps/{agent_id}/templates/{id}/versions/{number}/reject":  {shownOrNot, `{"reason":"r"}`},
}

var shownOrNot = []string{"draft", "in_review"}

// route is a route of our own API as its description tells it.
type route struct {
	name   string // "GET apps/{agent_id}/templates"
	right  policy.Right
	status int // of an answer that is no refusal
}

// routes returns every route that the server describes.
func (s stage) routes() (all []route) {
	var described struct {
		Paths map[string]map[string]struct {
			Right     policy.Right   `json:"x-right"`
			Responses map[string]any `json:"responses"`
		}
	}
	s.mustJSON(mustGet(s.base+"/api/v1/openapi.json"), &described)
	for path, methods := range described.Paths {
		for method, op := range methods {
			r := route{name: strings.ToUpper(method) + " " + strings.TrimPrefix(path, "/api/v1/"), right: op.Right}
			for status := range op.Responses {
				if strings.HasPrefix(status, "2") {
					r.status, _ = strconv.Atoi(status)
				}
			}
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.name, b.name) })
	if len(all) < 35 {
		s.fail("only %d routes are described", len(all))
	}
	return all
}

// somebody is a person of the matrix, with the one role that they are named after, or
// a composer without another.
type somebody struct {
	firm
	where string // own, receiving, appointed, stranger
	role  string
}

// composer is an employee who may send by hand with the apps installed where they are.
const composer = "composer"

// has is the role that somebody has.
func (p somebody) has() string {
	if p.role == composer {
		return string(policy.Employee)
	}
	return p.role
}

func (p somebody) String() string { return p.role + " (" + p.where + ")" }

func (p somebody) token() string { return p.tokens[p.role] }

// matrix is one person of every role and a composer in the organization of two apps, in one that
// has the third-party app installed, in one that the operator named for reviews,
// and in one to which none of that applies.
type matrix struct {
	stage
	*testing.T
	people []somebody
	apps   []policy.Resource // an internal and a third-party one
	agents map[bool]int64    // by whether it is the third-party one

	composes map[int64][]int64 // the apps of an organization's composer
	suite    app.SuiteProof    // of the third-party one
}

func newMatrix(t *testing.T, engine string) *matrix {
	n := mustRun(t, settings(t, engine), nil)
	m := &matrix{stage: stage{node: n}, T: t, agents: map[bool]int64{}, composes: map[int64][]int64{}}
	ctx, firms := t.Context(), map[string]firm{}
	for _, where := range []string{"own", "receiving", "appointed", "stranger"} {
		f := n.mustFirm(where, append(policy.RoleNames(), "writer", composer)...)
		for _, role := range append(policy.RoleNames(), composer) {
			p := somebody{f, where, role}
			n.mustRoles(f, role, p.has())
			m.people = append(m.people, p)
		}
		firms[where] = f
		m.mustCompose(f, f.agent)
	}
	m.provider = firms["own"]
	n.mustRoles(m.provider, "writer", "author")
	named := true
	if _, err := n.Directory().UpdateOrganization(ctx, audit.ByOperator(), firms["appointed"].id, directory.OrganizationChange{ReviewsOthers: &named}); err != nil {
		t.Fatal(err)
	}
	third, secret, err := n.Apps().CreateThirdParty(ctx, audit.ByOperator(), m.provider.id, app.NewApp{Name: "Approvals"}, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"own", "receiving"} {
		g, err := n.Apps().Install(ctx, audit.ByOperator(), m.provider.id, third.ID, firms[where].id, app.Installation{Range: directory.Range{Everyone: true}})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Apps().SetDirectSend(ctx, audit.ByOperator(), firms[where].id, g.ID, true); err != nil {
			t.Fatal(err)
		}
		m.mustCompose(firms[where], g.ID)
		m.agents[true] = g.ID // the receiving organization's in the end
	}
	m.suite = app.SuiteProof{Key: third.Key, Secret: secret, Ticket: "any"}
	m.agents[false] = m.provider.agent
	internal, _, err := n.Apps().AppOfAgent(ctx, m.provider.agent)
	if err != nil {
		t.Fatal(err)
	}
	m.apps = []policy.Resource{internal.Resource(), third.Resource()}
	m.apps[0].ReceivedBy, m.apps[1].ReceivedBy = m.provider.id, firms["receiving"].id
	return m
}

// mustCompose makes an organization's composer one of an installation.
func (m *matrix) mustCompose(f firm, agentID int64) {
	m.Helper()
	a, _, err := m.Apps().AppOfAgent(m.T.Context(), agentID)
	if err != nil {
		m.Fatal(err)
	}
	ordinal, _ := m.Directory().Ordinal(f.id, composer)
	if err := m.Apps().SetComposers(m.T.Context(), audit.ByOperator(), f.id, agentID, app.Composers{Ordinals: []uint32{ordinal}}); err != nil {
		m.Fatal(err)
	}
	m.composes[f.id] = append(m.composes[f.id], a.ID)
}

// asker is what the table has to know of somebody.
func (m *matrix) asker(p somebody) policy.Asker {
	ordinal, ok := m.Directory().Ordinal(p.id, p.role)
	if !ok {
		m.Fatalf("%v is not there", p)
	}
	a := policy.Asker{
		By: audit.By{Actor: audit.Person(p.id, ordinal)}, Roles: policy.RoleSet(p.has()), Appointed: p.where == "appointed",
	}
	if p.role == composer {
		a.Composes = policy.NewAppSet(m.composes[p.id]...)
	}
	return a
}

// statusOf is what a verdict comes to over HTTP.
func statusOf(v policy.Verdict, granted int) int {
	return map[policy.Verdict]int{policy.Granted: granted, policy.Refused: http.StatusForbidden, policy.Unseen: http.StatusNotFound}[v]
}

// template makes a template of an app in a state, written by a person of the matrix
// or, where that is nil, by the provider's writer.
func (m *matrix) template(of policy.Resource, state string, by *somebody) string {
	m.Helper()
	writer := actor{m.stage, m.T, m.provider.tokens["writer"]}
	if by != nil {
		m.mustRoles(by.firm, by.role, "author")
		defer m.mustRoles(by.firm, by.role, by.has())
		writer.token = by.token()
	}
	templates := fmt.Sprintf("apps/%d/templates", m.agents[of.ThirdParty])
	id := writer.must(http.StatusCreated, http.MethodPost, templates, noteForm("Of ${who}")).TemplateID
	if state != "draft" {
		writer.must(http.StatusOK, http.MethodPost, templates+"/"+id+"/submit", "")
	}
	switch state {
	case "redraft":
		writer.must(http.StatusOK, http.MethodPost, templates+"/"+id+"/withdraw", "")
	case "approved":
		g, err := policy.Check(policy.Asker{By: audit.ByOperator()}, policy.TemplatesReview, of, review.Unknown())
		if err == nil {
			_, err = m.Templates().Approve(context.Background(), g, id, 1)
		}
		if err != nil {
			m.Fatal(err)
		}
	}
	return id
}

// path is where a route is asked for a template.
func (m *matrix) path(r route, of policy.Resource, id string) (method, path string) {
	method, path, _ = strings.Cut(r.name, " ")
	return method, strings.NewReplacer("{agent_id}", fmt.Sprint(m.agents[of.ThirdParty]), "{id}", id, "{number}", "1").Replace(path)
}

// everything is all that can change about an app's templates, as its writer sees it.
func (m *matrix) everything(of policy.Resource, id string) string {
	m.Helper()
	templates := fmt.Sprintf("apps/%d/templates", m.agents[of.ThirdParty])
	var all string
	for _, path := range []string{templates, templates + "/" + id, templates + "/" + id + "/log"} {
		status, text := m.ask(http.MethodGet, path, m.provider.tokens["writer"], "")
		if status != http.StatusOK || !json.Valid([]byte(text)) {
			m.Fatalf("%s: %d %s", path, status, text)
		}
		all += text
	}
	return all
}

// Every route about an app, asked by everybody about a draft and about what was
// submitted, answers as the table says; who is refused changes nothing.
func TestRightsToApps(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		asked := map[string]bool{}
		for _, r := range m.routes() {
			if !strings.Contains(r.name, "{agent_id}") || aboutAppsThemselves(r) {
				continue
			}
			c, said := calls[r.name]
			if !said || !slices.Contains(policy.Rights(), r.right) || r.status == 0 {
				t.Errorf("say in calls how to ask %s, which takes the right %q and answers with %d", r.name, r.right, r.status)
				continue
			}
			asked[r.name] = true
			for _, of := range m.apps {
				for _, state := range c.states {
					m.row(r, of, state, c.body)
				}
			}
		}
		for name := range maps.Keys(calls) {
			if !asked[name] {
				t.Errorf("there is no route %s", name)
			}
		}
	})
}

// row asks one route about templates of one app in one state, as everybody.
func (m *matrix) row(r route, of policy.Resource, state, body string) {
	m.Helper()
	in := policy.Case{Draft: state == "draft" && strings.Contains(r.name, "{id}")}
	about := of
	if r.right == policy.SendsWrite {
		about = receivedBy(of)
	}
	id := m.template(of, state, nil)
	before := m.everything(of, id)
	method, path := m.path(r, of, id)
	if status, text := m.ask(method, path, "", body); status != http.StatusUnauthorized {
		m.Errorf("%s: nobody: %d: %s", r.name, status, text)
	}
	var granted []somebody
	for _, p := range m.people {
		verdict := m.asker(p).Verdict(r.right, about, in)
		if verdict == policy.Granted {
			granted = append(granted, p)
			continue
		}
		if status, text := m.ask(method, path, p.token(), body); status != statusOf(verdict, r.status) {
			m.Errorf("%s, third-party %t, %s: %v: %d, %s by the table: %s", r.name, of.ThirdParty, state, p, status, verdict, text)
		}
	}
	if after := m.everything(of, id); after != before {
		m.Errorf("%s, third-party %t, %s: it was refused, and\n%s\nbecame\n%s", r.name, of.ThirdParty, state, before, after)
	}
	want := r.status
	if r.right == policy.TemplatesReview && in.Draft {
		want = http.StatusConflict // the right is there, and nothing to decide on
	}
	for i, p := range granted {
		if i > 0 && !slices.Contains([]policy.Right{policy.TemplatesRead, policy.SendsWrite, policy.FilesUpload}, r.right) { // which leaves the template as it is
			method, path = m.path(r, of, m.template(of, state, nil))
		}
		if status, text := m.ask(method, path, p.token(), body); status != want {
			m.Errorf("%s, third-party %t, %s: %v: %d, want %d: %s", r.name, of.ThirdParty, state, p, status, want, text)
		}
	}
}

// Whoever wrote a version is answered as the table says of those who took part,
// whatever role they have by now.
func TestRightsToWhatOneWrote(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		asked := 0
		for _, r := range m.routes() {
			if r.right != policy.TemplatesReview {
				continue
			}
			for _, of := range m.apps {
				for _, p := range m.people {
					if p.where != "own" {
						continue // nobody else can write
					}
					asked++
					id := m.template(of, "in_review", &p)
					before := m.everything(of, id)
					method, path := m.path(r, of, id)
					verdict := m.asker(p).Verdict(r.right, of, policy.Case{TookPart: true})
					if status, text := m.ask(method, path, p.token(), calls[r.name].body); status != statusOf(verdict, r.status) {
						t.Errorf("%s, third-party %t: %v: %d, %s by the table: %s", r.name, of.ThirdParty, p, status, verdict, text)
					}
					if after := m.everything(of, id); verdict != policy.Granted && after != before {
						t.Errorf("%s, third-party %t: %v: it was refused, and\n%s\nbecame\n%s", r.name, of.ThirdParty, p, before, after)
					}
				}
			}
		}
		if asked == 0 {
			t.Error("no route takes the right to review")
		}
	})
}
