package inbox

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// Store is what this room asks of the database. Every method leads with the
// organization, and none finds anything of another.
type Store interface {
	// Revision returns the organization's revision. CodeOrganizationUnknown.
	Revision(ctx context.Context, organization int64) (int64, error)

	// Filed returns, of one moment, the organization's revision and the newest
	// limit rows filed for the viewer inside the span, newest first.
	// CodeOrganizationUnknown.
	Filed(ctx context.Context, v Viewer, s Span, limit int) (revision int64, keys []Key, err error)

	// Badge returns, of one moment, the organization's revision, the viewer's
	// floor and the newest limit rows filed for them above it and below
	// before. CodeOrganizationUnknown.
	Badge(ctx context.Context, v Viewer, before int64, limit int) (Badge, error)

	// Large returns the first limit large sends inside the span, ascending.
	Large(ctx context.Context, organization int64, s Span, limit int) ([]Key, error)

	// Sets returns whom the tasks were sent to; unknown ones are absent.
	Sets(ctx context.Context, organization int64, taskIDs []int64) (map[int64]*roaring.Bitmap, error)

	// Pending returns those of the tasks that are not recalled and that the
	// viewer has not read, in no order. It does not ask whether the viewer is
	// a recipient.
	Pending(ctx context.Context, v Viewer, taskIDs []int64) ([]Key, error)

	// Settled says, as of one moment, which of the tasks the viewer has read
	// and what was recalled after a revision, which it finds among at most
	// limit changes.
	Settled(ctx context.Context, v Viewer, taskIDs []int64, since int64, limit int) (Settled, error)

	// Addresses returns what is known of the tasks and the viewer; unknown
	// tasks are absent.
	Addresses(ctx context.Context, v Viewer, taskIDs []int64) ([]Address, error)

	// Contents returns the tasks as they are now, with the read times of
	// reader, an ordinal or Nobody; unknown tasks are absent.
	Contents(ctx context.Context, organization int64, taskIDs []int64, reader int64) (map[int64]Content, error)

	// SentAt returns when the tasks were accepted; unknown ones are absent.
	SentAt(ctx context.Context, organization int64, taskIDs []int64) (map[int64]time.Time, error)

	// Changed returns, of one moment, the organization's floor and the first
	// limit recalls, status bars and resets inside the span, ascending.
	// CodeOrganizationUnknown.
	Changed(ctx context.Context, organization int64, s Span, limit int) (floor int64, changes []Change, err error)

	// Log returns, of one moment, where the organization stands and what took
	// the revisions after `after`: the first limit tasks and the first limit
	// changes, in no order. CodeOrganizationUnknown.
	Log(ctx context.Context, organization, after int64, limit int) (at Position, log []Change, err error)
}

// Receipts is where reading is recorded.
type Receipts interface {
	// Create adds receipts, which come sorted by organization, task and
	// ordinal, in one transaction. Those that exist stay as they are.
	Create(ctx context.Context, receipts []Receipt) error

	// MarkFloors stores floors, which come sorted by organization and ordinal
	// and name nobody twice, in one transaction. A stored floor with a higher
	// floor stays.
	MarkFloors(ctx context.Context, floors []UnreadFloor) error
}

// Nobody is the reader whose read times are never found.
const Nobody int64 = -1

// Span is the revisions above After and below Before.
type Span struct{ After, Before int64 }

// Position is where an organization stands. Changes at or below Floor are no
// longer kept, so that nobody can be told what came after a revision below it.
type Position struct{ Revision, Floor int64 }

// Key is one send: when and in whose name.
type Key struct{ Revision, TaskID, AgentID int64 }

// Badge is where counting the unread begins.
type Badge struct {
	Revision   int64
	Floor      int64
	Candidates []Candidates
	Filed      []Key
}

// Settled is what tells of messages whether they are unread.
type Settled struct {
	// Over holds the tasks that the viewer has a receipt for and those that were
	// recalled.
	Over map[int64]bool
	// Whole says that none that was recalled is missing: the changes since then
	// are kept and were not more than the limit.
	Whole bool
	// ReceiptsFloor is the revision below which receipts, and then tasks, may no
	// longer be kept.
	ReceiptsFloor int64
}

// UnreadFloor is what is always true: every unread message sent at or below Floor is
// among its app's Candidates, or was sent below their Rest. None of these was
// recalled at Floor.
type UnreadFloor struct {
	Viewer     Viewer
	Floor      int64
	Candidates []Candidates
}

// Candidates are the messages of an app that may be unread, newest first, at
// most 100. AgentID is 0 for messages of any app. Below the revision Rest there
// may be more of the app; 0 says that there are none.
type Candidates struct {
	AgentID, Rest int64
	Tasks         []int64
	Revisions     []int64 // of the tasks; absent, or 0, where it is not known
}

// Address says how a task and a viewer are related.
type Address struct {
	Key
	Large bool // membership of the set decides
	Filed bool // a row is filed for the viewer
	Read  bool // the viewer has a receipt, or receipts of the task are no longer kept
}

// Content is a task as it is now. Once recalled, Message and the status bar
// are empty. A status bar without Value is the one the message was sent with.
type Content struct {
	Key
	Type        string
	Message     string // canonical JSON
	StatusValue string
	StatusBg    string
	SentAt      time.Time
	ReadAt      time.Time // zero: not read; SentAt where receipts are no longer kept
	RecalledAt  time.Time // zero: not recalled
}

// What took a revision.
const (
	changeSent      = ""
	changeRecall    = "recall"
	changeStatusBar = "status_bar"
	changeReset     = "reset" // the database was restored: nothing known before holds
)

// Change is what took one revision: a send (Kind "") or a change of one.
type Change struct {
	Revision, TaskID int64
	Kind             string
}

// Receipt says that somebody read a task.
type Receipt struct {
	Organization, TaskID int64
	Ordinal              uint32
	ReadAt               time.Time
}
