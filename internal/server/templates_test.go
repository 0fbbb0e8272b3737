package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// answer is what these tests look for in an answer, whatever it is.
type answer struct {
	Code       string           `json:"code"`
	Detail     string           `json:"detail"`
	Limit      int64            `json:"limit"`
	Actual     int64            `json:"actual"`
	Findings   []map[string]any `json:"findings"`
	Parameters []string         `json:"parameters"`
	Items      []item           `json:"items"`

	TemplateID  string   `json:"template_id"`
	State       string   `json:"state"`
	Enabled     bool     `json:"enabled"`
	LiveVersion int      `json:"live_version"`
	Newest      aVersion `json:"newest"`
	May         map[string]bool
	TaskID      string    `json:"task_id"`
	HTML        string    `json:"html"`
	Title       string    `json:"title"`
	Preview     string    `json:"preview"`
	Type        string    `json:"type"`
	Against     *int      `json:"against"`
	Changes     []aChange `json:"changes"`
}

type aVersion struct {
	Number    int     `json:"number"`
	State     string  `json:"state"`
	Edition   int     `json:"edition"`
	Reason    string  `json:"reason"`
	DecidedBy aPerson `json:"decided_by"`
}

type aPerson struct {
	Userid string `json:"userid"`
	Name   string `json:"name"`
	CorpID string `json:"corp_id"`
}

type aChange struct{ Field, Before, After string }

// actor is somebody who asks, and stops the test when the answer is another
// than it should be.
type actor struct {
	stage
	*testing.T
	token string
}

func (a actor) must(status int, method, path, body string) answer {
	a.Helper()
	got, text := a.ask(method, path, a.token, body)
	if got != status {
		a.Fatalf("%s %s: status %d, want %d: %s", method, path, got, status, text)
	}
	var ans answer
	if text != "" {
		if err := json.Unmarshal([]byte(text), &ans); err != nil {
			a.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return ans
}

// The whole life of a template, by the people in it.
func TestLifeOfATemplate(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := mustRun(t, settings(t, engine), nil).mustStage()
		author, employee := actor{s, t, s.provider.tokens["author"]}, actor{s, t, s.provider.tokens["employee"]}
		own, reviewer, second := actor{s, t, s.provider.tokens["reviewer"]}, actor{s, t, s.other.tokens["reviewer"]}, actor{s, t, s.other.tokens["reviewer2"]}

		one := s.templates("/" + author.draft())
		author.shown(one, employee)
		reviewer.decides(one, author, own, second)
		author.usesItAgain(one)
		reviewer.rejects(one, author)
		author.clonesAndDeletes(one)
		author.reads(one, reviewer)
	})
}

// draft writes a template, badly at first, and returns its id.
func (a actor) draft() string {
	bad := noteForm("# Of ${who}\n<b>${whom}</b>")
	if l := a.must(200, "POST", a.templates("/lint"), bad); len(l.Findings) < 3 || !slices.Equal(l.Parameters, []string{"who", "whom", "id"}) {
		a.Errorf("lint: %+v", l)
	}
	if p := a.must(400, "POST", a.templates("/preview"), `{"form":`+bad+`}`); p.Code != "template_form_invalid" || len(p.Findings) < 3 {
		a.Errorf("preview of a form with errors: %+v", p)
	}
	made := a.must(201, "POST", a.templates(""), bad)
	one := a.templates("/" + made.TemplateID)
	if made.State != "draft" || made.Newest.Edition != 1 || made.Enabled || made.LiveVersion != 0 || !made.May["write"] || made.May["review"] {
		a.Errorf("made: %+v", made)
	}
	if p := a.must(400, "POST", one+"/submit", ""); p.Code != "template_form_invalid" || len(p.Findings) < 3 {
		a.Errorf("submitting a form with errors: %+v", p)
	}
	if l := a.must(200, "GET", one+"/versions/1/lint", ""); len(l.Findings) < 3 {
		a.Errorf("lint of a version: %+v", l)
	}
	a.tooLarge(one)
	good := `{"form":` + noteForm("Of **${who}**") + `,"edition":1}`
	if saved := a.must(200, "PUT", one, good); saved.Newest.Edition != 2 || saved.Newest.Number != 1 {
		a.Errorf("saved: %+v", saved)
	}
	if p := a.must(409, "PUT", one, good); p.Code != "template_changed" {
		a.Errorf("saved on top of a draft not read: %+v", p)
	}
	return made.TemplateID
}

// tooLarge is refused with the limit and what was given, kept or not.
func (a actor) tooLarge(one string) {
	for _, at := range []struct{ method, path, form string }{{"POST", a.templates(""), "%s"}, {"PUT", one, `{"form":%s}`}} {
		kept := fmt.Sprintf(at.form, noteForm(strings.Repeat("<", 20<<10)))
		if p := a.must(400, at.method, at.path, kept); p.Code != "template_form_invalid" || p.Limit != 64<<10 || p.Actual < 120<<10 {
			a.Errorf("%s of a large form: %+v", at.method, p)
		}
		sent := fmt.Sprintf(at.form, noteForm(strings.Repeat("x", 64<<10)))
		if p := a.must(413, at.method, at.path, sent); p.Code != "body_too_large" || p.Limit != 64<<10 || p.Actual != int64(len(sent)) {
			a.Errorf("%s of a larger one: %+v", at.method, p)
		}
	}
}

