package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// AuditLog reads audit logs and writes entries by themselves. It implements
// audit.Store.
type AuditLog struct{ db *DB }

// AuditLog returns the store of audit logs.
func (d *DB) AuditLog() *AuditLog { return &AuditLog{d} }

var _ audit.Store = (*AuditLog)(nil)

// What is private in entries is read by a statement of its own, and what is about a
// subject in two: a join would be read by the beginning of a key as long as
// PostgreSQL knows nothing of its tables.
const (
	auditColumns = `organization, n, at, actor, credential, action, subject, version, details, sealed, key_number, mac`

	auditBefore = `SELECT ` + auditColumns + ` FROM audit_entry WHERE organization = $1 AND n < $2 ORDER BY n DESC LIMIT $3`
	auditAfter  = `SELECT ` + auditColumns + ` FROM audit_entry WHERE organization = $1 AND n > $2 ORDER BY n LIMIT $3`
	auditByN    = `SELECT ` + auditColumns + ` FROM audit_entry WHERE organization = $1 AND n IN (%s)`

	auditPrivates    = `SELECT n, salt, text FROM audit_private WHERE organization = $1 AND n IN (%s)`
	auditAboutBefore = `SELECT n FROM audit_about WHERE organization = $1 AND subject = $2 AND n < $3 ORDER BY n DESC LIMIT $4`
	// Times never fall along a chain.
	auditLastBefore = `SELECT n FROM audit_entry WHERE organization = $1 AND at < $2 ORDER BY at DESC, n DESC LIMIT 1`

	// Entries from before there was a chain.
	auditOldColumns = `organization, id, at, actor, console, action, subject, version, note`
	auditOld        = `SELECT ` + auditOldColumns + ` FROM audit
		WHERE organization = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4`
	auditOldAbout = `SELECT ` + auditOldColumns + ` FROM audit
		WHERE organization = $1 AND subject = $2 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5`

	auditOldOf = `SELECT ` + auditOldColumns + ` FROM audit
		WHERE organization = $1 AND subject = $2 ORDER BY at, id`
	auditHeads = `SELECT ` + auditHeadColumns + ` FROM audit_head ORDER BY organization`

	// auditExamined is how many entries are looked at for a page at most, in pieces
	// of auditPiece.
	auditExamined = 2000
	auditPiece    = 128
)

// Record writes an entry; see audit.Store.
func (l *AuditLog) Record(ctx context.Context, e audit.Entry) error {
	return l.db.administer(ctx, engine.Directory, func(context.Context, engine.Querier) ([]audit.Entry, error) {
		return []audit.Entry{e}, nil
	})
}

// AuditHead returns where a chain stands; see audit.Store.
func (l *AuditLog) AuditHead(ctx context.Context, organization int64) (audit.Head, error) {
	h, _, err := auditHead(l.db.read().QueryRowContext(ctx, auditHeadOf, organization))
	return h, l.db.explain(err)
}

// AuditHeads returns where all chains stand; see audit.Store.
func (l *AuditLog) AuditHeads(ctx context.Context) (map[int64]audit.Head, error) {
	heads := map[int64]audit.Head{}
	err := eachRow(ctx, l.db.read(), auditHeads, func(rows *sql.Rows) error {
		var organization int64
		var h audit.Head
		err := rows.Scan(&organization, &h.N, &h.At, &h.MAC, &h.FloorN, &h.FloorMAC)
		heads[organization] = h
		return err
	})
	return heads, l.db.explain(err)
}

// errEnough ends reading rows before their end.
var errEnough = errors.New("enough")

// AuditRows reads a piece of a chain; see audit.Store.
func (l *AuditLog) AuditRows(
	ctx context.Context, organization, n int64, limit int, each func(r *audit.Row, private *audit.Private) bool,
) error {
	rows, err := auditRows(ctx, l.db.read(), auditAfter, organization, n, limit)
	if err != nil {
		return l.db.explain(err)
	}
	privates, err := privatesOf(ctx, l.db.read(), organization, rows)
	if err != nil {
		return l.db.explain(err)
	}
	for i := range rows {
		if !each(&rows[i], privates[rows[i].N]) {
			break
		}
	}
	return nil
}

func auditRows(ctx context.Context, q engine.Querier, query string, args ...any) (list []audit.Row, err error) {
	err = eachRow(ctx, q, query, func(rows *sql.Rows) error {
		var r audit.Row
		err := rows.Scan(&r.Organization, &r.N, &r.At, &r.Actor, &r.Credential, &r.Action, &r.Subject, &r.Version, &r.Details,
			&r.Sealed, &r.Key, &r.MAC)
		list = append(list, r)
		return err
	}, args...)
	return list, err
}

