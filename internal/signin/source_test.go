package signin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	for _, organization := range []int64{1, 17, 1 << 50} {
		id := signin.NewID(organization)
		if got, ok := signin.ParseID(id); !ok || got != organization {
			t.Errorf("%s is of %d", id, got)
		}
	}
	for _, id := range []string{
		"", "17", "17_", "_aaaaaaaaaaaaaaaa", "0_aaaaaaaaaaaaaaaa", "017_aaaaaaaaaaaaaaaa", "+1_aaaaaaaaaaaaaaaa", "-1_aaaaaaaaaaaaaaaa",
		"1_AAAAAAAAAAAAAAAA", "1_aaaaaaaaaaaaaaa1", "1_aaaaaaaaaaaaaaaaa", "1_aaaaaaaaaaaaaaa", "99999999999999999999_aaaaaaaaaaaaaaaa", "1_aaaaaaaaaaaaaaa/",
	} {
		if _, ok := signin.ParseID(id); ok {
			t.Errorf("%q is an id", id)
		}
	}
}

// A source is a draft until somebody has tried it, and again when its settings change.
func TestSourceIsTriedFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), w.asker(t, "olga", policy.Owner).By
		in := input(settings{Claim: "employee", Field: "job_number"})
		src, err := w.Create(ctx, by, w.org, in)
		must(t, err)
		if src.State != signin.Draft || src.ByOperator || src.SessionDays != signin.DefaultSessionDays || src.Edition != 1 {
			t.Errorf("made %+v", src)
		}
		_, err = w.Enable(ctx, by, w.org, src.Name, false)
		mustCode(t, err, fault.CodeConflict)
		_, err = w.Enable(ctx, by, w.org, src.Name, true) // the operator's alone
		mustCode(t, err, fault.CodeConflict)
		steps, err := w.Test(ctx, w.org, src.Name)
		if err != nil || len(steps) != 1 || !steps[0].OK {
			t.Errorf("tested: %+v, %v", steps, err)
		}
		_, err = w.Enable(ctx, by, w.org, src.Name, false) // reaching it is not trying it
		mustCode(t, err, fault.CodeConflict)

		for subject, claims := range map[string]map[string]string{"bob": {"employee": "E1"}, "nobody": {"employee": "E9"}} {
			trial, err := w.Tried(ctx, by, src, signin.Identity{Subject: subject, Claims: claims})
			if err != nil || (trial.WouldMatch != nil) != (subject == "bob") || trial.Claims["employee"] == "" {
				t.Errorf("tried: %+v, %v", trial, err)
			}
		}
		if ids, err := w.Identities(ctx, w.org, w.ordinal(t, "ann")); err != nil || len(ids) > 0 {
			t.Errorf("trying has linked %+v, %v", ids, err)
		}
		if waiting, err := w.Waiting(ctx, w.org, signin.Waiting{}, 10); err != nil || len(waiting) > 0 {
			t.Errorf("trying has made somebody wait: %+v, %v", waiting, err)
		}
		_, err = w.Enable(ctx, by, w.org, src.Name, false)
		must(t, err)
		offered, err := w.Offered(ctx, w.org)
		if err != nil || len(offered) != 1 || offered[0].ID != src.ID || offered[0].TestedAt.IsZero() {
			t.Errorf("offered %+v, %v", offered, err)
		}

		in.Name, in.Secret, in.SessionDays = "Renamed", nil, 3
		src, err = w.Update(ctx, by, w.org, src.Name, 1, in)
		if err != nil || src.State != signin.On || src.TestedAt.IsZero() || src.SessionDays != 3 {
			t.Errorf("renamed: %+v, %v", src, err)
		}
		if d, err := w.Named(ctx, w.org, "Renamed"); err != nil || !d.HasSecret {
			t.Errorf("the secret is lost: %+v, %v", d, err)
		}
		_, err = w.Update(ctx, by, w.org, src.Name, 1, in)
		mustCode(t, err, fault.CodeConflict)
		in.Settings = input(settings{Claim: "email", Field: "email"}).Settings
		changed, err := w.Update(ctx, by, w.org, src.Name, 2, in)
		if err != nil || changed.State != signin.Draft || !changed.TestedAt.IsZero() {
			t.Errorf("changed: %+v, %v", changed, err)
		}
		_, err = w.Tried(ctx, by, src, signin.Identity{Subject: "bob"}) // tried what it was before
		mustCode(t, err, fault.CodeSignInExpired)
	})
}

