package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/policy"
)

// taskCalls has every route that takes a right to a task, with a body.
var taskCalls = map[string]string{
	"GET tasks":                             "",
	"GET tasks/{task_id}":                   "",
	"GET tasks/{task_id}/message":           "",
	"GET tasks/{task_id}/log":               "",
	"GET tasks/{task_id}/recipients":        "",
	"GET tasks/{task_id}/recipients/export": "",
	"POST tasks/{task_id}/recall":           "",
	"POST tasks/{task_id}/status-bar":       `{"value":"Done"}`,
}

func aboutTasks(r route) bool { return r.name == "GET tasks" || strings.Contains(r.name, "{task_id}") }

// oaMessage is one whose status bar can be changed.
func oaMessage() map[string]any {
	return map[string]any{"msgtype": "oa", "oa": map[string]any{
		"message_url": "https://example.com", "head": map[string]any{"bgcolor": "FFBBBBBB", "text": "head"},
		"body": map[string]any{"title": "An oa message"}, "status_bar": map[string]any{"status_value": "Open", "status_bg": "0xFFF65E5E"},
	}}
}

// Every route about tasks, asked by everybody, about a task of the organization's own
// app, about one of a third-party app of another provider, and about the test of one
// who asks, answers as the table says. Who is refused changes nothing.
func TestRightsToTasks(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		asked := map[string]bool{}
		for _, r := range m.routes() {
			if !aboutTasks(r) {
				continue
			}
			body, said := taskCalls[r.name]
			if !said || r.status == 0 || !r.right.NeedsRole() {
				t.Errorf("say in taskCalls how to ask %s, which takes the right %q and answers with %d", r.name, r.right, r.status)
				continue
			}
			asked[r.name] = true
			m.taskRow(r, body, false)
			m.taskRow(r, body, true)
			m.ownTaskRow(r, body)
		}
		for name := range taskCalls {
			if !asked[name] {
				t.Errorf("there is no route %s", name)
			}
		}
	})
}

// taskRow asks one route about a task: of the provider's internal app to its own
// people, or of its third-party app to those of the organization that has it.
func (m *matrix) taskRow(r route, body string, third bool) {
	m.Helper()
	home := m.provider
	if third {
		home = m.people[len(policy.RoleNames())+1].firm // the receiving one
	}
	of := policy.Resource{Organization: home.id, App: m.apps[0].App, ThirdParty: third, ReceivedBy: home.id}
	if third {
		of.App = m.apps[1].App
	}
	for _, p := range m.people {
		task := m.taskOf(home, third)
		method, path, _ := strings.Cut(r.name, " ")
		path = strings.Replace(path, "{task_id}", fmt.Sprint(task), 1)
		if status, text := m.ask(method, path, "", body); status != http.StatusUnauthorized {
			m.Errorf("%s: nobody: %d: %s", r.name, status, text)
		}
		a, about := m.asker(p), of
		if r.right == policy.TasksList { // of their own organization
			about = policy.Resource{Organization: p.id}
		}
		verdict := a.Verdict(r.right, about, policy.Case{})
		status, text := m.ask(method, path, p.token(), body)
		if status != statusOf(verdict, r.status) {
			m.Errorf("%s, third-party %t: %v: %d, %s by the table: %s", r.name, third, p, status, verdict, text)
		}
		lists := status == http.StatusOK && strings.Contains(text, fmt.Sprint(`"task_id":"`, task, `"`))
		if seen := a.Verdict(policy.TasksRead, of, policy.Case{}) == policy.Granted; r.right == policy.TasksList && lists != seen {
			m.Errorf("%s, third-party %t: %v finds the task in the list: %t", r.name, third, p, lists)
		}
		if r.name == "GET tasks/{task_id}" && status == http.StatusOK {
			var one struct{ Card json.RawMessage }
			if err := json.Unmarshal([]byte(text), &one); err != nil {
				m.Fatal(err)
			}
			if sees := a.Verdict(policy.RecipientsRead, of, policy.Case{}) == policy.Granted; sees == (string(one.Card) == "null") {
				m.Errorf("third-party %t: %v sees the card: %s", third, p, one.Card)
			}
		}
		if log := m.logOf(home, task); (verdict == policy.Granted && r.right == policy.TasksChange) != (log > 1) {
			m.Errorf("%s, third-party %t: %v, %s: the log has %d entries", r.name, third, p, verdict, log)
		}
	}
}

