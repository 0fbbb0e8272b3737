package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tidings-im/tidings/internal/store/engine"
)

const readers = 8

// Engine is one open SQLite database.
type Engine struct {
	path       string
	writer     *sql.DB // exactly one connection, held as conn
	reader     *sql.DB
	checkpoint *sql.DB
	conn       *sql.Conn // used by the gate alone
	writing    prepared  // on conn
	reading    prepared  // on reader

	waiting [engine.Classes]chan *job
	stop    chan struct{}
	done    sync.WaitGroup
	fatal   func(error)
	log     *slog.Logger

	reserve *reserve    // nil unless asked for
	full    atomic.Bool // sends are refused
	index   *os.File    // of the log, see holdIndex
}

// Options adjust Open.
type Options struct {
	// Fatal is called with the reason when a write or a sync failed in a way
	// that leaves the file's state unknown; it must end the process and not
	// return. Required.
	Fatal func(error)
	// Reserve keeps room on the disk for what goes on when that is full, and
	// refuses sends while there is none: for the process that serves.
	Reserve bool
	Log     *slog.Logger // where a full disk is told; none when nil
}

// Open opens or creates the file at path, creating its directory when missing.
func Open(ctx context.Context, path string, o Options) (*Engine, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	// Created by us, for SQLite would let others read it; its log and index
	// take over the file's mode.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	e := &Engine{path: path, stop: make(chan struct{}), fatal: o.Fatal, log: o.Log}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	for c := range e.waiting {
		e.waiting[c] = make(chan *job)
	}
	if o.Reserve {
		if e.reserve, err = newReserve(path); err != nil {
			return nil, fmt.Errorf("sqlite: %w", err)
		}
	}
	if err := e.openPools(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, err), e.closePools())
	}
	e.done.Add(2)
	go e.runGate()
	go e.runCheckpoints()
	return e, nil
}

func (e *Engine) openPools(ctx context.Context) error {
	// What is deleted is overwritten with zeros: it must not be found in the file.
	e.writer = e.pool(1, "secure_delete(1)", "wal_autocheckpoint(0)", "journal_size_limit(67108864)", "cache_size(-65536)")
	e.reader = e.pool(readers, "query_only(1)", "cache_size(-16384)")
	e.checkpoint = e.pool(1, "wal_autocheckpoint(0)")
	// The writer goes first: it creates the file and its write-ahead log.
	for _, db := range []*sql.DB{e.writer, e.reader, e.checkpoint} {
		if err := e.opened(func() error { return db.PingContext(ctx) }); err != nil {
			return err
		}
	}
	conn, err := e.writer.Conn(ctx)
	if err != nil {
		return err
	}
	e.conn = conn
	e.writing.on, e.reading.on = conn, e.reader
	if e.reserve == nil {
		return nil
	}
	if err := e.opened(e.holdIndex); err != nil && !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("index of the log: %w", err)
	}
	return e.firstReserve()
}

// Look opens the file at path, which must exist, to be read. It is not turned
// into a database with a write-ahead log; one that is there is read too.
func Look(ctx context.Context, path string) (*sql.DB, error) {
	return plain(ctx, path, "rw", "busy_timeout(5000)", "query_only(1)", "temp_store(MEMORY)", "cache_size(-16384)")
}

// Create makes a new file at path, for one connection to fill. Neither a crash
// nor a failure is provided for: what was interrupted has to be thrown away,
// and what is complete still has to be synced.
func Create(ctx context.Context, path string) (*sql.DB, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	db, err := plain(ctx, path, "rw", "journal_mode(OFF)", "synchronous(OFF)", "temp_store(MEMORY)", "cache_size(-65536)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func plain(ctx context.Context, path, mode string, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"mode": {mode}, "_pragma": pragmas}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %s: %w", path, err), db.Close())
	}
	return db, nil
}

