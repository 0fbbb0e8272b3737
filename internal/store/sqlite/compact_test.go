package sqlite_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// What was deleted is not in the files any more once they are written anew: not
// even where rows had moved from one page to another.
func TestCompactLeavesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tidings.db")
	e, err := sqlite.Open(t.Context(), path, sqlite.Options{Fatal: func(err error) { panic(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	write := func(statements ...string) {
		t.Helper()
		for _, text := range statements {
			err := e.Write(context.Background(), engine.Background, func(ctx context.Context, tx engine.Querier) error {
				_, err := tx.ExecContext(ctx, text)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	write(`CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)`)
	for i := range 400 { // out of order, so that pages are split and rows move
		name := []string{"canary", "stays"}[i%2]
		write(fmt.Sprintf(`INSERT INTO person VALUES (%d, '%s %s')`, i*193%401, name, strings.Repeat("x", 50+i*7%90)))
	}
	write(`DELETE FROM person WHERE name LIKE 'canary%'`)
	if err := e.Compact(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if found(t, path) == 0 {
		t.Error("moved rows left nothing behind: this test proves nothing")
	}
	if err := e.Compact(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if n := found(t, path); n > 0 {
		t.Errorf("%d traces of what was deleted", n)
	}
}

// found counts what of the deleted rows is in a database's files.
func found(t *testing.T, path string) int {
	t.Helper()
	n := 0
	for _, name := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(content, []byte("canary"))
	}
	return n
}
