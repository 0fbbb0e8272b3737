package postgres_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// soon is longer than any answer may take, and shorter than a hang.
const soon = 45 * time.Second

// mustRelayed opens a database through a relay, and returns its own address.
func mustRelayed(t *testing.T) (*store.DB, *harness.Relay, string) {
	t.Helper()
	address := storetest.Address(t, "postgres")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	relay := harness.NewRelay(t, u.Host)
	u.Host = relay.Address()
	return storetest.At(t, u.String(), nil), relay, address
}

func write(db *store.DB, during func()) error {
	return db.Tasks().WriteTasks(context.Background(), func(ctx context.Context, tx notify.Tx) error {
		if _, err := tx.Lock(ctx, nil); err != nil {
			return err
		}
		if during == nil {
			return nil
		}
		during()
		_, _, err := tx.TakenAt(ctx, 1, 1)
		return err
	})
}

func within[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(soon):
		t.Fatalf("%s: no answer within %s", what, soon)
		panic("unreachable")
	}
}

// A connection that breaks before COMMIT says that nothing was committed,
// whatever the layer that noticed; one that breaks at COMMIT, that nobody knows.
// Afterwards the database is used as before.
func TestABrokenConnection(t *testing.T) {
	t.Parallel()
	db, relay, _ := mustRelayed(t)
	for range 3 {
		if err := write(db, relay.End); !fault.Is(err, fault.CodeBusy) {
			t.Errorf("broken in the middle: %v, want busy", err)
		}
		if err := write(db, func() { relay.Answers(1) }); !fault.Is(err, fault.CodeBusy) {
			t.Errorf("the answer to a statement is lost: %v, want busy", err)
		}
		for _, how := range []harness.Cut{harness.CutBefore, harness.CutWhile, harness.CutAfter} {
			relay.Commits(how, 1)
			if err := write(db, nil); !fault.Is(err, fault.CodeCommitUnknown) {
				t.Errorf("broken at COMMIT, %s: %v, want unknown", how, err)
			}
		}
		if err := write(db, nil); err != nil {
			t.Errorf("afterwards: %v", err)
		}
		relay.End()
		if err := db.Ping(context.Background()); err != nil && !fault.Is(err, fault.CodeBusy) {
			t.Errorf("reading over a broken connection: %v, want nil or busy", err)
		}
	}
}

// A database that says nothing any more is given up, and used again when it is
// there again.
func TestASilentDatabase(t *testing.T) {
	t.Parallel()
	db, relay, _ := mustRelayed(t)
	answers := make(chan error, 3)
	relay.Silence(true)
	go func() { answers <- write(db, func() {}) }()
	go func() { answers <- write(db, func() {}) }()
	go func() { answers <- db.Ping(context.Background()) }()
	for range 3 {
		if err := within(t, "silent", answers); !fault.Is(err, fault.CodeBusy) {
			t.Errorf("silent: %v, want busy", err)
		}
	}
	relay.Silence(false)
	relay.Commits(harness.CutMute, 1)
	var err error
	for again := true; again; again = fault.Is(err, fault.CodeBusy) { // old connections break first
		go func() { answers <- write(db, nil) }()
		err = within(t, "mute", answers)
	}
	if !fault.Is(err, fault.CodeCommitUnknown) {
		t.Errorf("a mute COMMIT: %v, want unknown", err)
	}
	go func() { answers <- write(db, nil) }()
	if err := within(t, "again", answers); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A node that stalls while it takes ids stalls no other.
func TestAStalledNodeHoldsNoIDs(t *testing.T) {
	t.Parallel()
	stalled, relay, address := mustRelayed(t)
	other := storetest.At(t, address, nil)
	relay.Commits(harness.CutMute, 1)
	taken := make(chan error, 1)
	go func() {
		_, err := stalled.NextIDs(context.Background(), "task", 1)
		taken <- err
	}()
	for {
		select {
		case <-taken:
			return // nothing was to be committed
		case <-time.After(10 * time.Millisecond):
		}
		if relay.Left() == 0 { // stalled at its COMMIT
			if _, err := other.NextIDs(context.Background(), "task", 1); err != nil {
				t.Errorf("ids of another node: %v", err)
			}
			return
		}
	}
}
