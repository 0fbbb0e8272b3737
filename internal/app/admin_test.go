package app_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

func TestAppIsKeptAsItWasMade(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, o := w.mustNode(t), w.mustOrganization(t, "One")
		r := directory.Range{DeptIDs: []int64{3, 2, 3}, Userids: []string{"b", "a"}}
		a, g, _, err := n.CreateInternal(t.Context(), audit.ByOperator(), o.ID, app.NewApp{
			Name: " 工资 ", Description: "Payslips", Icon: "@icon", TrustedHosts: []string{"Pay.Example.com", "pay.example.com"},
			PageURL: " https://pay.example.com/我的 工资?a=1 ", SendToEveryone: true, Scopes: []string{app.ScopeSend}, Range: &r,
		})
		must(t, err)
		l := n.mustListing(t, installed{App: a})
		if diff := cmp.Diff(a, l.App); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(g.Range, l.Agent.Range); diff != "" || len(l.Secrets) != 1 {
			t.Error(diff, l.Secrets)
		}
		if a.PageURL != "https://pay.example.com/我的 工资?a=1" {
			t.Errorf("page %q", a.PageURL)
		}
		if a.Name != "工资" || len(a.TrustedHosts) != 1 || len(g.Range.DeptIDs) != 2 || g.Range.Userids[0] != "a" {
			t.Errorf("not cleaned: %+v %+v", a, g)
		}
	})
}

// A page address is one that a card can link to, and no link inside another.
func TestWhatAPageMayNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	n, o := w.mustNode(t), w.mustOrganization(t, "One")
	a := n.mustApp(t, o.ID, "A")
	for _, bad := range []string{
		"example.com", "/path", "ftp://example.com", "javascript:alert(1)", "data:text/html,x", "eapp://pages/index", "https://", "https://a@example.com",
		"dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fexample.com", "https://example.com/\u202e", "https://exa\nmple.com", "https://\xff.com",
		"https://example.com/" + strings.Repeat("x", 1024),
	} {
		p := a.Profile()
		p.PageURL = bad
		err := n.SetProfile(t.Context(), audit.ByOperator(), o.ID, a.ID, p)
		wantCode(t, err, fault.CodeParameterInvalid)
		if fault.From(err).Field != "page_url" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"http://intranet/app", "HTTPS://例子.example.com:8443/#x", ""} {
		p := a.Profile()
		p.PageURL = good
		must(t, n.SetProfile(t.Context(), audit.ByOperator(), o.ID, a.ID, p))
		if got := n.mustListing(t, a).App; got.PageURL != good || got.Name != "A" {
			t.Errorf("%q became %+v", good, got)
		}
	}
}

func TestWhatAnAppMayNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	n, o := w.mustNode(t), w.mustOrganization(t, "One")
	for field, bad := range map[string]app.NewApp{
		"name":          {Name: "Pay\u3164roll"},
		"description":   {Name: "A", Description: strings.Repeat("x", 501)},
		"icon":          {Name: "A", Icon: "a\nb"},
		"trusted_hosts": {Name: "A", TrustedHosts: []string{"example.com/path"}},
		"scopes":        {Name: "A", Scopes: []string{"everything"}},
		"range.dept_ids": {
			Name: "A", Range: &directory.Range{DeptIDs: []int64{0}},
		},
		"range.userids": {Name: "A", Range: &directory.Range{Userids: []string{"\xff"}}},
	} {
		_, _, secret, err := n.CreateInternal(t.Context(), audit.ByOperator(), o.ID, bad)
		wantCode(t, err, fault.CodeParameterInvalid)
		if fault.From(err).Field != field || secret != "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, _, _, err := n.CreateInternal(t.Context(), audit.ByOperator(), o.ID+1, app.NewApp{Name: "A"})
	wantCode(t, err, fault.CodeOrganizationUnknown)
	if all, err := n.Apps(t.Context(), o.ID); err != nil || len(all) != 0 {
		t.Errorf("left behind: %v %v", all, err)
	}
}