// ownTaskRow asks one route about what each person of the provider has sent by hand,
// whatever role they have by now.
func (m *matrix) ownTaskRow(r route, body string) {
	m.Helper()
	for _, p := range m.people {
		if p.where != "own" {
			continue // nobody else can write a template to test
		}
		template := m.template(m.apps[0], "draft", &p)
		m.mustRoles(p.firm, p.role, "author")
		test := fmt.Sprintf("apps/%d/templates/%s/versions/1/test", m.agents[false], template)
		var sent struct {
			TaskID string `json:"task_id"`
		}
		m.tell(m.T, p.token(), http.MethodPost, test, "", http.StatusOK, &sent)
		m.mustRoles(p.firm, p.role, p.has())
		a := m.asker(p)
		of := policy.Resource{Organization: p.id, App: m.apps[0].App, ReceivedBy: p.id, Person: a.By.Actor}
		want := statusOf(a.Verdict(r.right, of, policy.Case{}), r.status)
		if want == http.StatusOK && strings.HasSuffix(r.name, "status-bar") {
			want = http.StatusBadRequest // the right is there; the test is no oa message
		}
		method, path, _ := strings.Cut(r.name, " ")
		status, text := m.ask(method, strings.Replace(path, "{task_id}", sent.TaskID, 1), p.token(), body)
		if status != want {
			m.Errorf("%s of their own: %v: %d, want %d: %s", r.name, p, status, want, text)
		}
		if r.right != policy.TasksList {
			continue
		}
		lists := strings.Contains(text, `"task_id":"`+sent.TaskID+`"`)
		if seen := a.Verdict(policy.TasksRead, of, policy.Case{}) == policy.Granted; lists != seen {
			m.Errorf("%v finds their own task in the list: %t", p, lists)
		}
		if p.role == composer && strings.Count(text, `"task_id":`) != 1 {
			m.Errorf("a composer finds %s", text)
		}
	}
}

// taskOf sends an oa message to the people of an organization.
func (m *matrix) taskOf(home firm, third bool) int64 {
	m.Helper()
	if !third {
		return m.mustSendTo(home, m.mustLogin(home), "owner", oaMessage())
	}
	token, err := m.Apps().CorpToken(m.T.Context(), m.suite, home.corpID)
	if err != nil {
		m.Fatal(err)
	}
	home.agent = m.agents[true]
	return m.mustSendTo(home, token.Value, "owner", oaMessage())
}

// logOf is how much has happened to a task, as the organization's owner reads it.
func (m *matrix) logOf(home firm, task int64) int {
	m.Helper()
	status, text := m.ask(http.MethodGet, fmt.Sprintf("tasks/%d/log", task), home.tokens["owner"], "")
	var log struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(text), &log); err != nil || status != http.StatusOK {
		m.Fatalf("log: %d %s", status, text)
	}
	return len(log.Items)
}

// aTask is a task as our own API tells it.
type aTask struct {
	TaskID   string `json:"task_id"`
	Title    *string
	Preview  *string
	Type     string
	State    string
	Test     bool
	Counts   map[string]*int
	Counted  *string `json:"counted_at"`
	Recalled *string `json:"recalled_at"`
	App      struct{ Name string }
	Template *struct{ Name string }
	By       struct {
		Person *struct{ Userid, Name string }
		AppKey string `json:"app_key"`
	}
	Named struct {
		Everyone    bool
		Departments []struct{ Name string }
		Userids     int
	}
	May  map[string]bool
	Card *struct{ HTML, Title string }
	Held []struct {
		Code  string
		Count int
	}
}

// tell asks for something about tasks and reads it.
func (s stage) tell(t *testing.T, token, method, path, body string, want int, into any) {
	t.Helper()
	status, text := s.ask(method, path, token, body)
	if status != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, status, want, text)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}

