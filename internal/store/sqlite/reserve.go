package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/tidings-im/tidings/internal/durable"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	reserveSize = 32 << 20
	// piece is how much of the reserve is given up at a time: everything else
	// on the disk may take what is free.
	piece = 1 << 20
	// margin must be free beside the whole reserve before sends are accepted,
	// so that they do not stop again at once.
	margin = 4 << 20

	keptForOpening = 0
	keptForRecalls = 2 << 20
	keptForTheRest = 12 << 20
	keptWhole      = reserveSize
)

// kept says how much of the reserve each class leaves to what comes before it.
var kept = [engine.Classes]int64{
	engine.Recalls:    keptForRecalls,
	engine.Sends:      keptWhole,
	engine.Receipts:   keptForTheRest,
	engine.Directory:  keptForTheRest,
	engine.Background: keptWhole,
}

// reserve is a file beside the database that is given up in pieces when the
// disk is full, and made whole again when there is room.
type reserve struct {
	path string

	mu   sync.Mutex
	left int64
}

// newReserve finds out what an earlier run left.
func newReserve(database string) (*reserve, error) {
	r := &reserve{path: filepath.Join(filepath.Dir(database), "reserve")}
	info, err := os.Stat(r.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("reserve: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("reserve: %s is not a regular file", r.path)
	default:
		r.left = min(info.Size(), reserveSize)
	}
	return r, nil
}

// size is what can still be given up, in bytes.
func (r *reserve) size() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left
}

// give gives a piece up unless less than keep would be left, and reports
// whether it did.
func (r *reserve) give(keep int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left <= keep {
		return false
	}
	left := max(r.left-piece, keep)
	if err := r.cut(left); err != nil {
		return false
	}
	r.left = left
	return true
}

// cut shortens the file. Some file systems hand out freed blocks only when
// that they are free is on the disk.
func (r *reserve) cut(size int64) error {
	f, err := os.OpenFile(r.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Sync(), f.Close())
}

// restore makes the reserve whole. errNoRoom when there is too little room for
// it and the margin; then nothing has changed.
func (r *reserve) restore() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !mayFit(r.path, reserveSize+margin-r.left) {
		return errNoRoom
	}
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err == nil {
		err = allocate(f, r.left, reserveSize+margin)
		if err == nil {
			r.left = reserveSize
		}
		// The margin was a question and not a claim.
		err = errors.Join(err, f.Truncate(r.left), f.Sync(), f.Close())
	}
	if err == nil {
		err = durable.SyncDir(filepath.Dir(r.path))
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errNoRoom
	}
	if err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	return nil
}

// allocate makes a file's bytes up to a length its own. Where it has to write
// them, it begins at from.
func allocate(f *os.File, from, to int64) error {
	err := fallocate(f, to)
	if errors.Is(err, errors.ErrUnsupported) {
		return fill(f, from, to)
	}
	return err
}

// fill writes bytes that no file system can make smaller.
func fill(f *os.File, from, to int64) error {
	block, state := make([]byte, 64<<10), uint64(from)|1
	for i := range block {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		block[i] = byte(state)
	}
	for ; from < to; from += int64(len(block)) {
		n := min(to-from, int64(len(block)))
		if _, err := f.WriteAt(block[:n], from); err != nil {
			return err
		}
	}
	return nil
}
