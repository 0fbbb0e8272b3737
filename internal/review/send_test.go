package review_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/template"
)

// mustApproved makes a template of the third-party app and lets it pass.
func (w *world) mustApproved(t testing.TB, f template.Form) string {
	t.Helper()
	made, err := w.reviews.Create(context.Background(), w.as("ann"), w.third, f)
	must(t, err)
	w.mustPass(t, made.ID, 1)
	return made.ID
}

func (w *world) mustPass(t testing.TB, id string, number int) {
	t.Helper()
	_, err := w.reviews.Submit(context.Background(), w.as("ann"), w.third, id, 0)
	must(t, err)
	_, err = w.reviews.Approve(context.Background(), w.as("rob"), w.third, id, number)
	must(t, err)
}

// What is wrong is told in the order in which it is checked: each of these has
// everything wrong that comes after it too.
func TestTheOrderOfChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	c := w.caller(t, w.node, w.away.ID)
	short := form("x")
	short.Parameters[0].MaxLength = 3
	id := w.mustApproved(t, short)
	draft, err := w.reviews.Create(t.Context(), w.as("ann"), w.third, form("x"))
	must(t, err)
	off := w.mustApproved(t, form("y"))
	_, err = w.reviews.Disable(t.Context(), w.as("ann"), w.third, off)
	must(t, err)
	gone := w.mustApproved(t, form("z"))
	must(t, w.reviews.Delete(t.Context(), w.as("ann"), w.third, gone))
	inner, err := w.reviews.Create(t.Context(), w.as("ann"), w.internal, form("x"))
	must(t, err)
	many := slices.Repeat([]string{"x"}, c.Limits.UseridsPerCall+1)
	long := template.Values{"n": "four"}
	for name, c := range map[string]struct {
		request notify.TemplateRequest
		want    fault.Code
		field   string
	}{
		"nobody named":         {bytemplate(c, "none", nil), fault.CodeParameterMissing, "userid_list"},
		"too many":             {bytemplate(c, "none", nil, many...), fault.CodeUseridsTooMany, "userid_list"},
		"no such template":     {bytemplate(c, "none", nil, "eve"), fault.CodeTemplateUnknown, "template_id"},
		"another app's":        {bytemplate(c, inner.ID, nil, "eve"), fault.CodeTemplateUnknown, "template_id"},
		"deleted":              {bytemplate(c, gone, nil, "eve"), fault.CodeTemplateUnknown, "template_id"},
		"not approved":         {bytemplate(c, draft.ID, nil, "eve"), fault.CodeTemplateUnusable, "template_id"},
		"disabled":             {bytemplate(c, off, nil, "eve"), fault.CodeTemplateUnusable, "template_id"},
		"no value":             {bytemplate(c, id, template.Values{"m": "x"}, "eve"), fault.CodeTemplateValueMissing, "data.n"},
		"value too long":       {bytemplate(c, id, long, "eve"), fault.CodeMessageFieldLong, "data.n"},
		"not the token's app":  {notify.TemplateRequest{Envelope: notify.Envelope{Caller: c, AgentID: 5}}, fault.CodeAgentUnknown, "agent_id"},
		"internal, not for it": {bytemplate(w.insider(nil), "none", nil, "eve"), fault.CodeTemplatesOff, "agent_id"},
		"internal, hosted service": {bytemplate(w.insider(func(l *policy.Limits) {
			l.Preset, l.TemplatesForInternalApps = policy.DingTalk, true
		}), inner.ID, nil, "ann"), fault.CodeTemplatesOff, "agent_id"},
		"internal, allowed": {bytemplate(w.insider(func(l *policy.Limits) { l.TemplatesForInternalApps = true }), inner.ID, nil, "ann"), fault.CodeTemplateUnusable, "template_id"},
	} {
		_, err := w.sends.SendTemplate(t.Context(), c.request)
		if f := fault.From(err); err == nil || f.Code != c.want || f.Field != c.field {
			t.Errorf("%s: %v of %s, want %s of %s", name, err, f.Field, c.want, c.field)
		}
	}
	everyone := bytemplate(c, id, template.Values{"n": "1"})
	everyone.Audience.DeptIDs = []int64{directory.RootID}
	_, err = w.sends.SendTemplate(t.Context(), everyone)
	wantCode(t, err, fault.CodeEveryoneForbidden)
	if at, err := w.db.Inbox().Revision(t.Context(), w.away.ID); err != nil || at != 0 {
		t.Errorf("refusals left revision %d %v", at, err)
	}
}

