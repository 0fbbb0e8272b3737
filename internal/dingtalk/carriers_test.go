package dingtalk_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/notify"
)

// carried is one way to carry the same send: to u1, u2 and department 5.
var carried = map[string]request{
	"query token, JSON with real types": {
		target: sendPath + "?access_token=" + goodToken, contentType: jsonType,
		body: `{"agent_id":1000000001234,"userid_list":"u1,u2","dept_id_list":"5","to_all_user":false,"msg":` + helloMsg + `}`,
	},
	"JSON arrays": {
		target: sendPath + "?access_token=" + goodToken, contentType: "application/json;charset=UTF-8",
		body: `{"agent_id":1000000001234.0,"userid_list":["u1","u2","u1"],"dept_id_list":[5],"to_all_user":0,"msg":` + helloMsg + `}`,
	},
	"every scalar a string": {
		target: sendPath + "?access_token=" + goodToken, contentType: "application/json; charset=utf-8",
		body: `{"agent_id":"1000000001234","userid_list":"u1,u2","dept_id_list":"5","to_all_user":"false","msg":` + helloMsg + `}`,
	},
	"long suffix and spaces": {
		target: sendPath + "?access_token=" + goodToken, contentType: jsonType,
		body: " {\"agent_id\" : \"1000000001234L\",\n\"userid_list\":\" u1 , ,u2,u2 \",\"dept_id_list\":\"5,5.0\",\"msg\":{ \"msgtype\" : \"text\", \"text\":{\"content\":\"\\u4f60\\u597d\"}}} \r\n",
	},
	"msg as JSON text": {
		target: sendPath + "?access_token=" + goodToken, contentType: jsonType,
		body: `{"agent_id":1000000001234,"userid_list":"u1,u2","dept_id_list":"5","msg":"{\"msgtype\":\"text\",\"text\":{\"content\":\"你好\"}}"}`,
	},
	"form with everything": {
		target: sendPath, contentType: formType + ";charset=utf-8",
		body: form("access_token", goodToken, "agent_id", "1000000001234", "userid_list", "u1,u2", "dept_id_list", "5", "to_all_user", "false", "msg", helloMsg),
	},
	"a form of Python's texts": {
		target: sendPath, contentType: formType,
		body: form("access_token", goodToken, "agent_id", "1000000001234", "userid_list", "u1,u2", "dept_id_list", "5", "to_all_user", "False", "msg", helloMsg),
	},
	"form without a content type": {
		target: sendPath + "?access_token=" + goodToken,
		body:   form("agent_id", "1000000001234", "userid_list", `["u1","u2"]`, "dept_id_list", "[5]", "to_all_user", "0", "msg", helloMsg),
	},
	"everything in the query, empty body": {
		target:      sendPath + "?" + form("access_token", goodToken, "agent_id", "1000000001234", "userid_list", `"u1,u2"`, "dept_id_list", "5", "msg", helloMsg),
		contentType: jsonType,
	},
	"JSON with a form's content type": {
		target: sendPath + "?access_token=" + goodToken, contentType: formType,
		body: `{"agent_id":1000000001234,"userid_list":"\"u1,u2\"","dept_id_list":"5","msg":` + helloMsg + `}`,
	},
	"token in the JSON body": {
		target: sendPath, contentType: jsonType,
		body: `{"access_token":"` + goodToken + `","agent_id":1000000001234,"userid_list":"u1,u2","dept_id_list":5,"msg":` + helloMsg + `}`,
	},
	"half here, half there, some twice": {
		target: sendPath + "?" + form("access_token", goodToken, "agent_id", "1000000001234", "userid_list", "u1,u2", "to_all_user", ""), contentType: jsonType,
		body: `{"access_token":"` + goodToken + `","agent_id":"1000000001234","userid_list":["u1","u2"],"dept_id_list":"5","msg":` + helloMsg + `,"to_all_user":null}`,
	},
	"msg twice, written differently": {
		target: sendPath + "?" + form("access_token", goodToken, "msg", helloMsg), contentType: jsonType,
		body: `{"agent_id":"1000000001234","userid_list":"u1,u2","dept_id_list":"5","msg":{"text":{"content":"你好"}, "msgtype":"text"}}`,
	},
	"unknown parameters": {
		target: sendPath + "?v=2&access_token=" + goodToken, contentType: jsonType,
		body: `{"agent_id":1000000001234,"userid_list":"u1,u2","dept_id_list":"5","msg":` + helloMsg + `,"enable_id_trans":false,"x":{"y":[1,2,{"z":null}]}}`,
	},
}

