package live_test

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/live"
)

// serve puts a hub behind a real HTTP server; the n-th connection is the
// person with ordinal n.
func serve(t testing.TB, h *live.Hub) *httptest.Server {
	t.Helper()
	var mu sync.Mutex
	var next uint32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		ordinal := next
		next++
		mu.Unlock()
		if err := h.Serve(w, r, inbox.Viewer{Organization: 1, Ordinal: ordinal}, nil, context.Background(), func() {}); err != nil {
			t.Errorf("serve: %v", err)
		}
	}))
	server.Config.ReadTimeout = 200 * time.Millisecond // must not cut a stream
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// open connects and returns after the first event.
func open(t testing.TB, server *httptest.Server) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReaderSize(conn, 1024)
	if !readUntil(r, "event: unread") {
		t.Fatal("no first event")
	}
	return conn, r
}

// readUntil reads lines until one begins with text; false at the end.
func readUntil(r *bufio.Reader, text string) bool {
	for {
		line, err := r.ReadSlice('\n')
		if strings.HasPrefix(string(line), text) {
			return true
		}
		if err != nil && err != bufio.ErrBufferFull { //nolint:errorlint // bufio returns it bare
			return false
		}
	}
}

func TestOverTCP(t *testing.T) {
	m := newMemory()
	h := live.New(live.Deps{Inbox: m, Log: slog.New(slog.DiscardHandler)})
	server := serve(t, h)
	_, reader := open(t, server)
	deaf, _ := open(t, server) // never reads again
	idle := time.NewTimer(300 * time.Millisecond)
	<-idle.C // longer than the server's read timeout
	_, r := m.send(1, 0)
	h.Committed(1, r)
	if !readUntil(reader, "event: message") {
		t.Fatal("the stream was cut")
	}
	// Fill the deaf one's socket until its handler hangs in a write.
	for range 1500 {
		m.send(1, 1)
	}
	h.Committed(1, m.nextTask)
	began := time.Now()
	h.Close()
	if took := time.Since(began); took > 5*time.Second { // a write gives up after ten
		t.Errorf("Close took %v", took)
	}
	if readUntil(reader, "never") {
		t.Error("never")
	}
	_ = deaf.Close()
}

// BenchmarkOneToAll sends one message to 1,000 people, each with a stream over
// loopback TCP, and waits until all have it. The clients are in this process,
// so their share (a goroutine and 1 KiB each, and half of the time) is in the
// figures.
func BenchmarkOneToAll(b *testing.B) {
	const streams = 1000
	m := newMemory()
	h := live.New(live.Deps{Inbox: m, Log: slog.New(slog.DiscardHandler)})
	server := serve(b, h)
	everyone := make([]uint32, streams)
	for i := range everyone {
		everyone[i] = uint32(i)
	}
	before := memoryInUse()
	var arrived sync.WaitGroup
	var clients sync.WaitGroup
	for range streams {
		_, r := open(b, server)
		clients.Go(func() {
			for readUntil(r, "event: message") {
				arrived.Done()
			}
		})
	}
	perStream := float64(memoryInUse()-before) / streams
	for b.Loop() {
		arrived.Add(streams)
		_, r := m.send(1, everyone...)
		h.Committed(1, r)
		arrived.Wait()
	}
	b.ReportMetric(perStream/1024, "KiB/stream")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/message")
	h.Close()
	clients.Wait()
}

func memoryInUse() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapInuse + s.StackInuse
}
