package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tidings-im/tidings/internal/retry"
)

const (
	// queueFor is how long a rewrite stands in the queue for its table: whoever
	// comes meanwhile waits behind it, for less than their own lock_timeout.
	queueFor = 100 * time.Millisecond
	// queueAgain is the time between two of these, in which others go on.
	queueAgain = 400 * time.Millisecond
	// lookAgain is how often a Rewriter looks whether old rows can go.
	lookAgain = 200 * time.Millisecond
)

// Refusal is why a table was not written anew, for an operator, and what to do.
type Refusal struct {
	Why, Cure string
	err       error // nil where no statement failed
}

func (r *Refusal) Error() string { return r.Why }

func (r *Refusal) Unwrap() error { return r.err }

// Rewriter writes tables anew without the rows that were deleted or replaced
// before it was made. It has a connection of its own.
type Rewriter struct {
	conn   *sql.Conn
	before string // a transaction's number, higher than of those that deleted
	tired  bool   // of waiting until old rows can go: whoever sees them stays
}

// Rewriter opens one. Close it.
func (e *Engine) Rewriter(ctx context.Context) (*Rewriter, error) {
	conn, err := e.migrator.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	r := &Rewriter{conn: conn}
	if _, err = conn.ExecContext(ctx, fmt.Sprintf("SET lock_timeout = %d", queueFor.Milliseconds())); err == nil {
		r.before, err = r.transaction(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: %w", err), conn.Close())
	}
	return r, nil
}

// Close lets go of the connection.
func (r *Rewriter) Close() error { return r.conn.Close() }

// transaction is the number of a transaction that is over when it returns.
func (r *Rewriter) transaction(ctx context.Context) (number string, err error) {
	err = r.conn.QueryRowContext(ctx, `SELECT CAST(CAST(pg_current_xact_id() AS xid) AS TEXT)`).Scan(&number)
	return number, err
}

// Size is how large a table is on the disk, with its indexes.
func (r *Rewriter) Size(ctx context.Context, table string) (bytes int64, err error) {
	err = r.conn.QueryRowContext(ctx, `SELECT pg_total_relation_size(CAST($1 AS regclass))`, table).Scan(&bytes)
	return bytes, err
}

// Rewrite writes a table and its indexes anew, and the planner's statistics of
// it. It tries to have the table for as long as patience; while it has it,
// nobody else can read or write it. The error is a *Refusal where an operator
// can do something about it.
func (r *Rewriter) Rewrite(ctx context.Context, table string, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	if err := r.awaitOld(ctx, r.before, false, deadline); err != nil {
		return err
	}
	if err := r.forgetEmpty(ctx, table, deadline); err != nil {
		return err
	}
	return r.rewrite(ctx, table, "VACUUM (FULL, ANALYZE) "+table, deadline)
}

// RewriteStatistics does the same to the table that holds the statistics of all
// tables: it has samples of their values. Call it after Rewrite.
func (r *Rewriter) RewriteStatistics(ctx context.Context, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	before, err := r.transaction(ctx)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if err := r.awaitOld(ctx, before, true, deadline); err != nil {
		return err
	}
	return r.rewrite(ctx, Statistics, "VACUUM (FULL) "+Statistics, deadline)
}

// Statistics is the table that RewriteStatistics writes anew.
const Statistics = "pg_catalog.pg_statistic"

// rewrite runs the statement and sees whether it did anything: who does not own
// a table is told so by a warning alone.
func (r *Rewriter) rewrite(ctx context.Context, table, statement string, deadline time.Time) error {
	was, err := r.file(ctx, table)
	if err != nil {
		return err
	}
	if err := r.patiently(ctx, table, statement, deadline); err != nil {
		return err
	}
	is, err := r.file(ctx, table)
	if err != nil {
		return err
	}
	if is == was {
		return &Refusal{Why: "the database's user of Tidings may not do that to this table", Cure: "as the owner of the table, or for pg_statistic of the database: " + statement}
	}
	return nil
}

func (r *Rewriter) file(ctx context.Context, table string) (number int64, err error) {
	err = r.conn.QueryRowContext(ctx, `SELECT CAST(pg_relation_filenode(CAST($1 AS regclass)) AS BIGINT)`, table).Scan(&number)
	if err != nil {
		return 0, fmt.Errorf("postgres: %s: %w", table, err)
	}
	return number, nil
}

// patiently runs a statement that needs a table for itself, again and again
// until it can have it.
func (r *Rewriter) patiently(ctx context.Context, table, statement string, deadline time.Time) error {
	for {
		_, err := r.conn.ExecContext(ctx, statement)
		var pe *pgconn.PgError
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &pe):
			return fmt.Errorf("postgres: %s: %w", table, err)
		case pe.Code == "53100":
			return &Refusal{"there is no room on the database's disk", "make as much room as the table has, and repeat", err}
		case pe.Code == "42501":
			return &Refusal{"the database's user of Tidings may not do that to this table", "as the owner of the table: " + statement, err}
		case pe.Code != "55P03" && pe.Code != "40P01":
			return fmt.Errorf("postgres: %s: %w", table, err)
		case time.Now().After(deadline):
			return r.held(ctx, table, err)
		}
		if !retry.Sleep(ctx, queueAgain) {
			return ctx.Err()
		}
	}
}

