package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// wireStage is a server with what every call of the wire needs.
type wireStage struct {
	*node
	t                   *testing.T
	raw                 *sql.DB
	client              *http.Client
	tokens              map[string]string // by what they are
	organization, appID int64
	good                map[string]any // parameters with which any call goes well
	own                 map[string]map[string]any
}

// mustWireStage makes two organizations, ours with a person, several apps, one of
// them a third party's, and what the calls are about.
func mustWireStage(t *testing.T, engine string) *wireStage {
	t.Helper()
	ctx, c := context.Background(), settings(t, engine)
	n := mustRun(t, c, nil)
	_, raw := storetest.Raw(t, c.Database)
	ours, theirs := n.mustFirm("Ours", "reader"), n.mustFirm("Theirs")
	dept := n.mustDept(ours, 1, "Secret department")
	n.mustPerson(ours, "ann", "Secret name", "J1", "13900000001", dept)
	another := func(name string) firm {
		a, g, secret, err := n.Apps().CreateInternal(ctx, audit.ByOperator(), ours.id, app.NewApp{Name: name})
		must(t, err)
		return firm{id: a.ID, key: a.Key, secret: secret, agent: g.ID}
	}
	mine := another("Notices")
	ours.key, ours.secret, ours.agent = mine.key, mine.secret, mine.agent
	token := n.mustLogin(ours)
	old, revoked := another("Old"), another("Revoked")
	w := &wireStage{t: t, node: n, organization: ours.id, appID: mine.id, raw: raw, client: clientFromAnywhere(), tokens: map[string]string{
		"none": "", "wrong": "made.up", "good": token, "expired": n.mustLogin(old), "revoked": n.mustLogin(revoked),
		"another app": n.mustLogin(another("Another")), "another organization": n.mustLogin(theirs),
	}}
	w.grant(app.NewScopes(app.Internal))
	_, err := raw.ExecContext(ctx, fmt.Sprintf("UPDATE access_token SET expires_at = 1 WHERE agent_id = %d", old.agent))
	must(t, err)
	must(t, n.Apps().EndTokens(ctx, audit.ByOperator(), ours.id, revoked.id))

	suite, suiteSecret, err := n.Apps().CreateThirdParty(ctx, audit.ByOperator(), theirs.id, app.NewApp{Name: "Suite"}, true)
	must(t, err)
	installed, err := n.Apps().Install(ctx, audit.ByOperator(), theirs.id, suite.ID, ours.id, app.Installation{Range: directory.Range{Everyone: true}})
	must(t, err)
	card := map[string]any{"head": map[string]any{"bgcolor": "FF3E7BFA", "text": "x"}, "body": map[string]any{"title": "Card"}}
	w.good = map[string]any{
		"agent_id": ours.agent, "agentid": ours.agent, "userid_list": "ann", "touser": "ann", "to_all_user": false,
		"msg":     map[string]any{"msgtype": "text", "text": map[string]any{"content": "Hello"}},
		"msgtype": "text", "msgcontent": map[string]any{"content": "Hello"}, "text": map[string]any{"content": "Hello"},
		"template_id": strings.Repeat("0", 32), "data": map[string]any{}, "status_value": "Done",
		"task_id": n.mustSendMessage(ours, token, "oa", card), "msg_task_id": n.mustSend(ours, token, "To be recalled"),
		"messageId": fmt.Sprint(n.mustSend(ours, token, "Hello, everyone")), "media_id": n.mustUpload(token, "voice", "a.amr", []byte("#!AMR\nsecret")),
		"appkey": ours.key, "appsecret": ours.secret, "appKey": ours.key, "appSecret": ours.secret,
		"client_id": ours.key, "client_secret": ours.secret, "grant_type": "client_credentials",
		"suite_key": suite.Key, "suite_secret": suiteSecret, "suite_ticket": "any", "suiteKey": suite.Key, "suiteSecret": suiteSecret,
		"suiteTicket": "any", "auth_corpid": ours.corpID, "authCorpId": ours.corpID, "corpId": ours.corpID,
		"userid": "ann", "mobile": "13900000001", "unionid": "x", "dept_id": dept, "department_id": dept, "id": dept, "size": 10, "cursor": 0,
		"code": "none", "tmp_auth_code": "none", "permanent_code": "none",
		"method": "dingtalk.oapi.message.corpconversation.getsendprogress",
	}
	var answer struct {
		Token string `json:"suite_access_token"`
	}
	r := w.post("/service/get_suite_token", "application/x-www-form-urlencoded", url.Values{
		"suite_key": {suite.Key}, "suite_secret": {suiteSecret}, "suite_ticket": {"any"},
	}.Encode())
	n.mustJSON(r, &answer)
	w.good["suite_access_token"] = answer.Token
	w.own = map[string]map[string]any{
		"/service/get_agent":      {"agentid": installed.ID},
		"/sns/getuserinfo_bycode": {"accessKey": ours.key, "timestamp": 1, "signature": "none", "tmp_auth_code": "none"},
	}
	return w
}

