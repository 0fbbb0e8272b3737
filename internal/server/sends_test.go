package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

// sendCalls has every route that takes the right to send by hand and names no app in its
// path, with what its body has beside the app.
var sendCalls = map[string]string{
	"POST sends/plan":            `"message":` + aText + `,"audience":{"userids":["owner"]}`,
	"POST sends/plan/recipients": `"message":` + aText + `,"audience":{"userids":["owner"]}`,
	"POST sends/test":            `"message":` + aText,
	"POST people/match":          `"lines":["owner"]`,
	"POST sends":                 `"message":` + aText + `,"audience":{"userids":["owner"]},"audience_digest":"x","at_most":1`,
}

const aText = `{"msgtype":"text","text":{"content":"By hand"}}`

// hand asks our own API to do something under a key, and reads the answer.
func (s stage) hand(t *testing.T, token, path, key, body string, want int, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		t.Fatalf("%s: %d, want %d: %v %s", path, answer.StatusCode, want, err, text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v in %s", path, err, text)
	}
}

// aPlan is what planSend answers.
type aPlan struct {
	DirectoryRevision    string  `json:"directory_revision"`
	Digest               *string `json:"audience_digest"`
	Named, Sent, Invalid int
	Held                 []struct {
		Code  string
		Count int
	}
	Departments []struct {
		Name  string
		Count int
	}
	Card struct {
		HTML string
		App  struct{ Name string }
	}
	Template *struct {
		Version int
		Name    string
	}
	MustName bool `json:"must_name_organization"`
}

type refusal struct {
	Code, Field   string
	Limit, Actual int64
}

// Every route of sending by hand, asked by everybody for the organization's own app and
// for a third-party app that it has installed, answers as the table says.
func TestRightsToSends(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		left := maps.Clone(sendCalls)
		for _, r := range m.routes() {
			if r.right != policy.SendsWrite && r.right != policy.SendsTest || strings.Contains(r.name, "{agent_id}") {
				continue
			}
			body, said := left[r.name]
			if delete(left, r.name); !said {
				t.Errorf("say in sendCalls how to ask %s", r.name)
				continue
			}
			for _, of := range m.apps {
				m.sendRow(r, receivedBy(of), fmt.Sprintf(`{"agent_id":"%d",%s}`, m.agents[of.ThirdParty], body))
			}
		}
		if len(left) > 0 {
			t.Errorf("there are no routes %v", left)
		}
	})
}

// receivedBy is an app as those see it who send for it: in the organization that has it.
func receivedBy(of policy.Resource) policy.Resource {
	of.Organization = of.ReceivedBy
	return of
}

func (m *matrix) sendRow(r route, of policy.Resource, body string) {
	m.Helper()
	method, path, _ := strings.Cut(r.name, " ")
	granted := r.status
	if path == "sends" {
		granted = http.StatusBadRequest // without a key
	}
	if status, text := m.ask(method, path, "", body); status != http.StatusUnauthorized {
		m.Errorf("%s: nobody: %d: %s", r.name, status, text)
	}
	for _, p := range m.people {
		verdict := m.asker(p).Verdict(r.right, of, policy.Case{})
		want := statusOf(verdict, granted)
		if path == "sends" {
			want = granted
		}
		if status, text := m.ask(method, path, p.token(), body); status != want {
			m.Errorf("%s, third-party %t: %v: %d, %s by the table: %s", r.name, of.ThirdParty, p, status, verdict, text)
		}
		if path != "sends" {
			continue
		}
		// With a key: the digest is no plan's.
		m.hand(m.T, p.token(), path, "key", body, statusOf(verdict, http.StatusConflict), nil)
	}
}

