package retention

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
)

// People is the directory, as far as erasing needs it.
type People interface {
	// Depart deletes a person if they are there, writes e into the audit log with
	// that, and returns the userid they have or had and whether it is somebody
	// else's now. CodeUserUnknown.
	Depart(ctx context.Context, organization int64, ordinal uint32, e audit.Entry) (userid string, taken bool, err error)
	// Erase takes everything personal out of a departed person's row.
	Erase(ctx context.Context, organization int64, ordinal uint32) error
}

// Traces is where a person has left something beside their own row. Methods
// that go over many rows are called again until more is false; each call is one
// transaction of at most 200 rows. All may be repeated.
type Traces interface {
	// DeleteCredentials deletes sessions, sign-in links and API tokens.
	DeleteCredentials(ctx context.Context, organization int64, ordinal uint32) error
	// DeleteInbox deletes inbox rows and the unread floor.
	DeleteInbox(ctx context.Context, organization int64, ordinal uint32) (more bool, err error)
	// LeaveRanges takes a userid out of the ranges of apps.
	LeaveRanges(ctx context.Context, organization int64, userid string) error
	// LeaveComposers takes a person out of those who may send with apps by hand.
	LeaveComposers(ctx context.Context, organization int64, ordinal uint32) error
	// RenameInvalid renames a userid that senders named in vain, in tasks after
	// one, and returns the task to go on after.
	RenameInvalid(ctx context.Context, organization int64, userid, name string, after int64) (next int64, more bool, err error)
	// DeletePrivate deletes what is private to a person in the audit logs: addresses,
	// devices and reasons. It returns of how many entries.
	DeletePrivate(ctx context.Context, organization int64, ordinal uint32) (entries int, more bool, err error)
	// Compact takes what was deleted out of the files; see Compaction. The error
	// says what cannot be said of one file. It may be repeated.
	Compact(ctx context.Context, c Compaction) error
}

// Compaction is how what was deleted is taken out of the database's files: on
// SQLite the file is written anew and its log emptied, on PostgreSQL each table
// that names people is written anew. Nobody writes meanwhile, and on PostgreSQL
// nobody reads a table while it is written.
type Compaction struct {
	// Patience is how long it tries to have each table while others use it.
	Patience time.Duration
	// LogOnly leaves SQLite's file as it is, which leaves that to a later time,
	// and does nothing on PostgreSQL.
	LogOnly bool
	// Begun, unless it is nil, is told of each file before, and of its size.
	Begun func(name string, bytes int64)
	// Done, unless it is nil, is told of each file after.
	Done func(Compacted)
}

// Compacted is what became of one file: a table's, or SQLite's.
type Compacted struct {
	Name          string
	Before, After int64 // bytes, of PostgreSQL with indexes
	Took          time.Duration
	Refused       string // why the file is as it was; empty if it was written anew
	Cure          string // what to do then
}

// Eraser takes people out of the database. Receipts and the sets of tasks name
// them by ordinal only and stay, so that results count as before.
type Eraser struct {
	People    People
	Traces    Traces
	Log       Log
	Tombstone func(ordinal uint32) string
	Now       func() time.Time
}

// Log is the audit log.
type Log interface {
	// Record writes an entry by itself.
	Record(ctx context.Context, e audit.Entry) error
}

// Erase takes one person out of the rows for good, living or departed; Compact
// takes them out of the files. Interrupted anywhere it may simply be done again. The audit
// log has when it began, and when it was done.
// CodeUserUnknown; CodeBusy when it should be repeated.
func (e Eraser) Erase(ctx context.Context, by audit.By, organization int64, ordinal uint32) error {
	run := audit.NewRun(audit.Entry{
		Organization: organization, At: e.Now(), By: by, Action: audit.PersonErase, Subject: audit.PersonSubject(ordinal),
	})
	userid, taken, err := e.People.Depart(ctx, organization, ordinal, run.Begun())
	if err != nil {
		return fmt.Errorf("retention.Erase: %w", err)
	}
	// The row comes last: by its userid the rest is found again.
	if tombstone := e.Tombstone(ordinal); userid != tombstone && !taken {
		if err := e.unname(ctx, organization, userid, tombstone); err != nil {
			return fmt.Errorf("retention.Erase: userid: %w", err)
		}
	}
	if err := e.People.Erase(ctx, organization, ordinal); err != nil {
		return fmt.Errorf("retention.Erase: %w", err)
	}
	if err := e.Traces.DeleteCredentials(ctx, organization, ordinal); err != nil {
		return fmt.Errorf("retention.Erase: credentials: %w", err)
	}
	if err := e.Traces.LeaveComposers(ctx, organization, ordinal); err != nil {
		return fmt.Errorf("retention.Erase: composers: %w", err)
	}
	for more := true; more; {
		if more, err = e.Traces.DeleteInbox(ctx, organization, ordinal); err != nil {
			return fmt.Errorf("retention.Erase: inbox: %w", err)
		}
	}
	return e.deletePrivate(ctx, organization, ordinal, run)
}

// deletePrivate takes what is private out of the audit logs, and says in them that
// the person is erased.
func (e Eraser) deletePrivate(ctx context.Context, organization int64, ordinal uint32, run audit.Run) error {
	entries := 0
	for more := true; more; {
		n, again, err := e.Traces.DeletePrivate(ctx, organization, ordinal)
		if err != nil {
			return fmt.Errorf("retention.Erase: audit logs: %w", err)
		}
		entries, more = entries+n, again
	}
	if err := e.Log.Record(ctx, run.Done(e.Now(), audit.Details{"log_entries": entries})); err != nil {
		return fmt.Errorf("retention.Erase: audit log: %w", err)
	}
	return nil
}

// Compact takes what was erased out of the database's files.
func (e Eraser) Compact(ctx context.Context, c Compaction) error {
	if err := e.Traces.Compact(ctx, c); err != nil {
		return fmt.Errorf("retention.Compact: %w", err)
	}
	return nil
}

// unname takes the userid out of what was said by others.
func (e Eraser) unname(ctx context.Context, organization int64, userid, tombstone string) error {
	if err := e.Traces.LeaveRanges(ctx, organization, userid); err != nil {
		return err
	}
	for after, more := int64(0), true; more; {
		var err error
		if after, more, err = e.Traces.RenameInvalid(ctx, organization, userid, tombstone, after); err != nil {
			return err
		}
	}
	return nil
}
