package store

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// MigrationFiles are the steps of the schema as they are written, for whoever
// has to notice that they changed.
func MigrationFiles() fs.FS { return migrationFiles }

// Migration is one step of the schema.
type Migration struct {
	Version int64
	Name    string // of its file
}

// migrationsOf lists the steps, oldest first.
func migrationsOf(files fs.FS) ([]Migration, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	var all []Migration
	for _, entry := range entries {
		version, err := goose.NumericComponent(entry.Name())
		if err != nil {
			return nil, fmt.Errorf("store: migration %s: %w", entry.Name(), err)
		}
		all = append(all, Migration{Version: version, Name: entry.Name()})
	}
	if len(all) == 0 {
		return nil, errors.New("store: no migrations embedded")
	}
	return all, nil
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
