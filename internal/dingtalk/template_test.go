package dingtalk_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/template"
)

const (
	templatePath = "/topapi/message/corpconversation/sendbytemplate"
	templateID   = "0123456789abcdef0123456789abcdef"
	templateData = `{"name":"张三","count":"7","link":"a\"b"}`
)

// templates is the same send by template in every way to carry it.
var templates = map[string]request{
	"data as an object": {
		target: templatePath + "?access_token=" + goodToken, contentType: jsonType,
		body: `{"agent_id":1000000001234,"template_id":"` + templateID + `","userid_list":"u1,u2","dept_id_list":"5","data":{"name":"\u5f20\u4e09","count":"7","link":"a\"b"}}`,
	},
	"every scalar a string, data an object": {
		target: templatePath + "?access_token=" + goodToken, contentType: "application/json; charset=utf-8",
		body: `{"agent_id":"1000000001234","template_id":"` + templateID + `","userid_list":"u1,u2","dept_id_list":"5","data":` + templateData + `}`,
	},
	"data as JSON text": {
		target: templatePath + "?access_token=" + goodToken, contentType: jsonType,
		body: `{"agent_id":1000000001234,"template_id":"` + templateID + `","userid_list":["u1","u2"],"dept_id_list":[5],"data":"{\"name\":\"张三\",\"count\":\"7\",\"link\":\"a\\\"b\"}"}`,
	},
	"numbers are texts, null is nothing": {
		target: templatePath + "?access_token=" + goodToken, contentType: jsonType,
		body: `{"agent_id":1000000001234,"template_id":"` + templateID + `","userid_list":"u1,u2","dept_id_list":"5","data":{"name":"张三","count":7,"link":"a\"b","none":null}}`,
	},
	"form with everything": {
		target: templatePath, contentType: formType + ";charset=utf-8",
		body: form("access_token", goodToken, "agent_id", "1000000001234", "template_id", templateID, "userid_list", "u1,u2", "dept_id_list", "5", "data", templateData),
	},
	"everything in the query, empty body": {
		target:      templatePath + "?" + form("access_token", goodToken, "agent_id", "1000000001234", "template_id", templateID, "userid_list", `"u1,u2"`, "dept_id_list", "5", "data", templateData),
		contentType: jsonType,
	},
	"twice, in another order": {
		target: templatePath + "?" + form("access_token", goodToken, "data", templateData), contentType: jsonType,
		body: `{"agent_id":1000000001234,"template_id":"` + templateID + `","userid_list":"u1,u2","dept_id_list":"5","data":{"link":"a\"b","count":"7", "name":"张三"}}`,
	},
	"everyone is no parameter here": {
		target: templatePath + "?access_token=" + goodToken, contentType: jsonType,
		body: `{"agent_id":1000000001234,"template_id":"` + templateID + `","userid_list":"u1,u2","dept_id_list":"5","to_all_user":true,"data":` + templateData + `}`,
	},
}

func serveTo(f *rooms, r request) *httptest.ResponseRecorder {
	h, _ := handler(f)
	return do(h, r)
}

// wantRefusal expects an errcode, and a text that says why.
func wantRefusal(t *testing.T, name string, w *httptest.ResponseRecorder, code, why string) {
	t.Helper()
	if got := shape(w); w.Code != http.StatusOK || !strings.HasPrefix(got, `{"errcode":`+code+`,`) || !strings.Contains(got, why) {
		t.Errorf("%s: %d %s, want %s and %q", name, w.Code, got, code, why)
	}
}

