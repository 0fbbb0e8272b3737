package dingtalk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/notify"
)

// The one token, app, secret and task that the fakes know.
const (
	goodToken = "tok-1"
	goodAgent = 1_000_000_001_234
	goodTask  = 256_271_667_526
)

// rooms is all rooms behind the wire. It remembers what it was asked, and
// answers err where one is set.
type rooms struct {
	media.UnderWay

	mu        sync.Mutex
	err       error // of the verbs, not of authentication
	auth      error // of Authenticate, for any token
	count     error // of CountCall
	scopes    []string
	calls     []string // of CountCall
	sends     []notify.SendRequest
	templates []notify.TemplateRequest
	tasks     [][2]int64 // agent, task of every other verb
	bars      [][2]string
	files     []string // kind, name and content of uploads
	result    notify.Result
	told      notify.Sent
	lost      error // of Open
	panics    bool
	asked     []string // of contacts
	caller    app.Caller
	members   directory.MemberPage
	proofs    []app.SuiteProof
	known     bool // an unknown agent or task is refused, as the rooms do
	read      func(message []byte) error
}

func newRooms() *rooms { return &rooms{scopes: app.Scopes(), result: emptyResult()} }

func emptyResult() notify.Result {
	none := slices.Values([]string(nil))
	return notify.Result{Failed: none, Read: none, Unread: none}
}

func (f *rooms) TokenByKey(_ context.Context, key, secret string) (app.Token, error) {
	return f.token("key-1", "secret-1", key, secret)
}

func (f *rooms) TokenByCorp(_ context.Context, corpID, secret string) (app.Token, error) {
	return f.token("corp-1", "secret-1", corpID, secret)
}

func (f *rooms) token(wantID, wantSecret, id, secret string) (app.Token, error) {
	if f.err != nil {
		return app.Token{}, f.err
	}
	if id != wantID || secret != wantSecret {
		return app.Token{}, fault.New(fault.CodeCredentialsInvalid, "unknown key or wrong secret")
	}
	return app.Token{Value: goodToken, ExpiresIn: 7199*time.Second + 900*time.Millisecond}, nil
}

func (f *rooms) TokenIn(_ context.Context, corpID, key, secret string) (app.Token, error) {
	return f.token("corp-1 key-1", "secret-1", corpID+" "+key, secret)
}

// prove remembers a proof and takes those of the key suite-1.
func (f *rooms) prove(p app.SuiteProof) (app.Token, error) {
	f.mu.Lock()
	f.proofs = append(f.proofs, p)
	f.mu.Unlock()
	switch {
	case f.err != nil:
	case p.Token != "" && p.Token != goodToken:
		return app.Token{}, fault.New(fault.CodeTokenInvalid, "unknown token")
	case p.Token == "" && p.Key != "suite-1" && p.Signature != "":
		return app.Token{}, fault.New(fault.CodeSignatureInvalid, "unknown key")
	case p.Token == "" && p.Key != "suite-1":
		return app.Token{}, fault.New(fault.CodeSuiteKeyInvalid, "unknown key")
	case p.Token == "" && p.Ticket != "ticket":
		return app.Token{}, fault.New(fault.CodeSuiteTicketInvalid, "wrong ticket")
	}
	return f.token("", "", "", "")
}

func (f *rooms) SuiteToken(_ context.Context, p app.SuiteProof) (app.Token, error) { return f.prove(p) }

func (f *rooms) CorpToken(_ context.Context, p app.SuiteProof, corpID string) (app.Token, error) {
	token, err := f.prove(p)
	if err == nil && corpID != "corp-1" {
		err = fault.New(fault.CodeNotInstalled, "not installed")
	}
	return token, err
}

func (f *rooms) Installation(ctx context.Context, p app.SuiteProof, corpID string) (app.Installed, error) {
	_, err := f.CorpToken(ctx, p, corpID)
	return theInstallation(), err
}

func (f *rooms) PermanentCode(_ context.Context, p app.SuiteProof, authCode string) (app.Authorization, error) {
	_, err := f.prove(p)
	if err == nil && authCode != "code-1" {
		err = fault.New(fault.CodeAuthCodeInvalid, "unknown code")
	}
	return app.Authorization{PermanentCode: "permanent-1", CorpID: "corp-1", CorpName: "示例公司"}, err
}

