package dingtalk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/fault"
)

func sendRequest(body string) request {
	return request{target: sendPath + "?access_token=" + goodToken, contentType: jsonType, body: body}
}

const goodSend = `{"agent_id":1,"userid_list":"u1","msg":` + helloMsg + `}`

func TestEnvelopesOfFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"plain with field": {
			fault.New(fault.CodeAgentUnknown, "agent_id 1 is not an agent of this access token").WithField("agent_id"),
			`{"errcode":40056,"errmsg":"不合法的agentid agent_id","sub_msg":"agent_id 1 is not an agent of this access token","request_id":"R"}`,
		},
		"field, limit and actual": {
			fault.New(fault.CodeMessageFieldLong, "too long").WithField("msg.text.content").WithLimit(5000, 5001),
			`{"errcode":34016,"errmsg":"消息内容过长 msg.text.content，上限 5000，实际 5001","sub_msg":"msg.text.content: too long, limit 5000, actual 5001","request_id":"R"}`,
		},
		"said already": {
			fault.New(fault.CodeMessageFieldLong, "msg.text.content has 5001 characters, the limit is 5000").WithField("msg.text.content").WithLimit(5000, 5001),
			`{"errcode":34016,"errmsg":"消息内容过长 msg.text.content，上限 5000，实际 5001","sub_msg":"msg.text.content has 5001 characters, the limit is 5000","request_id":"R"}`,
		},
		"quotes are escaped": {
			fault.New(fault.CodeMessageTypeUnknown, "msg.msgtype %q is\nno \\ type", "x\x01"),
			`{"errcode":40008,"errmsg":"不合法的消息类型","sub_msg":"msg.msgtype \"x\\x01\" is\u000ano \\ type","request_id":"R"}`,
		},
		"busy": {
			fault.New(fault.CodeBusy, "the database is busy, try again").Because(errors.New("secret cause")),
			`{"errcode":-1,"errmsg":"系统繁忙，请稍后再试","sub_msg":"the database is busy, try again","request_id":"R"}`,
		},
		"unknown commit": {
			fault.New(fault.CodeCommitUnknown, "the database was lost while committing"),
			`{"errcode":500,"errmsg":"系统错误","sub_msg":"the database was lost while committing","request_id":"R"}`,
		},
		"no fault at all": {
			fmt.Errorf("notify.Send: %w", errors.New("secret cause")),
			`{"errcode":500,"errmsg":"系统错误","request_id":"R"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newRooms()
			f.err = c.err
			h, _ := handler(f)
			w := do(h, sendRequest(goodSend))
			mustAnswer(t, w)
			if got := shape(w); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestWrappedEnvelopes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*rooms)
		token  string
		retry  string
		want   string
	}{
		"no token": {
			func(*rooms) {}, "", "",
			`{"errcode":88,"errmsg":"ding talk error[subcode=40000,submsg=access_token is blank]","sub_code":"40000","sub_msg":"access_token is blank","request_id":"R"}`,
		},
		"unknown token": {
			func(*rooms) {}, "x", "",
			`{"errcode":88,"errmsg":"ding talk error[subcode=40014,submsg=不合法的access_token]","sub_code":"40014","sub_msg":"不合法的access_token","request_id":"R"}`,
		},
		"no permission": {
			func(f *rooms) { f.scopes = nil }, goodToken, "",
			`{"errcode":88,"errmsg":"ding talk error[subcode=60011,submsg=没有调用该接口的权限，应用尚未开通所需的权限：[work_notification.send]]","sub_code":"60011","sub_msg":"没有调用该接口的权限，应用尚未开通所需的权限：[work_notification.send]","request_id":"R"}`,
		},
		"throttled": {
			func(f *rooms) {
				f.count = fault.New(fault.CodeThrottled, "slow down").WithLimit(20, 0).WithRetryAfter(1200 * time.Millisecond)
			}, goodToken, "2",
			`{"errcode":88,"errmsg":"ding talk error[subcode=90018,submsg=应用调用该接口的频率超过上限，上限 20]","sub_code":"90018","sub_msg":"应用调用该接口的频率超过上限，上限 20","request_id":"R"}`,
		},
		"throttled, who knows how long": {
			func(f *rooms) { f.count = fault.New(fault.CodeThrottled, "slow down") }, goodToken, "1",
			`{"errcode":88,"errmsg":"ding talk error[subcode=90018,submsg=应用调用该接口的频率超过上限]","sub_code":"90018","sub_msg":"应用调用该接口的频率超过上限","request_id":"R"}`,
		},
		"month used up": {
			func(f *rooms) { f.count = fault.New(fault.CodeMonthlyCallsUsed, "used up") }, goodToken, "",
			`{"errcode":88,"errmsg":"ding talk error[subcode=90020,submsg=企业本月的接口调用次数已用完]","sub_code":"90020","sub_msg":"企业本月的接口调用次数已用完","request_id":"R"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newRooms()
			c.change(f)
			h, _ := handler(f)
			w := do(h, request{target: sendPath + "?access_token=" + c.token, contentType: jsonType, body: goodSend})
			mustAnswer(t, w)
			if got := shape(w); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
			if got := w.Header().Get("Retry-After"); got != c.retry {
				t.Errorf("Retry-After %q, want %q", got, c.retry)
			}
			if len(f.sends) > 0 {
				t.Error("sent all the same")
			}
		})
	}
}

