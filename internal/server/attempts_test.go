package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/attempt"
	"github.com/tidings-im/tidings/internal/audit"
)

// lines is a log that may be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// call asks as a client at an address does, and returns status, Retry-After and
// the answer.
func (n *node) call(t *testing.T, peer, method, path, body string, header ...string) (status int, retry, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, n.base+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("X-Forwarded-For", peer)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	defer w.Body.Close()
	said, err := io.ReadAll(w.Body)
	must(t, err)
	return w.StatusCode, w.Header.Get("Retry-After"), string(said)
}

// Wherever somebody shows who they are, an address that fails too often has to
// wait, others do not, and what was good before passes beside it.
func TestFailedAttempts(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	c.TrustedProxies, c.ProxyHeader = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, "X-Forwarded-For"
	log := &lines{}
	n := mustRun(t, c, slog.New(slog.NewTextHandler(log, nil)))
	f := n.mustFirm("Ours", "ann")
	link := func() string {
		value, err := n.Accounts().CreateSignInLink(context.Background(), audit.ByOperator(), f.id, "ann", account.LinkLife, true)
		must(t, err)
		return value
	}
	in, err := n.Accounts().SignIn(context.Background(), account.SignInRequest{Link: link()})
	must(t, err)
	good, guess := link(), strings.Repeat("a", 16)+"_"+strings.Repeat("b", 26)
	token, err := n.Apps().TokenByKey(context.Background(), f.key, f.secret)
	must(t, err)
	const progress = "/topapi/message/corpconversation/getsendprogress?access_token="
	cookie := func(value string) []string { return []string{"Cookie", fmt.Sprintf("tidings-%d=%s", f.id, value)} }
	for kind, ask := range map[attempt.Kind]func(peer string, right bool) (int, string, string){
		attempt.APIToken: func(peer string, right bool) (int, string, string) {
			value := map[bool]string{true: f.tokens["ann"], false: "tdp_1_" + guess}[right]
			return n.call(t, peer, http.MethodGet, "/api/v1/me", "", "Authorization", "Bearer "+value)
		},
		attempt.Session: func(peer string, right bool) (int, string, string) {
			value := map[bool]string{true: in.Value, false: fmt.Sprintf("tds_%d_%s", f.id, guess)}[right]
			return n.call(t, peer, http.MethodGet, "/api/v1/me", "", cookie(value)...)
		},
		attempt.SignInLink: func(peer string, right bool) (int, string, string) {
			value := map[bool]string{true: good, false: "tdl_1_" + guess}[right]
			return n.call(t, peer, http.MethodPost, "/api/v1/sessions", fmt.Sprintf(`{"link":%q}`, value))
		},
		attempt.AppSecret: func(peer string, right bool) (int, string, string) {
			secret := map[bool]string{true: f.secret, false: "no"}[right]
			return n.call(t, peer, http.MethodPost, "/v1.0/oauth2/accessToken", fmt.Sprintf(`{"appKey":%q,"appSecret":%q}`, f.key, secret))
		},
		attempt.SuiteSecret: func(peer string, right bool) (int, string, string) {
			if right { // there is no third-party app here
				return http.StatusOK, "", ""
			}
			return n.call(t, peer, http.MethodPost, "/v1.0/oauth2/suiteAccessToken", `{"suiteKey":"x","suiteSecret":"y","suiteTicket":"z"}`)
		},
		attempt.AccessToken: func(peer string, right bool) (int, string, string) {
			value := map[bool]string{true: token.Value, false: "none"}[right]
			return n.call(t, peer, http.MethodPost, progress+value, `{}`)
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			const noisy, quiet = "192.0.2.1", "192.0.2.2"
			if status, _, text := ask(noisy, true); status >= http.StatusBadRequest || strings.Contains(text, "40014") {
				t.Fatalf("good: %d %s", status, text)
			}
			throttled := func(retry string) bool { return retry != "" }
			for i := range attempt.Allowance + 1 {
				if status, retry, text := ask(noisy, false); throttled(retry) {
					t.Fatalf("failure %d: %d %s", i, status, text)
				}
			}
			if status, retry, text := ask(noisy, false); !throttled(retry) {
				t.Errorf("one too many: %d, Retry-After %q, %s", status, retry, text)
			}
			if status, retry, text := ask(noisy, true); status >= http.StatusBadRequest || throttled(retry) {
				t.Errorf("good before, from the same address: %d %s", status, text)
			}
			if status, retry, text := ask(quiet, false); throttled(retry) {
				t.Errorf("from elsewhere: %d %s", status, text)
			}
			said := log.String()
			if !strings.Contains(said, "kind="+string(kind)+" peer="+noisy+"/32") {
				t.Error("the log does not say who waits")
			}
			if strings.Contains(said, guess) || strings.Contains(said, f.secret) {
				t.Error("the log holds a credential")
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