// shown compares a preview with what arrives as a test, which is the author's
// alone.
func (a actor) shown(one string, employee actor) {
	const values = `{"values":{"who":"$userName=auditor$"}}`
	card := a.must(200, "POST", one+"/versions/1/preview", values)
	sent := a.must(200, "POST", one+"/versions/1/test", values)
	inbox := a.must(200, "GET", "inbox/messages", "")
	if len(inbox.Items) != 1 || inbox.Items[0].TaskID != sent.TaskID || sent.TaskID == "" {
		a.Fatalf("the author's inbox: %+v, the test %q", inbox.Items, sent.TaskID)
	}
	if got := inbox.Items[0]; got.HTML != card.HTML || got.Title != card.Title || got.Preview != card.Preview || got.App.Name != "Approvals" {
		a.Errorf("in the inbox\n%+v\nas a preview\n%+v", got, card)
	}
	for _, part := range []string{"<strong>auditor</strong>", `href="https://app.example.com/notes/n%201"`, `data-trusted="true"`} {
		if !strings.Contains(card.HTML, part) {
			a.Errorf("the card lacks %s: %s", part, card.HTML)
		}
	}
	if inbox := employee.must(200, "GET", "inbox/messages", ""); len(inbox.Items) != 0 {
		a.Errorf("others got the test: %+v", inbox.Items)
	}
}

// decides is a reviewer of another organization who approves.
func (a actor) decides(one string, author, own, second actor) {
	if p := a.must(404, "GET", one, ""); p.Code != "template_unknown" {
		a.Errorf("a draft: %+v", p)
	}
	if _, list := a.ask("GET", a.templates(""), a.token, ""); strings.TrimSpace(list) != `{"items":[]}` {
		a.Errorf("drafts in a list: %s", list)
	}
	author.must(200, "POST", one+"/submit", `{"edition":2}`)
	if p := author.must(409, "PUT", one, `{"form":`+noteForm("Another")+`}`); p.Code != "template_state" {
		a.Errorf("saving what is in review: %+v", p)
	}
	if p := own.must(403, "POST", one+"/versions/1/approve", ""); p.Code != "permission_denied" {
		a.Errorf("the provider's own reviewer: %+v", p)
	}
	if _, list := own.ask("GET", "template-reviews", own.token, ""); strings.TrimSpace(list) != `{"items":[],"count":0,"next_before":null,"next_after":null}` {
		a.Errorf("waits for the provider's own reviewer: %s", list)
	}
	_, list := a.ask("GET", "template-reviews", a.token, "")
	for _, part := range []string{`"app_name":"Approvals"`, `"provider_name":"Provider"`, `"userid":"","name":"",`, `"organization_name":"Provider"`, `"review":true`, `"count":1`, `"changes":null`} {
		if !strings.Contains(list, part) || strings.Count(list, `"template_id"`) != 1 {
			a.Errorf("what waits lacks %s: %s", part, list)
		}
	}
	if d := a.must(200, "GET", one+"/versions/1/difference", ""); d.Against != nil || !slices.Contains(d.Changes, aChange{"content", "", "Of **${who}**"}) {
		a.Errorf("difference: %+v", d)
	}
	if done := a.must(200, "POST", one+"/versions/1/approve", ""); done.State != "approved" || done.LiveVersion != 1 || !done.Enabled || done.May["review"] {
		a.Errorf("approved: %+v", done)
	}
	if p := second.must(409, "POST", one+"/versions/1/reject", `{"reason":"no"}`); p.Code != "template_state" || !strings.Contains(p.Detail, "approved by reviewer at 2") {
		a.Errorf("the second to decide: %+v", p)
	}
}

func (a actor) usesItAgain(one string) {
	if off := a.must(200, "POST", one+"/disable", ""); off.State != "disabled" || off.Enabled {
		a.Errorf("disabled: %+v", off)
	}
	if on := a.must(200, "POST", one+"/enable", ""); on.State != "approved" || !on.Enabled {
		a.Errorf("enabled: %+v", on)
	}
}

