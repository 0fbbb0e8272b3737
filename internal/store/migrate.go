package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"

	"github.com/tidings-im/tidings/internal/store/postgres"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

const (
	sqlSelectMigratedSQLite   = `SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'goose_db_version'`
	sqlSelectMigratedPostgres = `SELECT COUNT(to_regclass('goose_db_version'))`
	sqlSelectMigrations       = `SELECT version_id FROM goose_db_version`
)

// Schema is how far the schema of a database is.
type Schema struct {
	Version int64       // of the database, 0 for an empty one
	Known   int64       // the newest that this binary knows
	Pending []Migration // between the two, oldest first
}

// newer refuses a schema that a newer binary has written.
func (s Schema) newer() error {
	if s.Version <= s.Known {
		return nil
	}
	return fmt.Errorf("store: the database has schema version %d, this binary knows up to %d: use the binary that wrote it or a newer one", s.Version, s.Known)
}

// SchemaOf looks at the schema of the database at address and changes nothing.
// A SQLite file that is not there is an empty database. It fails for a schema
// newer than this binary.
func SchemaOf(ctx context.Context, address string) (s Schema, err error) {
	name, pool, err := look(ctx, address)
	if err != nil {
		return s, err
	}
	if pool != nil {
		defer func() { err = errors.Join(err, pool.Close()) }()
	}
	m, err := newMigrator(name, pool)
	if err != nil {
		return s, err
	}
	if s, err = m.schema(ctx); err != nil {
		return s, err
	}
	return s, s.newer()
}

var (
	// ErrEmpty means that there is no installation at an address: no file, or a
	// database without a schema.
	ErrEmpty = errors.New("there is no installation")
	// ErrOlder means that a schema is older than this binary needs.
	ErrOlder = errors.New("the schema of the database is older than this binary needs")
)

// needSchema refuses, before anything is opened or made, a schema with which
// upkeep does not get on.
func needSchema(ctx context.Context, address string, upkeep Upkeep) error {
	s, err := SchemaOf(ctx, address)
	switch {
	case err != nil:
		return err
	case s.Version == 0 && upkeep == CreateMissing:
		return nil
	case s.Version == 0:
		return ErrEmpty
	case len(s.Pending) > 0:
		return fmt.Errorf("%w: it has version %d, and this binary needs %d", ErrOlder, s.Version, s.Known)
	}
	return nil
}

// look opens a database as it is. The pool is nil for a file that is not there.
func look(ctx context.Context, address string) (engine string, pool *sql.DB, err error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "sqlite", nil, nil
		}
		pool, err = sqlite.Look(ctx, path)
		return "sqlite", pool, err
	}
	pool, err = postgres.Look(ctx, address)
	return "postgres", pool, err
}

// Migrate brings the schema of the database at address up to date, making a
// SQLite file when there is none, and returns what that took. See Open.
func Migrate(ctx context.Context, address string, o Options) (applied []Migration, err error) {
	e, err := openEngine(ctx, address, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return migrate(ctx, e)
}

// migrate brings the schema up to date. Each step is one transaction: what was
// interrupted is completed by the next one who comes here. Those who come at
// the same time wait for the first.
func migrate(ctx context.Context, e Engine) ([]Migration, error) {
	if file, ok := e.(*sqlite.Engine); ok {
		unlock, err := file.LockSchema(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: migrate: %w", err)
		}
		defer unlock()
	}
	m, err := newMigrator(e.Name(), e.Migrator())
	if err != nil {
		return nil, err
	}
	return m.up(ctx, latest)
}

// MigrateTo brings the schema of an empty database, opened by pool, to a
// version that this binary knows. Nobody else may use the database.
func MigrateTo(ctx context.Context, engine string, pool *sql.DB, version int64) error {
	m, err := newMigrator(engine, pool)
	if err != nil {
		return err
	}
	_, err = m.up(ctx, version)
	return err
}

// latest asks for all migrations there are.
const latest = 1 << 62

// migrator works on the schema of one database.
type migrator struct {
	engine string
	pool   *sql.DB // nil when there is no database yet
	files  fs.FS
}

func newMigrator(engine string, pool *sql.DB) (*migrator, error) {
	files, err := migrationsFor(engine)
	return &migrator{engine: engine, pool: pool, files: files}, err
}

func (m *migrator) provider() (*goose.Provider, error) {
	dialect, options := database.DialectSQLite3, []goose.ProviderOption(nil)
	if m.engine == "postgres" {
		dialect = database.DialectPostgres
		// Nodes that start together wait for the one that migrates: they ask
		// every second, for ten minutes.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
		if err != nil {
			return nil, fmt.Errorf("store: migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, m.pool, m.files, options...)
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	return p, nil
}

// up applies what is pending up to a version.
func (m *migrator) up(ctx context.Context, version int64) ([]Migration, error) {
	s, err := m.schema(ctx)
	if err == nil {
		err = s.newer()
	}
	if err != nil || !slices.ContainsFunc(s.Pending, func(one Migration) bool { return one.Version <= version }) {
		return nil, err
	}
	p, err := m.provider()
	if err != nil {
		return nil, err
	}
	results, err := p.UpTo(ctx, version)
	if err != nil {
		return nil, fmt.Errorf("store: migrate: %w", err)
	}
	applied := make([]Migration, len(results))
	for i, r := range results {
		applied[i] = Migration{Version: r.Source.Version, Name: path.Base(r.Source.Path)}
	}
	return applied, nil
}

// schema asks for the version without making the table that holds it.
func (m *migrator) schema(ctx context.Context) (Schema, error) {
	all, err := migrationsOf(m.files)
	if err != nil {
		return Schema{}, err
	}
	applied, err := m.applied(ctx)
	if err != nil {
		return Schema{}, fmt.Errorf("store: schema version: %w", err)
	}
	s := Schema{Known: all[len(all)-1].Version}
	for version := range applied {
		s.Version = max(s.Version, version)
	}
	for _, one := range all {
		if !applied[one.Version] {
			s.Pending = append(s.Pending, one)
		}
	}
	return s, nil
}

// applied is the set of steps that the database has had.
func (m *migrator) applied(ctx context.Context) (map[int64]bool, error) {
	if m.pool == nil {
		return nil, nil
	}
	there := sqlSelectMigratedSQLite
	if m.engine == "postgres" {
		there = sqlSelectMigratedPostgres
	}
	// On one connection: the pool of PostgreSQL's keeps none.
	conn, err := m.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // it has only read
	var n int
	if err := conn.QueryRowContext(ctx, there).Scan(&n); err != nil || n == 0 {
		return nil, err
	}
	applied := map[int64]bool{}
	var version int64
	err = readEach(ctx, conn, sqlSelectMigrations, []any{&version}, func() error {
		applied[version] = true
		return nil
	})
	return applied, err
}
