package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// askers are the people of templateRights, in its order.
var askers = []string{"nobody", "employee", "author", "auditor", "reviewer", "other's employee", "other's reviewer", "third's owner", "third's reviewer"}

// templateRights decides who is answered what, for every route about templates.
// The template asked about is in the state named. A reviewer of an organization
// that was not named for reviews is answered as its owner is.
var templateRights = map[string]struct {
	state string
	body  string
	want  [8]int
}{
	"GET template-reviews": {"in_review", "", [8]int{401, 200, 200, 200, 200, 200, 200, 200}},

	"GET apps/{agent_id}/templates":                                         {"in_review", "", [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"GET apps/{agent_id}/templates/{id}":                                    {"in_review", "", [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"GET apps/{agent_id}/templates/{id}/log":                                {"in_review", "", [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"GET apps/{agent_id}/templates/{id}/versions":                           {"in_review", "", [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"GET apps/{agent_id}/templates/{id}/versions/{number}":                  {"in_review", "", [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"GET apps/{agent_id}/templates/{id}/versions/{number}/lint":             {"in_review", "", [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"GET apps/{agent_id}/templates/{id}/versions/{number}/difference":       {"in_review", "", [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"POST apps/{agent_id}/templates/{id}/versions/{number}/preview":         {"in_review", "", [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"POST apps/{agent_id}/templates/lint":                                   {"in_review", noteForm("Of ${who}"), [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"POST apps/{agent_id}/templates/preview":                                {"in_review", `{"form":` + noteForm("Of ${who}") + `}`, [8]int{401, 404, 200, 200, 200, 404, 200, 404}},
	"GET apps/{agent_id}/templates/{id} of a draft":                         {"draft", "", [8]int{401, 404, 200, 200, 200, 404, 404, 404}},
	"GET apps/{agent_id}/templates/{id}/log of a draft":                     {"draft", "", [8]int{401, 404, 200, 200, 200, 404, 404, 404}},
	"GET apps/{agent_id}/templates/{id}/versions of a draft":                {"draft", "", [8]int{401, 404, 200, 200, 200, 404, 404, 404}},
	"POST apps/{agent_id}/templates/{id}/versions/{number}/preview of one":  {"draft", "", [8]int{401, 404, 200, 200, 200, 404, 404, 404}},
	"GET apps/{agent_id}/templates/{id}/versions/{number}/lint of a draft":  {"draft", "", [8]int{401, 404, 200, 200, 200, 404, 404, 404}},
	"GET apps/{agent_id}/templates/{id}/versions/{number}/difference of it": {"draft", "", [8]int{401, 404, 200, 200, 200, 404, 404, 404}},

	"POST apps/{agent_id}/templates":                                {"draft", noteForm("Of ${who}"), [8]int{401, 404, 201, 403, 403, 404, 403, 404}},
	"PUT apps/{agent_id}/templates/{id}":                            {"draft", `{"form":` + noteForm("Another of ${who}") + `}`, [8]int{401, 404, 200, 403, 403, 404, 403, 404}},
	"DELETE apps/{agent_id}/templates/{id}":                         {"draft", "", [8]int{401, 404, 204, 403, 403, 404, 403, 404}},
	"POST apps/{agent_id}/templates/{id}/submit":                    {"draft", "", [8]int{401, 404, 200, 403, 403, 404, 403, 404}},
	"POST apps/{agent_id}/templates/{id}/withdraw":                  {"in_review", "", [8]int{401, 404, 200, 403, 403, 404, 403, 404}},
	"POST apps/{agent_id}/templates/{id}/enable":                    {"approved", "", [8]int{401, 404, 200, 403, 403, 404, 403, 404}},
	"POST apps/{agent_id}/templates/{id}/disable":                   {"approved", "", [8]int{401, 404, 200, 403, 403, 404, 403, 404}},
	"POST apps/{agent_id}/templates/{id}/clone":                     {"approved", "", [8]int{401, 404, 201, 403, 403, 404, 403, 404}},
	"POST apps/{agent_id}/templates/{id}/versions/{number}/test":    {"draft", "", [8]int{401, 404, 200, 403, 403, 404, 403, 404}},
	"POST apps/{agent_id}/templates/{id}/versions/{number}/approve": {"in_review", "", [8]int{401, 404, 403, 403, 403, 404, 200, 404}},
	"POST apps/{agent_id}/templates/{id}/versions/{number}/reject":  {"in_review", `{"reason":"r"}`, [8]int{401, 404, 403, 403, 403, 404, 200, 404}},
}

// Every route about templates has a row in templateRights, which the server
// keeps to; who is refused changes nothing.
func TestRightsToTemplates(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := mustRun(t, settings(t, engine), nil).mustStage()
		for _, route := range s.templateRoutes() {
			if _, decided := templateRights[route]; !decided {
				t.Errorf("decide who may %s", route)
			}
		}
		tokens := []string{
			"", s.provider.tokens["employee"], s.provider.tokens["author"], s.provider.tokens["auditor"], s.provider.tokens["reviewer"],
			s.other.tokens["employee"], s.other.tokens["reviewer"], s.third.tokens["owner"], s.third.tokens["reviewer"],
		}
		author := actor{s, t, s.provider.tokens["author"]}
		for route, row := range templateRights {
			id := author.withTemplate(row.state)
			before := author.all(id)
			method, path, _ := strings.Cut(route, " ")
			path, _, _ = strings.Cut(path, " ")
			path = strings.NewReplacer("apps/{agent_id}/templates", s.templates(""), "{id}", id, "{number}", "1").Replace(path)
			try := func(i int) {
				want := row.want[min(i, len(row.want)-1)]
				if status, text := s.ask(method, path, tokens[i], row.body); status != want {
					t.Errorf("%s: %s: %d, want %d: %s", route, askers[i], status, want, text)
				}
			}
			var allowed []int
			for i, want := range append(row.want[:], row.want[7]) {
				if want < http.StatusBadRequest {
					allowed = append(allowed, i)
					continue
				}
				try(i)
			}
			if after := author.all(id); after != before {
				t.Errorf("%s: it was refused, and\n%s\nbecame\n%s", route, before, after)
			}
			for _, i := range allowed {
				try(i)
			}
		}
	})
}

// templateRoutes returns what the server describes as being about templates.
func (s stage) templateRoutes() (routes []string) {
	var described struct {
		Paths map[string]map[string]struct{ Tags []string }
	}
	s.mustJSON(mustGet(s.base+"/api/v1/openapi.json"), &described)
	for path, methods := range described.Paths {
		for method, op := range methods {
			if slices.Contains(op.Tags, "templates") || strings.Contains(path, "template") {
				routes = append(routes, strings.ToUpper(method)+" "+strings.TrimPrefix(path, "/api/v1/"))
			}
		}
	}
	if len(routes) < 20 {
		s.fail("only %d routes are described", len(routes))
	}
	return routes
}

// withTemplate makes a template in a state.
func (a actor) withTemplate(state string) string {
	id := a.must(http.StatusCreated, http.MethodPost, a.templates(""), noteForm("Of ${who}")).TemplateID
	if state != "draft" {
		a.must(http.StatusOK, http.MethodPost, a.templates("/"+id+"/submit"), "")
	}
	if state == "approved" {
		second := actor{a.stage, a.T, a.other.tokens["reviewer2"]}
		second.must(http.StatusOK, http.MethodPost, a.templates("/"+id+"/versions/1/approve"), "")
	}
	return id
}

// all is everything that can change about the app's templates.
func (a actor) all(id string) string {
	_, one := a.ask(http.MethodGet, a.templates("/"+id), a.token, "")
	_, list := a.ask(http.MethodGet, a.templates(""), a.token, "")
	_, log := a.ask(http.MethodGet, a.templates("/"+id+"/log"), a.token, "")
	if !json.Valid([]byte(one)) || !strings.Contains(list, id) {
		a.Fatalf("%s is not there: %s", id, one)
	}
	return one + list + log
}
