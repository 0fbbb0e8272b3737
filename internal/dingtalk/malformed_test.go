package dingtalk_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/dingtalk"
)

// goodValues are JSON values that a strict parser accepts.
var goodValues = []string{
	`null`, `true`, `false`, `0`, `-0`, `1`, `-1`, `123.456`, `1e5`, `1E+5`, `1e-5`, `-0.0`, `0e1`, `1.5e300`, `9223372036854775808`,
	`""`, `"x"`, `"\"\\\/\b\f\n\r\t"`, `"\u0001"`, `"\u00e9"`, `"\ud83d\ude00"`, `"😀"`, `"\u2028"`, "\"\u2028\"", "\"\x7f\"", `"\uFFFF"`,
	`[]`, `[ ]`, `{}`, `{ }`, `[1,2,3]`, `[[[]]]`, `{"a":{"b":[]}}`, `{"":0}`, `{"\u0061":1}`, "[\t1\r\n,\n2 ]", `{"a":1,"b":2}`, `["",null,{}]`,
	strings.Repeat("[", 32) + strings.Repeat("]", 32), strings.Repeat(`{"a":`, 31) + `{}` + strings.Repeat("}", 31),
	`"` + strings.Repeat("长", 2000) + `"`, "1" + strings.Repeat("0", 400),
}

