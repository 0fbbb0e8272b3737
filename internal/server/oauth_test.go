package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/directory"
)

const callback = "https://app.example.com/login/callback"

// program is one that people sign in to: an organization's app that declares callback.
type program struct {
	*node
	firm
	config config.Config
	appID  int64
	clock  *atomic.Int64 // by how much the server's clock is ahead
}

// mustProgram runs a server with a clock that moves, and an organization with people.
func mustProgram(t *testing.T, engine string) *program {
	t.Helper()
	p := &program{clock: &atomic.Int64{}}
	o := options(nil)
	o.Now = func() time.Time { return time.Now().Add(time.Duration(p.clock.Load())) }
	p.config = settings(t, engine)
	p.node = mustRunWith(t, p.config, o)
	p.firm = p.mustFirm("Ours", "ann", "bob")
	p.appID = p.mustDeclare(p.firm, callback)
	return p
}

func (n *node) mustDeclare(f firm, addresses ...string) int64 {
	all, err := n.Apps().Apps(context.Background(), f.id)
	if err != nil || len(all) != 1 {
		n.fail("apps: %v %v", all, err)
	}
	if _, err := n.SignIns().SetRedirectURIs(context.Background(), audit.ByOperator(), f.id, all[0].App.ID, addresses); err != nil {
		n.fail("redirect addresses: %v", err)
	}
	return all[0].App.ID
}

