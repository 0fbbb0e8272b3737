package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// Messages are nobody else's to read, whatever the directory allows.
func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e, err := sqlite.Open(context.Background(), filepath.Join(dir, "a.db"), sqlite.Options{Fatal: func(err error) { panic(err) }})
	if err != nil {
		t.Fatal(err)
	}
	err = e.Write(context.Background(), engine.Sends, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE t (a BIGINT)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "a.db*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(f), mode)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}
