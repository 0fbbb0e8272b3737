package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// The connections of a node. People who read, whoever sends, recalls and
	// marks as read, and administration do not wait for each other's.
	readers   = 12
	senders   = 8
	directors = 4
	// sendWithin and writeWithin are how long a transaction may take. One that
	// the database has not answered by then will not be answered: its row locks
	// are gone before. While a send waits, all others of this node do.
	sendWithin  = 5 * time.Second
	writeWithin = 10 * time.Second
)

// Engine is one node's connections to a PostgreSQL database.
type Engine struct {
	reading   *pool
	sending   *sql.DB // up to engine.Receipts, and what is read for these
	directing *sql.DB // all other writes
	migrator  *sql.DB // whose statements may take long
}

// Open connects to the database at a postgres:// address. It refuses a server
// on which commits would not wait for the disk.
func Open(ctx context.Context, address string) (*Engine, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errAddress()
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
	reading, err := openFair(address, config.RuntimeParams)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		reading: reading, sending: openPool(*config, dialImpatient, senders), directing: openPool(*config, dialImpatient, directors),
		migrator: openPool(*config, dial, 0),
	}
	for _, pool := range []*sql.DB{e.sending, e.reading.DB} {
		if err := pool.PingContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("postgres: %w", err), e.Close())
		}
	}
	return e, nil
}

// openPool opens a pool of at most so many connections, all of which it keeps.
// With 0 it keeps none, and opens as many as are asked for.
func openPool(config pgx.ConnConfig, dial pgconn.DialFunc, most int) *sql.DB {
	config.DialFunc = dial
	db := sql.OpenDB(newConnector(config.ConnectTimeout, stdlib.GetConnector(config, stdlib.OptionAfterConnect(requireDurable))))
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db
}

// Look opens the database at a postgres:// address for work on the whole of
// it, apart from nodes: its transactions may be long and wait for locks.
func Look(ctx context.Context, address string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errAddress()
	}
	config.RuntimeParams["application_name"] = "tidings-tool"
	config.RuntimeParams["timezone"] = "UTC"
	for _, limit := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		config.RuntimeParams[limit] = "0" // whatever the server's default is
	}
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(requireDurable))
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: %w", err), pool.Close())
	}
	return pool, nil
}

// errAddress says nothing of the address: the library's text repeats it,
// password included.
func errAddress() error { return errors.New("postgres: the address cannot be parsed") }

func requireDurable(ctx context.Context, conn *pgx.Conn) error {
	var commit, fsync string
	err := conn.QueryRow(ctx, "SELECT current_setting('synchronous_commit'), current_setting('fsync')").Scan(&commit, &fsync)
	switch {
	case err != nil:
		return err
	case commit == "off" || commit == "local":
		return fmt.Errorf("synchronous_commit is %s: acknowledged sends would not be durable", commit)
	case fsync == "off":
		return errors.New("fsync is off: acknowledged sends would not be durable")
	}
	return nil
}

// Name is "postgres".
func (e *Engine) Name() string { return "postgres" }

// Reader runs queries outside transactions.
func (e *Engine) Reader() engine.Querier { return reader{e} }

// Migrator is a pool for schema changes.
func (e *Engine) Migrator() *sql.DB { return e.migrator }

// RowLock is what a SELECT needs to lock its rows.
func (e *Engine) RowLock() string { return " FOR UPDATE" }

// RowShare is what a SELECT needs for its rows to stay as they are, while
// others may do the same.
func (e *Engine) RowShare() string { return " FOR SHARE" }

// ListRows is what a SELECT reads the list that parameter n holds from, as list
// with the column id: one parameter for hundreds of values is a much shorter
// statement to plan.
func (e *Engine) ListRows(n int) string {
	return fmt.Sprintf("unnest(CAST($%d AS BIGINT[])) AS list(id)", n)
}

// List is a parameter for ListRows.
func (e *Engine) List(ids []int64) any { return ids }

// Write runs fn in a READ COMMITTED transaction of limited time. The
// transaction has a context of its own: database/sql rolls back under a running
// COMMIT when the caller's context ends. A COMMIT that got no definite answer
// wraps engine.ErrCommitUnknown.
func (e *Engine) Write(ctx context.Context, class engine.Class, fn engine.Work) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	own, cancel := bounded(ctx, class)
	defer cancel()
	tx, err := e.writer(class).BeginTx(own, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := guard(own, tx, fn); err != nil {
		_ = tx.Rollback() // fn's failure is the answer
		return err
	}
	return commitError(tx.Commit())
}

// writer is the pool that a class writes with.
func (e *Engine) writer(class engine.Class) *sql.DB {
	if class <= engine.Receipts {
		return e.sending
	}
	return e.directing
}

// bounded is a write's own context.
func bounded(ctx context.Context, class engine.Class) (context.Context, context.CancelFunc) {
	within := writeWithin
	if class == engine.Sends {
		within = sendWithin
	}
	own := context.WithoutCancel(ctx)
	if class <= engine.Receipts {
		own = engine.Urgent(own)
	}
	return context.WithTimeout(own, within)
}

// WriteOne runs the single statement of fn, which commits itself: no row stays
// locked between the statement and a COMMIT that a stalled node never sends.
// After a failure the statement may have been carried out.
func (e *Engine) WriteOne(ctx context.Context, class engine.Class, fn engine.Work) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	own, cancel := bounded(ctx, class)
	defer cancel()
	return guard(own, e.writer(class), fn)
}

func guard(ctx context.Context, tx engine.Querier, run engine.Work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return run(ctx, tx)
}

// Close closes the pools.
func (e *Engine) Close() error {
	return errors.Join(e.reading.Close(), e.sending.Close(), e.directing.Close(), e.migrator.Close())
}