// request is what the program's address asks for.
func (p *program) request(changes ...string) map[string]string {
	r := map[string]string{"client_id": p.key, "redirect_uri": callback + "?next=%2Fhome", "response_type": "code", "scope": "openid", "state": "s&1"}
	for i := 0; i < len(changes); i += 2 {
		r[changes[i]] = changes[i+1]
	}
	return r
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// mustCode signs in and returns the code that the browser is sent back with.
func (p *program) mustCode(t *testing.T, b *browser, r map[string]string) string {
	t.Helper()
	status, text := b.mustAsk(t, http.MethodPost, "authorizations", jsonOf(r))
	var answer struct {
		To string `json:"redirect_url"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusCreated {
		t.Fatalf("authorize: %d %s", status, text)
	}
	to, err := url.Parse(answer.To)
	if err != nil {
		t.Fatal(err)
	}
	q := to.Query()
	if !strings.HasPrefix(answer.To, callback+"?next=%2Fhome&") || q.Get("state") != "s&1" || q.Get("code") == "" || q.Get("authCode") != q.Get("code") {
		t.Fatalf("sent back to %s", answer.To)
	}
	return q.Get("code")
}

// answered is what the wire answers.
type answered struct {
	Status       int
	Code         string
	Message      string
	AccessToken  string
	RefreshToken string
	ExpireIn     int
	CorpID       string `json:"corpId"`
	Nick         string
	UnionID      string `json:"unionId"`
	OpenID       string `json:"openId"`
	Mobile       string
	StateCode    string
	Email        string
	Visitor      *bool
	Denied       struct {
		RequiredScopes []string
	} `json:"accessdenieddetail"`
}

func (p *program) exchange(fields ...string) (a answered) {
	body := map[string]string{"clientId": p.key, "clientSecret": p.secret, "grantType": "authorization_code"}
	for i := 0; i < len(fields); i += 2 {
		body[fields[i]] = fields[i+1]
	}
	r, err := http.NewRequest(http.MethodPost, p.base+"/v1.0/oauth2/userAccessToken", strings.NewReader(jsonOf(body)))
	if err != nil {
		p.fail("%v", err)
	}
	r.Header.Set("Content-Type", "application/json")
	a.Status = p.mustJSON(r, &a)
	return a
}

func (p *program) me(token string) (a answered) {
	r := mustGet(p.base + "/v1.0/contact/users/me")
	if token != "" {
		r.Header.Set("x-acs-dingtalk-access-token", token)
	}
	a.Status = p.mustJSON(r, &a)
	return a
}

// mustIn signs somebody in to the program, all the way.
func (p *program) mustIn(t *testing.T, b *browser) answered {
	t.Helper()
	a := p.exchange("code", p.mustCode(t, b, p.request()))
	if a.Status != http.StatusOK || a.AccessToken == "" || a.RefreshToken == "" || a.ExpireIn != 7200 || a.CorpID != p.corpID {
		t.Fatalf("exchange: %+v", a)
	}
	return a
}

func (p *program) mustBrowserOf(t *testing.T, userid string) *browser {
	t.Helper()
	b := p.mustBrowser(t)
	b.mustSignIn(t, p.node, p.firm, userid)
	return b
}

// Somebody who is not signed in is told what is asked, signs in, consents, and the program
// learns who they are.
func TestSignInToAProgram(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		mobile, mail := "+86 138-0000-0001", "ann@example.com"
		if _, err := p.Directory().UpdateUser(t.Context(), audit.ByOperator(), p.id, "ann", directory.UserChange{Mobile: &mobile, Email: &mail}); err != nil {
			t.Fatal(err)
		}
		b := p.mustBrowser(t)
		var asked struct {
			AppName string `json:"app_name"`
			Told    []string
			Host    string
			Asks    bool
			Cancel  string `json:"cancel_url"`
			Person  *struct{ Userid string }
		}
		describe := func(r map[string]string) {
			t.Helper()
			asked.Person = nil
			status, text := b.mustAsk(t, http.MethodPost, "authorizations/describe", jsonOf(r))
			if err := json.Unmarshal([]byte(text), &asked); err != nil || status != http.StatusOK {
				t.Fatalf("describe: %d %s", status, text)
			}
		}
		describe(p.request())
		if asked.Person != nil || !asked.Asks || asked.AppName != "Ours app" || fmt.Sprint(asked.Told) != "[contact openid]" || asked.Host != "app.example.com" {
			t.Errorf("nobody is told %+v", asked)
		}
		if want := callback + "?next=%2Fhome&error=access_denied&state=s%261"; asked.Cancel != want {
			t.Errorf("refusing leads to %s, want %s", asked.Cancel, want)
		}
		if status, _ := b.mustAsk(t, http.MethodPost, "authorizations", jsonOf(p.request())); status != http.StatusUnauthorized {
			t.Errorf("nobody consents: %d", status)
		}
		b.mustSignIn(t, p.node, p.firm, "ann")
		if describe(p.request()); asked.Person == nil || asked.Person.Userid != "ann" || !asked.Asks {
			t.Errorf("ann is told %+v", asked)
		}
		in := p.mustIn(t, b)
		me := p.me(in.AccessToken)
		contact, err := p.Directory().Contact(t.Context(), directory.Viewer{Organization: p.id, Within: directory.Range{Everyone: true}, Provider: p.id}, "ann")
		if err != nil {
			t.Fatal(err)
		}
		if me.Status != http.StatusOK || me.Nick != "ann" || me.UnionID != contact.UnionID || me.OpenID == "" || me.OpenID == me.UnionID ||
			me.Mobile != "13800000001" || me.StateCode != "86" || me.Email != mail || me.Visitor == nil || *me.Visitor {
			t.Errorf("users/me: %+v", me)
		}

		// Whoever has consented is not asked again, but for another address, other scopes, or
		// when the program wants it.
		for _, c := range []struct {
			asks    bool
			request map[string]string
		}{
			{false, p.request()},
			{false, p.request("redirect_uri", callback+"?next=other")},
			{true, p.request("prompt", "consent")},
			{true, p.request("prompt", "login consent")},
			{false, p.request("prompt", "login")},
			{true, p.request("scope", "openid corpid")},
		} {
			if describe(c.request); asked.Asks != c.asks {
				t.Errorf("%v: asks %v", c.request, asked.Asks)
			}
		}
		p.mustDeclare(p.firm, callback, "https://app.example.com/other")
		if describe(p.request("redirect_uri", "https://app.example.com/other")); !asked.Asks {
			t.Error("another address is not asked for")
		}
	})
}

// A request that is not in order is refused in words, and no address comes out of it.
func TestRequestsOfProgramsThatAreRefused(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		b := p.mustBrowserOf(t, "ann")
		theirs := p.mustFirm("Theirs", "ann")
		p.mustDeclare(theirs, "https://theirs.example.com/cb")
		trusted := []string{"trusted.example.com"}
		all, err := p.Apps().Apps(t.Context(), p.id)
		if err != nil {
			t.Fatal(err)
		}
		profile := all[0].App.Profile()
		profile.TrustedHosts = trusted
		if err := p.Apps().SetProfile(t.Context(), audit.ByOperator(), p.id, p.appID, profile); err != nil {
			t.Fatal(err)
		}
		hash := base64.RawURLEncoding.EncodeToString(make([]byte, sha256.Size))
		for _, c := range []struct{ field, name, value string }{
			{"", "client_id", "nobody"},
			{"", "client_id", ""},
			{"redirect_uri", "redirect_uri", "https://trusted.example.com/login/callback"},
			{"redirect_uri", "redirect_uri", "https://theirs.example.com/cb"},
			{"redirect_uri", "redirect_uri", "https://app.example.com/login/callback/"},
			{"redirect_uri", "redirect_uri", "https://app.example.com/login"},
			{"redirect_uri", "redirect_uri", "https://app.example.com:8443/login/callback"},
			{"redirect_uri", "redirect_uri", "http://app.example.com/login/callback"},
			{"redirect_uri", "redirect_uri", "https://app.example.com.example.org/login/callback"},
			{"redirect_uri", "redirect_uri", "https://app.example.com@example.org/login/callback"},
			{"redirect_uri", "redirect_uri", `https://example.org\@app.example.com/login/callback`},
			{"redirect_uri", "redirect_uri", "https://example.org%5c@app.example.com/login/callback"},
			{"redirect_uri", "redirect_uri", "//app.example.com/login/callback"},
			{"redirect_uri", "redirect_uri", callback + "#part"},
			{"redirect_uri", "redirect_uri", "HTTPS://APP.EXAMPLE.COM/login/callback"},
			{"redirect_uri", "redirect_uri", callback + "?code=mine"},
			{"redirect_uri", "redirect_uri", callback + "?state=mine"},
			{"redirect_uri", "redirect_uri", callback + "?a;b=%"},
			{"redirect_uri", "redirect_uri", "javascript:alert(1)"},
			{"redirect_uri", "redirect_uri", ""},
			{"response_type", "response_type", "token"},
			{"code_challenge", "code_challenge", "short"},
			{"code_challenge_method", "code_challenge", hash},
		} {
			for _, path := range []string{"authorizations/describe", "authorizations"} {
				status, text := b.mustAsk(t, http.MethodPost, path, jsonOf(p.request(c.name, c.value)))
				var refused struct{ Code, Field string }
				if err := json.Unmarshal([]byte(text), &refused); err != nil || status < 400 || status >= 500 || refused.Field != c.field || strings.Contains(text, "tdc_") {
					t.Errorf("%s with %s=%s: %d %s", path, c.name, c.value, status, text)
				}
			}
		}
		// Another organization's app is nothing that one can consent to with a session here.
		status, text := b.mustAsk(t, http.MethodPost, "authorizations", jsonOf(p.request("client_id", theirs.key, "redirect_uri", "https://theirs.example.com/cb")))
		if status != http.StatusForbidden {
			t.Errorf("another organization's app: %d %s", status, text)
		}
		// A token of the API is no session.
		if status, text := (stage{node: p.node}).ask(http.MethodPost, "authorizations", p.tokens["ann"], jsonOf(p.request())); status != http.StatusForbidden {
			t.Errorf("with an API token: %d %s", status, text)
		}
		for _, path := range []string{"/oauth2/auth", "/oauth2/challenge.htm"} {
			w, err := http.Get(p.base + path + "?client_id=x&redirect_uri=https://evil.example.com/")
			if err != nil {
				t.Fatal(err)
			}
			_ = w.Body.Close()
			if policy := w.Header.Get("Content-Security-Policy"); w.StatusCode != http.StatusOK || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s: %d %s", path, w.StatusCode, policy)
			}
		}
	})
}