func (f *rooms) Activate(ctx context.Context, p app.SuiteProof, suiteKey, corpID, permanentCode string) error {
	_, err := f.CorpToken(ctx, p, corpID)
	switch {
	case err != nil:
	case suiteKey != "suite-1":
		err = fault.New(fault.CodeSuiteKeyInvalid, "another app's")
	case permanentCode != "permanent-1":
		err = fault.New(fault.CodePermanentCodeInvalid, "wrong code")
	}
	return err
}

func (f *rooms) AgentOfSuite(_ context.Context, p app.SuiteProof, corpID string, agentID int64) (app.Installed, error) {
	if _, err := f.prove(p); err != nil {
		return app.Installed{}, err
	}
	if corpID != "corp-1" || agentID != goodAgent {
		return app.Installed{}, fault.New(fault.CodeAgentUnknown, "unknown")
	}
	return theInstallation(), nil
}

func theInstallation() app.Installed {
	return app.Installed{
		App: app.App{ID: 3, Name: "Suite", Icon: "@icon", Description: "d"}, Agent: app.Agent{ID: goodAgent}, CorpName: "Corp",
	}
}

func (f *rooms) Authenticate(_ context.Context, token string) (app.Caller, error) {
	switch {
	case f.auth != nil:
		return app.Caller{}, f.auth
	case token == "":
		return app.Caller{}, fault.New(fault.CodeTokenMissing, "access_token is missing")
	case token != goodToken:
		return app.Caller{}, fault.New(fault.CodeTokenInvalid, "the token is unknown")
	}
	c := f.caller
	c.Organization, c.AppID, c.AgentID, c.Scopes = 7, 3, goodAgent, f.scopes
	return c, nil
}

func (f *rooms) CountCall(_ context.Context, _ app.Caller, api string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, api)
	return f.count
}

func (f *rooms) Send(_ context.Context, r notify.SendRequest) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.panics {
		panic("a bug")
	}
	if f.err != nil {
		return 0, f.err
	}
	if f.read != nil {
		if err := f.read(r.Message); err != nil {
			return 0, err
		}
	}
	f.sends = append(f.sends, r)
	return goodTask, nil
}

func (f *rooms) SendAndTell(ctx context.Context, r notify.SendRequest) (notify.Sent, error) {
	id, err := f.Send(ctx, r)
	sent := f.told
	sent.TaskID = id
	return sent, err
}

func (f *rooms) SendTemplate(_ context.Context, r notify.TemplateRequest) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return 0, f.err
	}
	f.templates = append(f.templates, r)
	return goodTask, nil
}

func (f *rooms) verb(agentID, taskID int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.err != nil:
		return f.err
	case f.known && agentID != goodAgent:
		return fault.New(fault.CodeAgentUnknown, "agent_id %d is unknown", agentID).WithField("agent_id")
	case f.known && taskID != goodTask:
		return notify.TaskUnknown(taskID)
	}
	f.tasks = append(f.tasks, [2]int64{agentID, taskID})
	return nil
}

func (f *rooms) Progress(_ context.Context, _ app.Caller, agentID, taskID int64) (notify.Progress, error) {
	return notify.Progress{Percent: 100, Status: 2}, f.verb(agentID, taskID)
}

func (f *rooms) Result(_ context.Context, _ app.Caller, agentID, taskID int64) (notify.Result, error) {
	return f.result, f.verb(agentID, taskID)
}

func (f *rooms) Recall(_ context.Context, _ app.Caller, agentID, taskID int64) error {
	return f.verb(agentID, taskID)
}

func (f *rooms) SetStatusBar(_ context.Context, _ app.Caller, agentID, taskID int64, text, bg string) error {
	f.mu.Lock()
	f.bars = append(f.bars, [2]string{text, bg})
	f.mu.Unlock()
	return f.verb(agentID, taskID)
}

