package store

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// AuditPage reads the chain first and then what was written before there was one.
func (s *auditStore) AuditPage(ctx context.Context, organization int64, q audit.Query) (audit.Page, error) {
	g := &auditPage{query: q, left: auditExamined}
	err := g.chain(ctx, s.db.read(), organization)
	if err == nil && !g.full && !g.ended {
		err = g.old(ctx, s.db.read(), organization)
	}
	if !g.full {
		g.page.Next = audit.Cursor{}
	}
	return g.page, s.db.toFault(err)
}

// auditPage is a page being read.
type auditPage struct {
	query audit.Query
	page  audit.Page
	left  int  // entries that may still be looked at
	full  bool // there is more, for another page
	ended bool // what is older was not asked for
}

// subject is what the index of subjects is asked for, "" to read everything.
func (g *auditPage) subject() string {
	if g.query.Subject == "" && g.query.Person != nil {
		return audit.PersonSubject(*g.query.Person)
	}
	return g.query.Subject
}

func (g *auditPage) chain(ctx context.Context, db engine.Querier, organization int64) error {
	if g.query.Before.ID > 0 {
		return nil // that part has been read
	}
	before, err := g.begin(ctx, db, organization)
	for err == nil && !g.full && !g.ended {
		var rows []audit.Row
		if subject := g.subject(); subject != "" {
			rows, err = auditAbout(ctx, db, organization, subject, before, auditPiece)
		} else {
			rows, err = readRows(ctx, db, sqlSelectAuditBefore, auditInto, organization, before, auditPiece)
		}
		if err != nil || len(rows) == 0 {
			return err
		}
		before = rows[len(rows)-1].N
		err = g.take(ctx, db, organization, rows)
	}
	return err
}

// begin returns the number before which entries are asked for.
func (g *auditPage) begin(ctx context.Context, db engine.Querier, organization int64) (int64, error) {
	before := g.query.Before.N
	if before == 0 {
		before = math.MaxInt64
	}
	if g.query.To.IsZero() {
		return before, nil
	}
	var last int64
	_, err := readRow(ctx, db, sqlSelectAuditLastBefore, []any{&last}, organization, g.query.To.UnixMilli())
	return min(before, last+1), err
}

func (g *auditPage) take(ctx context.Context, db engine.Querier, organization int64, rows []audit.Row) error {
	privates, err := privatesOf(ctx, db, organization, rows)
	if err != nil {
		return err
	}
	for i := range rows {
		e := rows[i].Entry(privates[rows[i].N].Of())
		if !g.add(e, audit.Cursor{N: e.N}) {
			return nil
		}
	}
	return nil
}

func (g *auditPage) old(ctx context.Context, db engine.Querier, organization int64) error {
	at, id := int64(math.MaxInt64), int64(math.MaxInt64)
	if g.query.Before.ID > 0 {
		at, id = g.query.Before.At, g.query.Before.ID
	}
	if to := g.query.To; !to.IsZero() && to.UnixMilli() <= at {
		at, id = to.UnixMilli(), 0
	}
	query, args := sqlSelectOldAudit, []any{organization, at, id, g.left}
	if g.query.Subject != "" {
		query, args = sqlSelectOldAuditAbout, []any{organization, g.query.Subject, at, id, g.left}
	}
	var old oldAudit
	err := readEach(ctx, db, query, old.into(), func() error {
		if !g.add(old.entry(), audit.Cursor{At: old.at, ID: old.id}) {
			return errEnough
		}
		return nil
	}, args...)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// add takes an entry that was read, if it was asked for, and reports whether older
// ones are still of interest.
func (g *auditPage) add(e audit.Entry, at audit.Cursor) bool {
	q := &g.query
	if !q.From.IsZero() && e.At.Before(q.From) {
		g.ended = true
		return false
	}
	if len(g.page.Entries) == q.Limit { // this one shows that there is more
		g.full = true
		return false
	}
	g.page.Next = at
	g.left--
	if g.asked(&e) {
		g.page.Entries = append(g.page.Entries, e)
	}
	if g.left == 0 {
		g.full = true
	}
	return !g.full
}

func (g *auditPage) asked(e *audit.Entry) bool {
	q := &g.query
	if q.Action != "" && e.Action != q.Action {
		return false
	}
	if q.Person == nil {
		return true
	}
	return slices.Contains(e.Subjects(), audit.PersonSubject(*q.Person))
}

// oldAudit is a row from before the chain.
type oldAudit struct {
	row             audit.Entry
	id, at, console int64
}

// into is where oldAuditColumns go.
func (o *oldAudit) into() []any {
	e := &o.row
	return []any{&e.Organization, &o.id, &o.at, asText(&e.By.Actor), &o.console, &e.Action, &e.Subject, &e.Version, &e.Reason}
}

func (o *oldAudit) entry() audit.Entry {
	e := o.row
	e.N, e.At = -o.id, time.UnixMilli(o.at).UTC()
	if o.console != 0 || e.By.IsOperator() {
		e.By.Credential = audit.CommandLine
	}
	return e
}
