package task

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/notify"
)

// Store is what this room asks of the database. Every method leads with the
// organization, and none finds anything of another.
type Store interface {
	// Standing returns where an organization stands. CodeOrganizationUnknown.
	Standing(ctx context.Context, organization int64) (Standing, error)
	// Summaries returns the tasks of a span, newest first unless it ascends.
	Summaries(ctx context.Context, organization int64, q Span) ([]Summary, error)
	// Summary returns a task's. CodeTaskUnknown.
	Summary(ctx context.Context, organization, taskID int64) (Summary, error)
	// FirstFrom returns the first task at or above a revision: its revision, and
	// when it was sent.
	FirstFrom(ctx context.Context, organization, revision int64) (first int64, at time.Time, found bool, err error)
	// CountRead counts the receipts of a task. kept is false where they are no
	// longer kept.
	CountRead(ctx context.Context, organization, taskID int64) (n int64, kept bool, err error)
	// Outcome returns a task with its ids and sets. CodeTaskUnknown.
	Outcome(ctx context.Context, organization, taskID int64) (*notify.Task, error)
	// Readers returns who has read a task. Where receipts are no longer kept, who is
	// still among them means nothing. The set is the caller's.
	Readers(ctx context.Context, organization, taskID int64) (*roaring.Bitmap, error)
	// ReadTimes returns when some people have read a task; whoever has not is absent.
	ReadTimes(ctx context.Context, organization, taskID int64, ordinals []uint32) (map[uint32]time.Time, error)
	// Receipts returns all receipts of a task, in the order of ordinals.
	Receipts(ctx context.Context, organization, taskID int64) ([]Receipt, error)
	// Changes returns what was done to a task, oldest first. Those from before it
	// was kept are missing.
	Changes(ctx context.Context, organization, taskID int64) ([]notify.Change, error)
	// ChangesSince returns the changes of a span of revisions, ascending, and the
	// revision above which they are kept.
	ChangesSince(ctx context.Context, organization int64, q Span) (floor int64, changes []TaskChange, err error)
	// TemplateName returns what a version of a provider's template is called; "" for
	// one that is not there.
	TemplateName(ctx context.Context, provider int64, use notify.TemplateUse) (string, error)
}

// Span is a piece of a list: the revisions above After and below Before, of the one
// person By where that is set.
type Span struct {
	After, Before int64
	By            *uint32
	Ascending     bool
	Limit         int
}

// Receipt is that somebody has read a task.
type Receipt struct {
	Ordinal uint32
	At      time.Time
}

// Standing is where an organization stands.
type Standing struct {
	Revision int64
	// Floors are revisions by installation: receipts of tasks below them are no
	// longer kept.
	Floors map[int64]int64
}