func TestEveryCarrierOfASend(t *testing.T) {
	t.Parallel()
	digests := map[[32]byte]bool{}
	for name, r := range carried {
		f := newRooms()
		h, _ := handler(f)
		r.header = http.Header{"Idempotency-Key": {"k1"}, "Accept": {"text/xml,text/javascript"}}
		w := do(h, r)
		if got, want := shape(w), `{"errcode":0,"errmsg":"ok","task_id":256271667526,"request_id":"R"}`; got != want {
			t.Errorf("%s: %s", name, got)
			continue
		}
		mustAnswer(t, w)
		want := []notify.SendRequest{{Envelope: notify.Envelope{
			AgentID: goodAgent, Audience: directory.Audience{Userids: []string{"u1", "u2"}, DeptIDs: []int64{5}},
			Endpoint: sendPath, IdempotencyKey: "k1",
		}}}
		ignore := cmp.Options{
			cmpopts.IgnoreFields(notify.SendRequest{}, "Message"), cmpopts.IgnoreFields(notify.Envelope{}, "Caller", "RequestDigest"),
		}
		if diff := cmp.Diff(want, f.sends, ignore); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		got := strings.NewReplacer(" ", "", `\u4f60\u597d`, "你好").Replace(string(f.sends[0].Message))
		if got != helloMsg {
			t.Errorf("%s: msg %s", name, got)
		}
		digests[f.sends[0].RequestDigest] = true
		if len(f.calls) != 1 || f.calls[0] != sendPath {
			t.Errorf("%s: counted %v", name, f.calls)
		}
	}
	if len(digests) != 1 {
		t.Errorf("the same request has %d digests", len(digests))
	}
}

func TestDigestsOfDifferentRequests(t *testing.T) {
	t.Parallel()
	seen := map[[32]byte]string{}
	for _, body := range []string{
		`{"agent_id":1,"userid_list":"a,b","msg":` + helloMsg + `}`,
		`{"agent_id":2,"userid_list":"a,b","msg":` + helloMsg + `}`,
		`{"agent_id":1,"userid_list":"a","dept_id_list":"1","msg":` + helloMsg + `}`,
		`{"agent_id":1,"userid_list":"a,b","dept_id_list":"1","msg":` + helloMsg + `}`,
		`{"agent_id":1,"userid_list":"ab","msg":` + helloMsg + `}`,
		`{"agent_id":1,"userid_list":"a,b","to_all_user":true,"msg":` + helloMsg + `}`,
		`{"agent_id":1,"dept_id_list":"1","msg":` + helloMsg + `}`,
		`{"agent_id":1,"userid_list":"a,b","msg":{"msgtype":"text","text":{"content":"你好 "}}}`,
		`{"agent_id":1,"userid_list":"a,b","msg":{"msgtype":"nonsense"}}`,
		`{"agent_id":1,"userid_list":"a,b","msg":{"msgtype":"nonsense2"}}`,
	} {
		f := newRooms()
		h, _ := handler(f)
		do(h, request{target: sendPath + "?access_token=" + goodToken, contentType: jsonType, body: body, header: http.Header{"Idempotency-Key": {"k"}}})
		if len(f.sends) != 1 {
			t.Fatalf("%s was not sent", body)
		}
		d := f.sends[0].RequestDigest
		if twin, ok := seen[d]; ok {
			t.Errorf("%s and %s have one digest", body, twin)
		}
		seen[d] = body
	}
}

