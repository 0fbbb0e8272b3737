package directory

import (
	"context"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

// State is whether a person can be reached.
type State uint8

// The states of a person. Disabled people keep their userid, deleted ones
// give it up.
const (
	Active State = iota
	Disabled
	Deleted
)

// Member is the part of a user that the snapshot holds.
type Member struct {
	Ordinal uint32
	Userid  string
	Depts   string // as FormatDeptIDs wrote it
	State   State
}

// Named is the part of a user that people are searched by.
type Named struct {
	Ordinal                 uint32
	Userid, Name, JobNumber string
}

// Revision is where an organization's directory stands.
type Revision struct {
	Directory   int64
	NextOrdinal uint32 // people so far, departed ones included
}

// Reader reads an organization's rows, from a pool or inside a transaction.
type Reader interface {
	// DirectoryRevision fails with organization_unknown.
	DirectoryRevision(ctx context.Context, organization int64) (Revision, error)
	// OrganizationByID fails with organization_unknown.
	OrganizationByID(ctx context.Context, id int64) (Organization, error)
	// DepartmentsSince returns the departments changed after a revision,
	// deleted ones included, from one statement.
	DepartmentsSince(ctx context.Context, organization, revision int64) ([]Department, error)
	// MembersSince calls each for everybody changed after a revision, departed
	// people included.
	MembersSince(ctx context.Context, organization, revision int64, each func(Member)) error
	// MembersBetween calls each for the ordinals from ≤ ordinal < to, ascending.
	MembersBetween(ctx context.Context, organization int64, from, to uint32, each func(Member)) error
	// NamesBetween is MembersBetween for what people are searched by.
	NamesBetween(ctx context.Context, organization int64, from, to uint32, each func(Named)) error
	// MobilesBetween is MembersBetween for the mobiles of active people who have one.
	MobilesBetween(ctx context.Context, organization int64, from, to uint32, each func(ordinal uint32, mobile string)) error
	// UsersWithRole returns the first active people who have a role beyond employee, by
	// ascending ordinal.
	UsersWithRole(ctx context.Context, organization int64, role policy.Role, limit int) ([]User, error)
	// UsersByMobile returns the living people whose mobile has one of some forms: what is
	// left of it without + - ( ) . · / and spaces.
	UsersByMobile(ctx context.Context, organization int64, forms []string) ([]User, error)
	// UsersByOrdinal returns whole rows in no particular order; missing ones
	// are absent.
	UsersByOrdinal(ctx context.Context, organization int64, ordinals []uint32) ([]User, error)
}

// Changes are the rows a Decision wants written, whole. All of them carry the
// new directory revision. Empty Changes take no revision.
type Changes struct {
	Organization *Organization
	Departments  []Department
	Users        []User
	NextOrdinal  uint32 // 0 leaves it as it is
	// Entries go into the audit log in the transaction of the change.
	Entries []audit.Entry
}

// Empty reports whether there is nothing to write.
func (c Changes) Empty() bool {
	return c.Organization == nil && len(c.Departments) == 0 && len(c.Users) == 0 && len(c.Entries) == 0
}

// Decision says what to write while the organization's revision is locked. r
// reads inside the transaction; at is the state before the change.
type Decision func(ctx context.Context, r Reader, at Revision) (Changes, error)

// Store keeps directories.
type Store interface {
	Reader
	// Organizations returns all of them by ascending id.
	Organizations(ctx context.Context) ([]Organization, error)
	// OrganizationByCorpID fails with organization_unknown.
	OrganizationByCorpID(ctx context.Context, corpID string) (Organization, error)
	// DirectoryRevisions returns every organization's directory revision.
	DirectoryRevisions(ctx context.Context) (map[int64]int64, error)
	// CreateOrganization gives the organization its id and stores it with its
	// root department at directory revision 1, and e in its log. It fails with
	// organization_exists when the corp id is taken.
	CreateOrganization(ctx context.Context, o Organization, root Department, e audit.Entry) (id int64, err error)
	// ChangeDirectory locks the organization's revision, asks decide, writes
	// the Changes under the next revision and returns it; for empty Changes
	// the revision stays. It fails with organization_unknown, and with
	// whatever decide returns. While the database is busy it is asked again for a
	// while, and so is decide.
	ChangeDirectory(ctx context.Context, organization int64, decide Decision) (revision int64, err error)
	// ChangeDirectoryLater is ChangeDirectory for pieces of a long job: whatever
	// else wants to write goes first.
	ChangeDirectoryLater(ctx context.Context, organization int64, decide Decision) (revision int64, err error)
	// UsersFrom returns up to limit active people with ordinals ≥ ordinal,
	// ascending.
	UsersFrom(ctx context.Context, organization int64, ordinal uint32, limit int) ([]User, error)
	// Record writes an entry into the audit log by itself.
	Record(ctx context.Context, e audit.Entry) error
}