// What an app sent is listed, told in full, recalled by hand, and recalled everywhere.
func TestTasksOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "ann", "bob", "owner")
		s.mustRoles(f, "owner", "owner")
		wire, owner := s.mustLogin(f), f.tokens["owner"]
		task := s.mustSendTo(f, wire, "ann,bob,nobody", oaMessage())
		s.mustSendTo(f, wire, "ann", oaMessage())
		unnamed := s.mustUpload(wire, "image", "p.png", tinyPNG(t))
		if status, _ := s.ask(http.MethodGet, fmt.Sprintf("media/%s?task=%d", unnamed, task), owner, ""); status != http.StatusNotFound {
			t.Errorf("a file that the task does not name: %d", status)
		}
		s.mustInbox(http.MethodPost, "read", f.tokens["bob"], map[string]any{"all": true, "through": 100}, nil)
		one := fmt.Sprint("tasks/", task)

		var list struct {
			Items      []aTask
			NextBefore *string `json:"next_before"`
		}
		s.tell(t, owner, http.MethodGet, "tasks?limit=1", "", 200, &list)
		if len(list.Items) != 1 || list.NextBefore == nil || *list.Items[0].Counts["held"] != 1 || *list.Items[0].Counts["sent"] != 0 {
			t.Fatalf("newest: %+v", list)
		}
		s.tell(t, owner, http.MethodGet, "tasks?limit=1&before="+*list.NextBefore, "", 200, &list)
		got := list.Items[0]
		if got.TaskID != fmt.Sprint(task) || got.Title == nil || *got.Title != "An oa message" || got.Type != "oa" || got.State != "sent" ||
			got.By.AppKey != f.key || got.By.Person != nil || got.App.Name != "Ours app" || got.Named.Userids != 3 || list.NextBefore != nil {
			t.Errorf("listed: %+v", got)
		}
		var told aTask
		s.tell(t, owner, http.MethodGet, fmt.Sprint("tasks/0", task), "", 404, &told)
		s.tell(t, owner, http.MethodGet, one, "", 200, &told)
		if *told.Counts["named"] != 2 || *told.Counts["sent"] != 2 || *told.Counts["read"] != 1 || *told.Counts["invalid"] != 1 ||
			!told.May["recall"] || !told.May["status_bar"] || told.Card == nil || !strings.Contains(told.Card.HTML, "Open") {
			t.Errorf("told: %+v", told)
		}
		s.recipients(t, owner, one)
		s.exported(t, owner, one)
		s.tell(t, owner, http.MethodPost, one+"/status-bar", `{"value":"Done by hand"}`, 200, &told)
		if !strings.Contains(told.Card.HTML, "Done by hand") {
			t.Errorf("status bar: %+v", told.Card)
		}
		s.badStatusBars(t, owner, one)
		told = aTask{}
		s.tell(t, owner, http.MethodPost, one+"/recall", "", 200, &told)
		if told.Title != nil || told.Preview != nil || told.Card != nil || told.State != "recalled" || told.Recalled == nil || told.May["recall"] {
			t.Errorf("recalled: %+v", told)
		}
		s.seenRecalled(t, f, one)
	})
}

