package media

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tidings-im/tidings/internal/fault"
)

// Service takes in files and gives them back. It is safe for concurrent use.
type Service struct {
	store  Store
	disk   disk
	now    func() time.Time
	memory *semaphore.Weighted // bytes that pictures being decoded may hold together
}

// New returns a Service that keeps its files below dir, a directory of its
// own. Call Prepare before the first upload.
func New(store Store, dir string, now func() time.Time) *Service {
	return &Service{store: store, disk: disk{root: dir}, now: now, memory: semaphore.NewWeighted(maxDecoded)}
}

// Prepare makes the directory and removes what uploads of an earlier run left
// half-written there.
func (s *Service) Prepare() error {
	if err := s.disk.prepare(s.now()); err != nil {
		return fmt.Errorf("media.Prepare: %w", err)
	}
	return nil
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

// Open returns a file and its content; the caller closes it. CodeNotFound if
// the organization has no such file.
func (s *Service) Open(ctx context.Context, organization int64, id string) (File, io.ReadSeekCloser, error) {
	files, err := s.ByIDs(ctx, organization, []string{id})
	if err != nil {
		return File{}, nil, err
	}
	f, ok := files[id]
	if !ok {
		return File{}, nil, fault.New(fault.CodeNotFound, "there is no such file")
	}
	content, err := s.disk.open(organization, id)
	if err != nil {
		return File{}, nil, fmt.Errorf("media.Open: %w", err)
	}
	return f, content, nil
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
