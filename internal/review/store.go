package review

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/template"
)

// Store keeps templates. All of them are looked up by the app they belong to:
// another app's, and a deleted one, answer CodeTemplateUnknown.
type Store interface {
	// Create stores a template with its first version. Fails with CodeConflict
	// when the app has most templates already.
	Create(ctx context.Context, t Template, most int, e audit.Entry) error
	// Change locks a template, asks step what becomes of it and writes that. It
	// returns what step made of the template.
	Change(ctx context.Context, organization, appID int64, id string, step Step) (Template, error)

	// Templates returns an app's templates by ascending creation. In it, and in
	// lists of versions, forms hold their kind and name only.
	Templates(ctx context.Context, organization, appID int64) ([]Template, error)
	// List returns templates of an organization, newest first from before a place on,
	// with their forms; of one app unless that is 0.
	List(ctx context.Context, organization, appID int64, before Place, limit int) ([]Template, error)
	TemplateByID(ctx context.Context, organization, appID int64, id string) (Template, error)
	// Versions returns all versions of a template, newest first.
	Versions(ctx context.Context, organization int64, id string) ([]Version, error)
	// Version fails with CodeNotFound.
	Version(ctx context.Context, organization int64, id string, number int) (Version, error)
	// Waiting returns up to limit of an area's versions in review that are next to a
	// place, in any order: after it, or before it when back. The zero Place is before
	// all. They are without forms and Changes; what is told of a version is its number,
	// its authors, and when and by whom it was submitted.
	Waiting(ctx context.Context, of Area, at Place, back bool, limit int) ([]Waiting, error)
	// WaitingByID returns one of whichever area; false where it does not wait.
	WaitingByID(ctx context.Context, id string) (Waiting, bool, error)
	// EachWaiting hands over, one after the other and in any order, those of the templates
	// with these ids that wait: with the newest version's form and the live one's, which is
	// the zero Form where there is none. live is not to be kept.
	EachWaiting(ctx context.Context, ids []string, each func(t Template, live *template.Form)) error
	// CountWaiting returns how many of an area wait before a place, or in all for the
	// zero Place. Counting stops at most.
	CountWaiting(ctx context.Context, of Area, before Place, most int) (int, error)

	// LastStep returns the place of the newest entry in an organization's audit log; 0
	// for none.
	LastStep(ctx context.Context, organization int64) (int64, error)
	// Steps returns entries after a place, in the order of the log.
	Steps(ctx context.Context, organization, after int64, limit int) ([]Logged, error)
	// TemplatesByID returns those of an organization's templates that are there, in any
	// order.
	TemplatesByID(ctx context.Context, organization int64, ids []string) ([]Template, error)

	// Record writes an entry of a step that changes nothing.
	Record(ctx context.Context, e audit.Entry) error
	// Log returns the entries about a subject, oldest first.
	Log(ctx context.Context, organization int64, subject string) ([]audit.Entry, error)
}

// Step decides, under the lock, what becomes of a template. It may be asked
// again after a rollback. An error changes nothing and is returned.
type Step func(t Template) (Change, error)

// Change is what a Step wants written.
type Change struct {
	Template Template // as it is now, with its newest version
	// Before is the version that was the newest and has another state now, when
	// the step began a new one; nil else.
	Before *Version
	// Delete takes the template away: out of the database when no version of it
	// was ever submitted.
	Delete bool
	// Discard is the number of a draft that is taken out of the database; 0 for none.
	Discard int
	Entry   audit.Entry
	// Once leaves the entry out when the same actor has one of the same action, about
	// the same version, that is less than so long ago; 0 never does.
	Once time.Duration
}
