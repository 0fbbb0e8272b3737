package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/client"
)

// said is one answer of a server that does as it is told.
type said struct {
	status int
	header http.Header
	text   string
	err    error
}

// scripted answers calls in order, the last answer again and again, and gives tokens.
type scripted struct {
	mu      sync.Mutex
	answers []said
	asked   []string // path, then the key or token that matters
	tokens  int
	slow    time.Duration // what giving a token takes
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/gettoken" {
		<-time.After(s.slow)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	if r.URL.Path == "/gettoken" {
		s.tokens++
		return answerOf(said{text: `{"errcode":0,"access_token":"t` + string(rune('0'+s.tokens)) + `","expires_in":7200}`}), nil
	}
	s.asked = append(s.asked, r.URL.Query().Get("access_token")+r.Header.Get("Idempotency-Key"))
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	if a.err != nil {
		return nil, a.err
	}
	return answerOf(a), nil
}

func answerOf(a said) *http.Response {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.text))}
}

func appAt(s *scripted, attempts int) *client.App {
	c := client.New("http://tidings.example.com", client.Options{HTTP: &http.Client{Transport: s}, Attempts: attempts})
	return c.App(7, client.AppKey{Key: "k", Secret: "s"})
}

const (
	accepted = `{"errcode":0,"errmsg":"ok","task_id":5}`
	busy     = `{"errcode":-1,"errmsg":"系统繁忙，请稍后再试","sub_msg":"the server is busy","request_id":"r1"}`
	spent    = `{"errcode":88,"errmsg":"ding talk error","sub_code":"40014","sub_msg":"不合法的access_token"}`
	plain    = `{"errcode":40014,"errmsg":"不合法的access_token"}`
	slower   = `{"errcode":88,"errmsg":"ding talk error","sub_code":"90018","sub_msg":"…"}`
	broken   = `{"errcode":500,"errmsg":"系统错误"}`
)

var (
	one      = client.Audience{Userids: []string{"u1"}}
	errReset = errors.New("connection reset")
	dial     = &net.OpError{Op: "dial", Err: errReset}
)

// What is certain not to have happened is done again; what may have happened, only
// where twice is once.
func TestAgain(t *testing.T) {
	t.Parallel()
	ok := said{text: accepted}
	tests := []struct {
		name    string
		key     string
		answers []said
		calls   int
		unknown bool
		fails   bool
	}{
		{"busy", "", []said{{text: busy}, {text: busy}, ok}, 3, false, false},
		{"busy for ever", "", []said{{text: busy}}, 4, false, true},
		{"throttled", "", []said{{text: slower, header: http.Header{"Retry-After": {"2"}}}, ok}, 2, false, false},
		{"throttled for the month", "", []said{{text: slower, header: http.Header{"Retry-After": {"86400"}}}, ok}, 1, false, true},
		{"nobody knows, without a key", "", []said{{text: broken}, ok}, 1, true, true},
		{"nobody knows, with a key", "k1", []said{{text: broken}, ok}, 2, false, false},
		{"cut off, without a key", "", []said{{err: errReset}, ok}, 1, true, true},
		{"cut off, with a key", "k1", []said{{err: errReset}, ok}, 2, false, false},
		{"half an answer", "", []said{{text: `{"errcode":0,"task`}, ok}, 1, true, true},
		{"never reached", "", []said{{err: dial}, ok}, 2, false, false},
		{"refused", "", []said{{text: `{"errcode":40035,"errmsg":"不合法的参数"}`}, ok}, 1, false, true},
		{"too large", "", []said{{status: 413, text: `{"errcode":41101,"errmsg":"…"}`}, ok}, 1, false, true},
		{"a proxy's page", "", []said{{status: 502, text: `<html>`}, ok}, 1, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{answers: tt.answers}
				_, err := appAt(s, 0).Send(t.Context(), one, client.Text{Content: "hello"}, tt.key)
				if len(s.asked) != tt.calls || (err != nil) != tt.fails || client.Unknown(err) != tt.unknown {
					t.Errorf("%d calls, %v, unknown %v; want %d, fails %v, unknown %v", len(s.asked), err, client.Unknown(err), tt.calls, tt.fails, tt.unknown)
				}
				for _, as := range s.asked {
					if as != "t1"+tt.key {
						t.Errorf("a call with token and key %q, want %q", as, "t1"+tt.key)
					}
				}
			})
		})
	}
}

