package dingtalk_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
)

// answered is a body without its request id.
func answered(t *testing.T, f *rooms, r *http.Request) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	h, _ := handler(f)
	h.ServeHTTP(w, r)
	return w.Code, regexp.MustCompile(`,?"request_?id":"[0-9a-z]{12,13}"`).ReplaceAllString(w.Body.String(), "")
}

func post(path, kind, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

func TestSuiteRoutes(t *testing.T) {
	t.Parallel()
	const (
		signed   = "?accessKey=suite-1&timestamp=1527130370219&suiteTicket=ticket&signature=5PMX0%2B4w0TR03H51PTcORqTVqeQPOxuuuy1hk2aFKKg%3D"
		asJSON   = "application/json"
		asForm   = "application/x-www-form-urlencoded"
		tokenOld = `{"errcode":0,"errmsg":"ok","access_token":"tok-1","expires_in":7199}`
		tokenNew = `{"accessToken":"tok-1","expireIn":7199}`
		info     = `{"errcode":0,"errmsg":"ok","auth_corp_info":{"corpid":"corp-1","corp_name":"Corp"},"auth_user_info":{},"auth_info":{"agent":[{"agentid":1000000001234,"agent_name":"Suite","logo_url":"@icon","appid":3}]}}`
		noProof  = `{"errcode":40035,"errmsg":"缺少参数 suite_access_token or signature","sub_msg":"suite_access_token or signature is required"}`
		badToken = `{"errcode":40082,"errmsg":"不合法的suitetoken","sub_msg":"unknown token"}`
		// 40085 is left to the calls that carry the secret itself.
		badTicket = `{"errcode":853005,"errmsg":"签名中套件ticket参数无效","sub_msg":"wrong ticket"}`
		permanent = `{"errcode":0,"errmsg":"ok","permanent_code":"permanent-1","auth_corp_info":{"corpid":"corp-1","corp_name":"示例公司"}}`
		agent     = `{"errcode":0,"errmsg":"ok","agentid":1000000001234,"name":"Suite","logo_url":"@icon","description":"d","close":1}`
	)
	bySignature := app.SuiteProof{Key: "suite-1", Ticket: "ticket", Timestamp: "1527130370219", Signature: "5PMX0+4w0TR03H51PTcORqTVqeQPOxuuuy1hk2aFKKg="}
	byToken := app.SuiteProof{Token: "tok-1"}
	otherTicket := strings.Replace(signed, "Ticket=ticket", "Ticket=old", 1)
	bySecret := app.SuiteProof{Key: "suite-1", Secret: "s", Ticket: "ticket"}
	for name, c := range map[string]struct {
		r      *http.Request
		status int
		body   string
		proof  app.SuiteProof
	}{
		"corp token":               {post("/service/get_corp_token"+signed, asJSON, `{"auth_corpid":"corp-1"}`), 200, tokenOld, bySignature},
		"corp token, all in body":  {post("/service/get_corp_token", asForm, signed[1:]+"&auth_corpid=corp-1"), 200, tokenOld, bySignature},
		"corp token, plain plus":   {post("/service/get_corp_token"+strings.ReplaceAll(signed, "%2B", "+"), asJSON, `{"auth_corpid":"corp-1"}`), 200, tokenOld, bySignature},
		"corp token, unknown key":  {post("/service/get_corp_token"+strings.Replace(signed, "suite-1", "x", 1), asJSON, `{"auth_corpid":"corp-1"}`), 200, `{"errcode":853004,"errmsg":"签名不匹配","sub_msg":"unknown key"}`, app.SuiteProof{}},
		"corp token, elsewhere":    {post("/service/get_corp_token"+signed, asJSON, `{"auth_corpid":"corp-2"}`), 200, `{"errcode":41030,"errmsg":"企业未对该套件授权","sub_msg":"not installed"}`, bySignature},
		"corp token, no signature": {post("/service/get_corp_token?accessKey=suite-1&timestamp=1", asJSON, `{"auth_corpid":"corp-1"}`), 200, `{"errcode":40035,"errmsg":"缺少参数 signature","sub_msg":"signature is required"}`, app.SuiteProof{}},
		"corp token, no proof":     {post("/service/get_corp_token", asJSON, `{"auth_corpid":"corp-1"}`), 200, noProof, app.SuiteProof{}},
		"corp token, by token":     {post("/service/get_corp_token?suite_access_token=tok-1", asJSON, `{"auth_corpid":"corp-1"}`), 200, tokenOld, byToken},
		"corp token, wrong token":  {post("/service/get_corp_token?suite_access_token=x", asJSON, `{"auth_corpid":"corp-1"}`), 200, badToken, app.SuiteProof{}},
		"corp token, by both":      {post("/service/get_corp_token"+signed+"&suite_access_token=x", asJSON, `{"auth_corpid":"corp-1"}`), 200, tokenOld, bySignature},
		"corp token, wrong ticket": {post("/service/get_corp_token"+otherTicket, asJSON, `{"auth_corpid":"corp-1"}`), 200, badTicket, app.SuiteProof{}},
		"auth info, by token":      {post("/service/get_auth_info?suite_access_token=tok-1", asJSON, `{"auth_corpid":"corp-1"}`), 200, info, byToken},
		"auth info, wrong token":   {post("/service/get_auth_info?suite_access_token=x", asJSON, `{"auth_corpid":"corp-1"}`), 200, badToken, app.SuiteProof{}},
		"auth info, wrong ticket":  {post("/service/get_auth_info"+otherTicket, asJSON, `{"auth_corpid":"corp-1"}`), 200, badTicket, app.SuiteProof{}},
		"auth info, no proof":      {post("/service/get_auth_info", asJSON, `{"auth_corpid":"corp-1"}`), 200, noProof, app.SuiteProof{}},
		"auth info":                {post("/service/get_auth_info"+signed, asJSON, `{"auth_corpid":"corp-1","suite_key":"suite-1"}`), 200, info, bySignature},
		"suite token":              {post("/service/get_suite_token", asJSON, `{"suite_key":"suite-1","suite_secret":"s","suite_ticket":"ticket"}`), 200, `{"errcode":0,"errmsg":"ok","suite_access_token":"tok-1","expires_in":7199}`, bySecret},
		"suite token, other name":  {post("/service/get_suite_token", asJSON, `{"suite_key":"suite-1","suite_secret":"s","suiteTicket":"ticket"}`), 200, `{"errcode":0,"errmsg":"ok","suite_access_token":"tok-1","expires_in":7199}`, bySecret},
		"suite token, unknown":     {post("/service/get_suite_token", asJSON, `{"suite_key":"x","suite_secret":"s","suite_ticket":"ticket"}`), 200, `{"errcode":40083,"errmsg":"不合法的suiteid","sub_msg":"unknown key"}`, app.SuiteProof{}},
		"agent":                    {post("/service/get_agent?suite_access_token=tok-1", asJSON, `{"auth_corpid":"corp-1","agentid":1000000001234,"suite_key":"suite-1"}`), 200, agent, byToken},
		"agent, signed":            {post("/service/get_agent"+signed, asJSON, `{"auth_corpid":"corp-1","agentid":1000000001234}`), 200, agent, bySignature},
		"agent, wrong token":       {post("/service/get_agent?suite_access_token=x", asJSON, `{"auth_corpid":"corp-1","agentid":"1"}`), 200, badToken, app.SuiteProof{}},
		"agent, wrong ticket":      {post("/service/get_agent"+otherTicket, asJSON, `{"auth_corpid":"corp-1","agentid":"1"}`), 200, badTicket, app.SuiteProof{}},
		"agent, no proof":          {post("/service/get_agent", asJSON, `{"auth_corpid":"corp-1","agentid":"1"}`), 200, noProof, app.SuiteProof{}},
		"agent of others":          {post("/service/get_agent?suite_access_token=tok-1", asJSON, `{"auth_corpid":"corp-1","agentid":"1"}`), 200, `{"errcode":40056,"errmsg":"不合法的agentid","sub_msg":"unknown"}`, app.SuiteProof{}},
		"suite token, ticket":      {post("/service/get_suite_token", asJSON, `{"suite_key":"suite-1","suite_secret":"s","suite_ticket":"old"}`), 200, `{"errcode":40085,"errmsg":"不合法的suiteticket","sub_msg":"wrong ticket"}`, app.SuiteProof{}},
		"corp token, permanent":    {post("/service/get_corp_token?suite_access_token=tok-1", asJSON, `{"auth_corpid":"corp-1","permanent_code":"p"}`), 200, tokenOld, app.SuiteProof{Token: "tok-1", PermanentCode: "p"}},
		"permanent code":           {post("/service/get_permanent_code?suite_access_token=tok-1", asJSON, `{"tmp_auth_code":"code-1"}`), 200, permanent, byToken},
		"permanent code, signed":   {post("/service/get_permanent_code"+signed, asForm, `tmp_auth_code=code-1`), 200, permanent, bySignature},
		"permanent code, used":     {post("/service/get_permanent_code?suite_access_token=tok-1", asJSON, `{"tmp_auth_code":"x"}`), 200, `{"errcode":40078,"errmsg":"不存在的临时授权码","sub_msg":"unknown code"}`, byToken},
		"permanent code, no code":  {post("/service/get_permanent_code?suite_access_token=tok-1", asJSON, `{}`), 200, `{"errcode":40035,"errmsg":"缺少参数 tmp_auth_code","sub_msg":"tmp_auth_code is required"}`, app.SuiteProof{}},
		"permanent code, no proof": {post("/service/get_permanent_code", asJSON, `{"tmp_auth_code":"code-1"}`), 200, noProof, app.SuiteProof{}},
		"activated":                {post("/service/activate_suite?suite_access_token=tok-1", asJSON, `{"suite_key":"suite-1","auth_corpid":"corp-1","permanent_code":"permanent-1"}`), 200, `{"errcode":0,"errmsg":"ok"}`, byToken},
		"activated, wrong code":    {post("/service/activate_suite?suite_access_token=tok-1", asJSON, `{"suite_key":"suite-1","auth_corpid":"corp-1","permanent_code":"x"}`), 200, `{"errcode":40084,"errmsg":"不合法的永久授权码","sub_msg":"wrong code"}`, byToken},
		"activated, wrong suite":   {post("/service/activate_suite?suite_access_token=tok-1", asJSON, `{"suite_key":"x","auth_corpid":"corp-1","permanent_code":"permanent-1"}`), 200, `{"errcode":40083,"errmsg":"不合法的suiteid","sub_msg":"another app's"}`, byToken},
		"activated elsewhere":      {post("/service/activate_suite?suite_access_token=tok-1", asJSON, `{"suite_key":"suite-1","auth_corpid":"x","permanent_code":"permanent-1"}`), 200, `{"errcode":41030,"errmsg":"企业未对该套件授权","sub_msg":"not installed"}`, byToken},
		"new corp token":           {post("/v1.0/oauth2/corpAccessToken", asJSON, `{"suiteKey":"suite-1","suiteSecret":"s","suiteTicket":"ticket","authCorpId":"corp-1"}`), 200, tokenNew, bySecret},
		"new corp token, unknown":  {post("/v1.0/oauth2/corpAccessToken", asJSON, `{"suiteKey":"x","suiteSecret":"s","suiteTicket":"ticket","authCorpId":"corp-1"}`), 400, `{"code":"invalidSuiteKey","message":"unknown key"}`, app.SuiteProof{}},
		"new corp token elsewhere": {post("/v1.0/oauth2/corpAccessToken", asJSON, `{"suiteKey":"suite-1","suiteSecret":"s","suiteTicket":"ticket","authCorpId":"x"}`), 400, `{"code":"invalidAuthInfo","message":"not installed"}`, bySecret},
		"new suite token":          {post("/v1.0/oauth2/suiteAccessToken", asJSON, `{"suiteKey":"suite-1","suiteSecret":"s","suiteTicket":"ticket"}`), 200, tokenNew, bySecret},
		"of an organization":       {post("/v1.0/oauth2/corp-1/token", asJSON, `{"client_id":"key-1","client_secret":"secret-1","grant_type":"client_credentials"}`), 200, `{"access_token":"tok-1","expires_in":7199}`, app.SuiteProof{}},
		"of none":                  {post("/v1.0/oauth2/corp-2/token", asJSON, `{"client_id":"key-1","client_secret":"secret-1","grant_type":"client_credentials"}`), 400, `{"code":"invalid.client","message":"不合法的appKey或appSecret"}`, app.SuiteProof{}},
		"of another grant":         {post("/v1.0/oauth2/corp-1/token", asJSON, `{"client_id":"key-1","client_secret":"secret-1","grant_type":"password"}`), 400, `{"code":"unsupported.grant.type","message":"grant_type must be client_credentials"}`, app.SuiteProof{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newRooms()
			status, body := answered(t, f, c.r)
			if status != c.status || body != c.body {
				t.Errorf("%d %s\nwant %d %s", status, body, c.status, c.body)
			}
			if c.proof != (app.SuiteProof{}) && (len(f.proofs) != 1 || f.proofs[0] != c.proof) {
				t.Errorf("proofs %+v, want %+v", f.proofs, c.proof)
			}
		})
	}
}
