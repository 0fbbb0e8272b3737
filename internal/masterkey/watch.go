package masterkey

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/node"
)

// NodeStore keeps which nodes serve, and which master keys they hold.
type NodeStore interface {
	Store
	// EnterNode says that this process serves, or still does, and forgets nodes
	// that nobody has heard of for a day.
	EnterNode(ctx context.Context, name string, keys map[int]string) error
	// LeaveNode takes that back.
	LeaveNode(ctx context.Context) error
}

// How often a node looks at its key file, and how often at least it says that it
// is there.
const (
	keysLook  = time.Second
	nodeBeats = node.Silence / 4
)

// Watch keeps the master keys of a node that serves: it reads the key file
// again when that is another one, and says in the database which keys it holds,
// so that no key comes into use that a node has not got.
type Watch struct {
	WatchDeps

	// Of the last look.
	said    map[int]string // the keys that are in the database
	saidAt  time.Time
	inUse   int
	problem string
}

// WatchDeps are what a Watch works with.
type WatchDeps struct {
	Keys  *Ring
	Store NodeStore
	Name  string // of the node, as operators know it
	Now   func() time.Time
	Log   *slog.Logger
}

// NewWatch returns the watch of one node.
func NewWatch(d WatchDeps) *Watch { return &Watch{WatchDeps: d} }

// Enter says that this node is there. It comes before Ring.Bind: from then on
// no key comes into use that this node has not got, and Bind looks whether one
// has before. A full disk does not keep a node from starting.
func (w *Watch) Enter(ctx context.Context) error {
	err := w.enter(ctx)
	if fault.Is(err, fault.CodeStorageFull) {
		return nil
	}
	return err
}

func (w *Watch) enter(ctx context.Context) error {
	held := w.Keys.Fingerprints()
	err := w.Store.EnterNode(ctx, w.Name, held)
	if err == nil {
		w.said, w.saidAt = held, w.Now()
	}
	return err
}

// Leave says that this node stops.
func (w *Watch) Leave(ctx context.Context) error { return w.Store.LeaveNode(ctx) }

// Run looks every second until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	tick := time.NewTicker(keysLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.Look(ctx)
		}
	}
}

// Look reads the key file if it is another one, and says what there is to say.
func (w *Watch) Look(ctx context.Context) {
	w.readFile(ctx)
	if inUse := w.Keys.InUse(); inUse != w.inUse {
		if w.inUse != 0 {
			w.Log.Info("another master key is in use", "key", inUse, "before", w.inUse)
		}
		w.inUse = inUse
	}
	if w.Now().Sub(w.saidAt).Abs() < nodeBeats && maps.Equal(w.said, w.Keys.Fingerprints()) {
		return
	}
	if err := w.enter(ctx); err != nil && ctx.Err() == nil {
		w.Log.Debug("which master keys this node holds could not be written", "error", err)
	}
}

// readFile reads the key file if it is another one, and logs what is wrong with it.
func (w *Watch) readFile(ctx context.Context) {
	changed, err := w.Keys.Reload()
	if changed {
		w.Log.Info("the key file was read again", "keys", slices.Sorted(maps.Keys(w.Keys.Fingerprints())))
	}
	if err == nil && w.Keys.FileLacks() != nil {
		// A key is dropped on record before it leaves the file, and this node may
		// not have heard of that yet.
		if w.Keys.Follow(ctx, w.Store) != nil {
			return // the next look asks again
		}
		err = w.Keys.FileLacks()
	}
	w.complain(err)
}

// complain logs what is wrong with the keys, once.
func (w *Watch) complain(err error) {
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	if problem == w.problem {
		return
	}
	w.problem = problem
	if err != nil {
		w.Log.Error("the key file cannot be used", "error", problem)
		return
	}
	w.Log.Info("the key file can be used again")
}