// recipients looks at who got a task that ann and bob got, bob read, and nobody else.
func (s stage) recipients(t *testing.T, token, one string) {
	t.Helper()
	type list struct {
		Items []struct {
			Userid, Given, State, Code *string
			Name                       string
			ReadAt                     *string `json:"read_at"`
			Departments                []struct{ Path string }
		}
		NextAfter      *string `json:"next_after"`
		Total, Matched int
	}
	var page list
	s.tell(t, token, http.MethodGet, one+"/recipients?limit=1", "", 200, &page)
	if page.Total != 2 || page.NextAfter == nil || *page.Items[0].Userid != "ann" || *page.Items[0].State != "active" || page.Items[0].ReadAt != nil {
		t.Errorf("sent: %+v", page)
	}
	after := *page.NextAfter
	page = list{}
	s.tell(t, token, http.MethodGet, one+"/recipients?limit=1&after="+after, "", 200, &page)
	if len(page.Items) != 1 || *page.Items[0].Userid != "bob" || page.NextAfter != nil || len(page.Items[0].Departments) != 1 || page.Items[0].Departments[0].Path == "" {
		t.Errorf("the next page: %+v", page)
	}
	for _, order := range []string{"directory", "newest"} {
		page = list{}
		s.tell(t, token, http.MethodGet, one+"/recipients?list=read&order="+order, "", 200, &page)
		if page.Total != 1 || *page.Items[0].Userid != "bob" || page.Items[0].ReadAt == nil {
			t.Errorf("read, %s: %+v", order, page)
		}
	}
	page = list{}
	s.tell(t, token, http.MethodGet, one+"/recipients?list=invalid", "", 200, &page)
	if page.Total != 1 || *page.Items[0].Given != "nobody" || *page.Items[0].Code != "unknown" || page.Items[0].State != nil {
		t.Errorf("invalid: %+v", page)
	}
	for query, want := range map[string]int{
		"list=gone": 400, "after=x": 400, "after=-1": 400, "after=1-1": 400, "after=99999999999": 400, "order=newest": 400, "list=read&order=newest&after=1": 400,
		"limit=201": 400, "dept_id=99999": 404, "dept_id=x": 400, "q=%00": 200, "code=none": 200, "list=failed": 200,
		"list=read&order=newest&after=9999999999999-4294967295": 200, "after=4294967295": 200, "list=invalid&after=7": 200,
	} {
		if status, text := s.ask(http.MethodGet, one+"/recipients?"+query, token, ""); status != want {
			t.Errorf("%s: %d, want %d: %s", query, status, want, text)
		}
	}
}

// exported takes out the same people as files.
func (s stage) exported(t *testing.T, token, one string) {
	t.Helper()
	for format, want := range map[string]string{"csv": "\ufeffuserid,name,", "xlsx": "PK"} {
		for _, site := range []string{"", "same-origin", "cross-site", "same-site"} {
			answer, text := s.file(t, http.MethodGet, one+"/recipients/export?list=read&format="+format, token, site)
			if strings.HasPrefix(site, "cross") || site == "same-site" {
				if answer.StatusCode != http.StatusForbidden {
					t.Errorf("%s asked for by %s: %d", format, site, answer.StatusCode)
				}
				continue
			}
			if answer.StatusCode != http.StatusOK || answer.Header.Get("Tidings-Rows") != "1" || !strings.HasPrefix(text, want) ||
				!strings.Contains(answer.Header.Get("Content-Disposition"), "-read."+format) || format == "csv" && !strings.Contains(text, "\r\nbob,") {
				t.Errorf("%s for %q: %d %v %.200q", format, site, answer.StatusCode, answer.Header, text)
			}
		}
	}
	for query, want := range map[string]int{"list=gone": 400, "format=pdf": 400, "dept_id=x": 400, "dept_id=99999": 404, "q=" + strings.Repeat("x", 121): 400, "list=invalid": 200} {
		if status, text := s.ask(http.MethodGet, one+"/recipients/export?"+query, token, ""); status != want {
			t.Errorf("export %s: %d, want %d: %s", query, status, want, text)
		}
	}
	s.counted(t, token, one)
}

// counted asks how many people a file would have: none leaves, and the audit log says
// nothing of one.
func (s stage) counted(t *testing.T, token, one string) {
	t.Helper()
	exports := func() int {
		var log struct{ Items []struct{} }
		s.tell(t, token, http.MethodGet, "audit?action=result.export", "", 200, &log)
		return len(log.Items)
	}
	before := exports()
	if before == 0 {
		t.Error("the audit log has no export")
	}
	answer, text := s.file(t, http.MethodHead, one+"/recipients/export?list=sent&format=xlsx", token, "")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Tidings-Rows") != "2" || text != "" ||
		!strings.Contains(answer.Header.Get("Content-Disposition"), "-sent.xlsx") {
		t.Errorf("its head: %d %v %q", answer.StatusCode, answer.Header, text)
	}
	if answer, _ := s.file(t, http.MethodHead, one+"/recipients/export?dept_id=99999", token, ""); answer.StatusCode != http.StatusNotFound {
		t.Errorf("the head of what is refused: %d", answer.StatusCode)
	}
	if after := exports(); after != before {
		t.Errorf("%d exports in the audit log after asking for heads, %d before", after, before)
	}
}

