package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/policy"
)

// organizationCalls has the routes about what an organization has as a whole, with
// the bodies they are asked with.
var organizationCalls = map[string]string{
	"GET audit":         "",
	"POST audit/verify": "",
	"GET apps":          "",
	"POST apps":         `{"name":"Another"}`,
	"POST apps/install": `{"suite_key":"suitenone","range":{"everyone":true}}`,
	"GET templates":     "",
	"GET departments":   "",
	"GET people":        "",

	"GET console/events": "",

	"GET sign-in/sources":                               "",
	"POST sign-in/sources":                              `{"name":"Another","kind":"none","settings":{}}`,
	"GET sign-in/sources/{name}":                        "",
	"PUT sign-in/sources/{name}":                        `{"edition":"1","name":"Another","settings":{}}`,
	"POST sign-in/sources/{name}/test":                  "",
	"POST sign-in/sources/{name}/try":                   `{}`,
	"POST sign-in/sources/{name}/tried":                 "",
	"POST sign-in/sources/{name}/enable":                "",
	"POST sign-in/sources/{name}/disable":               "",
	"GET sign-in/waiting":                               "",
	"POST sign-in/waiting/{ref}/link":                   `{"userid":"nobody"}`,
	"DELETE sign-in/sources/{name}/identities/{userid}": "",
}

// none has what the paths of organizationCalls name, of which there is nothing.
var none = strings.NewReplacer("{name}", "none", "{ref}", "AAAA-AAAA", "{userid}", "nobody")

// What is the whole organization's is answered as the table says, to everybody for
// their own organization. Another one cannot be named.
func TestRightsToTheOrganization(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		asked := 0
		for _, r := range m.routes() {
			body, said := organizationCalls[r.name]
			if !said {
				continue
			}
			asked++
			if !slices.Contains(policy.Rights(), r.right) || r.status == 0 || !r.right.NeedsRole() {
				t.Errorf("%s takes the right %q and answers with %d", r.name, r.right, r.status)
			}
			method, pattern, _ := strings.Cut(r.name, " ")
			path := none.Replace(pattern)
			if status := m.status(method, path, "", body); status != http.StatusUnauthorized {
				t.Errorf("%s: nobody: %d", r.name, status)
			}
			for _, p := range m.people {
				granted := r.status
				if r.right == policy.AppsInstall || path != pattern {
					granted = http.StatusNotFound // there is no such app to install, and no such source
				}
				if r.name == "POST sign-in/sources" {
					granted = http.StatusBadRequest // there is no such kind
				}
				verdict := m.asker(p).Verdict(r.right, policy.Resource{Organization: p.id}, policy.Case{})
				ask := m.ask
				if strings.HasSuffix(path, "/events") { // a stream has no end
					ask = func(method, path, token, body string) (int, string) { return m.status(method, path, token, body), "" }
				}
				if status, text := ask(method, path, p.token(), body); status != statusOf(verdict, granted) {
					t.Errorf("%s: %v: %d, %s by the table: %s", r.name, p, status, verdict, text)
				}
				if p.where == "own" {
					continue
				}
				if status := m.status(method, path+"?org="+m.provider.corpID, p.token(), body); status != http.StatusUnauthorized {
					t.Errorf("%s of another organization: %v: %d", r.name, p, status)
				}
			}
		}
		if asked != len(organizationCalls) {
			t.Errorf("%d of the routes of %v are there", asked, organizationCalls)
		}
	})
}
