package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// LockSchema waits until nobody else, in any process, changes the schemas of
// the files in this directory. The lock lies on the directory, leaves nothing
// behind, and goes with the process however that ends.
func (e *Engine) LockSchema(ctx context.Context) (unlock func(), err error) {
	dir, err := os.Open(filepath.Dir(e.path))
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	unlock = func() { _ = dir.Close() } // only read, and the lock goes with it
	const pause = 20 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return unlock, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			unlock()
			return nil, fmt.Errorf("sqlite: lock of %s: %w", dir.Name(), err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			unlock()
			return nil, ctx.Err()
		}
	}
}
