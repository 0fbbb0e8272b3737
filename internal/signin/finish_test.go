package signin_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Whom a source finds at the first contact, and whom it must not.
func TestFirstContact(t *testing.T) {
	t.Parallel()
	job := settings{Claim: "employee", Field: "job_number"}
	mail := settings{Claim: "email", Field: "email"}
	owned := settings{Claim: "upn", Field: "email", Domains: []string{"example.com", "mail.example.com"}}
	cases := []struct {
		name     string
		source   settings
		claims   map[string]string
		verified bool
		who      string // "" waits
	}{
		{"nothing is looked for", settings{}, map[string]string{"employee": "E1"}, false, ""},
		{"one claim equals one field", job, map[string]string{"employee": "E1"}, false, "ann"},
		{"userid", settings{Claim: "login", Field: "userid"}, map[string]string{"login": "bob"}, false, "bob"},
		{"a userid in capitals is another one", settings{Claim: "login", Field: "userid"}, map[string]string{"login": "Bob"}, false, ""},
		{"another claim counts for nothing", job, map[string]string{"name": "E1"}, false, ""},
		{"the claim is empty", job, map[string]string{"employee": ""}, false, ""},
		{"nobody has it", job, map[string]string{"employee": "E9"}, false, ""},
		{"two have it", job, map[string]string{"employee": "TWICE"}, false, ""},
		{"one of two is disabled", job, map[string]string{"employee": "HALF"}, false, ""},
		{"its person is disabled", job, map[string]string{"employee": "OFF"}, false, ""},
		{"its person has left", job, map[string]string{"employee": "GONE"}, false, ""},
		{"its person is an owner", mail, map[string]string{"email": "olga@example.com"}, true, ""},
		{"its person has any role", mail, map[string]string{"email": "adam@example.com"}, true, ""},
		{"a mail that is vouched for", mail, map[string]string{"email": "bob@example.com"}, true, "bob"},
		{"capitals in a mail do not matter", mail, map[string]string{"email": "aNN@EXAMPLE.com"}, true, "ann"},
		{"a mail that nobody vouches for", mail, map[string]string{"email": "bob@example.com"}, false, ""},
		{"another claim than email is not vouched for", settings{Claim: "upn", Field: "email"}, map[string]string{"upn": "bob@example.com"}, true, ""},
		{"a domain that the organization has declared", owned, map[string]string{"upn": "bob@example.com"}, false, "bob"},
		{"a domain that ends alike", owned, map[string]string{"upn": "carl@evil-mail.example.com"}, false, ""},
		{"a part of the mail is the domain", owned, map[string]string{"upn": "@example.com"}, false, ""},
		{"a mail in other letters", owned, map[string]string{"upn": "bоb@example.com"}, false, ""}, // a Cyrillic о
		{"a mobile however it is written", settings{Claim: "phone_number", Field: "mobile"}, map[string]string{"phone_number": "138-0000-0001"}, false, "ann"},
		{"a mobile that is none", settings{Claim: "phone_number", Field: "mobile"}, map[string]string{"phone_number": "1"}, false, ""},
		{"wildcards are letters", job, map[string]string{"employee": "E%"}, false, ""},
		{"a claim that is too long", job, map[string]string{"employee": strings.Repeat("E", 300)}, false, ""},
		{"a claim with a control character", job, map[string]string{"employee": "E1\x00"}, false, ""},
	}
	each(t, func(t *testing.T, w *world) {
		for i, n := range []directory.NewUser{
			{JobNumber: "TWICE"}, {JobNumber: "TWICE"}, {JobNumber: "HALF"}, {JobNumber: "HALF"}, {JobNumber: "OFF"}, {JobNumber: "GONE"}, {Email: "carl@evil-mail.example.com"},
		} {
			n.Userid, n.Name = fmt.Sprint("other", i), "Other"
			w.mustPerson(t, n)
		}
		must(t, w.dir.DisableUser(t.Context(), audit.ByOperator(), w.org, "other3"))
		must(t, w.dir.DisableUser(t.Context(), audit.ByOperator(), w.org, "other4"))
		must(t, w.dir.DeleteUser(t.Context(), audit.ByOperator(), w.org, "other5"))
		for i, c := range cases {
			src := w.mustSourceNamed(t, fmt.Sprint("source ", i), c.source)
			f := w.arriving(src, "subject", c.claims)
			f.Identity.EmailVerified = c.verified
			in, err := w.Finish(t.Context(), from, f)
			if c.who == "" {
				if !fault.Is(err, fault.CodeSignInWaiting) {
					t.Errorf("%s: signed in as %q, %v", c.name, in.Viewer.Userid, err)
				}
				continue
			}
			if err != nil || in.Viewer.Userid != c.who {
				t.Errorf("%s: signed in as %q, %v", c.name, in.Viewer.Userid, err)
				continue
			}
			if v, err := w.accounts.Session(t.Context(), in.Value); err != nil || v.Userid != c.who {
				t.Errorf("%s: the session is %+v, %v", c.name, v, err)
			}
		}
	})
}

