package dingtalk_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

const partsPath = base + "asyncsend"

// The message comes in two parameters in whatever carrier, by its own path and
// through the gateway, and is the message that asyncsend_v2 has in one.
func TestSendInParts(t *testing.T) {
	t.Parallel()
	pairs := []string{
		"agent_id", "1000000001234", "userid_list", "u1,u2", "to_all_user", "False", "msgtype", "text", "msgcontent", `{"content":"你好"}`,
	}
	own, through := partsPath+"?access_token="+goodToken, gatewayPath+"?session="+goodToken+"&method="+corpMethod+"asyncsend"
	for name, r := range map[string]request{
		"form":              {target: own, contentType: formType, body: form(pairs...)},
		"query":             {target: own + "&" + form(pairs...)},
		"JSON of texts":     {target: own, contentType: jsonType, body: `{"agent_id":"1000000001234","userid_list":"u1,u2","to_all_user":"false","msgtype":"text","msgcontent":"{\"content\":\"你好\"}"}`},
		"JSON of values":    {target: own, contentType: jsonType, body: `{"agent_id":1000000001234,"userid_list":["u1","u2"],"to_all_user":false,"msgtype":"text","msgcontent":{"content":"你好"}}`},
		"gateway":           {target: through, contentType: formType, body: form(pairs...)},
		"gateway, in query": {target: through + "&" + form(pairs...)},
	} {
		f := newRooms()
		h, _ := handler(f)
		w := do(h, r)
		if !strings.Contains(w.Body.String(), `"task_id":256271667526`) || len(f.sends) != 1 {
			t.Errorf("%s: %s", name, w.Body)
			continue
		}
		s := f.sends[0]
		if got := canonical(t, s.Message); got != canonical(t, []byte(helloMsg)) || s.AgentID != goodAgent ||
			len(s.Audience.Userids) != 2 || s.Audience.Everyone || s.Endpoint != partsPath || f.calls[0] != partsPath {
			t.Errorf("%s: %s, %+v, counted %v", name, got, s.Envelope, f.calls)
		}
	}
	// A type cannot add fields to the message.
	f := newRooms()
	h, _ := handler(f)
	do(h, request{target: own, contentType: formType, body: form("agent_id", "1",
		"msgtype", `text","text":{"content":"x"},"y":"`, "msgcontent", `{"content":"z"}`)})
	var members map[string]any
	if err := json.Unmarshal(f.sends[0].Message, &members); err != nil || len(members) != 2 {
		t.Errorf("%v, %v", members, err)
	}
}

// reading is rooms that read a message, as the real ones do.
func reading(limit int) *rooms {
	f := newRooms()
	f.read = func(raw []byte) error {
		_, err := message.Decode(raw, message.Limits{MaxBytes: limit})
		return err
	}
	return f
}

// A failure names the parameters that were sent: there is no msg among them.
func TestFailuresOfParts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, content string
		errcode       int
		field, why    string // what errmsg and sub_msg end with or hold
	}{
		"no type":       {"", `{"content":"x"}`, 40035, "msgtype", "msgtype is required"},
		"no content":    {"text", "", 40035, "msgcontent", "msgcontent is required"},
		"unknown type":  {"sonnet", `{"content":"x"}`, 40008, "msgtype", `msgtype "sonnet" is not a known type`},
		"not JSON":      {"text", "hello", 40035, "msgcontent", "msgcontent"},
		"half JSON":     {"text", `{"content":`, 40035, "msgcontent.content", "msgcontent.content is not valid JSON"},
		"no object":     {"text", `["x"]`, 40035, "msgcontent", "msgcontent"},
		"a field short": {"text", `{}`, 34014, "msgcontent.content", "msgcontent.content"},
		"deep inside":   {"oa", `{"head":{"bgcolor":"purple"},"body":{"title":"x"}}`, 40035, "msgcontent.head.bgcolor", "msgcontent.head.bgcolor"},
		"too long":      {"text", `{"content":"` + strings.Repeat("x", 5001) + `"}`, 34016, "msgcontent.content，上限 5000，实际 5001", "msgcontent.content has 5001 characters"},
		"too large":     {"text", `{"content":"` + strings.Repeat("x", 4000) + `"}`, 45002, "msgcontent，上限 2048，实际 4040", "the message is 4040 bytes"},
		"twice":         {"text", `{"content":"x","content":"y"}`, 40035, "msgcontent", `msgcontent has the key "content" twice`},
		"its own name":  {"msgtype", `{"content":"x"}`, 40008, "msgtype", `msgtype "msgtype" is not a known type`},
	} {
		f := reading(map[bool]int{true: 2048}[name == "too large"])
		h, _ := handler(f)
		body := form("agent_id", "1", "userid_list", "u", "msgtype", c.kind, "msgcontent", c.content)
		for _, w := range []*httptest.ResponseRecorder{
			do(h, request{target: partsPath + "?access_token=" + goodToken, contentType: formType, body: body}),
			do(h, request{target: gatewayPath + "?session=" + goodToken + "&method=" + oapiMethod + "asyncsend", contentType: formType, body: body}),
		} {
			a := mustAnswer(t, w)
			if *a.Errcode != c.errcode || !strings.HasSuffix(a.Errmsg, " "+c.field) || !strings.Contains(a.SubMsg, c.why) || strings.Contains(w.Body.String(), "msg.") {
				t.Errorf("%s: %s", name, w.Body)
			}
		}
	}
}

// A fault that several callers get is not changed for one of them.
func TestFailuresOfPartsAreCopies(t *testing.T) {
	t.Parallel()
	f := newRooms()
	shared := fault.New(fault.CodeMediaUnknown, "msg.image.media_id is unknown").WithField("msg.image.media_id")
	f.err = shared
	h, _ := handler(f)
	w := do(h, request{target: partsPath + "?" + url.Values{
		"access_token": {goodToken}, "agent_id": {"1"}, "userid_list": {"u"}, "msgtype": {"image"}, "msgcontent": {`{"media_id":"@x"}`},
	}.Encode()})
	if a := mustAnswer(t, w); *a.Errcode != 40007 || !strings.HasSuffix(a.Errmsg, " msgcontent.media_id") {
		t.Errorf("%s", w.Body)
	}
	if shared.Field != "msg.image.media_id" || shared.Text != "msg.image.media_id is unknown" {
		t.Errorf("the fault became %+v", shared)
	}
}