// A server that says when to come again is not asked before, and one that cannot be
// waited for is not waited for.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttled := said{text: slower, header: http.Header{"Retry-After": {"3"}}}
		began := time.Now()
		if _, err := appAt(&scripted{answers: []said{throttled, {text: accepted}}}, 0).Send(t.Context(), one, client.Text{}, ""); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("waited %v, want 3s", waited)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		began = time.Now()
		_, err := appAt(&scripted{answers: []said{throttled}}, 0).Send(ctx, one, client.Text{}, "")
		if !client.IsCode(err, client.CodeThrottled) || time.Since(began) != 0 {
			t.Errorf("%v after %v, want 90018 at once", err, time.Since(began))
		}
	})
}

// A token is taken once, and again before it ends, or when the server does not know
// it any more: in whichever form that is said.
func TestToken(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{spent, plain} {
		s := &scripted{answers: []said{{text: accepted}, {text: gone}, {text: accepted}}}
		app := appAt(s, 1)
		for range 2 {
			if _, err := app.Send(t.Context(), one, client.Text{}, ""); err != nil {
				t.Error(err)
			}
		}
		if d := cmp.Diff([]string{"t1", "t1", "t2"}, s.asked); d != "" {
			t.Errorf("tokens (-want +got):\n%s", d)
		}
	}
	s := &scripted{answers: []said{{text: spent}}}
	if _, err := appAt(s, 1).Send(t.Context(), one, client.Text{}, ""); !client.IsCode(err, client.CodeTokenInvalid) || len(s.asked) != 2 {
		t.Errorf("a server that knows no token: %v after %d calls, want 40014 after 2", err, len(s.asked))
	}
	var clock atomic.Int64
	s = &scripted{answers: []said{{text: accepted}}}
	c := client.New("http://tidings.example.com", client.Options{HTTP: &http.Client{Transport: s}, Now: func() time.Time { return time.Unix(clock.Load(), 0) }})
	app := c.App(7, client.AppKey{})
	for _, second := range []int64{0, 6000, 7000} {
		clock.Store(second)
		if _, err := app.Send(t.Context(), one, client.Text{}, ""); err != nil {
			t.Error(err)
		}
	}
	if want := []string{"t1", "t1", "t2"}; !slices.Equal(s.asked, want) {
		t.Errorf("tokens %v, want %v", s.asked, want)
	}
	fixed := client.New("http://tidings.example.com", client.Options{HTTP: &http.Client{Transport: &scripted{answers: []said{{text: spent}}}}}).App(7, client.AccessToken("x"))
	if err := fixed.Recall(t.Context(), 1); !client.IsCode(err, client.CodeTokenInvalid) {
		t.Errorf("a token of somebody else: %v, want 40014", err)
	}
}

// Many who need a token while one is taken wait for that one.
func TestOneTokenForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: []said{{text: accepted}}, slow: time.Second}
		app := appAt(s, 1)
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				if _, err := app.Send(t.Context(), one, client.Text{}, ""); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if s.tokens != 1 {
			t.Errorf("%d tokens were taken, want 1", s.tokens)
		}
	})
}

// An error has all that the answer says, and no token.
func TestError(t *testing.T) {
	t.Parallel()
	s := &scripted{answers: []said{{text: busy, header: http.Header{"Retry-After": {"4"}}}}}
	_, err := appAt(s, 1).Result(t.Context(), 5)
	var got *client.Error
	if !errors.As(err, &got) {
		t.Fatal(err)
	}
	want := client.Error{
		Path: "/topapi/message/corpconversation/getsendresult", Status: 200, Code: -1,
		Message: "系统繁忙，请稍后再试", Detail: "the server is busy", RequestID: "r1", RetryAfter: 4 * time.Second,
	}
	if d := cmp.Diff(want, *got); d != "" {
		t.Errorf("error (-want +got):\n%s", d)
	}
	for _, err := range []error{errReset, dial} {
		_, err := client.New("http://127.0.0.1:1", client.Options{HTTP: &http.Client{Transport: &scripted{answers: []said{{err: err}}}}, Attempts: 1}).
			App(7, client.AccessToken("secret")).Result(t.Context(), 5)
		if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "getsendresult") {
			t.Errorf("the error is %v, want one with the path and without the token", err)
		}
	}
}

