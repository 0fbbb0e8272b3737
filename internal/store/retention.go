package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Retention deletes what has been kept long enough. It implements
// retention.Store. What is to be deleted is looked for outside the
// transactions: old rows do not change any more, and one that another node has
// deleted meanwhile is deleted.
type Retention struct{ db *DB }

// Retention returns the part of the store that deletes.
func (d *DB) Retention() *Retention { return &Retention{d} }

var _ retention.Store = (*Retention)(nil)

const (
	// A lease that ends later than any can was given by a clock that was wrong.
	leaseTake = `UPDATE node_state SET value = $1, count = $2
		WHERE name = 'retention' AND (value = $1 OR count <= $3 OR count > $4)`
	leaseEnd = `UPDATE node_state SET value = '', count = 0 WHERE name = 'retention' AND value = $1`

	retentionOrganizations = `SELECT id, time_zone, retention FROM organization ORDER BY id`
	retentionAgents        = `SELECT organization, id, retention, receipts_floor, receipts_swept FROM agent ORDER BY organization, id`

	ofAgent = ` FROM task WHERE organization = $1 AND agent_id = $2 AND revision IS NOT NULL`

	oldestTask = `SELECT accepted_at` + ofAgent + ` ORDER BY day, revision LIMIT 1`
	firstSince = `SELECT revision` + ofAgent + ` AND day >= $3 ORDER BY day, revision LIMIT 1`
	agentFloor = `UPDATE agent SET receipts_floor = $3 WHERE organization = $1 AND id = $2 AND receipts_floor < $3`
	orgFloor   = `UPDATE org_revision SET receipts_floor = $2 WHERE organization = $1 AND receipts_floor < $2`
	agentSwept = `UPDATE agent SET receipts_swept = $3 WHERE organization = $1 AND id = $2 AND receipts_swept < $3`

	tasksAfter = `SELECT day, revision, id FROM task WHERE organization = $1 AND agent_id = $2
		AND (day, revision) > ($3, $4) AND day < $5 AND revision < $6 ORDER BY day, revision LIMIT $7`

	oldestChanges = `SELECT revision, at FROM change WHERE organization = $1 ORDER BY revision LIMIT $2`
	changesDelete = `DELETE FROM change WHERE organization = $1 AND revision <= $2`
	resumeFloor   = `UPDATE org_revision SET resume_floor = $2 WHERE organization = $1 AND resume_floor < $2`
	strayReceipts = `SELECT task_id, ordinal FROM receipt WHERE organization = $1
		AND task_id < COALESCE((SELECT MIN(id) FROM task WHERE organization = $1), 9007199254740992)
		ORDER BY task_id, ordinal LIMIT $2`
	receiptsDelete = `DELETE FROM receipt WHERE organization = $1 AND task_id = $2 AND ordinal IN (%s)`
)

// Lease implements retention.Store.
func (r *Retention) Lease(ctx context.Context, node string, now, until time.Time) (bool, error) {
	const impossible = time.Hour // and no clock of a node is that far ahead
	return r.update(ctx, leaseTake, node, until.UnixMilli(), now.UnixMilli(), until.Add(impossible).UnixMilli())
}

// EndLease implements retention.Store.
func (r *Retention) EndLease(ctx context.Context, node string) error {
	_, err := r.update(ctx, leaseEnd, node)
	return err
}

// update runs one statement and says whether it changed anything.
func (r *Retention) update(ctx context.Context, statement string, args ...any) (bool, error) {
	var n int64
	err := r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) (err error) {
		n, err = affected(tx.ExecContext(ctx, statement, args...))
		return err
	})
	return n > 0, err
}

// Organizations implements retention.Store.
func (r *Retention) Organizations(ctx context.Context) ([]retention.Organization, error) {
	var all []retention.Organization
	at := map[int64]int{}
	err := eachRow(ctx, r.db.read(), retentionOrganizations, func(rows *sql.Rows) error {
		var o retention.Organization
		var text string
		if err := rows.Scan(&o.ID, &o.TimeZone, &text); err != nil {
			return err
		}
		err := fromJSON("retention of organization", o.ID, text, &o.Retention)
		o.Retention = o.Retention.Or(policy.UsualRetention())
		at[o.ID] = len(all)
		all = append(all, o)
		return err
	})
	if err != nil {
		return nil, r.db.explain(err)
	}
	err = eachRow(ctx, r.db.read(), retentionAgents, func(rows *sql.Rows) error {
		var a retention.Agent
		var organization int64
		var text string
		if err := rows.Scan(&organization, &a.ID, &text, &a.ReceiptsFloor, &a.ReceiptsSwept); err != nil {
			return err
		}
		i, known := at[organization]
		if !known {
			return nil // made meanwhile
		}
		err := fromJSON("retention of agent", a.ID, text, &a.Retention)
		a.Retention = a.Retention.Or(all[i].Retention)
		all[i].Agents = append(all[i].Agents, a)
		return err
	})
	return all, r.db.explain(err)
}

