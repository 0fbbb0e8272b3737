package store

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// AuditLog reads audit logs and writes entries by themselves.
func (d *DB) AuditLog() audit.Store { return &auditStore{d} }

type auditStore struct{ db *DB }

// What is private in entries is read by a statement of its own, and what is about a
// subject in two: a join would be read by the beginning of a key as long as
// PostgreSQL knows nothing of its tables.
const (
	auditColumns = `organization, n, at, actor, credential, action, subject, version, details, sealed, key_number, mac`

	sqlSelectAuditBefore = `SELECT ` + auditColumns + ` FROM audit_entry WHERE organization = $1 AND n < $2 ORDER BY n DESC LIMIT $3`
	sqlSelectAuditAfter  = `SELECT ` + auditColumns + ` FROM audit_entry WHERE organization = $1 AND n > $2 ORDER BY n LIMIT $3`
	sqlSelectAuditByN    = `SELECT ` + auditColumns + ` FROM audit_entry WHERE organization = $1 AND n IN (%s)`

	sqlSelectAuditPrivates = `SELECT n, salt, text FROM audit_private WHERE organization = $1 AND n IN (%s)`
	sqlSelectAuditAbout    = `SELECT n FROM audit_about WHERE organization = $1 AND subject = $2 AND n < $3 ORDER BY n DESC LIMIT $4`
	// Times never fall along a chain.
	sqlSelectAuditLastBefore = `SELECT n FROM audit_entry WHERE organization = $1 AND at < $2 ORDER BY at DESC, n DESC LIMIT 1`

	// Entries from before there was a chain.
	oldAuditColumns   = `organization, id, at, actor, console, action, subject, version, note`
	sqlSelectOldAudit = `SELECT ` + oldAuditColumns + ` FROM audit
		WHERE organization = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4`
	sqlSelectOldAuditAbout = `SELECT ` + oldAuditColumns + ` FROM audit
		WHERE organization = $1 AND subject = $2 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5`

	sqlSelectOldAuditOf = `SELECT ` + oldAuditColumns + ` FROM audit
		WHERE organization = $1 AND subject = $2 ORDER BY at, id`
	sqlSelectAuditHeads = `SELECT ` + auditHeadColumns + ` FROM audit_head ORDER BY organization`

	// auditExamined is how many entries are looked at for a page at most, in pieces
	// of auditPiece.
	auditExamined = 2000
	auditPiece    = 128
)

func (s *auditStore) Record(ctx context.Context, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(context.Context, engine.Querier) ([]audit.Entry, error) {
		return []audit.Entry{e}, nil
	})
}

func (s *auditStore) AuditHead(ctx context.Context, organization int64) (audit.Head, error) {
	h, _, err := auditHead(ctx, s.db.read(), sqlSelectAuditHead, organization)
	return h, s.db.toFault(err)
}

func (s *auditStore) AuditHeads(ctx context.Context) (map[int64]audit.Head, error) {
	heads := map[int64]audit.Head{}
	var organization int64
	var h audit.Head
	err := readEach(ctx, s.db.read(), sqlSelectAuditHeads, auditHeadInto(&organization, &h), func() error {
		heads[organization] = h
		return nil
	})
	return heads, s.db.toFault(err)
}

// errEnough ends reading rows before their end.
var errEnough = errors.New("enough")

func (s *auditStore) AuditRows(
	ctx context.Context, organization, n int64, limit int, each func(r *audit.Row, private *audit.Private) bool,
) error {
	rows, err := readRows(ctx, s.db.read(), sqlSelectAuditAfter, auditInto, organization, n, limit)
	if err != nil {
		return s.db.toFault(err)
	}
	privates, err := privatesOf(ctx, s.db.read(), organization, rows)
	if err != nil {
		return s.db.toFault(err)
	}
	for i := range rows {
		if !each(&rows[i], privates[rows[i].N]) {
			break
		}
	}
	return nil
}

// auditInto is where auditColumns go.
func auditInto(r *audit.Row) []any {
	return []any{
		&r.Organization, &r.N, &r.At, &r.Actor, &r.Credential, &r.Action, &r.Subject, &r.Version, &r.Details,
		&r.Sealed, &r.Key, &r.MAC,
	}
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
	var n int64
	var p audit.Private
	err := readEachIn(ctx, q, sqlSelectAuditPrivates, []any{organization}, sealed, []any{&n, &p.Salt, &p.Text}, func() error {
		one := p
		all[n] = &one
		return nil
	})
	return all, err
}

// auditAbout returns rows about a subject before n, newest first.
func auditAbout(ctx context.Context, q engine.Querier, organization int64, subject string, n int64, limit int) ([]audit.Row, error) {
	numbers, err := readRows(ctx, q, sqlSelectAuditAbout, numberInto, organization, subject, n, limit)
	if err != nil {
		return nil, err
	}
	rows := make([]audit.Row, 0, len(numbers))
	var r audit.Row
	err = readEachIn(ctx, q, sqlSelectAuditByN, []any{organization}, numbers, auditInto(&r), func() error {
		rows = append(rows, r)
		return nil
	})
	slices.SortFunc(rows, func(a, b audit.Row) int { return cmp.Compare(b.N, a.N) })
	return rows, err
}

func (s *directoryStore) Record(ctx context.Context, e audit.Entry) error {
	return s.db.AuditLog().Record(ctx, e)
}

func (s *templateStore) Record(ctx context.Context, e audit.Entry) error {
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
			case r.At <= since || r.Action == string(audit.TemplateDiscard) && r.Version == int64(e.Version):
				return false, nil // of a draft that was discarded nothing counts
			case r.Action == string(e.Action) && r.Actor == stored(e.By.Actor) && r.Version == int64(e.Version) &&
				(r.Credential == audit.CommandLine) == (e.By.Credential == audit.CommandLine):
				return true, nil
			}
		}
		before = rows[len(rows)-1].N
	}
	return false, nil
}

// Log reads entries from before there was a chain, and then the chain.
func (s *templateStore) Log(ctx context.Context, organization int64, subject string) ([]audit.Entry, error) {
	var list []audit.Entry
	var old oldAudit
	err := readEach(ctx, s.db.read(), sqlSelectOldAuditOf, old.into(), func() error {
		list = append(list, old.entry())
		return nil
	}, organization, subject)
	if err != nil {
		return nil, s.db.toFault(err)
	}
	var newest []audit.Row
	for before := int64(math.MaxInt64); ; {
		rows, err := auditAbout(ctx, s.db.read(), organization, subject, before, auditPiece)
		if err != nil {
			return nil, s.db.toFault(err)
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
		return nil, s.db.toFault(err)
	}
	for i := range newest {
		list = append(list, newest[i].Entry(privates[newest[i].N].Of()))
	}
	return list, nil
}
