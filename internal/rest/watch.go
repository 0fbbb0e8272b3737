package rest

import (
	"context"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
)

const (
	// What other processes change about people is known here half a second
	// later; with this on top a stream still ends within one.
	watchEvery  = 400 * time.Millisecond
	watchWithin = 5 * time.Second // for one round of questions

	// maxStreams is how many streams a person has open on one node. The page
	// needs one for all tabs of a browser.
	maxStreams = 20
	tooMany    = 15 * time.Second // then one whose client is gone has been noticed
)

// person is whoever a viewer is, whatever they have shown.
type person struct {
	organization int64
	ordinal      uint32
}

// endings knows which credentials are no longer good.
type endings interface {
	// Ended returns those of the viewers whose token or session is no longer
	// good, as far as it could be told.
	Ended(ctx context.Context, viewers []account.Viewer) ([]account.Viewer, error)
}

// Watch ends streams whose token or session is no longer good. One goroutine
// asks for all of them at once, however many streams each has; it runs while
// there are streams.
type Watch struct {
	accounts endings

	mu      sync.Mutex
	streams map[account.Viewer]map[*context.CancelFunc]struct{}
	open    map[person]int
	stop    context.CancelFunc // ends the goroutine; nil while there is none
}

// NewWatch returns a Watch that asks accounts.
func NewWatch(accounts endings) *Watch {
	return &Watch{accounts: accounts, streams: map[account.Viewer]map[*context.CancelFunc]struct{}{}, open: map[person]int{}}
}

// over returns a context that ends when the viewer's credential does, whatever
// becomes of the request: the stream may outlive it. Call release when it has
// ended. It fails with CodeThrottled when the person has maxStreams open.
func (w *Watch) over(v account.Viewer) (_ context.Context, release func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	who := person{v.Organization, v.Ordinal}
	if n := w.open[who]; n >= maxStreams {
		return nil, nil, fault.New(fault.CodeThrottled, "the limit is %d open streams of one person", maxStreams).
			WithLimit(maxStreams, int64(n)+1).WithRetryAfter(tooMany)
	}
	w.open[who]++
	ctx, cancel := context.WithCancel(context.Background())
	if w.streams[v] == nil {
		w.streams[v] = map[*context.CancelFunc]struct{}{}
	}
	w.streams[v][&cancel] = struct{}{}
	if w.stop == nil {
		var running context.Context
		running, w.stop = context.WithCancel(context.Background())
		go w.run(running)
	}
	return ctx, sync.OnceFunc(func() {
		cancel()
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.open[who]--; w.open[who] == 0 {
			delete(w.open, who)
		}
		if delete(w.streams[v], &cancel); len(w.streams[v]) == 0 {
			delete(w.streams, v)
		}
		w.stopIfIdle()
	}), nil
}

// stopIfIdle ends the goroutine when nothing is left to watch. Call it with w.mu.
func (w *Watch) stopIfIdle() {
	if len(w.streams) == 0 && w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *Watch) run(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_ = w.Look(ctx) // the next round asks again, and without a database nothing new is told anyway
	}
}

// Look asks once. When it returns, the streams whose credential is no longer good
// have been told to end. A question that fails ends none.
func (w *Watch) Look(ctx context.Context) error {
	w.mu.Lock()
	all := make([]account.Viewer, 0, len(w.streams))
	for v := range w.streams {
		all = append(all, v)
	}
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, watchWithin)
	defer cancel()
	ended, err := w.accounts.Ended(ctx, all)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range ended {
		for cancel := range w.streams[v] {
			(*cancel)()
		}
		delete(w.streams, v)
	}
	w.stopIfIdle()
	return err
}
