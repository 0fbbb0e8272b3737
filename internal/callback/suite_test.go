package callback_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// suite makes a third-party app that reads contacts and hears at a host.
func (w *world) suite(provider int64, host string, tags ...string) (app.App, callback.Key) {
	w.t.Helper()
	a, _, err := w.apps.CreateThirdParty(w.t.Context(), audit.ByOperator(), provider, app.NewApp{
		Name: host, Scopes: []string{app.ScopeSend, app.ScopeContacts},
	}, false)
	must(w.t, err)
	k := callback.Key{Organization: provider, AppID: a.ID}
	w.keys[host] = a.Key
	if len(tags) == 0 {
		tags = callback.SuiteTags()
	}
	must(w.t, w.set(k, host, tags...))
	return a, k
}

func (w *world) set(k callback.Key, host string, tags ...string) error {
	return w.calls.Set(w.t.Context(), audit.ByOperator(), k, callback.Settings{URL: "http://" + host + "/", Tags: tags, Token: "token", AESKey: secretKey})
}

func (w *world) install(a app.App, in int64, r directory.Range, scopes ...string) app.Agent {
	w.t.Helper()
	g, err := w.apps.Install(w.t.Context(), audit.ByOperator(), a.Organization, a.ID, in, app.Installation{Range: r, Scopes: scopes})
	must(w.t, err)
	return g
}

// sayings are what a host has heard since they were asked for last: "tag organization userids".
func (w *world) sayings(host string, names map[int64]string) (all []string) {
	w.t.Helper()
	w.mu.Lock()
	told := w.told[host]
	w.told[host] = nil
	w.mu.Unlock()
	corps := map[string]string{}
	for id, name := range names {
		o, err := w.people.Organization(w.t.Context(), id)
		must(w.t, err)
		corps[o.CorpID] = name
	}
	for _, e := range told {
		about := strings.Join(e.UserId, ",")
		if e.DeptId != nil {
			about = fmt.Sprint(e.DeptId)
		}
		all = append(all, strings.TrimSpace(e.EventType+" "+corps[e.CorpId]+" "+about))
	}
	return all
}

// rename changes somebody, whatever else they are.
func (w *world) rename(organization int64, userid, name string) {
	w.t.Helper()
	_, err := w.people.UpdateUser(w.t.Context(), audit.ByOperator(), organization, userid, directory.UserChange{Name: &name})
	must(w.t, err)
}

var everybody = directory.Range{Everyone: true}

// A third-party app hears of the organizations in which it is installed, of what they
// let it read and while they do, of its own installations, and of nobody else.
func TestSuiteHears(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		provider, a, b, c := w.organization("Provider"), w.organization("A"), w.organization("B"), w.organization("C")
		names := map[int64]string{provider: "provider", a: "a", b: "b", c: "c"}
		suite, k := w.suite(provider, "suite.example.com")
		other, otherKey := w.suite(provider, "other.example.com")
		w.deliver(k)
		if got := w.sayings("suite.example.com", names); !slices.Equal(got, []string{"suite_ticket"}) {
			t.Errorf("before anybody installs it: %q", got)
		}
		w.user(a, "before", 1)
		inA, inB := w.install(suite, a, everybody), w.install(suite, b, everybody, app.ScopeSend)
		w.install(other, c, everybody)
		for _, o := range []int64{provider, a, b, c} {
			w.user(o, fmt.Sprint("u", o), 1)
		}
		w.deliver(k)
		w.deliver(otherKey)
		want := []string{"tmp_auth_code a", "tmp_auth_code b", fmt.Sprint("user_add_org a u", a)}
		if got := w.sayings("suite.example.com", names); !slices.Equal(got, want) {
			t.Errorf("installed: %q, want %q", got, want)
		}
		if got := w.sayings("other.example.com", names); !slices.Equal(got, []string{"suite_ticket", "tmp_auth_code c", fmt.Sprint("user_add_org c u", c)}) {
			t.Errorf("another app: %q", got)
		}

		// B lets it read; A narrows it, and then nothing that A is changes anything.
		w.install(suite, b, everybody, app.ScopeSend, app.ScopeContacts)
		must(t, w.apps.SetRange(t.Context(), audit.ByOperator(), a, inA.ID, directory.Range{Userids: []string{"before"}}))
		must(t, w.apps.SetRange(t.Context(), audit.ByOperator(), a, inA.ID, directory.Range{Userids: []string{"before"}}))
		must(t, w.apps.SetDirectSend(t.Context(), audit.ByOperator(), a, inA.ID, true))
		w.user(a, "outside", 1)
		w.rename(a, "before", "One")
		w.user(b, "v", 1)
		w.deliver(k)
		want = []string{"change_auth a", "change_auth b", "change_auth a", "user_add_org b v", "user_modify_org a before"}
		if got := w.sayings("suite.example.com", names); !slices.Equal(got, want) {
			t.Errorf("changed: %q, want %q", got, want)
		}

		// Its own provider may have it too, and is an organization like others.
		own := w.install(suite, provider, everybody)
		w.user(provider, "p", 1)
		w.deliver(k)
		if got := w.sayings("suite.example.com", names); !slices.Equal(got, []string{"tmp_auth_code provider", "user_add_org provider p"}) {
			t.Errorf("at home: %q", got)
		}
		must(t, w.apps.Uninstall(t.Context(), audit.ByOperator(), provider, own.ID))
		w.deliver(k)
		w.sayings("suite.example.com", names)

		// While A has it switched off what happened waits, and of what happens nothing is
		// written; B is told.
		w.rename(a, "before", "Two")
		must(t, w.apps.DisableAgent(t.Context(), audit.ByOperator(), a, inA.ID))
		w.rename(a, "before", "Three")
		w.user(b, "w", 1)
		w.deliver(k)
		if got := w.sayings("suite.example.com", names); !slices.Equal(got, []string{"user_add_org b w"}) {
			t.Errorf("switched off: %q", got)
		}
		if due, err := w.db.Callbacks().Due(t.Context(), w.time()); err != nil || slices.ContainsFunc(due, func(d callback.Due) bool { return d.Key == k }) {
			t.Errorf("due: %+v, %v", due, err)
		}
		must(t, w.apps.EnableAgent(t.Context(), audit.ByOperator(), a, inA.ID))
		w.deliver(k)
		if got := w.sayings("suite.example.com", names); !slices.Equal(got, []string{"user_modify_org a before"}) {
			t.Errorf("switched on: %q", got)
		}

		// Uninstalled, it hears of that, and of nobody any more, not even of before.
		w.user(b, "x", 1)
		must(t, w.apps.Uninstall(t.Context(), audit.ByOperator(), b, inB.ID))
		must(t, w.apps.Uninstall(t.Context(), audit.ByOperator(), b, inB.ID))
		w.user(b, "y", 1)
		w.deliver(k)
		if got := w.sayings("suite.example.com", names); !slices.Equal(got, []string{"suite_relieve b"}) {
			t.Errorf("uninstalled: %q", got)
		}
		w.install(suite, b, everybody)
		w.deliver(k)
		if got := w.sayings("suite.example.com", names); !slices.Equal(got, []string{"tmp_auth_code b"}) {
			t.Errorf("installed again: %q", got)
		}
	})
}

