package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Object is a JSON object of the wire.
type Object = map[string]any

// Address says where the server is now: it has another port after each start.
type Address func() string

// App sends in the name of one app. It keeps the token it has, also over a
// restart of the server. Safe for concurrent use once it has a token.
type App struct {
	Credentials
	Address Address
	HTTP    *http.Client
	Token   string
}

// Refused is an answer that says no. What was refused has not happened.
type Refused struct {
	Code int
	Text string
}

func (r *Refused) Error() string { return fmt.Sprintf("errcode %d: %s", r.Code, r.Text) }

// Unknown is a call of which nobody knows what became: no whole answer came
// back, or one that says so.
type Unknown struct{ Err error }

func (u *Unknown) Error() string { return "unknown: " + u.Err.Error() }
func (u *Unknown) Unwrap() error { return u.Err }

// codeUnknown is what the server answers when it does not know either.
const codeUnknown = 500

// CodeBusy is the answer that promises that nothing was and nothing will be
// done.
const CodeBusy = -1

// NewHTTP returns a client with a pool for many connections at once, and no
// keep-alive that survives its server.
func NewHTTP(connections int) *http.Client {
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			MaxIdleConnsPerHost: connections,
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		},
	}
}

// Login takes an access token.
func (a *App) Login(ctx context.Context) error {
	q := url.Values{"appkey": {a.Key}, "appsecret": {a.Secret}}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := a.call(ctx, http.MethodGet, "/gettoken", q, nil, nil, &answer); err != nil {
		return err
	}
	a.Token = answer.Token
	return nil
}

// Send posts a message; key may be empty.
func (a *App) Send(ctx context.Context, to Audience, msg any, key string) (task int64, err error) {
	var answer struct {
		TaskID int64 `json:"task_id"`
	}
	err = a.post(ctx, sendPath, key, a.SendBody(to, msg), &answer)
	if err == nil && answer.TaskID == 0 {
		err = &Unknown{errors.New("accepted without a task id")}
	}
	return answer.TaskID, err
}

const (
	wirePath = "/topapi/message/corpconversation/"
	sendPath = wirePath + "asyncsend_v2"
)

// SendPath is the path and query of a send, for who writes the request alone.
func (a *App) SendPath() string {
	return sendPath + "?" + url.Values{"access_token": {a.Token}}.Encode()
}

// SendBody is what Send posts.
func (a *App) SendBody(to Audience, msg any) Object {
	body := Object{"agent_id": a.AgentID, "msg": msg}
	if to.Everyone {
		body["to_all_user"] = true
	}
	if len(to.Userids) > 0 {
		body["userid_list"] = strings.Join(to.Userids, ",")
	}
	var depts []string
	for _, id := range to.DeptIDs {
		depts = append(depts, strconv.FormatInt(id, 10))
	}
	if len(depts) > 0 {
		body["dept_id_list"] = strings.Join(depts, ",")
	}
	return body
}

// Progress is what getsendprogress tells.
type Progress struct {
	Percent int `json:"progress_in_percent"`
	Status  int `json:"status"`
}

// Progress asks how far a task is.
func (a *App) Progress(ctx context.Context, task int64) (Progress, error) {
	var answer struct {
		Progress Progress `json:"progress"`
	}
	err := a.post(ctx, wirePath+"getsendprogress", "", Object{"agent_id": a.AgentID, "task_id": task}, &answer)
	return answer.Progress, err
}

// Result is what getsendresult tells.
type Result struct {
	InvalidUserids []string  `json:"invalid_user_id_list"`
	InvalidDeptIDs []int64   `json:"invalid_dept_id_list"`
	Forbidden      []string  `json:"forbidden_user_id_list"`
	Failed         []string  `json:"failed_user_id_list"`
	Read           []string  `json:"read_user_id_list"`
	Unread         []string  `json:"unread_user_id_list"`
	Held           []HeldOne `json:"forbidden_list"`
}

// HeldOne is one person held back.
type HeldOne struct {
	Code   string `json:"code"`
	Count  int64  `json:"count"`
	Userid string `json:"userid"`
}

// Result asks what became of everyone.
func (a *App) Result(ctx context.Context, task int64) (Result, error) {
	var answer struct {
		Result Result `json:"send_result"`
	}
	err := a.post(ctx, wirePath+"getsendresult", "", Object{"agent_id": a.AgentID, "task_id": task}, &answer)
	return answer.Result, err
}

// Recall takes a message back.
func (a *App) Recall(ctx context.Context, task int64) error {
	return a.post(ctx, wirePath+"recall", "", Object{"agent_id": a.AgentID, "msg_task_id": task}, nil)
}

// SetStatusBar changes an oa message's status bar.
func (a *App) SetStatusBar(ctx context.Context, task int64, value, background string) error {
	body := Object{"agent_id": a.AgentID, "task_id": task, "status_value": value, "status_bg": background}
	return a.post(ctx, wirePath+"status_bar/update", "", body, nil)
}

// Upload stores a file (kind image, voice or file) and returns its media id.
func (a *App) Upload(ctx context.Context, kind, name string, content []byte) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("media", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return "", err
	}
	q := url.Values{"access_token": {a.Token}, "type": {kind}}
	var answer struct {
		MediaID string `json:"media_id"`
	}
	header := http.Header{"Content-Type": {form.FormDataContentType()}}
	err = a.call(ctx, http.MethodPost, "/media/upload", q, header, body.Bytes(), &answer)
	return answer.MediaID, err
}

func (a *App) post(ctx context.Context, path, key string, request Object, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return a.call(ctx, http.MethodPost, path, url.Values{"access_token": {a.Token}}, header, body, answer)
}

func (a *App) call(ctx context.Context, method, path string, q url.Values, header http.Header, body []byte, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, a.Address()+path+"?"+q.Encode(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	w, err := a.HTTP.Do(r)
	if err != nil {
		return &Unknown{err}
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		return &Unknown{err}
	}
	return ReadAnswer(w.StatusCode, text, answer)
}

// ReadAnswer tells what a whole answer of the wire says. The errors are
// Refused and Unknown.
func ReadAnswer(status int, text []byte, into any) error {
	if status != http.StatusOK {
		return &Unknown{fmt.Errorf("HTTP status %d: %.200s", status, text)}
	}
	var e struct {
		Code    *int   `json:"errcode"`
		Message string `json:"errmsg"`
		Detail  string `json:"sub_msg"`
	}
	if err := json.Unmarshal(text, &e); err != nil || e.Code == nil {
		return &Unknown{fmt.Errorf("no answer of the wire: %.200s", text)}
	}
	switch {
	case *e.Code == codeUnknown:
		return &Unknown{fmt.Errorf("errcode %d: %s", *e.Code, e.Message)}
	case *e.Code != 0:
		return &Refused{Code: *e.Code, Text: e.Message + " " + e.Detail}
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &Unknown{err}
	}
	return nil
}