func TestGetTokenNeverWraps(t *testing.T) {
	t.Parallel()
	f := newRooms()
	f.err = fault.New(fault.CodeThrottled, "slow down")
	h, _ := handler(f)
	w := do(h, request{method: "GET", target: "/gettoken?appkey=a&appsecret=b"})
	if a := mustAnswer(t, w); *a.Errcode != 90018 || a.SubCode != "" || w.Header().Get("Retry-After") == "" {
		t.Errorf("%s", w.Body)
	}
}

// isModern reports the routes of the newer wire.
func isModern(path string) bool { return strings.HasPrefix(path, "/v1.0/") }

// Every token-bearing route answers a failure of authentication, below /topapi
// wrapped in 88 and elsewhere plain, and counts a call exactly once.
func TestEveryRouteAuthenticatesAndCounts(t *testing.T) {
	t.Parallel()
	for _, rt := range dingtalk.Routes() {
		if !rt.Token || rt.Modern {
			continue
		}
		path, method := rt.Path, rt.Methods[len(rt.Methods)-1]
		is := func(a answer, code string) bool {
			switch {
			case code == "": // it has come past authentication
				return a.SubCode == "" && !slices.Contains([]int{40000, 40014, 60011}, *a.Errcode)
			case rt.Wraps:
				return *a.Errcode == 88 && a.SubCode == code
			}
			return fmt.Sprint(*a.Errcode) == code && a.SubCode == ""
		}
		kind, body := formType, form("agent_id", "1", "task_id", "2", "msg_task_id", "2", "status_value", "v", "userid_list", "u", "msg", helloMsg)
		if path == "/media/upload" {
			kind, body = multipartBody(t, part{"media", "a.png", "x"}, part{"type", "", "image"})
		}
		for token, want := range map[string]string{"": "40000", "x": "40014", goodToken: ""} {
			f := newRooms()
			h, _ := handler(f)
			w := do(h, request{method: method, target: path + "?access_token=" + token, contentType: kind, body: body})
			if a := mustAnswer(t, w); !is(a, want) {
				t.Errorf("%s with token %q: %s", path, token, w.Body)
			}
			counted := 0
			if want == "" {
				counted = 1
			}
			if len(f.calls) != counted || counted == 1 && f.calls[0] != path {
				t.Errorf("%s with token %q counted %v", path, token, f.calls)
			}
		}
		if rt.Scope == "" {
			continue
		}
		f := newRooms()
		f.scopes = []string{"another"}
		h, _ := handler(f)
		w := do(h, request{method: method, target: path + "?access_token=" + goodToken, contentType: kind, body: body})
		if a := mustAnswer(t, w); !is(a, "60011") || len(f.calls) > 0 {
			t.Errorf("%s without its scope: %s", path, w.Body)
		}
	}
}

