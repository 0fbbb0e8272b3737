// Package engine holds the few words that the store and its two engines share.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Class orders writers that wait for the same connection: on SQLite there is
// one, and a person's send must not wait for a nightly import.
type Class uint8

// The classes, most urgent first. On a full disk all but Sends and Background
// may take room from what SQLite keeps for them.
const (
	Recalls Class = iota // recalls, status bars, without sends
	Sends                // sends, uploads
	Receipts
	Directory  // apps, people, credentials
	Background // imports, retention, data migrations: pieces of at most 200 rows or 10 ms
	Classes    // how many there are
)

// Urgent marks what a send, a recall or a receipt waits for. On PostgreSQL it has
// connections of its own, so that no number of people who read can stop it. Work
// of the classes up to Receipts is run with such a context.
func Urgent(ctx context.Context) context.Context {
	return context.WithValue(ctx, urgent{}, true)
}

// IsUrgent reports whether a context was marked by Urgent.
func IsUrgent(ctx context.Context) bool { return ctx.Value(urgent{}) != nil }

type urgent struct{}

// Failure is what an engine's error means to a caller.
type Failure uint8

// The failures an engine tells apart, by code and never by text.
const (
	Other    Failure = iota
	Busy             // a lock or a connection was not to be had in time
	Conflict         // a unique key is taken
	Full             // no room on the disk
	Lost             // the database is gone or going away
)

// ErrCommitUnknown wraps the failure of a COMMIT whose outcome nobody knows.
var ErrCommitUnknown = errors.New("outcome of the commit is unknown")

// Querier runs SQL: a pool, or the one transaction it stands for.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Work is what a caller does inside one transaction. It may be run again after
// a rollback, and must then forget what it found before.
type Work func(ctx context.Context, tx Querier) error

// Pool is how many connections there are for one purpose, and how many waited.
type Pool struct {
	Name       string
	Max        int           // connections it may open
	Open, Used int           // connections now
	Waits      int64         // since the start, for a connection that was not to be had at once
	Waited     time.Duration // in all of them
}

// PoolOf tells of a pool of database/sql.
func PoolOf(name string, db *sql.DB) Pool {
	s := db.Stats()
	return Pool{Name: name, Max: s.MaxOpenConnections, Open: s.OpenConnections, Used: s.InUse, Waits: s.WaitCount, Waited: s.WaitDuration}
}
