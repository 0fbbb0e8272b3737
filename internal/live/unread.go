package live

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/retry"
)

const (
	badgePause   = 100 * time.Millisecond // between two rounds: a flood costs ten derivations a second and person
	badgeWorkers = 4                      // derivations at the same time, so that badges leave the database to others
)

// loudness says what to do with a badge that has not changed.
type loudness bool

const (
	quiet loudness = false // nothing
	loud  loudness = true  // tell it again
)

// badges derives unread counts of the people connected to one feed. A person
// is derived once for all their streams, after the commit that may have moved
// the count: what is marked during a round is derived again in the next.
type badges struct {
	feed *feed
	wake chan struct{} // holds one

	mu    sync.Mutex
	dirty map[uint32]loudness
}

func newBadges(f *feed) *badges {
	return &badges{feed: f, wake: make(chan struct{}, 1), dirty: map[uint32]loudness{}}
}

// mark asks for a new badge of these people. It never waits; people without a
// stream here are dropped when their turn comes.
func (b *badges) mark(ordinals []uint32, l loudness) {
	if len(ordinals) == 0 {
		return
	}
	b.mu.Lock()
	for _, ordinal := range ordinals {
		b.dirty[ordinal] = b.dirty[ordinal] || l
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// run derives until the feed ends.
func (b *badges) run() {
	again := retry.Backoff{}
	for {
		select {
		case <-b.feed.ctx.Done():
			return
		case <-b.wake:
		}
		wait := badgePause
		if err := b.round(); err == nil {
			again.Reset()
		} else {
			if !again.Failing() && b.feed.ctx.Err() == nil {
				b.feed.hub.log.Warn("live: deriving badges failed, trying again", "organization", b.feed.organization,
					"code", fault.From(err).Code, "error", err)
			}
			wait = max(badgePause, again.Next())
		}
		if !retry.Sleep(b.feed.ctx, wait) {
			return
		}
	}
}

// round derives everybody who is marked. One person's failure is left to the
// next refresh; if all failed it is the database's, and they stay marked.
func (b *badges) round() error {
	b.mu.Lock()
	dirty := b.dirty
	b.dirty = map[uint32]loudness{}
	b.mu.Unlock()

	todo := make(chan uint32)
	var workers sync.WaitGroup
	var derived atomic.Int64
	var failure atomic.Pointer[error]
	for range min(badgeWorkers, len(dirty)) {
		workers.Go(func() {
			for ordinal := range todo {
				if err := guarded(func() error { return b.derive(ordinal, dirty[ordinal]) }); err != nil {
					failure.Store(&err)
				} else {
					derived.Add(1)
				}
			}
		})
	}
	for ordinal := range dirty {
		todo <- ordinal
	}
	close(todo)
	workers.Wait()
	err := failure.Load()
	if err == nil || derived.Load() > 0 {
		return nil
	}
	for ordinal, l := range dirty {
		b.mark([]uint32{ordinal}, l)
	}
	return *err
}

func (b *badges) derive(ordinal uint32, l loudness) error {
	streams := b.feed.of(ordinal)
	if len(streams) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(b.feed.ctx, readWithin)
	defer cancel()
	e, err := badge(ctx, b.feed.hub.inbox, streams[0].viewer)
	if err != nil {
		return err
	}
	for _, s := range streams {
		s.setBadge(e, l)
	}
	return nil
}

// unread is the data of an unread event.
type unread struct {
	Count      int            `json:"count"`
	ByApp      map[string]int `json:"by_app"`
	MessageIDs []string       `json:"message_ids"`
}

// badge derives one person's badge and encodes it.
func badge(ctx context.Context, in Inbox, v inbox.Viewer) (*event, error) {
	u, err := in.Unread(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("live: unread: %w", err)
	}
	data := unread{Count: u.Count, ByApp: u.ByApp, MessageIDs: u.MessageIDs}
	if data.ByApp == nil {
		data.ByApp = map[string]int{}
	}
	if data.MessageIDs == nil {
		data.MessageIDs = []string{}
	}
	return plain(eventUnread, 0, data)
}
