package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func eachEngine(t *testing.T, run func(t *testing.T, engine string)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			run(t, engine)
		})
	}
}

type item struct {
	MessageID  string  `json:"message_id"`
	TaskID     string  `json:"task_id"`
	Title      string  `json:"title"`
	Preview    string  `json:"preview"`
	HTML       string  `json:"html"`
	ReadAt     *string `json:"read_at"`
	RecalledAt *string `json:"recalled_at"`
	App        struct {
		AgentID string `json:"agent_id"`
		Name    string `json:"name"`
	} `json:"app"`
}

type page struct {
	Items []item `json:"items"`
}

// One notification's whole life over HTTP: sent, seen live, read, asked for,
// recalled; and nobody else's business.
func TestNotificationEndToEnd(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		ours, theirs := n.mustFirm("Ours", "ann", "bob"), n.mustFirm("Theirs", "ann")
		token := n.mustLogin(ours)

		events := n.mustStream(t, ours.tokens["ann"])
		events.mustSee(t, "unread")
		task := n.mustSend(ours, token, "The lift works again")
		if data := events.mustSee(t, "message"); !strings.Contains(data, "The lift works again") {
			t.Errorf("live event %s", data)
		}

		var p page
		n.mustInbox(http.MethodGet, "messages", ours.tokens["ann"], nil, &p)
		if len(p.Items) != 1 || p.Items[0].TaskID != fmt.Sprint(task) || p.Items[0].App.Name != "Ours app" || p.Items[0].ReadAt != nil {
			t.Fatalf("inbox %+v", p)
		}
		read := map[string]any{"message_ids": []string{p.Items[0].MessageID}}
		if status := n.mustInbox(http.MethodPost, "read", ours.tokens["ann"], read, nil); status != http.StatusNoContent {
			t.Fatalf("read: status %d", status)
		}
		n.mustOutcome(t, ours, token, task)

		var recalled struct {
			Code int `json:"errcode"`
		}
		n.mustCall(token, "recall", map[string]any{"agent_id": ours.agent, "msg_task_id": task}, &recalled)
		events.mustSee(t, "recalled")
		n.mustInbox(http.MethodGet, "messages", ours.tokens["bob"], nil, &p)
		if recalled.Code != 0 || len(p.Items) != 1 || p.Items[0].RecalledAt == nil || p.Items[0].HTML != "" {
			t.Errorf("after recall (%d): %+v", recalled.Code, p)
		}

		n.mustInbox(http.MethodGet, "messages", theirs.tokens["ann"], nil, &p)
		if len(p.Items) != 0 {
			t.Errorf("another organization's ann sees %+v", p.Items)
		}
	})
}

func (n *node) mustOutcome(t *testing.T, f firm, token string, task int64) {
	t.Helper()
	var progress struct {
		Progress struct {
			Percent int `json:"progress_in_percent"`
			Status  int `json:"status"`
		} `json:"progress"`
	}
	asked := map[string]any{"agent_id": f.agent, "task_id": task}
	n.mustCall(token, "getsendprogress", asked, &progress)
	if progress.Progress.Percent != 100 || progress.Progress.Status != 2 {
		t.Errorf("progress %+v", progress)
	}
	var result struct {
		Result struct {
			Read   []string `json:"read_user_id_list"`
			Unread []string `json:"unread_user_id_list"`
		} `json:"send_result"`
	}
	n.mustCall(token, "getsendresult", asked, &result)
	if fmt.Sprint(result.Result.Read, result.Result.Unread) != "[ann] [bob]" {
		t.Errorf("result %+v, want ann read, bob unread", result.Result)
	}
}

// stream is an open event stream.
type stream struct {
	in   *bufio.Reader
	body io.Closer
	last string // id of the newest event that has one
}

func (n *node) mustStream(t *testing.T, token string) *stream {
	t.Helper()
	r := mustGet(n.base + "/api/v1/inbox/events")
	r.Header.Set("Authorization", "Bearer "+token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Body.Close() })
	if w.StatusCode != http.StatusOK {
		t.Fatalf("events: status %d", w.StatusCode)
	}
	return &stream{in: bufio.NewReader(w.Body), body: w.Body}
}

// mustSee reads up to the next event of a name and returns its data.
func (s *stream) mustSee(t *testing.T, name string) string {
	t.Helper()
	var event, data string
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			t.Fatalf("waiting for %s: %v", name, err)
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "id:"):
			s.last = strings.TrimSpace(line[len("id:"):])
		case strings.HasPrefix(line, "event:"):
			event = strings.TrimSpace(line[len("event:"):])
		case strings.HasPrefix(line, "data:"):
			data = strings.TrimSpace(line[len("data:"):])
		case line == "" && event == name:
			return data
		case line == "":
			event, data = "", ""
		}
	}
}

func TestStopsWithStreamsOpenAndStartsAgain(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		n := mustRun(t, c, nil)
		f := n.mustFirm("Firm", "ann")
		token := n.mustLogin(f)
		n.mustSend(f, token, "before the stop")
		events := n.mustStream(t, f.tokens["ann"])
		events.mustSee(t, "unread")

		begin := time.Now()
		if err := n.mustEnd(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("stopping took %v with one stream open", took)
		}
		_, _ = io.Copy(io.Discard, events.in) // it has ended
		if _, err := net.Dial("tcp", strings.TrimPrefix(n.base, "http://")); err == nil {
			t.Error("somebody still listens")
		}

		// The same access token and API token are good after the restart.
		again := mustRun(t, c, nil)
		again.mustSend(f, token, "after the start")
		var p page
		again.mustInbox(http.MethodGet, "messages", f.tokens["ann"], nil, &p)
		if len(p.Items) != 2 {
			t.Errorf("inbox after a restart: %+v", p)
		}
	})
}

