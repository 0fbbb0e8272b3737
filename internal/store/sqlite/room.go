package sqlite

import (
	"context"
	"errors"
	"os"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// errNoRoom refuses a write on a full disk before anything is written.
var errNoRoom = errors.New("the disk is full")

// indexSize is the size of SQLite's index of the log for as long a log as
// there ever is: holdFrom pages and what is written until it starts over.
const indexSize = 1 << 20

// Full reports whether sends are refused because the disk is full. False on an
// engine that was opened without a reserve.
func (e *Engine) Full() bool { return e.full.Load() }

// Reserve returns the bytes set aside for what goes on when the disk is full.
func (e *Engine) Reserve() int64 {
	if e.reserve == nil {
		return 0
	}
	return e.reserve.size()
}

// becomeFull stops sends until restore finds room.
func (e *Engine) becomeFull(cause error) {
	if e.reserve != nil && e.full.CompareAndSwap(false, true) {
		e.log.Error("the disk is full: sends are refused until there is room",
			"database", e.path, "reserve", e.reserve.size(), "needed", reserveSize+margin-e.reserve.size(), "error", cause)
	}
}

// restore lets sends go on if the reserve can be made whole. It runs where
// nothing else writes: what it tries to take could be missed.
func (e *Engine) restore(ctx context.Context) {
	// When it fails, the next tick tries again.
	_ = e.Write(ctx, engine.Background, func(context.Context, engine.Querier) error {
		err := e.reserve.restore()
		if err == nil {
			e.full.Store(false)
			e.log.Info("there is room on the disk again: sends are accepted", "database", e.path)
		}
		return err
	})
}

// firstReserve makes the reserve at the start, or says that there is no room.
func (e *Engine) firstReserve() error {
	err := e.reserve.restore()
	if errors.Is(err, errNoRoom) {
		e.becomeFull(err)
		return nil
	}
	return err
}

// holdIndex takes the room for SQLite's index of the log. Where the index
// cannot grow, a commit fails after it is on the disk, and then only the end
// of the process is safe. The file stays open until SQLite has closed it:
// closing it drops the locks that this process has on it.
func (e *Engine) holdIndex() error {
	if e.index == nil {
		f, err := os.OpenFile(e.path+"-shm", os.O_RDWR, 0)
		if err != nil {
			return err
		}
		e.index = f
	}
	err := fallocate(e.index, indexSize)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// opened calls open until it finds the room it needs, or the reserve is spent.
func (e *Engine) opened(open func() error) error {
	err := open()
	for e.reserve != nil && e.outOfRoom(err) && e.reserve.give(keptForOpening) {
		err = open()
	}
	return err
}

// outOfRoom reports failures of opening that a full disk may be the reason of.
func (e *Engine) outOfRoom(err error) bool {
	return e.Classify(err) == engine.Full || code(err) == sqlite3.SQLITE_CANTOPEN
}

// code is SQLite's extended code of an error; 0 for one that has none.
func code(err error) int {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return 0
	}
	return se.Code()
}

// unsynced reports failures after which nobody knows what of the pages written
// before is on the disk. Writing or syncing again would seem to succeed.
func unsynced(err error) bool {
	switch code(err) {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.SQLITE_IOERR_WRITE:
		return true
	}
	return false
}