// Messages are written as the wire has them.
func TestMessages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		message client.Message
		want    string
	}{
		{client.Text{Content: "a"}, `{"msgtype":"text","text":{"content":"a"}}`},
		{client.Image{MediaID: "@a"}, `{"msgtype":"image","image":{"media_id":"@a"}}`},
		{client.Voice{MediaID: "@a", Duration: 2}, `{"msgtype":"voice","voice":{"media_id":"@a","duration":2}}`},
		{client.File{MediaID: "@a"}, `{"msgtype":"file","file":{"media_id":"@a"}}`},
		{client.Link{URL: "u", Picture: "p", Title: "t", Text: "x"}, `{"msgtype":"link","link":{"messageUrl":"u","picUrl":"p","title":"t","text":"x"}}`},
		{client.Markdown{Title: "t", Text: "x"}, `{"msgtype":"markdown","markdown":{"title":"t","text":"x"}}`},
		{
			client.ActionCard{Title: "t", Markdown: "x", SingleTitle: "s", SingleURL: "u"},
			`{"msgtype":"action_card","action_card":{"title":"t","markdown":"x","single_title":"s","single_url":"u"}}`,
		},
		{
			client.ActionCard{Markdown: "x", SideBySide: true, Buttons: []client.Button{{Title: "b", URL: "u"}}},
			`{"msgtype":"action_card","action_card":{"markdown":"x","btn_orientation":"1","btn_json_list":[{"title":"b","action_url":"u"}]}}`,
		},
		{
			client.OA{URL: "u", Head: client.OAHead{Text: "h"}, StatusBar: &client.StatusBar{Value: "v"}, Body: client.OABody{Title: "t", Form: []client.OAField{{Key: "k", Value: "v"}}}},
			`{"msgtype":"oa","oa":{"message_url":"u","head":{"text":"h"},"status_bar":{"status_value":"v"},"body":{"title":"t","form":[{"key":"k","value":"v"}]}}}`,
		},
		{client.Raw(json.RawMessage(`{"msgtype":"new","new":1}`)), `{"msgtype":"new","new":1}`},
	}
	for _, tt := range tests {
		var body struct {
			Agent int64           `json:"agent_id"`
			Depts string          `json:"dept_id_list"`
			Msg   json.RawMessage `json:"msg"`
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			_, _ = io.WriteString(w, accepted)
		}))
		_, err := client.New(server.URL+"/", client.Options{}).App(7, client.AccessToken("x")).
			Send(t.Context(), client.Audience{DeptIDs: []int64{2, 3}}, tt.message, "")
		server.Close()
		if err != nil || body.Agent != 7 || body.Depts != "2,3" {
			t.Errorf("%+v, %v", body, err)
		}
		if d := cmp.Diff(decoded(t, tt.want), decoded(t, string(body.Msg))); d != "" {
			t.Errorf("%T (-want +got):\n%s", tt.message, d)
		}
	}
}

func decoded(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// A stream goes on where it broke, tells each event once, and ends with a refusal.
func TestFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stream := &streams{texts: []string{
			"event: unread\ndata: {\"count\":1}\n\n:\n\nevent: message\nid: 7\ndata: {\"message_id\":\"m\"}\n\nevent: message\nid: 8\ndata: {",
			"event: message\nid: 8\ndata: {\"message_id\":\"n\"}\n\n",
		}}
		inbox := client.New("http://tidings.example.com", client.Options{HTTP: &http.Client{Transport: stream, Timeout: time.Minute}}).Inbox("secret")
		var names []string
		err := inbox.Follow(t.Context(), 6, func(e client.Event) error {
			names = append(names, e.Name)
			return nil
		})
		var said *client.Error
		if !errors.As(err, &said) || said.Name != "token_invalid" {
			t.Errorf("Follow ends with %v, want token_invalid", err)
		}
		if want := []string{"unread", "message", "message"}; !slices.Equal(names, want) {
			t.Errorf("events %v, want %v", names, want)
		}
		if want := []string{"6", "7", "8"}; !slices.Equal(stream.after, want) {
			t.Errorf("resumed after %v, want %v", stream.after, want)
		}
	})
}

