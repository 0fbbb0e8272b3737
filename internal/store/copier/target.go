package copier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidings-im/tidings/internal/retry"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/store/postgres"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// Target is a database being filled. Until Commit nobody sees any of it.
type Target struct {
	engine string
	path   string // of a SQLite file; it is written as path.partial
	pool   *sql.DB
	conn   *sql.Conn // in one transaction
	tables []table
}

// partial is what a file is called while it is not whole.
const partial = ".partial"

// Create begins to fill the database at address: a PostgreSQL database that
// nobody uses and that is empty, or a SQLite file that is not there. The schema
// gets the version given. Call Commit, or Discard.
func Create(ctx context.Context, address string, version int64) (*Target, error) {
	t := &Target{engine: "postgres"}
	var err error
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		t.engine, t.path = "sqlite", path
		t.pool, err = newFile(ctx, path)
	} else {
		t.pool, err = postgres.Look(ctx, address)
	}
	if err != nil {
		return nil, err
	}
	if err := t.prepare(ctx, address, version); err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	return t, nil
}

// newFile makes path.partial. One that is there was left by somebody who was
// interrupted.
func newFile(ctx context.Context, path string) (*sql.DB, error) {
	for _, name := range []string{path, path + "-wal"} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(err, fmt.Errorf("%s is there already: the target must be new", name))
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	for _, left := range []string{path + partial, path + partial + "-journal"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return sqlite.Create(ctx, path+partial)
}

func (t *Target) prepare(ctx context.Context, address string, version int64) error {
	if t.engine == "postgres" {
		if err := t.unused(ctx, address, version); err != nil {
			return err
		}
	}
	if err := store.MigrateTo(ctx, t.engine, t.pool, version); err != nil {
		return err
	}
	var err error
	if t.conn, err = t.pool.Conn(ctx); err != nil {
		return err
	}
	if _, err := t.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	if t.tables, _, err = tablesOf(ctx, t.engine, t.conn); err != nil {
		return err
	}
	for _, one := range t.tables {
		if fates[one.name] != seeded {
			continue
		}
		if _, err := t.conn.ExecContext(ctx, "DELETE FROM "+one.name); err != nil {
			return err
		}
	}
	return nil
}

// unused refuses a PostgreSQL database that somebody works with, or with
// anything in it.
func (t *Target) unused(ctx context.Context, address string, version int64) error {
	n, err := nodes(ctx, t.engine, t.pool)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("the target is in use: %d connections of tidings servers or commands; stop them first", n)
	}
	tables, _, err := tablesOf(ctx, t.engine, t.pool)
	if err != nil {
		return err
	}
	for _, one := range tables {
		if fates[one.name] == seeded {
			continue
		}
		var rows int64
		if err := t.pool.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+one.name).Scan(&rows); err != nil {
			return err
		}
		if rows > 0 {
			return fmt.Errorf("the target is not empty: its table %s has %d rows", one.name, rows)
		}
	}
	schema, err := store.SchemaOf(ctx, address)
	if err != nil {
		return err
	}
	if schema.Version > version {
		return fmt.Errorf("the target has schema version %d, which is newer than the source's %d: give a database without tables, or migrate the source first", schema.Version, version)
	}
	return nil
}

// nodes counts the other sessions of servers and of administrators.
func nodes(ctx context.Context, engineName string, q engine.Querier) (n int, err error) {
	if engineName != "postgres" {
		return 0, nil
	}
	const others = `SELECT COUNT(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'tidings' AND pid <> pg_backend_pid()`
	var pause retry.Backoff
	for range 5 { // a session ends a moment after its server was stopped
		if err := q.QueryRowContext(ctx, others).Scan(&n); err != nil || n == 0 {
			return n, err
		}
		if !retry.Sleep(ctx, pause.Next()) {
			return n, ctx.Err()
		}
		// In a transaction the first look is shown again until it is cleared.
		if err := q.QueryRowContext(ctx, "SELECT CAST(pg_stat_clear_snapshot() AS TEXT)").Scan(new(string)); err != nil {
			return n, err
		}
	}
	return n, nil
}

// Commit makes what was filled in durable and visible, all at once.
func (t *Target) Commit(ctx context.Context) error {
	if _, err := t.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), t.Discard())
	}
	if t.engine == "sqlite" {
		return errors.Join(t.close(), t.place())
	}
	return t.close()
}

// place puts a file that is whole in its place.
func (t *Target) place() error {
	for _, step := range []func() error{
		func() error { return syncPath(t.path + partial) },
		func() error { return os.Rename(t.path+partial, t.path) },
		func() error { return syncPath(filepath.Dir(t.path)) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Discard forgets what was filled in.
func (t *Target) Discard() error {
	err := t.close()
	if t.engine == "sqlite" {
		if e := os.Remove(t.path + partial); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func (t *Target) close() error {
	var err error
	if t.conn != nil {
		err = t.conn.Close()
	}
	return errors.Join(err, t.pool.Close())
}