// grant gives our app these scopes.
func (w *wireStage) grant(scopes []string) {
	w.t.Helper()
	must(w.t, w.Apps().SetGrants(context.Background(), audit.ByOperator(), w.organization, w.appID, app.Grants{SendToEveryone: true, Scopes: scopes}))
}

// clientFromAnywhere makes each call from another address than the one before: too many
// wrong tokens from one are refused as such.
func clientFromAnywhere() *http.Client {
	var calls atomic.Uint32
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		n := calls.Add(1)
		from := &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}
		return (&net.Dialer{LocalAddr: from}).DialContext(ctx, network, address)
	}
	return &http.Client{Timeout: aHang, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
}

func (w *wireStage) post(target, contentType, body string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, w.base+target, strings.NewReader(body))
	if err != nil {
		w.fail("%s: %v", target, err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// path is a route's path with a corp id.
func (w *wireStage) path(rt dingtalk.Route) string {
	return strings.Replace(rt.Path, "{corpId}", w.good["corpId"].(string), 1)
}

// parameters are a good call's of a route.
func (w *wireStage) parameters(rt dingtalk.Route) map[string]any {
	all := maps.Clone(w.good)
	maps.Copy(all, w.own[rt.Path])
	return all
}

func tokenName(rt dingtalk.Route) string {
	if rt.Gateway {
		return "session"
	}
	return "access_token"
}

// texts are parameters as a query or a form has them.
func texts(parameters map[string]any) url.Values {
	values := url.Values{}
	for name, v := range parameters {
		values.Set(name, textOf(v))
	}
	return values
}

func textOf(v any) string {
	if _, inside := v.(map[string]any); inside {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	return fmt.Sprint(v)
}

// written is parameters as a JSON object, each as change makes it.
func written(parameters map[string]any, change func(any) any) string {
	all := map[string]any{}
	for name, v := range parameters {
		all[name] = change(v)
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func asItIs(v any) any { return v }

func scalarsAsText(v any) any {
	if _, inside := v.(map[string]any); inside {
		return v
	}
	return textOf(v)
}

func insideAsText(v any) any {
	if _, inside := v.(map[string]any); inside {
		return textOf(v)
	}
	return v
}

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// carriers are the ways to carry a call of a route with a token.
func (w *wireStage) carriers(rt dingtalk.Route, token string) map[string]*http.Request {
	path, all := w.path(rt), w.parameters(rt)
	head := path + "?" + url.Values{tokenName(rt): {token}}.Encode()
	whole := maps.Clone(all)
	whole[tokenName(rt)] = token
	in := map[string]*http.Request{}
	if slices.Contains(rt.Methods, http.MethodGet) {
		in["GET"] = mustGet(w.base + path + "?" + texts(whole).Encode())
	}
	switch {
	case !slices.Contains(rt.Methods, http.MethodPost):
		return in
	case rt.Multipart:
		maps.Copy(in, w.multipart(path, token))
		return in
	}
	typed := written(all, asItIs)
	in["JSON"] = w.post(head, asJSON, typed)
	in["JSON of texts"] = w.post(head, asJSON+";charset=UTF-8", written(all, scalarsAsText))
	in["JSON in JSON"] = w.post(head, asJSON, written(all, insideAsText))
	in["token in JSON"] = w.post(path, asJSON, written(whole, asItIs))
	in["chunked"] = w.post(head, asJSON, typed)
	in["chunked"].ContentLength = -1
	in["gzip"] = w.post(head, asJSON, zipped(typed))
	in["gzip"].Header.Set("Content-Encoding", "gzip")
	if !rt.BodyOnly {
		in["form"] = w.post(path, asForm+";charset=utf-8", texts(whole).Encode())
		in["query"] = w.post(path+"?"+texts(whole).Encode(), asJSON, "")
	}
	return in
}

// multipart are the ways to carry an upload.
func (w *wireStage) multipart(path, token string) map[string]*http.Request {
	field := func(name, value string) aPart { return aPart{name, "", value} }
	file, kind, pass := aPart{"media", "a.amr", "#!AMR\nsecret"}, field("type", "voice"), field("access_token", token)
	head := path + "?" + url.Values{"access_token": {token}}.Encode()
	in := map[string]*http.Request{}
	for name, c := range map[string]struct {
		target string
		parts  []aPart
	}{
		"type in the form":  {head, []aPart{kind, file}},
		"type behind":       {head, []aPart{file, kind}},
		"type in the query": {head + "&type=voice", []aPart{file}},
		"token in the form": {path, []aPart{pass, kind, file}},
		"chunked":           {head, []aPart{kind, file}},
		"gzip":              {head, []aPart{kind, file}},
	} {
		contentType, body := form(w.t, c.parts...)
		text := string(body)
		if name == "gzip" {
			text = zipped(text)
		}
		in[name] = w.post(c.target, contentType, text)
		switch name {
		case "gzip":
			in[name].Header.Set("Content-Encoding", "gzip")
		case "chunked":
			in[name].ContentLength = -1
		}
	}
	return in
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text) // into memory
	_ = z.Close()
	return b.String()
}

// said is an answer as far as it decides something: "0", an errcode, "88/40014", the
// code of the newer wire, or "file".
func (w *wireStage) said(t *testing.T, rt dingtalk.Route, r *http.Request) (said, text string) {
	t.Helper()
	began := time.Now()
	answer, err := w.client.Do(r)
	if err != nil {
		t.Fatalf("%s: %v", r.URL.Path, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s: %v after %s", r.URL.Path, err, time.Since(began))
	}
	text = string(body)
	if answer.StatusCode >= http.StatusInternalServerError {
		t.Errorf("%s: status %d %s", r.URL.Path, answer.StatusCode, text)
	}
	if kind := answer.Header.Get("Content-Type"); kind != asJSON {
		return "file", text
	}
	var a struct {
		Errcode   *int   `json:"errcode"`
		Errmsg    string `json:"errmsg"`
		SubCode   string `json:"sub_code"`
		RequestID string `json:"request_id"`
		Code      string `json:"code"`
		ModernID  string `json:"requestid"`
		Failure   *struct {
			Code      int    `json:"code"`
			Msg       string `json:"msg"`
			RequestID string `json:"request_id"`
		} `json:"error_response"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatalf("%s: %v in %s", r.URL.Path, err, text)
	}
	good := answer.StatusCode == http.StatusOK
	switch {
	case rt.Modern && good && a.Code == "" && a.ModernID == "" && a.Errcode == nil:
		return "0", text
	case rt.Modern && !good && a.Code != "" && a.ModernID != "":
		return a.Code, text
	case rt.Gateway && good && a.Failure != nil && a.Failure.Msg != "" && a.Failure.RequestID != "":
		return fmt.Sprint(a.Failure.Code), text
	case rt.Gateway && good && a.Failure == nil && strings.Contains(text, `_response":{`):
		return "0", text
	case rt.Modern || rt.Gateway || !good || a.Errcode == nil || a.RequestID == "" || *a.Errcode != 0 && a.Errmsg == "" ||
		(a.SubCode != "") != (*a.Errcode == 88) || *a.Errcode == 500:
		t.Errorf("%s: %d %s", r.URL.Path, answer.StatusCode, text)
	case *a.Errcode == 88:
		return "88/" + a.SubCode, text
	}
	if a.Errcode == nil {
		return "nothing", text
	}
	return fmt.Sprint(*a.Errcode), text
}

// housekeeping are the tables in which a server keeps by itself how far it is, some
// only after a minute: the search for files without a message, the planner's figures.
var housekeeping = []string{"media_scan", "sqlite_stat1", "sqlite_stat4"}

// rows counts the rows of every table.
func (w *wireStage) rows(t *testing.T) map[string]int {
	t.Helper()
	ctx := context.Background()
	list := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if strings.Contains(fmt.Sprintf("%T", w.raw.Driver()), "stdlib") { // pgx
		list = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	found, err := w.raw.QueryContext(ctx, list)
	must(t, err)
	defer found.Close()
	counts := map[string]int{}
	for found.Next() {
		var name string
		must(t, found.Scan(&name))
		if !slices.Contains(housekeeping, name) {
			counts[name] = 0
		}
	}
	must(t, found.Err())
	for name := range counts {
		var n int
		must(t, w.raw.QueryRowContext(ctx, `SELECT COUNT(*) FROM "`+name+`"`).Scan(&n))
		counts[name] = n
	}
	return counts
}
