package directory

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// Service answers for all organizations of this node.
type Service struct {
	store Store
	now   func() time.Time

	followed atomic.Pointer[time.Time] // when the database was last looked at

	mu      sync.RWMutex
	tenants map[int64]*tenant
	corps   map[string]int64 // corp id → organization; neither ever changes

	hints     Hints
	log       *slog.Logger
	elsewhere *elsewhere
	matching  *hourly
}

// Hints is told, after a commit, that an organization's directory has changed.
// It must not block.
type Hints interface{ DirectoryMoved(organization int64) }

func (s *Service) tell(organization int64) {
	if s.hints != nil {
		s.hints.DirectoryMoved(organization)
	}
}

// tenant is one organization on this node.
type tenant struct {
	id       int64
	turn     chan struct{} // held by the one that reads the snapshot's rows
	changing chan struct{} // held by the one that changes the directory

	searching chan struct{} // held by the one that searches people

	mu     sync.RWMutex
	snap   *snapshot // nil until loaded
	search *searched // nil until somebody searches people
}

// Deps is what a Service works with. Store and Now are required.
type Deps struct {
	Store Store
	Hints Hints // nil: nobody is told
	Log   *slog.Logger
	Now   func() time.Time
}

// New returns a Service that knows nothing yet: Load reads all organizations,
// and whatever is asked for before is read on demand.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		store: d.Store, hints: d.Hints, log: d.Log, now: d.Now, tenants: map[int64]*tenant{}, corps: map[string]int64{},
		elsewhere: newElsewhere(), matching: &hourly{done: map[audit.Actor][]time.Time{}},
	}
}

// Load brings the snapshots of all organizations up to the database.
func (s *Service) Load(ctx context.Context) error {
	revisions, err := s.store.DirectoryRevisions(ctx)
	if err != nil {
		return err
	}
	for organization, revision := range revisions {
		if err := s.CatchUp(ctx, organization, revision); err != nil {
			return err
		}
	}
	return nil
}

// Organization returns an organization from memory, disabled ones too. Fails
// with organization_unknown.
func (s *Service) Organization(ctx context.Context, id int64) (Organization, error) {
	t, err := s.tenant(ctx, id)
	if err != nil {
		return Organization{}, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	o := t.snap.organization
	o.TrustedHosts = slices.Clone(o.TrustedHosts)
	return o, nil
}

// OrganizationName returns what an organization is called.
func (s *Service) OrganizationName(ctx context.Context, organization int64) (string, error) {
	o, err := s.Organization(ctx, organization)
	return o.Name, err
}

// ByCorpID is Organization by corp id.
func (s *Service) ByCorpID(ctx context.Context, corpID string) (Organization, error) {
	s.mu.RLock()
	id, ok := s.corps[corpID]
	s.mu.RUnlock()
	if !ok {
		o, err := s.store.OrganizationByCorpID(ctx, corpID)
		if err != nil {
			return Organization{}, err
		}
		id = o.ID
	}
	return s.Organization(ctx, id)
}

// Organizations returns all organizations by ascending id, as the database has
// them.
func (s *Service) Organizations(ctx context.Context) ([]Organization, error) {
	return s.store.Organizations(ctx)
}

// Location is the organization's time zone; UTC for one not in memory.
func (s *Service) Location(organization int64) *time.Location {
	t := s.loaded(organization)
	if t == nil {
		return time.UTC
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.snap.location
}

// loaded returns a tenant whose snapshot is there, or nil.
func (s *Service) loaded(organization int64) *tenant {
	s.mu.RLock()
	t := s.tenants[organization]
	s.mu.RUnlock()
	if t == nil || t.revision() < 0 {
		return nil
	}
	return t
}

// tenant returns a tenant whose snapshot is there, reading it when needed.
func (s *Service) tenant(ctx context.Context, organization int64) (*tenant, error) {
	if t := s.loaded(organization); t != nil {
		return t, nil
	}
	at, err := s.store.DirectoryRevision(ctx, organization)
	if err != nil {
		return nil, err
	}
	return s.caughtUp(ctx, organization, at.Directory)
}

// revision is the revision the snapshot holds; -1 without a snapshot.
func (t *tenant) revision() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.snap == nil {
		return -1
	}
	return t.snap.revision
}

// take waits for a token of a tenant and returns what gives it back.
func take(ctx context.Context, token chan struct{}) (release func(), err error) {
	select {
	case token <- struct{}{}:
		return func() { <-token }, nil
	case <-ctx.Done():
		return nil, fault.New(fault.CodeBusy, "the directory is busy, try again").Because(ctx.Err())
	}
}