func (f *rooms) Upload(_ context.Context, u media.Upload) (media.File, error) {
	content, err := io.ReadAll(u.Content)
	if err != nil {
		return media.File{}, err
	}
	if f.err != nil {
		return media.File{}, f.err
	}
	if !slices.Contains(media.Kinds(), u.Kind) {
		return media.File{}, fault.New(fault.CodeMediaType, "unknown").WithField("type")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files = append(f.files, u.Kind, u.Name, string(content))
	return media.File{ID: "@lfile", Kind: u.Kind, CreatedAt: time.UnixMilli(1_605_863_153_573)}, nil
}

func (f *rooms) File(_ context.Context, organization int64, id string) (media.File, error) {
	if f.err != nil {
		return media.File{}, f.err
	}
	if organization != 7 || id != "@lfile" {
		return media.File{}, media.NotFound()
	}
	return media.File{
		ID: id, Organization: 7, Kind: media.KindFile, Name: "季度.pdf", ContentType: "application/pdf", Size: 10, Digest: "d",
		CreatedAt: time.UnixMilli(1_605_863_153_573),
	}, nil
}

func (f *rooms) Open(context.Context, media.File) (io.ReadSeekCloser, error) {
	if f.lost != nil {
		return nil, f.lost
	}
	return seekCloser{strings.NewReader("%PDF-12345")}, nil
}

type seekCloser struct{ io.ReadSeeker }

func (seekCloser) Close() error { return nil }

// log is a buffer for what is logged.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func handler(f *rooms) (http.Handler, *log) {
	l := &log{}
	logger := slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return dingtalk.Handler(dingtalk.Deps{Tokens: f, Notifications: f, Uploads: f, Contacts: f, Changes: f, SignIns: fakeSignIns{}, Callbacks: fakeCallbacks{}, Log: logger}), l
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// request is one request as a test writes it.
type request struct {
	method, target, contentType, body string
	header                            http.Header
}

func (r request) build() *http.Request {
	if r.method == "" {
		r.method = http.MethodPost
	}
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req := httptest.NewRequest(r.method, r.target, body)
	for name, values := range r.header {
		req.Header[name] = values
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	return req
}

// with returns the request with a part of its body replaced.
func (r request) with(old, now string) request {
	r.body = strings.Replace(r.body, old, now, 1)
	return r
}

// canonical is a message's canonical JSON.
func canonical(tb testing.TB, raw []byte) string {
	tb.Helper()
	m, err := message.Decode(raw, message.Limits{})
	if err != nil {
		tb.Fatalf("%v in %s", err, raw)
	}
	return string(m.Canonical())
}

func do(h http.Handler, r request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.build())
	return w
}

// answer is a legacy answer, decoded.
type answer struct {
	Errcode   *int   `json:"errcode"`
	Errmsg    string `json:"errmsg"`
	SubCode   string `json:"sub_code"`
	SubMsg    string `json:"sub_msg"`
	RequestID string `json:"request_id"`
}

var requestIDs = regexp.MustCompile(`^[0-9a-z]{12,13}$`)

// mustAnswer checks what every legacy answer has, and every failure of the
// gateway, and decodes it.
func mustAnswer(tb testing.TB, w *httptest.ResponseRecorder) answer {
	tb.Helper()
	var all struct {
		answer
		Failure *struct {
			Code      *int   `json:"code"`
			Msg       string `json:"msg"`
			SubMsg    string `json:"sub_msg"`
			RequestID string `json:"request_id"`
		} `json:"error_response"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil {
		tb.Fatalf("%v in %s", err, w.Body)
	}
	a := all.answer
	if f := all.Failure; f != nil {
		a = answer{Errcode: f.Code, Errmsg: f.Msg, SubMsg: f.SubMsg, RequestID: f.RequestID}
	}
	if a.Errcode == nil || a.Errmsg == "" || !requestIDs.MatchString(a.RequestID) {
		tb.Fatalf("incomplete: %s", w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != jsonType {
		tb.Errorf("content type %q", got)
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		tb.Errorf("headers %v", w.Header())
	}
	if w.Code != http.StatusOK && w.Code != http.StatusRequestEntityTooLarge {
		tb.Errorf("status %d", w.Code)
	}
	return a
}

// shape is an answer with its request_id made the same for all.
func shape(w *httptest.ResponseRecorder) string {
	return regexp.MustCompile(`"request(_?)id":"[0-9a-z]{12,13}"`).ReplaceAllString(w.Body.String(), `"request${1}id":"R"`)
}

func names(list ...string) iter.Seq[string] { return slices.Values(list) }

// part is one part of a multipart body; one with a file name is a file.
type part struct{ name, file, content string }

func multipartBody(tb testing.TB, parts ...part) (contentType, body string) {
	tb.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var pw io.Writer
		var err error
		if p.file == "" {
			pw, err = w.CreateFormField(p.name)
		} else {
			pw, err = w.CreateFormFile(p.name, p.file)
		}
		if err == nil {
			_, err = io.WriteString(pw, p.content)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

const (
	base     = "/topapi/message/corpconversation/"
	sendPath = base + "asyncsend_v2"
	helloMsg = `{"msgtype":"text","text":{"content":"你好"}}`
)
