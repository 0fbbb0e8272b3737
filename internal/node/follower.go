package node

import (
	"context"
	"log/slog"
	"time"
)

const (
	lookEvery  = 250 * time.Millisecond
	lookWithin = time.Minute // a large organization that is new here is read within
)

// Follower has this process follow marks.
type Follower struct {
	FollowerDeps

	followed int64 // noted
}

// FollowerDeps are what a Follower works with.
type FollowerDeps struct {
	Store Store
	// CatchUp brings what this process has in memory up to the database: what was
	// committed before it is called is in force when it returns.
	CatchUp func(ctx context.Context) error
	Log     *slog.Logger
}

// NewFollower returns a Follower. Run makes it work.
func NewFollower(d FollowerDeps) *Follower { return &Follower{FollowerDeps: d} }

// Run follows until ctx ends. What fails is tried again, and the first failure of
// a row of them is logged.
func (f *Follower) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for failing := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		once, cancel := context.WithTimeout(ctx, lookWithin)
		err := f.Look(once)
		cancel()
		if err != nil && !failing && ctx.Err() == nil {
			f.Log.Warn("commands wait for this server to follow, trying again", "error", err)
		}
		failing = err != nil
	}
}

// Look follows the newest mark if there is a new one.
func (f *Follower) Look(ctx context.Context) error {
	mark, err := f.Store.LastMark(ctx)
	if err != nil || mark <= f.followed {
		return err
	}
	// The mark was read before, so what it stands for is committed by now.
	if err := f.CatchUp(ctx); err != nil {
		return err
	}
	noted, err := f.Store.Follow(ctx, mark)
	if err == nil && noted {
		f.followed = mark
	}
	return err
}
