package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/store/postgres"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// Engine is what a database must offer. sqlite.Engine and postgres.Engine do.
type Engine interface {
	Name() string
	Reader() engine.Querier
	Migrator() *sql.DB
	RowLock() string
	RowShare() string
	ListRows(n int) string
	List(ids []int64) any
	Write(ctx context.Context, class engine.Class, work engine.Work) error
	WriteOne(ctx context.Context, class engine.Class, work engine.Work) error
	Classify(err error) engine.Failure
	Pools() []engine.Pool
	Close() error
}

// Upkeep is what Open does about a schema that is not this binary's.
type Upkeep int

const (
	// NeedCurrent refuses an older schema with ErrOlder and an empty place with
	// ErrEmpty, and changes nothing: for a process beside servers, which a newer
	// schema would keep from starting again.
	NeedCurrent Upkeep = iota
	// CreateMissing makes the schema where there is none; otherwise it is
	// NeedCurrent.
	CreateMissing
	// BringUpToDate makes the schema and applies what is pending.
	BringUpToDate
)

// Options adjust Open.
type Options struct {
	Schema Upkeep
	// Fatal is called when the state of the file is unknown and only a new
	// start can tell. It must end the process. Required on SQLite.
	Fatal func(error)
	// Clock is the node's clock; time.Now when nil.
	Clock func() time.Time
	// Reserve keeps room on SQLite's disk for what goes on when that is full;
	// see sqlite.Options.
	Reserve bool
	Log     *slog.Logger
}

// DB is an open database with its schema up to date.
type DB struct {
	engine Engine
	now    func() time.Time
	log    *slog.Logger
	ids    blocks
	node   int64                     // a random number, of this process alone
	fullAt atomic.Pointer[time.Time] // when PostgreSQL last had no room for a send

	auditKeys atomic.Pointer[audit.Keys] // see SealAudit
}

// Open opens the database at address ("sqlite:PATH" or "postgres://…"). What
// becomes of its schema is said by o.Schema; one that is newer than this binary
// is always refused.
func Open(ctx context.Context, address string, o Options) (*DB, error) {
	if o.Schema != BringUpToDate {
		if err := needSchema(ctx, address, o.Schema); err != nil {
			return nil, err
		}
	}
	e, err := openEngine(ctx, address, o)
	if err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	db := &DB{engine: e, now: o.Clock, log: o.Log, node: rand.Int64()}
	if _, err := migrate(ctx, e); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openEngine(ctx context.Context, address string, o Options) (Engine, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && path != "" {
		if o.Fatal == nil {
			return nil, errors.New("store: SQLite needs Options.Fatal")
		}
		return sqlite.Open(ctx, path, sqlite.Options{Fatal: o.Fatal, Reserve: o.Reserve, Log: o.Log})
	}
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return postgres.Open(ctx, address)
	}
	return nil, errors.New(`store: database must be "sqlite:PATH" or "postgres://…"`)
}

// Engine returns the name of the engine, "sqlite" or "postgres".
func (d *DB) Engine() string { return d.engine.Name() }

// Now is the node's clock.
func (d *DB) Now() time.Time { return d.now() }

// Close waits for the write in hand and closes the connections.
func (d *DB) Close() error {
	return d.engine.Close()
}

const sqlSelectOne = `SELECT 1`

// Ping asks the database for one row.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.toFault(d.read().QueryRowContext(ctx, sqlSelectOne).Scan(&one))
}

// LogSize returns the bytes of SQLite's write-ahead log, and 0 elsewhere.
func (d *DB) LogSize() int64 {
	if e, ok := d.engine.(*sqlite.Engine); ok {
		return e.LogSize()
	}
	return 0
}

// read runs queries outside transactions. With a context of engine.Urgent they do
// not wait for those of people who read.
func (d *DB) read() engine.Querier { return d.engine.Reader() }

// write runs work in one transaction; see Engine.Write. The error is a Fault
// where the engine's failure has a meaning for callers.
func (d *DB) write(ctx context.Context, class engine.Class, work engine.Work) error {
	return d.noted(class, d.engine.Write(ctx, class, work))
}

// noted explains what became of a write, and remembers that a send found no room.
func (d *DB) noted(class engine.Class, err error) error {
	if class == engine.Sends && err != nil && d.engine.Classify(err) == engine.Full {
		d.noteFull(err)
	}
	return d.toFault(err)
}

// toFault gives the failures that callers can act on their codes.
func (d *DB) toFault(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var f *fault.Fault
	if errors.As(err, &f) {
		return err
	}
	if errors.Is(err, engine.ErrCommitUnknown) {
		return fault.New(fault.CodeCommitUnknown, "the database was lost while committing").Because(err)
	}
	switch d.engine.Classify(err) {
	case engine.Busy, engine.Lost:
		return fault.New(fault.CodeBusy, "the database is busy, try again").Because(err)
	case engine.Full:
		return storageFull().Because(err)
	case engine.Conflict:
		return fault.New(fault.CodeConflict, "already exists").Because(err)
	default:
		return err
	}
}
