package route

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tidings-im/tidings/internal/fault"
)

const (
	// readsAtOnce is how many reads are worked on at the same time: more would
	// only wait for the database, and for processors, inside.
	readsAtOnce = 32
	// readsWaiting is how many more may wait for their turn, and readPatience how
	// long: whoever would wait longer is told at once, or then, to come again.
	readsWaiting = 1024
	readPatience = 2 * time.Second
	// refusalsLogged is how often the log says that reads are refused.
	refusalsLogged = 10 * time.Second
)

// admission lets a bounded number of reads in, in the order in which they come.
// What is sent, recalled and marked as read does not pass here.
type admission struct {
	places  *semaphore.Weighted
	waiting atomic.Int64
	log     *slog.Logger

	mu      sync.Mutex
	refused int
	said    time.Time
}

func newAdmission(log *slog.Logger) *admission {
	return &admission{places: semaphore.NewWeighted(readsAtOnce), log: log}
}

// enter waits for a place. leave gives it back, and may be called twice. It fails
// with CodeBusy.
func (a *admission) enter(ctx context.Context) (leave func(), err error) {
	if !a.places.TryAcquire(1) {
		if err := a.wait(ctx); err != nil {
			return nil, err
		}
	}
	return sync.OnceFunc(func() { a.places.Release(1) }), nil
}

func (a *admission) wait(ctx context.Context) error {
	defer a.waiting.Add(-1)
	if a.waiting.Add(1) > readsWaiting {
		return a.busy()
	}
	patient, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	switch err := a.places.Acquire(patient, 1); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fault.New(fault.CodeBusy, "the client left").Because(err)
	default:
		return a.busy()
	}
}

func (a *admission) busy() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused++
	if now := time.Now(); now.Sub(a.said) >= refusalsLogged {
		a.log.Warn("rest: reads are refused, more come than can be answered", "refused", a.refused)
		a.refused, a.said = 0, now
	}
	return fault.New(fault.CodeBusy, "the server is busy, try again in %d seconds", readPatience/time.Second).WithRetryAfter(readPatience)
}

// admitted has reads wait for a place. They give it back when they begin to
// answer: then everything has been read, and how long a client takes to receive
// it, or a stream stays open, is no reason for others to wait.
func (a *API) admitted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		leave, err := a.admission.enter(r.Context())
		if err != nil {
			f := fault.From(err)
			a.told(r, f)
			a.write(w, r, problemOf(f, visitOf(r.Context()).id))
			return
		}
		defer leave()
		next.ServeHTTP(&leaving{ResponseWriter: w, leave: leave}, r)
	})
}

// leaving calls leave when an answer begins.
type leaving struct {
	http.ResponseWriter
	leave func()
}

// Unwrap lets a stream take the connection over, which it does after WriteHeader
// or in place of it; admitted's own leave follows at once.
func (l *leaving) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func (l *leaving) WriteHeader(status int) {
	l.leave()
	l.ResponseWriter.WriteHeader(status)
}

func (l *leaving) Write(p []byte) (int, error) {
	l.leave()
	return l.ResponseWriter.Write(p)
}
