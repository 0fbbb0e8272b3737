package setup

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// Store keeps links.
type Store interface {
	// AddSetupLink stores a link, and removes those that are over. It fails with Done
	// when there is an organization.
	AddSetupLink(ctx context.Context, l StoredLink, now time.Time) error
	// SetupLink returns when a link expires. It fails with Done when there is an
	// organization, and with Invalid for a link that cannot be used.
	SetupLink(ctx context.Context, hash [sha256.Size]byte, now time.Time) (time.Time, error)
	// NextOrganization returns an id that no organization has.
	NextOrganization(ctx context.Context) (int64, error)
	// SetUp uses the link, stores the organization with its owner and the owner's
	// session, and writes its entries into the log, all or nothing. Of those who do so
	// at the same time one succeeds. It fails as SetupLink does.
	SetUp(ctx context.Context, hash [sha256.Size]byte, f directory.Founding, s account.StoredSession) error
}

// Directory makes organizations and knows from memory whether there are any.
type Directory interface {
	// Empty may say yes for a moment after somebody else has made an organization.
	Empty() bool
	// Found makes an organization with its first person, whom commit stores.
	Found(ctx context.Context, by audit.By, id int64, n directory.NewOrganization, owner directory.NewUser, commit directory.Commit) (directory.Founding, error)
}

// Service answers for setup links. It is safe for concurrent use.
type Service struct {
	store     Store
	directory Directory
	preset    string
	now       func() time.Time
}

// Deps is what a Service works with; all are required.
type Deps struct {
	Store     Store
	Directory Directory
	Preset    string // whose limits the organization gets
	Now       func() time.Time
}

// New returns a Service.
func New(d Deps) *Service {
	return &Service{store: d.Store, directory: d.Directory, preset: d.Preset, now: d.Now}
}

// at is the time as rows hold it.
func (s *Service) at() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

// Request is what somebody says who sets an installation up.
type Request struct {
	Token        string
	Organization string // its name
	TimeZone     string // in which its days begin; "" is directory.DefaultTimeZone
	Userid, Name string // of its owner, who asks
	Device       string // as account.Device tells it
}

// SetUp uses a link: it makes the organization, its owner, and a session of the owner.
// by says where somebody asks from; who they are begins with this. It fails as Check
// does, and with CodeParameterInvalid, without using the link, for a name, userid or
// time zone that an organization or a person cannot have.
func (s *Service) SetUp(ctx context.Context, by audit.By, r Request) (account.SignedIn, error) {
	if _, err := s.Check(ctx, r.Token); err != nil {
		return account.SignedIn{}, err
	}
	hash, _ := parse(r.Token)
	id, err := s.store.NextOrganization(ctx)
	if err != nil {
		return account.SignedIn{}, fmt.Errorf("setup.SetUp: %w", err)
	}
	by.Actor, by.Credential = audit.Person(id, directory.FirstOrdinal), audit.SetupLink
	session, value := account.NewSession(id, directory.FirstOrdinal, r.Device, s.at())
	f, err := s.directory.Found(ctx, by, id,
		directory.NewOrganization{Name: r.Organization, TimeZone: r.TimeZone, Preset: s.preset},
		directory.NewUser{Userid: r.Userid, Name: r.Name, Roles: []string{string(policy.Owner)}},
		func(ctx context.Context, f directory.Founding) error { return s.store.SetUp(ctx, hash, f, session) })
	if err != nil {
		return account.SignedIn{}, fmt.Errorf("setup.SetUp: %w", err)
	}
	return account.SignedIn{Value: value, Viewer: account.Viewer{
		Organization: id, Ordinal: directory.FirstOrdinal, Userid: f.Owner.Userid, Name: f.Owner.Name,
		Credential: account.Credential{Session: true, ID: session.ID},
	}}, nil
}
