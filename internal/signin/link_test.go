package signin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/signin"
)

// entries are those of the organization's log about an action.
func (w *world) entries(tb testing.TB, action audit.Action) []audit.Entry {
	tb.Helper()
	log := &audit.Log{Store: w.db.AuditLog()}
	page, err := log.Page(tb.Context(), w.org, audit.Query{Action: action, Limit: 50})
	must(tb, err)
	return page.Entries
}

// Who waits has one code however often they come, an administrator links them, and then
// they are in.
func TestWaitingIsLinked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, src := t.Context(), w.mustSource(t, settings{})
		_, err := w.finish(t, src, "first", nil)
		ref := mustWait(t, err)
		w.move(time.Minute)
		_, err = w.finish(t, src, "second", nil)
		if other := mustWait(t, err); other == ref {
			t.Error("two have the same code")
		}
		w.move(time.Minute)
		_, err = w.finish(t, src, "first", nil)
		if again := mustWait(t, err); again != ref {
			t.Errorf("another code: %s, was %s", again, ref)
		}
		all, err := w.Waiting(ctx, w.org, signin.Waiting{}, 10)
		if err != nil || len(all) != 2 || all[0].Ref != ref || all[0].Subject != "first" || all[0].Shown != "shown first" || all[0].Source != src.Name {
			t.Fatalf("%+v, %v", all, err)
		}
		if rest, err := w.Waiting(ctx, w.org, all[0], 10); err != nil || len(rest) != 1 || rest[0] != all[1] {
			t.Errorf("after the first: %+v, %v", rest, err)
		}

		by := w.asker(t, "adam", policy.Administrator)
		_, err = w.Link(ctx, by, w.org, "AAAA-AAAA", "ann")
		mustCode(t, err, fault.CodeNotFound)
		_, err = w.Link(ctx, by, w.org, ref, "nobody")
		mustCode(t, err, fault.CodeUserUnknown)
		done, err := w.Link(ctx, by, w.org, " "+strings.ToLower(strings.ReplaceAll(ref, "-", "")), "ann")
		if err != nil || done.Subject != "first" {
			t.Fatalf("%+v, %v", done, err)
		}
		_, err = w.Link(ctx, by, w.org, ref, "bob")
		mustCode(t, err, fault.CodeNotFound)
		_, err = w.Link(ctx, by, w.org, all[1].Ref, "ann")
		mustCode(t, err, fault.CodeConflict)
		in := w.mustFinish(t, src, "first", nil)
		if in.Viewer.Userid != "ann" {
			t.Errorf("signed in as %+v", in.Viewer)
		}
		if log := w.entries(t, audit.IdentityLink); len(log) != 1 || log[0].By.Actor != by.By.Actor || log[0].Subject != audit.PersonSubject(w.ordinal(t, "ann")) {
			t.Errorf("the log has %+v", log)
		}

		must(t, w.Unlink(ctx, by, w.org, src.Name, "ann"))
		_, err = w.accounts.Session(ctx, in.Value)
		mustCode(t, err, fault.CodeTokenInvalid)
		mustCode(t, w.Unlink(ctx, by, w.org, src.Name, "ann"), fault.CodeNotFound)
		mustCode(t, w.Unlink(ctx, by, w.org, "none", "ann"), fault.CodeNotFound)
		_, err = w.finish(t, src, "first", nil)
		mustWait(t, err)

		w.move(signin.WaitingKept + time.Minute)
		if all, err := w.Waiting(ctx, w.org, signin.Waiting{}, 10); err != nil || len(all) > 0 {
			t.Errorf("after 30 days %+v, %v", all, err)
		}
		_, err = w.Link(ctx, by, w.org, ref, "ann")
		mustCode(t, err, fault.CodeNotFound)
	})
}

// Nobody gives out a way in to more than they could be given, nor takes one away.
func TestWhoLinksWhom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, src := t.Context(), w.mustSource(t, settings{})
		owner := func(userid string) policy.Asker { return w.asker(t, userid, policy.Owner) }
		admin := w.asker(t, "adam", policy.Administrator)
		for _, c := range []struct {
			name string
			by   policy.Asker
			who  string
			may  bool
		}{
			{"an administrator an employee", admin, "ann", true},
			{"an administrator themself", admin, "adam", false},
			{"an administrator an owner", admin, "olga", false},
			{"an owner an administrator", owner("olga"), "adam", true},
			{"an owner another owner", owner("olga"), "otto", true},
			{"an owner themself", owner("olga"), "olga", false},
			{"the operator an owner", operator, "olga", true},
		} {
			_, err := w.finish(t, src, c.name, nil)
			ref := mustWait(t, err)
			_, err = w.Link(ctx, c.by, w.org, ref, c.who)
			if c.may {
				must(t, err)
				must(t, w.Unlink(ctx, operator, w.org, src.Name, c.who))
				continue
			}
			mustCode(t, err, fault.CodePermissionDenied)
			_, err = w.Link(ctx, operator, w.org, ref, c.who)
			must(t, err)
			mustCode(t, w.Unlink(ctx, c.by, w.org, src.Name, c.who), fault.CodePermissionDenied)
			must(t, w.Unlink(ctx, operator, w.org, src.Name, c.who))
		}
	})
}