func TestNamesInValues(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		sales, err := w.directory.CreateDepartment(t.Context(), audit.ByOperator(), w.away.ID, directory.NewDepartment{ParentID: directory.RootID, Name: "Sales *1*"})
		must(t, err)
		c, id := w.caller(t, w.node, w.away.ID), w.mustApproved(t, form("To"))
		send := func(value string) string {
			t.Helper()
			task, err := w.sends.SendTemplate(t.Context(), bytemplate(c, id, template.Values{"n": value}, "eve"))
			must(t, err)
			return w.said(t, w.away.ID, task)
		}
		// Of the receiving organization: ann is of the provider's.
		value := fmt.Sprintf("$userName=eve$ of $departmentName=%d$, $userName=ann$", sales.ID)
		for range 2 {
			if got := send(value); !strings.Contains(got, `To Name of eve of Sales \\*1\\*\\, \\$userName\\=ann\\$`) {
				t.Errorf("said %s", got)
			}
			value += " again"
		}
		_, err = w.directory.UpdateUser(t.Context(), audit.ByOperator(), w.away.ID, "eve", directory.UserChange{Name: new("Eva")})
		must(t, err)
		if got := send(value); !strings.Contains(got, "To Eva of") {
			t.Errorf("after another name: %s", got)
		}
	})
}

// Identical is what is identical once values are filled in and ids are names.
func TestIdenticalIsWhatIsSaid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c, id := w.caller(t, w.node, w.away.ID), w.mustApproved(t, form("To"))
		sent := func(value string) uint64 {
			t.Helper()
			task, err := w.sends.SendTemplate(t.Context(), bytemplate(c, id, template.Values{"n": value, "extra": "ignored"}, "eve"))
			must(t, err)
			outcome, err := w.db.Tasks().OutcomeByID(t.Context(), w.away.ID, task)
			must(t, err)
			for _, h := range outcome.Held {
				if h.Code != policy.SameThirdParty {
					t.Errorf("held back for %s", h.Code)
				}
			}
			return outcome.Sent.GetCardinality()
		}
		for i, c := range []struct {
			value string
			want  uint64
		}{{"$userName=eve$", 1}, {"Name of eve", 0}, {"Name of rob", 1}, {"$userName=rob$", 0}} {
			if got := sent(c.value); got != c.want {
				t.Errorf("send %d reached %d, want %d", i, got, c.want)
			}
		}
	})
}

