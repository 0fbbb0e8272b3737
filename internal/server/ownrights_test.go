package server_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

// things are somebody's own: what the routes without an app are about.
type things struct {
	link    string // signs them in
	session string // its id
	token   string // the id of a token beside the one they ask with
	message string // a message to them alone
	page    string // what the page of their organization's app asks for
	program string // what a program of their organization asks for
	task    int64
}

// calls of routes that are about no app: the path and body for somebody's things,
// and whether naming somebody else's is possible at all.
var ownCalls = map[string]struct {
	ask     func(th things, file string) (path, body string)
	named   bool
	session bool // an API token is refused, whoever's it is
	always  int  // what everybody is answered, where that is a refusal
}{
	"GET me":               {ask: plain("me")},
	"GET me/organizations": {ask: plain("me/organizations")},
	"GET inbox/messages":   {ask: plain("inbox/messages")},
	"GET inbox/unread":     {ask: plain("inbox/unread")},
	"GET inbox/apps":       {ask: plain("inbox/apps")},
	"GET inbox/events":     {ask: plain("inbox/events")},
	"GET sessions":         {ask: plain("sessions")},
	"GET tokens":           {ask: plain("tokens")},
	"GET consents":         {ask: plain("consents")},
	"DELETE consents/{id}": {ask: plain("consents/1")},
	"POST authorizations/describe": {ask: func(th things, _ string) (string, string) {
		return "authorizations/describe", th.program
	}},
	"POST authorizations":  {ask: func(th things, _ string) (string, string) { return "authorizations", th.program }, session: true},
	"POST page-codes":      {ask: func(th things, _ string) (string, string) { return "page-codes", th.page }, session: true},
	"GET template-reviews": {ask: plain("template-reviews")},
	"GET sign-in-help":     {ask: plain("sign-in-help")},
	"GET sign-in":          {ask: plain("sign-in")},
	"POST sign-in/begin": {
		ask:    func(things, string) (string, string) { return "sign-in/begin", `{"source":"1_aaaaaaaaaaaaaaaa"}` },
		always: http.StatusNotFound,
	},
	"POST setup/describe": {ask: func(things, string) (string, string) { return "setup/describe", `{"token":"x"}` }, always: http.StatusConflict},
	"POST setup": {ask: func(things, string) (string, string) {
		return "setup", `{"token":"x","organization":"Other","userid":"ann","name":"Ann"}`
	}, always: http.StatusConflict},
	"POST sign-in-links/describe": {ask: func(th things, _ string) (string, string) {
		return "sign-in-links/describe", `{"link":"` + th.link + `"}`
	}},
	"POST sessions": {ask: func(th things, _ string) (string, string) { return "sessions", `{"link":"` + th.link + `"}` }},
	"POST inbox/read": {ask: func(th things, _ string) (string, string) {
		return "inbox/read", `{"message_ids":["` + th.message + `"]}`
	}},
	"GET media/{id}": {ask: func(th things, file string) (string, string) {
		return fmt.Sprintf("media/%s?task=%d", file, th.task), ""
	}, named: true},
	"DELETE sessions/{id}": {ask: func(th things, _ string) (string, string) { return "sessions/" + th.session, "" }, named: true},
	"DELETE tokens/{id}":   {ask: func(th things, _ string) (string, string) { return "tokens/" + th.token, "" }, named: true},
}

func plain(path string) func(things, string) (string, string) {
	return func(things, string) (string, string) { return path, "" }
}

// status asks and reads nothing but the status: a stream has no end.
func (m *matrix) status(method, path, token, body string) int {
	m.Helper()
	ctx, cancel := context.WithCancel(m.T.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, m.base+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		m.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		m.Fatal(err)
	}
	_ = w.Body.Close()
	return w.StatusCode
}

