package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	eventcall "github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/directory"
)

// provider is a third-party app with the server of those who wrote it.
type provider struct {
	*hook
	t      *testing.T
	n      *node
	app    app.App
	secret string
	key    eventcall.Key
}

// mustProvider makes one whose app hears of everything.
func mustProvider(t *testing.T, n *node, of firm) *provider {
	t.Helper()
	a, secret, err := n.Apps().CreateThirdParty(t.Context(), audit.ByOperator(), of.id, app.NewApp{
		Name: "Approvals", Scopes: []string{app.ScopeSend, app.ScopeResult, app.ScopeContacts},
	}, false)
	must(t, err)
	p := &provider{hook: mustHook(t, a.Key), t: t, n: n, app: a, secret: secret, key: eventcall.Key{Organization: of.id, AppID: a.ID}}
	must(t, n.Callbacks().Set(t.Context(), audit.ByOperator(), p.key,
		eventcall.Settings{URL: p.url, Tags: eventcall.SuiteTags(), Token: hookToken, AESKey: hookKey}))
	return p
}

// last waits for the newest event of a tag after some events, and returns a field of it.
func (p *provider) last(tag string, after int, field string) (value string) {
	p.t.Helper()
	until(p.t, tag, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, e := range p.heard[min(after, len(p.heard)):] {
			if e["EventType"] == tag {
				value = e[field].(string)
			}
		}
		return value != ""
	})
	return value
}

func (p *provider) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.heard)
}

// ask calls the wire in the provider's name, by its token.
func (p *provider) ask(call, token string, form ...string) string {
	v := url.Values{"suite_access_token": {token}}
	for i := 0; i < len(form); i += 2 {
		v.Set(form[i], form[i+1])
	}
	return p.n.onWire("/service/"+call, "", v.Encode())
}

// suiteToken is what the provider gets for a ticket.
func (p *provider) suiteToken(ticket string) string {
	p.t.Helper()
	a := p.ask("get_suite_token", "", "suite_key", p.app.Key, "suite_secret", p.secret, "suite_ticket", ticket)
	return between(a, `"suite_access_token":"`, `"`)
}

func (p *provider) install(in firm) app.Agent {
	p.t.Helper()
	g, err := p.n.Apps().Install(p.t.Context(), audit.ByOperator(), p.app.Organization, p.app.ID, in.id, app.Installation{Range: directory.Range{Everyone: true}})
	must(p.t, err)
	return g
}