// badValues are what looks like JSON and is none, or is more than we take.
var badValues = []string{
	``, ` `, `nul`, `nulll`, `True`, `FALSE`, `undefined`, `NaN`, `Infinity`, `-Infinity`, `+1`, `01`, `-01`, `1.`, `.5`, `-`, `-.5`, `1e`, `1e+`,
	`0x10`, `1_000`, `1,`, `٣`, `1 2`, `"`, `"x`, `'x'`, `x`, `"\x"`, `"\u12"`, `"\u123g"`, `"\u"`, `"\`, `"\uD800"`, `"\uDC00"`, `"\uD800\uD800"`,
	`"\uD800x"`, `"\ud83d\u0041"`, `"\uDE00\uD83D"`, `"\u0000"`, "\"\x00\"", "\"\x01\"", "\"\n\"", "\"\t\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
	"\"\xf5\x80\x80\x80\"", "\"\xe4\xbd\"", `[`, `]`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `[1,,2]`, `[1}`, `{`, `}`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`,
	`{,"a":1}`, `{a:1}`, `{'a':1}`, `{1:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a"::1}`, `{"a":1]`, `{"a":1}}`, `[]]`, `{"\uD800":1}`, `{"a":"\u0000"}`, `{"\u0000":1}`, "{\"\xff\":1}",
	`/*c*/1`, `1//c`, `[1/**/]`, `#1`, `1;`, "1\x00", "\u00a01", "1\u3000", "\ufeff1", "\v1", `""""`, `"a""b"`, `"a" "b"`, `[1]x`, `{}x`, `<a/>`, `a=b`,
	strings.Repeat("[", 33) + strings.Repeat("]", 33), strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33),
	strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000), strings.Repeat(`{"a":[`, 5000), strings.Repeat("-", 10_000), `"` + strings.Repeat(`\`, 9999),
}

// bodies builds whole bodies around a value.
func bodies(v string) map[string]string {
	return map[string]string{
		"alone":      v,
		"unknown":    `{"agent_id":1,"task_id":2,"msg_task_id":2,"status_value":"v","userid_list":"u","msg":` + helloMsg + `,"x":` + v + `}`,
		"first":      `{"x":` + v + `,"agent_id":1,"task_id":2,"msg_task_id":2,"status_value":"v","userid_list":"u","msg":` + helloMsg + `}`,
		"agent":      `{"agent_id":` + v + `,"task_id":2,"msg_task_id":2,"status_value":"v","userid_list":"u","msg":` + helloMsg + `}`,
		"task":       `{"agent_id":1,"task_id":` + v + `,"msg_task_id":` + v + `,"status_value":"v","userid_list":"u","msg":` + helloMsg + `}`,
		"users":      `{"agent_id":1,"task_id":2,"msg_task_id":2,"status_value":` + v + `,"userid_list":` + v + `,"msg":` + helloMsg + `}`,
		"depts":      `{"agent_id":1,"task_id":2,"msg_task_id":2,"status_value":"v","status_bg":` + v + `,"dept_id_list":` + v + `,"msg":` + helloMsg + `}`,
		"everyone":   `{"agent_id":1,"to_all_user":` + v + `,"msg":` + helloMsg + `}`,
		"msg":        `{"agent_id":1,"userid_list":"u","msg":` + v + `}`,
		"token":      `{"agent_id":1,"task_id":2,"access_token":` + v + `}`,
		"in a list":  `{"agent_id":1,"dept_id_list":[1,` + v + `],"userid_list":[` + v + `],"msg":` + helloMsg + `}`,
		"as a form":  "agent_id=" + v + "&userid_list=" + v + "&dept_id_list=" + v + "&msg=" + v + "&to_all_user=" + v + "&task_id=" + v,
		"escaped":    form("agent_id", v, "userid_list", v, "dept_id_list", v, "msg", v, "to_all_user", v, "task_id", v, "x", v),
		"contacts":   `{"userid":` + v + `,"mobile":` + v + `,"unionid":` + v + `,"dept_id":` + v + `,"size":1,"cursor":` + v + `,"order_field":` + v + `}`,
		"a person":   `{"userid":` + v + `,"name":` + v + `,"mobile":` + v + `,"email":` + v + `,"job_number":` + v + `,"title":` + v + `,"dept_id_list":` + v + `}`,
		"a dept":     `{"dept_id":1,"name":` + v + `,"parent_id":` + v + `,"order":` + v + `}`,
		"a page":     `{"dept_id":1,"department_id":1,"id":` + v + `,"fetch_child":` + v + `,"only_active":` + v + `,"size":` + v + `,"offset":` + v + `}`,
		"older":      `{"userid":"u","useridlist":` + v + `,"name":` + v + `,"mobile":"1","department":` + v + `,"position":` + v + `,"jobnumber":` + v + `}`,
		"older dept": `{"id":` + v + `,"name":` + v + `,"parentid":` + v + `,"order":` + v + `}`,
		"two":        v + v,
		"a key":      `{` + v + `:1}`,
	}
}

// Whatever is sent: a wire answer, quickly, never a failure of our own.
func TestMalformedBodies(t *testing.T) {
	t.Parallel()
	distinct, requests := map[string]bool{}, 0
	types := []string{jsonType, formType, "", "text/plain", "application/json;charset=gbk", "multipart/form-data;boundary=x"}
	f := newRooms()
	h, l := handler(f)
	for i, v := range append(append([]string{}, goodValues...), badValues...) {
		for place, body := range bodies(v) {
			distinct[body] = true
			for j, path := range dingtalk.Paths() {
				if len(body) > 10_000 && j%3 != 0 {
					continue
				}
				requests++
				path = strings.Replace(path, "{corpId}", "corp-1", 1)
				begin := time.Now()
				w := do(h, request{target: path + "?access_token=" + goodToken, contentType: types[(i+j)%len(types)], body: body})
				if took := time.Since(begin); took > 5*time.Second { // a busy machine; a real hang is far longer
					t.Errorf("%s %s of %.40q took %s", path, place, v, took)
				}
				if isModern(path) {
					if w.Code >= 500 || w.Code == 200 {
						t.Errorf("%s %s of %.40q: %d %s", path, place, v, w.Code, w.Body)
					}
					continue
				}
				if a := mustAnswer(t, w); *a.Errcode == 500 || *a.Errcode == -1 {
					t.Errorf("%s %s of %.40q: %s", path, place, v, w.Body)
				}
			}
		}
	}
	if len(distinct) < 1000 || strings.Contains(l.String(), "ERROR") {
		t.Errorf("%d distinct bodies, log %.300s", len(distinct), l)
	}
	t.Logf("%d distinct bodies, %d requests", len(distinct), requests)
}

// The parser is strict: what it lets pass is JSON, and what is JSON passes.
func TestStrictness(t *testing.T) {
	t.Parallel()
	check := func(v string, good bool) {
		f := newRooms()
		h, _ := handler(f)
		for _, place := range []string{"unknown", "first"} {
			w := do(h, sendRequest(bodies(v)[place]))
			a := mustAnswer(t, w)
			if (*a.Errcode == 0) != good || !good && *a.Errcode != 40035 {
				t.Errorf("%s %.60q: %s", place, v, w.Body)
			}
		}
	}
	for _, v := range goodValues {
		check(v, true)
	}
	for _, v := range badValues {
		check(v, false)
	}
}

// What is refused names the parameter it is about.
func TestRefusalsNameTheParameter(t *testing.T) {
	t.Parallel()
	rest := `,"userid_list":"u","msg":` + helloMsg + `}`
	for body, want := range map[string]string{
		`{}`:                                         "缺少参数 agent_id",
		`{"agent_id":null` + rest:                    "缺少参数 agent_id",
		`{"agent_id":""` + rest:                      "缺少参数 agent_id",
		`{"agent_id":"x"` + rest:                     "不合法的参数 agent_id",
		`{"agent_id":1.5` + rest:                     "不合法的参数 agent_id",
		`{"agent_id":true` + rest:                    "不合法的参数 agent_id",
		`{"agent_id":[1]` + rest:                     "不合法的参数 agent_id",
		`{"agent_id":"1\u0000"` + rest:               "不合法的参数 agent_id",
		`{"agent_id":1,"agent_id":1` + rest:          "不合法的参数 agent_id",
		`{"agent_id":1,"x":1,"x":2` + rest:           "不合法的参数 x",
		`{"agent_id":1,"x y":1,"x y":2` + rest:       "不合法的参数 ?",
		`{"agent_id":1,"to_all_user":"yes"` + rest:   "不合法的参数 to_all_user",
		`{"agent_id":1,"to_all_user":2` + rest:       "不合法的参数 to_all_user",
		`{"agent_id":1,"to_all_user":[]` + rest:      "不合法的参数 to_all_user",
		`{"agent_id":1,"dept_id_list":"1,x"` + rest:  "不合法的参数 dept_id_list",
		`{"agent_id":1,"dept_id_list":[[1]]` + rest:  "不合法的参数 dept_id_list",
		`{"agent_id":1,"dept_id_list":true` + rest:   "不合法的参数 dept_id_list",
		`{"agent_id":1,"userid_list":{},"msg":{}}`:   "不合法的参数 userid_list",
		`{"agent_id":1,"userid_list":["a",true]}`:    "不合法的参数 userid_list",
		`{"agent_id":1,"userid_list":"[\"a\""}`:      "不合法的参数 userid_list",
		`{"agent_id":1,"userid_list":"u"}`:           "缺少参数 msg",
		`{"agent_id":1,"userid_list":"u","msg":""}`:  "缺少参数 msg",
		`{"agent_id":1,"userid_list":"u","msg":1}`:   "不合法的参数 msg",
		`{"agent_id":1,"userid_list":"u","msg":{]}`:  "不合法的参数 msg",
		`{"agent_id":1,"userid_list":"u","msg":{}}}`: "不合法的参数 body",
		`{"agent_id":1`:                              "不合法的参数 body",
		`[]`:                                         "不合法的参数 body",
		`null`:                                       "不合法的参数 body",
		"\ufeff{}":                                   "不合法的参数 body",
		"{\"agent_id\":\"\xff\"" + rest:              "不合法的参数 agent_id",
	} {
		h, _ := handler(newRooms())
		w := do(h, sendRequest(body))
		if a := mustAnswer(t, w); *a.Errcode != 40035 || a.Errmsg != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, w.Body, want)
		}
	}
}

// The same parameter in several places (docs/contract.md#carriers).
func TestParameterPollution(t *testing.T) {
	t.Parallel()
	const rest = `"userid_list":"u","msg":` + helloMsg
	for name, c := range map[string]struct {
		query, kind, body string
		want              string // errcode, or "88/40014"
		named             string
	}{
		"token twice, same":            {"access_token=tok-1&access_token=tok-1", jsonType, `{"agent_id":1,` + rest + `}`, "0", ""},
		"token in query and body":      {"access_token=tok-1", jsonType, `{"access_token":"tok-1","agent_id":1,` + rest + `}`, "0", ""},
		"token empty in query":         {"access_token=", jsonType, `{"access_token":"tok-1","agent_id":1,` + rest + `}`, "0", ""},
		"token twice, different":       {"access_token=tok-1&access_token=x", jsonType, `{"agent_id":1,` + rest + `}`, "88/40014", ""},
		"another token in the body":    {"access_token=tok-1", jsonType, `{"access_token":"x","agent_id":1,` + rest + `}`, "88/40014", ""},
		"another token in the form":    {"access_token=tok-1", formType, "access_token=x&agent_id=1", "88/40014", ""},
		"two tokens in one object":     {"", jsonType, `{"access_token":"tok-1","access_token":"x","agent_id":1,` + rest + `}`, "88/40014", ""},
		"a token that is a list":       {"", jsonType, `{"access_token":["tok-1"],"agent_id":1,` + rest + `}`, "88/40014", ""},
		"a token in another case":      {"ACCESS_TOKEN=tok-1", jsonType, `{"agent_id":1,` + rest + `}`, "88/40000", ""},
		"semicolons do not separate":   {"access_token=tok-1;agent_id=1", jsonType, `{` + rest + `}`, "88/40014", ""},
		"agent in both, same":          {"access_token=tok-1&agent_id=1", jsonType, `{"agent_id":"1.0",` + rest + `}`, "0", ""},
		"agent in both, different":     {"access_token=tok-1&agent_id=1", jsonType, `{"agent_id":2,` + rest + `}`, "40035", "agent_id"},
		"agent empty in the query":     {"access_token=tok-1&agent_id=", jsonType, `{"agent_id":2,` + rest + `}`, "0", ""},
		"agent repeated, different":    {"access_token=tok-1&agent_id=1&agent_id=2", jsonType, `{` + rest + `}`, "40035", "agent_id"},
		"agent good and bad":           {"access_token=tok-1&agent_id=1", jsonType, `{"agent_id":"x",` + rest + `}`, "40035", "agent_id"},
		"lists, written differently":   {"access_token=tok-1&userid_list=u,v", jsonType, `{"agent_id":1,"userid_list":["u"," v"],"msg":` + helloMsg + `}`, "0", ""},
		"lists, different":             {"access_token=tok-1&userid_list=u", jsonType, `{"agent_id":1,"userid_list":"v","msg":` + helloMsg + `}`, "40035", "userid_list"},
		"everyone and not":             {"access_token=tok-1&to_all_user=true", jsonType, `{"agent_id":1,"to_all_user":false,` + rest + `}`, "40035", "to_all_user"},
		"msg in both, different":       {"access_token=tok-1&" + form("msg", `{"msgtype":"text","text":{"content":"x"}}`), jsonType, `{"agent_id":1,` + rest + `}`, "40035", "msg"},
		"an unknown one twice":         {"access_token=tok-1&x=1&x=2", jsonType, `{"agent_id":1,` + rest + `}`, "0", ""},
		"bad escape in a value":        {"access_token=tok-1&agent_id=%zz", jsonType, `{` + rest + `}`, "40035", "agent_id"},
		"bad escape in a name":         {"access_token=tok-1&%zz=1", jsonType, `{"agent_id":1,` + rest + `}`, "40035", "query"},
		"NUL in the query":             {"access_token=tok-1&x=%00", jsonType, `{"agent_id":1,` + rest + `}`, "40035", "x"},
		"NUL in the token":             {"access_token=tok-1%00", jsonType, `{"agent_id":1,` + rest + `}`, "40035", "access_token"},
		"invalid UTF-8 in the query":   {"access_token=tok-1&userid_list=%ff", jsonType, `{"agent_id":1,"msg":` + helloMsg + `}`, "40035", "userid_list"},
		"invalid UTF-8 in a name":      {"access_token=tok-1&%ff=1", jsonType, `{"agent_id":1,` + rest + `}`, "40035", "query"},
		"overlong UTF-8 in the form":   {"access_token=tok-1", formType, "agent_id=1&userid_list=%c0%80", "40035", "userid_list"},
		"NUL in the form":              {"access_token=tok-1", formType, "agent_id=1&userid_list=a%00b", "40035", "userid_list"},
		"1,001 parameters":             {"access_token=tok-1&" + strings.Repeat("x=1&", 1000), jsonType, `{"agent_id":1,` + rest + `}`, "40035", "body"},
		"plus is a space":              {"access_token=tok-1&agent_id=+1", jsonType, `{` + rest + `}`, "40035", "agent_id"},
		"2^63":                         {"access_token=tok-1&agent_id=9223372036854775808", jsonType, `{` + rest + `}`, "40035", "agent_id"},
		"2^63-1":                       {"access_token=tok-1&agent_id=9223372036854775807", jsonType, `{` + rest + `}`, "0", ""},
		"exponent":                     {"access_token=tok-1", jsonType, `{"agent_id":1e3,` + rest + `}`, "40035", "agent_id"},
		"the newer header is not read": {"", jsonType, `{"agent_id":1,` + rest + `}`, "88/40000", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _ := handler(newRooms())
			r := request{target: sendPath, contentType: c.kind, body: c.body}.build()
			r.URL.RawQuery = c.query
			r.Header.Set("X-Acs-Dingtalk-Access-Token", goodToken)
			w := newRecorder()
			h.ServeHTTP(w, r)
			a := mustAnswer(t, w)
			got := fmt.Sprint(*a.Errcode)
			if a.SubCode != "" {
				got += "/" + a.SubCode
			}
			if got != c.want || c.named != "" && !strings.HasSuffix(a.Errmsg, " "+c.named) {
				t.Errorf("got %s", w.Body)
			}
		})
	}
}

func TestLimitsOfBodies(t *testing.T) {
	t.Parallel()
	pad := func(n int) string { return `{"x":"` + strings.Repeat("x", n-8) + `"}` }
	for name, c := range map[string]struct {
		path string
		size int
		want int
	}{
		"a send of 2 MiB":     {sendPath, 2 << 20, 40035},
		"a send over":         {sendPath, 2<<20 + 1, 41101},
		"a query of 64 KiB":   {base + "getsendresult", 64 << 10, 40035},
		"a query over":        {base + "getsendresult", 64<<10 + 1, 41101},
		"a token over 64 KiB": {"/gettoken", 64<<10 + 1, 41101},
	} {
		h, _ := handler(newRooms())
		for _, announced := range []bool{true, false} {
			r := request{target: c.path + "?access_token=" + goodToken, contentType: jsonType, body: pad(c.size)}.build()
			if !announced {
				r.ContentLength = -1
			}
			w := newRecorder()
			h.ServeHTTP(w, r)
			if a := mustAnswer(t, w); *a.Errcode != c.want || (w.Code == 413) != (c.want == 41101) {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
		}
	}
}

// The largest send that the contract lets through: 5,000 userids of 64
// characters and a message of 32 KiB, form-encoded.
func TestTheLargestSend(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 5000 {
		ids = append(ids, fmt.Sprintf("%064d", i))
	}
	msg := `{"msgtype":"text","text":{"content":"` + strings.Repeat("长", 32<<10/3) + `"}}`
	f := newRooms()
	h, _ := handler(f)
	w := do(h, request{target: sendPath, contentType: formType, body: form("access_token", goodToken, "agent_id", "1", "userid_list", strings.Join(ids, ","), "msg", msg)})
	if a := mustAnswer(t, w); *a.Errcode != 0 || len(f.sends[0].Audience.Userids) != 5000 || string(f.sends[0].Message) != msg {
		t.Errorf("%.200s", w.Body)
	}
}

// A list as long as a body may be is read whole. If each entry cost a look at all
// before it, this would take minutes.
func TestLongLists(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	var numbers strings.Builder
	for i := range 250_000 {
		fmt.Fprintf(&numbers, "%d,", i)
	}
	w := do(h, request{target: sendPath + "?access_token=" + goodToken, contentType: formType, body: "agent_id=1&" +
		url.QueryEscape("dept_id_list") + "=" + numbers.String() + "&msg=x"})
	if a := mustAnswer(t, w); *a.Errcode != 0 {
		t.Errorf("%s", w.Body)
	}
}