// mustThings gives somebody something of their own. file is of their organization.
func (m *matrix) mustThings(p somebody, wire, file string) (th things) {
	m.Helper()
	ctx := m.T.Context()
	link := func() string {
		link, err := m.Accounts().CreateSignInLink(ctx, audit.ByOperator(), p.id, p.role, time.Hour, false)
		if err != nil {
			m.Fatal(err)
		}
		return link
	}
	if status := m.status(http.MethodPost, "sessions", "", `{"link":"`+link()+`"}`); status != http.StatusCreated {
		m.Fatalf("%v signs in: %d", p, status)
	}
	ordinal, _ := m.Directory().Ordinal(p.id, p.role)
	sessions, err := m.Accounts().Sessions(ctx, p.id, ordinal)
	if err != nil || len(sessions) == 0 {
		m.Fatalf("%v: sessions %v, %v", p, sessions, err)
	}
	value, err := m.Accounts().CreateToken(ctx, audit.ByOperator(), p.id, p.role, "second", time.Hour)
	if err != nil {
		m.Fatal(err)
	}
	if err := m.Apps().SetProfile(ctx, audit.ByOperator(), p.id, m.mustDeclare(p.firm, callback), app.Profile{Name: "App", PageURL: callback}); err != nil {
		m.Fatal(err)
	}
	page := fmt.Sprintf(`{"agent_id":"%d","origin":"https://app.example.com"}`, p.agent)
	program := fmt.Sprintf(`{"client_id":%q,"redirect_uri":%q,"response_type":"code"}`, p.key, callback)
	th = things{page: page, program: program, link: link(), session: sessions[0].ID, token: strings.Split(value, "_")[2]}
	th.task = m.mustSendTo(p.firm, wire, p.role, map[string]any{"msgtype": "image", "image": map[string]any{"media_id": file}})
	th.message = m.inboxOf(p)[0].MessageID
	return th
}

func (m *matrix) inboxOf(p somebody) []item {
	var page struct{ Items []item }
	if status := m.mustInbox(http.MethodGet, "messages", p.token(), nil, &page); status != http.StatusOK {
		m.Fatalf("%v: %d", p, status)
	}
	return page.Items
}

// kept is what a person has: their sessions, their tokens, what they have read.
func (m *matrix) kept(p somebody) string {
	m.Helper()
	ordinal, _ := m.Directory().Ordinal(p.id, p.role)
	sessions, err := m.Accounts().Sessions(m.T.Context(), p.id, ordinal)
	if err != nil {
		m.Fatal(err)
	}
	tokens, err := m.Accounts().Tokens(m.T.Context(), p.id, p.role)
	if err != nil {
		m.Fatal(err)
	}
	text, err := json.Marshal([]any{sessions, tokens, m.inboxOf(p)})
	if err != nil {
		m.Fatal(err)
	}
	return string(text)
}

// What is about the asker is answered to everybody, whatever their role, and of what
// is somebody else's there is nothing, and nothing of it changes.
func TestRightsToOneself(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		files, own := map[int64]string{}, map[string]things{}
		for _, p := range m.people {
			wire := m.mustLogin(p.firm)
			if files[p.id] == "" {
				files[p.id] = m.mustUpload(wire, "image", "p.png", tinyPNG(t))
			}
			own[p.String()] = m.mustThings(p, wire, files[p.id])
		}
		for _, r := range m.routes() {
			if _, said := organizationCalls[r.name]; said || strings.Contains(r.name, "{agent_id}") || aboutTasks(r) || r.right == policy.SendsWrite || r.right == policy.SendsTest {
				continue
			}
			c, said := ownCalls[r.name]
			if !said || !slices.Contains(policy.Rights(), r.right) || r.status == 0 || r.right.NeedsRole() {
				t.Errorf("say in ownCalls how to ask %s, which takes the right %q and answers with %d", r.name, r.right, r.status)
				continue
			}
			m.somebodyElses(r, own, files)
			for _, p := range m.people[1:] {
				verdict := m.asker(p).Verdict(r.right, policy.Own(m.asker(p).By), policy.Case{})
				method, _, _ := strings.Cut(r.name, " ")
				path, body := c.ask(own[p.String()], files[p.id])
				want := cmp.Or(c.always, r.status)
				if c.session {
					want = http.StatusForbidden
				}
				if status := m.status(method, path, p.token(), body); verdict != policy.Granted || status != want {
					t.Errorf("%s: %v: %d, %s by the table", r.name, p, status, verdict)
				}
			}
		}
	})
}

