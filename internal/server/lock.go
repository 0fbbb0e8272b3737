package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/tidings-im/tidings/internal/config"
)

// lockFile holds a directory for this process. The lock goes with the process,
// however that ends; the file stays.
type lockFile struct{ f *os.File }

// lockDir takes DIR/lock, creating DIR when missing.
func lockDir(dir string) (*lockFile, error) {
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("%s is in use by another tidings server", dir)
		}
		return nil, errors.Join(err, f.Close())
	}
	return &lockFile{f: f}, nil
}

func (l *lockFile) Close() error { return l.f.Close() }

// locks are all that one process holds. Closing them twice is fine.
type locks []*lockFile

func (l *locks) Close() error {
	var errs []error
	for _, one := range *l {
		errs = append(errs, one.Close())
	}
	*l = nil
	return errors.Join(errs...)
}

// Hold keeps servers away from data directories until it is released. It makes
// those that are missing, and fails while a server uses one of them.
func Hold(dirs ...string) (release func() error, err error) {
	held, err := hold(dirs)
	return held.Close, err
}

// hold takes each directory once.
func hold(dirs []string) (locks, error) {
	var held locks
	for i, dir := range dirs {
		if slices.Contains(dirs[:i], dir) {
			continue
		}
		l, err := lockDir(dir)
		if err != nil {
			return nil, errors.Join(err, held.Close())
		}
		held = append(held, l)
	}
	return held, nil
}

// OwnDirs are the directories that one process at a time may serve: those of
// an installation on SQLite, and none on PostgreSQL.
func OwnDirs(c config.Config) []string {
	path, onSQLite := c.SQLite()
	if !onSQLite {
		return nil
	}
	return []string{c.Data, filepath.Dir(path)}
}

// MediaDir is where the uploaded files are in a data directory.
func MediaDir(data string) string { return filepath.Join(data, "media") }
