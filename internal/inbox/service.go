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
	candidates int // of an app beside a floor
	filed      int // rows asked for beyond the first ones
	many       int // messages of which receipts are asked for rather than tasks

	// A walk that examined more large sends or filed rows than this, or found
	// more messages read or recalled, leaves a floor for the next one.
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
	// Read says that these people have read something of these tasks: their unread
	// may have moved.
	Read(organization int64, tasks []int64, ordinals []uint32)
}

// Deps is what a Service works with. All but Hints, Log, SetBytes and Elsewhere
// are required.
type Deps struct {
	Store    Store
	Receipts Receipts
	Cards    Cards
	Hints    Hints
	Now      func() time.Time
	Log      *slog.Logger
	// SetBytes bounds the memory of recipients' sets; 0 is 256 MiB.
	SetBytes int64
	// Elsewhere is what other nodes write; Listener, required with it, is told
	// of it.
	Elsewhere Elsewhere
	Listener  Listener
}

// Service answers for the inboxes of all organizations of this node. It is
// safe for concurrent use.
type Service struct {
	deps     Deps
	store    Store
	cards    Cards
	now      func() time.Time
	bounds   bounds
	sends    *largeSends
	receipts *receiptWriter
	floors   *floorWriter
}

// New returns a Service. Receipts are written while Run runs.
func New(d Deps) (*Service, error) {
	if d.Store == nil || d.Receipts == nil || d.Cards == nil || d.Now == nil || d.Elsewhere != nil && d.Listener == nil {
		return nil, errors.New("inbox.New: Store, Receipts, Cards and Now are required, and Listener with Elsewhere")
	}
	if d.SetBytes == 0 {
		d.SetBytes = 256 << 20
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		deps:     d,
		store:    d.Store,
		cards:    d.Cards,
		now:      d.Now,
		bounds:   usualBounds(),
		sends:    newLargeSends(d.Store, d.SetBytes),
		receipts: newReceiptWriter(d.Receipts, d.Hints),
		floors:   newFloorWriter(d.Receipts, d.Log),
	}, nil
}

// Run writes receipts, and looks for those of other nodes, until ctx ends.
// Further receipts are refused then, and it returns once those accepted are
// written.
func (s *Service) Run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { s.receipts.run(ctx) })
	running.Go(func() { s.floors.run(ctx) })
	if s.deps.Elsewhere != nil {
		running.Go(func() { s.follow(ctx) })
	}
	running.Wait()
}

// Revision returns the organization's revision. CodeOrganizationUnknown.
func (s *Service) Revision(ctx context.Context, organization int64) (int64, error) {
	revision, err := s.store.Revision(ctx, organization)
	if err != nil {
		return 0, fmt.Errorf("inbox.Revision: %w", err)
	}
	return revision, nil
}
