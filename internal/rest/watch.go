package rest

import (
	"context"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
)

const (
	watchEvery  = 500 * time.Millisecond
	watchWithin = 5 * time.Second // for one question
)

// watch ends streams whose token is no longer good. One goroutine asks for
// each token once a round, however many streams it has; it runs while there
// are streams.
type watch struct {
	accounts Accounts

	mu     sync.Mutex
	tokens map[string]*watched
	stop   context.CancelFunc // ends the goroutine; nil while there is none
}

// watched is one token and its open streams.
type watched struct {
	viewer  account.Viewer
	streams map[*context.CancelFunc]struct{}
}

func newWatch(accounts Accounts) *watch {
	return &watch{accounts: accounts, tokens: map[string]*watched{}}
}

// over returns a context that ends when the token does, whatever becomes of
// the request: the stream may outlive it. Call release when it has ended.
func (w *watch) over(token string, v account.Viewer) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancel(context.Background())
	w.mu.Lock()
	defer w.mu.Unlock()
	one := w.tokens[token]
	if one == nil {
		one = &watched{viewer: v, streams: map[*context.CancelFunc]struct{}{}}
		w.tokens[token] = one
	}
	one.streams[&cancel] = struct{}{}
	if w.stop == nil {
		var running context.Context
		running, w.stop = context.WithCancel(context.Background())
		go w.run(running)
	}
	return ctx, func() {
		cancel()
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(one.streams, &cancel); len(one.streams) == 0 && w.tokens[token] == one {
			delete(w.tokens, token)
		}
		w.rest()
	}
}

// rest ends the goroutine when nothing is left to watch. Call it with w.mu.
func (w *watch) rest() {
	if len(w.tokens) == 0 && w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *watch) run(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		w.mu.Lock()
		all := make(map[string]account.Viewer, len(w.tokens))
		for token, one := range w.tokens {
			all[token] = one.viewer
		}
		w.mu.Unlock()
		for token, v := range all {
			if ctx.Err() == nil && !w.good(ctx, token, v) {
				w.end(token)
			}
		}
	}
}

// good asks for a token. A question that fails ends nothing: the next round
// asks again, and without a database nothing new is told anyway.
func (w *watch) good(ctx context.Context, token string, v account.Viewer) bool {
	ctx, cancel := context.WithTimeout(ctx, watchWithin)
	defer cancel()
	now, err := w.accounts.Authenticate(ctx, token)
	if err != nil {
		return fault.From(err).Kind != fault.Unauthenticated
	}
	return now.Organization == v.Organization && now.Ordinal == v.Ordinal
}

func (w *watch) end(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one := w.tokens[token]
	if one == nil {
		return
	}
	delete(w.tokens, token)
	for cancel := range one.streams {
		(*cancel)()
	}
	w.rest()
}