// file asks for one as a browser does for a page of some site.
func (s stage) file(t *testing.T, method, path, token, site string) (answer *http.Response, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.base+"/api/v1/"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if site != "" {
		r.Header.Set("Sec-Fetch-Site", site)
	}
	if answer, err = http.DefaultClient.Do(r); err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(all)
}

func (s stage) badStatusBars(t *testing.T, token, one string) {
	t.Helper()
	for body, want := range map[string]string{
		`{"value":""}`: "parameter_missing", `{"value":"x","background":"red"}`: "parameter_invalid", `{"value":"` + strings.Repeat("x", 101) + `"}`: "message_field_too_long",
		`{"value":"x","other":1}`: "parameter_invalid", `{`: "body_malformed",
	} {
		var refused struct{ Code string }
		s.tell(t, token, http.MethodPost, one+"/status-bar", body, 400, &refused)
		if refused.Code != want {
			t.Errorf("%s: %s, want %s", body, refused.Code, want)
		}
	}
}

// seenRecalled looks at a recalled task where it may be looked at.
func (s stage) seenRecalled(t *testing.T, f firm, one string) {
	t.Helper()
	var page struct{ Items []item }
	s.mustInbox(http.MethodGet, "messages", f.tokens["ann"], nil, &page)
	if len(page.Items) != 1 || page.Items[0].HTML != "" || page.Items[0].RecalledAt == nil {
		t.Errorf("in an inbox: %+v", page.Items)
	}
	var list struct{ Items []aTask }
	s.tell(t, f.tokens["owner"], http.MethodGet, "tasks?state=recalled", "", 200, &list)
	if len(list.Items) != 1 || list.Items[0].Title != nil {
		t.Errorf("listed: %+v", list)
	}
	var log struct {
		Items []struct {
			What string
			By   struct {
				Person *struct{ Userid string }
				AppKey string `json:"app_key"`
			}
		}
	}
	s.tell(t, f.tokens["owner"], http.MethodGet, one+"/log", "", 200, &log)
	if len(log.Items) != 3 || log.Items[0].By.AppKey != f.key || log.Items[2].What != "recall" || log.Items[2].By.Person.Userid != "owner" {
		t.Errorf("log: %+v", log)
	}
}

// What cannot be asked is refused, and no odd number of a task is found or fails.
func TestOddQuestionsAboutTasks(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "owner")
		s.mustRoles(f, "owner", "owner")
		for path, want := range map[string]int{
			"tasks?limit=0": 400, "tasks?limit=101": 400, "tasks?before=x": 400, "tasks?before=-1": 400, "tasks?before=1&after=1": 400,
			"tasks?before=99999999999999999999": 400, "tasks?from=yesterday": 400, "tasks?state=gone": 400, "tasks?template=x": 400,
			"tasks?q=" + strings.Repeat("x", 121): 400, "tasks?app=0": 400, "tasks?held=maybe": 400,
			"tasks?q=%00": 200, "tasks?by=nobody": 200, "tasks?by=%00": 200, "tasks?before=0": 200, "tasks?after=9999999999999999": 200, "tasks?app=77": 200,
			"tasks?from=9999-12-31T23:59:59Z": 200, "tasks?to=0001-01-01T00:00:00Z": 200,
			"tasks/0": 404, "tasks/-1": 404, "tasks/01": 404, "tasks/x": 404, "tasks/1": 404, "tasks/9223372036854775807": 404, "tasks/9223372036854775808": 404,
			"tasks/1/log": 404,
		} {
			if status, text := s.ask(http.MethodGet, path, f.tokens["owner"], ""); status != want {
				t.Errorf("%s: %d, want %d: %s", path, status, want, text)
			}
		}
	})
}
