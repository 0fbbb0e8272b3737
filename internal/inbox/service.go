package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// bounds are how far one request goes.
type bounds struct {
	examine    int // large sends, and as many filed rows, a page looks at
	events     int // a resume sends
	unread     int // where counting stops, for each app and for all together
	candidates int // of an app in a hint
	filed      int // rows asked for beyond the first ones
	many       int // messages of which receipts are asked for rather than tasks

	// A walk that examined more large sends or filed rows than this, or found
	// more messages read or recalled, leaves a hint for the next one.
	muchExamined, muchSettled int
}

func usualBounds() bounds {
	return bounds{
		examine: 2000, events: 200, unread: 100, candidates: 100, filed: 256, many: 32,
		muchExamined: 500, muchSettled: 64,
	}
}

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
	bounds bounds
	sends  *shelf
	desk   *desk
	keeper *keeper
	once   sync.Once
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
		bounds: usualBounds(),
		sends:  newShelf(o.Store, o.SetBytes),
		desk:   newDesk(o.Receipts, o.Hints),
		keeper: newKeeper(o.Receipts, o.Log),
	}, nil
}

// Tell names who is told of receipts. Call it before the first MarkRead.
func (s *Service) Tell(h Hints) { s.desk.hints = h }

// Close refuses further receipts and returns once those accepted, and the
// hints at hand, are written. It may be called again.
func (s *Service) Close() {
	s.once.Do(func() {
		s.desk.close()
		s.keeper.close()
	})
}

// Revision returns the organization's revision. CodeOrganizationUnknown.
func (s *Service) Revision(ctx context.Context, organization int64) (int64, error) {
	revision, err := s.store.Revision(ctx, organization)
	if err != nil {
		return 0, fmt.Errorf("inbox.Revision: %w", err)
	}
	return revision, nil
}
