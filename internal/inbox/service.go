package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// The bounds of one request.
const (
	examineLimit = 2000 // large sends, and as many filed rows, a page looks at
	resumeEvents = 200  // events a resume sends
	unreadLimit  = 100  // where counting stops
	hintLimit    = 200  // candidates of a hint
	filedChunk   = 256  // filed rows asked for beyond the first
	markLimit    = 1000 // message ids of one MarkRead
)

// Hints is told of receipts after their commit. It must not block.
type Hints interface {
	// Read says that these people's unread may have moved.
	Read(organization int64, ordinals []uint32)
}

// Options are what a Service is made of. All but Hints, Log and SetBytes are
// required.
type Options struct {
	Store    Store
	Receipts Receipts
	Cards    Cards
	Hints    Hints // may be given later, with Tell
	Now      func() time.Time
	Log      *slog.Logger
	// SetBytes bounds the memory of recipients' sets; 0 is 256 MiB.
	SetBytes int64
}

// Service answers for the inboxes of all organizations of this node. It is
// safe for concurrent use; Close it.
type Service struct {
	store  Store
	cards  Cards
	now    func() time.Time
	log    *slog.Logger
	sends  *shelf
	desk   *desk
	keeper *keeper
}

// New returns a Service with its writers running.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Receipts == nil || o.Cards == nil || o.Now == nil {
		return nil, errors.New("inbox.New: Store, Receipts, Cards and Now are required")
	}
	if o.SetBytes == 0 {
		o.SetBytes = 256 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		store:  o.Store,
		cards:  o.Cards,
		now:    o.Now,
		log:    o.Log,
		sends:  newShelf(o.Store, o.SetBytes),
		desk:   newDesk(o.Receipts, o.Hints),
		keeper: newKeeper(o.Receipts, o.Log),
	}, nil
}

// Tell names who is told of receipts. Call it before the first MarkRead.
func (s *Service) Tell(h Hints) { s.desk.hints = h }

// Close refuses further receipts and returns once those accepted, and the
// hints at hand, are written.
func (s *Service) Close() {
	s.desk.close()
	s.keeper.close()
}

// Revision returns the organization's revision. CodeOrganizationUnknown.
func (s *Service) Revision(ctx context.Context, organization int64) (int64, error) {
	revision, err := s.store.Revision(ctx, organization)
	if err != nil {
		return 0, fmt.Errorf("inbox.Revision: %w", err)
	}
	return revision, nil
}
