package media

import (
	"context"
	"fmt"
	"time"
)

const (
	sweepEvery  = time.Hour
	sweepAtOnce = 100
	// abandonedAfter is the age at which an upload is certainly nobody's.
	abandonedAfter = time.Hour
)

// Run removes, at once and every hour until ctx ends, what was stored for
// uploads that never came to their end. A failure is logged and tried again.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("media: what interrupted uploads left cannot be removed, trying again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sweep does once what Run does.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		abandoned, err := s.store.AbandonUploads(ctx, s.now().Add(-abandonedAfter), sweepAtOnce)
		if err != nil {
			return fmt.Errorf("media.Sweep: %w", err)
		}
		for _, one := range abandoned {
			if err := s.storage.Remove(ctx, one.Organization, one.ID); err != nil {
				return fmt.Errorf("media.Sweep: %w", err)
			}
			if err := s.store.DeleteUpload(ctx, one.Organization, one.ID); err != nil {
				return fmt.Errorf("media.Sweep: %w", err)
			}
		}
		if len(abandoned) < sweepAtOnce {
			return nil
		}
	}
}
