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
	gatewayPath = "/router/rest"
	corpMethod  = "dingtalk.corp.message.corpconversation."
	oapiMethod  = "dingtalk.oapi.message.corpconversation."
)

// throughGateway is a call of the gateway with good parameters for any method.
func throughGateway(method string, more ...string) request {
	return request{target: gatewayPath, contentType: formType, body: form(append([]string{
		"method", method, "session", goodToken, "format", "json", "v", "2.0", "timestamp", "2026-01-02 03:04:05", "sign", "x",
		"agent_id", "1000000001234", "userid_list", "u1,u2", "task_id", "2", "msg_task_id", "2", "status_value", "v",
		"msg", helloMsg, "template_id", "t", "msgtype", "text", "msgcontent", `{"content":"你好"}`,
	}, more...)...)}
}

// Every method, in both families and both forms, answers what is inside its
// envelope as the call of its own path does, and counts as that.
func TestGateway(t *testing.T) {
	t.Parallel()
	result := `"send_result":{"invalid_user_id_list":LIST,"forbidden_user_id_list":LIST,"failed_user_id_list":LIST,` +
		`"read_user_id_list":LIST,"unread_user_id_list":LIST,"invalid_dept_id_list":NUMBERS,"forbidden_list":HELD}`
	lists := map[bool][]string{
		false: {"LIST", `{"string":[]}`, "NUMBERS", `{"number":[]}`, "HELD", `{"send_forbidden_model":[]}`},
		true:  {"LIST", "[]", "NUMBERS", "[]", "HELD", "[]"},
	}
	for verb, fields := range map[string]string{
		"asyncsend":         `"task_id":256271667526`,
		"asyncsend_v2":      `"task_id":256271667526`,
		"sendbytemplate":    `"task_id":256271667526`,
		"getsendprogress":   `"progress":{"progress_in_percent":100,"status":2}`,
		"getsendresult":     result,
		"recall":            "",
		"status_bar.update": "",
	} {
		for _, family := range []string{corpMethod, oapiMethod} {
			for _, flat := range []bool{false, true} {
				f := newRooms()
				h, _ := handler(f)
				simplify := map[bool]string{false: "false", true: "true"}[flat]
				w := do(h, throughGateway(family+verb, "simplify", simplify))
				inside := strings.NewReplacer(lists[flat]...).Replace(fields)
				if inside != "" {
					inside = "," + inside
				}
				want := `"errcode":0,"errmsg":"ok"` + inside + `,"request_id":"R"`
				if family == corpMethod {
					want = `"result":{"ding_open_errcode":0,"error_msg":"ok","success":true` + inside + `},"request_id":"R"`
				}
				want = "{" + want + "}"
				if !flat {
					want = `{"` + strings.ReplaceAll(family+verb, ".", "_") + `_response":` + want + "}"
				}
				if got := shape(w); got != want || !json.Valid(w.Body.Bytes()) || w.Code != http.StatusOK {
					t.Errorf("%s, flat %v\ngot  %s\nwant %s", family+verb, flat, got, want)
				}
				if path := base + strings.ReplaceAll(verb, ".", "/"); !slices.Equal(f.calls, []string{path}) {
					t.Errorf("%s counted %v", verb, f.calls)
				}
			}
		}
	}
}