func (e *Engine) pool(size int, pragmas ...string) *sql.DB {
	q := url.Values{}
	base := []string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(" + synchronous + ")", "temp_store(MEMORY)"}
	for _, p := range append(base, pragmas...) {
		q.Add("_pragma", p)
	}
	dsn := (&url.URL{Scheme: "file", Path: e.path, RawQuery: q.Encode()}).String()
	db := sql.OpenDB(connector{dsn: dsn})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db
}

// connector opens connections and refuses those that would not be durable.
// A pool opens connections whenever it likes, so asking once is not enough.
type connector struct{ dsn string }

func (c connector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := (&sqlite.Driver{}).Open(c.dsn)
	if err != nil {
		return nil, err
	}
	if err := verify(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func verify(conn driver.Conn) error {
	for pragma, want := range map[string]string{"synchronous": synchronousRead, "journal_mode": "wal"} {
		got, err := pragmaValue(conn, pragma)
		if err != nil {
			return fmt.Errorf("read back %s: %w", pragma, err)
		}
		if got != want {
			return fmt.Errorf("%s is %s instead of %s: acknowledged sends would not be durable", pragma, got, want)
		}
	}
	return nil
}

func pragmaValue(conn driver.Conn, pragma string) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", errors.New("driver cannot query")
	}
	rows, err := q.QueryContext(context.Background(), "PRAGMA "+pragma, nil)
	if err != nil {
		return "", err
	}
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil && !errors.Is(err, io.EOF) {
		return "", errors.Join(err, rows.Close())
	}
	return fmt.Sprint(value[0]), rows.Close()
}

// Name is "sqlite".
func (e *Engine) Name() string { return "sqlite" }

// Reader runs queries outside transactions.
func (e *Engine) Reader() engine.Querier { return &e.reading }

// Migrator is a pool for schema changes, which need plain connections. It is
// used while nothing else writes.
func (e *Engine) Migrator() *sql.DB { return e.checkpoint }

// RowLock is what a SELECT needs to lock its rows: nothing here, where a
// transaction that writes owns the whole file.
func (e *Engine) RowLock() string { return "" }

// RowShare is likewise nothing.
func (e *Engine) RowShare() string { return "" }

// ListRows is what a SELECT reads the list that parameter n holds from, as list
// with the column id.
func (e *Engine) ListRows(n int) string {
	return fmt.Sprintf("(SELECT value AS id FROM json_each($%d)) AS list", n)
}

// List is a parameter for ListRows.
func (e *Engine) List(ids []int64) any {
	text := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, id, 10)
	}
	return string(append(text, ']'))
}

// Classify tells what an error of this engine means.
func (e *Engine) Classify(err error) engine.Failure {
	switch {
	case errors.Is(err, errNoRoom), errors.Is(err, syscall.ENOSPC), code(err) == sqlite3.SQLITE_IOERR_SHMSIZE:
		return engine.Full
	}
	switch code(err) & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return engine.Busy
	case sqlite3.SQLITE_FULL:
		return engine.Full
	case sqlite3.SQLITE_CONSTRAINT:
		return engine.Conflict
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return engine.Lost
	default:
		return engine.Other
	}
}

// Pools tells of the pool that requests wait for: writers wait in a queue.
func (e *Engine) Pools() []engine.Pool { return []engine.Pool{engine.PoolOf("read", e.reader)} }

// Close ends the writer after the job in hand and closes the file. Writes
// still waiting are refused with sql.ErrConnDone.
func (e *Engine) Close() error {
	close(e.stop)
	e.done.Wait()
	return e.closePools()
}

func (e *Engine) closePools() error {
	errs := []error{e.reading.close(), e.writing.close()}
	if e.conn != nil {
		errs = append(errs, e.conn.Close())
	}
	errs = append(errs, e.reader.Close(), e.checkpoint.Close(), e.writer.Close())
	if e.index != nil { // after SQLite, see holdIndex
		errs = append(errs, e.index.Close())
	}
	return errors.Join(errs...)
}
