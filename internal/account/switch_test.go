package account_test

import (
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// A link does not replace somebody else's session without a word. The refusal
// neither uses the link nor ends the session.
func TestLinkOfSomebodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, _ := w.node(t)
		other := w.mustOrganization(t, "Two")
		ann, elsewhere := mustSignIn(t, s, w.org, "ann"), mustSignIn(t, s, other, "bob")
		held := holding(ann.Value, elsewhere.Value)
		link := mustLink(t, s, w.org, "bob", false)
		for range 2 {
			_, err := s.SignIn(t.Context(), account.SignInRequest{Link: link, Held: held})
			wantCode(t, err, fault.CodeSignedInAsOther)
		}
		offer, err := s.Offer(t.Context(), link, held)
		if err != nil || offer.Link.Userid != "bob" || offer.Link.Organization != w.org || offer.Current != ann.Viewer {
			t.Fatalf("offer %+v %v", offer, err)
		}
		if v, err := s.Session(t.Context(), ann.Value); err != nil || v != ann.Viewer {
			t.Fatalf("the session: %+v %v", v, err)
		}

		// An ended session is in nobody's way, nor is one's own or another organization's.
		gone := mustSignIn(t, s, w.org, "ann")
		ordinal, _ := w.directory.Ordinal(w.org, "ann")
		must(t, s.EndSession(t.Context(), audit.ByOperator(), w.org, ordinal, gone.Viewer.Credential.ID))
		for _, free := range []account.HeldList{holding(gone.Value), holding(elsewhere.Value), nil} {
			if offer, err := s.Offer(t.Context(), link, free); err != nil || offer.Current != (account.Viewer{}) {
				t.Errorf("offer %+v %v", offer, err)
			}
		}
		again, err := s.SignIn(t.Context(), account.SignInRequest{Link: mustLink(t, s, w.org, "ann", false), Held: held})
		must(t, err)
		mustRefuseSession(t, s, ann.Value) // one's own is replaced as ever

		in, err := s.SignIn(t.Context(), account.SignInRequest{Link: link, Held: holding(again.Value, elsewhere.Value), Replace: true})
		if err != nil || in.Viewer.Userid != "bob" {
			t.Fatalf("told to: %+v %v", in, err)
		}
		mustRefuseSession(t, s, again.Value)
		if _, err := s.Session(t.Context(), elsewhere.Value); err != nil {
			t.Errorf("another organization's session: %v", err)
		}
		mustRefuseLink(t, s, link)
		_, err = s.Offer(t.Context(), link, held)
		wantCode(t, err, fault.CodeTokenInvalid)
	})
}

// One session too many ends the one that was not used for the longest time.
func TestSessionsOfOnePersonAreBounded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, spy := w.node(t)
		run(t, s, spy)
		link := mustLink(t, s, w.org, "ann", true)
		var all []account.SignedIn
		sign := func() account.SignedIn {
			in, err := s.SignIn(t.Context(), account.SignInRequest{Link: link})
			must(t, err)
			w.move(time.Minute)
			return in
		}
		for range account.MaxSessions {
			all = append(all, sign())
		}
		w.move(account.SeenEvery)
		_, err := s.Session(t.Context(), all[0].Value) // the oldest is in use
		must(t, err)
		<-spy.marked
		bob := mustSignIn(t, s, w.org, "bob")
		if n := len(w.mustSessions(t, s, "ann")); n != account.MaxSessions {
			t.Fatalf("%d sessions", n)
		}
		all = append(all, sign())
		far, _ := w.node(t)
		if n := len(w.mustSessions(t, far, "ann")); n != account.MaxSessions {
			t.Errorf("%d sessions after one more", n)
		}
		mustRefuseSession(t, far, all[1].Value)
		if ended, err := s.Ended(t.Context(), []account.Viewer{all[0].Viewer, all[1].Viewer, all[2].Viewer, bob.Viewer}); err != nil || len(ended) != 1 || ended[0] != all[1].Viewer {
			t.Errorf("ended %v %v", ended, err)
		}
		for _, in := range []account.SignedIn{all[0], all[2], all[len(all)-1], bob} {
			if _, err := far.Session(t.Context(), in.Value); err != nil {
				t.Errorf("%s: %v", in.Viewer.Userid, err)
			}
		}
	})
}
