package retry

import (
	"context"
	"time"
)

const (
	first = 50 * time.Millisecond // after a failure, doubled
	last  = 5 * time.Second       // up to this
)

// Backoff doubles from 50 milliseconds to five seconds. The zero value has not
// failed yet.
type Backoff struct{ wait time.Duration }

// Next returns how long to wait after one more failure.
func (b *Backoff) Next() time.Duration {
	b.wait = min(max(2*b.wait, first), last)
	return b.wait
}

// Reset begins anew, after a success.
func (b *Backoff) Reset() { b.wait = 0 }

// Failing reports whether the last try failed.
func (b *Backoff) Failing() bool { return b.wait > 0 }

// Sleep waits for d and reports whether the context is still alive.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
