package notify

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
)

// Store is what this room asks of the database.
type Store interface {
	// WriteTasks runs work in one transaction, with the sends' precedence. An
	// error of work rolls back and is returned. Failures that callers can act
	// on are Faults: CodeBusy and CodeStorageFull say that nothing was
	// committed, CodeCommitUnknown that nobody knows.
	WriteTasks(ctx context.Context, work func(ctx context.Context, tx Tx) error) error
	// WriteChanges is WriteTasks for work that makes no task: it goes on when
	// the disk is full. Work may be run again after a rollback.
	WriteChanges(ctx context.Context, work func(ctx context.Context, tx Tx) error) error
	// CheckSpace returns CodeStorageFull while the disk has no room for tasks.
	CheckSpace() error
	// NextIDs returns n fresh ids of a sequence.
	NextIDs(ctx context.Context, sequence string, n int) ([]int64, error)
	// TaskByID returns an organization's task without its sets, or with them.
	// CodeTaskUnknown when there is none.
	TaskByID(ctx context.Context, organization, id int64) (*Task, error)
	OutcomeByID(ctx context.Context, organization, id int64) (*Task, error)
	// Readers returns who has read a task. kept is false where receipts of the
	// task are no longer kept.
	Readers(ctx context.Context, organization, id int64) (readers *roaring.Bitmap, kept bool, err error)
	SavedDays
	// Facts as they are at this moment, which may be another one at the next.
	Facts
	// Position returns where an organization stands.
	Position(ctx context.Context, organization int64) (Position, error)
	// DeleteRequestsBefore forgets idempotency keys older than t, at most
	// limit of them, and returns how many it forgot.
	DeleteRequestsBefore(ctx context.Context, t time.Time, limit int) (int, error)
}

// DayTasks reads what quotas are folded from.
type DayTasks interface {
	// TasksOfDay returns an agent's tasks of a day with a revision above
	// after, ascending, at most limit of them, without those that count for
	// nothing. Sent is nil unless sets is true.
	TasksOfDay(ctx context.Context, organization, agentID, day, after int64, limit int, sets bool) ([]DayTask, error)
}

// Templates tells which version of a template is sent.
type Templates interface {
	// TemplateStanding is about an app's template; the zero value for one that
	// does not exist or is another app's.
	TemplateStanding(ctx context.Context, provider, appID int64, id string) (TemplateStanding, error)
}

// TemplateStanding is what a send asks of a template.
type TemplateStanding struct {
	Known    bool
	Live     int // the version that is sent; 0 when none was approved
	Disabled bool
}

// DayTask is what quotas count of a task.
type DayTask struct {
	Revision  int64
	Minute    int64
	Everyone  bool
	SentCount int64
	Sent      *roaring.Bitmap
}

// Facts are what a send is decided by, beside the directory.
type Facts interface {
	DayTasks
	Templates
	// Identical returns the tasks whose digests have one of these keys. A key
	// is not proof: compare the digests.
	Identical(ctx context.Context, organization int64, keys []int64) ([]Identical, error)
	// Request returns what was remembered of r's idempotency key since then;
	// false when nothing was.
	Request(ctx context.Context, r Request, since time.Time) (Request, bool, error)
}

// Tx is the transaction in which sends are decided.
type Tx interface {
	// Lock locks the organizations' rows, in ascending order of id, until the
	// end of the transaction and returns where each stands.
	Lock(ctx context.Context, organizations []int64) (map[int64]Position, error)
	// Facts as of now: what was read stands until the end of the transaction.
	Facts
	TaskByID(ctx context.Context, organization, id int64) (*Task, error)
	// TakenAt returns what took an organization's revision; false when nothing
	// has.
	TakenAt(ctx context.Context, organization, revision int64) (Taken, bool, error)

	// CreateTasks inserts tasks, who sent them by hand with the entries of that, and
	// the inbox rows of the filed ones.
	CreateTasks(ctx context.Context, tasks []*Task) error
	// CreateChange inserts a change, keeps who made it, and writes its entry.
	CreateChange(ctx context.Context, c Change) error
	CreateRequest(ctx context.Context, r Request) error
	// SpendOperation removes the operation's code, if an app in an organization was given
	// it and it is good at a time; false when it is not.
	SpendOperation(ctx context.Context, organization, appID int64, o Operation, at time.Time) (bool, error)
	MarkRecalled(ctx context.Context, organization, id int64, at time.Time) error
	MarkStatusBar(ctx context.Context, organization, id int64, value, background string) error
	// Advance sets the organization's revision.
	Advance(ctx context.Context, organization, revision int64) error
}

// Position is where an organization stands.
type Position struct{ Revision, DirectoryRevision int64 }

// Taken is what took a revision: a task that was accepted, or a change of one.
type Taken struct {
	TaskID int64
	Kind   string // of the change; "" for the task itself
	At     time.Time
}

// Identical is an earlier task with possibly the same content.
type Identical struct {
	Digest Digest
	Sent   *roaring.Bitmap
}

// Change is a revision that changed a task.
type Change struct {
	Organization, Revision, TaskID int64
	Kind                           string
	At                             time.Time
	By                             audit.Actor  // the app, or who changed it by hand
	Entry                          *audit.Entry // into the audit log, where somebody did it by hand
}

// The kinds of Change.
const (
	ChangeRecall    = "recall"
	ChangeStatusBar = "status_bar"
	ChangeReset     = "reset" // what was known before is not true any more
)

// Request is a send remembered by its idempotency key.
type Request struct {
	Organization, AgentID int64
	Endpoint, Key         string
	Digest                [32]byte // of the decoded request
	TaskID                int64
	At                    time.Time
}
