package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// suite is a third-party app of a provider, installed at a receiver.
type suite struct {
	app.App
	agent              app.Agent
	provider, receiver directory.Organization
	secret, ticket     string
}

func (n *node) mustSuite(tb testing.TB, w *world) suite {
	tb.Helper()
	s := suite{provider: w.mustOrganization(tb, "Provider"), receiver: w.mustOrganization(tb, "Receiver")}
	var err error
	s.App, s.secret, err = n.CreateThirdParty(tb.Context(), audit.ByOperator(), s.provider.ID, app.NewApp{Name: "Suite"}, false)
	must(tb, err)
	s.ticket, err = n.Ticket(tb.Context(), s.provider.ID, s.ID)
	must(tb, err)
	s.agent, err = n.Install(tb.Context(), audit.ByOperator(), s.provider.ID, s.ID, s.receiver.ID, app.Installation{Range: directory.Range{DeptIDs: []int64{7}}})
	must(tb, err)
	return s
}

// proof is by the secret.
func (s suite) proof() app.SuiteProof {
	return app.SuiteProof{Key: s.Key, Secret: s.secret, Ticket: s.ticket}
}

// signed is a proof by a signature of that time.
func (s suite) signed(at time.Time) app.SuiteProof {
	p := app.SuiteProof{Key: s.Key, Ticket: s.ticket, Timestamp: strconv.FormatInt(at.UnixMilli(), 10)}
	p.Signature = app.Signature(s.secret, p.Timestamp, p.Ticket)
	return p
}

func TestSignature(t *testing.T) {
	t.Parallel()
	if got := app.Signature("testSuiteSecret", "1527130370219", "TestSuiteTicket"); got != "5PMX0+4w0TR03H51PTcORqTVqeQPOxuuuy1hk2aFKKg=" {
		t.Errorf("with a ticket: %s", got)
	}
	if got := app.Signature("testAppSecret", "1527130370219", ""); got != "8n2qKp8UeKc8MF4acG+pwv5c2OMkrHols6qNOzSkTC8=" {
		t.Errorf("without one: %s", got)
	}
}

func TestCorpTokens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, other := w.mustNode(t), w.mustNode(t)
		s := n.mustSuite(t, w)
		first, err := n.CorpToken(t.Context(), s.proof(), s.receiver.CorpID)
		must(t, err)
		second, err := other.CorpToken(t.Context(), s.signed(w.clock.now().Add(-59*time.Second)), s.receiver.CorpID)
		must(t, err)
		if first.Value == second.Value || first.ExpiresIn != 2*time.Hour {
			t.Errorf("tokens %+v, %+v: each call gives a new one", first, second)
		}
		for _, token := range []app.Token{first, second} {
			c, err := other.Authenticate(t.Context(), token.Value)
			must(t, err)
			if c.Organization != s.receiver.ID || c.Provider != s.provider.ID || c.AgentID != s.agent.ID || !c.ThirdParty || c.DirectSend {
				t.Errorf("caller %+v", c)
			}
			if !slices.Equal(c.Range.DeptIDs, []int64{7}) || !slices.Equal(c.Scopes, app.NewScopes(app.ThirdParty)) || c.Limits.MessagesPerDay != 100 {
				t.Errorf("caller %+v", c)
			}
		}
		// Tokens of an app itself are for nothing else.
		own, err := n.SuiteToken(t.Context(), s.proof())
		must(t, err)
		if _, err := n.Authenticate(t.Context(), own.Value); !fault.Is(err, fault.CodeTokenInvalid) {
			t.Errorf("a suite token authenticates: %v", err)
		}
	})
}