// What is not found, and what is too late, differs between the routes. Not
// yours answers byte for byte like not there.
func TestAnswersThatDifferByRoute(t *testing.T) {
	t.Parallel()
	codes := map[string][3]int{ // agent unknown, task unknown, window closed
		"asyncsend":         {40056, 40035, 40035},
		"asyncsend_v2":      {40056, 40035, 40035},
		"getsendprogress":   {40035, 40035, 40035},
		"getsendresult":     {40035, 40035, 40035},
		"recall":            {400002, 400002, 400002},
		"status_bar/update": {40056, 40035, 40035},
	}
	for verb, want := range codes {
		for i, code := range []fault.Code{fault.CodeAgentUnknown, fault.CodeTaskUnknown, fault.CodeWindowClosed} {
			f := newRooms()
			f.err = fault.New(code, "no")
			h, _ := handler(f)
			w := do(h, request{
				target: base + verb + "?access_token=" + goodToken, contentType: formType,
				body: form("agent_id", "1", "task_id", "2", "msg_task_id", "2", "status_value", "v", "userid_list", "u", "msg", helloMsg,
					"msgtype", "text", "msgcontent", `{"content":"x"}`),
			})
			if a := mustAnswer(t, w); *a.Errcode != want[i] {
				t.Errorf("%s, %s: %s", verb, code, w.Body)
			}
		}
	}
	f := newRooms()
	f.known = true
	h, _ := handler(f)
	w := do(h, request{target: base + "recall?access_token=" + goodToken, contentType: formType, body: form("agent_id", fmt.Sprint(goodAgent), "msg_task_id", "3")})
	if got, want := shape(w), `{"errcode":400002,"errmsg":"参数错误 msg_task_id","sub_msg":"msg_task_id: task 3 does not exist","request_id":"R"}`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	notFound := `{"errcode":404,"errmsg":"请求的URI地址不存在","request_id":"R"}`
	unknown := func(name string) string {
		return `{"errcode":22,"errmsg":"Invalid method[submsg=不合法ApiName，ApiName = dingtalk.oapi.` + name +
			`]","sub_msg":"不合法ApiName，ApiName = dingtalk.oapi.` + name + `","request_id":"R"}`
	}
	for path, want := range map[string]string{
		"/topapi/v2/user/notexist":                        unknown("v2.user.notexist"),
		"/topapi/":                                        unknown(""),
		"/topapi/nothing/":                                unknown("nothing"),
		"//topapi/nothing":                                unknown("nothing"),
		"/topapi/a%22b%3C%00%E4%BD%A0":                    unknown("a?b???"),
		"/topapi/" + strings.Repeat("x", 500):             unknown(strings.Repeat("x", 128)),
		sendPath + "//":                                   unknown("message.corpconversation.asyncsend_v2."),
		sendPath + ".":                                    unknown("message.corpconversation.asyncsend_v2."),
		strings.ToUpper(sendPath):                         notFound,
		"/topapi/message/corpconversation/asyncsend%5Fv2": unknown("message.corpconversation.asyncsend_v2"),
		"/topapi/../gettoken":                             unknown("...gettoken"),
		"/%67ettoken":                                     notFound,
		"/nothing":                                        notFound,
		"/":                                               notFound,
		"/v1":                                             notFound,
		"/v1/nothing":                                     notFound,
		"/v1.0x/nothing":                                  notFound,
		"/router/rest/x":                                  notFound,
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			target := path + "?access_token=" + goodToken
			w := do(h, request{method: method, target: target})
			mustAnswer(t, w)
			if got := shape(w); got != want {
				t.Errorf("%s %s\ngot  %s\nwant %s", method, path, got, want)
			}
		}
	}
}

// Client libraries of the newer wire take whatever comes with HTTP 200 for an
// answer: a call that is not there must fail by its status.
func TestUnknownModernPaths(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	check := func(method, path string) {
		w := do(h, request{method: method, target: path, contentType: jsonType, body: `{"appKey":"key-1","appSecret":"secret-1"}`})
		want := `{"code":"InvalidAction.NotFound","requestid":"R","message":"Specified api is not found, please check your url and method."}`
		if got := shape(w); w.Code != http.StatusNotFound || got != want || w.Header().Get("Content-Type") != jsonType {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	for _, path := range []string{
		"/v1.0", "/v1.0/", "/v1.0/nothing", "/v2.0/nothing", "/v10.12/x/y", "//v1.0/nothing/", "/v1.0/oauth2/", "/v1.0/oauth2//token",
		"/v1.0/oauth2/corp-1/x/token", "/v1.0/oauth2/accesstoken", "/v1.0/oauth2/%61ccessToken", "/v1.0/oauth2//accessToken",
		"/v1.0/robot/oToMessages/batchSend",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "BREW"} {
			check(method, path)
		}
	}
	for _, rt := range dingtalk.Routes() {
		for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"} {
			if isModern(rt.Path) && !slices.Contains(rt.Methods, method) {
				check(method, strings.Replace(rt.Path, "{corpId}", "corp-1", 1))
			}
		}
	}
}