// Every change is seen at once where it is made, and elsewhere when the
// counter is read.
func TestChangesReachCallersEverywhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, n, far := t.Context(), w.mustNode(t), w.mustNode(t)
		o := w.mustOrganization(t, "One")
		a := n.mustApp(t, o.ID, "A")
		token := n.mustToken(t, a)
		steps := []struct {
			name   string
			change func() error
			seen   func(app.Caller) bool
		}{
			{
				"profile", func() error { return n.SetProfile(ctx, audit.ByOperator(), o.ID, a.ID, app.Profile{Name: "New"}) },
				func(c app.Caller) bool { return c.AppName == "New" },
			},
			{
				"grants", func() error {
					return n.SetGrants(ctx, audit.ByOperator(), o.ID, a.ID, app.Grants{SendToEveryone: true, Scopes: []string{app.ScopeMedia}})
				},
				func(c app.Caller) bool {
					return c.SendToEveryone && c.Require(app.ScopeMedia) == nil && fault.Is(c.Require(app.ScopeSend), fault.CodePermissionDenied)
				},
			},
			{
				"range", func() error {
					return n.SetRange(ctx, audit.ByOperator(), o.ID, a.agent.ID, directory.Range{DeptIDs: []int64{9}})
				},
				func(c app.Caller) bool { return !c.Range.Everyone && cmp.Equal(c.Range.DeptIDs, []int64{9}) },
			},
			{
				"no range", func() error { return n.SetRange(ctx, audit.ByOperator(), o.ID, a.agent.ID, directory.Range{}) },
				func(c app.Caller) bool {
					return !c.Range.Everyone && len(c.Range.DeptIDs) == 0 && len(c.Range.Userids) == 0
				},
			},
			{
				"limits", func() error {
					return n.SetLimits(ctx, audit.ByOperator(), o.ID, a.agent.ID, json.RawMessage(`{"messages_per_day": 5, "recall_window":"1h"}`))
				},
				func(c app.Caller) bool {
					want := o.Limits
					want.MessagesPerDay, want.RecallWindow = 5, policy.Dur(time.Hour)
					return c.Limits == want
				},
			},
			{
				"the organization's limits", func() error {
					l := o.Limits
					l.MessagesPerDay, l.CallsPerSecond = 99, 7
					_, err := w.directory.UpdateOrganization(ctx, audit.ByOperator(), o.ID, directory.OrganizationChange{Limits: &l})
					must(t, err)
					return n.Confirm(ctx)
				},
				func(c app.Caller) bool { return c.Limits.CallsPerSecond == 7 && c.Limits.MessagesPerDay == 5 },
			},
			{
				"no limits", func() error { return n.SetLimits(ctx, audit.ByOperator(), o.ID, a.agent.ID, json.RawMessage(" {} ")) },
				func(c app.Caller) bool { return c.Limits.CallsPerSecond == 7 && c.Limits.MessagesPerDay == 99 },
			},
		}
		for _, step := range steps {
			if step.seen(n.mustCaller(t, token)) || step.seen(far.mustCaller(t, token)) {
				t.Fatalf("%s: seen before it was changed", step.name)
			}
			must(t, step.change())
			must(t, far.Confirm(ctx))
			if !step.seen(n.mustCaller(t, token)) || !step.seen(far.mustCaller(t, token)) {
				t.Errorf("%s: not seen", step.name)
			}
		}
	})
}

func TestLimitsThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	n := w.mustNode(t)
	a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
	for _, bad := range []string{
		"[]", "7", "{", "{}{}", `{"unknown":1}`, `{"preset":"dingtalk"}`, `{"Preset":"dingtalk"}`, `{"messages_per_day":-1}`,
		`{"messages_per_day":"5"}`, `{"messages_per_day":null}`, `{"recall_window":"-1h"}`, `{"recall_window":"soon"}`,
	} {
		err := n.SetLimits(t.Context(), audit.ByOperator(), a.Organization, a.agent.ID, json.RawMessage(bad))
		if !fault.Is(err, fault.CodeParameterInvalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	must(t, n.SetLimits(t.Context(), audit.ByOperator(), a.Organization, a.agent.ID, json.RawMessage(`{"same_content_once":false,"messages_per_day":0}`)))
	if c := n.mustCaller(t, n.mustToken(t, a)); c.Limits.SameContentOnce || c.Limits.MessagesPerDay != 0 || c.Limits.UseridsPerCall == 0 {
		t.Errorf("limits %+v", c.Limits)
	}
}

func TestDisablingEndsTokensForGood(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, n, far := t.Context(), w.mustNode(t), w.mustNode(t)
		a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
		for name, pair := range map[string][2]func() error{
			"app": {
				func() error { return n.DisableApp(ctx, audit.ByOperator(), a.Organization, a.ID) },
				func() error { return n.EnableApp(ctx, audit.ByOperator(), a.Organization, a.ID) },
			},
			"agent": {
				func() error { return n.DisableAgent(ctx, audit.ByOperator(), a.Organization, a.agent.ID) },
				func() error { return n.EnableAgent(ctx, audit.ByOperator(), a.Organization, a.agent.ID) },
			},
		} {
			token := n.mustToken(t, a)
			far.mustCaller(t, token)
			must(t, pair[0]())
			n.mustRefuse(t, token)
			// The other node has heard nothing: it asks again within two seconds.
			w.clock.move(2 * time.Second)
			far.mustRefuse(t, token)
			_, err := far.TokenByKey(ctx, a.Key, a.secret)
			wantCode(t, err, fault.CodeCredentialsInvalid)
			must(t, pair[0]())
			must(t, pair[1]())
			w.clock.move(2 * time.Second)
			n.mustRefuse(t, token)
			far.mustRefuse(t, token)
			if again := far.mustToken(t, a); again == token {
				t.Errorf("%s: an ended token was given again", name)
			}
		}
	})
}

func TestDisabledOrganization(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n, o := w.mustNode(t), w.mustOrganization(t, "One")
		a := n.mustApp(t, o.ID, "A")
		token := n.mustToken(t, a)
		n.mustCaller(t, token)
		yes := true
		_, err := w.directory.UpdateOrganization(t.Context(), audit.ByOperator(), o.ID, directory.OrganizationChange{Disabled: &yes})
		must(t, err)
		must(t, n.Confirm(t.Context()))
		n.mustRefuse(t, token)
		_, err = n.TokenByKey(t.Context(), a.Key, a.secret)
		wantCode(t, err, fault.CodeCredentialsInvalid)
	})
}

// Another organization's app, agent or secret is like none.
func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, n := t.Context(), w.mustNode(t)
		mine, theirs := w.mustOrganization(t, "Mine"), w.mustOrganization(t, "Theirs")
		a, b := n.mustApp(t, mine.ID, "A"), n.mustApp(t, theirs.ID, "B")
		secret := n.mustListing(t, b).Secrets[0]
		token := n.mustToken(t, b)
		for name, answers := range map[string][2]error{
			"profile": {n.SetProfile(ctx, audit.ByOperator(), mine.ID, b.ID, app.Profile{Name: "X"}), n.SetProfile(ctx, audit.ByOperator(), mine.ID, 1<<40, app.Profile{Name: "X"})},
			"grants":  {n.SetGrants(ctx, audit.ByOperator(), mine.ID, b.ID, app.Grants{}), n.SetGrants(ctx, audit.ByOperator(), mine.ID, 1<<40, app.Grants{})},
			"disable": {n.DisableApp(ctx, audit.ByOperator(), mine.ID, b.ID), n.DisableApp(ctx, audit.ByOperator(), mine.ID, 1<<40)},
			"enable":  {n.EnableApp(ctx, audit.ByOperator(), mine.ID, b.ID), n.EnableApp(ctx, audit.ByOperator(), mine.ID, 1<<40)},
			"tokens":  {n.EndTokens(ctx, audit.ByOperator(), mine.ID, b.ID), n.EndTokens(ctx, audit.ByOperator(), mine.ID, 1<<40)},
			"range":   {n.SetRange(ctx, audit.ByOperator(), mine.ID, b.agent.ID, directory.Range{}), n.SetRange(ctx, audit.ByOperator(), mine.ID, 1<<40, directory.Range{})},
			"limits":  {n.SetLimits(ctx, audit.ByOperator(), mine.ID, b.agent.ID, nil), n.SetLimits(ctx, audit.ByOperator(), mine.ID, 1<<40, nil)},
			"agent":   {n.DisableAgent(ctx, audit.ByOperator(), mine.ID, b.agent.ID), n.DisableAgent(ctx, audit.ByOperator(), mine.ID, 1<<40)},
			"agent on": {
				n.EnableAgent(ctx, audit.ByOperator(), mine.ID, b.agent.ID), n.EnableAgent(ctx, audit.ByOperator(), mine.ID, 1<<40),
			},
			"secret": {n.EndSecret(ctx, audit.ByOperator(), mine.ID, b.ID, secret.ID), n.EndSecret(ctx, audit.ByOperator(), mine.ID, 1<<40, secret.ID)},
			"secret of another app": {
				n.EndSecret(ctx, audit.ByOperator(), mine.ID, a.ID, secret.ID), n.EndSecret(ctx, audit.ByOperator(), mine.ID, a.ID, 1<<40),
			},
		} {
			if answers[0] == nil || fault.KindOf(fault.From(answers[0]).Code) != fault.NotFound || answers[0].Error() != answers[1].Error() {
				t.Errorf("%s: not mine %v, not there %v", name, answers[0], answers[1])
			}
		}
		_, _, notMine := n.AddSecret(ctx, audit.ByOperator(), mine.ID, b.ID)
		wantCode(t, notMine, fault.CodeAppUnknown)
		_, notMine = n.Agent(ctx, mine.ID, b.agent.ID)
		wantCode(t, notMine, fault.CodeAgentUnknown)
		if all, err := n.Apps(ctx, mine.ID); err != nil || len(all) != 1 || all[0].App.ID != a.ID {
			t.Errorf("mine: %+v %v", all, err)
		}
		if c := n.mustCaller(t, token); c.AppName != "B" || c.SendToEveryone || !c.Range.Everyone {
			t.Errorf("theirs changed: %+v", c)
		}
		if len(n.mustListing(t, b).Secrets) != 1 {
			t.Error("theirs has another secret")
		}
	})
}