// A signature and a token of the app itself prove the same, each alone.
func TestEveryProofIsEnough(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, other := w.mustNode(t), w.mustNode(t)
		s := n.mustSuite(t, w)
		own, err := n.SuiteToken(t.Context(), s.proof())
		must(t, err)
		byToken := app.SuiteProof{Token: own.Value}
		ask := map[string]func(p app.SuiteProof, corpID string, agent int64) error{
			"agent": func(p app.SuiteProof, corpID string, agent int64) error {
				i, err := other.AgentOfSuite(t.Context(), p, corpID, agent)
				if err == nil && (i.Agent.ID != s.agent.ID || i.CorpName != "Receiver") {
					t.Errorf("agent %+v", i)
				}
				return err
			},
			"installation": func(p app.SuiteProof, corpID string, _ int64) error {
				i, err := other.Installation(t.Context(), p, corpID)
				if err == nil && (i.Agent.ID != s.agent.ID || i.CorpName != "Receiver") {
					t.Errorf("installation %+v", i)
				}
				return err
			},
			"token": func(p app.SuiteProof, corpID string, _ int64) error {
				token, err := other.CorpToken(t.Context(), p, corpID)
				if err != nil {
					return err
				}
				_, err = other.Authenticate(t.Context(), token.Value)
				return err
			},
		}
		access, err := n.CorpToken(t.Context(), s.proof(), s.receiver.CorpID)
		must(t, err)
		for name, call := range ask {
			for how, p := range map[string]app.SuiteProof{"secret": s.proof(), "signature": s.signed(w.clock.now()), "token": byToken} {
				if err := call(p, s.receiver.CorpID, s.agent.ID); err != nil {
					t.Errorf("%s by %s: %v", name, how, err)
				}
				notThere := fault.CodeNotInstalled
				if name == "agent" {
					notThere = fault.CodeAgentUnknown
				}
				if err := call(p, s.provider.CorpID, s.agent.ID); !fault.Is(err, notThere) {
					t.Errorf("%s by %s where it is not installed: %v", name, how, err)
				}
			}
			for what, token := range map[string]string{"an access token": access.Value, "a made-up one": "made.up"} {
				if err := call(app.SuiteProof{Token: token}, s.receiver.CorpID, s.agent.ID); !fault.Is(err, fault.CodeTokenInvalid) {
					t.Errorf("%s by %s: %v", name, what, err)
				}
			}
		}
		if err := ask["agent"](byToken, s.receiver.CorpID, 1); !fault.Is(err, fault.CodeAgentUnknown) {
			t.Errorf("another agent: %v", err)
		}
		// Both end with the secret they were taken with.
		late, err := other.CorpToken(t.Context(), byToken, s.receiver.CorpID)
		must(t, err)
		suites, err := n.Suites(t.Context(), s.provider.ID)
		must(t, err)
		_, _, err = n.AddSecret(t.Context(), audit.ByOperator(), s.provider.ID, s.ID)
		must(t, err)
		must(t, n.EndSecret(t.Context(), audit.ByOperator(), s.provider.ID, s.ID, suites[0].Secrets[0].ID))
		must(t, other.Confirm(t.Context()))
		if _, err := other.Authenticate(t.Context(), late.Value); !fault.Is(err, fault.CodeTokenInvalid) {
			t.Errorf("an access token outlives its secret: %v", err)
		}
		for name, call := range ask {
			if err := call(byToken, s.receiver.CorpID, s.agent.ID); !fault.Is(err, fault.CodeTokenInvalid) {
				t.Errorf("%s by a token whose secret has ended: %v", name, err)
			}
		}
	})
}

func TestCorpTokenRefusals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		now := w.clock.now()
		internal := n.mustApp(t, s.receiver.ID, "Internal")
		change := func(p app.SuiteProof, f func(*app.SuiteProof)) app.SuiteProof {
			f(&p)
			return p
		}
		for name, c := range map[string]struct {
			proof  app.SuiteProof
			corpID string
			want   fault.Code
		}{
			"key":             {change(s.proof(), func(p *app.SuiteProof) { p.Key = "suitenone" }), s.receiver.CorpID, fault.CodeSuiteKeyInvalid},
			"internal app":    {app.SuiteProof{Key: internal.Key, Secret: internal.secret, Ticket: s.ticket}, s.receiver.CorpID, fault.CodeSuiteKeyInvalid},
			"secret":          {change(s.proof(), func(p *app.SuiteProof) { p.Secret = "no" }), s.receiver.CorpID, fault.CodeSuiteKeyInvalid},
			"ticket":          {change(s.proof(), func(p *app.SuiteProof) { p.Ticket = "no" }), s.receiver.CorpID, fault.CodeSuiteTicketInvalid},
			"no ticket":       {change(s.proof(), func(p *app.SuiteProof) { p.Ticket = "" }), s.receiver.CorpID, fault.CodeSuiteTicketInvalid},
			"organization":    {s.proof(), "dingnone", fault.CodeNotInstalled},
			"the provider":    {s.proof(), s.provider.CorpID, fault.CodeNotInstalled},
			"timestamp":       {change(s.signed(now), func(p *app.SuiteProof) { p.Timestamp = "now" }), s.receiver.CorpID, fault.CodeSignatureTimestamp},
			"too old":         {s.signed(now.Add(-61 * time.Second)), s.receiver.CorpID, fault.CodeSignatureExpired},
			"too new":         {s.signed(now.Add(61 * time.Second)), s.receiver.CorpID, fault.CodeSignatureExpired},
			"far too old":     {change(s.signed(now), func(p *app.SuiteProof) { p.Timestamp = "-9223372036854775808" }), s.receiver.CorpID, fault.CodeSignatureExpired},
			"signature":       {change(s.signed(now), func(p *app.SuiteProof) { p.Signature = "no" }), s.receiver.CorpID, fault.CodeSignatureInvalid},
			"nothing":         {app.SuiteProof{Key: s.Key}, s.receiver.CorpID, fault.CodeSignatureTimestamp},
			"signed as other": {change(s.signed(now), func(p *app.SuiteProof) { p.Ticket = "other" }), s.receiver.CorpID, fault.CodeSignatureInvalid},
		} {
			if _, err := n.CorpToken(t.Context(), c.proof, c.corpID); !fault.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
	})
}

