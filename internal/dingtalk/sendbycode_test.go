package dingtalk_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
)

const (
	byCodePath     = base + "asyncsendbycode"
	tellByCodePath = "/message/sendByCode"
)

// The older sends with a code make the same request with its operation, by their own path
// and through the gateway, with the userids under either name.
func TestSendByCode(t *testing.T) {
	t.Parallel()
	id, code := account.NewValue("tdc_", 7)
	parts := []string{"agent_id", "1000000001234", "msgtype", "text", "msgcontent", `{"content":"你好"}`, "code", code}
	told := []string{"agentid", "1000000001234", "touser", "u1|u2", "msgtype", "text", "text", `{"content":"你好"}`, "code", code}
	own := byCodePath + "?access_token=" + goodToken
	through := gatewayPath + "?session=" + goodToken + "&method="
	digests := map[string][32]byte{}
	for name, r := range map[string]request{
		"form":           {target: own, contentType: formType, body: form(append(parts, "user_id_list", "u1,u2")...)},
		"another name":   {target: own, contentType: formType, body: form(append(parts, "userid_list", "u1,u2")...)},
		"JSON":           {target: own, contentType: jsonType, body: `{"agent_id":1000000001234,"user_id_list":["u1","u2"],"msgtype":"text","msgcontent":{"content":"你好"},"code":"` + code + `"}`},
		"gateway":        {target: through + corpMethod + "asyncsendbycode", contentType: formType, body: form(append(parts, "user_id_list", "u1,u2")...)},
		"gateway, newer": {target: through + oapiMethod + "asyncsendbycode", contentType: formType, body: form(append(parts, "user_id_list", "u1,u2")...)},
		"told":           {target: tellByCodePath + "?access_token=" + goodToken, contentType: formType, body: form(told...)},
	} {
		f := newRooms()
		h, _ := handler(f)
		r.header = http.Header{"Idempotency-Key": {"k1"}}
		w := do(h, r)
		if !strings.Contains(w.Body.String(), `256271667526`) || len(f.sends) != 1 {
			t.Errorf("%s: %s", name, w.Body)
			continue
		}
		s := f.sends[0]
		if s.Operation.ID != id || s.Operation.Hash != sha256.Sum256([]byte(code)) || !slices.Equal(s.Audience.Userids, []string{"u1", "u2"}) ||
			canonical(t, s.Message) != canonical(t, []byte(helloMsg)) || s.AgentID != goodAgent {
			t.Errorf("%s: %+v", name, s.Envelope)
		}
		digests[name] = s.RequestDigest
	}
	if digests["form"] != digests["JSON"] || digests["form"] != digests["another name"] {
		t.Error("the same request has several digests")
	}
	_, other := account.NewValue("tdc_", 7)
	f := newRooms()
	h, _ := handler(f)
	do(h, request{
		target: own, contentType: formType, header: http.Header{"Idempotency-Key": {"k1"}},
		body: form(append(parts[:6:6], "code", other, "user_id_list", "u1,u2")...),
	})
	if len(f.sends) != 1 || f.sends[0].RequestDigest == digests["form"] {
		t.Error("with another code it is the same request")
	}
}

// A code that can be none, lists that are too long and failures of the send are refused by
// the names that were sent.
func TestFailuresOfSendByCode(t *testing.T) {
	t.Parallel()
	_, good := account.NewValue("tdc_", 7)
	_, elsewhere := account.NewValue("tdc_", 8)
	var numbers []string
	for i := range 21 {
		numbers = append(numbers, strconv.Itoa(i+2))
	}
	many := strings.Join(numbers, ",")
	const said = "&msgtype=text&msgcontent={\"content\":\"x\"}&text={\"content\":\"x\"}"
	for target, want := range map[string]string{
		byCodePath + "?agent_id=1&user_id_list=u" + said:                         "40035 缺少参数 code",
		byCodePath + "?agent_id=1&user_id_list=u&code=x" + said:                  "40078 不存在的临时授权码 code",
		byCodePath + "?agent_id=1&user_id_list=u&code=" + elsewhere + said:       "40078 不存在的临时授权码 code",
		byCodePath + "?agent_id=1&code=" + good + "&user_id_list=" + many + said: "40032 不合法的userid列表长度 user_id_list，上限 20，实际 21",
		byCodePath + "?agent_id=1&code=" + good + "&userid_list=" + many + said:  "40032 不合法的userid列表长度 userid_list，上限 20，实际 21",
		byCodePath + "?agent_id=1&code=" + good + "&dept_id_list=" + many + said: "40066 不合法的部门列表 dept_id_list，上限 20，实际 21",
		byCodePath + "?agent_id=1&code=" + good + "&user_id_list=u&msgtype=text": "40035 缺少参数 msgcontent",
		tellByCodePath + "?agentid=1&touser=u" + said:                            "40035 缺少参数 code",
		tellByCodePath + "?agentid=1&touser=u&code=" + elsewhere + said:          "40078 不存在的临时授权码 code",
		tellByCodePath + "?agentid=x&touser=u&code=" + good + said:               "40035 不合法的参数 agentid",
	} {
		f := newRooms()
		h, _ := handler(f)
		path, query, _ := strings.Cut(target, "?")
		w := do(h, request{target: path + "?access_token=" + goodToken, contentType: formType, body: query})
		if a := mustAnswer(t, w); fmt.Sprint(*a.Errcode, " ", a.Errmsg) != want || len(f.sends) > 0 {
			t.Errorf("%s: %s\nwant %s", target, w.Body, want)
		}
	}
	f := newRooms()
	f.err = fault.New(fault.CodeParameterMissing, "one of userid_list, dept_id_list, to_all_user is required").WithField("userid_list")
	h, _ := handler(f)
	w := do(h, request{target: byCodePath + "?access_token=" + goodToken, contentType: formType, body: "agent_id=1&code=" + good + "&user_id_list=x" + said})
	if a := mustAnswer(t, w); a.Errmsg != "缺少参数 user_id_list" || a.SubMsg != "one of user_id_list, dept_id_list, to_all_user is required" {
		t.Errorf("%s", w.Body)
	}
}
