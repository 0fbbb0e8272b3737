package dingtalk_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
)

const (
	messagePath = "/message/send"
	statusPath  = "/message/list_message_status"
)

// tellRequest is a form for /message/send with these parameters.
func tellRequest(pairs ...string) request {
	return request{target: messagePath + "?access_token=" + goodToken, contentType: formType, body: form(pairs...)}
}

// The parameters come in whatever carrier, and make the send that asyncsend_v2
// makes of its own.
func TestMessageSend(t *testing.T) {
	t.Parallel()
	pairs := []string{"agentid", "1000000001234", "touser", "u1|u2", "toparty", "5|6", "msgtype", "text", "text", `{"content":"你好"}`}
	own := messagePath + "?access_token=" + goodToken
	digests := map[[32]byte]bool{}
	for name, r := range map[string]request{
		"form":           {target: messagePath, contentType: formType, body: form(append(pairs, "access_token", goodToken)...)},
		"query":          {target: own + "&" + form(pairs...), contentType: jsonType},
		"JSON of texts":  {target: own, contentType: jsonType, body: `{"agentid":"1000000001234","touser":" u1|u2||u1","toparty":"5|6.0","msgtype":"text","text":"{\"content\":\"你好\"}"}`},
		"JSON of values": {target: own, contentType: jsonType, body: `{"agentid":1000000001234,"touser":["u1","u2"],"toparty":[5,6],"msgtype":"text","text":{"content":"你好"}}`},
	} {
		f := newRooms()
		h, _ := handler(f)
		r.header = http.Header{"Idempotency-Key": {"k1"}}
		w := do(h, r)
		mustAnswer(t, w)
		want := `{"errcode":0,"errmsg":"ok","invaliduser":"","invalidparty":"","forbiddenUserId":"","messageId":"256271667526","request_id":"R"}`
		if got := shape(w); got != want || len(f.sends) != 1 {
			t.Errorf("%s: %s", name, got)
			continue
		}
		s := f.sends[0]
		if got := canonical(t, s.Message); got != canonical(t, []byte(helloMsg)) || s.AgentID != goodAgent || s.Endpoint != messagePath ||
			s.IdempotencyKey != "k1" || s.Audience.Everyone || !slices.Equal(s.Audience.Userids, []string{"u1", "u2"}) ||
			!slices.Equal(s.Audience.DeptIDs, []int64{5, 6}) || !slices.Equal(f.calls, []string{messagePath}) {
			t.Errorf("%s: %s, %+v, counted %v", name, got, s.Envelope, f.calls)
		}
		digests[s.RequestDigest] = true
	}
	if len(digests) != 1 {
		t.Errorf("the same request has %d digests", len(digests))
	}
	for touser, others := range map[string]int{"@all": 0, "u1|@all": 1, "@ALL": 1} {
		f := newRooms()
		h, _ := handler(f)
		do(h, tellRequest("agentid", "1", "touser", touser, "msgtype", "text", "text", `{"content":"x"}`))
		if a := f.sends[0].Audience; a.Everyone != strings.Contains(touser, "@all") || len(a.Userids) != others {
			t.Errorf("%s means %+v", touser, a)
		}
	}
}

// The answer says whom the message does not reach, however many they are.
func TestMessageSendTellsWhomItDoesNotReach(t *testing.T) {
	t.Parallel()
	many := slices.Repeat([]string{"held-back"}, 10_000)
	f := newRooms()
	f.told = notify.Sent{
		InvalidUserids: []string{`no"body`, "nobody"}, InvalidDeptIDs: []int64{77, 78},
		Held: []notify.Held{{Code: "143106", Count: 1, Users: names("u3")}, {Code: "50002", Users: slices.Values(many)}},
	}
	h, _ := handler(f)
	w := do(h, tellRequest("agentid", "1", "touser", "u1", "msgtype", "text", "text", `{"content":"x"}`))
	mustAnswer(t, w)
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got["invaliduser"] != `no"body|nobody` || got["invalidparty"] != "77|78" ||
		got["forbiddenUserId"] != "u3|"+strings.Join(many, "|") || got["messageId"] != "256271667526" {
		t.Errorf("%v, %.300s", err, w.Body)
	}
}

