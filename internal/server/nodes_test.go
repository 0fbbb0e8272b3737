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
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// aHang is when a test gives up waiting.
const aHang = time.Minute

// eachPair runs a test with two nodes on one PostgreSQL, once with hints and
// once without.
func eachPair(t *testing.T, run func(t *testing.T, a, b *node)) {
	t.Helper()
	for _, hints := range []bool{true, false} {
		name := "without hints"
		if hints {
			name = "with hints"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := settings(t, "postgres")
			c.Hints = hints
			a := mustRun(t, c, nil)
			c.Data = t.TempDir()
			run(t, a, mustRun(t, c, nil))
		})
	}
}

// until asks again and again until the answer is yes.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(aHang)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

// mustResume opens an event stream that begins after an event, or now; it
// hangs no longer than the test may.
func (n *node) mustResume(t *testing.T, token, lastEventID string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), aHang)
	r := mustGet(n.base + "/api/v1/inbox/events").WithContext(ctx)
	r.Header.Set("Authorization", "Bearer "+token)
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Body.Close(); cancel() })
	if w.StatusCode != http.StatusOK {
		t.Fatalf("events: status %d", w.StatusCode)
	}
	return &stream{in: bufio.NewReader(w.Body), body: w.Body}
}

// mustCount reads up to the next badge that says so many.
func (s *stream) mustCount(t *testing.T, count int) {
	t.Helper()
	for {
		var badge struct{ Count int }
		if err := json.Unmarshal([]byte(s.mustSee(t, "unread")), &badge); err != nil {
			t.Fatal(err)
		}
		if badge.Count == count {
			return
		}
	}
}

// mustEndClean reads to the end, which must not be a broken connection.
func (s *stream) mustEndClean(t *testing.T) {
	t.Helper()
	for {
		_, err := s.in.ReadString('\n')
		if err != nil {
			if err.Error() != "EOF" {
				t.Errorf("the stream broke: %v", err)
			}
			return
		}
	}
}

func (n *node) mustPage(f firm, userid string) []item {
	var p page
	n.mustInbox(http.MethodGet, "messages", f.tokens[userid], nil, &p)
	return p.Items
}

func (n *node) mustRecall(t *testing.T, f firm, token string, task int64) {
	t.Helper()
	var answer struct {
		Code int `json:"errcode"`
	}
	n.mustCall(token, "recall", map[string]any{"agent_id": f.agent, "msg_task_id": task}, &answer)
	if answer.Code != 0 {
		t.Fatalf("recall: %d", answer.Code)
	}
}

func TestWhatOneNodeDoesTheOtherTells(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, a, b *node) {
		f := a.mustFirm("Firm", "ann", "bob")
		token := a.mustLogin(f)
		until(t, "ann may listen on the other node", func() bool {
			return b.mustInbox(http.MethodGet, "unread", f.tokens["ann"], nil, nil) == http.StatusOK
		})
		events := b.mustResume(t, f.tokens["ann"], "")
		events.mustCount(t, 0)

		first := a.mustSend(f, token, "The lift works again")
		if data := events.mustSee(t, "message"); !strings.Contains(data, "The lift works again") {
			t.Errorf("live event %s", data)
		}
		second := b.mustSend(f, token, "A token of one node is good on the other")
		events.mustCount(t, 2)

		// Read here, the badge falls there.
		var ids []string
		for _, one := range a.mustPage(f, "ann") {
			if one.TaskID == fmt.Sprint(first) {
				ids = append(ids, one.MessageID)
			}
		}
		if status := a.mustInbox(http.MethodPost, "read", f.tokens["ann"], map[string]any{"message_ids": ids}, nil); status != http.StatusNoContent {
			t.Fatalf("read: status %d", status)
		}
		events.mustCount(t, 1)

		// After the answer nobody shows the content, on any node.
		a.mustRecall(t, f, token, second)
		for _, n := range []*node{a, b} {
			for _, one := range n.mustPage(f, "ann") {
				if one.TaskID == fmt.Sprint(second) && (one.RecalledAt == nil || one.HTML != "" || one.Title != "" || one.Preview != "") {
					t.Errorf("after the recall: %+v", one)
				}
			}
		}
		if data := events.mustSee(t, "recalled"); !strings.Contains(data, fmt.Sprint(second)) || strings.Contains(data, "token") {
			t.Errorf("recalled %s", data)
		}
		events.mustCount(t, 0)
	})
}

// However fast a send follows a change of the directory on another node, it
// reaches those who are there when it is accepted.
func TestAudiencesAreTrueOnEveryNode(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, a, b *node) {
		ctx := context.Background()
		f := a.mustFirm("Firm", "ann")
		token := a.mustLogin(f)
		for round := range 5 {
			userid := fmt.Sprintf("new%d", round)
			if _, err := a.Directory().CreateUser(ctx, audit.ByOperator(), f.id, directory.NewUser{Userid: userid, Name: userid}); err != nil {
				t.Fatal(err)
			}
			if _, there := a.Directory().Ordinal(f.id, userid); !there {
				t.Fatal("the node that changed the directory does not know it yet")
			}
			if got := b.mustReach(t, f, token, b.mustSend(f, token, "hello "+userid)); !strings.Contains(got, userid) {
				t.Errorf("a new person was not reached: %s", got)
			}
			if err := a.Directory().DeleteUser(ctx, audit.ByOperator(), f.id, userid); err != nil {
				t.Fatal(err)
			}
			if got := b.mustReach(t, f, token, b.mustSend(f, token, "goodbye "+userid)); strings.Contains(got, userid) {
				t.Errorf("somebody who has left was reached: %s", got)
			}
		}
		until(t, "the other node's own directory follows", func() bool {
			_, there := b.Directory().Ordinal(f.id, "new4")
			return !there
		})
	})
}

