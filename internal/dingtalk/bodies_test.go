package dingtalk_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/dingtalk"
)

func packed(tb testing.TB, body string) string {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(body)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func encoded(with ...string) http.Header { return http.Header{"Content-Encoding": with} }

// good is a body with what every route needs.
func good(tb testing.TB, path string) (contentType, body string) {
	tb.Helper()
	if path == "/media/upload" {
		return multipartBody(tb, part{"media", "a.png", "x"}, part{"type", "", "image"})
	}
	if path == "/sns/getuserinfo_bycode" {
		return jsonType, `{"accessKey":"key-1","timestamp":1,"signature":"s+1","tmp_auth_code":"sns-1"}`
	}
	return jsonType, `{"agent_id":1000000001234,"task_id":2,"msg_task_id":2,"status_value":"v","userid_list":"u","template_id":"t","msg":` + helloMsg +
		`,"msgtype":"text","msgcontent":{"content":"x"},"appkey":"key-1","appsecret":"secret-1","appKey":"key-1","appSecret":"secret-1","client_id":"key-1","client_secret":"secret-1",
		"grant_type":"client_credentials","clientId":"key-1","clientSecret":"secret-1","grantType":"authorization_code","code":"code-1","suiteKey":"suite-1","suiteSecret":"s","suiteTicket":"ticket","authCorpId":"corp-1","suite_key":"suite-1",
		"suite_secret":"s","suite_ticket":"ticket","suite_access_token":"tok-1","auth_corpid":"corp-1","agentid":1000000001234,"tmp_auth_code":"code-1","permanent_code":"permanent-1","touser":"u","text":{"content":"x"},"messageId":"2",
		"userid":"u","mobile":"13800000000","unionid":"x","dept_id":1,"department_id":1,"deptId":1,"userId":"u","id":1,"size":1,"name":"x","dept_id_list":"1","parent_id":1,"department":[1],"parentid":1,"useridlist":["u"],
		"url":"https://app.example.com/","token":"t","aes_key":"k","call_back_tag":["user_add_org"],
		"method":"dingtalk.oapi.message.corpconversation.recall","session":"tok-1"}`
}

// withBodies returns the paths of the routes that read a body.
func withBodies() []string {
	var paths []string
	for _, rt := range dingtalk.Routes() {
		if slices.Contains(rt.Methods, http.MethodPost) {
			paths = append(paths, strings.Replace(rt.Path, "{corpId}", "corp-1", 1))
		}
	}
	return paths
}

// On every route a packed body is what is in it, and what cannot be read says
// why.
func TestPackedBodies(t *testing.T) {
	t.Parallel()
	for _, path := range withBodies() {
		h, _ := handler(newRooms())
		kind, body := good(t, path)
		send := func(body string, header http.Header) (int, string) {
			header = header.Clone()
			if header == nil {
				header = http.Header{}
			}
			header.Set("X-Acs-Dingtalk-Access-Token", goodToken) // where the newer wire has it
			w := do(h, request{target: path + "?access_token=" + goodToken, contentType: kind, body: body, header: header})
			return w.Code, shape(w)
		}
		status, plain := send(body, nil)
		if status != http.StatusOK || strings.Contains(plain, "40035") || strings.Contains(plain, "error_response") {
			t.Errorf("%s: %d %s", path, status, plain)
		}
		for name, header := range map[string]http.Header{"gzip": encoded("gzip"), "x-gzip": encoded("X-GZip")} {
			if gotStatus, got := send(packed(t, body), header); gotStatus != status || got != plain {
				t.Errorf("%s, %s: %d %s, want %d %s", path, name, gotStatus, got, status, plain)
			}
		}
		if _, got := send(body, encoded("identity")); got != plain {
			t.Errorf("%s as it is: %s", path, got)
		}
		for name, c := range map[string]struct {
			body   string
			header http.Header
			why    string
		}{
			"deflate":     {body, encoded("deflate"), "Content-Encoding deflate is not understood"},
			"br":          {body, encoded("br"), "Content-Encoding br is not understood"},
			"twice":       {packed(t, packed(t, body)), encoded("gzip, gzip"), "Content-Encoding ? is not understood"},
			"two headers": {packed(t, packed(t, body)), encoded("gzip", "gzip"), "Content-Encoding ? is not understood"},
			"not packed":  {body, encoded("gzip"), "not a whole gzip stream"},
			"cut short":   {packed(t, body)[:len(packed(t, body))-9], encoded("gzip"), "not a whole gzip stream"},
			"mark":        {"\ufeff" + body, nil, "byte order mark"},
			"packed mark": {packed(t, "\ufeff"+body), encoded("gzip"), "byte order mark"},
			"UTF-16":      {"\xff\xfe{\x00}\x00", nil, "byte order mark"},
		} {
			if path == "/media/upload" && c.why == "byte order mark" {
				continue // it begins with a boundary, whatever is before
			}
			status, got := send(c.body, c.header)
			refused := status == http.StatusOK && strings.Contains(got, "40035")
			if isModern(path) {
				refused = status == http.StatusBadRequest && strings.Contains(got, `"InvalidParameter"`)
			}
			if !refused || !strings.Contains(got, c.why) {
				t.Errorf("%s, %s: %d %s", path, name, status, got)
			}
		}
	}
}

// A small body cannot become a large one.
func TestPackedBodiesHaveTheSameLimit(t *testing.T) {
	t.Parallel()
	for _, path := range withBodies() {
		kind, large := jsonType, `{"x":"`+strings.Repeat("x", 2<<20)+`"}`
		if path == "/media/upload" {
			kind, large = multipartBody(t, part{"type", "", "image"}, part{"media", "a.png", strings.Repeat("x", 21<<20)})
		}
		f := newRooms()
		h, _ := handler(f)
		w := do(h, request{target: path + "?access_token=" + goodToken, contentType: kind, body: packed(t, large), header: encoded("gzip")})
		if w.Code != http.StatusRequestEntityTooLarge || len(f.sends)+len(f.files) > 0 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
