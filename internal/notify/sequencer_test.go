package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// faulty stands between the sequencer and the database and fails on demand.
type faulty struct {
	notify.Store
	hold   chan struct{}              // a transaction waits until it is closed
	lock   func([]int64) error        // may fail Lock
	create func([]*notify.Task) error // may fail CreateTasks
	undo   func() error               // may roll back what is about to be committed
	after  func(err error) error      // turns the outcome of a commit into another
	writes atomic.Int32
}

func (s *faulty) WriteTasks(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	return s.write(ctx, s.Store.WriteTasks, work)
}

func (s *faulty) WriteChanges(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	return s.write(ctx, s.Store.WriteChanges, work)
}

func (s *faulty) write(
	ctx context.Context, write func(context.Context, func(context.Context, notify.Tx) error) error,
	work func(context.Context, notify.Tx) error,
) error {
	s.writes.Add(1)
	if s.hold != nil {
		<-s.hold
	}
	err := write(ctx, func(ctx context.Context, tx notify.Tx) error {
		if err := work(ctx, &faultyTx{Tx: tx, s: s}); err != nil || s.undo == nil {
			return err
		}
		return s.undo()
	})
	if s.after != nil {
		return s.after(err)
	}
	return err
}

type faultyTx struct {
	notify.Tx
	s *faulty
}

func (t *faultyTx) Lock(ctx context.Context, organizations []int64) (map[int64]notify.Position, error) {
	if t.s.lock != nil {
		if err := t.s.lock(organizations); err != nil {
			return nil, err
		}
	}
	return t.Tx.Lock(ctx, organizations)
}

func (t *faultyTx) CreateTasks(ctx context.Context, tasks []*notify.Task) error {
	if t.s.create != nil {
		if err := t.s.create(tasks); err != nil {
			return err
		}
	}
	return t.Tx.CreateTasks(ctx, tasks)
}

func mustFaulty(t *testing.T, engine string, s *faulty) *fixture {
	t.Helper()
	return mustFixture(t, storetest.Open(t, engine), wrap{store: func(inner notify.Store) notify.Store {
		s.Store = inner
		return s
	}})
}

// sent is what one of several concurrent sends came to.
type sent struct {
	id  int64
	err error
}

func (f *fixture) sendAll(requests []notify.SendRequest) []sent {
	all := make([]sent, len(requests))
	var senders sync.WaitGroup
	for i, r := range requests {
		senders.Go(func() { all[i].id, all[i].err = f.Send(context.Background(), r) })
	}
	senders.Wait()
	return all
}

func TestAPoisonedSubmissionFailsAlone(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			poison := &faulty{hold: make(chan struct{}), create: func(tasks []*notify.Task) error {
				for _, task := range tasks {
					if bytes.Contains(task.Message, []byte("poison")) {
						return errors.New("poisoned")
					}
				}
				return nil
			}}
			f := mustFaulty(t, engine, poison)
			one, other := f.mustOrganization(t, 4, nil), f.mustOrganization(t, 4, nil)
			var requests []notify.SendRequest
			for i := range 40 {
				c := one
				if i%2 == 1 {
					c = other
				}
				content := fmt.Sprint("message ", i)
				if i == 6 {
					content = "poison"
				}
				requests = append(requests, request(c, content, to("u1")))
			}
			done := make(chan []sent)
			go func() { done <- f.sendAll(requests) }()
			close(poison.hold) // what has queued up by now is one transaction
			for i, s := range <-done {
				if (s.err != nil) != (i == 6) {
					t.Errorf("send %d: %v", i, s.err)
				}
			}
			if got := f.hints.committed; got[one.Organization] != 19 || got[other.Organization] != 20 {
				t.Errorf("revisions %v, want 19 and 20", got)
			}
		})
	}
}

func TestAHeldOrganizationStopsNoOther(t *testing.T) {
	t.Parallel()
	var held atomic.Int64
	busy := &faulty{lock: func(organizations []int64) error {
		if slices.Contains(organizations, held.Load()) {
			return fault.New(fault.CodeBusy, "row is locked")
		}
		return nil
	}}
	f := mustFaulty(t, "sqlite", busy)
	stuck, free := f.mustOrganization(t, 4, nil), f.mustOrganization(t, 4, nil)
	held.Store(stuck.Organization)
	waiting := make(chan []sent)
	go func() {
		var requests []notify.SendRequest
		for i := range 10 {
			requests = append(requests, request(stuck, fmt.Sprint(i), to("u1")))
		}
		waiting <- f.sendAll(requests)
	}()
	for i := range 50 {
		_, err := f.Send(context.Background(), request(free, fmt.Sprint(i), to("u1")))
		must(t, err)
	}
	select {
	case <-waiting:
		t.Fatal("the held organization's sends were answered while its row was held")
	default:
	}
	held.Store(0)
	for _, s := range <-waiting {
		must(t, s.err)
	}
	if got := f.hints.committed; got[stuck.Organization] != 10 || got[free.Organization] != 50 {
		t.Errorf("revisions %v, want 10 and 50", got)
	}
}

