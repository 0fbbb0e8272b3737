package durable

import (
	"errors"
	"os"
)

// SyncDir makes what was made, renamed or removed in a directory outlast a
// power cut. The error is the file system's.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
