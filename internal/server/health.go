package server

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// readiness answers /readyz: 200 only while sends are accepted.
type readiness struct {
	open  atomic.Bool
	probe func(context.Context) error // asks the store whether it would take sends
	keys  func() error                // says which master key is missing
}

// errNoKey is why a node is not ready that has not got a master key.
var errNoKey = errors.New("a master key is missing")

func (h *readiness) check(ctx context.Context) error {
	if err := h.keys(); err != nil {
		return errors.Join(errNoKey, err)
	}
	return h.probe(ctx)
}

const probeTime = 2 * time.Second

func (h *readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTime)
	defer cancel()
	if !h.open.Load() {
		health(w, http.StatusServiceUnavailable, "not accepting sends\n")
		return
	}
	switch err := h.check(ctx); {
	case fault.Is(err, fault.CodeStorageFull):
		health(w, http.StatusServiceUnavailable, "the disk is full: sends are refused\n")
	case errors.Is(err, errNoKey):
		health(w, http.StatusServiceUnavailable, "the key file lacks a master key that is in use\n")
	case err != nil:
		health(w, http.StatusServiceUnavailable, "the database does not answer\n")
	default:
		health(w, http.StatusOK, "ok\n")
	}
}

// value is 1 while sends are accepted.
func (h *readiness) value() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	if h.open.Load() && h.check(ctx) == nil {
		return 1
	}
	return 0
}

// alive answers /healthz: the process serves requests.
func alive(w http.ResponseWriter, _ *http.Request) { health(w, http.StatusOK, "ok\n") }

func health(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked and left does not care
}
