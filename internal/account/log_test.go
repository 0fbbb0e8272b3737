package account_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// Who gives and takes away credentials is in the log, once for each change and never
// with a value; signing in and signing oneself out is not.
func TestCredentialsAreLogged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		s, _ := w.node(t)
		operator := audit.ByOperator()
		ann, _ := w.directory.Ordinal(w.org, "ann")
		bob, _ := w.directory.Ordinal(w.org, "bob")
		self := audit.By{Actor: audit.Person(w.org, ann), Credential: "session:x"}
		var many []uint32
		for i := range account.LinksAtOnce + 3 {
			u, err := w.directory.CreateUser(ctx, operator, w.org, directory.NewUser{Userid: fmt.Sprintf("many%d", i), Name: "X"})
			must(t, err)
			many = append(many, u.Ordinal)
		}
		var secret []string // no value may be in the log
		var in account.SignedIn
		token := func() string {
			all, err := s.Tokens(ctx, w.org, "ann")
			must(t, err)
			return all[0].ID
		}
		signIn := func() {
			link, err := s.CreateSignInLink(ctx, operator, w.org, "ann", time.Hour, false)
			must(t, err)
			in, err = s.SignIn(ctx, account.SignInRequest{Link: link})
			must(t, err)
			secret = append(secret, link, in.Value)
		}
		for _, c := range []struct {
			name string
			do   func() error
			want string // "" for nothing; TOKEN is the token's id
		}{
			{"token", func() error {
				value, err := s.CreateToken(ctx, operator, w.org, "ann", "laptop", time.Hour)
				secret = append(secret, value)
				return err
			}, "api_token.new person:ANN: life 1h0m0s; token id TOKEN by operator"},
			{"token of nobody", func() error {
				_, err := s.CreateToken(ctx, operator, w.org, "nobody", "laptop", time.Hour)
				return refused(err)
			}, ""},
			{"another one's token", func() error { return refused(s.RevokeToken(ctx, operator, w.org, "bob", token())) }, ""},
			{"own token", func() error { return s.RevokeToken(ctx, self, w.org, "ann", token()) }, "api_token.end person:ANN: token id TOKEN by " + self.String()},
			{"again", func() error { return s.RevokeToken(ctx, self, w.org, "ann", token()) }, ""},
			{"links", func() error {
				_, err := s.CreateSignInLinks(ctx, operator, w.org, many, time.Hour, func(_ uint32, value string) error {
					secret = append(secret, value)
					return nil
				})
				return err
			}, "sign_in_link.new organization: life 1h0m0s; people 203; reusable no by operator"},
			{"links for nobody", func() error {
				_, err := s.CreateSignInLinks(ctx, operator, w.org, []uint32{999_999}, time.Hour, nil)
				return err
			}, ""},
			{"signing in", func() error { signIn(); return nil }, "sign_in_link.new person:ANN: life 1h0m0s; reusable no by operator"},
			{"own session", func() error { return s.EndSession(ctx, self, w.org, ann, in.Viewer.Credential.ID) }, ""},
			{"no such session", func() error { return refused(s.EndSession(ctx, operator, w.org, ann, "none")) }, ""},
			{"signing in again", func() error { signIn(); return nil }, "sign_in_link.new person:ANN: life 1h0m0s; reusable no by operator"},
			{"a session", func() error { return s.EndSession(ctx, operator, w.org, ann, in.Viewer.Credential.ID) }, "sessions.end person:ANN: sessions 1 by operator"},
			{"signing in once more", func() error { signIn(); return nil }, "sign_in_link.new person:ANN: life 1h0m0s; reusable no by operator"},
			{"in their name", func() error {
				_, err := s.EndSessions(ctx, audit.OnBehalfOf(w.org, ann), w.org, ann)
				return err
			}, "sessions.end person:ANN: sessions 1 by " + self.String()},
			{"no sessions", func() error { _, err := s.EndSessions(ctx, operator, w.org, bob); return err }, ""},
		} {
			before, err := w.db.AuditLog().AuditHead(ctx, w.org)
			must(t, err)
			if err := c.do(); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			page, err := w.db.AuditLog().AuditPage(ctx, w.org, audit.Query{Limit: 20})
			must(t, err)
			got := ""
			for _, e := range page.Entries {
				if e.N > before.N {
					got += fmt.Sprintf("%s %s: %s by %s", e.Action, e.Subject, e.Details, e.By)
				}
				for _, value := range secret {
					if strings.Contains(fmt.Sprint(e), value) {
						t.Fatalf("%s: a value is in the log: %+v", c.name, e)
					}
				}
			}
			want := strings.ReplaceAll(c.want, "ANN", fmt.Sprint(ann))
			if strings.Contains(want, "TOKEN") {
				want = strings.ReplaceAll(want, "TOKEN", token())
			}
			if got != want {
				t.Errorf("%s: logged %q, want %q", c.name, got, want)
			}
		}
	})
}

// refused turns a refusal into what is expected.
func refused(err error) error {
	if err == nil {
		return fmt.Errorf("was not refused")
	}
	return nil
}
