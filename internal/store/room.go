package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

const (
	// fullFor is for how long PostgreSQL is not asked for room again after it had
	// none for a send. SQLite's engine knows by itself.
	fullFor = 2 * time.Second
	// quietFor is for how long the same full disk is not told again.
	quietFor = time.Minute
)

// CheckSpace returns CodeStorageFull while the disk has no room for sends and
// uploads, else nil.
func (d *DB) CheckSpace() error {
	at := d.fullAt.Load()
	full := at != nil && time.Since(*at) < fullFor
	if e, ok := d.engine.(*sqlite.Engine); ok {
		full = e.Full()
	}
	if full {
		return storageFull()
	}
	return nil
}

// noteFull remembers that there was no room for a send.
func (d *DB) noteFull(cause error) {
	if d.engine.Name() == "sqlite" {
		return
	}
	now := time.Now()
	before := d.fullAt.Swap(&now)
	if before == nil || now.Sub(*before) > quietFor {
		d.log.Error("the database's disk is full: sends are refused", "error", cause)
	}
}

func storageFull() *fault.Fault {
	return fault.New(fault.CodeStorageFull, "the disk is full")
}

// Ready reports whether sends would be accepted: the database answers, and its
// disk has room.
func (d *DB) Ready(ctx context.Context) error {
	if err := d.Ping(ctx); err != nil {
		return err
	}
	return d.CheckSpace()
}

// ReserveSize returns the bytes that SQLite's engine keeps for what goes on
// when the disk is full, and 0 elsewhere.
func (d *DB) ReserveSize() int64 {
	if e, ok := d.engine.(*sqlite.Engine); ok {
		return e.Reserve()
	}
	return 0
}

func (s *taskStore) CheckSpace() error { return s.db.CheckSpace() }

func (s *mediaStore) CheckSpace() error { return s.db.CheckSpace() }