// held says who has a table that could not be had: whoever has had it longest. A session
// that shows its state but no transaction has just let go, and is named last; of another
// user's session neither is seen.
func (r *Rewriter) held(ctx context.Context, table string, cause error) error {
	refusal := &Refusal{"the table was in use all the time", "repeat in a quieter hour", cause}
	var who string
	err := r.conn.QueryRowContext(ctx, `SELECT `+process+` FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.relation = CAST($1 AS regclass) AND l.granted AND l.pid <> pg_backend_pid()
		ORDER BY a.xact_start IS NULL AND a.state IS NOT NULL, a.xact_start NULLS FIRST LIMIT 1`, table).Scan(&who)
	if err == nil {
		refusal.Why, refusal.Cure = who+" has the table", "wait until it ends, or end it, and repeat"
	}
	return refusal
}

// process names a row of pg_stat_activity. Of other users' processes, that is
// all one may see.
const process = `'process ' || a.pid || ' (' || concat_ws(', ', NULLIF(a.application_name, ''), 'user ' || a.usename, 'database ' || a.datname,
	NULLIF(a.backend_type, 'client backend')) || ')'`

// awaitOld waits until nobody can still see rows that a transaction below a
// number deleted: PostgreSQL carries these into the new file. catalog is for
// tables of the system's own.
func (r *Rewriter) awaitOld(ctx context.Context, number string, catalog bool, deadline time.Time) error {
	// Readers of this database, and whoever writes anywhere: their numbers are
	// what readers from now on begin at. A lazy VACUUM is in nobody's way.
	const query = `SELECT who FROM (
		SELECT ` + process + ` AS who, a.datname = current_database() AS here FROM pg_stat_activity a
		WHERE a.pid <> pg_backend_pid() AND a.pid NOT IN (SELECT v.pid FROM pg_stat_progress_vacuum v)
		AND (age(a.backend_xid) > age(CAST($1 AS xid)) OR age(a.backend_xmin) > age(CAST($1 AS xid)) AND COALESCE(a.datname, current_database()) = current_database())
		UNION ALL SELECT 'the prepared transaction ' || gid || ' (database ' || database || ')', database = current_database() FROM pg_prepared_xacts
		WHERE age(transaction) > age(CAST($1 AS xid))
		UNION ALL SELECT 'the replication slot ' || slot_name, TRUE FROM pg_replication_slots
		WHERE age(xmin) > age(CAST($1 AS xid)) OR CAST($2 AS BOOLEAN) AND database = current_database() AND age(catalog_xmin) > age(CAST($1 AS xid))
		) AS old ORDER BY here DESC NULLS LAST LIMIT 1`
	for {
		var who string
		err := r.conn.QueryRowContext(ctx, query, number, catalog).Scan(&who)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("postgres: %w", err)
		case r.tired, time.Now().After(deadline):
			r.tired = true
			return &Refusal{Why: who + " can still see what was deleted", Cure: "wait until it ends, such as a backup, or end it, and repeat"}
		}
		if !retry.Sleep(ctx, lookAgain) {
			return ctx.Err()
		}
	}
}

// forgetEmpty forgets the statistics of a table without rows: ANALYZE leaves
// those as they are. Giving a column the type that it has drops them, and
// changes nothing else.
func (r *Rewriter) forgetEmpty(ctx context.Context, table string, deadline time.Time) error {
	var columns sql.NullString
	err := r.conn.QueryRowContext(ctx, `SELECT string_agg('ALTER COLUMN ' || quote_ident(a.attname) || ' TYPE ' || format_type(a.atttypid, a.atttypmod), ', ')
		FROM pg_stats s JOIN pg_attribute a ON a.attrelid = CAST(CAST($1 AS TEXT) AS regclass) AND a.attname = s.attname
		WHERE s.schemaname = current_schema() AND s.tablename = CAST($1 AS TEXT) AND NOT EXISTS (SELECT 1 FROM `+table+`)`, table).Scan(&columns)
	if err != nil {
		return fmt.Errorf("postgres: %s: %w", table, err)
	}
	if !columns.Valid {
		return nil
	}
	return r.patiently(ctx, table, "ALTER TABLE "+table+" "+columns.String, deadline)
}
