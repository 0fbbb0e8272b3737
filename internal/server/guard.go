package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// guard decides what a request may cost before an edge sees it (bytes of
// headers, time for the body), and sees to it that it is answered, counted
// and logged whatever the handler does.
type guard struct {
	next    answerer
	log     *slog.Logger
	metrics *metrics
	leaving *atomic.Bool // every answer ends its connection
	peers   peers
	https   bool // people reach the server by https
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	r = g.peers.known(r)
	rule := paths.find(r.URL.Path)
	setHeaders(w.Header(), rule, g.https)
	rec := &recorder{ResponseWriter: w, control: http.NewResponseController(w), stream: rule.stream, leaving: g.leaving}
	defer func() {
		if cause := recover(); cause != nil {
			g.rescue(rec, r, cause)
		}
		g.record(rec, r, rule, time.Since(begin))
	}()
	setDeadlines(rec, r, rule)
	if n := headerBytes(r); n > rule.headers {
		text := fmt.Sprintf("the request's line and headers have %d bytes; the limit is %d", n, rule.headers)
		http.Error(rec, text, http.StatusRequestHeaderFieldsTooLarge)
		return
	}
	body := watch(r)
	g.next.answer(rec, r, rule)
	drain(rec, r, body)
}

// rescue answers for a handler that panicked. An answer already begun is cut
// off, so that nobody takes its first half for the whole.
func (g *guard) rescue(w *recorder, r *http.Request, cause any) {
	g.log.Error("panic while answering", "method", r.Method, "path", r.URL.Path, "panic", cause, "stack", string(debug.Stack()))
	if w.status == 0 {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	_ = w.control.SetWriteDeadline(time.Unix(1, 0))
}

// record counts and logs one request. The path is logged without its query,
// where tokens travel; the route is a pattern, of which there are few.
func (g *guard) record(w *recorder, r *http.Request, rule *pathRule, took time.Duration) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if rule.quiet { // also when it says 503, which is an answer there
		return
	}
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	g.metrics.request(route, w.status, took)
	g.log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", w.status, "bytes", w.bytes, "ms", float64(took.Microseconds())/1000)
}

// setDeadlines gives the body and the first write their time. The HTTP server
// lifts the one when the body is in, and the other when the answer is out.
func setDeadlines(w *recorder, r *http.Request, rule *pathRule) {
	w.extend()
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	_ = w.control.SetReadDeadline(time.Now().Add(rule.body)) // only a test's connection has none
}

func headerBytes(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI)
	for name, values := range r.Header {
		for _, value := range values {
			n += len(name) + len(value) + len(": \r\n")
		}
	}
	return n
}