// mustReach returns whom a task has reached.
func (n *node) mustReach(t *testing.T, f firm, token string, task int64) string {
	t.Helper()
	var result struct {
		Code   int `json:"errcode"`
		Result struct {
			Read   []string `json:"read_user_id_list"`
			Unread []string `json:"unread_user_id_list"`
		} `json:"send_result"`
	}
	n.mustCall(token, "getsendresult", map[string]any{"agent_id": f.agent, "task_id": task}, &result)
	if result.Code != 0 {
		t.Fatalf("result: %d", result.Code)
	}
	return strings.Join(append(result.Result.Read, result.Result.Unread...), " ")
}

func TestWhatEndsOnOneNodeEndsOnTheOther(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, a, b *node) {
		ctx := context.Background()
		f := a.mustFirm("Firm", "ann", "bob", "cem")
		token := a.mustLogin(f)
		until(t, "everybody may read on the other node", func() bool {
			return b.mustInbox(http.MethodGet, "unread", f.tokens["cem"], nil, nil) == http.StatusOK
		})
		ann, bob := b.mustResume(t, f.tokens["ann"], ""), b.mustResume(t, f.tokens["bob"], "")
		code := func() (answer struct {
			Code int `json:"errcode"`
		},
		) {
			b.mustCall(token, "getsendprogress", map[string]any{"agent_id": f.agent, "task_id": 1}, &answer)
			return answer
		}
		known := code().Code

		// A limit, then the app, a token and a person.
		if err := a.Apps().SetRange(ctx, audit.ByOperator(), f.id, f.agent, directory.Range{Userids: []string{"bob"}}); err != nil {
			t.Fatal(err)
		}
		sent := 0
		until(t, "the new range is in force", func() bool {
			sent++
			return b.mustReach(t, f, token, b.mustSend(f, token, fmt.Sprintf("number %d", sent))) == "bob"
		})
		apps, err := a.Apps().Apps(ctx, f.id)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Apps().DisableApp(ctx, audit.ByOperator(), f.id, apps[0].App.ID); err != nil {
			t.Fatal(err)
		}
		until(t, "the app's token is refused", func() bool { return code().Code != known })

		tokens, err := a.Accounts().Tokens(ctx, f.id, "ann")
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Accounts().RevokeToken(ctx, audit.ByOperator(), f.id, "ann", tokens[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := a.Directory().DisableUser(ctx, audit.ByOperator(), f.id, "bob"); err != nil {
			t.Fatal(err)
		}
		ann.mustEndClean(t)
		bob.mustEndClean(t)
		for userid, want := range map[string]int{"ann": http.StatusUnauthorized, "bob": http.StatusUnauthorized, "cem": http.StatusOK} {
			until(t, userid+" is told so", func() bool {
				return b.mustInbox(http.MethodGet, "unread", f.tokens[userid], nil, nil) == want
			})
		}
	})
}

// A node that stops ends its streams clean; a client that goes on elsewhere,
// from the last event it saw, misses nothing.
func TestStreamsGoOnElsewhere(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, a, b *node) {
		f := a.mustFirm("Firm", "ann")
		token := a.mustLogin(f)
		events := a.mustResume(t, f.tokens["ann"], "")
		events.mustSee(t, "unread")
		a.mustSend(f, token, "number 0")
		var first item
		if err := json.Unmarshal([]byte(events.mustSee(t, "message")), &first); err != nil {
			t.Fatal(err)
		}
		last := events.last
		a.stop()
		for i := range 5 {
			b.mustSend(f, token, fmt.Sprintf("number %d", i+1))
		}
		events.mustEndClean(t)
		if err := a.mustEnd(); err != nil {
			t.Fatal(err)
		}
		events = b.mustResume(t, f.tokens["ann"], last)
		b.mustSend(f, token, "number 6")
		for i := range 6 {
			if data := events.mustSee(t, "message"); !strings.Contains(data, fmt.Sprintf("number %d", i+1)) {
				t.Errorf("event %d: %s", i, data)
			}
		}
		events.mustCount(t, 7)
	})
}

// Operators see whether nodes hear each other.
func TestHintsAreMeasured(t *testing.T) {
	t.Parallel()
	c := settings(t, "postgres")
	c.OpsListen = "127.0.0.1:0"
	a, b := mustRun(t, c, nil), mustRun(t, c, nil)
	until(t, "each hears the other", func() bool {
		return strings.Contains(a.mustMetrics(t), "\ntidings_hints_connected 1\n") && strings.Contains(b.mustMetrics(t), "\ntidings_hints_connected 1\n")
	})
	f := a.mustFirm("Firm", "ann")
	a.mustSend(f, a.mustLogin(f), "hello")
	until(t, "the hint is counted on both sides", func() bool {
		return !strings.Contains(a.mustMetrics(t), "\ntidings_hints_sent_total 0\n") && !strings.Contains(b.mustMetrics(t), "\ntidings_hints_received_total 0\n")
	})
	for _, line := range []string{"tidings_hints_failed_total 0", "tidings_hints_received_total 0"} {
		if text := a.mustMetrics(t); !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no %s in %s", line, text)
		}
	}
	if strings.Contains(b.mustMetrics(t), "\ntidings_hints_caught_up_seconds 0\n") {
		t.Error("nobody says when the node caught up")
	}
}

func (n *node) mustMetrics(t *testing.T) string {
	t.Helper()
	w, err := http.DefaultClient.Do(mustGet(fmt.Sprintf("http://127.0.0.1:%d/metrics", n.OpsPort())))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
