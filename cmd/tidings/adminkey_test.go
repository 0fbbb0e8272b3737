package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store/storetest"
)

// When a key has been dropped, nothing that was encrypted with it is in the files
// of SQLite, also while a server has them open.
func TestDroppedKeysLeaveNothingInFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	settings := map[string]string{"TIDINGS_DATA": dir}
	must := func(args ...string) {
		t.Helper()
		if code, _, problems := run(append([]string{"admin"}, args...), settings); code != exitDone {
			t.Fatalf("%q: exit code %d, %s", args, code, problems)
		}
	}
	must("org", "create", "Example", "--init")
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan int, 1)
	go func() {
		ended <- realMain(&environment{
			ctx: ctx, args: []string{"serve", "--listen=127.0.0.1:0", "--ops-listen=off", "--log-format=json"},
			out: io.Discard, err: &listening{stop: func() { close(ready) }}, lookup: lookup(settings),
		})
	}()
	defer func() { stop(); <-ended }()
	select {
	case <-ready:
	case code := <-ended:
		ended <- code
		t.Fatalf("the server ended with %d", code)
	}
	for _, name := range []string{"A", "B", "C"} {
		must("app", "create", name)
	}
	must("suite", "create", "D")

	file := filepath.Join(dir, "tidings.db")
	_, db := storetest.Raw(t, "sqlite:"+file)
	rows, err := db.Query(`SELECT ciphertext FROM app_secret UNION ALL SELECT ticket FROM suite`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var old [][]byte
	for rows.Next() {
		var ciphertext []byte
		if err := rows.Scan(&ciphertext); err != nil {
			t.Fatal(err)
		}
		old = append(old, ciphertext[len(ciphertext)/2:]) // pages may part it
	}
	if err := errors.Join(rows.Err(), rows.Close(), db.Close()); err != nil || len(old) != 5 {
		t.Fatalf("%d ciphertexts, %v", len(old), err)
	}
	count := func() (n int) {
		for _, path := range []string{file, file + "-wal"} {
			content, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			for _, ciphertext := range old {
				n += bytes.Count(content, ciphertext)
			}
		}
		return n
	}
	must("key", "rotate", "--add")
	must("key", "rotate")
	if count() == 0 {
		t.Error("nothing is in the files before, so this proves nothing")
	}
	must("key", "rotate", "--drop-old")
	if n := count(); n > 0 {
		t.Errorf("%d times a ciphertext of the old key is still there", n)
	}
	if code, out, _ := run([]string{"admin", "key", "list"}, settings); code != exitDone || !strings.Contains(out, "1 of 1") {
		t.Errorf("the server does not hold the key: %s", out)
	}
}
