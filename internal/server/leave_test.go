package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
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
