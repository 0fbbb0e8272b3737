package retention

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// firstRun is the latest the first sweep comes after the start; nodes that
	// start together do not all sweep at once.
	firstRun = time.Minute
	every    = time.Hour // give or take a tenth
)

// Run sweeps soon after the start and about once an hour, until ctx ends. What
// cannot be deleted is logged and tried again an hour later.
func (s *Service) Run(ctx context.Context) {
	wait := firstRun/6 + rand.N(firstRun*5/6)
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.deps.Log.Error("retention: some of what is too old stays for now", "error", err)
		}
		wait = every - every/10 + rand.N(every/5)
	}
}

// Sweep deletes everything that is due, unless another node is at it, and has
// this node forget what is no longer kept. What fails in one organization does
// not keep the others waiting.
func (s *Service) Sweep(ctx context.Context) error {
	err := s.sweep(ctx)
	if trimErr := s.deps.Memory.Trim(ctx); trimErr != nil {
		err = errors.Join(err, fmt.Errorf("retention: memory: %w", trimErr))
	}
	if err != nil && ctx.Err() == nil {
		s.deps.Meter.Failed()
	}
	return err
}

func (s *Service) sweep(ctx context.Context) (err error) {
	w := &work{Service: s}
	mine, err := w.lease(ctx)
	if err != nil || !mine {
		return err
	}
	defer func() {
		// Also when ctx has ended, so that another node need not wait.
		if endErr := s.deps.Store.EndLease(context.WithoutCancel(ctx), s.node); endErr != nil {
			err = errors.Join(err, fmt.Errorf("retention: lease: %w", endErr))
		}
	}()
	organizations, err := s.deps.Store.Organizations(ctx)
	if err != nil {
		return fmt.Errorf("retention: organizations: %w", err)
	}
	var failed error
	for _, o := range organizations {
		if err := w.organization(ctx, o); err != nil {
			failed = errors.Join(failed, fmt.Errorf("retention: organization %d: %w", o.ID, err))
		}
		if ctx.Err() != nil || errors.Is(failed, errLeaseLost) {
			return failed
		}
	}
	if failed == nil {
		s.deps.Meter.Swept(s.deps.Now(), w.oldest)
	}
	return failed
}