// What is planned is sent, once, to those who were shown, and told as any task is.
func TestSendingByHand(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "ann", "bob", "cat", "dan", "eve", "owner")
		s.mustRoles(f, "owner", "owner")
		owner, said := f.tokens["owner"], fmt.Sprintf(`{"agent_id":"%d","message":%s`, f.agent, aText)

		var plan aPlan
		s.hand(t, owner, "sends/plan", "", said+"}", 200, &plan)
		if plan.Digest != nil || plan.Named != 0 || plan.Template != nil || plan.Card.App.Name != "Ours app" || !strings.Contains(plan.Card.HTML, "By hand") {
			t.Errorf("without an audience: %+v", plan)
		}
		var task aTask
		s.hand(t, owner, "sends/test", "", said+"}", 201, &task)
		if !task.Test || *task.Counts["sent"] != 1 || task.By.Person == nil || task.By.Person.Userid != "owner" || task.Card == nil {
			t.Errorf("test: %+v", task)
		}
		s.mustSendTo(f, s.mustLogin(f), "ann", map[string]any{"msgtype": "text", "text": map[string]any{"content": "By hand"}}) // the app has said that to her
		said += `,"audience":{"userids":["ann","bob","nobody"]}`
		s.hand(t, owner, "sends/plan", "", said+"}", 200, &plan)
		if plan.Named != 2 || plan.Sent != 1 || plan.Invalid != 1 || len(plan.Held) != 1 || plan.Held[0].Code != policy.SameInternal ||
			len(plan.Departments) != 1 || plan.Departments[0].Count != 1 || plan.Digest == nil || plan.MustName || plan.DirectoryRevision == "0" {
			t.Fatalf("planned: %+v", plan)
		}
		s.planned(t, owner, said)
		bound := fmt.Sprintf(`%s,"audience_digest":%q,"at_most":1}`, said, *plan.Digest)
		for range 2 { // a double click
			s.hand(t, owner, "sends", "key", bound, 201, &task)
		}
		if task.Test || *task.Counts["named"] != 2 || *task.Counts["sent"] != 1 || *task.Counts["held"] != 1 || *task.Counts["invalid"] != 1 ||
			task.By.Person.Userid != "owner" || task.Title == nil || task.Named.Userids != 3 {
			t.Errorf("sent: %+v", task)
		}
		var list struct{ Items []aTask }
		s.tell(t, owner, http.MethodGet, "tasks?by=owner&test=false", "", 200, &list)
		if len(list.Items) != 1 || list.Items[0].TaskID != task.TaskID {
			t.Errorf("listed: %+v", list)
		}
		var page struct{ Items []item }
		s.mustInbox(http.MethodGet, "messages", f.tokens["bob"], nil, &page)
		if len(page.Items) != 1 {
			t.Errorf("bob has %+v", page)
		}
		s.notSent(t, f, bound)
		s.unread(t, f, task.TaskID)
		s.loggedByHand(t, f, task.TaskID)
		s.switchedOff(t, f, said)
	})
}

// planned lists who would get what ann has had and bob has not.
func (s stage) planned(t *testing.T, token, said string) {
	t.Helper()
	for list, want := range map[string]string{"sent": "bob", "held": "ann", "invalid": "nobody"} {
		var page struct {
			Items []struct{ Userid, Code *string }
			Total int
		}
		s.hand(t, token, "sends/plan/recipients", "", fmt.Sprintf(`%s,"list":%q}`, said, list), 200, &page)
		if page.Total != 1 || len(page.Items) != 1 || *page.Items[0].Userid != want || (page.Items[0].Code == nil) != (list == "sent") {
			t.Errorf("%s: %+v", list, page)
		}
	}
	var none struct{ Items []any }
	s.hand(t, token, "sends/plan/recipients", "", said+`,"list":"held","code":"50002"}`, 200, &none)
	s.hand(t, token, "sends/plan/recipients", "", said+`,"after":"4294967295"}`, 200, &none)
	if len(none.Items) != 0 {
		t.Errorf("nobody: %+v", none)
	}
}

