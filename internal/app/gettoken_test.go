package app_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

func TestTokenStandsForItsApp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, o := w.mustNode(t), w.mustOrganization(t, "One")
		a := n.mustApp(t, o.ID, "Payroll")
		token, err := n.TokenByKey(t.Context(), a.Key, a.secret)
		must(t, err)
		if token.ExpiresIn != 2*time.Hour {
			t.Errorf("lives %v, want 2h", token.ExpiresIn)
		}
		want := app.Caller{
			Organization: o.ID, AppID: a.ID, AgentID: a.agent.ID, Provider: o.ID, AppName: "Payroll",
			Range:  directory.Range{Everyone: true, DeptIDs: nil, Userids: nil},
			Limits: o.Limits, Scopes: app.NewScopes(app.Internal),
		}
		if diff := cmp.Diff(want, n.mustCaller(t, token.Value), cmp.AllowUnexported(policy.Limits{})); diff != "" {
			t.Error(diff)
		}
		if !strings.HasPrefix(a.Key, "ding") || len(a.Key) != 20 || len(a.secret) != 64 || a.agent.ID < 1_000_000_001 {
			t.Errorf("key %q, secret of %d characters, agent %d", a.Key, len(a.secret), a.agent.ID)
		}
	})
}

func TestSameTokenWithinItsLife(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, o := w.mustNode(t), w.mustOrganization(t, "One")
		a := n.mustApp(t, o.ID, "Payroll")
		first := n.mustToken(t, a)
		// Asked for every 90 minutes it lives on, also in a process that
		// starts later and holds nothing in memory.
		for range 5 {
			w.clock.move(90 * time.Minute)
			n = w.mustNode(t)
			if again := n.mustToken(t, a); again != first {
				t.Fatalf("another token %q within the life of %q", again, first)
			}
		}
		w.clock.move(2 * time.Hour)
		n.mustCaller(t, first) // the whole life that was promised
		w.clock.move(2 * time.Minute)
		n.mustRefuse(t, first)
		second := n.mustToken(t, a)
		if second == first {
			t.Error("an expired token was given again")
		}
		n.mustCaller(t, second)
		n.mustRefuse(t, first)
	})
}

func TestRenewalIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, o := w.mustNode(t), w.mustOrganization(t, "One")
		a := n.mustApp(t, o.ID, "Payroll")
		for range 60 { // ten seconds apart
			n.mustToken(t, a)
			w.clock.move(10 * time.Second)
		}
		if got := n.spy.renewed.Load(); got != 9 {
			t.Errorf("%d renewals written in ten minutes, want 9", got)
		}
		w.clock.move(-time.Hour) // a clock set back neither ends nor immortalizes it
		token := n.mustToken(t, a)
		n.mustCaller(t, token)
		w.clock.move(2*time.Hour + 2*time.Minute)
		n.mustRefuse(t, token)
	})
}

func TestCredentialsAreRefusedInTheSameWords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, o, other := w.mustNode(t), w.mustOrganization(t, "One"), w.mustOrganization(t, "Two")
		a, b, stopped := n.mustApp(t, o.ID, "A"), n.mustApp(t, other.ID, "B"), n.mustApp(t, o.ID, "Stopped")
		unplugged := n.mustApp(t, o.ID, "Unplugged")
		must(t, n.DisableApp(t.Context(), audit.ByOperator(), o.ID, stopped.ID))
		must(t, n.DisableAgent(t.Context(), audit.ByOperator(), o.ID, unplugged.agent.ID))
		texts := map[string]bool{}
		for _, c := range []struct{ key, secret string }{
			{"dingunknownunknown00", a.secret},
			{a.Key, b.secret},
			{a.Key, a.secret[:63]},
			{a.Key, ""},
			{"", ""},
			{strings.ToUpper(a.Key), a.secret},
			{stopped.Key, stopped.secret},
			{unplugged.Key, unplugged.secret},
			{"corp:" + other.CorpID, a.secret},
			{"corp:nobody", a.secret},
			{"corp:" + o.CorpID, stopped.secret},
			{"corp:" + o.CorpID, ""},
		} {
			give := n.TokenByKey
			if strings.HasPrefix(c.key, "corp:") {
				give = n.TokenByCorp
			}
			token, err := give(t.Context(), strings.TrimPrefix(c.key, "corp:"), c.secret)
			wantCode(t, err, fault.CodeCredentialsInvalid)
			if token.Value != "" {
				t.Errorf("%s: a token beside the error", c.key)
			}
			texts[fault.From(err).Error()] = true
		}
		if len(texts) != 1 {
			t.Errorf("the refusals differ: %v", texts)
		}
	})
}

