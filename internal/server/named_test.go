package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// naming is an organization whose owner may do everything with its apps, and another
// one, which has some of them installed.
type naming struct {
	stage
	*testing.T
	own, other firm
}

// mustApp makes an own app of a kind: internal, or a third-party app that is installed
// here, elsewhere, or nowhere. It returns the agent id, if there is one, and the key.
func (n *naming) mustApp(kind string) (number, key string) {
	n.Helper()
	ctx, by := n.T.Context(), audit.ByOperator()
	if kind == "internal" {
		a, g, _, err := n.Apps().CreateInternal(ctx, by, n.own.id, app.NewApp{Name: "Internal"})
		must(n.T, err)
		return strconv.FormatInt(g.ID, 10), a.Key
	}
	a, _, err := n.Apps().CreateThirdParty(ctx, by, n.own.id, app.NewApp{Name: "Third"}, true)
	must(n.T, err)
	if kind == "nowhere" {
		return "", a.Key
	}
	in := map[string]int64{"here": n.own.id, "elsewhere": n.other.id}[kind]
	g, err := n.Apps().Install(ctx, by, n.own.id, a.ID, in, app.Installation{Range: directory.Range{Everyone: true}})
	must(n.T, err)
	return strconv.FormatInt(g.ID, 10), a.Key
}

// answers asks every route that has an app in its path about one app, by what names it,
// and returns status and code of each answer. Uninstalling comes last.
func (n *naming) answers(named string) map[string]string {
	n.Helper()
	routes := slices.DeleteFunc(n.routes(), func(r route) bool { return !strings.Contains(r.name, "{agent_id}") })
	last := slices.IndexFunc(routes, func(r route) bool { return r.name == "DELETE apps/{agent_id}" })
	routes = append(slices.Delete(slices.Clone(routes), last, last+1), routes[last])
	answers := map[string]string{}
	for _, r := range routes {
		body, said := appCalls[r.name]
		if c, more := calls[r.name]; more {
			body, said = c.body, true
		}
		if !said {
			n.Errorf("say in calls or appCalls how to ask %s", r.name)
		}
		method, path, _ := strings.Cut(r.name, " ")
		path = strings.NewReplacer("{agent_id}", named, "{id}", strings.Repeat("0", 32), "{number}", "1", "{secret_id}", "1").Replace(path)
		body = strings.NewReplacer("AGENT_EDITION", "1", "EDITION", "1").Replace(body)
		status, text := n.ask(method, path, n.own.tokens["owner"], body)
		var problem struct{ Code string }
		_ = json.Unmarshal([]byte(text), &problem) // an answer without a body has no code
		answers[r.name] = http.StatusText(status) + " " + problem.Code
	}
	return answers
}

// An own app is named by an agent id or by its key in every path of our own API, and
// both are answered alike, wherever it is installed. Two apps that are alike go through
// all routes in the same order, one by its number and one by its key.
func TestPathsNameAppsByNumberAndByKey(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := &naming{stage: stage{node: mustRun(t, settings(t, engine), nil)}, T: t}
		n.own, n.other = n.mustFirm("Own", "owner", "composer"), n.mustFirm("Other", "owner")
		n.mustRoles(n.own, "owner", "owner", "author", "developer", "reviewer")
		unknown := func(answer string) bool { return strings.Contains(answer, "agent_unknown") }
		for _, kind := range []string{"internal", "here", "elsewhere", "nowhere"} {
			number, _ := n.mustApp(kind)
			_, key := n.mustApp(kind)
			byKey := n.answers(key)
			for name, answer := range byKey {
				// What is sent by hand is sent where the app is installed.
				away := strings.HasSuffix(name, "/sendable") && (kind == "elsewhere" || kind == "nowhere")
				if unknown(answer) != away {
					t.Errorf("%s of an app that is %s, by its key: %s", name, kind, answer)
				}
			}
			if got := byKey["POST apps/{agent_id}/templates"]; got != "Created " {
				t.Errorf("a template of an app that is %s: %s", kind, got)
			}
			if number == "" {
				continue
			}
			byNumber := n.answers(number)
			for name, answer := range byKey {
				if byNumber[name] != answer {
					t.Errorf("%s of an app that is %s: by its key %s, by its number %s", name, kind, answer, byNumber[name])
				}
			}
			// Who has nothing to do with it cannot tell either from one that is not there.
			for _, named := range []string{key, number} {
				if status, text := n.ask(http.MethodGet, "apps/"+named+"/templates", n.other.tokens["owner"], ""); status != http.StatusNotFound {
					t.Errorf("%s, for another organization: %d %s", named, status, text)
				}
			}
		}
		for _, named := range []string{"suitenone", "x%00", "%FF", "-1", "007"} {
			for name, answer := range n.answers(named) {
				if !strings.HasPrefix(answer, "Not Found ") {
					t.Errorf("%s of %q: %s", name, named, answer)
				}
			}
		}
	})
}
