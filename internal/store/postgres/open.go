package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// connections is the size of a node's pool.
const connections = 24

// Engine is one node's pool of connections to a PostgreSQL database.
type Engine struct{ pool *sql.DB }

// Open connects to the database at a postgres:// address. It refuses a server
// on which commits would not wait for the disk.
func Open(ctx context.Context, address string) (*Engine, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The library's text repeats the address, password included.
		return nil, errors.New("postgres: the address cannot be parsed")
	}
	config.RuntimeParams["application_name"] = "tidings"
	config.RuntimeParams["lock_timeout"] = "250"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "3000"
	config.RuntimeParams["timezone"] = "UTC"
	// Plan for the table as it is now: a plan made while a table was nearly
	// empty and then kept reads whole organizations until the next ANALYZE.
	config.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	// What is hot is in memory; the default is that of a turning disk, and has
	// the planner read whole tables instead of an index.
	config.RuntimeParams["random_page_cost"] = "1.1"
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(requireDurable))
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: %w", err), pool.Close())
	}
	return &Engine{pool: pool}, nil
}

func requireDurable(ctx context.Context, conn *pgx.Conn) error {
	for _, setting := range []string{"synchronous_commit", "fsync"} {
		var value string
		if err := conn.QueryRow(ctx, "SELECT current_setting($1)", setting).Scan(&value); err != nil {
			return err
		}
		if value == "off" || (setting == "synchronous_commit" && value == "local") {
			return fmt.Errorf("%s is %s: acknowledged sends would not be durable", setting, value)
		}
	}
	return nil
}

// Name is "postgres".
func (e *Engine) Name() string { return "postgres" }

// Reader runs queries outside transactions.
func (e *Engine) Reader() engine.Querier { return e.pool }

// Migrator is the pool, for schema changes.
func (e *Engine) Migrator() *sql.DB { return e.pool }

// RowLock is what a SELECT needs to lock its rows.
func (e *Engine) RowLock() string { return " FOR UPDATE" }

// Write runs fn in a READ COMMITTED transaction. The transaction has a context
// of its own: database/sql rolls back under a running COMMIT when the caller's
// context ends. A COMMIT that got no definite answer wraps
// engine.ErrCommitUnknown.
func (e *Engine) Write(ctx context.Context, _ engine.Class, fn engine.Work) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	own := context.WithoutCancel(ctx)
	tx, err := e.pool.BeginTx(own, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := guard(own, tx, fn); err != nil {
		_ = tx.Rollback() // fn's failure is the answer
		return err
	}
	return commitError(tx.Commit())
}

func commitError(err error) error {
	if err == nil {
		return nil
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) && !gone(pe.Code) {
		return fmt.Errorf("commit: %w", err)
	}
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return fmt.Errorf("commit: %w", err)
	}
	return fmt.Errorf("%w: %w", engine.ErrCommitUnknown, err)
}

func guard(ctx context.Context, tx engine.Querier, run engine.Work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return run(ctx, tx)
}

// Classify tells what an error of this engine means.
func (e *Engine) Classify(err error) engine.Failure {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		var ce *pgconn.ConnectError
		if errors.As(err, &ce) || pgconn.Timeout(err) || pgconn.SafeToRetry(err) || errors.Is(err, sql.ErrConnDone) {
			return engine.Lost
		}
		return engine.Other
	}
	switch {
	case pe.Code == "23505":
		return engine.Conflict
	case pe.Code == "53100":
		return engine.Full
	case pe.Code == "55P03", pe.Code == "57014", strings.HasPrefix(pe.Code, "40"), pe.Code == "53300":
		return engine.Busy // lock not available, cancelled, deadlock or serialization, too many connections
	case gone(pe.Code):
		return engine.Lost
	default:
		return engine.Other
	}
}

// gone reports the codes of a server that is ending the connection: a COMMIT
// answered by one of them may still have happened.
func gone(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == "25P03"
}

// Close closes the pool.
func (e *Engine) Close() error { return e.pool.Close() }