// Failures name the parameters of this call.
func TestFailuresOfMessageSend(t *testing.T) {
	t.Parallel()
	good := []string{"agentid", "1", "touser", "u", "msgtype", "text", "text", `{"content":"x"}`}
	with := func(name, value string) []string {
		pairs := slices.Clone(good)
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				pairs[i+1] = value
				return pairs
			}
		}
		return append(pairs, name, value)
	}
	for name, c := range map[string]struct {
		pairs   []string
		err     error // of the room
		errcode int
		field   string // errmsg ends with it
		why     string // sub_msg holds it
	}{
		"no agent":       {with("agentid", ""), nil, 40035, "agentid", "agentid is required"},
		"no number":      {with("agentid", "x"), nil, 40035, "agentid", "agentid must be a whole number"},
		"no type":        {with("msgtype", ""), nil, 40035, "msgtype", "msgtype is required"},
		"unknown type":   {with("msgtype", "sonnet"), nil, 40008, "msgtype", `msgtype "sonnet" is not a known type`},
		"its own name":   {with("msgtype", "msgtype"), nil, 40008, "msgtype", `msgtype "msgtype" is not a known type`},
		"another's name": {with("msgtype", "touser"), nil, 40008, "msgtype", `msgtype "touser" is not a known type`},
		"no content":     {with("text", ""), nil, 34014, "text", "text"},
		"not JSON":       {with("text", "hello"), nil, 40035, "text", "text"},
		"a field short":  {with("text", "{}"), nil, 34014, "text.content", "text.content"},
		"too large":      {with("text", `{"content":"`+strings.Repeat("x", 4000)+`"}`), nil, 45002, "text，上限 2048，实际 4040", "the message is 4040 bytes"},
		"no department":  {with("toparty", "5,6"), nil, 40035, "toparty", "toparty must be a list of whole numbers, separated by |"},
		"nobody": {
			good, fault.New(fault.CodeParameterMissing, "one of userid_list, dept_id_list, to_all_user is required").WithField("userid_list"),
			40035, "touser", "one of touser, toparty is required",
		},
		"too many": {
			good, fault.New(fault.CodeUseridsTooMany, "userid_list holds 6 users; the limit is 5").WithField("userid_list").WithLimit(5, 6),
			40032, "touser，上限 5，实际 6", "touser holds 6 users; the limit is 5",
		},
		"unknown agent": {good, fault.New(fault.CodeAgentUnknown, "agent_id 1 is unknown").WithField("agent_id"), 40056, "agentid", "agentid 1 is unknown"},
		"everyone":      {good, fault.New(fault.CodeEveryoneForbidden, "no grant").WithField("to_all_user"), 41028, "touser", "touser: no grant"},
		"busy":          {good, fault.New(fault.CodeBusy, "busy"), -1, "", "busy"},
	} {
		f := reading(map[bool]int{true: 2048}[name == "too large"])
		f.err = c.err
		h, _ := handler(f)
		w := do(h, tellRequest(c.pairs...))
		a := mustAnswer(t, w)
		if *a.Errcode != c.errcode || c.field != "" && !strings.HasSuffix(a.Errmsg, " "+c.field) || !strings.Contains(a.SubMsg, c.why) ||
			strings.Contains(w.Body.String(), "msg.") || len(f.sends) > 0 {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
}

func TestMessageStatus(t *testing.T) {
	t.Parallel()
	ask := func(f *rooms, id string) string {
		h, _ := handler(f)
		w := do(h, request{target: statusPath + "?access_token=" + goodToken, contentType: jsonType, body: `{"messageId":` + id + `}`})
		mustAnswer(t, w)
		return shape(w)
	}
	f := newRooms()
	f.known = true
	f.result.Read, f.result.Unread = names("u1", "u2"), names("u3")
	for _, id := range []string{`"256271667526"`, `256271667526`} {
		if got, want := ask(f, id), `{"errcode":0,"errmsg":"ok","read":["u1","u2"],"unread":["u3"],"request_id":"R"}`; got != want {
			t.Errorf("got %s", got)
		}
	}
	unknown := ask(f, `"1"`)
	if !strings.HasPrefix(unknown, `{"errcode":81003,"errmsg":"查询消息已读状态失败 messageId"`) {
		t.Errorf("of another: %s", unknown)
	}
	for _, id := range []string{`"x"`, `"1.5"`, `true`, `"99999999999999999999"`} {
		if got := ask(f, id); !strings.HasPrefix(got, `{"errcode":81003,`) {
			t.Errorf("%s: %s", id, got)
		}
	}
	for id, want := range map[string]string{`""`: "缺少参数 messageId", `{}`: "不合法的参数 messageId"} {
		if got := ask(f, id); !strings.HasPrefix(got, `{"errcode":40035,"errmsg":"`+want+`"`) {
			t.Errorf("%s: %s", id, got)
		}
	}
	for _, code := range []fault.Code{fault.CodeWindowClosed, fault.CodeResultTooLarge} {
		f := newRooms()
		f.err = fault.New(code, "no longer")
		if got := ask(f, `"256271667526"`); !strings.HasPrefix(got, `{"errcode":81003,`) {
			t.Errorf("%s: %s", code, got)
		}
	}
	f = newRooms()
	f.result.Dropped = true
	if got := ask(f, `"2"`); !strings.Contains(got, `"receipts_dropped":true`) {
		t.Errorf("dropped: %s", got)
	}
}
