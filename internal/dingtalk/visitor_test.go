package dingtalk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/policy"
)

// What the calls of an app's page answer.
func TestPageSignIns(t *testing.T) {
	t.Parallel()
	const token = "?access_token=" + goodToken
	for name, c := range map[string]struct{ method, target, body, want string }{
		"a visitor":            {"POST", "/topapi/v2/user/getuserinfo" + token, "code=page-", `{"errcode":0,"errmsg":"ok","result":{"userid":"ann","unionid":"union-1","sys":false,"sys_level":0,"name":"Ann"}`},
		"an owner":             {"POST", "/topapi/v2/user/getuserinfo" + token, "code=page-" + string(policy.Owner), `"sys":true,"sys_level":1`},
		"an administrator":     {"GET", "/topapi/v2/user/getuserinfo" + token + "&code=page-" + string(policy.Administrator), "", `"sys":true,"sys_level":2`},
		"another role":         {"GET", "/user/getuserinfo" + token + "&code=page-author", "", `{"errcode":0,"errmsg":"ok","userid":"ann","is_sys":false,"sys_level":0,`},
		"an unknown code":      {"POST", "/topapi/v2/user/getuserinfo" + token, "code=x", `{"errcode":40078,"errmsg":"不存在的临时授权码"`},
		"an unknown one, old":  {"GET", "/user/getuserinfo" + token + "&code=x", "", `{"errcode":40078,"errmsg":"不存在的临时授权码"`},
		"no code":              {"POST", "/topapi/v2/user/getuserinfo" + token, "", `{"errcode":40035,"errmsg":"缺少参数 code"`},
		"no token":             {"POST", "/topapi/v2/user/getuserinfo", "code=page-", `{"errcode":88,"errmsg":"ding talk error[subcode=40000`},
		"no token, old":        {"GET", "/user/getuserinfo?code=page-", "", `{"errcode":40000,`},
		"sns":                  {"POST", "/sns/getuserinfo_bycode?accessKey=key-1&timestamp=1&signature=s%2B1", `{"tmp_auth_code":"sns-1"}`, `{"errcode":0,"errmsg":"ok","user_info":{"nick":"Ann","openid":"open-1","unionid":"union-1","main_org_auth_high_level":false}`},
		"sns, plus as a blank": {"POST", "/sns/getuserinfo_bycode?accessKey=key-1&timestamp=1&signature=s+1", "tmp_auth_code=sns-1", `{"errcode":0,`},
		"sns, signature":       {"POST", "/sns/getuserinfo_bycode?accessKey=key-1&timestamp=1&signature=x", "tmp_auth_code=sns-1", `{"errcode":853004,"errmsg":"签名不匹配"`},
		"sns, code":            {"POST", "/sns/getuserinfo_bycode?accessKey=key-1&timestamp=1&signature=s%2B1", "tmp_auth_code=page-", `{"errcode":40078,`},
		"sns, no code":         {"POST", "/sns/getuserinfo_bycode?accessKey=key-1&timestamp=1&signature=s%2B1", "", `{"errcode":40035,"errmsg":"缺少参数 tmp_auth_code"`},
		"sns, no signature":    {"POST", "/sns/getuserinfo_bycode?accessKey=key-1&timestamp=1", "tmp_auth_code=sns-1", `{"errcode":40035,"errmsg":"缺少参数 signature"`},
		"sns by GET":           {"GET", "/sns/getuserinfo_bycode?accessKey=key-1&timestamp=1&signature=s%2B1&tmp_auth_code=sns-1", "", `{"errcode":43002,`},
		"ticket":               {"GET", "/get_jsapi_ticket" + token + "&type=jsapi", "", `{"errcode":0,"errmsg":"ok","ticket":"ticket-1000000001234","expires_in":7200,`},
		"ticket, no token":     {"GET", "/get_jsapi_ticket", "", `{"errcode":40000,`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newRooms()
			f.scopes = nil // any app may
			h, _ := handler(f)
			kind := formType
			if strings.HasPrefix(c.body, "{") {
				kind = jsonType
			}
			w := do(h, request{method: c.method, target: c.target, contentType: kind, body: c.body})
			if !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("got  %s\nwant %s", w.Body, c.want)
			}
		})
	}
}

// The newer ticket takes its token from the header, and from nowhere else.
func TestPageTicketTakesTheHeader(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	for token, want := range map[string]string{
		goodToken: `{"jsapiTicket":"ticket-1000000001234","expireIn":7200}`, "": `"code":"AuthenticationFailed.MissingParameter"`, "x": `"code":"InvalidAuthentication"`,
	} {
		r := request{method: http.MethodPost, target: "/v1.0/oauth2/jsapiTickets?access_token=" + goodToken, contentType: jsonType, body: `{"access_token":"` + goodToken + `"}`}.build()
		if token != "" {
			r.Header.Set("x-acs-dingtalk-access-token", token)
		}
		w := newRecorder()
		h.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q: %s, want %s", token, w.Body, want)
		}
	}
}