func TestAgentOfCards(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, n, far, o := t.Context(), w.mustNode(t), w.mustNode(t), w.mustOrganization(t, "One")
		hosts := []string{"intranet.example.com"}
		_, err := w.directory.UpdateOrganization(ctx, audit.ByOperator(), o.ID, directory.OrganizationChange{TrustedHosts: &hosts})
		must(t, err)
		a, g, _, err := n.CreateInternal(ctx, audit.ByOperator(), o.ID, app.NewApp{Name: "A", Icon: "@i", PageURL: "https://a.example.com", TrustedHosts: []string{"a.example.com", "intranet.example.com"}})
		must(t, err)
		want := app.AgentView{
			AgentID: g.ID, AppID: a.ID, Name: "A", Icon: "@i", PageURL: "https://a.example.com",
			TrustedHosts: []string{"a.example.com", "intranet.example.com"},
		}
		for range 20 {
			v, err := far.Agent(ctx, o.ID, g.ID)
			must(t, err)
			if diff := cmp.Diff(want, v); diff != "" {
				t.Fatal(diff)
			}
		}
		if got := far.spy.agents.Load(); got != 1 {
			t.Errorf("%d reads of one agent", got)
		}
		another := w.mustOrganization(t, "Two")
		_, _, _, err = n.CreateInternal(ctx, audit.ByOperator(), another.ID, app.NewApp{Name: "C", TrustedHosts: []string{"c.example.com"}})
		must(t, err)
		n.mustApp(t, o.ID, "D") // trusts nobody
		for organization, want := range map[int64][]string{o.ID: want.TrustedHosts, another.ID: {"c.example.com"}, 1 << 40: {}} {
			hosts, err := n.TrustedHosts(ctx, organization)
			must(t, err)
			if diff := cmp.Diff(want, hosts); diff != "" {
				t.Errorf("hosts of organization %d: %s", organization, diff)
			}
		}
		must(t, n.SetProfile(ctx, audit.ByOperator(), o.ID, a.ID, app.Profile{Name: "B"}))
		must(t, n.DisableApp(ctx, audit.ByOperator(), o.ID, a.ID)) // its messages are still there
		w.clock.move(2 * time.Second)
		for _, at := range []*node{n, far} {
			if v, err := at.Agent(ctx, o.ID, g.ID); err != nil || v.Name != "B" || v.Icon != "" || v.PageURL != "" || len(v.TrustedHosts) != 1 {
				t.Errorf("after the change: %+v %v", v, err)
			}
		}
	})
}
