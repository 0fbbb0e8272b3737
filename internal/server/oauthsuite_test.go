package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// suiteProgram is a program whose app is a third-party one: installed in two
// organizations, in the second for bob alone, and not in a third. Their people have the
// same userids.
type suiteProgram struct {
	*program
	suite             app.App
	one, two, without firm
	agents            map[int64]int64
}

func mustSuiteProgram(t *testing.T, engine string) *suiteProgram {
	t.Helper()
	p := &suiteProgram{program: mustProgram(t, engine), agents: map[int64]int64{}}
	ctx, by := t.Context(), audit.ByOperator()
	suite, secret, err := p.Apps().CreateThirdParty(ctx, by, p.id, app.NewApp{Name: "Suite", Scopes: []string{app.ScopeContacts, app.ScopeSend}}, true)
	must(t, err)
	_, err = p.SignIns().SetRedirectURIs(ctx, by, p.id, suite.ID, []string{callback})
	must(t, err)
	p.suite, p.key, p.secret, p.appID = suite, suite.Key, secret, suite.ID
	p.one, p.two, p.without = p.mustFirm("One", "ann", "bob"), p.mustFirm("Two", "ann", "bob"), p.mustFirm("Without", "ann")
	p.mustInstall(t, p.one, directory.Range{Everyone: true})
	p.mustInstall(t, p.two, directory.Range{Userids: []string{"bob"}})
	mobile, mail := "+86 138-0000-0002", "ann@example.com"
	_, err = p.Directory().UpdateUser(ctx, by, p.one.id, "ann", directory.UserChange{Mobile: &mobile, Email: &mail})
	must(t, err)
	return p
}

func (p *suiteProgram) mustInstall(t *testing.T, in firm, r directory.Range) {
	t.Helper()
	g, err := p.Apps().Install(t.Context(), audit.ByOperator(), p.suite.Organization, p.suite.ID, in.id,
		app.Installation{Range: r, Scopes: []string{app.ScopeContacts}})
	must(t, err)
	p.agents[in.id] = g.ID
}

// in is a browser in which somebody is signed in to organizations.
func (p *suiteProgram) in(t *testing.T, userid string, firms ...firm) *browser {
	t.Helper()
	b := p.mustBrowser(t)
	for _, f := range firms {
		b.mustSignIn(t, p.node, f, userid)
	}
	return b
}

// authorization is what describeAuthorization answers.
type authorization struct {
	ThirdParty   bool   `json:"third_party"`
	AppName      string `json:"app_name"`
	Organization struct{ Name string }
	Provider     struct{ Name string }
	Told         []string
	Asks         bool
	Outside      bool
	Missing      bool
	Person       *struct {
		Userid string
		CorpID string `json:"corp_id"`
	}
	Others []struct {
		CorpID string `json:"corp_id"`
	}
}

func (p *suiteProgram) describe(t *testing.T, b *browser, changes ...string) (a authorization) {
	t.Helper()
	status, text := b.mustAsk(t, http.MethodPost, "authorizations/describe", jsonOf(p.request(changes...)))
	if err := json.Unmarshal([]byte(text), &a); err != nil || status != http.StatusOK {
		t.Fatalf("describe: %d %s", status, text)
	}
	return a
}

// mustCodeOf signs in as somebody of an organization.
func (p *suiteProgram) mustCodeOf(t *testing.T, userid string, f firm, changes ...string) string {
	t.Helper()
	return p.mustCode(t, p.in(t, userid, f), p.request(changes...))
}

