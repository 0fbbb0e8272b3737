package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlUpdateAuditFloor = `UPDATE audit_head SET floor_n = $2, floor_mac = $3 WHERE organization = $1`
	sqlSelectAuditCode  = `SELECT mac FROM audit_entry WHERE organization = $1 AND n = $2`
	// Times never fall along a chain.
	sqlSelectAuditFirstOther = `SELECT n FROM audit_entry WHERE organization = $1 AND n > $2 AND n <= $3 AND action <> 'audit.trim' ORDER BY n LIMIT 1`
	sqlSelectAuditBelow      = `SELECT ` + auditColumns + ` FROM audit_entry WHERE organization = $1 AND n <= $2 ORDER BY n LIMIT $3`
	sqlDeleteAudit           = `DELETE FROM audit_entry WHERE organization = $1 AND n <= $2`

	sqlDeleteAuditPrivates = `DELETE FROM audit_private WHERE organization = $1 AND n <= $2`
	sqlDeleteAuditAbout    = `DELETE FROM audit_about WHERE organization = $1 AND subject = $2 AND n = $3`

	sqlSelectOldAuditCount  = `SELECT COUNT(*) FROM audit WHERE organization = $1 AND at < $2`
	sqlSelectOldAuditBefore = `SELECT id FROM audit WHERE organization = $1 AND at < $2 ORDER BY at, id LIMIT $3`
	sqlDeleteOldAudit       = `DELETE FROM audit WHERE organization = $1 AND id IN (%s)`

	// entryRows is how many rows an entry has, with what is private and what it is
	// found by, a few more or less.
	entryRows = 4
)

// TrimAudit raises the floor of a log and writes the entry that says so.
func (s *retentionStore) TrimAudit(ctx context.Context, organization int64, before, now time.Time) error {
	due, err := auditDue(ctx, s.db.read(), organization, before)
	if err != nil || due == (trimmed{}) {
		return s.db.toFault(err)
	}
	return s.db.administer(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		head, err := lockHead(ctx, tx, s.db.engine.RowLock(), organization)
		if err != nil {
			return nil, err
		}
		due, err := auditDue(ctx, tx, organization, before) // another node may have been here
		if err != nil || due == (trimmed{}) {
			return nil, err
		}
		through := head.FloorN
		if due.through > 0 {
			through = due.through
			var mac []byte
			if err := tx.QueryRowContext(ctx, sqlSelectAuditCode, organization, through).Scan(&mac); err != nil {
				return nil, err
			}
			if _, err := tx.ExecContext(ctx, sqlUpdateAuditFloor, organization, through, mac); err != nil {
				return nil, err
			}
		}
		return []audit.Entry{audit.Trimmed(organization, now, through, through-head.FloorN, due.old)}, nil
	})
}

// trimmed is what is too old of a log.
type trimmed struct {
	through int64 // the last entry that is; 0 if none is
	old     int64 // how many are from before the chain
}

// auditDue returns what is too old, nothing where that is only entries about the
// trimming itself: otherwise each of them would call for another.
func auditDue(ctx context.Context, q engine.Querier, organization int64, before time.Time) (t trimmed, err error) {
	if err := q.QueryRowContext(ctx, sqlSelectOldAuditCount, organization, before.UnixMilli()).Scan(&t.old); err != nil {
		return t, err
	}
	head, _, err := auditHead(ctx, q, sqlSelectAuditHead, organization)
	if err != nil {
		return t, err
	}
	var last, other int64
	_, err = readRow(ctx, q, sqlSelectAuditLastBefore, []any{&last}, organization, before.UnixMilli())
	if err == nil && last > head.FloorN {
		_, err = readRow(ctx, q, sqlSelectAuditFirstOther, []any{&other}, organization, head.FloorN, last)
	}
	if other > 0 {
		t.through = last
	}
	return t, err
}

// DeleteAudit deletes entries below the floor, and old ones.
func (s *retentionStore) DeleteAudit(ctx context.Context, organization int64, before time.Time, limit int) (retention.Deleted, error) {
	head, _, err := auditHead(ctx, s.db.read(), sqlSelectAuditHead, organization)
	if err != nil {
		return retention.Deleted{}, s.db.toFault(err)
	}
	if head.FloorN > 0 {
		rows, err := readRows(ctx, s.db.read(), sqlSelectAuditBelow, auditInto, organization, head.FloorN, max(limit/entryRows, 1))
		if err != nil {
			return retention.Deleted{}, s.db.toFault(err)
		}
		if len(rows) > 0 {
			return retention.Deleted{Audit: len(rows), More: true}, s.deleteEntries(ctx, organization, rows)
		}
	}
	if before.IsZero() {
		return retention.Deleted{}, nil
	}
	return s.deleteOldEntries(ctx, organization, before, limit)
}

// deleteEntries deletes the first entries of a log with all that is theirs.
func (s *retentionStore) deleteEntries(ctx context.Context, organization int64, rows []audit.Row) error {
	last := rows[len(rows)-1].N
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for i := range rows {
			e := rows[i].Entry("") // of a damaged one it is not known what it was about
			for _, subject := range e.Subjects() {
				if _, err := tx.ExecContext(ctx, sqlDeleteAuditAbout, organization, subject, e.N); err != nil {
					return err
				}
			}
		}
		for _, statement := range []string{sqlDeleteAuditPrivates, sqlDeleteAudit} {
			if _, err := tx.ExecContext(ctx, statement, organization, last); err != nil {
				return err
			}
		}
		return nil
	})
}

// deleteOldEntries deletes entries from before the chain.
func (s *retentionStore) deleteOldEntries(ctx context.Context, organization int64, before time.Time, limit int) (retention.Deleted, error) {
	ids, err := readRows(ctx, s.db.read(), sqlSelectOldAuditBefore, numberInto, organization, before.UnixMilli(), limit)
	if err != nil || len(ids) == 0 {
		return retention.Deleted{}, s.db.toFault(err)
	}
	d := retention.Deleted{Audit: len(ids), More: len(ids) == limit}
	return d, s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		_, err := execIn(ctx, tx, sqlDeleteOldAudit, []any{organization}, ids)
		return err
	})
}