// Nothing tells an unknown key from a wrong secret: the refusals are the same to
// the letter, whatever else is wrong.
func TestUnknownKeyIsLikeAWrongSecret(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		internal := n.mustApp(t, s.receiver.ID, "Internal")
		now := w.clock.now()
		asks := map[string]func(key, secret string) error{}
		for name, proof := range map[string]app.SuiteProof{
			"secret": s.proof(), "signed": s.signed(now), "late": s.signed(now.Add(-time.Hour)),
			"no time": {Timestamp: "now", Signature: "x"}, "other ticket": {Ticket: "other"},
		} {
			for kind, ask := range map[string]func(p app.SuiteProof) error{
				"corp":         func(p app.SuiteProof) error { _, err := n.CorpToken(t.Context(), p, s.receiver.CorpID); return err },
				"elsewhere":    func(p app.SuiteProof) error { _, err := n.CorpToken(t.Context(), p, "dingnone"); return err },
				"suite":        func(p app.SuiteProof) error { _, err := n.SuiteToken(t.Context(), p); return err },
				"installation": func(p app.SuiteProof) error { _, err := n.Installation(t.Context(), p, s.receiver.CorpID); return err },
			} {
				asks[kind+" "+name] = func(key, secret string) error {
					proof.Key = key
					if proof.Timestamp != "" {
						proof.Signature = app.Signature(secret, proof.Timestamp, proof.Ticket)
					} else {
						proof.Secret = secret
					}
					return ask(proof)
				}
			}
		}
		asks["gettoken"] = func(key, secret string) error { _, err := n.TokenByKey(t.Context(), key, secret); return err }
		asks["in organization"] = func(key, secret string) error {
			_, err := n.TokenIn(t.Context(), s.receiver.CorpID, key, secret)
			return err
		}
		for name, ask := range asks {
			unknown, wrong := ask("suitenone", "no"), ask(s.Key, "no")
			if unknown == nil || wrong == nil || unknown.Error() != wrong.Error() {
				t.Errorf("%s: %v, and with a wrong secret %v", name, unknown, wrong)
			}
			if other := ask(internal.Key, "no"); other == nil || other.Error() != wrong.Error() {
				t.Errorf("%s: an internal app: %v", name, other)
			}
		}
	})
}