// People of every organization that has a third-party app sign in to its program. The
// program learns who they are as its wire knows them: a unionid of its provider, an
// openid of its own, no mobile, and their organization where they have allowed it.
func TestSignInToAThirdPartyProgram(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustSuiteProgram(t, engine)
		if a := p.describe(t, p.mustBrowser(t)); !a.ThirdParty || a.AppName != "Suite" || a.Provider.Name != "Ours" || a.Person != nil || a.Missing || a.Organization.Name != "" {
			t.Errorf("who is not signed in is told %+v", a)
		}
		ann := p.in(t, "ann", p.one)
		a := p.describe(t, ann, "scope", "openid corpid")
		if a.Person == nil || a.Person.CorpID != p.one.corpID || a.Organization.Name != "One" || !a.Asks || len(a.Others) != 0 || strings.Join(a.Told, " ") != "corpid openid" {
			t.Errorf("ann is told %+v", a)
		}
		in := p.exchange("code", p.mustCode(t, ann, p.request("scope", "openid corpid")))
		if in.AccessToken == "" || in.CorpID != p.one.corpID {
			t.Fatalf("signed in: %+v", in)
		}
		if a := p.describe(t, ann, "scope", "openid corpid"); a.Asks {
			t.Error("asked again for what was allowed")
		}
		who := p.me(in.AccessToken)
		if who.Nick != "ann" || who.UnionID == "" || who.OpenID == "" || who.Mobile != "" || who.Email != "" {
			t.Errorf("the program is told %+v", who)
		}
		// As the organization's contacts tell it on the wire.
		proof := app.SuiteProof{Key: p.key, Secret: p.secret, Ticket: "any"}
		token, err := p.Apps().CorpToken(t.Context(), proof, p.one.corpID)
		must(t, err)
		var contact struct {
			Result struct{ UnionID string }
		}
		p.mustJSON(mustGet(p.base+"/topapi/v2/user/get?userid=ann&access_token="+token.Value), &contact)
		if contact.Result.UnionID != who.UnionID {
			t.Errorf("unionid %q, and on the wire %q", who.UnionID, contact.Result.UnionID)
		}
		renewed := p.exchange("grantType", "refresh_token", "refreshToken", in.RefreshToken)
		if again := p.me(renewed.AccessToken); again.UnionID != who.UnionID || again.OpenID != who.OpenID || renewed.CorpID != p.one.corpID {
			t.Errorf("renewed: %+v, %+v", renewed, again)
		}
		// Without its consent the organization is not told; elsewhere the same userid is somebody else.
		bob := p.exchange("code", p.mustCodeOf(t, "bob", p.two))
		if bob.AccessToken == "" || bob.CorpID != "" {
			t.Errorf("bob of another organization: %+v", bob)
		}
		same := p.exchange("code", p.mustCodeOf(t, "bob", p.one))
		if one, two := p.me(same.AccessToken), p.me(bob.AccessToken); one.UnionID == two.UnionID || one.OpenID == two.OpenID || two.Nick != "bob" {
			t.Errorf("two people are %+v and %+v", one, two)
		}
		// Without the scope there, nothing is told.
		must(t, p.Apps().SetRange(t.Context(), audit.ByOperator(), p.two.id, p.agents[p.two.id], directory.Range{Everyone: true}))
		_, err = p.Apps().Install(t.Context(), audit.ByOperator(), p.suite.Organization, p.suite.ID, p.two.id, app.Installation{Range: directory.Range{Everyone: true}, Scopes: []string{app.ScopeSend}})
		must(t, err)
		if denied := p.me(bob.AccessToken); denied.Status != http.StatusForbidden || len(denied.Denied.RequiredScopes) != 1 {
			t.Errorf("without the scope: %+v", denied)
		}
		if still := p.me(renewed.AccessToken); still.Nick != "ann" {
			t.Errorf("elsewhere: %+v", still)
		}
	})
}

// Who belongs to several organizations that have the app chooses; one without it is not
// among them, and whoever has no other is told so.
func TestWhereAThirdPartyProgramIsSignedInTo(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustSuiteProgram(t, engine)
		refused := func(what string, b *browser, org string, want fault.Code) {
			t.Helper()
			status, text := b.mustAsk(t, http.MethodPost, "authorizations?org="+org, jsonOf(p.request()))
			if status < 400 || status >= 500 || !strings.Contains(text, `"`+string(want)+`"`) || strings.Contains(text, "tdc_") {
				t.Errorf("%s: %d %s, want %s", what, status, text, want)
			}
		}
		bare := p.in(t, "ann", p.without)
		if a := p.describe(t, bare); !a.Missing || a.Person != nil || len(a.Others) != 0 {
			t.Errorf("where it is not installed: %+v", a)
		}
		refused("where it is not installed", bare, p.without.corpID, fault.CodeNotInstalled)
		home := p.in(t, "ann", p.firm)
		if a := p.describe(t, home); !a.Missing {
			t.Errorf("its provider has not installed it: %+v", a)
		}
		refused("its provider, which has not installed it", home, p.corpID, fault.CodeNotInstalled)

		outside := p.in(t, "ann", p.two)
		if a := p.describe(t, outside); !a.Outside || a.Missing {
			t.Errorf("for whom it is not: %+v", a)
		}
		refused("for whom it is not", outside, p.two.corpID, fault.CodeUserOutside)

		several := p.in(t, "bob", p.one, p.two)
		several.mustSignIn(t, p.node, p.without, "ann")
		a := p.describe(t, several)
		if a.Person == nil || a.Person.CorpID != p.one.corpID || len(a.Others) != 1 || a.Others[0].CorpID != p.two.corpID {
			t.Errorf("of several: %+v", a)
		}
		a = p.describe(t, several, "corp_id", p.two.corpID)
		if a.Person == nil || a.Person.CorpID != p.two.corpID || len(a.Others) != 1 || a.Others[0].CorpID != p.one.corpID {
			t.Errorf("of the second: %+v", a)
		}
		if a = p.describe(t, several, "corp_id", p.without.corpID); a.Person == nil || a.Person.CorpID != p.one.corpID || len(a.Others) != 1 {
			t.Errorf("of one without it: %+v", a)
		}
		// A code is of the organization that was chosen, and of no other app.
		internal := *p.program
		internal.key, internal.secret = p.one.key, p.one.secret
		code := p.mustCodeOf(t, "bob", p.one)
		if got := internal.exchange("code", code); got.AccessToken != "" {
			t.Errorf("an internal app of the organization took it: %+v", got)
		}
		other, otherSecret, err := p.Apps().CreateThirdParty(t.Context(), audit.ByOperator(), p.id, app.NewApp{Name: "Other"}, true)
		must(t, err)
		_, err = p.Apps().Install(t.Context(), audit.ByOperator(), p.id, other.ID, p.one.id, app.Installation{Range: directory.Range{Everyone: true}})
		must(t, err)
		if got := p.exchange("code", code, "clientId", other.Key, "clientSecret", otherSecret); got.AccessToken != "" {
			t.Errorf("another third-party app took it: %+v", got)
		}
		if got := p.exchange("code", code, "clientSecret", otherSecret); got.AccessToken != "" {
			t.Errorf("with another's secret: %+v", got)
		}
		if got := p.exchange("code", code); got.AccessToken == "" {
			t.Errorf("its own: %+v", got)
		}
		// The sns code of a suite, signed with its secret, by its own endpoint alone.
		sns := p.mustSNSCode(t, p.in(t, "bob", p.one))
		if got := p.sns(other.Key, otherSecret, sns); got.Errcode == 0 {
			t.Errorf("another app's sns code: %+v", got)
		}
		if got := p.exchange("code", sns); got.AccessToken != "" {
			t.Errorf("an sns code at the wrong endpoint: %+v", got)
		}
		if got := p.sns(p.key, p.secret, sns); got.Errcode != 0 || got.UserInfo.Nick != "bob" || got.UserInfo.UnionID == "" {
			t.Errorf("sns: %+v", got)
		}
		if got := p.sns(p.key, p.secret, sns); got.Errcode != 40078 {
			t.Errorf("sns twice: %+v", got)
		}
	})
}

