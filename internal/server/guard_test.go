package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/server"
)

// pipes is a listener whose connections are made in memory, so that their
// deadlines run on a bubble's clock.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// mustDial serves handler behind the guard and returns a client's connection.
func mustDial(t *testing.T, handler http.HandlerFunc) net.Conn {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	s := &http.Server{Handler: server.NewGuard(handler)}
	served := make(chan error, 1)
	go func() { served <- s.Serve(p) }()
	ours, theirs := net.Pipe()
	p.conns <- theirs
	t.Cleanup(func() {
		_ = ours.Close()
		_ = s.Close()
		<-served
	})
	return ours
}

func mustWrite(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func TestBodyThatDoesNotCome(t *testing.T) {
	t.Parallel()
	for path, limit := range map[string]time.Duration{"/topapi/x": 20 * time.Second, "/media/upload": 3 * time.Minute} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				read := make(chan error, 1)
				c := mustDial(t, func(_ http.ResponseWriter, r *http.Request) {
					_, err := io.ReadAll(r.Body)
					read <- err
				})
				begin := time.Now()
				mustWrite(t, c, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
				err := <-read
				if took := time.Since(begin); !errors.Is(err, os.ErrDeadlineExceeded) || took != limit {
					t.Errorf("body ended with %v after %v, want the deadline after %v", err, took, limit)
				}
			})
		})
	}
}

// A handler that thinks longer than its body may take is not cut off.
func TestLongWorkAfterTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		c := mustDial(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Minute):
			}
			ended <- r.Context().Err()
		})
		mustWrite(t, c, "POST /topapi/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
		if err := <-ended; err != nil {
			t.Errorf("the request ended early: %v", err)
		}
	})
}

// Deadlines of one request do not reach into the next on its connection.
func TestStreamOnUsedConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := mustDial(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			if r.Method == http.MethodPost {
				fmt.Fprint(w, "ok")
				return
			}
			for range 20 {
				fmt.Fprint(w, "event\n")
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Errorf("flush: %v", err)
				}
				time.Sleep(15 * time.Second) //nolint:forbidigo // on the bubble's clock
			}
		})
		in := bufio.NewReader(c)
		mustWrite(t, c, "POST /topapi/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
		first, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadAll(first.Body)
		_ = first.Body.Close()
		mustWrite(t, c, "GET /api/v1/inbox/events HTTP/1.1\r\nHost: x\r\n\r\n")
		second, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(second.Body)
		_ = second.Body.Close()
		if n := strings.Count(string(text), "event"); err != nil || n != 20 {
			t.Errorf("%d events of 20, error %v", n, err)
		}
	})
}

func TestReaderThatDoesNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wrote := make(chan error, 1)
		c := mustDial(t, func(w http.ResponseWriter, _ *http.Request) {
			var err error
			for err == nil {
				_, err = w.Write(make([]byte, 64<<10))
			}
			wrote <- err
		})
		begin := time.Now()
		mustWrite(t, c, "GET /topapi/x HTTP/1.1\r\nHost: x\r\n\r\n")
		err := <-wrote
		if took := time.Since(begin); !errors.Is(err, os.ErrDeadlineExceeded) || took != 30*time.Second {
			t.Errorf("writing ended with %v after %v, want the deadline after 30s", err, took)
		}
	})
}

func TestHeaderLimits(t *testing.T) {
	t.Parallel()
	guarded := server.NewGuard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	tests := []struct {
		path string
		size int
		want int
	}{
		{"/topapi/message/corpconversation/asyncsend_v2", 900 << 10, http.StatusOK},
		{"/gettoken", 100 << 10, http.StatusOK},
		{"/api/v1/inbox/messages", 15 << 10, http.StatusOK},
		{"/api/v1/inbox/messages", 17 << 10, http.StatusRequestHeaderFieldsTooLarge},
		{"/api/v1", 17 << 10, http.StatusRequestHeaderFieldsTooLarge},
		{"/", 17 << 10, http.StatusRequestHeaderFieldsTooLarge},
		{"/assets/page.css", 17 << 10, http.StatusRequestHeaderFieldsTooLarge},
		{"/readyz", 17 << 10, http.StatusRequestHeaderFieldsTooLarge},
	}
	for _, tt := range tests {
		for name, request := range map[string]*http.Request{
			"query":  httptest.NewRequest(http.MethodGet, tt.path+"?q="+strings.Repeat("x", tt.size), nil),
			"header": withHeader(httptest.NewRequest(http.MethodGet, tt.path, nil), strings.Repeat("x", tt.size)),
		} {
			w := httptest.NewRecorder()
			guarded.ServeHTTP(w, request)
			if w.Code != tt.want {
				t.Errorf("%s with %d bytes of %s: status %d, want %d", tt.path, tt.size, name, w.Code, tt.want)
			}
		}
	}
}

func withHeader(r *http.Request, value string) *http.Request {
	r.Header.Set("X-Filler", value)
	return r
}

func TestPanicIsAnswered(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	server.NewGuard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("of the test")
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/topapi/x", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "of the test") {
		t.Errorf("status %d, body %q; want 500 without details", w.Code, w.Body)
	}
}

// Half an answer must not look like a whole one.
func TestPanicInMidAnswer(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(server.NewGuard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic("of the test")
	})))
	defer s.Close()
	w, err := http.Get(s.URL + "/topapi/x")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if text, err := io.ReadAll(w.Body); err == nil {
		t.Errorf("the answer %q ended as if it were whole", text)
	}
}