// A request whose body is still on its way when the server is asked to stop is
// answered, and what it accepted is there.
func TestStopAnswersRequestsInHand(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		log, stopping := waitFor("stopping")
		c := settings(t, engine)
		n := mustRun(t, c, log)
		f := n.mustFirm("Firm", "ann")
		token := n.mustLogin(f)
		conn, err := net.Dial("tcp", strings.TrimPrefix(n.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		body := fmt.Sprintf(`{"agent_id":%d,"userid_list":"ann","msg":{"msgtype":"text","text":{"content":"late"}}}`, f.agent)
		fmt.Fprintf(conn, "POST /topapi/message/corpconversation/asyncsend_v2?access_token=%s HTTP/1.1\r\nHost: x\r\n"+
			"Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", token, len(body))
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("the handler does not wait for the body: %q, %v", line, err)
		}
		if _, err := in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		n.stop()
		<-stopping
		fmt.Fprint(conn, body)
		w, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		if text, _ := io.ReadAll(w.Body); !strings.Contains(string(text), `"errcode":0`) {
			t.Errorf("answer %s", text)
		}
		if err := n.mustEnd(); err != nil {
			t.Fatal(err)
		}
		var p page
		mustRun(t, c, nil).mustInbox(http.MethodGet, "messages", f.tokens["ann"], nil, &p)
		if len(p.Items) != 1 {
			t.Errorf("inbox %+v, want the late message", p)
		}
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	for path, want := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/": 200, "/assets/page.css": 200, "/assets/none.css": 404, "/assets/../dist": 404,
		"/api/v1": 404, "/api/v1/none": 404, "/api/v1/inbox/messages": 401,
	} {
		r := mustGet(n.base + "/")
		r.URL.Path = path
		if status := n.mustJSON(r, nil); status != want {
			t.Errorf("GET %s: status %d, want %d", path, status, want)
		}
	}
	r := mustGet(n.base + "/")
	r.Method = http.MethodPost
	if status := n.mustJSON(r, nil); status != http.StatusMethodNotAllowed {
		t.Errorf("POST /: status %d", status)
	}
}

func TestNotReadyBeforeRun(t *testing.T) {
	t.Parallel()
	s, err := server.New(context.Background(), settings(t, "sqlite"), options(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s.Port() == 0 {
		t.Error("no port")
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// Unknown paths are the wire's to answer, and nothing is redirected: the query
// may hold a token.
func TestUnknownPathsAreNotRedirected(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"//gettoken", "/gettoken/", "/./gettoken", "/assets/../gettoken", "/api/v1/../gettoken", "/index.html", "/nothing"} {
		r := mustGet(n.base + "/?access_token=x")
		r.URL.Opaque = path
		w, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Body.Close()
		if w.Header.Get("Location") != "" || w.StatusCode/100 == 3 {
			t.Errorf("%s: status %d to %q", path, w.StatusCode, w.Header.Get("Location"))
		}
	}
}

func TestPagePolicy(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	w, err := http.Get(n.base + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(w.Header.Get("Content-Security-Policy"), want) {
			t.Errorf("the page's policy lacks %s", want)
		}
	}
	// Scripts have an address, styles too, and all addresses are our own.
	if name := regexp.MustCompile(`<script>|<script [^>]*>[^<]|<style|style=| on[a-z]+=|https?://`).FindString(string(text)); name != "" {
		t.Errorf("the page holds %s, which its policy forbids", name)
	}
	if w.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(w.Header.Get("Content-Type"), "text/html") {
		t.Errorf("headers %v", w.Header)
	}
}

func TestOneServerPerDataDirectory(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	n := mustRun(t, c, nil)
	if _, err := server.New(context.Background(), c, options(nil)); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("second server on the directory: %v", err)
	}
	elsewhere := c
	elsewhere.Data = t.TempDir()
	if _, err := server.New(context.Background(), elsewhere, options(nil)); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("second server on the database: %v", err)
	}
	// Administration goes on beside it, and the server hears of it.
	rooms, err := server.Open(context.Background(), c, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := rooms.Close(); err != nil {
		t.Error(err)
	}
	if err := n.mustEnd(); err != nil {
		t.Fatal(err)
	}
	s, err := server.New(context.Background(), c, options(nil))
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	initial := options(nil)
	initial.Init = true
	rooms, err := server.Open(context.Background(), c, initial)
	if err != nil {
		t.Fatal(err)
	}
	if err := rooms.Close(); err != nil {
		t.Fatal(err)
	}
	other := c
	other.KeyFile = filepath.Join(t.TempDir(), "deep", "key")
	if _, err := server.Open(context.Background(), other, initial); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("a database opened with another key: %v", err)
	}
	if _, err := os.Stat(other.KeyFile); !os.IsNotExist(err) {
		t.Errorf("a useless key file was left behind: %v", err)
	}
	// Administration beside a server makes none; nor does a server on PostgreSQL.
	if _, err := server.Open(context.Background(), other, options(nil)); err == nil || !strings.Contains(err.Error(), "is not there: name with key-file") {
		t.Errorf("a key file that must exist: %v", err)
	}
	other.MakeKey = false
	if _, err := server.New(context.Background(), other, options(nil)); err == nil || !strings.Contains(err.Error(), "is not there: name with key-file") {
		t.Errorf("a key file that must exist: %v", err)
	}
}