// verbs are the other endpoints with one parameter name for the task each.
var verbs = map[string]string{"getsendprogress": "task_id", "getsendresult": "task_id", "recall": "msg_task_id", "status_bar/update": "task_id"}

func TestEveryCarrierOfTheOtherVerbs(t *testing.T) {
	t.Parallel()
	for verb, task := range verbs {
		for _, agent := range []string{"1000000001234", `"1000000001234"`, "1000000001234.0", `"1000000001234L"`, `"1000000001234.00"`} {
			for name, r := range map[string]request{
				"json": {
					target: base + verb + "?access_token=" + goodToken, contentType: jsonType,
					body: fmt.Sprintf(`{"agent_id":%s,%q:256271667526,"status_value":"同意","status_bg":"0xFF78C06E"}`, agent, task),
				},
				"form": {
					target: base + verb, contentType: formType,
					body: form("access_token", goodToken, "agent_id", strings.Trim(agent, `"`), task, "256271667526", "status_value", "同意", "status_bg", "0xFF78C06E"),
				},
				"query": {
					target:      base + verb + "?" + form("access_token", goodToken, "agent_id", strings.Trim(agent, `"`), task, "256271667526", "status_value", "同意", "status_bg", "0xFF78C06E"),
					contentType: jsonType,
				},
			} {
				f := newRooms()
				h, _ := handler(f)
				w := do(h, r)
				if a := mustAnswer(t, w); *a.Errcode != 0 || len(f.tasks) != 1 || f.tasks[0] != [2]int64{goodAgent, goodTask} {
					t.Errorf("%s %s %s: %s, tasks %v", verb, name, agent, w.Body, f.tasks)
				}
				if verb == "status_bar/update" && (len(f.bars) != 1 || f.bars[0] != [2]string{"同意", "0xFF78C06E"}) {
					t.Errorf("%s: bars %v", name, f.bars)
				}
			}
		}
	}
}

