package directory

import (
	"context"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// followEvery is how often Run looks for the changes of other processes: often
// enough that one is seen within a second.
const followEvery = 500 * time.Millisecond

// followWithin is how long one look may take; a large organization that is new
// here is read within.
const followWithin = time.Minute

// elsewhere is what other processes are said to have changed.
type elsewhere struct {
	wake chan struct{} // holds one

	mu    sync.Mutex
	moved map[int64]struct{} // organizations
	all   bool               // any of them
}

func newElsewhere() *elsewhere {
	return &elsewhere{wake: make(chan struct{}, 1), moved: map[int64]struct{}{}}
}

// Moved has Run look at an organization now. It does not wait.
func (s *Service) Moved(organization int64) {
	s.elsewhere.say(func(e *elsewhere) { e.moved[organization] = struct{}{} })
}

// Look has Run look at all organizations now. It does not wait.
func (s *Service) Look() { s.elsewhere.say(func(e *elsewhere) { e.all = true }) }

func (e *elsewhere) say(what func(*elsewhere)) {
	e.mu.Lock()
	what(e)
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// taken returns what was said since it was called last.
func (e *elsewhere) taken() (moved map[int64]struct{}, all bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	moved, all = e.moved, e.all
	e.moved, e.all = map[int64]struct{}{}, false
	return moved, all
}

// Run follows the changes that other processes make, until ctx ends: each is
// visible here within a second, and sooner after Moved or Look. Failures are
// tried again, and the first of a row of them is logged.
func (s *Service) Run(ctx context.Context) {
	s.follow()
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for failing := false; ; {
		look := s.Load
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.elsewhere.wake:
			look = s.followHints
		}
		once, cancel := context.WithTimeout(ctx, followWithin)
		err := look(once)
		cancel()
		switch {
		case err != nil && !failing && ctx.Err() == nil:
			s.log.Error("directory cannot be followed, trying again", "error", err)
		case err == nil && failing:
			s.log.Info("directory is followed again")
		}
		failing = err != nil
		if !failing {
			s.follow()
		}
	}
}

// follow notes that what is here is what the database holds now.
func (s *Service) follow() {
	now := s.now()
	s.followed.Store(&now)
}

// Lag is for how long changes of other processes may have been missed here; 0
// before Run.
func (s *Service) Lag() time.Duration {
	at := s.followed.Load()
	if at == nil {
		return 0
	}
	return s.now().Sub(*at)
}

// followHints brings those snapshots up to the database that are said to be
// behind.
func (s *Service) followHints(ctx context.Context) error {
	moved, all := s.elsewhere.taken()
	if all {
		return s.Load(ctx)
	}
	for organization := range moved {
		at, err := s.store.DirectoryRevision(ctx, organization)
		if fault.Is(err, fault.CodeOrganizationUnknown) {
			continue // a hint has no authority
		}
		if err != nil {
			return err
		}
		if err := s.CatchUp(ctx, organization, at.Directory); err != nil {
			return err
		}
	}
	return nil
}
