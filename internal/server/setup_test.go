package server_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/attempt"
)

// setUpBody is what the page sends, with some of it replaced.
func setUpBody(token string, replaced ...string) string {
	return strings.NewReplacer(replaced...).Replace(
		fmt.Sprintf(`{"token":%q,"organization":"Example Ltd","userid":"ann","name":"Ann","time_zone":"Europe/Berlin"}`, token))
}

func (n *node) mustSetupLink(t *testing.T) string {
	t.Helper()
	link, err := n.Setup().NewLink(t.Context())
	must(t, err)
	return link.Token
}

// A browser makes the first organization, and is signed in to it as its owner.
func TestSettingUpWithABrowser(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		c.Preset = "dingtalk"
		log := &lines{}
		n := mustRun(t, c, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		b, token := n.mustBrowser(t), n.mustSetupLink(t)
		ask := func(want int, holds, method, path, body string) {
			t.Helper()
			if status, text := b.mustAsk(t, method, path, body); status != want || !strings.Contains(text, holds) {
				t.Errorf("%s %s: %d %s, want %d with %s", method, path, status, text, want, holds)
			}
		}
		ask(http.StatusOK, `"setup":true`, http.MethodGet, "sign-in-help", "")
		ask(http.StatusOK, `{"expires_at":"2`, http.MethodPost, "setup/describe", fmt.Sprintf(`{"token":%q}`, token))
		ask(http.StatusUnauthorized, `"code":"token_invalid"`, http.MethodPost, "setup/describe", `{"token":"tdi_guess"}`)
		ask(http.StatusUnauthorized, `"code":"token_invalid"`, http.MethodPost, "setup", setUpBody("tdi_guess"))

		for _, bad := range []struct {
			body, want string
		}{
			{`{}`, `"code":"parameter_missing"`},
			{setUpBody(token, `"userid":"ann",`, ""), `"code":"parameter_missing","field":"userid"`},
			{setUpBody(token, `"Ann"`, `""`), `"field":"name"`},
			{setUpBody(token, `"Ann"`, `"A\u200b"`), `"field":"name"`},
			{setUpBody(token, `"Ann"`, `"A\u0000"`), `"code":"body_malformed"`},
			{setUpBody(token, `Example Ltd`, `a-b`), `"code":"parameter_invalid","field":"organization"`},
			{setUpBody(token, `Example Ltd`, strings.Repeat("x", 201)), `"field":"organization","limit":200,"actual":201`},
			{setUpBody(token, `"ann"`, `"a,b"`), `"field":"userid"`},
			{setUpBody(token, `Europe/Berlin`, `../etc/passwd`), `"field":"time_zone"`},
			{setUpBody(token, `Europe/Berlin`, `Local`), `"field":"time_zone"`},
			{setUpBody(token, `"Ann"`, `7`), `"field":"name"`},
			{setUpBody(token, `{`, `{"roles":["operator"],`), `"field":"roles"`},
			{setUpBody(token, `{`, `[`), `"code":"body_malformed"`},
			{strings.Repeat(" ", 65<<10), `"code":"body_too_large"`},
		} {
			status, text := b.mustAsk(t, http.MethodPost, "setup", bad.body)
			if status < 400 || status >= 500 || !strings.Contains(text, bad.want) {
				t.Errorf("%.120s: %d %s, want %s", bad.body, status, text, bad.want)
			}
		}
		ask(http.StatusOK, `"setup":true`, http.MethodGet, "sign-in-help", "") // nothing was made

		ask(http.StatusCreated, `"organization_name":"Example Ltd","userid":"ann","name":"Ann"`, http.MethodPost, "setup", setUpBody(token))
		ask(http.StatusOK, `"roles":["owner"]`, http.MethodGet, "me", "")
		ask(http.StatusOK, `"time_zone":"Europe/Berlin"`, http.MethodGet, "me", "")
		ask(http.StatusOK, `"device":"Firefox · Linux"`, http.MethodGet, "sessions", "")
		ask(http.StatusOK, `"credential":"setup link"`, http.MethodGet, "audit", "")
		ask(http.StatusCreated, `"secret"`, http.MethodPost, "apps", `{"name":"News"}`)
		ask(http.StatusOK, `"setup":false`, http.MethodGet, "sign-in-help", "")
		ask(http.StatusConflict, `"code":"setup_done"`, http.MethodPost, "setup", setUpBody(token))
		ask(http.StatusConflict, `"code":"setup_done"`, http.MethodPost, "setup/describe", `{"token":"tdi_guess"}`)
		if strings.Contains(log.String(), token) {
			t.Error("the link is in the log")
		}
	})
}

