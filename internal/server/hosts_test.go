package server_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/server"
)

// mustTrust gives a firm a trusted host of its own and its app another one.
func (n *node) mustTrust(f firm, own, ofApp string) {
	ctx := context.Background()
	if _, err := n.Directory().UpdateOrganization(ctx, audit.ByOperator(), f.id, directory.OrganizationChange{TrustedHosts: &[]string{own}}); err != nil {
		n.fail("trust: %v", err)
	}
	all, err := n.Apps().Apps(ctx, f.id)
	if err != nil {
		n.fail("trust: %v", err)
	}
	p := all[0].App.Profile()
	p.TrustedHosts = []string{ofApp, own}
	if err := n.Apps().SetProfile(ctx, audit.ByOperator(), f.id, all[0].App.ID, p); err != nil {
		n.fail("trust: %v", err)
	}
}

// mustSources returns from where the page may load pictures, besides us.
func (b *browser) mustSources(t *testing.T) string {
	t.Helper()
	w, err := b.Get(b.base + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	_, policy, _ := strings.Cut(w.Header.Get("Content-Security-Policy"), "img-src 'self'")
	sources, _, _ := strings.Cut(policy, ";")
	if w.StatusCode != http.StatusOK || !strings.Contains(policy, "frame-src 'self'"+sources+";") {
		t.Fatalf("page: %d, policy %s", w.StatusCode, w.Header.Get("Content-Security-Policy"))
	}
	return strings.TrimSpace(sources)
}

// The page may load from the hosts of the organizations that its browser is
// signed in to, and of nobody else's.
func TestPageKnowsWhoseItIs(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		ours, theirs, others := n.mustFirm("Ours", "ann"), n.mustFirm("Theirs", "ann"), n.mustFirm("Others", "ann")
		n.mustTrust(ours, "ours.example.com", "*.app.example.com")
		n.mustTrust(theirs, "theirs.example.com", "http://plain.example.com:8080")
		n.mustTrust(others, "others.example.com", "o.example.com")
		b := n.mustBrowser(t)
		want := func(when, sources string) {
			t.Helper()
			if got := b.mustSources(t); got != sources {
				t.Errorf("%s: %q, want %q", when, got, sources)
			}
		}
		want("nobody signed in", "")
		b.mustSignIn(t, n, ours, "ann")
		want("one organization", "https://*.app.example.com https://ours.example.com")
		b.mustSignIn(t, n, theirs, "ann")
		want("two organizations", "http://plain.example.com:8080 https://*.app.example.com https://ours.example.com https://theirs.example.com")
		if status, _ := b.mustAsk(t, http.MethodDelete, "sessions/current?org="+ours.corpID, ""); status != http.StatusNoContent {
			t.Fatalf("sign out: %d", status)
		}
		want("signed out of one", "http://plain.example.com:8080 https://theirs.example.com")
	})
}

// An ended session, a made-up one and a token name nobody.
func TestPageOfWorthlessCookies(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	f := n.mustFirm("Firm", "ann")
	n.mustTrust(f, "firm.example.com", "app.example.com")
	b := n.mustBrowser(t)
	b.mustSignIn(t, n, f, "ann")
	cookie := b.Jar.Cookies(mustGet(n.base).URL)[0]
	plain := &browser{&http.Client{}, n.base}
	ask := func(cookie string) string {
		r := mustGet(n.base + "/")
		r.Header.Set("Cookie", cookie)
		w, err := plain.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		if w.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", cookie, w.StatusCode)
		}
		return w.Header.Get("Content-Security-Policy")
	}
	if policy := ask(cookie.Name + "=" + cookie.Value); !strings.Contains(policy, "firm.example.com") {
		t.Fatalf("the session itself: %s", policy)
	}
	o, _ := n.Directory().Ordinal(f.id, "ann")
	for name, text := range map[string]string{
		"another name":    "other=" + cookie.Value,
		"another's name":  cookie.Name + "9=" + cookie.Value,
		"another secret":  cookie.Name + "=" + guessed(cookie.Value),
		"an api token":    cookie.Name + "=" + f.tokens["ann"],
		"nonsense":        cookie.Name + "=; ;;=" + strings.Repeat("; tidings-1=x", 100),
		"the secure name": "__Host-" + cookie.Name + "=" + cookie.Value,
	} {
		if policy := ask(text); strings.Contains(policy, "firm.example.com") && text != cookie.Name+"="+cookie.Value {
			t.Errorf("%s: %s", name, policy)
		}
	}
	if _, err := n.Accounts().EndSessions(context.Background(), audit.ByOperator(), f.id, o); err != nil {
		t.Fatal(err)
	}
	if policy := ask(cookie.Name + "=" + cookie.Value); strings.Contains(policy, "firm.example.com") {
		t.Errorf("an ended session: %s", policy)
	}
}

// books is a database that fails, or never answers.
type books struct {
	fails func(ctx context.Context) error
}

func (b books) Session(ctx context.Context, _ string) (account.Viewer, error) {
	return account.Viewer{Organization: 1}, b.fails(ctx)
}

func (books) TrustedHosts(context.Context, int64) ([]string, error) {
	return []string{"firm.example.com"}, nil
}

// Whatever the database does, there is a page.
func TestPageWithoutADatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		value := "tds_1_" + strings.Repeat("a", 16) + "_" + strings.Repeat("b", 26)
		for name, c := range map[string]struct {
			fails func(context.Context) error
			hosts bool
		}{
			"answers":     {func(context.Context) error { return nil }, true},
			"no session":  {func(context.Context) error { return fault.New(fault.CodeTokenInvalid, "not valid") }, false},
			"fails":       {func(context.Context) error { return errors.New("disk on fire") }, false},
			"unavailable": {func(context.Context) error { return fault.New(fault.CodeBusy, "busy") }, false},
			"never answers": {func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}, false},
		} {
			begin := time.Now()
			b := books{c.fails}
			p, err := server.NewPages(tree(), server.NewHosts(b, b, slog.New(slog.DiscardHandler)))
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Cookie", "tidings-1="+value)
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			if got := strings.Contains(w.Header().Get("Content-Security-Policy"), "firm.example.com"); w.Code != http.StatusOK || got != c.hosts {
				t.Errorf("%s: status %d, hosts %v", name, w.Code, got)
			}
			if took := time.Since(begin); took > time.Second {
				t.Errorf("%s: the page took %v", name, took)
			}
		}
	})
}
