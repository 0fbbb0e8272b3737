package client

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// Audience is whom a send names. Nobody gets one send twice, however often they are
// named.
type Audience struct {
	Userids  []string
	DeptIDs  []int64 // with everything below them; 1 is everyone
	Everyone bool    // whom the app may reach
}

const taskPath = "/topapi/message/corpconversation/"

// Send sends a message and returns its task (docs/contract.md#send). When it
// returns nil, the message is in the inbox of every recipient, and Result tells who
// they are.
//
// A key, of 128 bytes at most, names the send for 24 hours: with the same key the
// same send is accepted once, however often it is made, and another one is refused.
// With "" a send whose answer is lost is not made again.
func (a *App) Send(ctx context.Context, to Audience, m Message, key string) (task int64, err error) {
	return a.send(ctx, "asyncsend_v2", to, map[string]any{"msg": wireMessage(m)}, key)
}

// SendTemplate sends a reviewed template with its values, by the names of its
// parameters (docs/contract.md#send-by-template). It is like Send otherwise, but
// not for everyone.
func (a *App) SendTemplate(ctx context.Context, to Audience, templateID string, values map[string]string, key string) (task int64, err error) {
	return a.send(ctx, "sendbytemplate", to, map[string]any{"template_id": templateID, "data": values}, key)
}

func (a *App) send(ctx context.Context, call string, to Audience, body map[string]any, key string) (int64, error) {
	body["agent_id"] = a.agent
	if to.Everyone {
		body["to_all_user"] = true
	}
	if len(to.Userids) > 0 {
		body["userid_list"] = strings.Join(to.Userids, ",")
	}
	if len(to.DeptIDs) > 0 {
		body["dept_id_list"] = commas(to.DeptIDs)
	}
	r, err := jsonRequest(taskPath+call, body)
	if err != nil {
		return 0, err
	}
	if key != "" {
		r.again = true
		r.header.Set("Idempotency-Key", key)
	}
	var answer struct {
		TaskID int64 `json:"task_id"`
	}
	err = a.call(ctx, r, &answer)
	if err == nil && answer.TaskID == 0 {
		err = &unanswered{path: r.path, err: errors.New("accepted without a task id"), sent: true}
	}
	return answer.TaskID, err
}

// commas writes a list of ids as the wire has it.
func commas(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}
