package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// node is one running server of a test.
type node struct {
	*server.Server
	base  string
	fail  func(string, ...any)
	stop  context.CancelFunc
	ended chan error
}

func settings(tb testing.TB, engine string) config.Config {
	tb.Helper()
	dir := tb.TempDir()
	files := config.MediaDisk
	if engine == "postgres" {
		files = config.MediaDatabase
	}
	return config.Config{
		Media:  files,
		Listen: "127.0.0.1:0", Data: dir, Database: storetest.Ready(tb, engine),
		KeyFile: filepath.Join(dir, "key"), MakeKey: true, Hints: true, Preset: "standard",
	}
}

func options(log *slog.Logger) server.Options {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return server.Options{Log: log, Fatal: func(err error) { panic(err) }, Now: time.Now}
}

// mustRun starts a server; it is stopped with the test if not before.
func mustRun(tb testing.TB, c config.Config, log *slog.Logger) *node {
	tb.Helper()
	return mustRunWith(tb, c, options(log))
}

func mustRunWith(tb testing.TB, c config.Config, o server.Options) *node {
	tb.Helper()
	s, err := server.New(context.Background(), c, o)
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := &node{Server: s, base: fmt.Sprintf("http://127.0.0.1:%d", s.Port()), fail: tb.Fatalf, stop: cancel, ended: make(chan error, 1)}
	go func() { n.ended <- s.Run(ctx); close(n.ended) }()
	tb.Cleanup(func() {
		if err := n.mustEnd(); err != nil {
			tb.Errorf("stop: %v", err)
		}
	})
	return n
}

func (n *node) mustEnd() error {
	n.stop()
	select {
	case err := <-n.ended:
		return err
	case <-time.After(10 * time.Second):
		return fmt.Errorf("the server did not stop within 10 s")
	}
}

// firm is an organization with a few people and an app.
type firm struct {
	id     int64
	corpID string
	key    string
	secret string
	agent  int64
	tokens map[string]string // API tokens by userid
}

func (n *node) mustFirm(name string, userids ...string) firm {
	ctx := context.Background()
	o, err := n.Directory().CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: name})
	if err != nil {
		n.fail("organization: %v", err)
	}
	f := firm{id: o.ID, corpID: o.CorpID, tokens: map[string]string{}}
	for _, userid := range userids {
		if _, err := n.Directory().CreateUser(ctx, audit.ByOperator(), o.ID, directory.NewUser{Userid: userid, Name: userid}); err != nil {
			n.fail("user: %v", err)
		}
		if f.tokens[userid], err = n.Accounts().CreateToken(ctx, audit.ByOperator(), o.ID, userid, "test", time.Hour); err != nil {
			n.fail("token: %v", err)
		}
	}
	a, g, secret, err := n.Apps().CreateInternal(ctx, audit.ByOperator(), o.ID, app.NewApp{Name: name + " app", SendToEveryone: true})
	if err != nil {
		n.fail("app: %v", err)
	}
	f.key, f.secret, f.agent = a.Key, secret, g.ID
	return f
}

// mustLogin returns an access token.
func (n *node) mustLogin(f firm) string {
	var answer struct {
		Code  int    `json:"errcode"`
		Token string `json:"access_token"`
	}
	n.mustJSON(mustGet(n.base+"/gettoken?"+url.Values{"appkey": {f.key}, "appsecret": {f.secret}}.Encode()), &answer)
	if answer.Code != 0 || answer.Token == "" {
		n.fail("gettoken: %+v", answer)
	}
	return answer.Token
}

// mustSend sends a text to everyone and returns the task.
func (n *node) mustSend(f firm, token, text string) int64 {
	var answer struct {
		Code   int    `json:"errcode"`
		Text   string `json:"errmsg"`
		TaskID int64  `json:"task_id"`
	}
	n.mustCall(token, "asyncsend_v2", map[string]any{
		"agent_id": f.agent, "to_all_user": true, "msg": map[string]any{"msgtype": "text", "text": map[string]any{"content": text}},
	}, &answer)
	if answer.Code != 0 {
		n.fail("send: %d %s", answer.Code, answer.Text)
	}
	return answer.TaskID
}

func (n *node) mustCall(token, api string, request, answer any) {
	body, err := json.Marshal(request)
	if err != nil {
		n.fail("%s: %v", api, err)
	}
	r, err := http.NewRequest(http.MethodPost, n.base+"/topapi/message/corpconversation/"+api+"?access_token="+token, bytes.NewReader(body))
	if err != nil {
		n.fail("%s: %v", api, err)
	}
	r.Header.Set("Content-Type", "application/json")
	n.mustJSON(r, answer)
}

// mustInbox asks our own API as a person.
func (n *node) mustInbox(method, path, token string, request, answer any) int {
	var body io.Reader = http.NoBody
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			n.fail("%s: %v", path, err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, n.base+"/api/v1/inbox/"+path, body)
	if err != nil {
		n.fail("%s: %v", path, err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return n.mustJSON(r, answer)
}

func (n *node) mustJSON(r *http.Request, answer any) (status int) {
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		n.fail("%s: %v", r.URL.Path, err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		n.fail("%s: %v", r.URL.Path, err)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			n.fail("%s: status %d, %v in %s", r.URL.Path, w.StatusCode, err, text)
		}
	}
	return w.StatusCode
}

func mustGet(address string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, address, http.NoBody)
	if err != nil {
		panic(err)
	}
	return r
}

// waiting is a log handler that signals the first line with a message.
type waiting struct {
	slog.Handler
	message string
	seen    chan struct{}
}

func waitFor(message string) (*slog.Logger, <-chan struct{}) {
	w := &waiting{Handler: slog.DiscardHandler, message: message, seen: make(chan struct{})}
	return slog.New(w), w.seen
}

func (w *waiting) Enabled(context.Context, slog.Level) bool { return true }

func (w *waiting) Handle(_ context.Context, r slog.Record) error {
	if r.Message == w.message {
		close(w.seen)
	}
	return nil
}

// guessed returns a value that differs from a secret in its last character only.
func guessed(secret string) string {
	head, last := secret[:len(secret)-1], secret[len(secret)-1:]
	if last == "a" {
		return head + "b"
	}
	return head + "a"
}