func TestTokenByCorpFindsTheAppOfTheSecret(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, o := w.mustNode(t), w.mustOrganization(t, "One")
		for _, name := range []string{"A", "B", "C"} {
			a := n.mustApp(t, o.ID, name)
			token, err := n.TokenByCorp(t.Context(), o.CorpID, a.secret)
			must(t, err)
			if c := n.mustCaller(t, token.Value); c.AgentID != a.agent.ID {
				t.Errorf("agent %d, want %d", c.AgentID, a.agent.ID)
			}
			if byKey := n.mustToken(t, a); byKey != token.Value {
				t.Error("another token by corp id than by key")
			}
		}
	})
}

// Whoever asks first on whichever node, there is one token for one secret.
func TestOneTokenForOneSecret(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		nodes := []*node{w.mustNode(t), w.mustNode(t)}
		a := nodes[0].mustApp(t, w.mustOrganization(t, "One").ID, "Payroll")
		var mu sync.Mutex
		tokens := map[string]int{}
		var callers sync.WaitGroup
		for i := range 32 {
			callers.Go(func() {
				token, err := nodes[i%2].TokenByKey(t.Context(), a.Key, a.secret)
				if fault.Is(err, fault.CodeBusy) {
					return // PostgreSQL's lock timeout on a slow machine
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				tokens[token.Value]++
			})
		}
		callers.Wait()
		if len(tokens) != 1 {
			t.Errorf("%d tokens for one secret", len(tokens))
		}
	})
}

func TestRotation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, n, far := t.Context(), w.mustNode(t), w.mustNode(t)
		a := n.mustApp(t, w.mustOrganization(t, "One").ID, "Payroll")
		old := n.mustToken(t, a)
		_, value := n.mustSecondSecret(t, a)
		_, _, err := n.AddSecret(ctx, audit.ByOperator(), a.Organization, a.ID)
		wantCode(t, err, fault.CodeConflict)

		// Both work side by side, each with its own token.
		fresh := n.mustTokenWith(t, a.Key, value)
		if fresh == old || n.mustToken(t, a) != old {
			t.Error("the secrets do not have one token each")
		}
		far.mustCaller(t, old)
		far.mustCaller(t, fresh)

		first := n.mustListing(t, a).Secrets[0]
		must(t, n.EndSecret(ctx, audit.ByOperator(), a.Organization, a.ID, first.ID))
		must(t, n.EndSecret(ctx, audit.ByOperator(), a.Organization, a.ID, first.ID))
		n.mustRefuse(t, old)
		must(t, far.Confirm(ctx))
		far.mustRefuse(t, old)
		far.mustCaller(t, fresh)
		_, err = far.TokenByKey(ctx, a.Key, a.secret)
		wantCode(t, err, fault.CodeCredentialsInvalid)

		n.mustSecondSecret(t, a) // there is room for another again
		l := n.mustListing(t, a)
		if len(l.Secrets) != 3 || l.Secrets[0].EndedAt.IsZero() || !l.Secrets[1].EndedAt.IsZero() {
			t.Errorf("secrets %+v", l.Secrets)
		}
	})
}