// A slash too many, before or behind, leads to the same route, and nowhere is a
// redirect.
func TestSlashes(t *testing.T) {
	t.Parallel()
	for _, path := range dingtalk.Paths() {
		path = strings.Replace(path, "{corpId}", "corp-1", 1)
		answers := map[string]bool{}
		for _, written := range []string{path, "/" + path, "//" + path, path + "/", "//" + path + "/"} {
			h, _ := handler(newRooms())
			r := request{target: "/x?access_token=" + goodToken, contentType: jsonType, body: `{"agent_id":1,"task_id":2}`}.build()
			r.URL.Path = written
			w := newRecorder()
			h.ServeHTTP(w, r)
			answers[fmt.Sprint(w.Code, shape(w), r.Pattern)] = true
		}
		if len(answers) != 1 {
			t.Errorf("%s has %d answers: %v", path, len(answers), answers)
		}
	}
	for path, want := range map[string]string{
		"/": "/", "//": "/", "": "", "/a": "/a", "//a": "/a", "/a/": "/a", "/a//": "/a/", "/a//b": "/a//b", "///a/b/": "/a/b",
	} {
		if got := dingtalk.CleanPath(path); got != want {
			t.Errorf("CleanPath(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	for _, rt := range dingtalk.Routes() {
		if rt.Modern {
			continue
		}
		want := 43001 // use GET
		if slices.Contains(rt.Methods, http.MethodPost) {
			want = 43002 // use POST
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"} {
			if slices.Contains(rt.Methods, method) {
				continue
			}
			w := do(h, request{method: method, target: rt.Path + "?access_token=" + goodToken})
			if a := mustAnswer(t, w); *a.Errcode != want || !strings.Contains(a.SubMsg, rt.Methods[0]) {
				t.Errorf("%s %s: %s", method, rt.Path, w.Body)
			}
		}
	}
}

func TestPanicsAreAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	f := newRooms()
	f.panics = true
	h, l := handler(f)
	w := do(h, sendRequest(goodSend))
	a := mustAnswer(t, w)
	if got, want := shape(w), `{"errcode":500,"errmsg":"系统错误","request_id":"R"}`; got != want {
		t.Errorf("got %s", got)
	}
	if !strings.Contains(l.String(), "a bug") || !strings.Contains(l.String(), a.RequestID) || !strings.Contains(l.String(), "level=ERROR") {
		t.Errorf("log %s", l)
	}
}

// A failure is logged once, findable by the request_id of its answer; what the
// client sent is not.
func TestTheLog(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		level string
		cause bool
	}{
		"a bug":           {fmt.Errorf("notify.Send: %w", errors.New("the cause")), "ERROR", true},
		"unknown commit":  {fault.New(fault.CodeCommitUnknown, "lost").Because(errors.New("the cause")), "ERROR", true},
		"busy":            {fault.New(fault.CodeBusy, "busy").Because(errors.New("the cause")), "WARN", true},
		"a full disk":     {fault.New(fault.CodeStorageFull, "full").Because(errors.New("the cause")), "DEBUG", true},
		"a refusal":       {fault.New(fault.CodeMessageTypeUnknown, "CANARY").Because(errors.New("the cause")), "DEBUG", false},
		"the client left": {fmt.Errorf("notify.Send: %w", context.Canceled), "DEBUG", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newRooms()
			f.err = c.err
			h, l := handler(f)
			r := request{
				target: sendPath + "?CANARY=CANARY&access_token=" + goodToken, contentType: "CANARY",
				body: `{"agent_id":1,"userid_list":"CANARY","msg":{"CANARY":"CANARY"}}`,
			}.build()
			r.Header.Set("X-Canary", "CANARY")
			ctx, cancel := context.WithCancel(r.Context())
			if errors.Is(c.err, context.Canceled) {
				cancel()
			}
			defer cancel()
			w := newRecorder()
			h.ServeHTTP(w, r.WithContext(ctx))
			a := mustAnswer(t, w)
			got := l.String()
			if strings.Count(got, "\n") != 1 || !strings.Contains(got, "level="+c.level) || !strings.Contains(got, "request_id="+a.RequestID) {
				t.Errorf("log %s", got)
			}
			if strings.Contains(got, "CANARY") || strings.Contains(got, goodToken) {
				t.Errorf("what the client sent is in the log: %s", got)
			}
			if strings.Contains(got, "the cause") != c.cause {
				t.Errorf("cause in the log: %s", got)
			}
		})
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	seen := map[string]bool{}
	for range 1000 {
		seen[mustAnswer(t, do(h, request{target: "/x"})).RequestID] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d different ids of 1000", len(seen))
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys []string
		want int
	}{
		"none":           {nil, 0},
		"one":            {[]string{"k"}, 0},
		"128 bytes":      {[]string{strings.Repeat("k", 128)}, 0},
		"Chinese":        {[]string{"键"}, 0},
		"129 bytes":      {[]string{strings.Repeat("k", 129)}, 40035},
		"two":            {[]string{"k", "l"}, 40035},
		"empty":          {[]string{""}, 40035},
		"invalid UTF-8":  {[]string{"\xff"}, 40035},
		"NUL, if it got": {[]string{"a\x00"}, 40035},
	} {
		f := newRooms()
		h, _ := handler(f)
		r := sendRequest(goodSend)
		if c.keys != nil {
			r.header = http.Header{"Idempotency-Key": c.keys}
		}
		w := do(h, r)
		if a := mustAnswer(t, w); *a.Errcode != c.want || c.want != 0 && !strings.Contains(a.Errmsg, "Idempotency-Key") {
			t.Errorf("%s: %s", name, w.Body)
		}
		if c.want == 0 {
			want := strings.Join(c.keys, "")
			if got := f.sends[0]; got.IdempotencyKey != want || (got.RequestDigest != [32]byte{}) != (want != "") {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

// Every code is in the table with a text, and in docs/errors.md with the
// errcodes it has on the wire.
func TestEveryCodeIsInTheTableAndTheDocument(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	table, _, _ := strings.Cut(string(doc), "\n## ")
	for line := range strings.Lines(table) {
		if code, rest, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` |"); ok && strings.HasPrefix(line, "| `") {
			rows[code] = rest
		}
	}
	for _, code := range fault.Codes() {
		f := newRooms()
		f.err = fault.New(code, "detail")
		h, _ := handler(f)
		for _, path := range []string{base + "asyncsend_v2", base + "recall", base + "status_bar/update", base + "getsendresult", "/router/rest"} {
			w := do(h, request{
				target: path + "?" + form("access_token", goodToken, "session", goodToken, "method", "dingtalk.oapi.message.corpconversation.asyncsend_v2"), contentType: formType,
				body: form("agent_id", "1", "task_id", "2", "msg_task_id", "2", "status_value", "v", "userid_list", "u", "msg", helloMsg),
			})
			a := mustAnswer(t, w)
			shown := fmt.Sprintf("`%d`", *a.Errcode)
			if *a.Errcode == 88 {
				shown = "`88/" + a.SubCode + "`"
			}
			if !strings.Contains(rows[string(code)], shown) {
				t.Errorf("%s answers %s on %s; docs/errors.md says %q", code, shown, path, rows[string(code)])
			}
			if a.SubCode == "" && strings.TrimSpace(a.Errmsg) == "" {
				t.Errorf("%s has no text: %s", code, w.Body)
			}
		}
		w := do(h, request{target: "/v1.0/oauth2/accessToken", contentType: jsonType, body: `{"appKey":"a","appSecret":"b"}`})
		if w.Code < 400 || !strings.HasPrefix(shape(w), `{"code":"`) || !strings.Contains(string(doc), "`"+strings.Split(shape(w), `"`)[3]+"`") {
			t.Errorf("%s on the newer wire: %d %s", code, w.Code, w.Body)
		}
		delete(rows, string(code))
	}
	for code := range rows {
		t.Errorf("docs/errors.md explains %s, which does not exist", code)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	w := do(h, request{target: base + "getsendprogress?access_token=" + goodToken, body: "agent_id=1&task_id=2"})
	if got, want := shape(w), `{"errcode":0,"errmsg":"ok","progress":{"progress_in_percent":100,"status":2},"request_id":"R"}`; got != want {
		t.Errorf("got %s", got)
	}
	for _, verb := range []string{"recall", "status_bar/update"} {
		w := do(h, request{target: base + verb + "?access_token=" + goodToken, body: "agent_id=1&task_id=2&msg_task_id=2&status_value=v"})
		if got, want := shape(w), `{"errcode":0,"errmsg":"ok","request_id":"R"}`; got != want {
			t.Errorf("%s: got %s", verb, got)
		}
	}
}