// A code is good once, for its app, its organization and its verifier, for five minutes.
func TestCodesAreGoodOnce(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		ann := p.mustBrowserOf(t, "ann")
		refused := func(what string, a answered) {
			t.Helper()
			if a.Status != http.StatusBadRequest || a.Code != "invalidParameter.authCode.notFound" || a.AccessToken != "" {
				t.Errorf("%s: %+v", what, a)
			}
		}
		// Another app of the organization, and one of an organization with the same people.
		other, _, otherSecret, err := p.Apps().CreateInternal(t.Context(), audit.ByOperator(), p.id, app.NewApp{Name: "Other"})
		if err != nil {
			t.Fatal(err)
		}
		theirs := p.mustFirm("Theirs", "ann", "bob")
		code := p.mustCode(t, ann, p.request())
		refused("another app", p.exchange("code", code, "clientId", other.Key, "clientSecret", otherSecret))
		refused("another organization's app", p.exchange("code", code, "clientId", theirs.key, "clientSecret", theirs.secret))
		if a := p.exchange("code", code, "clientSecret", otherSecret); a.Status != http.StatusBadRequest || a.Code != "invalidClientIdOrSecret" {
			t.Errorf("another app's secret: %+v", a)
		}
		refused("a verifier that was not announced", p.exchange("code", code, "codeVerifier", "x"))
		refused("a guessed secret", p.exchange("code", guessed(code)))
		refused("no code", p.exchange("code", "x"))
		first := p.exchange("code", code)
		if me := p.me(first.AccessToken); me.Nick != "ann" {
			t.Fatalf("the code itself: %+v, %+v", first, me)
		}
		refused("a code as a token's", p.exchange("code", first.AccessToken))
		refused("a code as a refresh token", p.exchange("grantType", "refresh_token", "refreshToken", code))

		// Seen twice, it ends what came of it.
		refused("twice", p.exchange("code", code))
		if me := p.me(first.AccessToken); me.Status != http.StatusBadRequest || me.Code != "InvalidAuthentication" {
			t.Errorf("after the code was seen twice: %+v", me)
		}
		refused("what came of it", p.exchange("grantType", "refresh_token", "refreshToken", first.RefreshToken))

		code = p.mustCode(t, ann, p.request())
		p.clock.Add(int64(5*time.Minute + time.Second))
		refused("after five minutes", p.exchange("code", code))

		sum := sha256.Sum256([]byte("a verifier of the program's own, long enough"))
		withHash := p.request("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256")
		code = p.mustCode(t, ann, withHash)
		refused("without the verifier", p.exchange("code", code))
		refused("another verifier", p.exchange("code", code, "codeVerifier", "another"))
		if a := p.exchange("code", code, "codeVerifier", "a verifier of the program's own, long enough"); a.AccessToken == "" {
			t.Errorf("with the verifier: %+v", a)
		}

		for _, c := range []struct {
			status int
			code   string
			fields []string
		}{
			{400, "unsupported.grant.type", []string{"grantType", "password"}},
			{400, "MissingParameter", []string{"grantType", ""}},
			{400, "MissingParameter", []string{"code", ""}},
			{400, "MissingParameter", []string{"clientId", ""}},
		} {
			if a := p.exchange(c.fields...); a.Status != c.status || a.Code != c.code {
				t.Errorf("%v: %+v", c.fields, a)
			}
		}
	})
}

// Of many who bring one code at once, at most one gets tokens, and those end.
func TestOneCodeBroughtByMany(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		code := p.mustCode(t, p.mustBrowserOf(t, "ann"), p.request())
		const many = 8
		answers := make(chan answered, many)
		for range many {
			go func() { answers <- p.exchange("code", code) }()
		}
		var tokens []string
		for range many {
			if a := <-answers; a.AccessToken != "" {
				tokens = append(tokens, a.AccessToken)
			}
		}
		if len(tokens) != 1 {
			t.Fatalf("%d of %d got tokens", len(tokens), many)
		}
		if me := p.me(tokens[0]); me.Status != http.StatusBadRequest {
			t.Errorf("the tokens of a code that was seen twice: %+v", me)
		}
	})
}
