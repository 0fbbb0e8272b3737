package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/store"
)

// Ready is Address of a database with nothing in it but the schema. Both engines
// copy that much faster than they bring an empty database up to date.
func Ready(tb testing.TB, engine string) string {
	tb.Helper()
	if engine == "sqlite" {
		return mustCopyFile(tb)
	}
	server := os.Getenv("TIDINGS_TEST_POSTGRES")
	if server == "" {
		return Address(tb, engine)
	}
	return mustCreateDatabase(tb, server, mustModel(tb, server))
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

// makingModel is the number of the lock under which the model is made: tests of
// several rooms run at the same time.
const makingModel = 7310021

// mustModel returns the name of a database with the schema, which is made by
// the first who asks for it and stays as long as the server.
func mustModel(tb testing.TB, server string) string {
	tb.Helper()
	name := "model_" + schemaDigest(tb)
	ctx := context.Background()
	db, err := sql.Open("pgx", server)
	if err != nil {
		tb.Fatalf("postgres: %v", err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		tb.Fatalf("postgres: %v", err)
	}
	defer conn.Close() // and with it the lock
	if there(tb, conn, name) {
		return name
	}
	exec := func(statement string) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			tb.Fatalf("%s: %v", statement, err)
		}
	}
	exec(fmt.Sprintf("SELECT pg_advisory_lock(%d)", makingModel))
	if there(tb, conn, name) {
		return name
	}
	// Under another name until it is whole.
	unfinished := name + "_unfinished"
	exec("DROP DATABASE IF EXISTS " + unfinished + " WITH (FORCE)")
	exec("CREATE DATABASE " + unfinished)
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("TIDINGS_TEST_POSTGRES: %v", err)
	}
	u.Path = "/" + unfinished
	made, err := store.Open(ctx, u.String(), store.Options{Schema: store.BringUpToDate})
	if err == nil {
		err = made.Close()
	}
	if err != nil {
		tb.Fatalf("model: %v", err)
	}
	exec("ALTER DATABASE " + unfinished + " RENAME TO " + name)
	return name
}

func there(tb testing.TB, conn *sql.Conn, name string) bool {
	tb.Helper()
	var n int
	err := conn.QueryRowContext(context.Background(), "SELECT COUNT(*) FROM pg_database WHERE datname = $1", name).Scan(&n)
	if err != nil {
		tb.Fatalf("postgres: %v", err)
	}
	return n > 0
}

// schemaDigest tells schemas apart on a server that outlives a change of them.
func schemaDigest(tb testing.TB) string {
	tb.Helper()
	h := sha256.New()
	err := fs.WalkDir(store.MigrationFiles(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") {
			return err
		}
		text, err := fs.ReadFile(store.MigrationFiles(), path)
		h.Write(text)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
