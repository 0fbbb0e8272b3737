package media_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/media"
)

// What is put is what is opened, and only if it is what the row says.
func TestFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "media")
	files := media.FilesIn(dir)
	if empty, err := files.Empty(); err != nil || !empty {
		t.Fatalf("a directory that is not there: %v, %v", empty, err)
	}
	if err := files.Prepare(); err != nil {
		t.Fatal(err)
	}
	if empty, err := files.Empty(); err != nil || !empty {
		t.Errorf("a new directory: %v, %v", empty, err)
	}
	content := []byte("content of a file")
	sum := sha256.Sum256(content)
	f := media.File{ID: "@labcdefghijklmnopqrstuvwxyz", Organization: 7, Size: int64(len(content)), Digest: hex.EncodeToString(sum[:])}
	if _, err := files.Open(f); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	for what, damaged := range map[string]string{"a bit": "content of a fild", "too short": "content", "too long": "content of a file and more"} {
		if err := files.Put(f, strings.NewReader(damaged)); err == nil || !strings.Contains(err.Error(), f.ID+" is damaged") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := files.Put(f, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	r, err := files.Open(f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%q, %v", got, err)
	}
	if path, err := files.Path(f); err != nil || path != filepath.Join("7", "ab", f.ID) {
		t.Errorf("path %q, %v", path, err)
	}
	if err := files.Settle(); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "7" {
		t.Errorf("beside the contents: %v, %v", entries, err)
	}
	if empty, err := files.Empty(); err != nil || empty {
		t.Errorf("with a file: %v, %v", empty, err)
	}
}

// An id that this room cannot have given out never becomes a path.
func TestFilesOfForeignIDs(t *testing.T) {
	t.Parallel()
	files := media.FilesIn(t.TempDir())
	for _, id := range []string{"", "@l", "@l../../../../etc/passwd00000", "../" + strings.Repeat("a", 26)} {
		f := media.File{ID: id, Organization: 1}
		_, opened := files.Open(f)
		_, path := files.Path(f)
		for _, err := range []error{opened, path, files.Put(f, strings.NewReader(""))} {
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
}