// Once disabling has been answered nothing that is accepted later uses the
// template, on whatever node; and what was approved last is what is sent.
func TestDisablingIsExact(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.mustApproved(t, form("version 1 of"))
		near := w.caller(t, w.node, w.away.ID)
		far := near
		other := w.node
		if w.db.Engine() == "postgres" {
			other = w.newNode(t, w.keyFile)
		}
		var stop atomic.Bool
		accepted := make(chan int64, 100)
		var number atomic.Int64
		var senders sync.WaitGroup
		for i, n := range []*node{w.node, other, w.node, other} {
			senders.Go(func() {
				c := near
				if i%2 == 1 {
					c = far
				}
				for !stop.Load() {
					v := template.Values{"n": fmt.Sprint(number.Add(1))}
					task, err := n.sends.SendTemplate(ctx, bytemplate(c, id, v, "eve"))
					if err == nil {
						select {
						case accepted <- task:
						default: // nobody waits for one
						}
					} else if !fault.Is(err, fault.CodeTemplateUnusable) && !fault.Is(err, fault.CodeBusy) {
						t.Error(err)
					}
				}
			})
		}
		defer senders.Wait() // also of a round that failed
		defer stop.Store(true)
		some := func() { // sends accepted from now on, or almost
			for len(accepted) > 0 {
				<-accepted
			}
			for range 5 {
				<-accepted
			}
		}
		revision := func() int64 {
			at, err := w.db.Inbox().Revision(ctx, w.away.ID)
			must(t, err)
			return at
		}
		live := 1
		for round := range 12 {
			some()
			if round%3 == 2 { // another version
				live++
				must(t, patiently(func() error {
					_, err := w.reviews.Save(ctx, w.as("ann"), w.third, id, form(fmt.Sprintf("version %d of", live)), 0)
					return err
				}))
				w.mustPass(t, id, live)
				from := revision()
				some()
				w.mustSay(t, from, fmt.Sprintf("version %d of", live))
				continue
			}
			must(t, patiently(func() error {
				_, err := w.reviews.Disable(ctx, w.as("ann"), w.third, id)
				return err
			}))
			from := revision()
			for range 4 {
				wantCode(t, patiently(func() error {
					_, err := other.sends.SendTemplate(ctx, bytemplate(far, id, template.Values{"n": fmt.Sprint(number.Add(1))}, "eve"))
					return err
				}), fault.CodeTemplateUnusable)
			}
			if at := revision(); at != from {
				t.Errorf("%d sends were accepted after disabling was answered", at-from)
			}
			must(t, patiently(func() error {
				_, err := w.reviews.Enable(ctx, w.as("ann"), w.third, id)
				return err
			}))
		}
	})
}

// patiently does something again while the database is busy with the senders.
func patiently(do func() error) error {
	for {
		if err := do(); !fault.Is(err, fault.CodeBusy) {
			return err
		}
	}
}

// mustSay makes sure that what was accepted after a revision says text.
func (w *world) mustSay(t *testing.T, after int64, text string) {
	t.Helper()
	eve := w.as("eve")
	_, keys, err := w.db.Inbox().Filed(t.Context(), inbox.Viewer{Organization: eve.Organization, Ordinal: eve.Ordinal},
		inbox.Span{After: after, Before: math.MaxInt64}, 1000)
	must(t, err)
	if len(keys) == 0 {
		t.Fatal("nothing was accepted")
	}
	for _, k := range keys {
		id := k.TaskID
		if got := w.said(t, w.away.ID, id); !strings.Contains(got, text) {
			t.Errorf("task %d says %s, want %s", id, got, text)
		}
	}
}

// A request repeated under its key is the same task, also when the template was
// disabled in between; a new one is refused.
func TestKeysAndDisabling(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c, id := w.caller(t, w.node, w.away.ID), w.mustApproved(t, form("x"))
		keyed := func(key string) notify.TemplateRequest {
			r := bytemplate(c, id, template.Values{"n": "1"}, "eve")
			r.IdempotencyKey, r.RequestDigest = key, [32]byte{1}
			return r
		}
		first, err := w.sends.SendTemplate(t.Context(), keyed("a"))
		must(t, err)
		_, err = w.reviews.Disable(t.Context(), w.as("ann"), w.third, id)
		must(t, err)
		if again, err := w.sends.SendTemplate(t.Context(), keyed("a")); err != nil || again != first {
			t.Errorf("repeated: %d %v, want %d", again, err, first)
		}
		_, err = w.sends.SendTemplate(t.Context(), keyed("b"))
		wantCode(t, err, fault.CodeTemplateUnusable)
		_, err = w.reviews.Enable(t.Context(), w.as("ann"), w.third, id)
		must(t, err)
		if _, err := w.sends.SendTemplate(t.Context(), keyed("b")); err != nil {
			t.Errorf("after a refusal: %v", err)
		}
	})
}

// What could not be filled in is not filled in again in the transaction, where
// others would wait for it: it would fail again.
func TestNothingIsFilledInAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, c, id := t.Context(), w.caller(t, w.node, w.away.ID), w.mustApproved(t, form("x"))
		keyed := func(value, key string) notify.TemplateRequest {
			r := bytemplate(c, id, template.Values{"n": value}, "eve")
			r.IdempotencyKey, r.RequestDigest = key, [32]byte{1}
			return r
		}
		before := w.taken.Load()
		_, err := w.sends.SendTemplate(ctx, keyed(strings.Repeat("x", 6000), "long"))
		wantCode(t, err, fault.CodeMessageFieldLong)
		_, err = w.sends.SendTemplate(ctx, keyed("$userName=nobody$", "good"))
		must(t, err)
		if n := w.taken.Load() - before; n != 2 {
			t.Errorf("two sends were filled in %d times", n)
		}
	})
}

