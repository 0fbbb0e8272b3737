package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tidings-im/tidings/internal/config"
)

// lockFile holds a directory for this process. The lock goes with the process,
// however that ends; the file stays.
type lockFile struct{ f *os.File }

// lockDir takes DIR/lock, creating DIR when missing.
func lockDir(dir string) (*lockFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
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

// Hold keeps servers away from an installation on SQLite, whose directories
// one process at a time may serve, until it is released. It fails while a
// server runs. On PostgreSQL there is nothing to hold.
func Hold(c config.Config) (release func() error, err error) {
	held, err := hold(c, false)
	return held.Close, err
}

// hold takes the directories that only one server may write.
func hold(c config.Config, data bool) (locks, error) {
	var dirs []string
	path, onSQLite := c.SQLite()
	if onSQLite || data {
		dirs = append(dirs, c.Data)
	}
	if dir := filepath.Dir(path); onSQLite && dir != c.Data {
		dirs = append(dirs, dir)
	}
	var held locks
	for _, dir := range dirs {
		l, err := lockDir(dir)
		if err != nil {
			return nil, errors.Join(err, held.Close())
		}
		held = append(held, l)
	}
	return held, nil
}
