package clients_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/faabiosr/cachego/sync"
	"github.com/fastwego/dingding"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// signer is github.com/fastwego/dingding, which keeps a token and adds it to
// requests that its user writes. Here every other send is written the older
// way, with the message in two parameters.
type signer struct {
	client *dingding.Client
	agent  int64
	sends  int
}

func newSigner(t *testing.T, app harness.Credentials) library {
	t.Helper()
	tokens := &dingding.DefaultAccessTokenManager{
		Id: app.Key, Name: "access_token", Cache: sync.New(),
		GetRefreshRequestFunc: func() *http.Request {
			q := url.Values{"appkey": {app.Key}, "appsecret": {app.Secret}}
			r, err := http.NewRequest(http.MethodGet, dingding.ServerUrl+"/gettoken?"+q.Encode(), nil)
			if err != nil {
				t.Error(err)
			}
			return r
		},
	}
	token, err := tokens.GetAccessToken()
	if err != nil || token == "" {
		t.Fatalf("token: %q, %v", token, err)
	}
	return &signer{client: dingding.NewClient(tokens), agent: app.AgentID}
}

// token is the access token that it has.
func (c *signer) token(t *testing.T) string {
	t.Helper()
	token, err := c.client.AccessTokenManager.GetAccessToken()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

const wire = "/topapi/message/corpconversation/"

func (c *signer) send(to client.Audience, s sample) (int64, error) {
	var answer struct {
		TaskID int64 `json:"task_id"`
	}
	path, body := "asyncsend_v2", harness.Object{"agent_id": c.agent, "to_all_user": to.Everyone, "userid_list": to.Userids, "dept_id_list": to.DeptIDs, "msg": s.json}
	if c.sends++; c.sends%2 == 0 {
		path = "asyncsend"
		delete(body, "msg")
		body["msgtype"], body["msgcontent"] = s.kind, s.json[s.kind]
	}
	err := c.post(wire+path, body, &answer)
	return answer.TaskID, err
}

func (c *signer) progress(task int64) (client.Progress, error) {
	var answer struct {
		Progress client.Progress `json:"progress"`
	}
	err := c.post(wire+"getsendprogress", c.of("task_id", task), &answer)
	return answer.Progress, err
}

func (c *signer) result(task int64) (client.Result, error) {
	var answer struct {
		Result client.Result `json:"send_result"`
	}
	err := c.post(wire+"getsendresult", c.of("task_id", task), &answer)
	return answer.Result, err
}

func (c *signer) statusBar(task int64, value, background string) error {
	body := c.of("task_id", task)
	body["status_value"], body["status_bg"] = value, background
	return c.post(wire+"status_bar/update", body, nil)
}

func (c *signer) recall(task int64) error {
	return c.post(wire+"recall", c.of("msg_task_id", task), nil)
}

func (c *signer) of(name string, task int64) harness.Object {
	return harness.Object{"agent_id": c.agent, name: task}
}

func (c *signer) upload(kind, path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("media", filepath.Base(path))
	if err != nil {
		return "", err
	}
	if _, err := part.Write(content); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	var answer struct {
		MediaID string `json:"media_id"`
	}
	err = c.do("/media/upload?type="+kind, w.FormDataContentType(), form.Bytes(), &answer)
	return answer.MediaID, err
}

func (c *signer) post(path string, body harness.Object, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.do(path, "application/json", text, into)
}

func (c *signer) do(path, contentType string, body []byte, into any) error {
	r, err := http.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", contentType)
	answer, err := c.client.Do(r)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer, into)
}
