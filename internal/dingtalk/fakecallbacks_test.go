package dingtalk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/fault"
)

// fakeCallbacks is a room in which every app has the same callback.
type fakeCallbacks struct{}

var errNoCallback = fault.New(fault.CodeCallbackUnknown, "the app has no callback")

func (fakeCallbacks) Register(context.Context, audit.By, callback.Key, callback.Settings) error {
	return nil
}

func (fakeCallbacks) Update(context.Context, audit.By, callback.Key, callback.Settings) error {
	return errNoCallback
}

func (fakeCallbacks) Get(context.Context, callback.Key) (callback.Settings, error) {
	return callback.Settings{URL: "https://app.example.com/", Tags: []string{"user_add_org", "user_leave_org"}, Token: "t", AESKey: "k"}, nil
}

func (fakeCallbacks) Delete(context.Context, audit.By, callback.Key) error { return errNoCallback }

func (fakeCallbacks) TakeGivenUp(context.Context, callback.Key) ([]callback.GivenUp, bool, error) {
	at := time.UnixMilli(1_700_000_000_000)
	return []callback.GivenUp{
		{At: at, Tag: callback.UserAdd, CorpID: "corp-1", Userids: []string{"ann", "bob"}},
		{At: at, Tag: callback.DeptRemove, CorpID: "corp-1", DeptIDs: []int64{5}},
	}, true, nil
}

// What an app is answered about its callback, by GET and by POST.
func TestCallbackAnswers(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	for path, want := range map[string]string{
		"/call_back/get_call_back": `{"errcode":0,"errmsg":"ok","call_back_tag":["user_add_org","user_leave_org"],"token":"t","aes_key":"k","url":"https://app.example.com/"`,
		"/call_back/get_call_back_failed_result": `{"errcode":0,"errmsg":"ok","has_more":true,"failed_list":[{"event_time":1700000000000,"call_back_tag":"user_add_org","corpid":"corp-1","userid":["ann","bob"]},` +
			`{"event_time":1700000000000,"call_back_tag":"org_dept_remove","corpid":"corp-1","deptid":[5]}]`,
		"/call_back/delete_call_back":                           `{"errcode":71007,"errmsg":"回调地址已不存在"`,
		"/call_back/update_call_back?url=x":                     `{"errcode":71007,"errmsg":"回调地址已不存在"`,
		"/call_back/register_call_back?url=x&token=t&aes_key=k": `{"errcode":0,"errmsg":"ok"`,
		"/call_back/register_call_back?url=x&token=t":           `{"errcode":40035,"errmsg":"缺少参数 aes_key"`,
	} {
		path, query, _ := strings.Cut(path, "?")
		for _, method := range []string{"GET", "POST"} {
			w := do(h, request{method: method, target: path + "?access_token=" + goodToken + "&" + query})
			got := w.Body.String()
			if method == "GET" && (strings.HasSuffix(path, "register_call_back") || strings.HasSuffix(path, "update_call_back")) {
				if !strings.HasPrefix(got, `{"errcode":43002,`) {
					t.Errorf("GET %s: %s", path, got)
				}
			} else if !strings.HasPrefix(got, want) {
				t.Errorf("%s %s?%s: %s, want %s", method, path, query, got, want)
			}
		}
	}
}
