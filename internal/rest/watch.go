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

	mu      sync.Mutex
	tokens  map[string]*watched
	running bool
}

// watched is one token and its open streams.
type watched struct {
	viewer  account.Viewer
	streams map[*context.CancelFunc]struct{}
}

func newWatch(accounts Accounts) *watch {
	return &watch{accounts: accounts, tokens: map[string]*watched{}}
}

// over returns a context that ends when the token does. Call release when the
// stream has ended.
func (w *watch) over(ctx context.Context, token string, v account.Viewer) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	one := w.tokens[token]
	if one == nil {
		one = &watched{viewer: v, streams: map[*context.CancelFunc]struct{}{}}
		w.tokens[token] = one
	}
	one.streams[&cancel] = struct{}{}
	if !w.running {
		w.running = true
		go w.run()
	}
	return ctx, func() {
		cancel()
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(one.streams, &cancel); len(one.streams) == 0 && w.tokens[token] == one {
			delete(w.tokens, token)
		}
	}
}

func (w *watch) run() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for range tick.C {
		w.mu.Lock()
		all := make(map[string]account.Viewer, len(w.tokens))
		for token, one := range w.tokens {
			all[token] = one.viewer
		}
		w.running = len(all) > 0
		w.mu.Unlock()
		if len(all) == 0 {
			return
		}
		for token, v := range all {
			if !w.good(token, v) {
				w.end(token)
			}
		}
	}
}

// good asks for a token. A question that fails ends nothing: the next round
// asks again, and without a database nothing new is told anyway.
func (w *watch) good(token string, v account.Viewer) bool {
	ctx, cancel := context.WithTimeout(context.Background(), watchWithin)
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
}
