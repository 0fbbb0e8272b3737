package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/rest"
	"github.com/tidings-im/tidings/internal/template"
)

const (
	ourTemplates = "/api/v1/apps/" + ourAgent + "/templates"
	ourOne       = ourTemplates + "/" + ourTemplate
	waitingPlace = "001700000000000-" + ourTemplate // of what waits
)

// What a request for templates comes to: what the shelf is asked last, or the
// code and field of a refusal, with which no step is taken.
func TestTemplateRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, target, body, want string }{
		{"POST", ourTemplates, ourForm, "create 1/5 1 Hello, ${who}"},
		{"POST", ourTemplates, `{"kind":"form"}`, "create 1/5 1 "},
		{"POST", ourTemplates, `{"kind":"poster"}`, "parameter_invalid kind"},
		{"POST", ourTemplates, `{"name":"n"}`, "parameter_missing kind"},
		{"POST", ourTemplates, `{"kind":"form","extra":1}`, "parameter_invalid extra"},
		{"POST", ourTemplates, `{"kind":"form","rows":[{"key":"k","value":"v","extra":1}]}`, "parameter_invalid rows[0].extra"},
		{"POST", ourTemplates, `{"kind":"form","rows":[{"key":"k"}]}`, "parameter_missing rows[0].value"},
		{"POST", ourTemplates, `{"kind":"action_card","actions":[{"title":"t","url":"u","x":1}]}`, "parameter_invalid actions[0].x"},
		{"POST", ourTemplates, `{"kind":"form","parameters":[{"name":"p","x":1}]}`, "parameter_invalid parameters[0].x"},
		{"POST", ourTemplates, `{"kind":"form","parameters":[{"name":"p","max_length":-1}]}`, "parameter_invalid parameters[0].max_length"},
		{"POST", ourTemplates, `{"kind":"form","title":"\u0000"}`, "body_malformed "},
		{"POST", ourTemplates, "", "body_malformed "},
		{"PUT", ourOne, `{"form":{"kind":"form"},"edition":7}`, "save 1/5 1  7"},
		{"PUT", ourOne, `{"form":{"kind":"form"}}`, "save 1/5 1  0"},
		{"PUT", ourOne, `{"form":{"kind":"form"},"edition":0}`, "parameter_invalid edition"},
		{"PUT", ourOne, `{"form":{"kind":"form","x":1}}`, "parameter_invalid form.x"},
		{"PUT", ourOne, ourForm, "parameter_missing form"},
		{"DELETE", ourOne, "", "delete 1/5 1"},
		{"DELETE", ourOne + "/draft", "", "discard 1/5 1 0"},
		{"DELETE", ourOne + "/draft?edition=7", "", "discard 1/5 1 7"},
		{"DELETE", ourOne + "/draft?edition=0", "", "parameter_invalid edition"},
		{"POST", ourOne + "/submit", "", "submit 1/5 1 0"},
		{"POST", ourOne + "/submit", `{"edition":7}`, "submit 1/5 1 7"},
		{"POST", ourOne + "/submit", `{"edition":"7"}`, "parameter_invalid edition"},
		{"POST", ourOne + "/submit", `null`, "parameter_invalid "},
		{"POST", ourOne + "/withdraw", "", "withdraw 1/5 1"},
		{"POST", ourOne + "/enable", "", "enable 1/5 1"},
		{"POST", ourOne + "/disable", "", "disable 1/5 1"},
		{"POST", ourOne + "/clone", "", "clone 1/5 1 0"},
		{"POST", ourOne + "/clone", `{"version":3}`, "clone 1/5 1 3"},
		{"POST", ourOne + "/versions/3/approve", "", "approve 1/5 1 3"},
		{"POST", ourOne + "/versions/3/reject", `{"reason":"r"}`, "reject 1/5 1 3 r"},
		{"POST", ourOne + "/versions/3/reject", `{}`, "parameter_missing reason"},
		{"POST", ourOne + "/versions/3/test", "", "test 1/5 1 3 0"},
		{"POST", ourOne + "/versions/3/test", `{"values":{"who":"x"}}`, "test 1/5 1 3 1"},
		{"POST", ourOne + "/versions/3/test", `{"values":{"who":1}}`, "parameter_invalid values.who"},
		{"GET", ourOne + "/versions/0", "", "parameter_invalid number"},
		{"GET", ourOne + "/versions/x", "", "parameter_invalid number"},
		{"GET", ourOne + "/versions/99999999999999999999", "", "parameter_invalid number"},
		{"GET", ourOne + "/versions/3/difference", "", "difference 1/5 1 3 0"},
		{"GET", ourOne + "/versions/3/difference?against=2", "", "difference 1/5 1 3 2"},
		{"GET", ourOne + "/versions/3/difference?against=-1", "", "parameter_invalid against"},
		{"GET", "/api/v1/templates", "", "all 1/5 0 ,,,false,,,50"},
		{"GET", "/api/v1/templates?app=1&limit=7&mine=true", "", "all 1/5 1 ,,,true,,,7"},
		{"GET", "/api/v1/templates?kind=form&state=withdrawn&enabled=false&q=Note&before=17-" + ourTemplate, "", "all 1/5 0 form,withdrawn,false,false,Note,17 " + ourTemplate + ",50"},
		{"GET", "/api/v1/templates?app=3", "", "agent_unknown agent_id"},
		{"GET", "/api/v1/templates?app=0", "", "agent_unknown agent_id"},
		{"GET", "/api/v1/templates?state=live", "", "parameter_invalid state"},
		{"GET", "/api/v1/templates?before=x", "", "parameter_invalid before"},
		{"GET", "/api/v1/templates?limit=101", "", "parameter_invalid limit"},
		{"GET", "/api/v1/template-reviews", "", "waiting 1/5 0 50 ,,"},
		{"GET", "/api/v1/template-reviews?limit=1&after=" + waitingPlace, "", "waiting 1/5 0 1 " + ourTemplate + ",,"},
		{"GET", "/api/v1/template-reviews?before=" + waitingPlace, "", "waiting 1/5 0 50 ," + ourTemplate + ","},
		{"GET", "/api/v1/template-reviews?before=" + waitingPlace + "&after=" + waitingPlace, "", "parameter_invalid before"},
		{"GET", "/api/v1/template-reviews?before=" + waitingPlace + "&around=" + ourTemplate, "", "parameter_invalid around"},
		{"GET", "/api/v1/template-reviews?around=" + ourTemplate, "", "waiting 1/5 0 50 ,," + ourTemplate},
		{"GET", "/api/v1/template-reviews?around=" + strings.ToUpper(ourTemplate), "", "parameter_invalid around"},
		{"GET", "/api/v1/template-reviews?around=" + ourTemplate + "&after=" + waitingPlace, "", "parameter_invalid around"},
		{"GET", "/api/v1/template-reviews?after=x", "", "parameter_invalid after"},
		{"GET", "/api/v1/template-reviews?limit=101", "", "parameter_invalid limit"},
		{"GET", ourTemplates + "/" + strings.ToUpper(ourTemplate), "", "template_unknown template_id"},
		{"GET", ourTemplates + "/x%00", "", "template_unknown template_id"},
		{"GET", ourTemplates + "/x%ff/versions", "", "template_unknown template_id"},
		{"GET", "/api/v1/apps/0" + ourAgent + "/templates", "", "agent_unknown agent_id"},
		{"PUT", ourTemplates + "/lint", `{"form":{"kind":"form"}}`, "template_unknown template_id"},
	} {
		h := newHouse()
		w := ask(t, h.handler(), c.method, c.target, ours, c.body)
		if code, _, _ := strings.Cut(c.want, " "); fault.KindOf(fault.Code(code)) == fault.Internal {
			taken := false
			for _, asked := range h.asked {
				taken = taken || asked == c.want
			}
			if w.Code/100 != 2 || !taken {
				t.Errorf("%s %s %s: %d %s, asked %q", c.method, c.target, c.body, w.Code, w.Body, h.asked)
			}
			continue
		}
		p := problem(t, w)
		if got := fmt.Sprintf("%s %s", p.Code, p.Field); got != c.want || w.Code/100 != 4 {
			t.Errorf("%s %s %s: %d %q (%s), want %q", c.method, c.target, c.body, w.Code, got, p.Detail, c.want)
		}
		for _, asked := range h.asked {
			if asked != "app" && asked != "roles" {
				t.Errorf("%s %s %s: refused, but asked %q", c.method, c.target, c.body, asked)
			}
		}
	}
}