// A provider that knows nothing but its suite key and secret is told its ticket, is told
// who has installed its app, takes the authorization, sends, hears of the people there,
// and is told when that is over.
func TestSuiteIsInstalled(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		of, ours, elsewhere := n.mustFirm("Provider"), n.mustFirm("Ours", "ann"), n.mustFirm("Elsewhere", "eve")
		p, other := mustProvider(t, n, of), mustProvider(t, n, of)
		suite := p.suiteToken(p.last("suite_ticket", 0, "SuiteTicket"))
		others := other.suiteToken(other.last("suite_ticket", 0, "SuiteTicket"))

		g := p.install(ours)
		must(t, n.Apps().SetDirectSend(t.Context(), audit.ByOperator(), ours.id, g.ID, true))
		code := p.last("tmp_auth_code", 0, "AuthCode")
		if corpID := p.last("tmp_auth_code", 0, "AuthCorpId"); corpID != ours.corpID {
			t.Errorf("installed in %s", corpID)
		}
		p.refuses(map[string]string{
			"40078": p.ask("get_permanent_code", suite, "tmp_auth_code", "none"),
			"40035": p.ask("get_permanent_code", suite),
			"40082": p.ask("get_permanent_code", "none", "tmp_auth_code", code),
		})
		p.refuses(map[string]string{"40078": other.ask("get_permanent_code", others, "tmp_auth_code", code)})
		a := p.ask("get_permanent_code", suite, "tmp_auth_code", code)
		permanent := between(a, `"permanent_code":"`, `"`)
		if !strings.HasPrefix(a, wireOK) || len(permanent) != 64 || !strings.Contains(a, `"auth_corp_info":{"corpid":"`+ours.corpID+`","corp_name":"Ours"}`) {
			t.Fatalf("get_permanent_code: %s", a)
		}
		p.refuses(map[string]string{"40078": p.ask("get_permanent_code", suite, "tmp_auth_code", code)})

		activate := func(token, suiteKey, corpID, code string) string {
			return p.ask("activate_suite", token, "suite_key", suiteKey, "auth_corpid", corpID, "permanent_code", code)
		}
		p.refuses(map[string]string{
			"40084": activate(suite, p.app.Key, ours.corpID, "none"), "40083": activate(suite, other.app.Key, ours.corpID, permanent),
			"41030": activate(suite, p.app.Key, elsewhere.corpID, permanent), "40082": activate("none", p.app.Key, ours.corpID, permanent),
			"40035": activate(suite, p.app.Key, ours.corpID, ""),
		})
		for range 2 {
			if a := activate(suite, p.app.Key, ours.corpID, permanent); a != wireOK+"}" {
				t.Errorf("activate_suite: %s", a)
			}
		}
		p.refuses(map[string]string{"40084": p.ask("get_corp_token", suite, "auth_corpid", ours.corpID, "permanent_code", "none")})
		for _, form := range [][]string{{"auth_corpid", ours.corpID}, {"auth_corpid", ours.corpID, "permanent_code", permanent}} {
			token := between(p.ask("get_corp_token", suite, form...), `"access_token":"`, `"`)
			sent := n.onWire("/topapi/message/corpconversation/asyncsend_v2", token,
				fmt.Sprintf("agent_id=%d&userid_list=ann&msg=%s", g.ID, url.QueryEscape(fmt.Sprintf(`{"msgtype":"text","text":{"content":"%d"}}`, len(form)))))
			if !strings.HasPrefix(sent, wireOK) {
				t.Errorf("asyncsend_v2: %s", sent)
			}
		}
		// An app that was given no permanent code is as it was.
		other.install(elsewhere)
		if a := other.ask("get_corp_token", others, "auth_corpid", elsewhere.corpID, "permanent_code", "made up"); !strings.HasPrefix(a, wireOK) {
			t.Errorf("get_corp_token: %s", a)
		}

		before := p.count()
		_, err := n.Directory().CreateUser(t.Context(), audit.ByOperator(), ours.id, directory.NewUser{Userid: "bob", Name: "Bob"})
		must(t, err)
		_, err = n.Directory().CreateUser(t.Context(), audit.ByOperator(), elsewhere.id, directory.NewUser{Userid: "eva", Name: "Eva"})
		must(t, err)
		if corpID := p.last("user_add_org", before, "CorpId"); corpID != ours.corpID {
			t.Errorf("bob is in %s", corpID)
		}
		must(t, n.Apps().Uninstall(t.Context(), audit.ByOperator(), ours.id, g.ID))
		if corpID := p.last("suite_relieve", before, "AuthCorpId"); corpID != ours.corpID {
			t.Errorf("uninstalled from %s", corpID)
		}
		p.refuses(map[string]string{
			"41030": p.ask("get_corp_token", suite, "auth_corpid", ours.corpID, "permanent_code", permanent),
		})
		// Installed again, what was given before counts no more.
		before = p.count()
		p.install(ours)
		code = p.last("tmp_auth_code", before, "AuthCode")
		p.refuses(map[string]string{"40084": activate(suite, p.app.Key, ours.corpID, permanent)})
		if a := p.ask("get_permanent_code", suite, "tmp_auth_code", code); !strings.HasPrefix(a, wireOK) {
			t.Errorf("get_permanent_code: %s", a)
		}
		p.refuses(map[string]string{"40084": p.ask("get_corp_token", suite, "auth_corpid", ours.corpID, "permanent_code", permanent)})
	})
}

// refuses compares the errcodes of answers.
func (p *provider) refuses(answers map[string]string) {
	p.t.Helper()
	for errcode, a := range answers {
		if !strings.HasPrefix(a, `{"errcode":`+errcode+`,`) {
			p.t.Errorf("want errcode %s: %s", errcode, a)
		}
	}
}

// While a provider's server fails, hangs, or a node stops, nothing is lost or told out of
// order, and another app does not wait for it.
func TestSuiteThatFails(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		n := mustRun(t, c, nil)
		of, ours := n.mustFirm("Provider"), n.mustFirm("Ours")
		p, well := mustProvider(t, n, of), mustProvider(t, n, of)
		p.last("suite_ticket", 0, "SuiteTicket")
		well.last("suite_ticket", 0, "SuiteTicket")

		p.set(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "away", http.StatusServiceUnavailable) })
		p.install(ours)
		well.install(ours)
		until(t, "an attempt", func() bool { return p.failures() > 0 })
		p.set(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		want := []string{"suite_ticket <nil>", "tmp_auth_code " + ours.corpID}
		for _, userid := range []string{"u1", "u2", "u3"} {
			_, err := n.Directory().CreateUser(t.Context(), audit.ByOperator(), ours.id, directory.NewUser{Userid: userid, Name: userid})
			must(t, err)
			want = append(want, "user_add_org ["+userid+"]")
		}
		began := time.Now()
		well.mustHear(t, want...)
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("another app's silence delayed events by %v", took)
		}
		must(t, n.mustEnd())
		p.set(nil)
		mustRun(t, c, nil)
		p.mustHear(t, want...)
	})
}
