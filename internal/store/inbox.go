package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Inbox reads what belongs to recipients. It implements inbox.Store.
type Inbox struct{ db *DB }

// Inbox returns the part of the store that package inbox reads.
func (d *DB) Inbox() *Inbox { return &Inbox{d} }

var _ inbox.Store = (*Inbox)(nil)

// The rows of a statement that reads several things of one moment.
const (
	rowRevision = iota
	rowFloor
	rowKey
)

// Revision implements inbox.Store.
func (i *Inbox) Revision(ctx context.Context, organization int64) (int64, error) {
	const q = `SELECT revision FROM org_revision WHERE organization = $1`
	var revision int64
	err := i.db.read().QueryRowContext(ctx, q, organization).Scan(&revision)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, noOrganization()
	}
	return revision, i.db.explain(err)
}

func noOrganization() error {
	return fault.New(fault.CodeOrganizationUnknown, "no such organization")
}

// sqlFiled reads the revision and the rows in one statement: they are of one
// moment, and it is one round trip.
const sqlFiled = `
SELECT 0, revision, 0, 0 FROM org_revision WHERE organization = $1
UNION ALL
SELECT 2, f.revision, f.task_id, f.agent_id FROM (
	SELECT revision, task_id, agent_id FROM inbox
	WHERE organization = $1 AND ordinal = $2 AND revision > $3 AND revision < $4
	ORDER BY revision DESC LIMIT $5) AS f`

// Filed implements inbox.Store.
func (i *Inbox) Filed(ctx context.Context, v inbox.Viewer, s inbox.Span, limit int) (int64, []inbox.Key, error) {
	revision, keys := int64(-1), make([]inbox.Key, 0, min(limit, 128))
	// Every page of every inbox begins here: one place for all rows to be read into.
	var kind int64
	var k inbox.Key
	into := []any{&kind, &k.Revision, &k.TaskID, &k.AgentID}
	err := i.each(ctx, sqlFiled, func(rows *sql.Rows) error {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if kind == rowRevision {
			revision = k.Revision
			return nil
		}
		keys = append(keys, k)
		return nil
	}, v.Organization, int64(v.Ordinal), s.After, s.Before, limit)
	if err == nil && revision < 0 {
		err = noOrganization()
	}
	return revision, keys, err
}

const sqlLarge = `
SELECT revision, id, agent_id FROM task
WHERE organization = $1 AND filed = 0 AND revision > $2 AND revision < $3
ORDER BY revision LIMIT $4`

// Large implements inbox.Store.
func (i *Inbox) Large(ctx context.Context, organization int64, s inbox.Span, limit int) ([]inbox.Key, error) {
	var keys []inbox.Key
	err := i.each(ctx, sqlLarge, func(rows *sql.Rows) error {
		var k inbox.Key
		if err := rows.Scan(&k.Revision, &k.TaskID, &k.AgentID); err != nil {
			return err
		}
		keys = append(keys, k)
		return nil
	}, organization, s.After, s.Before, limit)
	return keys, err
}

const sqlSets = `SELECT id, sent FROM task WHERE organization = $1 AND id IN (%s)`

// Sets implements inbox.Store.
func (i *Inbox) Sets(ctx context.Context, organization int64, taskIDs []int64) (map[int64]*roaring.Bitmap, error) {
	sets := make(map[int64]*roaring.Bitmap, len(taskIDs))
	err := eachIn(taskIDs, 2, func(list string, ids []any) error {
		return i.each(ctx, fmt.Sprintf(sqlSets, list), func(rows *sql.Rows) error {
			var id int64
			var raw sql.RawBytes
			if err := rows.Scan(&id, &raw); err != nil {
				return err
			}
			// A copy of its own: sets that share a buffer write their
			// copy-on-write marks while they are read.
			set := roaring.New()
			if _, err := set.ReadFrom(bytes.NewReader(raw)); err != nil {
				return fmt.Errorf("set of task %d: %w", id, err)
			}
			sets[id] = set
			return nil
		}, append([]any{organization}, ids...)...)
	})
	return sets, err
}

// each runs a query and hands over its rows one by one.
func (i *Inbox) each(ctx context.Context, query string, scan func(*sql.Rows) error, args ...any) error {
	return i.db.explain(eachRow(ctx, i.db.read(), query, scan, args...))
}

func eachRow(ctx context.Context, q engine.Querier, query string, scan func(*sql.Rows) error, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