// Under their later names the events are the same. Both names at once are refused, and
// so is what is an internal app's or nobody's.
func TestSuiteTags(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		provider, a := w.organization("Provider"), w.organization("A")
		suite, k := w.suite(provider, "suite.example.com", "org_suite_auth", "org_suite_relieve", callback.UserAdd)
		g := w.install(suite, a, everybody)
		w.deliver(k)
		must(t, w.apps.SetRange(t.Context(), audit.ByOperator(), a, g.ID, directory.Range{}))
		must(t, w.apps.Uninstall(t.Context(), audit.ByOperator(), a, g.ID))
		w.deliver(k)
		if got := w.events("suite.example.com"); len(got) != 2 || !strings.HasPrefix(got[0], "org_suite_auth") || !strings.HasPrefix(got[1], "org_suite_relieve") {
			t.Errorf("heard %q", got)
		}
		internal := w.listener(a, "internal.example.com", nil)
		for _, c := range []struct {
			k    callback.Key
			tags []string
		}{
			{k, []string{callback.SuiteAuth, "org_suite_auth"}},
			{k, []string{"check_url"}},
			{k, []string{"market_buy"}},
			{internal, []string{callback.SuiteTicket}},
			{internal, []string{"org_suite_auth"}},
		} {
			if err := w.set(c.k, "suite.example.com", c.tags...); !fault.Is(err, fault.CodeCallbackTag) {
				t.Errorf("%q: %v", c.tags, err)
			}
		}
	})
}

