package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	auditFloorRaise = `UPDATE audit_head SET floor_n = $2, floor_mac = $3 WHERE organization = $1`
	auditCodeOf     = `SELECT mac FROM audit_entry WHERE organization = $1 AND n = $2`
	// Times never fall along a chain.
	auditFirstOther = `SELECT n FROM audit_entry WHERE organization = $1 AND n > $2 AND n <= $3 AND action <> 'audit.trim' ORDER BY n LIMIT 1`
	auditBelow      = `SELECT ` + auditColumns + ` FROM audit_entry WHERE organization = $1 AND n <= $2 ORDER BY n LIMIT $3`
	auditDelete     = `DELETE FROM audit_entry WHERE organization = $1 AND n <= $2`

	auditPrivateDelete = `DELETE FROM audit_private WHERE organization = $1 AND n <= $2`
	auditAboutDelete   = `DELETE FROM audit_about WHERE organization = $1 AND subject = $2 AND n = $3`

	auditOldCount  = `SELECT COUNT(*) FROM audit WHERE organization = $1 AND at < $2`
	auditOldBefore = `SELECT id FROM audit WHERE organization = $1 AND at < $2 ORDER BY at, id LIMIT $3`
	auditOldDelete = `DELETE FROM audit WHERE organization = $1 AND id IN (%s)`

	// entryRows is how many rows an entry has, with what is private and what it is
	// found by, a few more or less.
	entryRows = 4
)

// TrimAudit raises the floor of a log and writes the entry that says so; see
// retention.Store.
func (r *Retention) TrimAudit(ctx context.Context, organization int64, before, now time.Time) error {
	due, err := auditDue(ctx, r.db.read(), organization, before)
	if err != nil || due == (trimmed{}) {
		return r.db.explain(err)
	}
	return r.db.administer(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		head, err := lockHead(ctx, tx, r.db.engine.RowLock(), organization)
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
			if err := tx.QueryRowContext(ctx, auditCodeOf, organization, through).Scan(&mac); err != nil {
				return nil, err
			}
			if _, err := tx.ExecContext(ctx, auditFloorRaise, organization, through, mac); err != nil {
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
	if err := q.QueryRowContext(ctx, auditOldCount, organization, before.UnixMilli()).Scan(&t.old); err != nil {
		return t, err
	}
	head, _, err := auditHead(q.QueryRowContext(ctx, auditHeadOf, organization))
	if err != nil {
		return t, err
	}
	var last, other int64
	err = q.QueryRowContext(ctx, auditLastBefore, organization, before.UnixMilli()).Scan(&last)
	if err == nil && last > head.FloorN {
		err = q.QueryRowContext(ctx, auditFirstOther, organization, head.FloorN, last).Scan(&other)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if other > 0 {
		t.through = last
	}
	return t, err
}

// DeleteAudit deletes entries below the floor, and old ones; see retention.Store.
func (r *Retention) DeleteAudit(ctx context.Context, organization int64, before time.Time, limit int) (retention.Deleted, error) {
	head, _, err := auditHead(r.db.read().QueryRowContext(ctx, auditHeadOf, organization))
	if err != nil {
		return retention.Deleted{}, r.db.explain(err)
	}
	if head.FloorN > 0 {
		rows, err := auditRows(ctx, r.db.read(), auditBelow, organization, head.FloorN, max(limit/entryRows, 1))
		if err != nil {
			return retention.Deleted{}, r.db.explain(err)
		}
		if len(rows) > 0 {
			return retention.Deleted{Audit: len(rows), More: true}, r.deleteEntries(ctx, organization, rows)
		}
	}
	if before.IsZero() {
		return retention.Deleted{}, nil
	}
	return r.deleteOldEntries(ctx, organization, before, limit)
}

// deleteEntries deletes the first entries of a log with all that is theirs.
func (r *Retention) deleteEntries(ctx context.Context, organization int64, rows []audit.Row) error {
	last := rows[len(rows)-1].N
	return r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for i := range rows {
			e, err := rows[i].Entry("")
			if err != nil { // somebody changed it: what it was about is not known any more
				e.About = nil
			}
			for _, subject := range e.Subjects() {
				if _, err := tx.ExecContext(ctx, auditAboutDelete, organization, subject, e.N); err != nil {
					return err
				}
			}
		}
		for _, statement := range []string{auditPrivateDelete, auditDelete} {
			if _, err := tx.ExecContext(ctx, statement, organization, last); err != nil {
				return err
			}
		}
		return nil
	})
}

// deleteOldEntries deletes entries from before the chain.
func (r *Retention) deleteOldEntries(ctx context.Context, organization int64, before time.Time, limit int) (retention.Deleted, error) {
	var ids []int64
	err := eachRow(ctx, r.db.read(), auditOldBefore, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, organization, before.UnixMilli(), limit)
	if err != nil || len(ids) == 0 {
		return retention.Deleted{}, r.db.explain(err)
	}
	d := retention.Deleted{Audit: len(ids), More: len(ids) == limit}
	return d, r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		return eachIn(ids, 2, func(list string, args []any) error {
			_, err := tx.ExecContext(ctx, fmt.Sprintf(auditOldDelete, list), append([]any{organization}, args...)...)
			return err
		})
	})
}