// What could make others of the people who are linked cannot change any more, and what the
// operator has named is the operator's only while nobody else changes it.
func TestSourceChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), w.asker(t, "olga", policy.Owner).By
		match := settings{Claim: "employee", Field: "job_number"}
		src := w.mustSource(t, match)
		if !src.ByOperator {
			t.Error("made by the operator, and not noted")
		}
		elsewhere := match
		elsewhere.Issuer = "https://elsewhere.example.com"
		in := input(elsewhere)
		in.Secret = nil
		for _, c := range []struct {
			by         audit.By
			byOperator bool
		}{{audit.ByOperator(), true}, {by, false}, {audit.ByOperator(), true}} {
			in.Settings = input(elsewhere).Settings
			to, err := w.Update(ctx, c.by, w.org, src.Name, 0, in)
			if err != nil || to.ByOperator != c.byOperator {
				t.Errorf("by %v: %+v, %v", c.by.Actor, to, err)
			}
			elsewhere.Issuer += "/x"
		}
		src, err := w.Enable(ctx, audit.ByOperator(), w.org, src.Name, true)
		must(t, err)
		w.mustFinish(t, src, "first", map[string]string{"employee": "E1"})
		in.Settings = input(elsewhere).Settings
		_, err = w.Update(ctx, audit.ByOperator(), w.org, src.Name, 0, in)
		mustCode(t, err, fault.CodeConflict)
		if f := fault.From(err); f.Field != "settings.issuer" {
			t.Errorf("the field is %q", f.Field)
		}
		must(t, w.Unlink(ctx, operator, w.org, src.Name, "ann"))
		_, err = w.Update(ctx, audit.ByOperator(), w.org, src.Name, 0, in)
		must(t, err)
	})
}

// Off, a source has no sessions any more, unless they are to go on. Others' sessions stay.
func TestSourceOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, match := t.Context(), settings{Claim: "employee", Field: "job_number"}
		one, two := w.mustSource(t, match), w.mustSourceNamed(t, "Entra", match)
		ann, bob := w.mustFinish(t, one, "ann's", map[string]string{"employee": "E1"}), w.mustFinish(t, two, "bob's", map[string]string{"employee": "E2"})
		_, err := w.Disable(ctx, audit.ByOperator(), w.org, two.Name, true)
		must(t, err)
		_, err = w.Disable(ctx, audit.ByOperator(), w.org, one.Name, false)
		must(t, err)
		far := w.newNode(t)
		_, err = far.accounts.Session(ctx, ann.Value)
		mustCode(t, err, fault.CodeTokenInvalid)
		_, err = w.accounts.Session(ctx, ann.Value) // known here from before
		mustCode(t, err, fault.CodeTokenInvalid)
		_, err = far.accounts.Session(ctx, bob.Value)
		must(t, err)
	})
}

// An owner does not turn off the last source by which owners sign in; the operator may,
// who makes links.
func TestLastWayIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), w.asker(t, "olga", policy.Owner)
		one, two := w.mustSource(t, settings{}), w.mustSourceNamed(t, "Entra", settings{})
		link := func(src signin.Source, userid string) {
			_, err := w.finish(t, src, userid+"'s", nil)
			_, err = w.Link(ctx, operator, w.org, mustWait(t, err), userid)
			must(t, err)
		}
		_, err := w.Disable(ctx, by.By, w.org, one.Name, false) // by which nobody signs in
		must(t, err)
		_, err = w.Enable(ctx, audit.ByOperator(), w.org, one.Name, true)
		must(t, err)
		link(one, "otto")
		link(two, "ann")
		_, err = w.Disable(ctx, by.By, w.org, one.Name, false)
		mustCode(t, err, fault.CodeLastWayIn)
		mustCode(t, w.Unlink(ctx, by, w.org, one.Name, "otto"), fault.CodeLastWayIn)
		link(two, "olga")
		must(t, w.dir.DisableUser(ctx, audit.ByOperator(), w.org, "olga")) // who is no way in
		_, err = w.Disable(ctx, w.asker(t, "otto", policy.Owner).By, w.org, one.Name, false)
		mustCode(t, err, fault.CodeLastWayIn)
		must(t, w.dir.EnableUser(ctx, audit.ByOperator(), w.org, "olga"))
		_, err = w.Disable(ctx, by.By, w.org, one.Name, false)
		must(t, err)
		_, err = w.Disable(ctx, by.By, w.org, two.Name, false)
		mustCode(t, err, fault.CodeLastWayIn)
		_, err = w.Disable(ctx, audit.ByOperator(), w.org, two.Name, false)
		must(t, err)
	})
}

