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
	Names
}

// Names are what an app is called on the wire.
type Names struct {
	CorpID     string // of the organization that it belongs to
	AppKey     string // of a third-party app the suite key
	ThirdParty bool
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
	// Names returns what an app is called. Fails with CodeAppUnknown.
	Names(ctx context.Context, k Key) (Names, error)
	// Save stores a callback and records that. Deliveries begin anew, and a third-party
	// app that listens to it is told its ticket at once. With fresh set it
	// fails with CodeCallbackExists where there is one. Fails with CodeAppUnknown and
	// masterkey.ErrMoved.
	Save(ctx context.Context, c Callback, fresh bool, e audit.Entry) error
	// Delete removes a callback with its events, and records that. Fails with
	// CodeCallbackUnknown and CodeAppUnknown.
	Delete(ctx context.Context, k Key, e audit.Entry) error
	// TryNow lets what waits be tried at once, also after failures.
	TryNow(ctx context.Context, k Key) error
	// State returns how deliveries to a callback go.
	State(ctx context.Context, k Key) (State, error)
	// TakeGivenUp returns and removes the oldest events that were given up, at most
	// limit, and whether there are more.
	TakeGivenUp(ctx context.Context, k Key, limit int) ([]Event, bool, error)

	// Due returns the apps that have events to be delivered at a time, in use as their
	// organizations and installations are.
	Due(ctx context.Context, now time.Time) ([]Due, error)
	// Next returns the oldest event that waits: about the organization that follows
	// another one, or else the first that has one, so that all have their turn. False:
	// none waits, or the app is switched off. About people and departments it waits also
	// while the app is switched off in their organization.
	Next(ctx context.Context, k Key, after int64) (Event, bool, error)
	// TicketsDue returns the third-party apps in use that are to be told their ticket at
	// a time.
	TicketsDue(ctx context.Context, now time.Time) ([]Key, error)
	// TellTicket writes the event of an app's ticket where that is due and none waits, and
	// makes the next one due after TicketEvery.
	TellTicket(ctx context.Context, k Key, now time.Time) error
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
	// Organization has those that are disabled too.
	Organization(ctx context.Context, id int64) (directory.Organization, error)
	// PeopleByOrdinal has those who have left too.
	PeopleByOrdinal(ctx context.Context, organization int64, ordinals []uint32) (map[uint32]directory.User, error)
}
