package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// stop runs a node's background work to its end.
func (n *node) stop(tb testing.TB) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	n.Run(ctx)
}

func (n *node) lastUsed(tb testing.TB, a app.App) (all []time.Time) {
	tb.Helper()
	secrets, err := n.Secrets(tb.Context(), a.Organization, a.ID)
	must(tb, err)
	for _, one := range secrets {
		all = append(all, one.LastUsedAt)
	}
	return all
}

// The node where a secret is used tells so at once, every other one when it is
// written: once for all uses, and never to an earlier time.
func TestUsesOfSecretsAreWrittenTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, other, o := w.mustNode(t), w.mustNode(t), w.mustOrganization(t, "One")
		a := n.mustApp(t, o.ID, "Payroll")
		_, second := n.mustSecondSecret(t, a)
		if used := n.lastUsed(t, a.App); len(used) != 2 || !used[0].IsZero() || !used[1].IsZero() {
			t.Fatalf("used before it was: %v", used)
		}
		_ = other.mustToken(t, a) // a minute before, and written later
		w.clock.move(time.Minute)
		for range 3 {
			_ = n.mustToken(t, a)
			_ = n.mustTokenWith(t, a.Key, second)
		}
		_, err := n.TokenByKey(t.Context(), a.Key, "wrong")
		wantCode(t, err, "credentials_invalid")
		now := w.clock.now()
		if used := n.lastUsed(t, a.App); !used[0].Equal(now) || !used[1].Equal(now) {
			t.Errorf("where they were used: %v, want %v", used, now)
		}
		if used := w.restarted(n).lastUsed(t, a.App); !used[0].IsZero() || n.spy.marked.Load() != 0 {
			t.Errorf("taking a token writes %d times: %v", n.spy.marked.Load(), used)
		}
		n.spy.full.Store(true)
		n.stop(t)
		n.spy.full.Store(false)
		n.stop(t)
		other.stop(t)
		if used := w.restarted(n).lastUsed(t, a.App); !used[0].Equal(now) || !used[1].Equal(now) || n.spy.marked.Load() != 2 {
			t.Errorf("written %d times: %v, want %v", n.spy.marked.Load(), used, now)
		}
		n.stop(t)
		if n.spy.marked.Load() != 2 {
			t.Error("what was written is written again")
		}
	})
}

// A secret and a signature made with it are both uses of it.
func TestUsesOfSuiteSecrets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		for _, p := range []app.SuiteProof{s.signed(w.clock.now()), s.proof()} {
			w.clock.move(time.Second)
			_, err := n.SuiteToken(t.Context(), p)
			must(t, err)
			if used := n.lastUsed(t, s.App); !used[0].Equal(w.clock.now()) {
				t.Errorf("used at %v, want %v", used, w.clock.now())
			}
		}
		made, _, err := n.AddSecret(t.Context(), audit.OnBehalfOf(s.Organization, 3), s.Organization, s.ID)
		must(t, err)
		all, err := n.Secrets(t.Context(), s.Organization, s.ID)
		if must(t, err); len(all) != 2 || !all[0].CreatedBy.IsOperator() || all[1].CreatedBy != audit.Person(s.Organization, 3) || all[1].ID != made.ID {
			t.Errorf("%+v", all)
		}
	})
}

// A secret with a later id may be the older one: another server gave it its id.
func TestSecretsAreListedOldestFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		a := n.mustApp(t, w.mustOrganization(t, "One").ID, "Payroll")
		w.clock.move(-time.Hour)
		older, _ := n.mustSecondSecret(t, a)
		all, err := n.Secrets(t.Context(), a.Organization, a.App.ID)
		if must(t, err); len(all) != 2 || all[0].ID != older.ID || all[1].ID > older.ID {
			t.Errorf("%+v", all)
		}
	})
}

// An organization's apps are known with the age of the oldest secret that is active,
// wherever they are installed; another organization's app without.
func TestOldestSecretOfKnownApps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, ctx, by := w.mustNode(t), t.Context(), audit.ByOperator()
		provider, other := w.mustOrganization(t, "Provider"), w.mustOrganization(t, "Other")
		internal := n.mustApp(t, provider.ID, "Internal").App
		suite := func(name string, in ...int64) app.App {
			a, _, err := n.CreateThirdParty(ctx, by, provider.ID, app.NewApp{Name: name}, false)
			must(t, err)
			for _, organization := range in {
				_, err := n.Install(ctx, by, provider.ID, a.ID, organization, app.Installation{Range: directory.Range{Everyone: true}})
				must(t, err)
			}
			return a
		}
		nowhere, here, away := suite("Nowhere"), suite("Here", provider.ID), suite("Away", other.ID)
		oldest := func(organization int64) map[int64]time.Time {
			known, err := n.Known(ctx, organization)
			must(t, err)
			more, err := n.Nowhere(ctx, organization)
			must(t, err)
			told := map[int64]time.Time{}
			for _, k := range append(known, more...) {
				told[k.App.ID] = k.OldestSecretAt
			}
			return told
		}
		began := w.clock.now()
		for _, a := range []app.App{internal, nowhere, here, away} {
			w.clock.move(time.Hour)
			_, _, err := n.AddSecret(ctx, by, provider.ID, a.ID)
			must(t, err)
			if told := oldest(provider.ID)[a.ID]; !told.Equal(began) {
				t.Errorf("%s: with two secrets %v, want %v", a.Name, told, began)
			}
			all, err := n.Secrets(ctx, provider.ID, a.ID)
			must(t, err)
			must(t, n.EndSecret(ctx, by, provider.ID, a.ID, all[0].ID))
			if told := oldest(provider.ID)[a.ID]; !told.Equal(w.clock.now()) {
				t.Errorf("%s: the first has ended: %v, want %v", a.Name, told, w.clock.now())
			}
		}
		if told := oldest(other.ID); len(told) != 1 || !told[away.ID].IsZero() {
			t.Errorf("the other organization knows %v", told)
		}
	})
}

// A suite ticket is as old as the last change of it.
func TestTicketAge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		s := n.mustSuite(t, w)
		w.clock.move(time.Hour)
		_, err := n.NewTicket(t.Context(), audit.ByOperator(), s.Organization, s.ID)
		must(t, err)
		changed := w.clock.now()
		w.clock.move(time.Hour)
		if age, err := n.TicketAge(t.Context(), s.Organization, s.ID); err != nil || !age.Since.Equal(changed) || age.Any {
			t.Errorf("%+v, %v, want since %v", age, err, changed)
		}
		_, err = n.TicketAge(t.Context(), s.Organization, 77)
		wantCode(t, err, "app_unknown")
	})
}