// What no source can be made of is refused and changes nothing.
func TestBadSources(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		long, bad := strings.Repeat("x", 51), "a\x00b"
		for field, spoil := range map[string]func(*signin.Input){
			"kind":            func(in *signin.Input) { in.Kind = "ldap" },
			"name":            func(in *signin.Input) { in.Name = " " },
			"name ":           func(in *signin.Input) { in.Name = long },
			"name  ":          func(in *signin.Input) { in.Name = "a/b" },
			"name   ":         func(in *signin.Input) { in.Name = ".." },
			"name    ":        func(in *signin.Input) { in.Name = "a\nb" },
			"session_days":    func(in *signin.Input) { in.SessionDays = 181 },
			"session_days ":   func(in *signin.Input) { in.SessionDays = -1 },
			"secret":          func(in *signin.Input) { in.Secret = &bad },
			"settings.issuer": func(in *signin.Input) { in.Settings = []byte(`{`) },
			"settings":        func(in *signin.Input) { in.Settings = []byte(strings.Repeat(" ", 17<<10)) },
		} {
			in := input(settings{})
			spoil(&in)
			_, err := w.Create(ctx, audit.ByOperator(), w.org, in)
			if f := fault.From(err); f == nil || f.Code != fault.CodeParameterInvalid || f.Field != strings.TrimSpace(field) {
				t.Errorf("%s: %v", field, err)
			}
		}
		if all, err := w.Sources(ctx, w.org); err != nil || len(all) > 0 {
			t.Errorf("there are %+v, %v", all, err)
		}
		src := w.mustSource(t, settings{})
		_, err := w.Create(ctx, audit.ByOperator(), w.org, input(settings{}))
		mustCode(t, err, fault.CodeConflict)
		other := w.mustSourceNamed(t, "Entra", settings{})
		in := input(settings{})
		in.Name = src.Name
		_, err = w.Update(ctx, audit.ByOperator(), w.org, other.Name, 0, in)
		mustCode(t, err, fault.CodeConflict)
		in.Name, in.Kind = other.Name, "ldap"
		_, err = w.Update(ctx, audit.ByOperator(), w.org, other.Name, 0, in)
		mustCode(t, err, fault.CodeParameterInvalid)
		for i := range 48 {
			w.mustSourceNamed(t, fmt.Sprint("source ", i), settings{})
		}
		in = input(settings{})
		in.Name = "one more"
		_, err = w.Create(ctx, audit.ByOperator(), w.org, in)
		mustCode(t, err, fault.CodeConflict)
	})
}

// Secrets are encrypted again with the key in use, and are good for their own row alone.
func TestSecretsFollowTheMasterKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, src := t.Context(), w.mustSource(t, settings{})
		rotation := &masterkey.Rotation{Store: w.db.Keys(), Ring: w.keys, Now: w.now}
		_, err := rotation.Add(ctx, audit.ByOperator())
		must(t, err)
		before, err := w.db.SignIn().Source(ctx, w.org, src.ID)
		must(t, err)
		done, err := rotation.Switch(ctx, audit.ByOperator(), time.Second)
		if err != nil || done.Secrets != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
		stored, err := w.db.SignIn().Source(ctx, w.org, src.ID)
		if err != nil || stored.Secret.Number != 2 {
			t.Errorf("key %d, %v", stored.Secret.Number, err)
		}
		if _, secret, err := w.Usable(ctx, src.ID); err != nil || secret != "s3cret" {
			t.Errorf("%q, %v", secret, err)
		}
		// A source whose turn has not come yet can be changed, but for its secret.
		_, raw := storetest.Raw(t, w.address)
		_, err = raw.ExecContext(ctx, `UPDATE sign_in_source SET key_number = $1, secret = $2`, before.Secret.Number, before.Secret.Ciphertext)
		must(t, err)
		_, err = w.Disable(ctx, audit.ByOperator(), w.org, src.Name, false)
		must(t, err)
		in := input(settings{})
		_, err = w.Update(ctx, audit.ByOperator(), w.org, src.Name, 0, in)
		must(t, err)
		if again, err := w.db.SignIn().Source(ctx, w.org, src.ID); err != nil || again.Secret.Number != 2 {
			t.Errorf("another secret: key %d, %v", again.Secret.Number, err)
		}
		other := stored.Row()
		other.Source = signin.NewID(w.org)
		if _, err := w.keys.Open(other, stored.Secret); err == nil {
			t.Error("another source opens it")
		}
		if _, err := w.keys.Open(masterkey.Row{Organization: w.org}, stored.Secret); err == nil {
			t.Error("an app opens it")
		}
	})
}