// A second account cannot be had by claims that equal those of a person who is linked, and
// one that is linked stays its person's whatever it claims.
func TestLinkedForGood(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		src := w.mustSource(t, settings{Claim: "employee", Field: "job_number"})
		w.mustFinish(t, src, "first", map[string]string{"employee": "E1"})
		_, err := w.finish(t, src, "second", map[string]string{"employee": "E1"})
		mustWait(t, err)
		if in := w.mustFinish(t, src, "first", map[string]string{"employee": "E2"}); in.Viewer.Userid != "ann" {
			t.Errorf("is %s now", in.Viewer.Userid)
		}
		ids, err := w.Identities(t.Context(), w.org, w.ordinal(t, "ann"))
		if err != nil || len(ids) != 1 || ids[0].Subject != "first" || ids[0].UsedAt.IsZero() {
			t.Errorf("identities %+v, %v", ids, err)
		}
		log := w.entries(t, audit.IdentityLink)
		if len(log) != 1 || log[0].By.Actor != audit.Person(w.org, w.ordinal(t, "ann")) || log[0].By.Peer != from.Peer || fmt.Sprint(log[0].Details["found_by"]) != "job_number" {
			t.Errorf("the log has %+v", log)
		}
	})
}

// Of many that come back with the same state on two nodes, one is signed in.
func TestStateIsUsedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		src := w.mustSource(t, settings{Claim: "employee", Field: "job_number"})
		nodes, f := []node{w.node, w.newNode(t)}, w.arriving(src, "first", map[string]string{"employee": "E1"})
		var mu sync.Mutex
		var values []string
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				in, err := nodes[i%2].Finish(t.Context(), from, f)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					values = append(values, in.Value)
				} else if !fault.Is(err, fault.CodeSignInExpired) && !fault.Is(err, fault.CodeBusy) {
					t.Errorf("refused with %v", err)
				}
			})
		}
		all.Wait()
		sessions, err := w.accounts.Sessions(t.Context(), w.org, w.ordinal(t, "ann"))
		if err != nil || len(sessions) != 1 || len(values) != 1 {
			t.Errorf("%d signed in, %d sessions, %v", len(values), len(sessions), err)
		}
		// Those who wait have used their state too.
		f = w.arriving(src, "other", nil)
		_, err = w.Finish(t.Context(), from, f)
		mustWait(t, err)
		_, err = w.Finish(t.Context(), from, f)
		mustCode(t, err, fault.CodeSignInExpired)
		// What is over is forgotten, and no good even so.
		f.StateHash, f.Until = w.state(), w.now()
		_, err = w.Finish(t.Context(), from, f)
		mustCode(t, err, fault.CodeSignInExpired)
	})
}

// What keeps a sign-in from being finished twice goes when its time is over, and whoever
// waits after 30 days.
func TestSweeping(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		src := w.mustSource(t, settings{Claim: "employee", Field: "job_number"})
		for i := range 250 { // more than a piece
			_, err := w.finish(t, src, fmt.Sprint("subject ", i), nil)
			mustWait(t, err)
		}
		_, raw := storetest.Raw(t, w.address)
		sweep := retention.New(retention.Deps{Store: w.db.Retention(), Log: slog.New(slog.DiscardHandler), Now: w.now})
		check := func(after time.Duration, states, waiting int) {
			t.Helper()
			w.move(after)
			must(t, sweep.Sweep(t.Context()))
			for table, want := range map[string]int{"sign_in_done": states, "waiting_identity": waiting} {
				var kept int
				must(t, raw.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&kept))
				if kept != want {
					t.Errorf("%s has %d, want %d", table, kept, want)
				}
			}
		}
		check(time.Minute, 250, 250)
		check(10*time.Minute, 0, 250)
		check(signin.WaitingKept, 0, 0)
	})
}

// Two accounts that find the same person at the same time do not both become theirs.
func TestFirstContactsTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		src := w.mustSource(t, settings{Claim: "employee", Field: "job_number"})
		nodes := []node{w.node, w.newNode(t)}
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			f := w.arriving(src, fmt.Sprint("subject ", i/2), map[string]string{"employee": "E1"})
			all.Go(func() { _, errs[i] = nodes[i%2].Finish(t.Context(), from, f) })
		}
		all.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else if !fault.Is(err, fault.CodeSignInWaiting) {
				t.Errorf("refused with %v", err)
			}
		}
		ids, err := w.Identities(t.Context(), w.org, w.ordinal(t, "ann"))
		if err != nil || len(ids) != 1 || in != 2 {
			t.Errorf("%d signed in, identities %+v, %v", in, ids, err)
		}
	})
}

