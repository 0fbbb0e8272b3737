package media

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// Service takes in files and gives them back. It is safe for concurrent use.
type Service struct {
	UnderWay

	store   Store
	storage Storage
	drafts  string // directory of files on their way in, "" for the system's own
	log     *slog.Logger
	now     func() time.Time
	small   *share // of the memory for decoding pictures
	large   *share
}

// Deps is what a Service works with. All but Log are required.
type Deps struct {
	Store   Store
	Storage Storage // of the files' contents
	Log     *slog.Logger
	Now     func() time.Time
}

// New returns a Service. While Run does not run, what interrupted uploads left
// stays in the storage.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	// One organization never keeps all processors busy, if there are several.
	atOnce := max(1, runtime.GOMAXPROCS(0)/2)
	s := &Service{
		store: d.Store, storage: d.Storage, log: d.Log, now: d.Now,
		small: newShare(allSmall, atOnce), large: newShare(maxDecoded, atOnce),
	}
	if disk, ok := d.Storage.(*Disk); ok {
		s.drafts = disk.Drafts() // a full disk is known before all of a file is there
	}
	return s
}

// Check finds out whether an upload could be written down where it waits until
// it is whole. Nothing of the attempt is left.
func (s *Service) Check() error { return CheckDrafts(s.drafts) }

// CheckDrafts is Check for a directory, "" for the system's own.
func CheckDrafts(dir string) error {
	d, err := newDraft(dir)
	if err == nil {
		_, err = d.file.WriteString("x")
		d.discard()
	}
	if err == nil || fault.Is(err, fault.CodeStorageFull) { // which the server lives with
		return nil
	}
	if dir != "" {
		return fmt.Errorf("uploads cannot be written: %w", err)
	}
	return fmt.Errorf("temporary files, which uploads need, cannot be written in %s: name another directory in TMPDIR, or mount one there (with a read-only root a tmpfs): %w", os.TempDir(), err)
}

// ByIDs returns the organization's files among ids, by id; those that do not
// exist or are another organization's are absent.
func (s *Service) ByIDs(ctx context.Context, organization int64, ids []string) (map[string]File, error) {
	known := make([]string, 0, len(ids))
	for _, id := range ids {
		if validID(id) {
			known = append(known, id)
		}
	}
	found := make(map[string]File, len(known))
	if len(known) == 0 {
		return found, nil
	}
	files, err := s.store.ByIDs(ctx, organization, known)
	if err != nil {
		return nil, fmt.Errorf("media.ByIDs: %w", err)
	}
	for _, f := range files {
		found[f.ID] = f
	}
	return found, nil
}

// File returns what is known of a file. CodeNotFound if the organization has
// none of that id.
func (s *Service) File(ctx context.Context, organization int64, id string) (File, error) {
	files, err := s.ByIDs(ctx, organization, []string{id})
	if err != nil {
		return File{}, err
	}
	f, ok := files[id]
	if !ok {
		return File{}, NotFound()
	}
	return f, nil
}

// NotFound is the answer for a file that is not there, and for one that is not
// for whoever asks.
func NotFound() error { return fault.New(fault.CodeNotFound, "there is no such file") }

// Open returns a file's content; the caller closes it.
func (s *Service) Open(ctx context.Context, f File) (io.ReadSeekCloser, error) {
	content, err := s.storage.Open(ctx, f.Organization, f.ID, f.Size)
	if err != nil {
		return nil, fmt.Errorf("media.Open: %w", err)
	}
	return content, nil
}

// An id is idPrefix and idLength characters of base 32 in lower case: 130
// random bits that stay distinct on file systems which fold case.
const (
	idPrefix   = "@l"
	idLength   = 26
	idAlphabet = "abcdefghijklmnopqrstuvwxyz234567"
)

func newID() string { return idPrefix + strings.ToLower(rand.Text()) }

func validID(id string) bool {
	random, ok := strings.CutPrefix(id, idPrefix)
	return ok && len(random) == idLength && strings.Trim(random, idAlphabet) == ""
}
