package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Retention deletes what has been kept long enough. What is to be deleted is looked
// for outside the transactions: old rows do not change any more, and one that
// another node has deleted meanwhile is deleted.
func (d *DB) Retention() retention.Store { return &retentionStore{d} }

type retentionStore struct{ db *DB }

const (
	// A lease that ends later than any can was given by a clock that was wrong.
	sqlUpdateLease = `UPDATE node_state SET value = $1, count = $2
		WHERE name = 'retention' AND (value = $1 OR count <= $3 OR count > $4)`
	sqlUpdateLeaseEnded = `UPDATE node_state SET value = '', count = 0 WHERE name = 'retention' AND value = $1`

	sqlSelectRetentionOfOrganizations = `SELECT id, time_zone, retention FROM organization ORDER BY id`
	sqlSelectRetentionOfAgents        = `SELECT organization, id, retention, receipts_floor, receipts_swept FROM agent ORDER BY organization, id`

	ofAgent = ` FROM task WHERE organization = $1 AND agent_id = $2 AND revision IS NOT NULL`

	sqlSelectOldestTask        = `SELECT accepted_at` + ofAgent + ` ORDER BY day, revision LIMIT 1`
	sqlSelectFirstSince        = `SELECT revision` + ofAgent + ` AND day >= $3 ORDER BY day, revision LIMIT 1`
	sqlSelectLastBefore        = `SELECT revision` + ofAgent + ` AND day < $3 ORDER BY day DESC, revision DESC LIMIT 1`
	sqlUpdateAgentFloor        = `UPDATE agent SET receipts_floor = $3 WHERE organization = $1 AND id = $2 AND receipts_floor < $3`
	sqlUpdateOrganizationFloor = `UPDATE org_revision SET receipts_floor = $2 WHERE organization = $1 AND receipts_floor < $2`
	sqlInsertReceiptDrop       = `INSERT INTO receipt_drop (organization, agent_id, floor, at) VALUES ($1, $2, $3, $4)`
	// Of which no task is left.
	sqlDeleteReceiptDrops = `DELETE FROM receipt_drop WHERE organization = $1 AND agent_id = $2
		AND floor <= COALESCE((SELECT revision` + ofAgent + ` ORDER BY day, revision LIMIT 1), 9007199254740992)`
	sqlUpdateAgentSwept = `UPDATE agent SET receipts_swept = $3 WHERE organization = $1 AND id = $2 AND receipts_swept < $3`

	sqlSelectTasksAfter = `SELECT day, revision, id FROM task WHERE organization = $1 AND agent_id = $2
		AND (day, revision) > ($3, $4) AND day < $5 AND revision < $6 ORDER BY day, revision LIMIT $7`

	sqlSelectOldestChanges = `SELECT revision, at FROM change WHERE organization = $1 ORDER BY revision LIMIT $2`
	sqlDeleteChanges       = `DELETE FROM change WHERE organization = $1 AND revision <= $2`
	sqlUpdateResumeFloor   = `UPDATE org_revision SET resume_floor = $2 WHERE organization = $1 AND resume_floor < $2`
	sqlSelectStrayReceipts = `SELECT task_id, ordinal FROM receipt WHERE organization = $1
		AND task_id < COALESCE((SELECT MIN(id) FROM task WHERE organization = $1), 9007199254740992)
		ORDER BY task_id, ordinal LIMIT $2`
	sqlDeleteReceipts = `DELETE FROM receipt WHERE organization = $1 AND task_id = $2 AND ordinal IN (%s)`
)

func (s *retentionStore) Lease(ctx context.Context, node string, now, until time.Time) (bool, error) {
	const impossible = time.Hour // and no clock of a node is that far ahead
	return s.update(ctx, sqlUpdateLease, node, until.UnixMilli(), now.UnixMilli(), until.Add(impossible).UnixMilli())
}

func (s *retentionStore) EndLease(ctx context.Context, node string) error {
	_, err := s.update(ctx, sqlUpdateLeaseEnded, node)
	return err
}

// update runs one statement and says whether it changed anything.
func (s *retentionStore) update(ctx context.Context, statement string, args ...any) (bool, error) {
	var n int64
	err := s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) (err error) {
		n, err = affected(tx.ExecContext(ctx, statement, args...))
		return err
	})
	return n > 0, err
}

