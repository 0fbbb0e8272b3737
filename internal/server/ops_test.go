package server_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/server"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	c.OpsListen, c.OpsAsked = "127.0.0.1:0", true
	n := mustRun(t, c, nil)
	f := n.mustFirm("Firm", "ann")
	token := n.mustLogin(f)
	n.mustSend(f, token, "hello")
	n.mustCall(token, "asyncsend_v2", map[string]any{
		"agent_id": f.agent + 1, "to_all_user": true, "msg": map[string]any{"msgtype": "text", "text": map[string]any{"content": "x"}},
	}, nil)
	events := n.mustStream(t, f.tokens["ann"])
	events.mustSee(t, "unread")
	for i := range 20 {
		n.mustJSON(mustGet(fmt.Sprintf("%s/topapi/none/%d?access_token=hunter2", n.base, i)), nil)
		n.mustJSON(mustGet(fmt.Sprintf("%s/none/%d", n.base, i)), nil)
		n.mustJSON(mustGet(fmt.Sprintf("%s/api/v1/none/%d", n.base, i)), nil)
		n.mustJSON(mustGet(fmt.Sprintf("%s/assets/%d", n.base, i)), nil)
	}
	text := mustText(t, n, "/metrics")
	for _, want := range []string{
		`tidings_sends_total{result="accepted"} 1`, `tidings_sends_total{result="not_found"} 1`,
		`tidings_recipients_total{outcome="sent"} 1`, `tidings_batch_submissions_count 1`,
		`tidings_commit_seconds_count{result="committed"} 1`, `tidings_live_connections 1`,
		`tidings_send_queue_depth 0`, `tidings_store_wal_bytes`, `go_goroutines`,
		`tidings_http_requests_total{code="200",route="/gettoken"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	// Paths that clients make up must not become series, tokens least of all.
	routes := strings.Count(text, "tidings_http_requests_total{")
	if routes > 12 || strings.Contains(text, "none/7") || strings.Contains(text, "hunter2") {
		t.Errorf("%d series of requests:\n%s", routes, text)
	}
	if !strings.Contains(mustText(t, n, "/debug/pprof/goroutine?debug=1"), "goroutine profile") {
		t.Error("no profile")
	}
	if status := n.mustJSON(mustGet(n.base+"/metrics"), nil); status == http.StatusOK && strings.Contains(mustBody(t, n.base+"/metrics"), "go_goroutines") {
		t.Error("metrics are served to everybody")
	}
}

func mustText(t *testing.T, n *node, path string) string {
	t.Helper()
	return mustBody(t, fmt.Sprintf("http://127.0.0.1:%d%s", n.OpsPort(), path))
}

func mustBody(t *testing.T, address string) string {
	t.Helper()
	w, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestOpsAddressTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := settings(t, "sqlite")
	c.OpsListen = l.Addr().String()
	n := mustRun(t, c, nil)
	if n.OpsPort() != 0 {
		t.Errorf("ops port %d", n.OpsPort())
	}
	if status := n.mustJSON(mustGet(n.base+"/readyz"), nil); status != http.StatusOK {
		t.Errorf("without its default ops address the server is not ready: %d", status)
	}

	asked := settings(t, "sqlite")
	asked.OpsListen, asked.OpsAsked = c.OpsListen, true
	s, err := server.New(context.Background(), asked, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background()); err == nil || !strings.Contains(err.Error(), "ops-listen") {
		t.Errorf("a taken address that was asked for: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// The operators' port is not for a name that somebody else gave this machine's
// address: their page would read profiles with the browser of who opens it.
func TestOpsChecksHost(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	c.OpsListen, c.OpsAsked = "127.0.0.1:0", true
	n := mustRun(t, c, nil)
	for host, want := range map[string]int{
		"127.0.0.1:8081": http.StatusOK, "[::1]:8081": http.StatusOK, "localhost": http.StatusOK, "node1:8081": http.StatusOK,
		"attacker.example.com": http.StatusMisdirectedRequest, "attacker.example.com:8081": http.StatusMisdirectedRequest,
		"127.0.0.1.example.com:8081": http.StatusMisdirectedRequest,
	} {
		r := mustGet(fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/cmdline", n.OpsPort()))
		r.Host = host
		if got := n.mustJSON(r, nil); got != want {
			t.Errorf("Host %s: status %d, want %d", host, got, want)
		}
	}
}
