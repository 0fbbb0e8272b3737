package account_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
)

// mustEnded asks which of the viewers have ended, and wants these.
func mustEnded(t *testing.T, s *account.Service, viewers []account.Viewer, want ...account.Viewer) {
	t.Helper()
	got, err := s.Ended(t.Context(), viewers)
	must(t, err)
	for _, v := range want {
		if !slices.Contains(got, v) {
			t.Errorf("%+v has not ended", v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d have ended, want %d", len(got), len(want))
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s, spy := w.node(t)
		far, _ := w.node(t)
		two := w.mustOrganization(t, "Two")
		token := func(organization int64, userid string) account.Viewer {
			v, err := s.Authenticate(ctx, mustToken(t, s, organization, userid))
			must(t, err)
			return v
		}
		var all []account.Viewer
		for n := range 10 { // more than one statement takes
			userid := fmt.Sprintf("p%d", n)
			w.mustPerson(t, w.org, userid)
			for range 15 {
				all = append(all, mustSignIn(t, s, w.org, userid).Viewer)
			}
		}
		kept := mustSignIn(t, s, two, "bob")
		all = append(all, token(w.org, "ann"), token(two, "ann"), token(w.org, "bob"), kept.Viewer)

		// One question for each organization and kind, and none while nothing ends.
		spy.reads.Store(0)
		for range 3 {
			mustEnded(t, s, all)
			mustSignIn(t, far, w.org, "ann") // a beginning is no end
		}
		if n := spy.reads.Load(); n != 4 {
			t.Errorf("%d questions, want 4", n)
		}

		var over []account.Viewer
		for _, end := range []struct {
			who account.Viewer
			how func() error
		}{
			{all[0], func() error {
				return s.EndSession(ctx, audit.ByOperator(), w.org, all[0].Ordinal, all[0].Credential.ID)
			}},
			{all[1], func() error {
				return far.EndSession(ctx, audit.ByOperator(), w.org, all[1].Ordinal, all[1].Credential.ID)
			}},
			{all[151], func() error { return far.RevokeToken(ctx, audit.ByOperator(), two, "ann", all[151].Credential.ID) }},
			{all[152], func() error { return w.directory.DisableUser(ctx, audit.ByOperator(), w.org, "bob") }},
			{kept.Viewer, func() error { mustSignIn(t, far, two, "ann", kept.Value); return nil }},
		} {
			must(t, end.how())
			over = append(over, end.who)
			mustEnded(t, s, all, over...)
		}
		for n := range 10 {
			_, err := far.EndSessions(ctx, audit.ByOperator(), w.org, all[15*n].Ordinal)
			must(t, err)
		}
		mustEnded(t, s, all, slices.Concat(all[:150], []account.Viewer{all[151], all[152], kept.Viewer})...)
	})
}

// Ends that come by themselves are noticed without any question.
func TestEndedByTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, _ := w.node(t)
	session := mustSignIn(t, s, w.org, "ann").Viewer
	v, err := s.Authenticate(t.Context(), mustToken(t, s, w.org, "bob"))
	must(t, err)
	all := []account.Viewer{session, v}
	mustEnded(t, s, all)
	w.move(24 * time.Hour) // the token's life
	mustEnded(t, s, all, v)
	w.move(account.IdleLife)
	mustEnded(t, s, all, v, session)
}

// A question that fails ends nobody, and the next one is asked anew.
func TestEndedCannotBeTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	s, spy := w.node(t)
	far, _ := w.node(t)
	in := mustSignIn(t, s, w.org, "ann")
	v, err := s.Authenticate(t.Context(), mustToken(t, s, w.org, "bob"))
	must(t, err)
	all := []account.Viewer{in.Viewer, v}
	mustEnded(t, s, all)
	must(t, far.EndSession(t.Context(), audit.ByOperator(), w.org, in.Viewer.Ordinal, in.Viewer.Credential.ID))
	must(t, far.RevokeToken(t.Context(), audit.ByOperator(), w.org, "bob", v.Credential.ID))
	spy.unreadable = errors.New("lost")
	got, err := s.Ended(t.Context(), all)
	if err == nil || len(got) != 1 || got[0] != v {
		t.Errorf("%v %v, want the token alone", got, err)
	}
	spy.unreadable = nil
	mustEnded(t, s, all, all...)
}
