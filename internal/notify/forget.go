package notify

import (
	"context"
	"fmt"
	"time"
)

// forgetPiece is how many idempotency keys are forgotten in one transaction.
const forgetPiece = 200

// forgetHourly forgets idempotency keys that are no longer looked at, until ctx
// ends.
func (s *Service) forgetHourly(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.Forget(ctx); err != nil && ctx.Err() == nil {
				s.deps.Log.Warn("old idempotency keys stay for now", "error", err)
			}
		}
	}
}

// Forget deletes the idempotency keys older than a day, in small pieces.
func (s *Service) Forget(ctx context.Context) error {
	before := s.deps.Now().Add(-requestsKept)
	for ctx.Err() == nil {
		n, err := s.deps.Store.DeleteRequestsBefore(ctx, before, forgetPiece)
		if err != nil {
			return fmt.Errorf("notify.Forget: %w", err)
		}
		if n < forgetPiece {
			return nil
		}
	}
	return ctx.Err()
}