// A ticket is told when the callback is set, when it changes, and every five hours. What
// is told is what holds, also when it was replaced after the event was written.
func TestSuiteTicket(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, provider := t.Context(), w.organization("Provider")
		suite, k := w.suite(provider, "suite.example.com")
		store := w.db.Callbacks()
		tickets := func() (all []string) {
			w.deliver(k)
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, e := range w.told["suite.example.com"] {
				if e.EventType != callback.SuiteTicket || e.SuiteKey != suite.Key {
					t.Errorf("heard %+v", e)
				}
				all = append(all, e.SuiteTicket)
			}
			w.told["suite.example.com"] = nil
			return all
		}
		first, err := w.apps.Ticket(ctx, provider, suite.ID)
		must(t, err)
		if got := tickets(); !slices.Equal(got, []string{first}) {
			t.Errorf("set: %q", got)
		}
		second, err := w.apps.NewTicket(ctx, audit.ByOperator(), provider, suite.ID)
		must(t, err)
		if got := tickets(); !slices.Equal(got, []string{second}) {
			t.Errorf("replaced: %q", got)
		}
		for range 2 {
			_, err = w.apps.NewTicket(ctx, audit.ByOperator(), provider, suite.ID)
			must(t, err)
		}
		third, err := w.apps.Ticket(ctx, provider, suite.ID)
		must(t, err)
		if got := tickets(); len(got) == 0 || slices.ContainsFunc(got, func(s string) bool { return s != third }) {
			t.Errorf("replaced twice: %q, want %q", got, third)
		}

		due := func() bool {
			list, err := store.TicketsDue(ctx, w.time())
			must(t, err)
			return slices.Contains(list, k)
		}
		if w.pass(callback.TicketEvery - time.Minute); due() {
			t.Error("it is told again too early")
		}
		w.pass(2 * time.Minute)
		if !due() {
			t.Error("it is not told again")
		}
		for range 3 {
			must(t, store.TellTicket(ctx, k, w.time()))
		}
		if got := tickets(); !slices.Equal(got, []string{third}) || due() {
			t.Errorf("after five hours: %q", got)
		}
		w.answer("suite.example.com", errors.New("connection refused"))
		for range 3 { // one that waits is enough
			w.pass(callback.TicketEvery + time.Minute)
			must(t, store.TellTicket(ctx, k, w.time()))
		}
		if s := w.state(k); s.Waiting != 1 {
			t.Errorf("%d tickets wait", s.Waiting)
		}
		w.answer("suite.example.com", nil)
		tickets()

		must(t, w.apps.DisableApp(ctx, audit.ByOperator(), provider, suite.ID))
		if w.pass(callback.TicketEvery); due() {
			t.Error("an app that is switched off is told its ticket")
		}
		must(t, w.apps.EnableApp(ctx, audit.ByOperator(), provider, suite.ID))
		must(t, w.set(k, "suite.example.com", callback.SuiteEnd))
		if w.pass(callback.TicketEvery); due() {
			t.Error("an app is told what it does not listen to")
		}
	})
}

// Organizations take turns, each in its own order: one with much to tell does not keep
// another one waiting, and neither is told out of order.
func TestSuiteTurns(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		provider, a, b := w.organization("Provider"), w.organization("A"), w.organization("B")
		suite, k := w.suite(provider, "suite.example.com", callback.UserAdd)
		w.install(suite, a, everybody)
		w.install(suite, b, everybody)
		for i := range 5 {
			w.user(a, fmt.Sprint("a", i), 1)
		}
		for i := range 2 {
			w.user(b, fmt.Sprint("b", i), 1)
		}
		w.answer("suite.example.com", errors.New("away"))
		w.deliver(k)
		w.answer("suite.example.com", nil)
		w.deliver(k)
		want := "user_add_org [a0] user_add_org [b0] user_add_org [a1] user_add_org [b1] user_add_org [a2] user_add_org [a3] user_add_org [a4]"
		if got := strings.Join(w.events("suite.example.com"), " "); got != want {
			t.Errorf("heard %s, want %s", got, want)
		}
	})
}

// Before an address is stored it answers a check: with its random text, with success, or
// the newer check where it does not know the older one.
func TestSuiteChecked(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, w *world) {
		provider := w.organization("Provider")
		a, _, err := w.apps.CreateThirdParty(t.Context(), audit.ByOperator(), provider, app.NewApp{Name: "Suite"}, false)
		must(t, err)
		k := callback.Key{Organization: provider, AppID: a.ID}
		asked := []string{}
		for _, c := range []struct {
			name string
			says func(said) string
			good bool
			want string
		}{
			{"nothing that counts", func(said) string { return "no" }, false, "check_create_suite_url check_url"},
			{"random", func(e said) string { return e.Random }, true, "check_create_suite_url"},
			{"success", func(said) string { return "success" }, true, "check_update_suite_url"},
			{"the newer check alone", func(e said) string {
				if e.EventType == "check_url" {
					return "success"
				}
				return "unknown"
			}, true, "check_update_suite_url check_url"},
			{"empty", func(said) string { return "" }, false, "check_update_suite_url check_url"},
		} {
			host := strings.ReplaceAll(c.name, " ", "-") + ".example.com"
			asked = asked[:0]
			w.keys[host], w.says[host] = a.Key, func(e said) string {
				asked = append(asked, e.EventType)
				if e.EventType != "check_url" && (e.Random == "" || e.TestSuiteKey != a.Key) {
					t.Errorf("asked %+v", e)
				}
				return c.says(e)
			}
			err := w.set(k, host, callback.SuiteTags()...)
			if c.good && err != nil || !c.good && !fault.Is(err, fault.CodeCallbackAnswer) {
				t.Errorf("%s: %v", c.name, err)
			}
			if got := strings.Join(asked, " "); got != c.want {
				t.Errorf("%s: asked %q, want %q", c.name, got, c.want)
			}
		}
		is, _, err := w.calls.Status(t.Context(), k)
		if err != nil || is.URL != "http://the-newer-check-alone.example.com/" || is.KeyID != callback.BySuiteKey {
			t.Errorf("afterwards: %+v, %v", is, err)
		}
	})
}