func TestALostCommitIsLookedUp(t *testing.T) {
	t.Parallel()
	unknown := fault.New(fault.CodeCommitUnknown, "connection lost")
	for name, committed := range map[string]bool{"committed": true, "rolled back": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				var losses atomic.Int32
				s := &faulty{}
				lost := func() bool { return losses.CompareAndSwap(1, 2) }
				if committed {
					s.after = func(err error) error {
						if err == nil && lost() {
							return unknown
						}
						return err
					}
				} else {
					s.undo = func() error {
						if lost() {
							return unknown
						}
						return nil
					}
				}
				f := mustFixture(t, db, wrap{store: func(inner notify.Store) notify.Store { s.Store = inner; return s }})
				c := f.mustOrganization(t, 4, nil)
				losses.Store(1)
				id, err := f.Send(context.Background(), request(c, "hello", to("u1", "u2")))
				must(t, err)
				if got := f.mustOutcome(t, c, id).Unread; !slices.Equal(got, []string{"u1", "u2"}) {
					t.Errorf("reached %v", got)
				}
				again, err := f.Send(context.Background(), request(c, "again", to("u1")))
				must(t, err)
				if again == id || f.hints.committed[c.Organization] != 2 {
					t.Errorf("task %d then %d at revision %d", id, again, f.hints.committed[c.Organization])
				}
			})
		})
	}
}

func TestACallerWithdrawsWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	s := &faulty{hold: make(chan struct{})}
	f := mustFaulty(t, "sqlite", s)
	c := f.mustOrganization(t, 4, nil)
	first := make(chan error, 1)
	go func() {
		_, err := f.Send(context.Background(), request(c, "taken", to("u1")))
		first <- err
	}()
	for s.writes.Load() == 0 { // until the first one is in its transaction
		if f.QueueDepth() > 1 {
			t.Fatal("unexpected submission")
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Send(ctx, request(c, "withdrawn", to("u1"))); !fault.Is(err, fault.CodeBusy) {
		t.Errorf("withdrawn: %v, want busy", err)
	}
	close(s.hold)
	must(t, <-first)
	_, err := f.Send(context.Background(), request(c, "withdrawn", to("u1")))
	must(t, err)
	if got := f.hints.committed[c.Organization]; got != 2 {
		t.Errorf("%d revisions, want 2: the withdrawn one must not have been sent", got)
	}
}

func TestCloseAnswersEverybody(t *testing.T) {
	t.Parallel()
	f := mustFixture(t, storetest.Open(t, "sqlite"), wrap{})
	c := f.mustOrganization(t, 4, nil)
	results := make(chan sent, 64)
	for i := range 64 {
		go func() {
			id, err := f.Send(context.Background(), request(c, fmt.Sprint(i), to("u1")))
			results <- sent{id, err}
		}()
	}
	accepted := int64(0)
	if r := <-results; r.err == nil {
		accepted++
	}
	f.Close()
	for range 63 {
		switch r := <-results; {
		case r.err == nil:
			accepted++
		case !fault.Is(r.err, fault.CodeBusy):
			t.Error(r.err)
		}
	}
	if got := f.hints.committed[c.Organization]; got != accepted {
		t.Errorf("%d accepted, %d revisions", accepted, got)
	}
}

// restless changes the directory between the resolving of an audience and
// its commit.
type restless struct {
	*directory.Service
	once   atomic.Bool
	change func()
}

func (r *restless) Resolve(ctx context.Context, organization int64, a directory.Audience, within directory.Range) (directory.Resolved, error) {
	resolved, err := r.Service.Resolve(ctx, organization, a, within)
	if r.change != nil && r.once.CompareAndSwap(false, true) {
		r.change()
	}
	return resolved, err
}

func TestTheAudienceIsTrueAtAcceptance(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := &restless{}
		f := mustFixture(t, db, wrap{directory: func(d *directory.Service) notify.Directory { r.Service = d; return r }})
		c := f.mustOrganization(t, 4, nil)
		r.change = func() {
			must(t, f.directory.DeleteUser(context.Background(), audit.ByOperator(), c.Organization, "u2"))
		}
		id, err := f.Send(context.Background(), request(c, "hello", to("u1", "u2")))
		must(t, err)
		got := f.mustOutcome(t, c, id)
		if !slices.Equal(got.Unread, []string{"u1"}) || !slices.Equal(got.Invalid, []string{"u2"}) {
			t.Errorf("sent %v, invalid %v", got.Unread, got.Invalid)
		}
	})
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f := mustFixture(t, db, wrap{})
		c := f.mustOrganization(t, 4, nil)
		keyed := func(c app.Caller, digest byte) notify.SendRequest {
			r := request(c, "hello", to("u1"))
			r.IdempotencyKey, r.RequestDigest = "key", [32]byte{digest}
			return r
		}
		all := f.sendAll(slices.Repeat([]notify.SendRequest{keyed(c, 1)}, 20))
		for _, s := range all {
			must(t, s.err)
			if s.id != all[0].id {
				t.Errorf("one key, tasks %d and %d", all[0].id, s.id)
			}
		}
		if got := f.hints.committed[c.Organization]; got != 1 {
			t.Errorf("%d revisions for one key", got)
		}
		if _, err := f.Send(context.Background(), keyed(c, 2)); !fault.Is(err, fault.CodeIdempotencyReused) {
			t.Errorf("another request under the same key: %v", err)
		}
		other := f.mustOrganization(t, 4, nil)
		if id, err := f.Send(context.Background(), keyed(other, 2)); err != nil || id == all[0].id {
			t.Errorf("the same key in another organization: %d, %v", id, err)
		}
		f.clock.forward(25 * time.Hour)
		if id, err := f.Send(context.Background(), keyed(c, 2)); err != nil || id == all[0].id {
			t.Errorf("the same key a day later: %d, %v", id, err)
		}
		must(t, f.Forget(context.Background()))
		if n, err := f.db.Tasks().DeleteRequestsBefore(context.Background(), f.clock.now().Add(time.Second), 10); err != nil || n != 1 {
			t.Errorf("%d keys remembered, %v; want the newest alone", n, err)
		}
	})
}
