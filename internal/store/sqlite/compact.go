package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	emptyWithin = 30 * time.Second // readers of the log are short
	emptyAgain  = 100 * time.Millisecond
)

// Compact writes the file anew if whole is true, which keeps all writers
// waiting, and moves the log into the file and cuts it to nothing. Deleted
// content is overwritten where it lay, but moving rows between pages may have
// left copies in the unused parts of others; a file that was written anew has
// none. It needs as much room again as the file has, in the log and in the
// system's directory for temporary files.
func (e *Engine) Compact(ctx context.Context, whole bool) error {
	if whole {
		// Not in memory, as elsewhere: the copy may be larger than that.
		own := e.pool(1, "secure_delete(1)", "temp_store(FILE)", "wal_autocheckpoint(0)")
		_, err := own.ExecContext(ctx, "VACUUM")
		if err = errors.Join(err, own.Close()); err != nil {
			return fmt.Errorf("sqlite: writing the file anew: %w", err)
		}
	}
	end := time.Now().Add(emptyWithin)
	for {
		var busy, length, moved int64
		err := e.checkpoint.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &length, &moved)
		if err == nil && busy == 0 {
			return nil
		}
		if err != nil && time.Now().After(end) {
			return fmt.Errorf("sqlite: emptying the log: %w", err)
		}
		if time.Now().After(end) {
			return errors.New("sqlite: the log cannot be emptied while somebody is reading it: do it again")
		}
		pause := time.NewTimer(emptyAgain)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}