// streams ends each stream early, and at last knows the token no more.
type streams struct {
	texts []string
	after []string
}

func (b *streams) RoundTrip(r *http.Request) (*http.Response, error) {
	b.after = append(b.after, r.Header.Get("Last-Event-ID"))
	if r.Header.Get("Authorization") != "Bearer secret" {
		return nil, errReset
	}
	if len(b.texts) == 0 {
		return answerOf(said{status: 401, text: `{"title":"Unauthorized","status":401,"code":"token_invalid"}`}), nil
	}
	text := b.texts[0]
	b.texts = b.texts[1:]
	return answerOf(said{text: text}), nil
}

// What a program copies into the directory is written as the wire has it, and what is not
// said is left out.
func TestContactChangesOnTheWire(t *testing.T) {
	t.Parallel()
	var path, body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		path, body = r.URL.Path, string(text)
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok","result":{"userid":"u1","unionId":"x","dept_id":5}}`)
	}))
	defer server.Close()
	ctx, app := t.Context(), client.New(server.URL, client.Options{}).App(7, client.AccessToken("x"))
	for want, do := range map[string]func() error{
		`/topapi/v2/user/create {"dept_id_list":"2,3","mobile":"13800000000","name":"Ann"}`: func() error {
			userid, unionID, err := app.CreateUser(ctx, client.NewUser{Name: "Ann", Mobile: "13800000000", DeptIDs: []int64{2, 3}})
			if userid != "u1" || unionID != "x" {
				t.Errorf("made %q, %q", userid, unionID)
			}
			return err
		},
		`/topapi/v2/user/update {"dept_id_list":"2","job_number":"7","title":"T","userid":"u1"}`: func() error {
			return app.UpdateUser(ctx, "u1", client.UserChange{JobNumber: "7", Title: "T", DeptIDs: []int64{2}})
		},
		`/topapi/v2/user/delete {"userid":"u1"}`: func() error { return app.DeleteUser(ctx, "u1") },
		`/topapi/v2/department/create {"name":"N","order":3,"parent_id":2,"source_identifier":"hr-7"}`: func() error {
			id, err := app.CreateDepartment(ctx, client.NewDepartment{Name: "N", ParentID: 2, Order: 3, SourceIdentifier: "hr-7"})
			if id != 5 {
				t.Errorf("made %d", id)
			}
			return err
		},
		`/topapi/v2/department/update {"dept_id":5,"order":0,"source_identifier":"hr-8"}`: func() error {
			return app.UpdateDepartment(ctx, 5, client.DepartmentChange{Order: new(int64), SourceIdentifier: "hr-8"})
		},
		`/topapi/v2/department/delete {"dept_id":5}`: func() error { return app.DeleteDepartment(ctx, 5) },
	} {
		if err := do(); err != nil || path+" "+body != want {
			t.Errorf("%s %s, %v; want %s", path, body, err, want)
		}
	}
}

// A change whose answer is lost is made again where twice does the same as once.
func TestContactChangesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			do    func(a *client.App) error
			calls int
		}{
			"create": {func(a *client.App) error {
				_, err := a.CreateDepartment(t.Context(), client.NewDepartment{Name: "N", ParentID: 1})
				return err
			}, 1},
			"update": {func(a *client.App) error {
				return a.UpdateDepartment(t.Context(), 5, client.DepartmentChange{Name: "N"})
			}, 2},
			"delete": {func(a *client.App) error { return a.DeleteUser(t.Context(), "u1") }, 1},
		} {
			s := &scripted{answers: []said{{err: errReset}, {text: `{"errcode":0,"errmsg":"ok"}`}}}
			if err := c.do(appAt(s, 0)); len(s.asked) != c.calls || client.Unknown(err) != (c.calls == 1) {
				t.Errorf("%s: %d calls, %v; want %d", name, len(s.asked), err, c.calls)
			}
		}
	})
}
