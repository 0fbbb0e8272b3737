package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// readiness answers /readyz: 200 only while sends are accepted.
type readiness struct {
	open  atomic.Bool
	probe func(context.Context) error // asks the store for a sign of life
}

const probeTime = 2 * time.Second

func (h *readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTime)
	defer cancel()
	switch {
	case !h.open.Load():
		health(w, http.StatusServiceUnavailable, "not accepting sends\n")
	case h.probe(ctx) != nil:
		health(w, http.StatusServiceUnavailable, "the database does not answer\n")
	default:
		health(w, http.StatusOK, "ok\n")
	}
}

// alive answers /healthz: the process serves requests.
func alive(w http.ResponseWriter, _ *http.Request) { health(w, http.StatusOK, "ok\n") }

func health(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked and left does not care
}
