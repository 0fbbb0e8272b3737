package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// fallocate makes all bytes of a file up to a length its own, whatever they
// hold. errors.ErrUnsupported where the file system cannot.
func fallocate(f *os.File, to int64) error {
	for {
		err := syscall.Fallocate(int(f.Fd()), 0, 0, to)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// mayFit reports whether the file system says that it has so many free bytes
// left. Trying would take them from everybody else for a moment.
func mayFit(path string, bytes int64) bool {
	var s syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &s); err != nil {
		return true
	}
	return int64(s.Bfree)*s.Bsize >= bytes
}
