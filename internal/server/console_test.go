package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
)

// eachReach runs a test with two nodes on one PostgreSQL, with hints and without, and
// with the one node that there is on SQLite.
func eachReach(t *testing.T, run func(t *testing.T, a, b *node)) {
	t.Helper()
	eachPair(t, run)
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		n := mustRun(t, settings(t, "sqlite"), nil)
		run(t, n, n)
	})
}

// mustConsole opens a console's stream.
func (n *node) mustConsole(t *testing.T, token, query string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), aHang)
	r := mustGet(n.base + "/api/v1/console/events" + query).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer "+token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Body.Close(); cancel() })
	if w.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(w.Body)
		t.Fatalf("console: status %d: %s", w.StatusCode, text)
	}
	return &stream{in: bufio.NewReader(w.Body), body: w.Body}
}

// mustHear reads events up to one of each name, whatever their order, and returns
// their data. Nothing else may come.
func (s *stream) mustHear(t *testing.T, names ...string) map[string]string {
	t.Helper()
	heard, event := map[string]string{}, ""
	for len(heard) < len(names) {
		line, err := s.in.ReadString('\n')
		if err != nil {
			t.Fatalf("waiting for %v after %v: %v", names, heard, err)
		}
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "id: "):
			s.last = line[len("id: "):]
		case strings.HasPrefix(line, "event: "):
			event = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			heard[event] = line[len("data: "):]
			if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+event+" ") {
				t.Errorf("waiting for %v: %s %s", names, event, heard[event])
			}
		}
	}
	return heard
}

// mustBeOver reads to the end.
func (s *stream) mustBeOver(t *testing.T) {
	t.Helper()
	if _, err := io.Copy(io.Discard, s.in); err != nil {
		t.Errorf("the stream goes on: %v", err)
	}
}

// What happens on one node the consoles on the other are told, with its numbers.
func TestConsoleIsToldWhatHappens(t *testing.T) {
	t.Parallel()
	eachReach(t, func(t *testing.T, a, b *node) {
		s := stage{node: a}
		f := a.mustFirm("Firm", "ann", "bob", "owner", "reviewer")
		a.mustRoles(f, "owner", "owner")
		a.mustRoles(f, "reviewer", "reviewer")
		wire, owner := a.mustLogin(f), f.tokens["owner"]
		first := a.mustSend(f, wire, "The lift works again")
		until(t, "the owner is known on the other node", func() bool {
			return b.mustInbox(http.MethodGet, "unread", owner, nil, nil) == http.StatusOK && b.mustInbox(http.MethodGet, "unread", f.tokens["reviewer"], nil, nil) == http.StatusOK
		})
		events := b.mustConsole(t, owner, fmt.Sprintf("?watch=%d,%d", first, first+999_999))
		counts := `{"task_id":"%d","counts":{"named":4,"sent":4,"read":%d,"held":0,"failed":0,"invalid":0},`
		if data := events.mustHear(t, "counts")["counts"]; !strings.HasPrefix(data, fmt.Sprintf(counts, first, 0)) {
			t.Errorf("nobody has read it: %s", data)
		}
		reviews := b.mustConsole(t, f.tokens["reviewer"], "")
		if data := reviews.mustHear(t, "reviews")["reviews"]; data != `{"count":0}` {
			t.Errorf("nothing waits: %s", data)
		}
		second := a.mustSendTo(f, wire, "ann,nobody", oaMessage())
		a.mustInbox(http.MethodPost, "read", f.tokens["ann"], map[string]any{"all": true, "through": 1}, nil)
		heard := events.mustHear(t, "task", "counts")
		var told aTask
		if err := json.Unmarshal([]byte(heard["task"]), &told); err != nil || told.TaskID != fmt.Sprint(second) || *told.Title != "An oa message" ||
			*told.Counts["invalid"] != 1 || told.By.AppKey != f.key || !told.May["recall"] || events.last != "2" {
			t.Errorf("the task: %v, id %s: %s", err, events.last, heard["task"])
		}
		if !strings.HasPrefix(heard["counts"], fmt.Sprintf(counts, first, 1)) {
			t.Errorf("one has read it: %s", heard["counts"])
		}

		var made struct {
			TemplateID string `json:"template_id"`
		}
		templates := fmt.Sprintf("apps/%d/templates", f.agent)
		s.tell(t, owner, http.MethodPost, templates, noteForm("Of ${who}"), http.StatusCreated, &made)
		s.tell(t, owner, http.MethodPost, templates+"/"+made.TemplateID+"/submit", "", http.StatusOK, &made)
		if data := reviews.mustSee(t, "reviews"); data != `{"count":1}` {
			t.Errorf("one waits: %s", data)
		}
		for state := ""; state != "in_review"; { // its draft is told or not
			var template struct {
				TemplateID string `json:"template_id"`
				State      string
			}
			data := events.mustHear(t, "template")["template"]
			if err := json.Unmarshal([]byte(data), &template); err != nil || template.TemplateID != made.TemplateID || template.State == state {
				t.Fatalf("the template: %s", data)
			}
			state = template.State
		}

		s.tell(t, owner, http.MethodPost, fmt.Sprintf("tasks/%d/status-bar", second), `{"value":"Done"}`, http.StatusOK, &told)
		s.tell(t, owner, http.MethodPost, fmt.Sprintf("tasks/%d/recall", second), "", http.StatusOK, &told)
		if data := events.mustSee(t, "recalled"); data != fmt.Sprintf(`{"task_id":"%d","revision":"4"}`, second) || events.last != "4" {
			t.Errorf("recalled: %s, id %s", data, events.last)
		}
		// Who was away hears of the recall only, and who knows what is not yet, to load anew.
		again := b.mustConsole(t, owner, "?after=1")
		again.mustHear(t, "recalled")
		ahead := b.mustConsole(t, owner, "?after=99")
		if data := ahead.mustHear(t, "reload")["reload"]; data != `{"revision":"4"}` {
			t.Errorf("reload: %s", data)
		}
	})
}

