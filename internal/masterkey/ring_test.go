package masterkey_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeyFileIsPrivateAndNeverReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	if _, err := masterkey.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	_, err := masterkey.Create(path)
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	before, err := os.ReadFile(path)
	must(t, err)
	if _, err := masterkey.Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second time: %v", err)
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if string(before) != string(after) {
		t.Error("the key file was replaced")
	}
	left, err := os.ReadDir(dir)
	must(t, err)
	if len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := masterkey.Create(filepath.Join(dir, "none", "key")); err == nil {
		t.Error("made in a directory that is not there")
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o610, 0o602} {
		must(t, os.Chmod(path, mode))
		_, err := masterkey.Load(path)
		if err == nil || !strings.Contains(err.Error(), "chmod 600") || !strings.Contains(err.Error(), fmt.Sprintf("%04o", mode)) {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
	must(t, os.Chmod(path, 0o400))
	if _, err := masterkey.Load(path); err != nil {
		t.Error(err)
	}
	if _, err := masterkey.Load(dir); err == nil {
		t.Error("a directory was taken for a key file")
	}
}

func TestOfManyMakersOneKeyFileStands(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	var mu sync.Mutex
	var made int
	var makers sync.WaitGroup
	for range 16 {
		makers.Go(func() {
			_, err := masterkey.Create(path)
			if err != nil && !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
			}
		})
	}
	makers.Wait()
	if made != 1 {
		t.Errorf("%d of 16 believe their key is in the file", made)
	}
}

// key is one line of a key file.
func key(number int, fill byte) string {
	return fmt.Sprintf("%d %s\n", number, base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(fill)), 32))))
}

func mustKeyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestMalformedKeyFiles(t *testing.T) {
	t.Parallel()
	good := strings.Fields(key(1, 'a'))[1]
	for name, text := range map[string]string{
		"empty": "", "only comments": "# nothing\n\n", "no number": good, "number 0": "0 " + good, "negative": "-1 " + good,
		"not a number": "one " + good, "short": "1 " + good[:40], "long": "1 " + good + good, "twice": key(1, 'a') + key(1, 'b'),
		"a third field": "1 " + good + " x", "cut off": key(1, 'a') + "2 " + good[:20], "huge number": "99999 " + good,
		"binary": "\x00\x01\x02", "one long line": strings.Repeat("x", 80_000),
	} {
		_, err := masterkey.Load(mustKeyFile(t, text))
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), good[:16]) {
			t.Errorf("%s: the error shows a key: %v", name, err)
		}
	}
	if _, err := masterkey.Load(mustKeyFile(t, "# c\n\n  "+key(2, 'b')+"\r\n"+key(1, 'a'))); err != nil {
		t.Error(err)
	}
}

func TestDatabaseKnowsItsKeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		keys := db.Apps()
		bind := func(text string) error {
			k, err := masterkey.Load(mustKeyFile(t, text))
			must(t, err)
			return k.Bind(t.Context(), keys)
		}
		must(t, bind(key(1, 'a')))
		must(t, bind(key(1, 'a')))
		for name, text := range map[string]string{
			"another key": key(1, 'b'), "another number": key(2, 'a'), "another and a new one": key(1, 'b') + key(2, 'a'),
		} {
			if err := bind(text); err == nil || !strings.Contains(err.Error(), "use the key file that belongs to this database") {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A key that is not in use may be there, be another one, and be missing.
		must(t, bind(key(1, 'a')+key(2, 'b')))
		must(t, bind(key(1, 'a')+key(2, 'c')))
		must(t, bind(key(1, 'a')))
	})
}

// Of several keys a new database takes the one with the highest number, and needs
// no other.
func TestANewDatabaseTakesTheHighestKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, text := range []string{key(1, 'a') + key(3, 'c') + key(2, 'b'), key(3, 'c')} {
			k, err := masterkey.Load(mustKeyFile(t, text))
			must(t, err)
			must(t, k.Bind(t.Context(), db.Apps()))
			if k.InUse() != 3 {
				t.Errorf("key %d is in use", k.InUse())
			}
		}
		k, err := masterkey.Load(mustKeyFile(t, key(1, 'a')+key(2, 'b')))
		must(t, err)
		if err := k.Bind(t.Context(), db.Apps()); err == nil || !strings.Contains(err.Error(), "master key 3, which is not in the key file") {
			t.Errorf("without the key in use: %v", err)
		}
	})
}

func TestOfTwoFirstKeyringsOneIsBound(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			var mu sync.Mutex
			var bound int
			var nodes sync.WaitGroup
			for _, fill := range []byte("abcd") {
				k, err := masterkey.Load(mustKeyFile(t, key(1, fill)))
				must(t, err)
				db := storetest.At(t, address, nil)
				nodes.Go(func() {
					err := k.Bind(t.Context(), db.Apps())
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						bound++
					}
				})
			}
			nodes.Wait()
			if bound != 1 {
				t.Errorf("%d of 4 different keyrings were bound", bound)
			}
		})
	}
}
