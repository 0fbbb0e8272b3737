package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tidings-im/tidings/internal/fault"
)

// Adopt takes over what lies in the directory of a Disk, from before the
// contents were kept elsewhere: each goes into the storage and is removed from
// the directory when it is there, whole. What no row names stays. It may be
// interrupted and called again, and returns how many it took over.
func (s *Service) Adopt(ctx context.Context, dir string) (adopted int, err error) {
	if _, onDisk := s.storage.(*Disk); onDisk {
		return 0, nil
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return fs.SkipAll
		}
		if err != nil || !d.Type().IsRegular() || !validID(d.Name()) {
			return err
		}
		organization, err := strconv.ParseInt(filepath.Base(filepath.Dir(filepath.Dir(path))), 10, 64)
		if err != nil {
			return nil //nolint:nilerr // no file of ours
		}
		known, err := s.ByIDs(ctx, organization, []string{d.Name()})
		if err != nil {
			return err
		}
		f, ok := known[d.Name()]
		if !ok {
			return nil
		}
		taken, err := s.adopt(ctx, f, path)
		if taken {
			adopted++
		}
		return err
	})
	if err != nil {
		return adopted, fmt.Errorf("media.Adopt: %w", err)
	}
	return adopted, nil
}

// adopt takes over one file. False when another node is doing so.
func (s *Service) adopt(ctx context.Context, f File, path string) (bool, error) {
	if !s.whole(ctx, f) {
		content, err := os.Open(path)
		if err != nil {
			return false, err
		}
		defer content.Close()
		if sum, err := digest(content); err != nil || sum != f.Digest {
			return false, errors.Join(err, fmt.Errorf("%s is damaged: its SHA-256 is %s instead of %s", path, sum, f.Digest))
		}
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return false, err
		}
		// Whatever an interrupted call has left of it.
		if err := s.storage.Remove(ctx, f.Organization, f.ID); err != nil {
			return false, err
		}
		err = s.storage.Create(ctx, f.Organization, f.ID, content, f.Size)
		if fault.Is(err, fault.CodeConflict) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, removeFile(path)
}

// whole reports whether the storage has a file's content.
func (s *Service) whole(ctx context.Context, f File) bool {
	content, err := s.storage.Open(ctx, f.Organization, f.ID, f.Size)
	if err != nil {
		return false
	}
	defer func() { _ = content.Close() }() // only read
	sum, err := digest(content)
	return err == nil && sum == f.Digest
}

func digest(r io.Reader) (string, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), err
}
