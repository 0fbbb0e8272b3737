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

// Every failure is an error_response, which is all that some clients look at,
// and its code is the plain errcode: a client refreshes its token on 40014.
func TestGatewayFailures(t *testing.T) {
	t.Parallel()
	unknown := `"code":22,"msg":"Invalid method","sub_code":"isv.invalid-method","sub_msg":"method names none of the calls that are served here"`
	for name, c := range map[string]struct {
		r    request
		err  error
		want string
	}{
		"unknown":        {throughGateway("dingtalk.corp.user.get"), nil, unknown},
		"a path's":       {throughGateway(oapiMethod + "status_bar/update"), nil, unknown},
		"a wider path's": {throughGateway(oapiMethod + ".asyncsend_v2"), nil, unknown},
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

// Some clients send the calls of other paths here too, which name no method.
// They look for errcode alone, as those of the gateway do for error_response,
// and each takes what it does not find for success. So both find a failure.
func TestGatewayWithoutMethod(t *testing.T) {
	t.Parallel()
	good := `{"agent_id":"1000000001234","userid_list":"u1","msg":` + helloMsg + `}`
	gone := request{target: gatewayPath + "?access_token=" + goodToken, contentType: jsonType, body: good}
	for name, c := range map[string]struct {
		r    request
		code int
		text string
	}{
		"a send":      {gone, 22, "method is required; calls that have none go to paths of their own, such as " + sendPath},
		"in a query":  {request{method: "GET", target: gatewayPath + "?access_token=" + goodToken + "&task_id=1"}, 22, "method is required"},
		"empty":       {request{target: gatewayPath, contentType: formType, body: form("session", goodToken, "method", "")}, 22, "method is required"},
		"nothing":     {request{target: gatewayPath}, 22, "method is required"},
		"a bad token": {request{target: gatewayPath + "?session=x"}, 40014, "the token is unknown"},
		"unreadable":  {request{target: gatewayPath + "?access_token=" + goodToken, contentType: jsonType, body: "{"}, 40035, "a key is expected at byte 1"},
		"verb":        {request{method: "PUT", target: gatewayPath}, 43002, "use GET or POST"},
	} {
		f := newRooms()
		h, _ := handler(f)
		w := do(h, c.r)
		var a struct {
			answer
			Failure struct {
				Code      int    `json:"code"`
				SubMsg    string `json:"sub_msg"`
				RequestID string `json:"request_id"`
			} `json:"error_response"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.Errcode == nil {
			t.Errorf("%s: %v in %s", name, err, w.Body)
			continue
		}
		if *a.Errcode != c.code || a.Failure.Code != c.code || a.SubCode != "" || a.Errmsg == "" || a.RequestID != a.Failure.RequestID ||
			!strings.Contains(a.SubMsg, c.text) || !strings.Contains(a.Failure.SubMsg, c.text) || w.Code != http.StatusOK || len(f.sends) > 0 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
