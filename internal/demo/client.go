package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// client speaks the wire as an app would.
type client struct {
	base  string // http://HOST:PORT
	http  *http.Client
	token string
	agent int64
}

const callTime = 15 * time.Second

// envelope is what every answer of the wire has.
type envelope struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

// wireError is an answer other than errcode 0.
type wireError envelope

func (e *wireError) Error() string { return fmt.Sprintf("errcode %d: %s", e.Code, e.Message) }

// login fetches an access token.
func (c *client) login(ctx context.Context, a *appState) error {
	q := url.Values{"appkey": {a.Key}, "appsecret": {a.Secret}}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := c.do(ctx, http.MethodGet, "/gettoken", q, nil, nil, &answer); err != nil {
		return err
	}
	c.token, c.agent = answer.Token, a.AgentID
	return nil
}

// loginIn fetches a third-party app's access token for an organization.
func (c *client) loginIn(ctx context.Context, corpID string, a *appState) error {
	var answer struct {
		Token string `json:"access_token"`
	}
	request := object{"client_id": a.Key, "client_secret": a.Secret, "grant_type": "client_credentials"}
	if err := c.post(ctx, "/v1.0/oauth2/"+corpID+"/token", nil, request, &answer); err != nil {
		return err
	}
	c.token, c.agent = answer.Token, a.AgentID
	return nil
}

// send posts one message and returns its task. The same key never sends twice.
func (c *client) send(ctx context.Context, to recipients, msg object, key string) (int64, error) {
	return c.sendTo(ctx, "/topapi/message/corpconversation/asyncsend_v2", to, object{"msg": msg}, key)
}

// sendTemplate is send with a template and its values.
func (c *client) sendTemplate(ctx context.Context, to recipients, template string, values map[string]string, key string) (int64, error) {
	return c.sendTo(ctx, "/topapi/message/corpconversation/sendbytemplate", to, object{"template_id": template, "data": values}, key)
}

func (c *client) sendTo(ctx context.Context, path string, to recipients, request object, key string) (int64, error) {
	request["agent_id"] = c.agent
	if to.everyone {
		request["to_all_user"] = true
	}
	if len(to.deptIDs) > 0 {
		request["dept_id_list"] = strings.Join(to.deptIDs, ",")
	}
	if len(to.userids) > 0 {
		request["userid_list"] = strings.Join(to.userids, ",")
	}
	header := http.Header{}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	var answer struct {
		TaskID int64 `json:"task_id"`
	}
	err := c.post(ctx, path, header, request, &answer)
	return answer.TaskID, err
}

type progress struct {
	Percent int `json:"progress_in_percent"`
	Status  int `json:"status"`
}

func (c *client) progress(ctx context.Context, task int64) (progress, error) {
	var answer struct {
		Progress progress `json:"progress"`
	}
	err := c.post(ctx, "/topapi/message/corpconversation/getsendprogress", nil, c.of("task_id", task), &answer)
	return answer.Progress, err
}

// result is what became of a task.
type result struct {
	InvalidUsers []string `json:"invalid_user_id_list"`
	InvalidDepts []int64  `json:"invalid_dept_id_list"`
	Failed       []string `json:"failed_user_id_list"`
	Read         []string `json:"read_user_id_list"`
	Unread       []string `json:"unread_user_id_list"`
	Held         []held   `json:"forbidden_list"`
}

// held is one person kept back, with the threshold that was hit.
type held struct {
	Code  string `json:"code"`
	Count int64  `json:"count"`
}

func (c *client) result(ctx context.Context, task int64) (result, error) {
	var answer struct {
		Result result `json:"send_result"`
	}
	err := c.post(ctx, "/topapi/message/corpconversation/getsendresult", nil, c.of("task_id", task), &answer)
	return answer.Result, err
}

func (c *client) setStatusBar(ctx context.Context, task int64, value, color string) error {
	request := c.of("task_id", task)
	request["status_value"], request["status_bg"] = value, color
	return c.post(ctx, "/topapi/message/corpconversation/status_bar/update", nil, request, nil)
}

func (c *client) recall(ctx context.Context, task int64) error {
	return c.post(ctx, "/topapi/message/corpconversation/recall", nil, c.of("msg_task_id", task), nil)
}

func (c *client) of(name string, task int64) object {
	return object{"agent_id": c.agent, name: task}
}

// upload stores a file and returns its media id.
func (c *client) upload(ctx context.Context, kind, name string, content []byte) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("media", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, form.WriteField("type", kind), form.Close()); err != nil {
		return "", err
	}
	var answer struct {
		MediaID string `json:"media_id"`
	}
	q := url.Values{"access_token": {c.token}}
	header := http.Header{"Content-Type": {form.FormDataContentType()}}
	err = c.do(ctx, http.MethodPost, "/media/upload", q, header, body.Bytes(), &answer)
	return answer.MediaID, err
}

func (c *client) post(ctx context.Context, path string, header http.Header, request object, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return c.do(ctx, http.MethodPost, path, url.Values{"access_token": {c.token}}, header, body, answer)
}

// do makes one call. Its errors name the path alone: the query holds tokens.
func (c *client) do(ctx context.Context, method, path string, q url.Values, header http.Header, body []byte, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, c.base+path+"?"+q.Encode(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: cannot be called", path)
	}
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	w, err := c.http.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(io.LimitReader(w.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if w.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: HTTP status %d", path, w.StatusCode)
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return fmt.Errorf("%s: the answer is not JSON", path)
	}
	if e.Code != 0 {
		return fmt.Errorf("%s: %w", path, (*wireError)(&e))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// recipients is an audience in ids.
type recipients struct {
	everyone bool
	deptIDs  []string
	userids  []string
}