// What ends a person, the app, or its installation in an organization ends sign-ins there,
// and nothing brings them back; elsewhere they go on. People see and withdraw what they
// have allowed.
func TestWhatEndsThirdPartySignIns(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		p := mustSuiteProgram(t, engine)
		ctx, by := t.Context(), audit.ByOperator()
		elsewhere := p.exchange("code", p.mustCodeOf(t, "bob", p.two))
		everyone := directory.Range{Everyone: true}
		for what, c := range map[string]struct {
			end, back  func() error
			everywhere bool
		}{
			"the person": {end: func() error { return p.Directory().DisableUser(ctx, by, p.one.id, "ann") }, back: func() error { return p.Directory().EnableUser(ctx, by, p.one.id, "ann") }},
			"the installation": {
				end:  func() error { return p.Apps().DisableAgent(ctx, by, p.one.id, p.agents[p.one.id]) },
				back: func() error { return p.Apps().EnableAgent(ctx, by, p.one.id, p.agents[p.one.id]) },
			},
			"being installed": {
				end: func() error { return p.Apps().Uninstall(ctx, by, p.one.id, p.agents[p.one.id]) },
				back: func() error {
					_, err := p.Apps().Install(ctx, by, p.id, p.suite.ID, p.one.id, app.Installation{Range: everyone, Scopes: []string{app.ScopeContacts}})
					return err
				},
			},
			"the app": {
				end:        func() error { return p.Apps().DisableApp(ctx, by, p.id, p.suite.ID) },
				back:       func() error { return p.Apps().EnableApp(ctx, by, p.id, p.suite.ID) },
				everywhere: true,
			},
		} {
			in, code := p.exchange("code", p.mustCodeOf(t, "ann", p.one)), p.mustCodeOf(t, "ann", p.one)
			must(t, c.end())
			if who := p.me(in.AccessToken); who.Status == http.StatusOK {
				t.Errorf("%s ended: %+v", what, who)
			}
			if who := p.me(elsewhere.AccessToken); (who.Status == http.StatusOK) == c.everywhere {
				t.Errorf("%s ended, elsewhere: %+v", what, who)
			}
			must(t, c.back())
			if who := p.me(in.AccessToken); who.Status == http.StatusOK {
				t.Errorf("%s is back: %+v", what, who)
			}
			if got := p.exchange("code", code); got.AccessToken != "" {
				t.Errorf("%s is back, and a code from before: %+v", what, got)
			}
			if c.everywhere {
				elsewhere = p.exchange("code", p.mustCodeOf(t, "bob", p.two))
			}
		}

		ann := p.in(t, "ann", p.one)
		in := p.exchange("code", p.mustCode(t, ann, p.request()))
		var consents struct {
			Items []struct {
				ConsentID string `json:"consent_id"`
				AppName   string `json:"app_name"`
			}
		}
		_, text := ann.mustAsk(t, http.MethodGet, "consents", "")
		if err := json.Unmarshal([]byte(text), &consents); err != nil || len(consents.Items) != 1 || consents.Items[0].AppName != "Suite" {
			t.Fatalf("consents: %s", text)
		}
		if status, text := ann.mustAsk(t, http.MethodDelete, "consents/"+consents.Items[0].ConsentID, ""); status != http.StatusNoContent {
			t.Fatalf("withdraw: %d %s", status, text)
		}
		if who := p.me(in.AccessToken); who.Status == http.StatusOK {
			t.Errorf("withdrawn: %+v", who)
		}
	})
}