// A page of another site cannot set an installation up with a browser of ours.
func TestOtherSitesDoNotSetUp(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	status, _, text := n.call(t, "", http.MethodPost, "/api/v1/setup", setUpBody(n.mustSetupLink(t)), "Sec-Fetch-Site", "cross-site")
	if status != http.StatusForbidden || !strings.Contains(text, "permission_denied") {
		t.Errorf("%d %s", status, text)
	}
}

// Whoever guesses has to wait; a link that is good passes beside it once it was seen.
func TestGuessingSetupLinks(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	c.TrustedProxies, c.ProxyHeader = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, "X-Forwarded-For"
	n := mustRun(t, c, nil)
	token := n.mustSetupLink(t)
	describe := func(peer, token string) (int, string) {
		status, retry, _ := n.call(t, peer, http.MethodPost, "/api/v1/setup/describe", fmt.Sprintf(`{"token":%q}`, token))
		return status, retry
	}
	if status, _ := describe("192.0.2.7", token); status != http.StatusOK {
		t.Fatalf("a good link: %d", status)
	}
	for i := range attempt.Allowance + 1 {
		guess := "tdi_" + strings.Repeat("a", 25) + string(rune('a'+i%26))
		if status, _ := describe("192.0.2.7", guess); status != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", i, status)
		}
	}
	if status, retry := describe("192.0.2.7", "tdi_guess"); status != http.StatusTooManyRequests || retry == "" {
		t.Errorf("one more: %d, Retry-After %q", status, retry)
	}
	if status, _, text := n.call(t, "192.0.2.7", http.MethodPost, "/api/v1/setup", setUpBody("tdi_guess")); status != http.StatusTooManyRequests {
		t.Errorf("one more, to use: %d %s", status, text)
	}
	if status, _ := describe("192.0.2.8", token); status != http.StatusOK {
		t.Errorf("elsewhere: %d", status)
	}
	if status, _, text := n.call(t, "192.0.2.7", http.MethodPost, "/api/v1/setup", setUpBody(token)); status != http.StatusCreated {
		t.Errorf("the good one: %d %s", status, text)
	}
}

// Two nodes make one organization of two browsers' links, and the owner is known at both
// when the answer comes.
func TestTwoNodesSetUpOnce(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, a, b *node) {
		tokens := []string{a.mustSetupLink(t), b.mustSetupLink(t)}
		browsers := []*browser{a.mustBrowser(t), b.mustBrowser(t)}
		statuses := make([]int, len(tokens))
		var working sync.WaitGroup
		for i, at := range browsers { // each link at the other node
			working.Go(func() {
				statuses[i], _ = at.mustAsk(t, http.MethodPost, "setup", setUpBody(tokens[1-i]))
			})
		}
		working.Wait()
		won := 0
		if statuses[0] != http.StatusCreated {
			won = 1
		}
		if statuses[won] != http.StatusCreated || statuses[1-won] != http.StatusConflict {
			t.Fatalf("answered %v", statuses)
		}
		owner, elsewhere := browsers[won], browsers[1-won].base
		owner.base = elsewhere
		if status, text := owner.mustAsk(t, http.MethodGet, "me", ""); status != http.StatusOK || !strings.Contains(text, `"roles":["owner"]`) {
			t.Errorf("at the other node: %d %s", status, text)
		}
		if status, _ := browsers[1-won].mustAsk(t, http.MethodGet, "me", ""); status != http.StatusUnauthorized {
			t.Errorf("who was refused: %d", status)
		}
	})
}