// An app that is not there, that cannot be there, and one whose templates are
// not the asker's answer with the same bytes, on every route.
func TestAppOfOthersIsLikeNone(t *testing.T) {
	t.Parallel()
	eachGuarded(t, func(t *testing.T, method, target, body string) {
		if !strings.HasPrefix(target, "/api/v1/apps/") || target == "/api/v1/apps/install" {
			return
		}
		answers := map[string]string{}
		for _, agent := range []string{ourAgent, "3", "x", "01", "-1", "99999999999999999999"} {
			w := ask(t, newHouse().handler(), method, strings.Replace(target, "/apps/"+ourAgent+"/", "/apps/"+agent+"/", 1), theirs, body)
			p := problem(t, w)
			if p.Code != fault.CodeAgentUnknown || w.Code != http.StatusNotFound {
				t.Errorf("%s: %d %+v", agent, w.Code, p)
			}
			answers[strings.ReplaceAll(w.Body.String(), p.RequestID, "")] = agent
		}
		if len(answers) != 1 {
			t.Errorf("they can be told apart: %v", answers)
		}
	})
}

// A form can be too large in two ways: as it is sent, and as it would be kept.
func TestFormTooLarge(t *testing.T) {
	t.Parallel()
	handler := newHouse().handler()
	sent := `{"kind":"markdown","content":"` + strings.Repeat("x", 64<<10) + `"}`
	kept := `{"kind":"markdown","content":"` + strings.Repeat("<", 20<<10) + `"}`
	for _, route := range []string{"/lint", "/preview", "/check"} {
		wrap := func(form string) string {
			if route != "/lint" {
				return `{"form":` + form + `}`
			}
			return form
		}
		w := ask(t, handler, http.MethodPost, ourTemplates+route, ours, wrap(sent))
		p := problem(t, w)
		if w.Code != http.StatusRequestEntityTooLarge || p.Code != fault.CodeBodyTooLarge || p.Limit != 64<<10 || p.Actual != int64(len(wrap(sent))) {
			t.Errorf("%s as it is sent: %d %+v", route, w.Code, p)
		}
		w = ask(t, handler, http.MethodPost, ourTemplates+route, ours, wrap(kept))
		p = problem(t, w)
		if w.Code != http.StatusBadRequest || p.Code != fault.CodeTemplateFormInvalid || p.Limit != template.MaxForm || p.Actual < 6*20<<10 {
			t.Errorf("%s as it would be kept: %d %+v", route, w.Code, p)
		}
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	var found rest.Lint
	body := `{"kind":"markdown","name":"n","use_case":"u","title":"t","content":"# ${b}\n${a} ${b}","parameters":[{"name":"a","sample":"s"}]}`
	w := ask(t, newHouse().handler(), http.MethodPost, ourTemplates+"/lint", ours, body)
	if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var rules []string
	for _, f := range found.Findings {
		rules = append(rules, fmt.Sprintf("%s %s %d", f.Rule, f.Severity, f.Line))
		if f.Text == "" || f.Cure == "" || f.Field == "" {
			t.Errorf("%+v", f)
		}
	}
	want := "parameter_unknown error 0, heading error 1, parameter_not_described warning 0"
	if got := strings.Join(rules, ", "); !strings.Contains(got, "heading error 1") || !strings.Contains(got, "parameter_not_described warning 0") {
		t.Errorf("found %s, want at least %s", got, want)
	}
	if strings.Join(found.Parameters, " ") != "b a" {
		t.Errorf("parameters %v", found.Parameters)
	}
	w = ask(t, newHouse().handler(), http.MethodPost, ourTemplates+"/lint", ours, ourForm)
	if got := strings.TrimSpace(w.Body.String()); got != `{"findings":[],"parameters":["who"]}` {
		t.Errorf("of a form without faults: %s", got)
	}
}

// A refused form tells all its errors, and its warnings not.
func TestProblemHasAllErrors(t *testing.T) {
	t.Parallel()
	body := `{"form":{"kind":"markdown","name":"n","title":"t","content":"# h\n<b>x</b> ${p}","parameters":[{"name":"p","sample":"s"}]}}`
	w := ask(t, newHouse().handler(), http.MethodPost, ourTemplates+"/preview", ours, body)
	p := problem(t, w)
	if w.Code != http.StatusBadRequest || p.Code != fault.CodeTemplateFormInvalid || len(p.Findings) < 3 {
		t.Fatalf("%d %+v", w.Code, p)
	}
	for _, f := range p.Findings {
		if f.Severity != template.Error {
			t.Errorf("%+v", f)
		}
	}
	if first := p.Findings[0]; p.Field != first.Field || !strings.Contains(p.Detail, first.Text) {
		t.Errorf("the first is %+v, told is %s: %s", first, p.Field, p.Detail)
	}
	if w := ask(t, newHouse().handler(), http.MethodGet, ourTemplates+"/x", ours, ""); strings.Contains(w.Body.String(), "findings") {
		t.Errorf("findings in another problem: %s", w.Body)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, want string }{
		{`{"form":` + ourForm + `}`, "Hello, Ann<"},
		{`{"form":` + ourForm + `,"values":{"who":"you","other":"x"}}`, "Hello, you<"},
		{`{"form":` + ourForm + `,"values":{"who":"$userName=ann$"}}`, "Hello, Ann of secret_of_1<"},
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodPost, ourTemplates+"/preview", ours, c.body)
		var card struct {
			App  struct{ Name, AgentID string }
			Type string `json:"type"`
			HTML string `json:"html"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &card); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if !strings.Contains(card.HTML, c.want) || card.Type != "markdown" || !strings.Contains(w.Body.String(), `"agent_id":"1"`) {
			t.Errorf("%s: %s", c.body, w.Body)
		}
		if last := h.asked[len(h.asked)-1]; last != "preview 1 1 secret_of_1" {
			t.Errorf("asked %q", last)
		}
	}
}

// The shapes of answers, as clients know them.
func TestTemplateAnswers(t *testing.T) {
	t.Parallel()
	const (
		author = `{"userid":"u7","name":"secret_of_1","corp_id":"corp1","organization_name":"secret_of_1","operator":false}`
		nobody = `{"userid":"","name":"","corp_id":"","organization_name":"","operator":true}`
		other  = `{"userid":"","name":"","corp_id":"corp3","organization_name":"secret_of_3","operator":false}`
		at     = `"2023-11-14T22:13:20Z"`
		form   = `"form":{"kind":"markdown","name":"secret_of_1","use_case":"u","title":"t","content":"Hello, ${secret_of_1}",` +
			`"parameters":[{"name":"secret_of_1","description":"d","sample":"Ann"}]},`
		version = `{"number":2,"state":"in_review","edition":3,FORM"authors":[` + author + `,` + nobody + `],"created_at":` + at + `,"saved_at":` + at +
			`,"submitted_at":` + at + `,"submitted_by":` + other + `,"decided_at":null,"decided_by":null,"reason":""}`
		one = `{"template_id":"` + ourTemplate + `","agent_id":"1","name":"secret_of_1","kind":"markdown","state":"in_review","enabled":true,` +
			`"live_version":1,"created_at":` + at + `,"disabled_at":null,"newest":` + version + `,"may":{"write":true,"review":true}}`
	)
	const card = `{"app":{"agent_id":"1","name":"secret_of_1","icon":""},"type":"markdown","title":"t","preview":"",` +
		`"html":"\u003carticle class=\"td-card td-markdown\" dir=\"auto\" aria-label=\"t\"\u003e\u003cdiv class=\"td-prose\"\u003e\u003cp dir=\"auto\"\u003eHello, Ann\u003c/p\u003e\u003c/div\u003e\u003c/article\u003e","body":{}}`
	with, without := strings.NewReplacer("FORM", form), strings.NewReplacer("FORM", "")
	for target, want := range map[string]string{
		"GET " + ourTemplates:                      `{"items":[` + without.Replace(one) + `]}`,
		"GET " + ourOne:                            with.Replace(one),
		"POST " + ourOne + "/enable":               with.Replace(one),
		"GET " + ourOne + "/versions":              `{"items":[` + without.Replace(version) + `]}`,
		"GET " + ourOne + "/versions/2":            with.Replace(version),
		"GET " + ourOne + "/versions/2/difference": `{"against":null,"changes":[{"field":"title","before":"secret_of_1","after":""}]}`,
		"GET " + ourOne + "/log":                   `{"items":[{"action":"template.save","version":2,"note":"","at":"0001-01-01T00:00:00Z","by":` + author + `,"by_operator":true}]}`,
		"GET /api/v1/template-reviews":             `{"items":[{"agent_id":"1","app_name":"secret_of_1","provider_name":"","position":6,"changes":2,"template":` + without.Replace(one) + `}],"count":7,"next_before":null,"next_after":null}`,
		"GET " + ourOne + "/versions/2/facts": `{"against":1,"changes":3,"hosts":[{"host":"secret_of_1","new":true}],` +
			`"parameter_hosts":[{"parameter":"p","hosts":[{"host":"secret_of_1","new":true}]}],"parameters_added":["p"],"parameters_removed":[]}`,
		"GET /api/v1/apps": `{"items":[{"agent_id":"6","name":"Orders of secret_of_1","icon":"","app_key":"","kind":"third_party","provider":{"corp_id":"corp8","name":"secret_of_8"},"enabled":false,"reach":{"everyone":false,"departments":0,"userids":0,"people":1},"oldest_secret_at":null,"may":{"write_templates":false}},` +
			`{"agent_id":"1","name":"secret_of_1","icon":"","app_key":"","kind":"internal","provider":{"corp_id":"corp1","name":"secret_of_1"},"enabled":true,"reach":{"everyone":false,"departments":0,"userids":0,"people":1},"oldest_secret_at":null,"may":{"write_templates":true}}],"may":{"create":true,"install":true}}`,
		"GET /api/v1/templates": `{"items":[` + strings.TrimSuffix(strings.Replace(without.Replace(one), author+","+nobody, "", 1), "}") +
			`,"app":{"agent_id":"1","name":"secret_of_1","icon":""},"card":` + card + `}],"next_before":"1700000000000-` + ourTemplate + `","examined_to":` + at + `}`,
		"POST " + ourOne + "/versions/2/test":                `{"task_id":"1152921504606846977"}`,
		"GET " + ourOne + "/versions/2/lint":                 `{"findings":[],"parameters":["secret_of_1"]}`,
		"GET " + ourOne + "/versions/2/difference?against=1": `{"against":1,"changes":[{"field":"title","before":"secret_of_1","after":""}]}`,
	} {
		method, path, _ := strings.Cut(target, " ")
		w := ask(t, newHouse().handler(), method, path, ours, "")
		if got := strings.TrimSpace(w.Body.String()); got != want || w.Code != http.StatusOK {
			t.Errorf("%s: %d\n%s\nwant\n%s", target, w.Code, got, want)
		}
	}
	for target, body := range map[string]string{ourTemplates: ourForm, ourOne + "/clone": ""} {
		if w := ask(t, newHouse().handler(), http.MethodPost, target, ours, body); w.Code != http.StatusCreated {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}
