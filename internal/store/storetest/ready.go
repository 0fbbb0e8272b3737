package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tidings-im/tidings/internal/store"
)

// Ready is Address of a database with nothing in it but the schema. Both engines
// copy that much faster than they bring an empty database up to date.
func Ready(tb testing.TB, engine string) string {
	tb.Helper()
	if engine == "sqlite" {
		return mustCopyFile(tb)
	}
	mustHavePostgres(tb)
	return pooled(tb)
}

// migratedFile is what a SQLite file with the schema and nothing else holds. The
// first test that asks makes it, for all tests of its package.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tidings-schema-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tidings.db")
	db, err := store.Open(context.Background(), "sqlite:"+path, store.Options{Schema: store.BringUpToDate, Fatal: func(err error) { panic(err) }})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func mustCopyFile(tb testing.TB) string {
	tb.Helper()
	content, err := migratedFile()
	if err != nil {
		tb.Fatalf("sqlite: %v", err)
	}
	path := filepath.Join(tb.TempDir(), "tidings.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatalf("sqlite: %v", err)
	}
	return "sqlite:" + path
}

// model is a database with the schema and nothing else, of which others are copies.
// The first process that needs it makes it; it stays as long as the server.
type model struct {
	name  string
	shape string            // what there is beside rows, as shapeQuery tells it
	rows  map[string][]byte // the rows that the schema begins with, by table, as JSON
}

// makingModel is the number of the lock under which the model is made: tests of
// several rooms run at the same time.
const makingModel = 7310021

var theModel = sync.OnceValues(func() (*model, error) {
	digest, err := schemaDigest()
	if err != nil {
		return nil, err
	}
	m := &model{name: "model_" + digest, rows: map[string][]byte{}}
	return m, admin.use(func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", makingModel); err != nil {
			return err
		}
		defer conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", makingModel)
		var made bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", m.name).Scan(&made); err != nil {
			return err
		}
		if !made {
			if err := makeModel(ctx, conn, m.name); err != nil {
				return err
			}
		}
		return m.learn(ctx)
	})
})

// makeModel makes it under another name until it is whole.
func makeModel(ctx context.Context, conn *pgx.Conn, name string) error {
	unfinished := name + "_unfinished"
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + unfinished + " WITH (FORCE)", "CREATE DATABASE " + unfinished} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	db, err := store.Open(ctx, addressOf(unfinished), store.Options{Schema: store.BringUpToDate})
	if err == nil {
		err = db.Close()
	}
	if err == nil {
		_, err = conn.Exec(ctx, "ALTER DATABASE "+unfinished+" RENAME TO "+name)
	}
	return err
}

// learn reads what a copy of the model is brought back to. Nobody copies it
// meanwhile: the caller holds the lock.
func (m *model) learn(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, addressOf(m.name))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var filled []string
	if err := conn.QueryRow(ctx, shapeQuery).Scan(&m.shape, &filled); err != nil {
		return err
	}
	for _, table := range filled {
		var rows []byte
		if err := conn.QueryRow(ctx, "SELECT json_agg(t) FROM "+table+" t").Scan(&rows); err != nil {
			return err
		}
		if rows != nil {
			m.rows[table] = rows
		}
	}
	return nil
}

// schemaDigest tells schemas apart on a server that outlives a change of them.
func schemaDigest() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(store.MigrationFiles(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") {
			return err
		}
		text, err := fs.ReadFile(store.MigrationFiles(), path)
		h.Write(text)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8]), err
}