func TestEveryCarrierOfATemplate(t *testing.T) {
	t.Parallel()
	digests := map[[32]byte]bool{}
	for name, r := range templates {
		f := newRooms()
		r.header = http.Header{"Idempotency-Key": {"k1"}}
		w := serveTo(f, r)
		if got, want := shape(w), `{"errcode":0,"errmsg":"ok","task_id":256271667526,"request_id":"R"}`; got != want {
			t.Errorf("%s: %s", name, got)
			continue
		}
		want := []notify.TemplateRequest{{
			Envelope: notify.Envelope{
				AgentID: goodAgent, Audience: directory.Audience{Userids: []string{"u1", "u2"}, DeptIDs: []int64{5}},
				Endpoint: templatePath, IdempotencyKey: "k1",
			},
			TemplateID: templateID, Values: template.Values{"name": "张三", "count": "7", "link": `a"b`},
		}}
		if diff := cmp.Diff(want, f.templates, cmpopts.IgnoreFields(notify.Envelope{}, "Caller", "RequestDigest")); diff != "" {
			t.Errorf("%s: %s", name, diff)
			continue
		}
		digests[f.templates[0].RequestDigest] = true
	}
	if len(digests) != 1 {
		t.Errorf("one request, %d digests", len(digests))
	}
}

func TestTemplatesRefused(t *testing.T) {
	t.Parallel()
	body := func(rest string) string { return `{"agent_id":1000000001234,"userid_list":"u1"` + rest + `}` }
	id := `,"template_id":"` + templateID + `"`
	for name, c := range map[string]struct{ body, want, field string }{
		"no agent":           {`{"template_id":"x","userid_list":"u1"}`, "40035", "agent_id"},
		"no template":        {body(``), "40035", "template_id"},
		"an empty one":       {body(`,"template_id":""`), "40035", "template_id"},
		"a template in two":  {body(`,"template_id":["a","b"]`), "40035", "template_id"},
		"data is a list":     {body(id + `,"data":["a"]`), "40035", "data"},
		"data is a number":   {body(id + `,"data":7`), "40035", "data"},
		"data is no JSON":    {body(id + `,"data":"name=x"`), "40035", "data"},
		"data ends early":    {body(id + `,"data":"{\"a\":"`), "40035", "data"},
		"a key twice":        {body(id + `,"data":{"a":"1","a":"2"}`), "40035", "data"},
		"a value is no text": {body(id + `,"data":{"a":{"b":"c"}}`), "40035", "data.a"},
		"half a character":   {body(id + `,"data":{"a":"\ud800"}`), "40035", "data"},
		"half of one inside": {body(id + `,"data":"{\"a\":\"\\ud800\"}"`), "40035", "data"},
		"NUL":                {body(id + `,"data":{"a":"\u0000"}`), "40035", "data"},
		"NUL inside":         {body(id + `,"data":"{\"a\":\"\\u0000\"}"`), "40035", "data"},
		"deep":               {body(id + `,"data":{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}`), "40035", "data"},
	} {
		f := newRooms()
		w := serveTo(f, request{target: templatePath + "?access_token=" + goodToken, contentType: jsonType, body: c.body})
		wantRefusal(t, name, w, c.want, c.field)
		if len(f.templates) > 0 {
			t.Errorf("%s: was sent", name)
		}
	}
	// Two carriers that say different things.
	f := newRooms()
	w := serveTo(f, request{
		target: templatePath + "?" + form("access_token", goodToken, "data", `{"a":"1"}`), contentType: jsonType, body: body(id + `,"data":{"a":"2"}`),
	})
	wantRefusal(t, "two values", w, "40035", "data")
}

func TestWhatASendByTemplateAnswers(t *testing.T) {
	t.Parallel()
	for code, want := range map[fault.Code]string{
		fault.CodeTemplateUnknown: "885001", fault.CodeTemplateUnusable: "885006", fault.CodeTemplateValueMissing: "400002",
		fault.CodeTemplateValueBad: "400002", fault.CodeMessageFieldLong: "34016", fault.CodeAgentUnknown: "400002",
		fault.CodeTemplatesOff: "400002", fault.CodeUseridsTooMany: "40032", fault.CodeEveryoneForbidden: "41028", fault.CodeBusy: "-1",
	} {
		f := newRooms()
		f.err = fault.New(code, "why it is so").WithField("data.name")
		wantRefusal(t, string(code), serveTo(f, templates["data as an object"]), want, "why it is so")
	}
}
