package store

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the schema up to date. A schema with a version that this
// binary does not know was written by a newer one and is left alone.
func migrate(ctx context.Context, e Engine) error {
	files, err := migrationsFor(e.Name())
	if err != nil {
		return err
	}
	dialect, options := database.DialectSQLite3, []goose.ProviderOption(nil)
	if e.Name() == "postgres" {
		dialect = database.DialectPostgres
		// Nodes that start together wait for the one that migrates.
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("store: migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, e.Migrator(), files, options...)
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("store: schema version: %w", err)
	}
	if current > target {
		return fmt.Errorf("store: the database has schema version %d, this binary knows up to %d: use the newer binary", current, target)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

// migrationsFor returns the migrations in the words of one engine.
func migrationsFor(engine string) (fs.FS, error) {
	files := fstest.MapFS{}
	entries, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	for _, entry := range entries {
		text, err := migrationFiles.ReadFile("migrations/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("store: migrations: %w", err)
		}
		files[entry.Name()] = &fstest.MapFile{Data: []byte(translate(string(text), engine))}
	}
	if len(files) == 0 {
		return nil, errors.New("store: no migrations embedded")
	}
	return files, nil
}

// translate turns the marks that 00001_first.sql explains into one engine's
// own words.
func translate(text, engine string) string {
	bytesType, clustered, narrow := "BLOB", "WITHOUT ROWID", ""
	if engine == "postgres" {
		bytesType, clustered, narrow = "BYTEA", "", "WITH (fillfactor = 20)"
	}
	text = strings.NewReplacer(
		" BYTES ", " "+bytesType+" ",
		"/*clustered*/", clustered,
		"/*narrow*/", narrow,
	).Replace(text)
	var out bytes.Buffer
	for line := range strings.Lines(text) {
		if own, ok := strings.CutPrefix(line, "--"+engine+" "); ok {
			line = own
		}
		out.WriteString(line)
	}
	return out.String()
}
