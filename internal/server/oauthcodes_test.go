package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

const (
	pageURL    = "https://app.example.com:8443/home?tab=1"
	pageOrigin = "https://app.example.com:8443"
)

// visit is what the wire answers about a page code or an sns code.
type visit struct {
	Errcode int
	Result  struct {
		Userid, UnionID, Name string
		Sys                   bool
		SysLevel              int `json:"sys_level"`
	}
	UserInfo struct{ Nick, OpenID, UnionID string } `json:"user_info"`
}

func (n *node) mustHavePage(f firm, appID int64, address string) {
	if err := n.Apps().SetProfile(context.Background(), audit.ByOperator(), f.id, appID, app.Profile{Name: f.corpID, PageURL: address}); err != nil {
		n.fail("page: %v", err)
	}
}

// askPage is what the inbox does for a window that it has opened.
func askPage(t *testing.T, b *browser, agent int64, more string) (code, text string, status int) {
	t.Helper()
	status, text = b.mustAsk(t, http.MethodPost, "page-codes", fmt.Sprintf(`{"agent_id":"%d",%s}`, agent, more))
	var answer struct{ Code string }
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(text)
	}
	if status != http.StatusCreated {
		return "", text, status
	}
	return answer.Code, text, status
}

func (p *program) mustPageCode(t *testing.T, b *browser) string {
	t.Helper()
	code, text, status := askPage(t, b, p.agent, `"origin":"`+pageOrigin+`"`)
	if status != http.StatusCreated || !strings.HasPrefix(code, "tdc_") {
		t.Fatalf("page code: %d %s", status, text)
	}
	return code
}

func (n *node) visitor(token, code string) (v visit) {
	n.mustJSON(mustGet(n.base+"/topapi/v2/user/getuserinfo?access_token="+url.QueryEscape(token)+"&code="+url.QueryEscape(code)), &v)
	return v
}

func (p *program) sns(key, secret, code string) (v visit) {
	timestamp := fmt.Sprint(time.Now().Add(time.Duration(p.clock.Load())).UnixMilli())
	query := url.Values{"accessKey": {key}, "timestamp": {timestamp}, "signature": {app.Signature(secret, timestamp, "")}}
	r, err := http.NewRequest(http.MethodPost, p.base+"/sns/getuserinfo_bycode?"+query.Encode(), strings.NewReader(jsonOf(map[string]string{"tmp_auth_code": code})))
	if err != nil {
		p.fail("%v", err)
	}
	p.mustJSON(r, &v)
	return v
}