// somebodyElses has nobody, and then everybody, ask for what is the first person's.
func (m *matrix) somebodyElses(r route, own map[string]things, files map[int64]string) {
	m.Helper()
	victim, c := m.people[0], ownCalls[r.name]
	before := m.kept(victim)
	method, _, _ := strings.Cut(r.name, " ")
	path, body := c.ask(own[victim.String()], files[victim.id])
	if status := m.status(method, path, "", body); (status == http.StatusUnauthorized) == (r.right == policy.Open) {
		m.Errorf("%s: nobody: %d", r.name, status)
	}
	if r.right == policy.Open {
		return // whoever has the link may use it
	}
	for _, p := range m.people[1:] {
		status, want := m.status(method, path, p.token(), body), http.StatusNotFound
		if of := m.apps[0]; r.right == policy.FilesRead && m.asker(p).Verdict(policy.RecipientsRead, of, policy.Case{}) == policy.Granted {
			want = http.StatusOK // they may read the card of what the organization's app sent
		}
		if c.named && status != want {
			m.Errorf("%s of %v: %v: %d", r.name, victim, p, status)
		}
		// A file is its organization's; what shows it is somebody's.
		if verdict := m.asker(p).Verdict(r.right, policy.Own(m.asker(victim).By), policy.Case{}); verdict != policy.Unseen && r.right != policy.FilesRead {
			m.Errorf("%s of %v: %v: %s by the table", r.name, victim, p, verdict)
		}
	}
	if after := m.kept(victim); after != before {
		m.Errorf("%s changed somebody else's\n%s\nto\n%s", r.name, before, after)
	}
}

// A file that an app has uploaded and no message shows is there for those who may
// read the app's templates or send with it.
func TestRightsToUploads(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		file := m.mustUpload(m.mustLogin(m.provider), "image", "p.png", tinyPNG(t))
		for _, p := range m.people {
			want := http.StatusNotFound
			if a := m.asker(p); p.where == "own" && (a.Verdict(policy.TemplatesRead, m.apps[0], policy.Case{}) == policy.Granted ||
				a.Verdict(policy.SendsWrite, m.apps[0], policy.Case{}) == policy.Granted) {
				want = http.StatusOK
			}
			if status := m.status(http.MethodGet, "media/"+file, p.token(), ""); status != want {
				t.Errorf("%v: %d, want %d", p, status, want)
			}
		}
	})
}

// What somebody reads of themselves are the table's words.
func TestMeTellsRolesAndPages(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		for _, p := range m.people {
			var me struct {
				Roles    []policy.Role
				Pages    []policy.Page
				Granters []aPerson
				Compose  []struct {
					Name                        string
					Direct, Templates, Everyone bool
				} `json:"compose_apps"`
			}
			r := mustGet(m.base + "/api/v1/me")
			r.Header.Set("Authorization", "Bearer "+p.token())
			m.mustJSON(r, &me)
			want := []aPerson{{Userid: "owner", Name: "owner"}, {Userid: "administrator", Name: "administrator"}}
			if !slices.Equal(me.Granters, want) {
				t.Errorf("%v: granters %v", p, me.Granters)
			}
			if a := m.asker(p); !slices.Equal(me.Roles, a.Roles.List()) || !slices.Equal(me.Pages, a.Pages()) {
				t.Errorf("%v: roles %v, pages %v", p, me.Roles, me.Pages)
			}
			manages := p.role == "administrator" || p.role == "owner"
			apps := []string{}
			if manages || p.role == composer {
				if p.where == "own" || p.where == "receiving" {
					apps = append(apps, "Approvals true true false")
				}
				apps = append(apps, fmt.Sprint(p.where, " app true false ", manages))
			}
			got := []string{}
			for _, one := range me.Compose {
				got = append(got, fmt.Sprint(one.Name, " ", one.Direct, " ", one.Templates, " ", one.Everyone))
			}
			if !slices.Equal(got, apps) {
				t.Errorf("%v may send by hand with %q, want %q", p, got, apps)
			}
		}
	})
}