func TestGetToken(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	ok := `{"errcode":0,"errmsg":"ok","access_token":"tok-1","expires_in":7199,"request_id":"R"}`
	for name, c := range map[string]struct {
		r    request
		want string
	}{
		"key":      {request{method: "GET", target: "/gettoken?appkey=key-1&appsecret=secret-1"}, ok},
		"corp":     {request{method: "GET", target: "/gettoken?corpid=corp-1&corpsecret=secret-1"}, ok},
		"GET form": {request{method: "GET", target: "/gettoken?appkey=key-1&appsecret=secret-1", contentType: formType}, ok},
		"POST":     {request{target: "/gettoken", contentType: formType, body: "appkey=key-1&appsecret=secret-1"}, ok},
		"JSON":     {request{target: "/gettoken", contentType: jsonType, body: `{"appkey":"key-1","appsecret":"secret-1"}`}, ok},
		"wrong secret": {
			request{method: "GET", target: "/gettoken?appkey=key-1&appsecret=x"},
			`{"errcode":40096,"errmsg":"不合法的appKey或appSecret","sub_msg":"unknown key or wrong secret","request_id":"R"}`,
		},
		"wrong corp secret": {
			request{method: "GET", target: "/gettoken?corpid=corp-1&corpsecret=x"},
			`{"errcode":40089,"errmsg":"不合法的corpId或corpSecret","sub_msg":"unknown key or wrong secret","request_id":"R"}`,
		},
		"nothing": {
			request{method: "GET", target: "/gettoken"},
			`{"errcode":40035,"errmsg":"缺少参数 corpid or appkey","sub_msg":"corpid or appkey is required","request_id":"R"}`,
		},
		"no secret": {
			request{method: "GET", target: "/gettoken?appkey=key-1"},
			`{"errcode":40035,"errmsg":"缺少参数 appsecret","sub_msg":"appsecret is required","request_id":"R"}`,
		},
		"parameters in a GET's body only": {
			request{method: "GET", target: "/gettoken", contentType: formType, body: "appkey=key-1&appsecret=secret-1"},
			`{"errcode":40035,"errmsg":"缺少参数 corpid or appkey","sub_msg":"corpid or appkey is required","request_id":"R"}`,
		},
	} {
		w := do(h, c.r)
		mustAnswer(t, w)
		if got := shape(w); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestModernAccessToken(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	const path = "/v1.0/oauth2/accessToken"
	const noBody = `{"code":"Missingbody","requestid":"R","message":"body is mandatory for this action."}`
	for name, c := range map[string]struct {
		r      request
		status int
		want   string
	}{
		"ok":           {request{target: path, contentType: jsonType, body: `{"appKey":"key-1","appSecret":"secret-1"}`}, 200, `{"accessToken":"tok-1","expireIn":7199}`},
		"wrong":        {request{target: path, contentType: jsonType, body: `{"appKey":"key-1","appSecret":"x"}`}, 400, `{"code":"invalidClientIdOrSecret","requestid":"R","message":"不合法的appKey或appSecret"}`},
		"missing":      {request{target: path, contentType: jsonType, body: `{"appKey":"key-1"}`}, 400, `{"code":"MissingParameter","requestid":"R","message":"appSecret is required"}`},
		"query only":   {request{target: path + "?appKey=key-1&appSecret=secret-1"}, 400, noBody},
		"white space":  {request{target: path, contentType: jsonType, body: " \n"}, 400, noBody},
		"form":         {request{target: path, contentType: formType, body: "appKey=key-1&appSecret=secret-1"}, 400, noBody},
		"no type":      {request{target: path, body: "appKey=key-1&appSecret=secret-1"}, 400, noBody},
		"multipart":    {request{target: path, contentType: "multipart/form-data;boundary=x", body: "--x\r\n\r\n\r\n--x--\r\n"}, 400, noBody},
		"no object":    {request{target: path, contentType: jsonType, body: `["appKey"]`}, 400, `{"code":"InvalidParameter","requestid":"R","message":"a JSON object is expected"}`},
		"form's type":  {request{target: path, contentType: formType, body: `{"appKey":"key-1","appSecret":"secret-1"}`}, 200, `{"accessToken":"tok-1","expireIn":7199}`},
		"a large body": {request{target: path, body: `{"a":"` + strings.Repeat("x", 65<<10) + `"}`}, 413, `{"code":"RequestEntityTooLarge","requestid":"R","message":"the body is too large, the limit is 65536 bytes"}`},
	} {
		w := do(h, c.r)
		if got := shape(w); got != c.want || w.Code != c.status {
			t.Errorf("%s\ngot  %d %s\nwant %d %s", name, w.Code, got, c.status, c.want)
		}
	}
}

// Chunked bodies and real connections, which a recorder cannot show.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	f := newRooms()
	h, _ := handler(f)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	body := `{"agent_id":1,"userid_list":"u1","msg":` + helloMsg + `}`
	res, err := http.Post(server.URL+sendPath+"?access_token="+goodToken, jsonType, io.NopCloser(io.MultiReader(strings.NewReader(body[:20]), strings.NewReader(body[20:]))))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, _ := io.ReadAll(res.Body); !strings.HasPrefix(string(got), `{"errcode":0,`) || len(f.sends) != 1 {
		t.Errorf("chunked: %s", got)
	}
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// A body that ends before its announced length.
	fmt.Fprintf(conn, "POST %s?access_token=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{\"agent", sendPath, goodToken)
	_ = conn.(*net.TCPConn).CloseWrite()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got, _ := io.ReadAll(answer.Body); !strings.HasPrefix(string(got), `{"errcode":40035,`) {
		t.Errorf("cut short: %s", got)
	}
}