// RaiseReceiptsFloor implements retention.Store.
func (r *Retention) RaiseReceiptsFloor(ctx context.Context, organization int64, a retention.Agent, day int64) (int64, error) {
	// The revision comes first: a task accepted after it is above the floor.
	at, err := r.db.Inbox().Revision(ctx, organization)
	if err != nil {
		return 0, err
	}
	floor := at + 1
	err = r.db.read().QueryRowContext(ctx, firstSince, organization, a.ID, day).Scan(&floor)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, r.db.explain(err)
	}
	if floor <= a.ReceiptsFloor {
		return a.ReceiptsFloor, nil
	}
	err = r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if _, err := tx.ExecContext(ctx, agentFloor, organization, a.ID, floor); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, orgFloor, organization, floor)
		return err
	})
	return floor, err
}

// MarkSwept implements retention.Store.
func (r *Retention) MarkSwept(ctx context.Context, organization, agent, day int64) error {
	_, err := r.update(ctx, agentSwept, organization, agent, day)
	return err
}

// Tasks implements retention.Store.
func (r *Retention) Tasks(ctx context.Context, organization, agent int64, after retention.Place, day, below int64, limit int) ([]retention.Place, error) {
	var tasks []retention.Place
	err := eachRow(ctx, r.db.read(), tasksAfter, func(rows *sql.Rows) error {
		var p retention.Place
		if err := rows.Scan(&p.Day, &p.Revision, &p.TaskID); err != nil {
			return err
		}
		tasks = append(tasks, p)
		return nil
	}, organization, agent, after.Day, after.Revision, day, below, limit)
	return tasks, r.db.explain(err)
}

// Oldest implements retention.Store.
func (r *Retention) Oldest(ctx context.Context, organization, agent int64) (time.Time, error) {
	var at int64
	err := r.db.read().QueryRowContext(ctx, oldestTask, organization, agent).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return fromMillis(at), r.db.explain(err)
}

// DeleteChanges implements retention.Store.
func (r *Retention) DeleteChanges(ctx context.Context, organization int64, before time.Time, limit int) (retention.Deleted, error) {
	var through int64
	var d retention.Deleted
	young := false
	err := eachRow(ctx, r.db.read(), oldestChanges, func(rows *sql.Rows) error {
		var revision, at int64
		if err := rows.Scan(&revision, &at); err != nil {
			return err
		}
		if young = young || at >= before.UnixMilli(); !young {
			through = revision
			d.Changes++
		}
		return nil
	}, organization, limit)
	if err != nil || d.Changes == 0 {
		return d, r.db.explain(err)
	}
	d.More = d.Changes == limit
	return d, r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if _, err := tx.ExecContext(ctx, changesDelete, organization, through); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, resumeFloor, organization, through)
		return err
	})
}

// DeleteStrays implements retention.Store.
func (r *Retention) DeleteStrays(ctx context.Context, organization int64, limit int) (retention.Deleted, error) {
	strays := map[int64][]int64{}
	var d retention.Deleted
	err := eachRow(ctx, r.db.read(), strayReceipts, func(rows *sql.Rows) error {
		var task, ordinal int64
		if err := rows.Scan(&task, &ordinal); err != nil {
			return err
		}
		strays[task] = append(strays[task], ordinal)
		d.Receipts++
		return nil
	}, organization, limit)
	if err != nil || d.Receipts == 0 {
		return d, r.db.explain(err)
	}
	d.More = d.Receipts == limit
	return d, r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for task, ordinals := range strays {
			err := eachIn(ordinals, 3, func(list string, args []any) error {
				_, err := tx.ExecContext(ctx, fmt.Sprintf(receiptsDelete, list), append([]any{organization, task}, args...)...)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
