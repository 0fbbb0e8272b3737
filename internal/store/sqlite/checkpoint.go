package sqlite

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	checkpointEvery = 500 * time.Millisecond
	// holdFrom is the length of the log, in pages of 4 KiB, above which the
	// writer is held while the log is moved.
	holdFrom = 65_536
)

// runCheckpoints moves the log into the file, beside the writer as long as
// possible. Under endless writing such a checkpoint never reaches the end of
// the log, and the log would grow for ever; past holdFrom it runs while the
// gate holds the writer, after which the next write starts the log over.
func (e *Engine) runCheckpoints() {
	defer e.done.Done()
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
			e.checkpointOnce(ctx)
			if e.Full() {
				e.restore(ctx)
			}
		}
	}
}

func (e *Engine) checkpointOnce(ctx context.Context) {
	left, length, err := e.passive(ctx)
	if e.Classify(err) == engine.Full && e.reserve != nil {
		// The file has to grow by what was sent last. It takes room from the
		// reserve for that: afterwards the log starts over, and what goes on
		// is written where the log has room already.
		e.becomeFull(err)
		for e.Classify(err) == engine.Full && e.reserve.give(keptForTheRest) {
			left, length, err = e.passive(ctx)
		}
	}
	if err != nil || left == 0 || length < holdFrom {
		return
	}
	// A passive checkpoint needs no lock that a writer holds, so it may run
	// inside the gate's transaction. A failure means that the next tick tries
	// again: the log keeps everything.
	_ = e.Write(ctx, engine.Background, func(ctx context.Context, _ engine.Querier) error {
		_, _, err := e.passive(ctx)
		return err
	})
}

// passive returns how many pages of the log are still to be moved and how
// long the log is. A failed sync ends the process through fatal.
func (e *Engine) passive(ctx context.Context) (left, length int64, err error) {
	var busy, moved int64
	row := e.checkpoint.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	err = row.Scan(&busy, &length, &moved)
	if unsynced(err) {
		e.fatal(fmt.Errorf("sqlite: checkpoint: %w", err))
	}
	if err != nil {
		return 0, 0, err
	}
	return length - moved, length, nil
}

// Size returns the bytes of the file on disk, without its log.
func (e *Engine) Size() int64 { return size(e.path) }

// LogSize returns the bytes of the write-ahead log on disk; 0 without one.
func (e *Engine) LogSize() int64 { return size(e.path + "-wal") }

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