// privatesOf returns what is private in rows, by their numbers.
func privatesOf(ctx context.Context, q engine.Querier, organization int64, rows []audit.Row) (map[int64]*audit.Private, error) {
	var sealed []int64
	for i := range rows {
		if len(rows[i].Sealed) > 0 {
			sealed = append(sealed, rows[i].N)
		}
	}
	all := make(map[int64]*audit.Private, len(sealed))
	err := eachIn(sealed, 2, func(list string, args []any) error {
		return eachRow(ctx, q, fmt.Sprintf(auditPrivates, list), func(rows *sql.Rows) error {
			var n int64
			var p audit.Private
			err := rows.Scan(&n, &p.Salt, &p.Text)
			all[n] = &p
			return err
		}, append([]any{organization}, args...)...)
	})
	return all, err
}

// auditNumbered returns the rows of these numbers, in their order.
func auditNumbered(ctx context.Context, q engine.Querier, organization int64, numbers []int64) ([]audit.Row, error) {
	var list []audit.Row
	err := eachIn(numbers, 2, func(in string, args []any) error {
		rows, err := auditRows(ctx, q, fmt.Sprintf(auditByN, in), append([]any{organization}, args...)...)
		list = append(list, rows...)
		return err
	})
	place := make(map[int64]int, len(numbers))
	for i, n := range numbers {
		place[n] = i
	}
	slices.SortFunc(list, func(a, b audit.Row) int { return place[a.N] - place[b.N] })
	return list, err
}

// auditAbout returns rows about a subject before n, newest first.
func auditAbout(ctx context.Context, q engine.Querier, organization int64, subject string, n int64, limit int) ([]audit.Row, error) {
	var numbers []int64
	err := eachRow(ctx, q, auditAboutBefore, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		numbers = append(numbers, n)
		return err
	}, organization, subject, n, limit)
	if err != nil {
		return nil, err
	}
	return auditNumbered(ctx, q, organization, numbers)
}

// Record writes an entry by itself; see directory.Store.
func (d *Directory) Record(ctx context.Context, e audit.Entry) error {
	return d.db.AuditLog().Record(ctx, e)
}

// Record writes an entry by itself; see review.Store.
func (s *Templates) Record(ctx context.Context, e audit.Entry) error {
	return s.db.AuditLog().Record(ctx, e)
}

// saidBefore reports whether a change's entry is to be left out, because its actor
// has one like it that is not Once old. It is asked under the template's lock, under
// which all of them are written.
func saidBefore(ctx context.Context, tx engine.Querier, c review.Change) (bool, error) {
	e := &c.Entry
	since := e.At.Add(-c.Once).UnixMilli()
	for before := int64(math.MaxInt64); c.Once > 0; {
		rows, err := auditAbout(ctx, tx, e.Organization, e.Subject, before, auditPiece)
		if err != nil || len(rows) == 0 {
			return false, err
		}
		for i := range rows {
			r := &rows[i]
			switch {
			case r.At <= since:
				return false, nil
			case r.Action == string(e.Action) && r.Actor == stored(e.By.Actor) && r.Version == int64(e.Version) &&
				(r.Credential == audit.CommandLine) == (e.By.Credential == audit.CommandLine):
				return true, nil
			}
		}
		before = rows[len(rows)-1].N
	}
	return false, nil
}

// Log returns everything about a subject, oldest first; see review.Store.
func (s *Templates) Log(ctx context.Context, organization int64, subject string) ([]audit.Entry, error) {
	var list []audit.Entry
	var newest []audit.Row
	err := eachRow(ctx, s.db.read(), auditOldOf, func(rows *sql.Rows) error {
		e, _, err := scanOldAudit(rows)
		list = append(list, e)
		return err
	}, organization, subject)
	if err != nil {
		return nil, s.db.explain(err)
	}
	for before := int64(math.MaxInt64); ; {
		rows, err := auditAbout(ctx, s.db.read(), organization, subject, before, auditPiece)
		if err != nil {
			return nil, s.db.explain(err)
		}
		if len(rows) == 0 {
			break
		}
		before = rows[len(rows)-1].N
		newest = append(newest, rows...)
	}
	slices.Reverse(newest)
	privates, err := privatesOf(ctx, s.db.read(), organization, newest)
	if err != nil {
		return nil, s.db.explain(err)
	}
	for i := range newest {
		e, err := newest[i].Entry(privates[newest[i].N].Of())
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}