// A session lasts as long as the source says, and replaces those of the browser.
func TestSessionsOfASource(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		in := input(settings{Claim: "employee", Field: "job_number"})
		in.SessionDays = 2
		_, err := w.Create(t.Context(), audit.ByOperator(), w.org, in)
		must(t, err)
		src, err := w.Enable(t.Context(), audit.ByOperator(), w.org, in.Name, true)
		must(t, err)
		ann := w.mustFinish(t, src, "ann's", map[string]string{"employee": "E1"})
		held := func(in account.SignedIn) account.HeldList {
			return account.HeldList{{Organization: w.org, Value: in.Value}}
		}

		again := w.arriving(src, "ann's", nil)
		again.Held = held(ann)
		ann2, err := w.Finish(t.Context(), from, again)
		must(t, err)
		_, err = w.accounts.Session(t.Context(), ann.Value)
		mustCode(t, err, fault.CodeTokenInvalid)

		other := w.arriving(src, "bob's", map[string]string{"employee": "E2"})
		other.Held = held(ann2)
		_, err = w.Finish(t.Context(), from, other)
		mustCode(t, err, fault.CodeSignedInAsOther)
		other.Replace = true // the state was not used
		bob, err := w.Finish(t.Context(), from, other)
		must(t, err)
		_, err = w.accounts.Session(t.Context(), ann2.Value)
		mustCode(t, err, fault.CodeTokenInvalid)

		w.move(48*time.Hour - time.Minute)
		_, err = w.accounts.Session(t.Context(), bob.Value)
		must(t, err)
		w.move(time.Minute)
		_, err = w.accounts.Session(t.Context(), bob.Value)
		mustCode(t, err, fault.CodeTokenInvalid)
	})
}

// Whoever is disabled is told so, and is the same when they are enabled. The account of
// somebody who has left is nobody's, also where their userid goes to somebody else.
func TestLeaving(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, src := t.Context(), w.mustSource(t, settings{Claim: "login", Field: "userid"})
		claims := map[string]string{"login": "ann"}
		in := w.mustFinish(t, src, "first", claims)
		must(t, w.dir.DisableUser(ctx, audit.ByOperator(), w.org, "ann"))
		_, err := w.accounts.Session(ctx, in.Value)
		mustCode(t, err, fault.CodeTokenInvalid)
		_, err = w.finish(t, src, "first", claims)
		mustCode(t, err, fault.CodeSignInOff)
		must(t, w.dir.EnableUser(ctx, audit.ByOperator(), w.org, "ann"))
		before := w.mustFinish(t, src, "first", nil).Viewer.Ordinal

		must(t, w.dir.DeleteUser(ctx, audit.ByOperator(), w.org, "ann"))
		if ids, err := w.Identities(ctx, w.org, before); err != nil || len(ids) > 0 {
			t.Errorf("identities of somebody who has left: %+v, %v", ids, err)
		}
		_, err = w.finish(t, src, "first", nil)
		mustWait(t, err)
		after := w.mustPerson(t, directory.NewUser{Userid: "ann", Name: "Another Ann"})
		if got := w.mustFinish(t, src, "second", claims).Viewer.Ordinal; got != after.Ordinal || got == before {
			t.Errorf("ordinal %d: was %d, is %d", got, before, after.Ordinal)
		}
	})
}

// A sign-in that was under way when its source changed or went off is not finished.
func TestSourceChangesMeanwhile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, src := t.Context(), w.mustSource(t, settings{Claim: "employee", Field: "job_number"})
		claims := map[string]string{"employee": "E1"}
		changed := input(settings{Claim: "employee", Field: "job_number", Issuer: "https://other.example.com"})
		_, err := w.Update(ctx, audit.ByOperator(), w.org, src.Name, 0, changed)
		must(t, err)
		_, err = w.finish(t, src, "first", claims)
		mustCode(t, err, fault.CodeSignInExpired)
		_, err = w.Enable(ctx, audit.ByOperator(), w.org, src.Name, true)
		must(t, err)
		_, err = w.finish(t, src, "first", claims)
		mustCode(t, err, fault.CodeSignInExpired)
		src, _, err = w.Usable(ctx, src.ID)
		must(t, err)
		w.mustFinish(t, src, "first", claims)
		_, err = w.Disable(ctx, audit.ByOperator(), w.org, src.Name, false)
		must(t, err)
		_, err = w.finish(t, src, "first", claims)
		mustCode(t, err, fault.CodeSignInExpired)
		_, _, err = w.Usable(ctx, src.ID)
		mustCode(t, err, fault.CodeNotFound)
	})
}

// What a provider says is shown without what is not visible, and a subject must be one.
func TestIdentityIsChecked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		src := w.mustSource(t, settings{})
		for _, subject := range []string{"", "a\x00b", "a\nb", "\xff", strings.Repeat("s", 256)} {
			_, err := w.finish(t, src, subject, nil)
			mustCode(t, err, fault.CodeSignInRefused)
		}
		f := w.arriving(src, strings.Repeat("s", 255), nil)
		f.Identity.Shown = "Eve\u202e\x00\n" + strings.Repeat("x", 500)
		_, err := w.Finish(t.Context(), from, f)
		var waiting *signin.WaitingError
		if !errors.As(err, &waiting) || len([]rune(waiting.Shown)) != 100 || !strings.HasPrefix(waiting.Shown, "Evex") || waiting.Source != src.Name {
			t.Errorf("%+v, %v", waiting, err)
		}
	})
}
