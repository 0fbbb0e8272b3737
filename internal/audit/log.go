package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxPage is the most entries of a page.
const MaxPage = 200

// Query chooses entries of one organization's log.
type Query struct {
	Subject string // "" for all
	// Person is who did it or whom it was done to; nil for everybody.
	Person *uint32
	Action Action    // "" for all
	From   time.Time // from then on; zero for the beginning
	To     time.Time // before then; zero for the end
	Before Cursor    // of the page before; zero for the newest
	Limit  int       // 1 to MaxPage
}

// Cursor is a place between two entries. Its text is for clients to give back.
type Cursor struct {
	N      int64 // entries of the chain before this one
	At, ID int64 // of the entries from before the chain, those before this one
}

// String is "" for the zero Cursor.
func (c Cursor) String() string {
	switch {
	case c.N > 0:
		return strconv.FormatInt(c.N, 10)
	case c.ID > 0:
		return fmt.Sprintf("%d.%d", c.At, c.ID)
	}
	return ""
}

// ParseCursor reads what String writes; false for anything else.
func ParseCursor(text string) (Cursor, bool) {
	var c Cursor
	var err error
	at, id, old := strings.Cut(text, ".")
	if !old {
		c.N, err = strconv.ParseInt(text, 10, 64)
		return c, text == "" || err == nil && c.N > 0
	}
	if c.At, err = strconv.ParseInt(at, 10, 64); err != nil || c.At < 0 {
		return Cursor{}, false
	}
	c.ID, err = strconv.ParseInt(id, 10, 64)
	return c, err == nil && c.ID > 0
}

// Page is some of the entries asked for, newest first. A page may be short, or
// empty, and not be the last: only Next says whether there is more.
type Page struct {
	Entries []Entry
	Next    Cursor // zero at the end
}

// Store reads logs.
type Store interface {
	// AuditPage returns a page.
	AuditPage(ctx context.Context, organization int64, q Query) (Page, error)
	// AuditHead returns where a chain stands; the zero Head for one without entries.
	AuditHead(ctx context.Context, organization int64) (Head, error)
	// AuditHeads returns where every chain stands, by organization, 0 included.
	AuditHeads(ctx context.Context) (map[int64]Head, error)
	// AuditRows calls each for the rows after n, ascending, at most limit, until it
	// returns false. private is nil for a row that has nothing private, or not any
	// more.
	AuditRows(ctx context.Context, organization, n int64, limit int, each func(r *Row, private *Private) bool) error
	// Record writes an entry by itself, for what is done afterwards or was done in
	// several transactions.
	Record(ctx context.Context, e Entry) error
}

// Log reads and verifies logs.
type Log struct {
	Store Store
	Keys  Keys
}

// Page returns entries, newest first.
func (l *Log) Page(ctx context.Context, organization int64, q Query) (Page, error) {
	p, err := l.Store.AuditPage(ctx, organization, q)
	if err != nil {
		return Page{}, fmt.Errorf("audit.Page: %w", err)
	}
	return p, nil
}

const verifyPiece = 1000

// Verify reads a whole chain and reports the first entry that is not as it was
// written: changed, missing, put in, or in another place. Entries that are added
// meanwhile are not looked at.
//
// What it cannot tell is that the newest entries were taken away together with
// the head: compare HeadMAC with what a backup's manifest or the server's log
// says, where the head is noted.
func (l *Log) Verify(ctx context.Context, organization int64) (Report, error) {
	for {
		r, again, err := l.verify(ctx, organization)
		if err != nil {
			return Report{}, fmt.Errorf("audit.Verify: %w", err)
		}
		if !again {
			return r, nil
		}
	}
}

// verify is one try; again says that entries were deleted by a retention rule
// while it read.
func (l *Log) verify(ctx context.Context, organization int64) (r Report, again bool, err error) {
	head, err := l.Store.AuditHead(ctx, organization)
	if err != nil {
		return Report{}, false, err
	}
	v := NewVerifier(head, l.Keys)
	good := true
	for n := head.FloorN; n < head.N && good; {
		read := 0
		err := l.Store.AuditRows(ctx, organization, n, verifyPiece, func(row *Row, private *Private) bool {
			if row.N > head.N {
				return false
			}
			good, n = v.Next(row, private), row.N
			read++
			return good
		})
		if err != nil {
			return Report{}, false, err
		}
		if read == 0 {
			break
		}
	}
	r = v.End()
	if r.Wrong != 0 {
		now, err := l.Store.AuditHead(ctx, organization)
		return r, err == nil && now.FloorN > head.FloorN, err
	}
	r.Wrong, err = l.behind(ctx, organization, head.N)
	if r.Wrong != 0 {
		r.Why = "the log's head does not know it"
	}
	return r, false, err
}

// behind returns the first entry after n that the head does not know, 0 if there is
// none. An entry and the head move in one transaction, so the head is read after the
// entry: what was added meanwhile is known.
func (l *Log) behind(ctx context.Context, organization, n int64) (unknown int64, err error) {
	for {
		var next int64
		err := l.Store.AuditRows(ctx, organization, n, 1, func(r *Row, _ *Private) bool {
			next = r.N
			return false
		})
		if err != nil || next == 0 {
			return 0, err
		}
		head, err := l.Store.AuditHead(ctx, organization)
		if err != nil {
			return 0, err
		}
		if next > head.N {
			return next, nil
		}
		n = head.N
	}
}