// rejects is a reviewer who sends the second version back.
func (a actor) rejects(one string, author actor) {
	author.must(200, "PUT", one, `{"form":`+noteForm("Of *${who}*")+`}`)
	if seen := a.must(200, "GET", one, ""); seen.Newest.Number != 1 {
		a.Errorf("the reviewer sees a draft: %+v", seen)
	}
	author.must(200, "POST", one+"/submit", "")
	author.must(200, "POST", one+"/withdraw", "")
	author.must(200, "POST", one+"/submit", "")
	if p := a.must(400, "POST", one+"/versions/3/reject", `{"reason":" "}`); p.Code != "parameter_missing" {
		a.Errorf("without a reason: %+v", p)
	}
	a.must(200, "POST", one+"/versions/3/reject", `{"reason":"Too faint."}`)
	back := author.must(200, "GET", one, "")
	if back.Newest.Reason != "Too faint." || back.Newest.DecidedBy != (aPerson{"", "", a.other.corpID}) || back.LiveVersion != 1 {
		a.Errorf("rejected, as the author of another organization sees it: %+v", back)
	}
	if seen := a.must(200, "GET", one, ""); seen.Newest.DecidedBy != (aPerson{"reviewer", "reviewer", a.other.corpID}) {
		a.Errorf("rejected, as its own organization sees it: %+v", seen)
	}
	if d := a.must(200, "GET", one+"/versions/3/difference", ""); d.Against == nil || *d.Against != 1 || len(d.Changes) != 1 {
		a.Errorf("difference with the live version: %+v", d)
	}
	if p := a.must(404, "GET", one+"/versions/4", ""); p.Code != "not_found" {
		a.Errorf("a version that is not there: %+v", p)
	}
}

func (a actor) clonesAndDeletes(one string) {
	clone := a.must(201, "POST", one+"/clone", `{"version":1}`)
	if clone.State != "draft" || clone.Newest.Number != 1 || strings.Contains(one, clone.TemplateID) {
		a.Errorf("cloned: %+v", clone)
	}
	path := a.templates("/" + clone.TemplateID)
	a.must(204, "DELETE", path, "")
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		if p := a.must(404, method, path, ""); p.Code != "template_unknown" {
			a.Errorf("%s after deleting: %+v", method, p)
		}
	}
}

// reads compares what an author and a reviewer read of what was done.
func (a actor) reads(one string, reviewer actor) {
	for _, c := range []struct {
		by   actor
		want string
	}{
		{a, "create save test submit approve disable enable save submit withdraw submit reject"},
		{reviewer, "submit approve disable enable submit withdraw submit reject"},
	} {
		var log struct {
			Items []struct {
				Action string
				By     aPerson
				Note   string
			}
		}
		_, text := c.by.ask("GET", one+"/log", c.by.token, "")
		if err := json.Unmarshal([]byte(text), &log); err != nil {
			a.Fatal(err)
		}
		var steps []string
		for _, e := range log.Items {
			steps = append(steps, strings.TrimPrefix(e.Action, "template."))
		}
		last := log.Items[len(log.Items)-1]
		if got := strings.Join(steps, " "); got != c.want || last.Note != "Too faint." || last.By.CorpID != a.other.corpID {
			a.Errorf("log: %s, want %s; the last %+v", got, c.want, last)
		}
	}
	var numbers struct{ Items []aVersion }
	_, text := a.ask("GET", one+"/versions", a.token, "")
	if err := json.Unmarshal([]byte(text), &numbers); err != nil || len(numbers.Items) != 3 || numbers.Items[0].Number != 3 || strings.Contains(text, `"form"`) {
		a.Errorf("versions: %s", text)
	}
}

// Where an organization reviews its own app's templates, it takes two.
func TestNobodyReviewsTheirOwn(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f := n.mustFirm("Small", "both", "reviewer")
		n.mustRoles(f, "both", "author", "reviewer")
		n.mustRoles(f, "reviewer", "reviewer")
		s := stage{node: n, provider: f, agent: f.agent}
		both, reviewer := actor{s, t, f.tokens["both"]}, actor{s, t, f.tokens["reviewer"]}
		one := s.templates("/" + both.must(201, "POST", s.templates(""), noteForm("Of ${who}")).TemplateID)
		if mine := both.must(200, "POST", one+"/submit", ""); mine.May["review"] || !mine.May["write"] {
			t.Errorf("the author may %v", mine.May)
		}
		if theirs := reviewer.must(200, "GET", one, ""); !theirs.May["review"] || theirs.May["write"] {
			t.Errorf("the reviewer may %v", theirs.May)
		}
		for token, waiting := range map[string]int{both.token: 0, reviewer.token: 1} {
			if _, list := s.ask("GET", "template-reviews", token, ""); strings.Count(list, `"template_id"`) != waiting {
				t.Errorf("waits: %s, want %d", list, waiting)
			}
		}
		if p := both.must(403, "POST", one+"/versions/1/approve", ""); p.Code != "permission_denied" {
			t.Errorf("the author approves: %+v", p)
		}
		for who, seen := range map[string]bool{both.token: true, reviewer.token: false} {
			_, list := s.ask("GET", "templates?mine=true&q=note", who, "")
			for _, part := range []string{fmt.Sprintf(`"app":{"agent_id":"%d","name":"`, f.agent), `"card":{"app":{"agent_id":"`, "Of Ann", `"next_before":null`} {
				if strings.Contains(list, part) != (seen || strings.HasPrefix(part, `"next`)) {
					t.Errorf("of all apps: %s in %s", part, list)
				}
			}
		}
		reviewer.must(200, "POST", one+"/versions/1/approve", "")
	})
}