// mustSNSCode goes through our page as /connect/qrconnect asks it to.
func (p *program) mustSNSCode(t *testing.T, b *browser) string {
	t.Helper()
	status, text := b.mustAsk(t, http.MethodPost, "authorizations", jsonOf(p.request("kind", "sns", "scope", "snsapi_login")))
	var answer struct {
		To string `json:"redirect_url"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusCreated {
		t.Fatalf("authorize: %d %s", status, text)
	}
	to, err := url.Parse(answer.To)
	if err != nil || to.Query().Get("state") != "s&1" || to.Query().Get("code") == "" || to.Query().Has("authCode") {
		t.Fatalf("sent back to %s", answer.To)
	}
	return to.Query().Get("code")
}

// Each kind of code is taken by its own endpoint, by its own app and organization, once.
func TestEachKindOfCodeHasItsEndpoint(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		p.mustHavePage(p.firm, p.appID, pageURL)
		ann := p.mustBrowserOf(t, "ann")
		token := p.mustLogin(p.firm)
		other, otherAgent, otherSecret, err := p.Apps().CreateInternal(t.Context(), audit.ByOperator(), p.id, app.NewApp{Name: "Other"})
		if err != nil {
			t.Fatal(err)
		}
		otherToken := p.mustLogin(firm{key: other.Key, secret: otherSecret, agent: otherAgent.ID})
		theirs := p.mustFirm("Theirs", "ann")
		theirToken := p.mustLogin(theirs)
		make := map[string]func() string{
			"auth": func() string { return p.mustCode(t, ann, p.request()) },
			"sns":  func() string { return p.mustSNSCode(t, ann) },
			"page": func() string { return p.mustPageCode(t, ann) },
			"send": func() string { return p.mustOperateCode(t, ann) },
		}
		take := map[string]func(code string) bool{
			"auth": func(code string) bool { return p.exchange("code", code).AccessToken != "" },
			"sns":  func(code string) bool { return p.sns(p.key, p.secret, code).Errcode == 0 },
			"page": func(code string) bool { return p.visitor(token, code).Errcode == 0 },
			"send": func(code string) bool { return p.sendByCode(token, code, code).Errcode == 0 },
		}
		elsewhere := map[string]func(code string) bool{
			"another app's sns":     func(code string) bool { return p.sns(other.Key, otherSecret, code).Errcode == 0 },
			"another app's token":   func(code string) bool { return p.visitor(otherToken, code).Errcode == 0 },
			"another organization":  func(code string) bool { return p.visitor(theirToken, code).Errcode == 0 },
			"another one's program": func(code string) bool { return p.sns(theirs.key, theirs.secret, code).Errcode == 0 },
		}
		for kind := range make {
			code := make[kind]()
			for at, taken := range elsewhere {
				if taken(code) {
					t.Errorf("a code of kind %s is taken by %s", kind, at)
				}
			}
			for at, taken := range take {
				if at != kind && taken(code) {
					t.Errorf("a code of kind %s is taken at %s", kind, at)
				}
			}
			if !take[kind](code) {
				t.Errorf("a code of kind %s is not taken", kind)
			}
			if take[kind](code) {
				t.Errorf("a code of kind %s is taken twice", kind)
			}
			late := make[kind]()
			p.clock.Add(int64(5*time.Minute + time.Second))
			if take[kind](late) {
				t.Errorf("a code of kind %s is taken after five minutes", kind)
			}
		}
		who, err := client.New(p.base, client.Options{}).App(p.agent, client.AppKey{Key: p.key, Secret: p.secret}).Visitor(t.Context(), make["page"]())
		if err != nil || who.Userid != "ann" || who.Name != "ann" || who.Admin || who.Level != 0 {
			t.Errorf("by the client: %+v, %v", who, err)
		}
		v, s, me := p.visitor(token, make["page"]()), p.sns(p.key, p.secret, make["sns"]()), p.me(p.mustIn(t, ann).AccessToken)
		if v.Result.Userid != "ann" || v.Result.Name != "ann" || v.Result.UnionID != me.UnionID || v.Result.Sys || v.Result.SysLevel != 0 {
			t.Errorf("the page's visitor: %+v", v)
		}
		if s.UserInfo.Nick != "ann" || s.UserInfo.UnionID != me.UnionID || s.UserInfo.OpenID != me.OpenID {
			t.Errorf("sns: %+v, users/me: %+v", s, me)
		}
		for code, v := range map[int]visit{853004: p.sns(p.key, otherSecret, "x"), 40078: p.sns(p.key, p.secret, "x")} {
			if v.Errcode != code {
				t.Errorf("errcode %d, want %d", v.Errcode, code)
			}
		}
		for field, r := range map[string]map[string]string{
			"scope":          p.request("kind", "sns"),
			"code_challenge": p.request("kind", "sns", "scope", "snsapi_auth", "code_challenge", strings.Repeat("a", 43), "code_challenge_method", "S256"),
		} {
			if status, text := ann.mustAsk(t, http.MethodPost, "authorizations", jsonOf(r)); status != http.StatusBadRequest || !strings.Contains(text, `"field":"`+field+`"`) {
				t.Errorf("sns with another %s: %d %s", field, status, text)
			}
		}
	})
}

// Only a window at the app's page address gets a code, for somebody whom the app is for.
func TestWhoGetsAPageCode(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		p.mustHavePage(p.firm, p.appID, pageURL)
		ann := p.mustBrowserOf(t, "ann")
		theirs := p.mustFirm("Theirs", "ann")
		own := `"origin":"` + pageOrigin + `"`
		refused := func(what string, agent int64, more string, want fault.Code) {
			t.Helper()
			if code, text, _ := askPage(t, ann, agent, more); code != "" || !strings.Contains(text, `"`+string(want)+`"`) {
				t.Errorf("%s: %s", what, text)
			}
		}
		for _, origin := range []string{
			"https://app.example.com", "http://app.example.com:8443", "https://evil.example.com:8443", "https://app.example.com:8443.evil.example.com", "null", "", pageURL,
			"HTTPS://app.example.com:8443", pageOrigin + "/",
		} {
			refused("from "+origin, p.agent, `"origin":"`+origin+`"`, fault.CodePermissionDenied)
		}
		refused("for another app's key", p.agent, own+`,"client_id":"`+theirs.key+`"`, fault.CodePermissionDenied)
		refused("of another organization's app", theirs.agent, own, fault.CodeAgentUnknown)
		if code, text, _ := askPage(t, ann, p.agent, own+`,"client_id":"`+p.key+`"`); code == "" {
			t.Errorf("for its own key: %s", text)
		}
		if status, text := (stage{node: p.node}).ask(http.MethodPost, "page-codes", p.tokens["ann"], fmt.Sprintf(`{"agent_id":"%d",%s}`, p.agent, own)); status != http.StatusForbidden {
			t.Errorf("with an API token: %d %s", status, text)
		}
		// Pages that are reached in the clear, or have none, get no codes.
		for _, address := range []string{"", "http://app.example.com:8443/home", "https://应用.example.com:8443/"} {
			p.mustHavePage(p.firm, p.appID, address)
			refused("with the page "+address, p.agent, own, fault.CodePermissionDenied)
		}
		p.mustHavePage(p.firm, p.appID, "HTTP://LOCALHOST:80/x")
		if code, text, _ := askPage(t, ann, p.agent, `"origin":"http://localhost"`); code == "" {
			t.Errorf("of the same machine: %s", text)
		}
		p.mustHavePage(p.firm, p.appID, pageURL)
		if err := p.Apps().SetRange(t.Context(), audit.ByOperator(), p.id, p.agent, directory.Range{Userids: []string{"bob"}}); err != nil {
			t.Fatal(err)
		}
		refused("for whom the app is not for", p.agent, own, fault.CodeUserOutside)
	})
}

// What ends a person, an app or an installation ends page codes, and nothing brings them
// back. A third-party app learns who opens its page where it is installed, and nowhere else.
func TestWhatEndsPageCodes(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		provider := p.mustFirm("Provider", "ann")
		ctx, by := t.Context(), audit.ByOperator()
		suite, secret, err := p.Apps().CreateThirdParty(ctx, by, provider.id, app.NewApp{Name: "Suite", PageURL: pageURL}, true)
		if err != nil {
			t.Fatal(err)
		}
		everyone := app.Installation{Range: directory.Range{Everyone: true}}
		ours, err := p.Apps().Install(ctx, by, provider.id, suite.ID, p.id, everyone)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Apps().Install(ctx, by, provider.id, suite.ID, provider.id, everyone); err != nil {
			t.Fatal(err)
		}
		token := func(corpID string) string {
			token, err := p.Apps().CorpToken(ctx, app.SuiteProof{Key: suite.Key, Secret: secret, Ticket: "any"}, corpID)
			if err != nil {
				t.Fatal(err)
			}
			return token.Value
		}
		code := func() string {
			code, text, _ := askPage(t, p.mustBrowserOf(t, "ann"), ours.ID, `"origin":"`+pageOrigin+`"`)
			if code == "" {
				t.Fatal(text)
			}
			return code
		}
		one := code()
		if v := p.visitor(token(provider.corpID), one); v.Errcode != 40078 {
			t.Errorf("in the provider's organization: %+v", v)
		}
		if v := p.visitor(token(p.corpID), one); v.Result.Userid != "ann" {
			t.Errorf("where it is installed: %+v", v)
		}
		for what, c := range map[string]struct{ end, back func() error }{
			"the person":       {func() error { return p.Directory().DisableUser(ctx, by, p.id, "ann") }, func() error { return p.Directory().EnableUser(ctx, by, p.id, "ann") }},
			"the app":          {func() error { return p.Apps().DisableApp(ctx, by, provider.id, suite.ID) }, func() error { return p.Apps().EnableApp(ctx, by, provider.id, suite.ID) }},
			"the installation": {func() error { return p.Apps().DisableAgent(ctx, by, p.id, ours.ID) }, func() error { return p.Apps().EnableAgent(ctx, by, p.id, ours.ID) }},
		} {
			before := code()
			if err := c.end(); err != nil {
				t.Fatal(err)
			}
			if err := c.back(); err != nil {
				t.Fatal(err)
			}
			if v := p.visitor(token(p.corpID), before); v.Errcode != 40078 {
				t.Errorf("%s ended and is back: %+v", what, v)
			}
		}
	})
}

// The ticket of an installation stays the same, another's is another.
func TestPageTickets(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		theirs := p.mustFirm("Theirs")
		ticket := func(f firm) string {
			var older struct {
				Ticket    string
				ExpiresIn int `json:"expires_in"`
			}
			token := p.mustLogin(f)
			p.mustJSON(mustGet(p.base+"/get_jsapi_ticket?access_token="+url.QueryEscape(token)), &older)
			var newer struct {
				Ticket   string `json:"jsapiTicket"`
				ExpireIn int
			}
			r, err := http.NewRequest(http.MethodPost, p.base+"/v1.0/oauth2/jsapiTickets", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("x-acs-dingtalk-access-token", token)
			p.mustJSON(r, &newer)
			if older.Ticket == "" || older.Ticket != newer.Ticket || older.ExpiresIn != 7200 || newer.ExpireIn != 7200 {
				t.Errorf("%+v and %+v", older, newer)
			}
			return older.Ticket
		}
		if first := ticket(p.firm); first != ticket(p.firm) || first == ticket(theirs) {
			t.Error("tickets differ, or do not")
		}
	})
}
