package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
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
