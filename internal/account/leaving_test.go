package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// Whoever is disabled or leaves loses what they signed in with. Enabling brings
// none of it back, and nobody else loses anything.
func TestDisablingEndsCredentials(t *testing.T) {
	t.Parallel()
	ways := map[string]func(w *world, ctx context.Context) error{
		"disabled": func(w *world, ctx context.Context) error {
			return errors.Join(w.directory.DisableUser(ctx, audit.ByOperator(), w.org, "ann"), w.directory.EnableUser(ctx, audit.ByOperator(), w.org, "ann"))
		},
		"deleted": func(w *world, ctx context.Context) error {
			if err := w.directory.DeleteUser(ctx, audit.ByOperator(), w.org, "ann"); err != nil {
				return err
			}
			_, err := w.directory.CreateUser(ctx, audit.ByOperator(), w.org, directory.NewUser{Userid: "ann", Name: "ANN"})
			return err
		},
	}
	each(t, func(t *testing.T, w *world) {
		for name, leave := range ways {
			s, _ := w.node(t)
			token, link, session := mustToken(t, s, w.org, "ann"), mustLink(t, s, w.org, "ann", true), mustSignIn(t, s, w.org, "ann")
			others := []string{mustToken(t, s, w.org, "bob"), mustSignIn(t, s, w.org, "bob").Value}
			viewers := []account.Viewer{session.Viewer}
			if ended, err := s.Ended(t.Context(), viewers); err != nil || len(ended) > 0 {
				t.Fatalf("%s: ended before: %v %v", name, ended, err)
			}
			must(t, leave(w, t.Context()))

			far, _ := w.node(t) // reads the rows anew
			mustRefuse(t, far, token)
			mustRefuseSession(t, far, session.Value)
			mustRefuseLink(t, far, link)
			if ended, err := s.Ended(t.Context(), viewers); err != nil || len(ended) != 1 {
				t.Errorf("%s: the stream's session goes on: %v %v", name, ended, err)
			}
			if all := w.mustSessions(t, far, "ann"); len(all) > 0 {
				t.Errorf("%s: sessions %+v", name, all)
			}
			if _, err := far.Authenticate(t.Context(), others[0]); err != nil {
				t.Errorf("%s: somebody else's token: %v", name, err)
			}
			if _, err := far.Session(t.Context(), others[1]); err != nil {
				t.Errorf("%s: somebody else's session: %v", name, err)
			}
		}
	})
}

// A credential that is made while its person is being disabled does not
// outlive that: its rows are written only for somebody who is there.
func TestNothingIsMadeForWhoHasLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, _ := w.node(t)
		link := mustLink(t, s, w.org, "ann", true)
		ordinal, _ := w.directory.Ordinal(w.org, "ann")
		must(t, w.directory.DisableUser(t.Context(), audit.ByOperator(), w.org, "ann"))
		store, now := w.db.Accounts(), w.now()
		err := store.CreateAPIToken(t.Context(), account.StoredToken{
			Token: account.Token{ID: "late", Name: "x", CreatedAt: now, ExpiresAt: now.Add(time.Hour)}, Organization: w.org, Ordinal: ordinal,
		}, audit.Entry{Organization: w.org, By: audit.ByOperator(), Action: audit.APITokenNew})
		wantCode(t, err, fault.CodeUserUnknown)
		err = store.CreateSignInLink(t.Context(), account.StoredLink{
			ID: "late", Organization: w.org, Ordinal: ordinal, Reusable: true, CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		}, audit.Entry{Organization: w.org, By: audit.ByOperator(), Action: audit.SignInLinkNew})
		wantCode(t, err, fault.CodeUserUnknown)
		done, _, err := store.SignIn(t.Context(), account.StoredSession{
			Session: account.Session{ID: "late", CreatedAt: now, SeenAt: now}, Organization: w.org, Ordinal: ordinal, ExpiresAt: now.Add(time.Hour),
		}, link[len("tdl_1_"):][:16], nil)
		if done || err != nil {
			t.Errorf("a session began: %v %v", done, err)
		}
	})
}
