package server

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/dingtalk"
)

const (
	wireHeaderBytes = 1 << 20  // clients of the wire may put everything in the query
	ownHeaderBytes  = 16 << 10 // everything else
	bodyTime        = 20 * time.Second
	uploadTime      = 3 * time.Minute
	eventsPath      = ownPrefix + "/inbox/events"
)

// guard decides what a request may cost before an edge sees it (bytes of
// headers, time for the body), and sees to it that it is answered, counted
// and logged whatever the handler does.
type guard struct {
	next    http.Handler
	log     *slog.Logger
	metrics *metrics
	leaving *atomic.Bool // every answer ends its connection
	peers   peers
	https   bool // people reach the server by https
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	r = g.peers.known(r)
	setHeaders(w.Header(), r.URL.Path, g.https)
	rec := &recorder{ResponseWriter: w, control: http.NewResponseController(w), stream: r.URL.Path == eventsPath, leaving: g.leaving}
	defer func() {
		if cause := recover(); cause != nil {
			g.rescue(rec, r, cause)
		}
		g.record(rec, r, time.Since(begin))
	}()
	setDeadlines(rec, r)
	if !onWire(r.URL.Path) && headerBytes(r) > ownHeaderBytes {
		http.Error(rec, "request header fields too large", http.StatusRequestHeaderFieldsTooLarge)
		return
	}
	body := watch(r)
	g.next.ServeHTTP(rec, r)
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
func (g *guard) record(w *recorder, r *http.Request, took time.Duration) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	route := r.Pattern
	switch route {
	case "":
		route = "none"
	case healthPath, readyPath: // a balancer asks every second, and 503 is an answer there
		return
	}
	g.metrics.request(route, w.status, took)
	g.log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", w.status, "bytes", w.bytes, "ms", float64(took.Microseconds())/1000)
}

// setDeadlines gives the body and the first write their time. The HTTP server
// lifts the one when the body is in, and the other when the answer is out.
func setDeadlines(w *recorder, r *http.Request) {
	w.extend()
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	limit := bodyTime
	if strings.HasPrefix(dingtalk.CleanPath(r.URL.Path), "/media/upload") {
		limit = uploadTime
	}
	_ = w.control.SetReadDeadline(time.Now().Add(limit)) // only a test's connection has none
}

// onWire reports whether a path belongs to the DingTalk wire: all that is not
// ours does.
func onWire(path string) bool {
	switch path {
	case "/", healthPath, readyPath, ownPrefix:
		return false
	}
	return !strings.HasPrefix(path, ownPrefix+"/") && !strings.HasPrefix(path, "/assets/")
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
