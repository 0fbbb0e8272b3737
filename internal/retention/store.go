package retention

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
)

// Store is what this room asks of the database. Every method that deletes is
// one transaction behind everybody else's and deletes at most limit rows;
// CodeBusy says that it did nothing.
type Store interface {
	// Lease gives node the right to delete until a time, or prolongs it. False
	// while another node has it.
	Lease(ctx context.Context, node string, now, until time.Time) (bool, error)
	// EndLease gives the right back.
	EndLease(ctx context.Context, node string) error

	// Organizations returns all organizations with all of their installations.
	Organizations(ctx context.Context) ([]Organization, error)

	// RaiseReceiptsFloor makes an installation's tasks of before a day count as
	// read, except those accepted after one that is not: a clock that was wrong
	// for a while does no harm. It returns the floor, a revision, which never
	// sinks. Where it rises, that this was now is kept for as long as there are such
	// tasks.
	RaiseReceiptsFloor(ctx context.Context, organization int64, a Agent, day int64, now time.Time) (floor int64, err error)
	// Tasks returns an installation's first tasks after a place, of before a
	// day and below a revision, ascending.
	Tasks(ctx context.Context, organization, agent int64, after Place, day, below int64, limit int) ([]Place, error)
	// DeleteReceipts deletes receipts of tasks, in their order, and says of how
	// many of them none are left.
	DeleteReceipts(ctx context.Context, organization int64, tasks []int64, limit int) (deleted, finished int, err error)
	// MarkSwept notes that an installation's receipts of before a day are gone.
	MarkSwept(ctx context.Context, organization, agent, day int64) error

	// DeleteMessages deletes an installation's oldest tasks of before a day,
	// below a revision and accepted before a time, with all that is theirs.
	DeleteMessages(ctx context.Context, organization, agent int64, b Bounds, limit int) (Deleted, error)
	// DeleteChanges deletes an organization's oldest changes up to the first
	// that is not older than a time, and raises its floor.
	DeleteChanges(ctx context.Context, organization int64, before time.Time, limit int) (Deleted, error)
	// DeleteStrays deletes receipts of tasks older than all that there are:
	// somebody may read a message in the moment in which it is deleted.
	DeleteStrays(ctx context.Context, organization int64, limit int) (Deleted, error)

	// DeleteSignIns deletes what keeps an organization's sign-ins by accounts of
	// elsewhere from being finished twice, once they could not be finished any more, and
	// accounts that nobody has linked for as long as they wait.
	DeleteSignIns(ctx context.Context, organization int64, now time.Time, limit int) (Deleted, error)

	// TrimAudit ends an organization's audit log below its first entry that is not
	// older than a time, and says so in the log, in one transaction. It does nothing
	// where that would remove nothing but entries which say so.
	TrimAudit(ctx context.Context, organization int64, before, now time.Time) error
	// DeleteAudit deletes entries of an organization's audit log below its end, and
	// those from before the log was a chain that are older than a time; the zero time
	// is older than all.
	DeleteAudit(ctx context.Context, organization int64, before time.Time, limit int) (Deleted, error)

	// Scanned returns the revision through which an organization's messages have
	// been read for the files they name; 0 before the first time.
	Scanned(ctx context.Context, organization int64) (revision int64, err error)
	// Sent returns the organization's first messages after a revision, ascending.
	Sent(ctx context.Context, organization, after int64, limit int) ([]Sent, error)
	// NoteUses notes uses of files, of which those that are not there are left
	// out, and, unless it is 0, through which revision messages have been read.
	NoteUses(ctx context.Context, organization int64, uses []Use, through int64) error
	// Files returns the organization's first files after an id, ascending.
	Files(ctx context.Context, organization int64, after string, limit int) ([]File, error)
	// Shown returns those of the files that are an app's icon or named in a
	// template.
	Shown(ctx context.Context, organization int64, ids []string) ([]string, error)
	// EndFiles notes since when nothing names files; the zero time takes it back.
	EndFiles(ctx context.Context, organization int64, ids []string, at time.Time) error
	// DeleteFiles deletes files; their contents follow.
	DeleteFiles(ctx context.Context, organization int64, ids []string) (deleted int, err error)
	// CorrectUsage makes how much of files is kept what the files add up to.
	CorrectUsage(ctx context.Context, organization int64) error

	// Oldest returns when the oldest of an installation's tasks was accepted;
	// the zero time when there are none.
	Oldest(ctx context.Context, organization, agent int64) (time.Time, error)
}

// Organization is what an organization has decided.
type Organization struct {
	ID        int64
	TimeZone  string
	Retention policy.Retention // complete
	Agents    []Agent
}

// Agent is an installation and how far its receipts are.
type Agent struct {
	ID            int64
	Retention     policy.Retention // complete
	ReceiptsFloor int64            // a revision; see RaiseReceiptsFloor
	ReceiptsSwept int64            // a day; see MarkSwept
}

// Place is a task in the order of an installation's tasks.
type Place struct{ Day, Revision, TaskID int64 }

// Bounds say which messages are old enough: all three must hold.
type Bounds struct {
	Day      int64 // yyyymmdd, the first to be kept
	Revision int64 // the first to be kept
	Accepted time.Time
}

// Deleted counts rows. More says that there is more of the same to be deleted.
type Deleted struct {
	Messages, Filed, Receipts, Changes, Files, Audit int
	More                                             bool
}

// Sent is a message as it was sent; Message is empty where it can name no file.
type Sent struct {
	Revision, TaskID, AgentID, Day int64
	Message                        string // canonical JSON
}

// Use says that a task of an installation names a file.
type Use struct {
	MediaID              string
	AgentID, Day, TaskID int64
}

// File is an uploaded file.
type File struct {
	ID        string
	CreatedAt time.Time
	EndingAt  time.Time // zero: it is not about to go
	Naming    Naming
}

// Naming is whether messages name a file.
type Naming int

// What is known of a file from the messages that have been read.
const (
	NeverNamed Naming = iota
	NamedOnce         // by messages that are no longer kept
	Named
)
