package bus

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/retry"
)

const (
	pause      = 20 * time.Millisecond // between two payloads: what comes meanwhile shares the next one
	sendWithin = 5 * time.Second
)

// RemoteEvents are the rooms of this node that hear what other nodes did. No method
// may block.
type RemoteEvents interface {
	// Committed says that an organization has reached a revision.
	Committed(organization, revision int64)
	// Recalled says that a task's recall is committed.
	Recalled(organization, taskID int64)
	// ReadElsewhere says that these people's receipts are committed.
	ReadElsewhere(organization int64, ordinals []uint32)
	// DirectoryMoved says that an organization's directory has changed.
	DirectoryMoved(organization int64)
	// CredentialsMoved says that tokens or sessions may have ended, and that
	// what apps may do may have changed.
	CredentialsMoved()
	// Look says that hints may have been missed: anything may have happened.
	Look()
}

// Transport carries payloads from each node to all nodes, itself included,
// without promising anything.
type Transport interface {
	// Send sends a payload of at most 7,900 bytes of ASCII.
	Send(ctx context.Context, payload string) error
	// Listen calls connected once nothing is missed any more, then heard for
	// each payload. It returns when ctx ends or the connection is lost.
	Listen(ctx context.Context, connected func(), heard func(payload string)) error
	// Close lets go of the connection that sends.
	Close() error
}

// Bus sends this node's hints and hears those of the others. The methods named
// like those of RemoteEvents, and Read, hand a hint over: they never block, and do
// nothing else before Run.
type Bus struct {
	transport Transport
	events    RemoteEvents
	log       *slog.Logger
	now       func() time.Time
	node      string
	queue     *queue

	sent, received, failed atomic.Int64
	connected              atomic.Bool
	caughtUp               atomic.Int64 // unix milliseconds
}

// Deps is what a Bus works with. All fields are required.
type Deps struct {
	Transport Transport
	Events    RemoteEvents // hears what others did
	Log       *slog.Logger
	Now       func() time.Time
}

// New returns a Bus. Run makes it work.
func New(d Deps) *Bus {
	const distinct = 13 // characters of five random bits each
	return &Bus{
		transport: d.Transport, events: d.Events, log: d.Log, now: d.Now,
		node: strings.ToLower(rand.Text()[:distinct]), queue: newQueue(),
	}
}

// Committed tells other nodes that an organization has reached a revision.
func (b *Bus) Committed(organization, revision int64) { b.queue.revision(organization, revision) }

// Recalled tells them that a task's recall is committed.
func (b *Bus) Recalled(organization, taskID int64) { b.queue.recall(organization, taskID) }

// Read tells them that these people's receipts are committed.
func (b *Bus) Read(organization int64, ordinals []uint32) { b.queue.reads(organization, ordinals) }

// DirectoryMoved tells them that an organization's directory has changed.
func (b *Bus) DirectoryMoved(organization int64) { b.queue.directory(organization) }

// CredentialsMoved tells them that something ended before its time, or that
// what apps may do has changed.
func (b *Bus) CredentialsMoved() { b.queue.ended() }

// Run sends and listens until ctx ends.
func (b *Bus) Run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { b.send(ctx) })
	running.Go(func() { b.listen(ctx) })
	running.Wait()
	if err := b.transport.Close(); err != nil {
		b.log.Debug("hints: closing", "error", err)
	}
}

// Stats is what a Bus has done since it was made.
type Stats struct {
	Sent      int64     // payloads
	Received  int64     // payloads of other nodes
	Failed    int64     // payloads not sent or not understood, and lost connections
	Connected bool      // hears other nodes now
	CaughtUp  time.Time // when everything was looked at last because hints may have been missed; zero: never
}

// Stats may be called at any time.
func (b *Bus) Stats() Stats {
	s := Stats{Sent: b.sent.Load(), Received: b.received.Load(), Failed: b.failed.Load(), Connected: b.connected.Load()}
	if at := b.caughtUp.Load(); at > 0 {
		s.CaughtUp = time.UnixMilli(at)
	}
	return s
}

// send sends what waits, a payload at a time. One that fails is given up:
// whoever it was for looks by themselves.
func (b *Bus) send(ctx context.Context) {
	again := retry.Backoff{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.queue.wake:
		}
		payload, more := b.queue.take(b.node)
		if payload == "" {
			continue
		}
		if more {
			b.queue.nudge()
		}
		wait := pause
		if err := b.sendOne(ctx, payload); err != nil {
			b.failed.Add(1)
			b.complain(ctx, &again, "hints cannot be sent to other nodes, which look for themselves every second", err)
			wait = again.Next()
		} else {
			b.sent.Add(1)
			again.Reset()
		}
		retry.Sleep(ctx, wait)
	}
}

func (b *Bus) sendOne(ctx context.Context, payload string) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	return b.transport.Send(ctx, payload)
}

// listen hears until ctx ends, and connects again when the connection is lost.
func (b *Bus) listen(ctx context.Context) {
	again := retry.Backoff{}
	for ctx.Err() == nil {
		err := b.transport.Listen(ctx, func() {
			again.Reset()
			b.connected.Store(true)
			b.caughtUp.Store(b.now().UnixMilli())
			b.events.Look()
		}, b.hear)
		b.connected.Store(false)
		if ctx.Err() != nil {
			return
		}
		b.failed.Add(1)
		b.complain(ctx, &again, "hints of other nodes cannot be heard; looking every second instead", err)
		retry.Sleep(ctx, again.Next())
	}
}

// complain logs the first failure of a row of them.
func (b *Bus) complain(ctx context.Context, again *retry.Backoff, what string, err error) {
	if !again.Failing() && ctx.Err() == nil {
		b.log.Warn(what, "error", err)
	}
}

// hear passes on what another node said.
func (b *Bus) hear(payload string) {
	node, h, err := parse(payload)
	if err != nil {
		b.failed.Add(1)
		b.log.Debug("hints: a payload was ignored", "error", err)
		return
	}
	if node == b.node {
		return
	}
	b.received.Add(1)
	if h.everything {
		b.events.Look()
	}
	for _, one := range h.recalled { // before the revisions that tell of them
		b.events.Recalled(one.organization, one.value)
	}
	for _, one := range h.revisions {
		b.events.Committed(one.organization, one.value)
	}
	for _, one := range h.directories {
		b.events.DirectoryMoved(one)
	}
	if h.credentials {
		b.events.CredentialsMoved()
	}
	for _, one := range h.read {
		b.events.ReadElsewhere(one.organization, one.ordinals)
	}
}
