package callback

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// Target is an app with all that it takes to call it.
type Target struct {
	Callback
	State
	CorpID, AppKey string
}

func (t *Target) keyID() string {
	if t.KeyID == ByCorpID {
		return t.CorpID
	}
	return t.AppKey
}

// Due is an app that has events to be delivered.
type Due struct {
	Key
	Failing bool // the last attempt failed
}

// Store keeps callbacks and events.
type Store interface {
	// Target returns an app's callback. Fails with CodeCallbackUnknown; the app is there.
	Target(ctx context.Context, k Key) (Target, error)
	// Names returns the corp id and app key of an internal app. Fails with CodeAppUnknown.
	Names(ctx context.Context, k Key) (corpID, appKey string, err error)
	// Save stores a callback and records that. Deliveries begin anew. With fresh set it
	// fails with CodeCallbackExists where there is one. Fails with CodeAppUnknown and
	// masterkey.ErrMoved.
	Save(ctx context.Context, c Callback, fresh bool, e audit.Entry) error
	// Delete removes a callback with its events, and records that. Fails with
	// CodeCallbackUnknown and CodeAppUnknown.
	Delete(ctx context.Context, k Key, e audit.Entry) error
	// State returns how deliveries to a callback go.
	State(ctx context.Context, k Key) (State, error)
	// TakeGivenUp returns and removes the oldest events that were given up, at most
	// limit, and whether there are more.
	TakeGivenUp(ctx context.Context, k Key, limit int) ([]Event, bool, error)

	// Due returns the apps that have events to be delivered at a time, in use as their
	// organizations and installations are.
	Due(ctx context.Context, now time.Time) ([]Due, error)
	// Waiting returns the oldest events that wait, in their order; none of an app that is
	// switched off.
	Waiting(ctx context.Context, k Key, limit int) ([]Event, error)
	// Delivered removes an event and notes the success.
	Delivered(ctx context.Context, e Event, at time.Time) error
	// Undelivered notes a failure. It gives e up if giveUp is set, and with it all that
	// happened before older. It returns how many events that were.
	Undelivered(ctx context.Context, e Event, s State, giveUp bool, older time.Time) (int, error)
	// Forget removes events that were given up before a time, some at once, and
	// returns how many.
	Forget(ctx context.Context, k Key, before time.Time, limit int) (int, error)
	// Callbacks returns the apps that have one.
	Callbacks(ctx context.Context) ([]Key, error)

	// Lease gives a node the right to deliver, or prolongs it. False: another has it.
	Lease(ctx context.Context, node string, now, until time.Time) (bool, error)
	// EndLease gives it back.
	EndLease(ctx context.Context, node string) error
}

// People names those whom events are about.
type People interface {
	// PeopleByOrdinal has those who have left too.
	PeopleByOrdinal(ctx context.Context, organization int64, ordinals []uint32) (map[uint32]directory.User, error)
}