// notSent asks for what is refused, and finds that nothing was sent.
func (s stage) notSent(t *testing.T, f firm, bound string) {
	t.Helper()
	owner := f.tokens["owner"]
	most := fmt.Sprintf(`{"agent_id":"%d","message":%s,"audience":{"everyone":true}`, f.agent, strings.Replace(aText, "By hand", "To all", 1))
	var plan aPlan
	s.hand(t, owner, "sends/plan", "", most+"}", 200, &plan)
	if !plan.MustName || plan.Sent != 6 {
		t.Errorf("to everyone: %+v", plan)
	}
	most += fmt.Sprintf(`,"audience_digest":%q,"at_most":6`, *plan.Digest)
	draft := func(more string) string {
		return fmt.Sprintf(`{"agent_id":"%d",%s,"audience_digest":"x","at_most":9}`, f.agent, more)
	}
	for body, want := range map[string]string{
		strings.Replace(bound, `"bob",`, `"bob","cat",`, 1): "409 audience_changed ",
		most + "}":                              "400 organization_name_wrong organization_name",
		most + `,"organization_name":"Theirs"}`: "400 organization_name_wrong organization_name",
		draft(`"message":{"msgtype":"text"},"audience":{"userids":["ann"]}`):                            "400 message_incomplete message.text",
		draft(`"message":{"msgtype":"image","image":{"media_id":"@x"}},"audience":{"userids":["ann"]}`): "400 media_unknown message.image.media_id",
		draft(`"message":` + aText): "400 parameter_missing audience",
		draft(`"message":` + aText + `,"audience":{"everyone":false,"userids":[]}`):                                      "400 parameter_missing audience",
		draft(`"message":` + aText + `,"audience":{"userids":["ann"],"unread_of":"77"}`):                                 "404 task_unknown audience.unread_of",
		draft(`"message":` + aText + `,"audience":{"userids":["ann"],"unread_of":"0"}`):                                  "404 task_unknown audience.unread_of",
		draft(`"message":` + aText + `,"audience":{"userids":["ann"],"without":{"userids":["ghost"]}}`):                  "404 user_unknown audience.without.userids",
		draft(`"message":` + aText + `,"audience":{"userids":["ann"],"without":{"dept_ids":["77"]}}`):                    "404 department_unknown audience.without.dept_ids",
		draft(`"message":` + aText + `,"audience":{"dept_ids":["x"]}`):                                                   "400 parameter_invalid audience.dept_ids[0]",
		draft(`"template":{"template_id":"` + strings.Repeat("0", 32) + `","version":1},"audience":{"userids":["ann"]}`): "403 templates_off agent_id",
		draft(`"template":{"template_id":"` + strings.Repeat("0", 32) + `"},"audience":{"userids":["ann"]}`):             "400 parameter_missing template.version",
		draft(`"audience":{"userids":["ann"]}`):                                                                          "400 parameter_missing message",
		draft(`"message":"text","audience":{"userids":["ann"]}`):                                                         "400 parameter_invalid message",
		strings.Replace(bound, fmt.Sprint(f.agent), "77777", 1):                                                          "404 agent_unknown agent_id",
		strings.Replace(bound, fmt.Sprint(f.agent), "x", 1):                                                              "404 agent_unknown agent_id",
	} {
		var refused refusal
		status := 0
		_, _ = fmt.Sscan(want, &status)
		s.hand(t, owner, "sends", "another key", body, status, &refused)
		if got := fmt.Sprint(status, " ", refused.Code, " ", refused.Field); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	var refused refusal
	s.hand(t, owner, "sends", "", bound, 400, &refused)
	if refused.Code != "parameter_missing" || refused.Field != "Idempotency-Key" {
		t.Errorf("without a key: %+v", refused)
	}
	s.hand(t, owner, "sends", "key", most+`,"organization_name":"Ours"}`, 409, &refused)
	if refused.Code != "idempotency_key_reused" {
		t.Errorf("another send under the same key: %+v", refused)
	}
	var list struct{ Items []aTask }
	s.tell(t, owner, http.MethodGet, "tasks?by=owner&test=false", "", 200, &list)
	if len(list.Items) != 1 {
		t.Errorf("something was sent: %+v", list.Items)
	}
	s.hand(t, owner, "sends", "to everyone", most+`,"organization_name":"Ours"}`, 201, nil)
}

// unread sends to those who have not read a task of bob's, and to others, but for one.
func (s stage) unread(t *testing.T, f firm, task string) {
	t.Helper()
	owner := f.tokens["owner"]
	said := fmt.Sprintf(`{"agent_id":"%d","message":%s,"audience":{"userids":["cat","dan"],"unread_of":%q,"without":{"userids":["dan"]}}`,
		f.agent, strings.Replace(aText, "By hand", "Once more", 1), task)
	var plan aPlan
	s.hand(t, owner, "sends/plan", "", said+"}", 200, &plan)
	if plan.Sent != 2 || plan.Named != 2 {
		t.Fatalf("planned: %+v", plan)
	}
	s.mustInbox(http.MethodPost, "read", f.tokens["bob"], map[string]any{"all": true, "through": 100}, nil)
	var sent struct {
		Counts map[string]*int
		Named  struct {
			UnreadOf         *string `json:"unread_of"`
			Without, Userids int
		}
	}
	s.hand(t, owner, "sends", "unread", fmt.Sprintf(`%s,"audience_digest":%q,"at_most":2}`, said, *plan.Digest), 201, &sent)
	if *sent.Counts["sent"] > 2 || sent.Named.UnreadOf == nil || *sent.Named.UnreadOf != task || sent.Named.Without != 1 || sent.Named.Userids != 2 {
		t.Errorf("sent: %+v", sent)
	}
}

// loggedByHand finds who sent a task in the audit log.
func (s stage) loggedByHand(t *testing.T, f firm, task string) {
	t.Helper()
	for action, want := range map[string]int{"task.send": 3, "task.test": 1} {
		var log struct {
			Items []struct{ Action, Subject string }
		}
		s.tell(t, f.tokens["owner"], http.MethodGet, "audit?action="+action, "", 200, &log)
		if len(log.Items) != want || want == 3 && log.Items[2].Subject != "task:"+task {
			t.Errorf("%s: %+v", action, log)
		}
	}
}

// switchedOff asks for what an app sends no more.
func (s stage) switchedOff(t *testing.T, f firm, said string) {
	t.Helper()
	if err := s.Apps().DisableAgent(context.Background(), audit.ByOperator(), f.id, f.agent); err != nil {
		t.Fatal(err)
	}
	var refused refusal
	s.hand(t, f.tokens["owner"], "sends/plan", "", said+"}", 403, &refused)
	if refused.Code != "app_not_installed" {
		t.Errorf("an app that is switched off: %+v", refused)
	}
}

// As many people as fit into a body can be named one by one: what limits ids of a call
// does not hold by hand.
func TestManyIdsByHand(t *testing.T) {
	t.Parallel()
	s := stage{node: mustRun(t, settings(t, "sqlite"), nil)}
	f := s.mustFirm("Ours", "owner")
	s.mustRoles(f, "owner", "owner")
	named := func(n int) string {
		return fmt.Sprintf(`{"agent_id":"%d","message":%s,"audience":{"userids":["owner"%s]}}`, f.agent, aText, strings.Repeat(`,"nobody"`, n))
	}
	var plan aPlan
	s.hand(t, f.tokens["owner"], "sends/plan", "", named(100_000), 200, &plan)
	if plan.Sent != 1 || plan.Invalid != 1 {
		t.Errorf("planned: %+v", plan)
	}
	var refused refusal
	s.hand(t, f.tokens["owner"], "sends/plan", "", named(120_000), 413, &refused)
	if refused.Limit != 1<<20 || refused.Code != "body_too_large" {
		t.Errorf("too large: %+v", refused)
	}
}

// A template is planned, tested and sent by hand in the organization that has its app,
// in the version that is in use and in no other.
func TestTemplatesByHand(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		m := newMatrix(t, engine)
		of, here := m.apps[1], m.people[len(policy.RoleNames())+1].firm // the receiving one
		m.template(of, "in_review", nil)
		id := m.template(of, "approved", nil)
		owner := here.tokens["owner"]
		var list struct {
			Items []struct {
				TemplateID string `json:"template_id"`
				Version    int
				Name, Kind string
				Parameters []struct{ Name, Sample string }
				Card       struct{ HTML string }
			}
		}
		m.tell(t, owner, http.MethodGet, fmt.Sprintf("apps/%d/sendable", m.agents[true]), "", 200, &list)
		if len(list.Items) != 1 || list.Items[0].TemplateID != id || list.Items[0].Version != 1 || len(list.Items[0].Parameters) != 2 || !strings.Contains(list.Items[0].Card.HTML, "Of Ann") {
			t.Fatalf("sendable: %+v", list)
		}
		said := func(version int) string {
			return fmt.Sprintf(`{"agent_id":"%d","template":{"template_id":%q,"version":%d,"values":{"who":"Bob","id":"7"}},"audience":{"userids":["author"]}`, m.agents[true], id, version)
		}
		var plan aPlan
		m.hand(t, owner, "sends/plan", "", said(3)+"}", 200, &plan) // whatever is named, what is in use
		if plan.Template == nil || plan.Template.Version != 1 || plan.Template.Name != "Note" || plan.Sent != 1 || !strings.Contains(plan.Card.HTML, "Of Bob") {
			t.Fatalf("planned: %+v", plan)
		}
		var task aTask
		var refused refusal
		m.hand(t, owner, "sends/test", "", said(1)+"}", 201, &task)
		if !task.Test || task.Template == nil || task.Card == nil || !strings.Contains(task.Card.HTML, "Of Bob") {
			t.Errorf("test: %+v", task)
		}
		m.hand(t, owner, "sends", "key", fmt.Sprintf(`%s,"audience_digest":%q,"at_most":1}`, said(2), *plan.Digest), 409, &refused)
		if refused.Code != "template_changed" || refused.Field != "template.version" {
			t.Errorf("another version: %+v", refused)
		}
		m.hand(t, owner, "sends", "key", fmt.Sprintf(`%s,"audience_digest":%q,"at_most":1}`, said(1), *plan.Digest), 201, &task)
		if task.Test || *task.Counts["sent"] != 1 || task.Template.Name != "Note" {
			t.Errorf("sent: %+v", task)
		}
		m.hand(t, owner, "sends/plan", "", strings.Replace(said(1), `"who":"Bob"`, `"whom":"Bob"`, 1)+"}", 400, &refused)
		if refused.Code != "template_value_missing" || refused.Field != "template.values.who" {
			t.Errorf("without a value: %+v", refused)
		}
	})
}

