package clients_test

import (
	"testing"

	"github.com/zhaoyunxing92/dingtalk/v2"
	"github.com/zhaoyunxing92/dingtalk/v2/cache"
	"github.com/zhaoyunxing92/dingtalk/v2/constant/file"
	"github.com/zhaoyunxing92/dingtalk/v2/request"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// typed is github.com/zhaoyunxing92/dingtalk/v2, which has a method for each
// call and types for messages and answers. Its host is a constant: TestMain
// redirects it.
type typed struct {
	client *dingtalk.DingTalk
	agent  int
}

func newTyped(t *testing.T, app harness.Credentials) library {
	t.Helper()
	// A place of its own for tokens: otherwise they would be in ./.token.
	c, err := dingtalk.NewClient(app.Key, app.Secret, dingtalk.WithCache(cache.NewFileCache(t.TempDir(), app.Key)))
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.GetAccessToken()
	if err != nil || token == "" {
		t.Fatalf("token: %q, %v", token, err)
	}
	return &typed{client: c, agent: int(app.AgentID)}
}

func (c *typed) send(to client.Audience, s sample) (int64, error) {
	b := request.NewCorpConvMessage(s.typed).SetAgentId(c.agent)
	if len(to.Userids) > 0 {
		b.SetUsers(to.Userids)
	}
	if len(to.DeptIDs) > 0 {
		b.SetDeptIds(int(to.DeptIDs[0]))
	}
	if to.Everyone {
		b.SetAllUser(true)
	}
	answer, err := c.client.SendCorpConvMessage(b.Build())
	return int64(answer.TaskId), err
}

func (c *typed) progress(task int64) (client.Progress, error) {
	answer, err := c.client.GetCorpConvMsgProgress(c.agent, int(task))
	return client.Progress{Percent: answer.Progress.Percent, Status: answer.Progress.Status}, err
}

func (c *typed) result(task int64) (client.Result, error) {
	answer, err := c.client.GetMessageSendResult(c.agent, int(task))
	r := client.Result{
		InvalidUserids: answer.InvalidUserIds, Forbidden: answer.ForbiddenUserIds, Failed: answer.FailedUserIds,
		Read: answer.ReadUserIds, Unread: answer.UnReadUserIds,
	}
	for _, f := range answer.Forbiddings {
		r.Held = append(r.Held, client.Held{Code: f.Code, Count: int64(f.Count), Userid: f.UserId})
	}
	return r, err
}

func (c *typed) statusBar(task int64, value, background string) error {
	_, err := c.client.UpdateCorpConvMessageStatus(
		request.NewUpdateCorpConvMsgStatus(int(task), value).SetAgentId(c.agent).SetStatusBgColor(background).Build())
	return err
}

func (c *typed) recall(task int64) error {
	_, err := c.client.RecallCorpConvMessage(c.agent, int(task))
	return err
}

func (c *typed) upload(kind, path string) (string, error) {
	answer, err := c.client.MediaUpload(request.NewUploadFile(path, file.Genre(kind)))
	return answer.MediaId, err
}