// Each is told what a list shows them. Whoever loses the last role, or the credential,
// is told no more.
func TestConsoleTellsEachTheirOwn(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Firm", "employee", "author", "owner")
		for _, role := range []string{"author", "owner"} {
			s.mustRoles(f, role, role)
		}
		wire, author := s.mustLogin(f), f.tokens["author"]
		if status, text := s.ask(http.MethodGet, "console/events", f.tokens["employee"], ""); status != http.StatusForbidden || !strings.Contains(text, "permission_denied") {
			t.Errorf("an employee: %d %s", status, text)
		}
		if status, text := s.ask(http.MethodGet, "console/events?watch=1"+strings.Repeat(",1", 20), author, ""); status != http.StatusBadRequest || !strings.Contains(text, `"limit":20,"actual":21`) {
			t.Errorf("21 tasks: %d %s", status, text)
		}
		foreign := s.mustSend(f, wire, "Not the author's")
		events := s.mustConsole(t, author, fmt.Sprint("?after=0&watch=", foreign))
		var made struct {
			TemplateID string `json:"template_id"`
			TaskID     string `json:"task_id"`
		}
		templates := fmt.Sprintf("apps/%d/templates", f.agent)
		s.tell(t, author, http.MethodPost, templates, noteForm("Of ${who}"), http.StatusCreated, &made)
		s.tell(t, author, http.MethodPost, templates+"/"+made.TemplateID+"/versions/1/test", "", http.StatusOK, &made)
		if data := events.mustHear(t, "template", "task")["task"]; !strings.Contains(data, `"task_id":"`+made.TaskID+`"`) {
			t.Errorf("the author's own: %s", data)
		}
		s.mustRoles(f, "author", "employee")
		s.mustSend(f, wire, "Nobody tells it")
		events.mustBeOver(t)

		owner := s.mustConsole(t, f.tokens["owner"], "?after=2")
		owner.mustSee(t, "task")
		_, id, _ := strings.Cut(f.tokens["owner"], "_")
		id = strings.Split(id, "_")[1]
		if err := s.Accounts().RevokeToken(t.Context(), audit.ByOperator(), f.id, "owner", id); err != nil {
			t.Fatal(err)
		}
		owner.mustBeOver(t)
	})
}