// The older way to send has type and content of the message apart.
func TestGatewaySendsParts(t *testing.T) {
	t.Parallel()
	f := newRooms()
	h, _ := handler(f)
	query := throughGateway(corpMethod+"asyncsend", "to_all_user", "False")
	query.target, query.body = gatewayPath+"?"+query.body, ""
	do(h, query)
	do(h, throughGateway(corpMethod+"asyncsend"))
	do(h, throughGateway(oapiMethod+"asyncsend_v2"))
	if len(f.sends) != 3 {
		t.Fatalf("%d sends", len(f.sends))
	}
	want := canonical(t, []byte(helloMsg))
	for _, s := range f.sends {
		if got := canonical(t, s.Message); got != want || s.AgentID != goodAgent || len(s.Audience.Userids) != 2 || s.Audience.Everyone {
			t.Errorf("%s to %+v", got, s.Audience)
		}
	}
	for name, r := range map[string]request{
		"no type":    throughGateway(corpMethod+"asyncsend", "msgtype", "x"),
		"no content": {target: gatewayPath, contentType: formType, body: form("method", corpMethod+"asyncsend", "session", goodToken, "agent_id", "1", "msgtype", "text")},
	} {
		if a := mustAnswer(t, do(h, r)); *a.Errcode != 40035 || len(f.sends) != 3 {
			t.Errorf("%s: %+v", name, a)
		}
	}
	// A type cannot add fields to the message.
	f = newRooms()
	h, _ = handler(f)
	do(h, request{target: gatewayPath, contentType: formType, body: form("method", corpMethod+"asyncsend", "session", goodToken,
		"agent_id", "1", "msgtype", `text","text":{"content":"x"},"y":"`, "msgcontent", `{"content":"z"}`)})
	var members map[string]any
	if err := json.Unmarshal(f.sends[0].Message, &members); err != nil || len(members) != 2 {
		t.Errorf("%v, %v", members, err)
	}
}

// Every failure is an error_response, which is all that some clients look at,
// and its code is the plain errcode: a client refreshes its token on 40014.
func TestGatewayFailures(t *testing.T) {
	t.Parallel()
	noMethod := `"code":22,"msg":"Invalid method","sub_code":"isv.invalid-method","sub_msg":"method names none of the calls that are served here"`
	for name, c := range map[string]struct {
		r    request
		err  error
		want string
	}{
		"no method":      {request{target: gatewayPath, contentType: formType, body: form("session", goodToken)}, nil, noMethod},
		"unknown":        {throughGateway("dingtalk.corp.user.get"), nil, noMethod},
		"a path's":       {throughGateway(oapiMethod + "status_bar/update"), nil, noMethod},
		"a wider path's": {throughGateway(oapiMethod + ".asyncsend_v2"), nil, noMethod},
		"another token": {
			request{target: gatewayPath + "?session=x&method=" + corpMethod + "recall"},
			nil,
			`"code":40014,"msg":"不合法的access_token","sub_code":"40014","sub_msg":"the token is unknown"`,
		},
		"no token": {
			request{target: gatewayPath + "?access_token=x&method=" + corpMethod + "recall"},
			nil,
			`"code":40000,"msg":"access_token is blank","sub_code":"40000","sub_msg":"access_token is missing"`,
		},
		"format": {throughGateway(oapiMethod+"recall", "x", "y").with("format=json", "format=xml"), nil, `"code":40035,"msg":"不合法的参数 format","sub_code":"40035","sub_msg":"format must be json"`},
		"task":   {throughGateway(oapiMethod + "recall"), notify.TaskUnknown(2), `"code":400002,"msg":"参数错误 msg_task_id","sub_code":"400002","sub_msg":"msg_task_id: task 2 does not exist"`},
		"busy":   {throughGateway(oapiMethod + "asyncsend_v2"), fault.New(fault.CodeBusy, "busy"), `"code":-1,"msg":"系统繁忙，请稍后再试","sub_code":"-1","sub_msg":"busy"`},
		"broken": {throughGateway(oapiMethod + "getsendresult"), fault.New(fault.CodeInternal, "x"), `"code":500,"msg":"系统错误","sub_code":"500","sub_msg":"系统错误"`},
		"method": {request{method: "PUT", target: gatewayPath}, nil, `"code":43002,"msg":"需要POST请求","sub_code":"43002","sub_msg":"use GET or POST"`},
	} {
		f := newRooms()
		f.err = c.err
		h, _ := handler(f)
		w := do(h, c.r)
		if got, want := shape(w), `{"error_response":{`+c.want+`,"request_id":"R"}}`; got != want || w.Code != http.StatusOK {
			t.Errorf("%s\ngot  %d %s\nwant %s", name, w.Code, got, want)
		}
		mustAnswer(t, w)
	}
}
