package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/bus"
)

// wire is a Transport in memory: what one node sends all of them hear.
type wire struct {
	mu       sync.Mutex
	payloads []string
	at       []time.Time
	broken   bool
	cut      chan struct{} // closed to end all Listens
	ears     map[int]func(string)
	next     int
	blocked  chan struct{} // a Send waits for it if there is one
}

func newWire() *wire { return &wire{cut: make(chan struct{}), ears: map[int]func(string){}} }

var errBroken = errors.New("broken")

func (w *wire) Send(ctx context.Context, payload string) error {
	w.mu.Lock()
	blocked := w.blocked
	w.mu.Unlock()
	if blocked != nil {
		select {
		case <-blocked:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken {
		return errBroken
	}
	w.payloads, w.at = append(w.payloads, payload), append(w.at, time.Now())
	for _, hear := range w.ears {
		hear(payload)
	}
	return nil
}

func (w *wire) Listen(ctx context.Context, connected func(), heard func(string)) error {
	w.mu.Lock()
	if w.broken {
		w.mu.Unlock()
		return errBroken
	}
	w.next++
	me, cut := w.next, w.cut
	w.ears[me] = heard
	w.mu.Unlock()
	connected()
	defer func() {
		w.mu.Lock()
		delete(w.ears, me)
		w.mu.Unlock()
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-cut:
		return errBroken
	}
}

func (w *wire) Close() error { return nil }

// fail breaks every connection until it is called again with false.
func (w *wire) fail(broken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = broken
	if broken {
		close(w.cut)
		w.cut = make(chan struct{})
	}
}

func (w *wire) sent() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.payloads)
}

// notes are RemoteEvents that write down what they hear.
type notes struct {
	mu    sync.Mutex
	heard []string
	reads map[int64]map[uint32]int
}

func (n *notes) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = append(n.heard, fmt.Sprintf(format, args...))
}

func (n *notes) Committed(organization, revision int64) {
	n.note("committed %d %d", organization, revision)
}

func (n *notes) Recalled(organization, task int64) { n.note("recalled %d %d", organization, task) }
func (n *notes) DirectoryMoved(organization int64) { n.note("directory %d", organization) }
func (n *notes) CredentialsMoved()                 { n.note("credentials") }
func (n *notes) Look()                             { n.note("look") }

func (n *notes) ReadElsewhere(organization int64, ordinals []uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.reads == nil {
		n.reads = map[int64]map[uint32]int{}
	}
	if n.reads[organization] == nil {
		n.reads[organization] = map[uint32]int{}
	}
	for _, ordinal := range ordinals {
		n.reads[organization][ordinal]++
	}
}

// all returns what was heard but for reads, sorted, and forgets it.
func (n *notes) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	heard := n.heard
	n.heard = nil
	slices.Sort(heard)
	return heard
}

func (n *notes) readers(organization int64) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.reads[organization])
}

// node is one Bus that runs until the test ends.
type node struct {
	*bus.Bus
	*notes
}

func (n node) Committed(organization, revision int64) { n.Bus.Committed(organization, revision) }
func (n node) Recalled(organization, task int64)      { n.Bus.Recalled(organization, task) }
func (n node) DirectoryMoved(organization int64)      { n.Bus.DirectoryMoved(organization) }
func (n node) CredentialsMoved()                      { n.Bus.CredentialsMoved() }

func run(t testing.TB, transport bus.Transport) node {
	t.Helper()
	ears := &notes{}
	n := node{bus.New(bus.Deps{Transport: transport, Events: ears, Log: slog.New(slog.DiscardHandler), Now: time.Now}), ears}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { n.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return n
}

// settle lets everything happen that needs no more than d.
func settle(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // inside a bubble: the clock is synctest's
	synctest.Wait()
}
