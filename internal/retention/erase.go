package retention

import (
	"context"
	"fmt"
)

// People is the directory, as far as erasing needs it.
type People interface {
	// Depart deletes a person if they are there, and returns the userid they
	// have or had and whether it is somebody else's now. CodeUserUnknown.
	Depart(ctx context.Context, organization int64, ordinal uint32) (userid string, taken bool, err error)
	// Erase takes everything personal out of a departed person's row.
	Erase(ctx context.Context, organization int64, ordinal uint32) error
}

// Traces is where a person has left something beside their own row. Methods
// that go over many rows are called again until more is false; each call is one
// transaction of at most 200 rows. All may be repeated.
type Traces interface {
	// DeleteCredentials deletes sessions, sign-in links and API tokens.
	DeleteCredentials(ctx context.Context, organization int64, ordinal uint32) error
	// DeleteInbox deletes inbox rows and the unread hint.
	DeleteInbox(ctx context.Context, organization int64, ordinal uint32) (more bool, err error)
	// LeaveRanges takes a userid out of the ranges of apps.
	LeaveRanges(ctx context.Context, organization int64, userid string) error
	// RenameInvalid renames a userid that senders named in vain, in tasks after
	// one, and returns the task to go on after.
	RenameInvalid(ctx context.Context, organization int64, userid, name string, after int64) (next int64, more bool, err error)
	// Compact writes a SQLite file anew where whole is true, and empties its
	// log, so that nothing deleted is found in either. Nothing on PostgreSQL.
	Compact(ctx context.Context, whole bool) error
}

// Eraser takes people out of the database. Receipts and the sets of tasks name
// them by ordinal only and stay, so that results count as before.
type Eraser struct {
	People    People
	Traces    Traces
	Tombstone func(ordinal uint32) string
}

// Erase erases one person for good, living or departed. Interrupted anywhere it
// may simply be done again. Without compact the SQLite file is not written anew,
// which leaves it to a later time. CodeUserUnknown; CodeBusy when it should be
// repeated.
func (e Eraser) Erase(ctx context.Context, organization int64, ordinal uint32, compact bool) error {
	userid, taken, err := e.People.Depart(ctx, organization, ordinal)
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
	for more := true; more; {
		if more, err = e.Traces.DeleteInbox(ctx, organization, ordinal); err != nil {
			return fmt.Errorf("retention.Erase: inbox: %w", err)
		}
	}
	if err := e.Traces.Compact(ctx, compact); err != nil {
		return fmt.Errorf("retention.Erase: %w", err)
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
