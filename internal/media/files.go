package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Files are the contents of uploads in one directory, without their rows: what
// a copy of a whole installation reads from one place and puts into another.
type Files struct{ disk *Disk }

// FilesIn returns the contents below dir, the directory of NewDisk.
func FilesIn(dir string) *Files { return &Files{&Disk{root: dir}} }

// Empty reports whether no content is there.
func (s *Files) Empty() (bool, error) {
	entries, err := os.ReadDir(s.disk.root)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	for _, e := range entries {
		if e.Name() != draftsDir {
			return false, err
		}
	}
	return true, err
}

// Prepare makes the directory.
func (s *Files) Prepare() error { return s.disk.prepare(time.Now()) }

// Settle removes what Prepare made beside the contents.
func (s *Files) Settle() error { return os.Remove(s.disk.Drafts()) }

// Path is where a file's content lies, relative to the directory.
func (s *Files) Path(f File) (string, error) {
	if !validID(f.ID) {
		return "", fmt.Errorf("media: %q is no id of a file", f.ID)
	}
	return filepath.Rel(s.disk.root, s.disk.path(f.Organization, f.ID))
}

// Open returns a file's content. The error wraps fs.ErrNotExist when it is
// not there.
func (s *Files) Open(f File) (io.ReadCloser, error) {
	if !validID(f.ID) {
		return nil, fmt.Errorf("media: %q is no id of a file", f.ID)
	}
	return s.disk.Open(context.Background(), f.Organization, f.ID, f.Size)
}

// Put takes over a file's content, durably. Content that is not what the row
// says is refused.
func (s *Files) Put(f File, content io.Reader) error {
	if !validID(f.ID) {
		return fmt.Errorf("media: %q is no id of a file", f.ID)
	}
	d, err := receive(s.disk.Drafts(), content, f.Size)
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	defer d.discard()
	if d.size != f.Size || d.sum() != f.Digest {
		return fmt.Errorf("the content of file %s is damaged: %d bytes with SHA-256 %s instead of %d with %s", f.ID, d.size, d.sum(), f.Size, f.Digest)
	}
	if err := s.disk.Create(context.Background(), f.Organization, f.ID, d.whole(), d.size); err != nil {
		return fmt.Errorf("media: %w", err)
	}
	return nil
}
