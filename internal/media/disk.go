package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/durable"
)

// Disk is a Storage in a directory of its own. Half-written files lie in its
// drafts directory, on the same file system as the place they are renamed to.
type Disk struct{ root string }

const (
	draftsDir = "drafts"
	// staleAfter is the age at which a draft is certainly nobody's: another
	// process that serves the same directory may be writing younger ones.
	staleAfter = time.Hour
)

// NewDisk makes the directory and removes what an earlier run left half-written
// there.
func NewDisk(dir string, now time.Time) (*Disk, error) {
	d := &Disk{root: dir}
	if err := d.prepare(now); err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return d, nil
}

// Drafts is a directory on the same disk for files on their way in.
func (d *Disk) Drafts() string { return filepath.Join(d.root, draftsDir) }

func (d *Disk) path(organization int64, id string) string {
	return filepath.Join(d.root, strconv.FormatInt(organization, 10), Shard(id), id)
}

func (d *Disk) prepare(now time.Time) error {
	if err := os.MkdirAll(d.Drafts(), 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.Drafts())
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if now.Sub(info.ModTime()) < staleAfter {
			continue
		}
		if err := removeFile(filepath.Join(d.Drafts(), e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Create implements Storage: written beside its place, synced, renamed.
func (d *Disk) Create(_ context.Context, organization int64, id string, content io.ReadSeeker, _ int64) error {
	f, err := os.CreateTemp(d.Drafts(), "*.part")
	if err != nil {
		return full(err)
	}
	_, err = io.Copy(f, content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.place(f.Name(), d.path(organization, id))
	}
	if err != nil {
		return full(errors.Join(err, removeFile(f.Name())))
	}
	return nil
}

// place gives a file its name for good.
func (d *Disk) place(from, to string) error {
	if err := d.makeDir(filepath.Dir(to)); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(to))
}

// Open implements Storage.
func (d *Disk) Open(_ context.Context, organization int64, id string, _ int64) (io.ReadSeekCloser, error) {
	return os.Open(d.path(organization, id))
}

// Remove implements Storage.
func (d *Disk) Remove(_ context.Context, organization int64, id string) error {
	return removeFile(d.path(organization, id))
}

// makeDir makes the two directories above a file. A new directory's own entry
// must be as durable as the file in it.
func (d *Disk) makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := durable.SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return durable.SyncDir(d.root)
}

func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