// What ends an installation, a secret or a ticket ends what came of it.
func TestCorpTokensEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, other := w.mustNode(t), w.mustNode(t)
		s := n.mustSuite(t, w)
		alive := func(token app.Token) bool {
			w.clock.move(2 * time.Second)
			_, err := other.Authenticate(t.Context(), token.Value)
			if err != nil && !fault.Is(err, fault.CodeTokenInvalid) {
				t.Fatal(err)
			}
			return err == nil
		}
		take := func() app.Token {
			token, err := n.CorpToken(t.Context(), s.proof(), s.receiver.CorpID)
			must(t, err)
			if !alive(token) {
				t.Fatal("a new token is no good")
			}
			return token
		}
		token := take()
		fresh, err := n.NewTicket(t.Context(), audit.ByOperator(), s.provider.ID, s.ID)
		must(t, err)
		if _, err := other.CorpToken(t.Context(), s.proof(), s.receiver.CorpID); !fault.Is(err, fault.CodeSuiteTicketInvalid) {
			t.Errorf("the old ticket: %v", err)
		}
		if s.ticket = fresh; !alive(token) {
			t.Error("a new ticket ended tokens")
		}

		must(t, n.Uninstall(t.Context(), audit.ByOperator(), s.receiver.ID, s.agent.ID))
		if alive(token) {
			t.Error("a token outlived its installation")
		}
		if _, err := n.CorpToken(t.Context(), s.proof(), s.receiver.CorpID); !fault.Is(err, fault.CodeNotInstalled) {
			t.Errorf("uninstalled: %v", err)
		}
		again, err := n.Install(t.Context(), audit.ByOperator(), s.provider.ID, s.ID, s.receiver.ID, app.Installation{Range: directory.Range{Everyone: true}, Scopes: []string{app.ScopeSend}})
		must(t, err)
		if again.ID != s.agent.ID || alive(token) {
			t.Errorf("agent %d after %d; the old token lives: %v", again.ID, s.agent.ID, alive(token))
		}
		token = take()
		c, err := n.Authenticate(t.Context(), token.Value)
		must(t, err)
		if !slices.Equal(c.Scopes, []string{app.ScopeSend}) || !c.Range.Everyone {
			t.Errorf("caller %+v", c)
		}

		added, value, err := n.AddSecret(t.Context(), audit.ByOperator(), s.provider.ID, s.ID)
		must(t, err)
		suites, err := n.Suites(t.Context(), s.provider.ID)
		must(t, err)
		if len(suites) != 1 || len(suites[0].Secrets) != 2 || len(suites[0].Agents) != 1 {
			t.Fatalf("suites %+v", suites)
		}
		must(t, n.EndSecret(t.Context(), audit.ByOperator(), s.provider.ID, s.ID, suites[0].Secrets[0].ID))
		if alive(token) {
			t.Error("a token outlived its secret")
		}
		s.secret = value
		token = take()
		must(t, n.DisableApp(t.Context(), audit.ByOperator(), s.provider.ID, s.ID))
		if alive(token) {
			t.Error("a token outlived its app's being disabled")
		}
		must(t, n.EnableApp(t.Context(), audit.ByOperator(), s.provider.ID, s.ID))
		if alive(token) {
			t.Error("a token came back with its app")
		}
		_ = added
	})
}

// An organization knows its own apps and those installed in it; of an own app that is
// elsewhere only, an installation there, and of one that is nowhere, nothing.
func TestKnownApps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		internal := n.mustApp(t, s.receiver.ID, "Internal")
		_, _, err := n.CreateThirdParty(t.Context(), audit.ByOperator(), s.provider.ID, app.NewApp{Name: "Nowhere"}, false)
		must(t, err)
		known := func(organization int64) (all []string) {
			list, err := n.Known(t.Context(), organization)
			must(t, err)
			for _, k := range list {
				all = append(all, fmt.Sprint(k.App.Name, " ", k.Agent.ID, " ", k.Here(organization), " ", k.Enabled()))
			}
			return all
		}
		at := fmt.Sprint(s.agent.ID)
		if got := known(s.provider.ID); !slices.Equal(got, []string{"Suite " + at + " false true"}) {
			t.Errorf("the provider knows %q", got)
		}
		must(t, n.DisableAgent(t.Context(), audit.ByOperator(), s.receiver.ID, s.agent.ID))
		want := []string{fmt.Sprint("Internal ", internal.agent.ID, " true true"), "Suite " + at + " true false"}
		if got := known(s.receiver.ID); !slices.Equal(got, want) {
			t.Errorf("the receiver knows %q, want %q", got, want)
		}
		own, err := n.Install(t.Context(), audit.ByOperator(), s.provider.ID, s.ID, s.provider.ID, app.Installation{})
		must(t, err)
		if got := known(s.provider.ID); !slices.Equal(got, []string{fmt.Sprint("Suite ", own.ID, " true true")}) {
			t.Errorf("installed at its provider too: %q", got)
		}
		if got := known(99); got != nil {
			t.Errorf("nobody knows %q", got)
		}
	})
}

func TestInstallRefusals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		internal := n.mustApp(t, s.receiver.ID, "Internal")
		everyone := app.Installation{Range: directory.Range{Everyone: true}}
		for name, c := range map[string]struct {
			provider, app, organization int64
			i                           app.Installation
			want                        fault.Code
		}{
			"no app":        {s.provider.ID, 99, s.receiver.ID, everyone, fault.CodeAppUnknown},
			"internal app":  {s.receiver.ID, internal.ID, s.provider.ID, everyone, fault.CodeAppUnknown},
			"not theirs":    {s.receiver.ID, s.ID, s.provider.ID, everyone, fault.CodeAppUnknown},
			"organization":  {s.provider.ID, s.ID, 99, everyone, fault.CodeOrganizationUnknown},
			"unknown scope": {s.provider.ID, s.ID, s.receiver.ID, app.Installation{Scopes: []string{"all"}}, fault.CodeParameterInvalid},
		} {
			if _, err := n.Install(t.Context(), audit.ByOperator(), c.provider, c.app, c.organization, c.i); !fault.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if err := n.Uninstall(t.Context(), audit.ByOperator(), s.receiver.ID, internal.agent.ID); !fault.Is(err, fault.CodeAgentUnknown) {
			t.Errorf("uninstalled an internal app: %v", err)
		}
		if err := n.Uninstall(t.Context(), audit.ByOperator(), s.provider.ID, s.agent.ID); !fault.Is(err, fault.CodeAgentUnknown) {
			t.Errorf("uninstalled another organization's: %v", err)
		}
		if _, _, err := n.CreateThirdParty(t.Context(), audit.ByOperator(), s.provider.ID, app.NewApp{Name: "x", SendToEveryone: true}, false); !fault.Is(err, fault.CodeParameterInvalid) {
			t.Errorf("a third-party app that sends to everyone: %v", err)
		}
	})
}