// A composer plans and sends with their app, sees what they sent and sends it again to
// those who have not read it; to everyone they do not send, and of what others sent they
// learn nothing.
func TestComposersSend(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "ann", "bob", "cat", "dan", "eve")
		ann, _ := s.Directory().Ordinal(f.id, "ann")
		said := func(words, audience string) string {
			return fmt.Sprintf(`{"agent_id":"%d","message":{"msgtype":"text","text":{"content":%q}},"audience":%s`, f.agent, words, audience)
		}
		var refused refusal
		s.hand(t, f.tokens["ann"], "sends/plan", "", said("Hello", `{"userids":["bob"]}`)+"}", 404, &refused)
		if err := s.Apps().SetComposers(t.Context(), audit.ByOperator(), f.id, f.agent, app.Composers{Ordinals: []uint32{ann}}); err != nil {
			t.Fatal(err)
		}
		send := func(words, audience string) (task aTask) {
			t.Helper()
			var plan aPlan
			s.hand(t, f.tokens["ann"], "sends/plan", "", said(words, audience)+"}", 200, &plan)
			bound := fmt.Sprintf(`%s,"audience_digest":%q,"at_most":%d}`, said(words, audience), *plan.Digest, plan.Sent)
			s.hand(t, f.tokens["ann"], "sends", words, bound, 201, &task)
			return task
		}
		first := send("Read this", `{"userids":["bob","cat"]}`)
		if first.By.Person == nil || first.By.Person.Userid != "ann" || first.Card == nil || !first.May["recall"] {
			t.Errorf("sent: %+v", first)
		}
		s.mustInbox(http.MethodPost, "read", f.tokens["bob"], map[string]any{"all": true, "through": 100}, nil)
		if again := send("Please", fmt.Sprintf(`{"unread_of":%q}`, first.TaskID)); *again.Counts["named"] > 2 {
			t.Errorf("again: %+v", again)
		}
		s.hand(t, f.tokens["ann"], "sends/plan", "", said("To all", `{"everyone":true}`)+"}", 403, &refused)
		if refused.Code != "everyone_forbidden" || refused.Field != "audience.everyone" {
			t.Errorf("to everyone: %+v", refused)
		}
		others := s.mustSend(f, s.mustLogin(f), "Of the app's")
		s.hand(t, f.tokens["ann"], "sends/plan", "", said("Again", fmt.Sprintf(`{"unread_of":"%d"}`, others))+"}", 404, &refused)
		if refused.Code != "task_unknown" || refused.Field != "audience.unread_of" {
			t.Errorf("the unread of what the app sent: %+v", refused)
		}
	})
}
