package directory

import (
	"context"
)

// decision says what to write, given a snapshot that is exactly the locked
// state. It runs inside the transaction, on r.
type decision func(ctx context.Context, c *changing) (Changes, error)

// changing is the state a decision is made on. Nobody else can change the
// directory meanwhile, but others read the snapshot, so it is looked at
// through see.
type changing struct {
	Reader
	at     Revision
	tenant *tenant
}

// see shows the snapshot to fn, which must not keep or change it, nor wait.
func (c *changing) see(fn func(*snapshot) error) error {
	c.tenant.mu.RLock()
	defer c.tenant.mu.RUnlock()
	return fn(c.tenant.snap)
}

// change decides and writes, and returns once this node's snapshot holds it.
func (s *Service) change(ctx context.Context, organization int64, decide decision) error {
	return s.changeWith(ctx, organization, s.store.ChangeDirectory, decide)
}

// changeLater is change for pieces of a long job.
func (s *Service) changeLater(ctx context.Context, organization int64, decide decision) error {
	return s.changeWith(ctx, organization, s.store.ChangeDirectoryLater, decide)
}

func (s *Service) changeWith(
	ctx context.Context, organization int64,
	write func(context.Context, int64, Decision) (int64, error), decide decision,
) error {
	t, err := s.current(ctx, organization)
	if err != nil {
		return err
	}
	// One change at a time on this node: the others wait here instead of
	// waiting for the row with a connection in hand.
	release, err := take(ctx, t.changing)
	if err != nil {
		return err
	}
	defer release()
	revision, err := write(ctx, organization, func(ctx context.Context, r Reader, at Revision) (Changes, error) {
		// Under the lock, and without waiting for t.turn: whoever holds that
		// may be waiting for the connection this transaction has.
		if err := t.follow(ctx, r, at.Directory); err != nil {
			return Changes{}, err
		}
		return decide(ctx, &changing{Reader: r, at: at, tenant: t})
	})
	if err != nil {
		return err
	}
	s.tell(organization)
	// The change is committed: a caller that goes away now must not leave this
	// node behind it.
	return s.CatchUp(context.WithoutCancel(ctx), organization, revision)
}

// current returns the tenant caught up with the database, so that little is
// left to read once the row is locked.
func (s *Service) current(ctx context.Context, organization int64) (*tenant, error) {
	at, err := s.store.DirectoryRevision(ctx, organization)
	if err != nil {
		return nil, err
	}
	return s.caughtUp(ctx, organization, at.Directory)
}
