package media

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// disk is the directory of the files. Half-written ones lie in its drafts
// directory, on the same file system as the place they are renamed to.
type disk struct{ root string }

const (
	draftsDir = "drafts"
	// staleAfter is the age at which a draft is certainly nobody's: another
	// process that serves the same directory may be writing younger ones.
	staleAfter = time.Hour
)

func (d disk) drafts() string { return filepath.Join(d.root, draftsDir) }

func (d disk) path(organization int64, id string) string {
	shard := id[len(idPrefix) : len(idPrefix)+2]
	return filepath.Join(d.root, strconv.FormatInt(organization, 10), shard, id)
}

func (d disk) prepare(now time.Time) error {
	if err := os.MkdirAll(d.drafts(), 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.drafts())
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
		if err := os.Remove(filepath.Join(d.drafts(), e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (d disk) open(organization int64, id string) (*os.File, error) {
	return os.Open(d.path(organization, id))
}

func (d disk) remove(organization int64, id string) error {
	return os.Remove(d.path(organization, id))
}

// draft is a file being written: its size and digest grow with it.
type draft struct {
	file   *os.File
	buffer *bufio.Writer
	digest hash.Hash
	size   int64
	placed bool
}

// newDraft opens an empty draft; discard it in any case.
func (d disk) newDraft() (*draft, error) {
	f, err := os.CreateTemp(d.drafts(), "*.part")
	if err != nil {
		return nil, full(err)
	}
	w := &draft{file: f, digest: sha256.New()}
	w.buffer = bufio.NewWriterSize(f, 64<<10)
	return w, nil
}

// receive writes what r gives into a draft, and stops one byte after limit.
func (d disk) receive(r io.Reader, limit int64) (*draft, error) {
	w, err := d.newDraft()
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(w, io.LimitReader(r, limit+1))
	if err == nil {
		err = w.buffer.Flush()
	}
	if err != nil {
		w.discard()
		return nil, full(err)
	}
	return w, nil
}

// Write appends to the draft.
func (w *draft) Write(p []byte) (int, error) {
	n, err := w.buffer.Write(p)
	w.digest.Write(p[:n])
	w.size += int64(n)
	return n, err
}

func (w *draft) sum() string { return hex.EncodeToString(w.digest.Sum(nil)) }

// reader reads the draft from its beginning, without moving its end.
func (w *draft) reader() io.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(w.file, 0, w.size), 64<<10)
}

// discard closes the draft and removes it unless it was placed.
func (w *draft) discard() {
	_ = w.file.Close() // a draft that was placed is synced already
	if !w.placed {
		_ = os.Remove(w.file.Name()) // Prepare removes what stays behind
	}
}

// place makes a draft durable under its final name.
func (d disk) place(w *draft, organization int64, id string) error {
	if err := w.buffer.Flush(); err != nil {
		return full(err)
	}
	if err := w.file.Sync(); err != nil {
		return full(err)
	}
	target := d.path(organization, id)
	if err := d.makeDir(filepath.Dir(target)); err != nil {
		return full(err)
	}
	if err := os.Rename(w.file.Name(), target); err != nil {
		return full(err)
	}
	w.placed = true
	if err := syncDir(filepath.Dir(target)); err != nil {
		return errors.Join(full(err), os.Remove(target))
	}
	return nil
}

// makeDir makes the two directories above a file. A new directory's own entry
// must be as durable as the file in it.
func (d disk) makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return syncDir(d.root)
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// full gives a full disk its code.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.CodeStorageFull, "the disk is full").Because(err)
	}
	return err
}
