package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/server"
)

// A client that keeps its connection is answered once more while the server
// leaves, and told that the connection ends.
func TestAStoppingServerEndsKeptConnectionsWithAnAnswer(t *testing.T) {
	t.Parallel()
	log, stopping := waitFor("stopping")
	n := mustRun(t, settings(t, "sqlite"), log)
	conn, err := net.Dial("tcp", strings.TrimPrefix(n.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	ask := func() *http.Response {
		t.Helper()
		fmt.Fprint(conn, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
		w, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		defer w.Body.Close()
		_, _ = io.Copy(io.Discard, w.Body)
		return w
	}
	if w := ask(); w.StatusCode != http.StatusOK || w.Close {
		t.Errorf("before: status %d, close %v", w.StatusCode, w.Close)
	}
	n.stop()
	<-stopping
	if w := ask(); w.StatusCode != http.StatusServiceUnavailable || !w.Close {
		t.Errorf("while it stops: status %d, close %v; want 503, true", w.StatusCode, w.Close)
	}
	if err := n.mustEnd(); err != nil {
		t.Fatal(err)
	}
}

// Nothing that is asked for may wait without end, but for event streams.
func TestRequestsHaveADeadline(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{"/gettoken": true, "/api/v1/inbox/messages": true, "/api/v1/inbox/events": false} {
		var limited bool
		h := server.NewGuard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, limited = r.Context().Deadline() }))
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if limited != want {
			t.Errorf("%s: a deadline %v, want %v", path, limited, want)
		}
	}
}