// Tests reach their sender whatever the quotas, and take none of them.
func TestTestsCountForNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		made, err := w.reviews.Create(t.Context(), w.as("ann"), w.third, form("hello"))
		must(t, err)
		test := func(want string, values template.Values) {
			t.Helper()
			task, err := w.reviews.Test(t.Context(), w.as("ann"), w.third, made.ID, 0, values)
			must(t, err)
			if got := w.said(t, w.home.ID, task); !strings.Contains(got, want) {
				t.Errorf("said %s", got)
			}
		}
		for range 5 { // identical, and more than a day's messages
			test("hello 7", nil)
		}
		test("hello Name of emp", template.Values{"n": "$userName=emp$"})
		_, err = w.reviews.Test(t.Context(), audit.ByOperator(), w.third, made.ID, 0, nil)
		wantCode(t, err, fault.CodePermissionDenied) // the operator has no inbox
		w.mustPass(t, made.ID, 1)
		c := w.caller(t, w.node, w.home.ID)
		c.Limits.MessagesPerDay, c.Limits.RecipientsPerMin = 2, 2
		var reached []uint64
		for i := range 3 {
			test("hello 7", nil)
			task, err := w.sends.SendTemplate(t.Context(), bytemplate(c, made.ID, template.Values{"n": fmt.Sprint(7 + i)}, "ann"))
			must(t, err)
			outcome, err := w.db.Tasks().OutcomeByID(t.Context(), w.home.ID, task)
			must(t, err)
			reached = append(reached, outcome.Sent.GetCardinality())
		}
		if !slices.Equal(reached, []uint64{1, 1, 0}) {
			t.Errorf("real sends reached %v; the first two have room, and the tests took none of it", reached)
		}
		// A node that was not there counts the same.
		other := w.newNode(t, w.keyFile)
		task, err := other.sends.SendTemplate(t.Context(), bytemplate(c, made.ID, template.Values{"n": "10"}, "emp"))
		must(t, err)
		outcome, err := w.db.Tasks().OutcomeByID(t.Context(), w.home.ID, task)
		must(t, err)
		if outcome.Sent.GetCardinality() != 0 || outcome.Held[0].Code != policy.MinuteThirdParty {
			t.Errorf("a minute of two had been used by two: %+v", outcome.Held)
		}
		must(t, w.apps.Uninstall(t.Context(), audit.ByOperator(), w.home.ID, w.agents[w.home.ID].ID))
		_, err = w.reviews.Test(t.Context(), w.as("ann"), w.third, made.ID, 0, nil)
		wantCode(t, err, fault.CodeNotInstalled)
	})
}

// Another app that names the template gets nothing by it, not even in the same
// transaction as the app whose it is.
func TestAnotherAppsTemplate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, id := t.Context(), w.mustApproved(t, form("x"))
		owner := w.caller(t, w.node, w.home.ID)
		other := w.insider(func(l *policy.Limits) { l.TemplatesForInternalApps = true })
		for round := range 30 {
			var both sync.WaitGroup
			for i := range 4 {
				v := template.Values{"n": fmt.Sprintf("%d-%d", round, i)}
				both.Go(func() {
					if _, err := w.sends.SendTemplate(ctx, bytemplate(owner, id, v, "ann")); err != nil {
						t.Error(err)
					}
				})
				both.Go(func() {
					r := bytemplate(other, id, v, "ann")
					r.IdempotencyKey, r.RequestDigest = fmt.Sprint(round, i), [32]byte{1} // which is looked up in the transaction
					_, err := w.sends.SendTemplate(ctx, r)
					wantCode(t, err, fault.CodeTemplateUnknown)
				})
			}
			both.Wait()
		}
	})
}
