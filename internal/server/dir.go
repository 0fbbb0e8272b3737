package server

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tidings-im/tidings/internal/durable"
)

// makeDir makes a directory and those above it that are missing. A new
// directory's own entry must be as durable as the files in it.
func makeDir(dir string) error {
	dir = filepath.Clean(dir)
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, 0o700)
	}
	if err != nil {
		return os.MkdirAll(dir, 0o700) // it is there, or the reason why not
	}
	return syncDir(filepath.Dir(dir))
}

// syncDir leaves out a directory that we may write to but not read: it cannot
// be synced.
func syncDir(path string) error {
	err := durable.SyncDir(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}