// Who switched direct sending is in the log of the organization that it is for,
// exactly where it was switched.
func TestDirectSendIsLogged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		owner := audit.OnBehalfOf(s.receiver.ID, 3)
		must(t, n.SetDirectSend(t.Context(), audit.ByOperator(), s.receiver.ID, s.agent.ID, true))
		w.clock.move(time.Minute)
		must(t, n.SetDirectSend(t.Context(), owner, s.receiver.ID, s.agent.ID, false))
		for _, wrong := range []int64{s.provider.ID, 99} {
			if err := n.SetDirectSend(t.Context(), owner, wrong, s.agent.ID, true); !fault.Is(err, fault.CodeAgentUnknown) {
				t.Errorf("switched in organization %d: %v", wrong, err)
			}
		}
		subject := strconv.FormatInt(s.agent.ID, 10)
		got, err := w.db.Templates().Log(t.Context(), s.receiver.ID, subject)
		must(t, err)
		got = got[1:] // the installing
		if len(got) != 2 || got[0].Action != audit.DirectSendOn || !got[0].By.IsOperator() || got[0].By.FromCommandLine() ||
			got[1].Action != audit.DirectSendOff || got[1].By != owner || !got[1].At.Equal(got[0].At.Add(time.Minute)) {
			t.Fatalf("log %+v", got)
		}
		elsewhere, err := w.db.Templates().Log(t.Context(), s.provider.ID, subject)
		must(t, err)
		if len(elsewhere) != 0 {
			t.Errorf("the provider's log %+v", elsewhere)
		}
		// An entry that cannot be written takes its step back.
		err = w.db.Apps().ChangeAgent(t.Context(), s.receiver.ID, s.agent.ID, time.Time{}, audit.Entry{Organization: s.receiver.ID},
			func(g *app.Agent) error { g.DirectSend = true; return nil })
		if !errors.Is(err, audit.ErrNobody) {
			t.Errorf("an entry by nobody: %v", err)
		}
		if all, err := n.Installed(t.Context(), s.receiver.ID); err != nil || len(all) != 1 || all[0].Agent.DirectSend {
			t.Errorf("installed %+v, %v", all, err)
		}
	})
}

// One address for both kinds of apps.
func TestTokenIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		internal := n.mustApp(t, s.receiver.ID, "Internal")
		one, err := n.TokenIn(t.Context(), s.receiver.CorpID, internal.Key, internal.secret)
		must(t, err)
		same, err := n.TokenIn(t.Context(), s.receiver.CorpID, internal.Key, internal.secret)
		must(t, err)
		if one.Value != same.Value {
			t.Error("an internal app got two tokens")
		}
		third, err := n.TokenIn(t.Context(), s.receiver.CorpID, s.Key, s.secret)
		must(t, err)
		if c, err := n.Authenticate(t.Context(), third.Value); err != nil || c.AgentID != s.agent.ID {
			t.Errorf("%+v, %v", c, err)
		}
		for name, c := range map[string]struct {
			corpID, key, secret string
			want                fault.Code
		}{
			"another's internal app": {s.provider.CorpID, internal.Key, internal.secret, fault.CodeCredentialsInvalid},
			"wrong secret":           {s.receiver.CorpID, internal.Key, s.secret, fault.CodeCredentialsInvalid},
			"wrong suite secret":     {s.receiver.CorpID, s.Key, internal.secret, fault.CodeCredentialsInvalid},
			"not installed":          {s.provider.CorpID, s.Key, s.secret, fault.CodeNotInstalled},
			"nobody":                 {"dingnone", "x", "y", fault.CodeCredentialsInvalid},
		} {
			if _, err := n.TokenIn(t.Context(), c.corpID, c.key, c.secret); !fault.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
	})
}