func (s *retentionStore) Organizations(ctx context.Context) ([]retention.Organization, error) {
	all, err := readRows(ctx, s.db.read(), sqlSelectRetentionOfOrganizations, func(o *retention.Organization) []any {
		return []any{&o.ID, &o.TimeZone, asJSON(&o.Retention)}
	})
	if err != nil {
		return nil, s.db.toFault(err)
	}
	at := make(map[int64]int, len(all))
	for i := range all {
		all[i].Retention = all[i].Retention.Or(policy.UsualRetention())
		at[all[i].ID] = i
	}
	var organization int64
	var a retention.Agent
	into := []any{&organization, &a.ID, asJSON(&a.Retention), &a.ReceiptsFloor, &a.ReceiptsSwept}
	err = readEach(ctx, s.db.read(), sqlSelectRetentionOfAgents, into, func() error {
		if i, known := at[organization]; known { // others were made meanwhile
			a.Retention = a.Retention.Or(all[i].Retention)
			all[i].Agents = append(all[i].Agents, a)
		}
		return nil
	})
	return all, s.db.toFault(err)
}

func (s *retentionStore) RaiseReceiptsFloor(ctx context.Context, organization int64, a retention.Agent, day int64, now time.Time) (int64, error) {
	// The revision comes first: a task accepted after it is above the floor.
	at, err := s.db.Inbox().Revision(ctx, organization)
	if err != nil {
		return 0, err
	}
	floor := at + 1
	if _, err := readRow(ctx, s.db.read(), sqlSelectFirstSince, []any{&floor}, organization, a.ID, day); err != nil {
		return 0, s.db.toFault(err)
	}
	if floor <= a.ReceiptsFloor {
		return a.ReceiptsFloor, nil
	}
	// An app that sends nothing has a floor that rises with those who do.
	var last int64
	if _, err := readRow(ctx, s.db.read(), sqlSelectLastBefore, []any{&last}, organization, a.ID, day); err != nil {
		return 0, s.db.toFault(err)
	}
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		raised, err := affected(tx.ExecContext(ctx, sqlUpdateAgentFloor, organization, a.ID, floor))
		if err != nil || raised == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, sqlUpdateOrganizationFloor, organization, floor); err != nil {
			return err
		}
		if last >= a.ReceiptsFloor && last < floor {
			if _, err := tx.ExecContext(ctx, sqlInsertReceiptDrop, organization, a.ID, floor, now.UnixMilli()); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, sqlDeleteReceiptDrops, organization, a.ID)
		return err
	})
	return floor, err
}

func (s *retentionStore) MarkSwept(ctx context.Context, organization, agent, day int64) error {
	_, err := s.update(ctx, sqlUpdateAgentSwept, organization, agent, day)
	return err
}

func (s *retentionStore) Tasks(
	ctx context.Context, organization, agent int64, after retention.Place, day, below int64, limit int,
) ([]retention.Place, error) {
	tasks, err := readRows(ctx, s.db.read(), sqlSelectTasksAfter, func(p *retention.Place) []any {
		return []any{&p.Day, &p.Revision, &p.TaskID}
	}, organization, agent, after.Day, after.Revision, day, below, limit)
	return tasks, s.db.toFault(err)
}

func (s *retentionStore) Oldest(ctx context.Context, organization, agent int64) (at time.Time, err error) {
	_, err = readRow(ctx, s.db.read(), sqlSelectOldestTask, []any{(*millis)(&at)}, organization, agent)
	return at, s.db.toFault(err)
}

func (s *retentionStore) DeleteChanges(ctx context.Context, organization int64, before time.Time, limit int) (retention.Deleted, error) {
	var d retention.Deleted
	var through, revision int64
	var at time.Time
	young := false
	err := readEach(ctx, s.db.read(), sqlSelectOldestChanges, []any{&revision, (*millis)(&at)}, func() error {
		if young = young || !at.Before(before); !young {
			through = revision
			d.Changes++
		}
		return nil
	}, organization, limit)
	if err != nil || d.Changes == 0 {
		return d, s.db.toFault(err)
	}
	d.More = d.Changes == limit
	return d, s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if _, err := tx.ExecContext(ctx, sqlDeleteChanges, organization, through); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlUpdateResumeFloor, organization, through)
		return err
	})
}

func (s *retentionStore) DeleteStrays(ctx context.Context, organization int64, limit int) (retention.Deleted, error) {
	strays := map[int64][]int64{}
	var d retention.Deleted
	var task, ordinal int64
	err := readEach(ctx, s.db.read(), sqlSelectStrayReceipts, []any{&task, &ordinal}, func() error {
		strays[task] = append(strays[task], ordinal)
		d.Receipts++
		return nil
	}, organization, limit)
	if err != nil || d.Receipts == 0 {
		return d, s.db.toFault(err)
	}
	d.More = d.Receipts == limit
	return d, s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for task, ordinals := range strays {
			if _, err := execIn(ctx, tx, sqlDeleteReceipts, []any{organization, task}, ordinals); err != nil {
				return err
			}
		}
		return nil
	})
}
