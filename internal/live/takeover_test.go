package live_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/live"
)

// taken is one stream on a connection that was taken over from a real server.
type taken struct {
	memory *memory
	hub    *live.Hub
	conn   net.Conn
	lines  *bufio.Reader
	head   *http.Response

	expire   context.CancelFunc // ends what the stream depends on
	returned chan error         // what Serve returned
	ended    chan struct{}      // fails the test when closed twice
}

func takeOver(t *testing.T) *taken {
	t.Helper()
	until, expire := context.WithCancel(t.Context())
	k := &taken{
		memory: newMemory(), expire: expire,
		returned: make(chan error, 1), ended: make(chan struct{}),
	}
	k.hub = live.New(live.Deps{Inbox: k.memory, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "17")
		k.returned <- k.hub.Serve(w, r, inbox.Viewer{Organization: 1, Ordinal: 5}, nil, until, func() { close(k.ended) })
	}))
	t.Cleanup(func() { k.hub.Close(); expire(); server.Close() })
	var err error
	if k.conn, err = net.Dial("tcp", server.Listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.conn.Close() })
	if _, err := io.WriteString(k.conn, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if k.head, err = http.ReadResponse(bufio.NewReader(k.conn), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.head.Body.Close() })
	k.lines = bufio.NewReader(k.head.Body)
	if !readUntil(k.lines, "event: unread") {
		t.Fatal("no first event")
	}
	return k
}

func (k *taken) mustEnd(t *testing.T) {
	t.Helper()
	const patience = 10 * time.Second
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-k.ended:
	case <-late.C:
		t.Fatal("the stream goes on")
	}
	if n := k.hub.Streams(); n != 0 {
		t.Errorf("%d streams", n)
	}
}

func TestConnectionIsTakenOver(t *testing.T) {
	t.Parallel()
	k := takeOver(t)
	// The handler has returned, its request has ended, the stream goes on.
	if err := <-k.returned; err != nil {
		t.Fatal(err)
	}
	h := k.head.Header
	if k.head.StatusCode != http.StatusOK || !k.head.Close || h.Get("Content-Type") != "text/event-stream" ||
		h.Get("X-Request-Id") != "17" || h.Get("Date") == "" {
		t.Errorf("head %+v", k.head)
	}
	for range 3 {
		_, r := k.memory.send(1, 5)
		k.hub.Committed(1, r)
		if !readUntil(k.lines, "event: message") || !readUntil(k.lines, "event: unread") {
			t.Fatal("the stream was cut")
		}
	}
	// What a client says is not listened to, and ends nothing.
	if _, err := io.WriteString(k.conn, strings.Repeat("x", 1000)); err != nil {
		t.Fatal(err)
	}
	_, r := k.memory.send(1, 5)
	k.hub.Committed(1, r)
	if !readUntil(k.lines, "event: message") {
		t.Fatal("the stream was cut")
	}
	if k.hub.Streams() != 1 {
		t.Error("the stream is not counted")
	}
}

func TestTakenOverClientLeaves(t *testing.T) {
	t.Parallel()
	k := takeOver(t)
	if err := k.conn.Close(); err != nil {
		t.Fatal(err)
	}
	k.mustEnd(t)
}

func TestTakenOverStreamExpires(t *testing.T) {
	t.Parallel()
	k := takeOver(t)
	k.expire()
	k.mustEnd(t)
	if readUntil(k.lines, "event: message") {
		t.Error("something was told afterwards")
	}
}

func TestTakenOverStreamEndsWithTheHub(t *testing.T) {
	t.Parallel()
	k := takeOver(t)
	k.hub.Close()
	k.mustEnd(t)
}
