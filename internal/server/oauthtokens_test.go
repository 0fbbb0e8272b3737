package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// A user token opens users/me and nothing else, and nothing else opens users/me. It ends
// after two hours, with its renewal, and a refresh token that is used twice ends both.
func TestUserTokens(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		b := p.mustBrowserOf(t, "ann")
		in := p.mustIn(t, b)
		var wire struct {
			Errcode int
			SubCode string `json:"sub_code"`
		}
		p.mustJSON(mustGet(p.base+"/topapi/v2/user/get?userid=ann&access_token="+url.QueryEscape(in.AccessToken)), &wire)
		if wire.Errcode != 88 || wire.SubCode != "40014" {
			t.Errorf("on /topapi: %+v", wire)
		}
		if status, _ := (stage{node: p.node}).ask(http.MethodGet, "me", in.AccessToken, ""); status != http.StatusUnauthorized {
			t.Errorf("on our own API: %d", status)
		}
		for what, token := range map[string]string{"app's": p.mustLogin(p.firm), "API": p.tokens["ann"], "refresh": in.RefreshToken, "malformed": "x"} {
			if me := p.me(token); me.Status != http.StatusBadRequest || me.Code != "InvalidAuthentication" {
				t.Errorf("the %s token on users/me: %+v", what, me)
			}
		}
		if me := p.me(""); me.Status != http.StatusBadRequest || me.Code != "AuthenticationFailed.MissingParameter" {
			t.Errorf("no token: %+v", me)
		}

		renewed := p.exchange("grantType", "refresh_token", "refreshToken", in.RefreshToken)
		if me := p.me(renewed.AccessToken); me.Nick != "ann" || renewed.RefreshToken == in.RefreshToken {
			t.Fatalf("renewed: %+v, %+v", renewed, me)
		}
		if me := p.me(in.AccessToken); me.Status != http.StatusBadRequest {
			t.Errorf("the token before: %+v", me)
		}
		if a := p.exchange("grantType", "refresh_token", "refreshToken", in.RefreshToken); a.Status != http.StatusBadRequest {
			t.Errorf("renewed twice: %+v", a)
		}
		if me := p.me(renewed.AccessToken); me.Status != http.StatusBadRequest {
			t.Errorf("after a refresh token was seen twice: %+v", me)
		}

		in = p.mustIn(t, b)
		p.clock.Add(int64(2*time.Hour + time.Second))
		if me := p.me(in.AccessToken); me.Status != http.StatusBadRequest {
			t.Errorf("after two hours: %+v", me)
		}
		if a := p.exchange("grantType", "refresh_token", "refreshToken", in.RefreshToken); a.AccessToken == "" {
			t.Errorf("renewed after two hours: %+v", a)
		}
	})
}

// Whoever is disabled, whose app is switched off, or who withdraws is unknown to programs
// at once, on every node, and nothing brings the tokens back.
func TestWhatEndsUserTokens(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		nodes := []*program{p}
		if engine == "postgres" {
			nodes = append(nodes, &program{node: mustRunWith(t, p.config, options(nil)), firm: p.firm})
		}
		ctx, by := t.Context(), audit.ByOperator()
		all, err := p.Apps().Apps(ctx, p.id)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name      string
			end, back func() error
			asks      bool // consent is gone too
		}{
			{"the person", func() error { return p.Directory().DisableUser(ctx, by, p.id, "ann") }, func() error { return p.Directory().EnableUser(ctx, by, p.id, "ann") }, true},
			{"the app", func() error { return p.Apps().DisableApp(ctx, by, p.id, p.appID) }, func() error { return p.Apps().EnableApp(ctx, by, p.id, p.appID) }, false},
			{"the installation", func() error { return p.Apps().DisableAgent(ctx, by, p.id, all[0].Agent.ID) }, func() error { return p.Apps().EnableAgent(ctx, by, p.id, all[0].Agent.ID) }, false},
			{"tokens", func() error { return p.Apps().EndTokens(ctx, by, p.id, p.appID) }, func() error { return nil }, false},
			{"consent", func() error {
				ordinal, _ := p.Directory().Ordinal(p.id, "ann")
				return p.SignIns().Withdraw(ctx, p.id, ordinal, p.appID)
			}, func() error { return nil }, true},
		} {
			b := p.mustBrowserOf(t, "ann")
			in, bob := p.mustIn(t, b), p.mustIn(t, p.mustBrowserOf(t, "bob"))
			code := p.mustCode(t, b, p.request())
			if err := c.end(); err != nil {
				t.Fatal(err)
			}
			for i, n := range nodes {
				if me := n.me(in.AccessToken); me.Status != http.StatusBadRequest {
					t.Errorf("%s ended: node %d: %+v", c.name, i, me)
				}
			}
			if err := c.back(); err != nil {
				t.Fatal(err)
			}
			for what, a := range map[string]answered{
				"token": p.me(in.AccessToken), "refresh token": p.exchange("grantType", "refresh_token", "refreshToken", in.RefreshToken), "code": p.exchange("code", code),
			} {
				if a.Status != http.StatusBadRequest {
					t.Errorf("%s ended and is back: the %s: %+v", c.name, what, a)
				}
			}
			if me := p.me(bob.AccessToken); c.asks && me.Nick != "bob" {
				t.Errorf("%s ended: bob: %+v", c.name, me)
			}
			_, text := p.mustBrowserOf(t, "ann").mustAsk(t, http.MethodPost, "authorizations/describe", jsonOf(p.request()))
			if strings.Contains(text, `"asks":true`) != c.asks {
				t.Errorf("%s ended: %s", c.name, text)
			}
		}
	})
}

