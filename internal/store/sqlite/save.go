package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Save writes the file at path as it is at one moment, whatever is written to
// it meanwhile, into a new file, and returns when that is on the disk. The log
// of the file grows until then, since it cannot start over before.
func Save(ctx context.Context, path, to string) (err error) {
	// VACUUM wants a connection that may write, and does not write here.
	pool, err := plain(ctx, path, "rw", "busy_timeout(5000)", "cache_size(-16384)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	// Made by us, for SQLite would let others read it.
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := pool.ExecContext(ctx, "VACUUM INTO $1", to); err != nil {
		return fmt.Errorf("sqlite: save %s: %w", path, err)
	}
	return f.Sync()
}
