package signin

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
)

// Person is somebody of the organization, not deleted, as the database has them at the
// moment.
type Person struct {
	Ordinal      uint32
	Userid, Name string
	Roles        []string // of policy.AllRoles
	Disabled     bool
	Email        string
	Linked       bool // has an identity of the source that it is about
}

// Lookup is by what people are looked for: a field, and what it may hold. The zero Lookup
// finds nobody.
type Lookup struct {
	Field  Field
	Values []string // of Email in lower case, of Mobile as directory.MobileForms has them; else one
}

// Contact is what the database has of somebody who arrives.
type Contact struct {
	Source Source  // locked
	Linked *Person // whose identity it is, locked; nil: nobody's
	// Found are the people whom the Lookup finds, two at most; a single one is locked. None
	// where Linked is somebody.
	Found []Person
}

// Decision is what becomes of somebody who arrives: they are signed in, or they wait.
type Decision struct {
	Person  *Person               // of the Contact; nil: they wait
	Link    bool                  // the identity becomes the person's
	Session account.StoredSession // the person's
	Entries []audit.Entry
}

// Arrival is a sign-in that a provider has confirmed.
type Arrival struct {
	Organization int64
	SourceID     string
	Subject      string
	Lookup       Lookup
	StateHash    [sha256.Size]byte // of what the browser began with: it is good for one Arrival
	Until        time.Time         // when that is over in any case
	At           time.Time
	Replaces     []account.Proof // sessions of the browser that a new one ends
	Waiting      Waiting         // what is kept of them if they have to wait
}

// Outcome is what became of an Arrival.
type Outcome struct {
	Person *Person // who is signed in; nil: they wait
	Ref    string  // the code of those who wait: a new one, or the one that they had
	Ended  bool    // other sessions ended
}

// Waiting is somebody whom a provider knows and nobody here is linked with.
type Waiting struct {
	SourceID string
	Source   string // its name
	Subject  string
	Shown    string
	Ref      string // the code by which an administrator finds them
	At       time.Time
}

// Linked is an identity and whose it is.
type Linked struct {
	SourceID string
	Source   string // its name
	Subject  string
	Ordinal  uint32
	LinkedAt time.Time
	UsedAt   time.Time // last; zero: never
}

// Counts is how much hangs on a source.
type Counts struct {
	Identities int
	Waiting    int
	Owners     int // owners in use who can sign in with it
	// OwnersElsewhere can sign in with another source that is on.
	OwnersElsewhere int
}

// Change changes a source under its lock. What it returns is stored with the entries;
// endSessions ends the sessions that the source has begun. An error leaves all as it was.
type Change func(is StoredSource, c Counts) (to StoredSource, endSessions bool, e []audit.Entry, err error)

// Store keeps sources, identities and those who wait.
type Store interface {
	// Sources returns an organization's, by name.
	Sources(ctx context.Context, organization int64) ([]Source, error)
	// Source returns one. It fails with CodeNotFound.
	Source(ctx context.Context, organization int64, id string) (StoredSource, error)
	// SourceNamed is Source by name.
	SourceNamed(ctx context.Context, organization int64, name string) (StoredSource, error)
	// Usable is Source for signing in: it fails with CodeNotFound also for one that is
	// not on, and where the organization is disabled.
	Usable(ctx context.Context, organization int64, id string) (StoredSource, error)
	// Counts returns how much hangs on a source.
	Counts(ctx context.Context, organization int64, id string) (Counts, error)
	// CreateSource stores a source. It fails with CodeConflict where there is one of that
	// name, and with masterkey.ErrMoved.
	CreateSource(ctx context.Context, s StoredSource, e audit.Entry) error
	// ChangeSource changes a source, and reports whether sessions ended. It fails with CodeNotFound, and as CreateSource.
	ChangeSource(ctx context.Context, organization int64, id string, change Change) (ended bool, err error)

	// Arrive uses the state, and then does what decide says, all or nothing; decide may be
	// asked again. Of several that show the same state one succeeds, and the others fail
	// with CodeSignInExpired, as for a source that is not on.
	Arrive(ctx context.Context, a Arrival, decide func(Contact) (Decision, error)) (Outcome, error)
	// WouldFind returns whose an identity is, or whom the lookup finds, as Arrive does,
	// without locks.
	WouldFind(ctx context.Context, organization int64, sourceID, subject string, l Lookup) (linked *Person, found []Person, err error)

	LinkStore
}

// LinkStore links by hand.
type LinkStore interface {
	// Waiting returns those who have waited since a time, newest first, limit at most;
	// before is the last one of the page before, zero for the first.
	Waiting(ctx context.Context, organization int64, since time.Time, before Waiting, limit int) ([]Waiting, error)
	// Identities returns a person's.
	Identities(ctx context.Context, organization int64, ordinal uint32) ([]Linked, error)
	// Link makes an identity that waits somebody's. allow is asked under the lock of the
	// person. It fails with CodeNotFound where nobody waits with that code, with
	// CodeUserUnknown, and with CodeConflict for a person who has an identity of
	// that source.
	Link(ctx context.Context, organization int64, ref string, since time.Time, ordinal uint32, at time.Time, by audit.By, allow func(Waiting, Person) ([]audit.Entry, error)) error
	// Unlink takes a person's identity of a source away, with the sessions that it has
	// begun. It reports whether sessions ended. It fails with CodeNotFound where there is
	// none, and with CodeUserUnknown.
	Unlink(ctx context.Context, organization int64, sourceID string, ordinal uint32, allow func(Person, Counts) ([]audit.Entry, error)) (ended bool, err error)
}