// What somebody has allowed they see and withdraw, and nobody else's.
func TestConsents(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		ann, bob := p.mustBrowserOf(t, "ann"), p.mustBrowserOf(t, "bob")
		in := p.mustIn(t, ann)
		p.mustIn(t, bob)
		list := func(b *browser) (items []struct {
			ID   string `json:"consent_id"`
			Name string `json:"app_name"`
			Told []string
		},
		) {
			t.Helper()
			_, text := b.mustAsk(t, http.MethodGet, "consents", "")
			var all struct{ Items json.RawMessage }
			if err := json.Unmarshal([]byte(text), &all); err != nil || json.Unmarshal(all.Items, &items) != nil {
				t.Fatal(text, err)
			}
			return items
		}
		all := list(ann)
		if len(all) != 1 || all[0].Name != "Ours app" || len(all[0].Told) != 2 {
			t.Fatalf("ann's consents: %+v", all)
		}
		for range 2 {
			if status, text := ann.mustAsk(t, http.MethodDelete, "consents/"+all[0].ID, ""); status != http.StatusNoContent {
				t.Errorf("withdraw: %d %s", status, text)
			}
		}
		if len(list(ann)) != 0 || len(list(bob)) != 1 || p.me(in.AccessToken).Status != http.StatusBadRequest {
			t.Error("withdrawn is not withdrawn")
		}
	})
}

// An app without the scope for contacts learns nobody's name, and an app learns nobody
// whom its range does not have.
func TestWhatAProgramMayLearn(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustProgram(t, engine)
		b := p.mustBrowserOf(t, "ann")
		in := p.mustIn(t, b)
		ctx, by := t.Context(), audit.ByOperator()
		if err := p.Apps().SetGrants(ctx, by, p.id, p.appID, app.Grants{Scopes: []string{app.ScopeSend}}); err != nil {
			t.Fatal(err)
		}
		me := p.me(in.AccessToken)
		if me.Status != http.StatusForbidden || me.Code != "Forbidden.AccessDenied.AccessTokenPermissionDenied" || fmt.Sprint(me.Denied.RequiredScopes) != "[Contact.User.Read]" {
			t.Errorf("without the scope: %+v", me)
		}
		if err := p.Apps().SetGrants(ctx, by, p.id, p.appID, app.Grants{Scopes: app.Scopes()}); err != nil {
			t.Fatal(err)
		}
		if err := p.Apps().SetRange(ctx, by, p.id, p.agent, directory.Range{Userids: []string{"bob"}}); err != nil {
			t.Fatal(err)
		}
		if me := p.me(in.AccessToken); me.Status != http.StatusBadRequest {
			t.Errorf("out of range: %+v", me)
		}
		if _, text := b.mustAsk(t, http.MethodPost, "authorizations/describe", jsonOf(p.request())); !strings.Contains(text, `"outside":true`) {
			t.Errorf("out of range: %s", text)
		}
		if status, text := b.mustAsk(t, http.MethodPost, "authorizations", jsonOf(p.request())); status < 400 || !strings.Contains(text, string(fault.CodeUserOutside)) {
			t.Errorf("out of range: %d %s", status, text)
		}
	})
}
