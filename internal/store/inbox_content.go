package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
)

// sqlContents never reads the message of a recalled task. The receipt is a
// subquery's for the reason that sqlPending gives.
const sqlContents = `
SELECT t.id, t.revision, t.agent_id, t.type, t.accepted_at, t.recalled_at,
	(SELECT r.read_at FROM receipt r WHERE r.organization = $1 AND r.task_id = t.id AND r.ordinal = $2),
	CASE WHEN t.recalled_at IS NULL THEN t.message ELSE '' END,
	CASE WHEN t.recalled_at IS NULL THEN t.status_value ELSE '' END,
	CASE WHEN t.recalled_at IS NULL THEN t.status_bg ELSE '' END,
	CASE WHEN ` + receiptsDropped + ` THEN 1 ELSE 0 END
FROM task t
WHERE t.organization = $1 AND t.id IN (%s) AND t.revision IS NOT NULL`

// Contents implements inbox.Store.
func (i *Inbox) Contents(ctx context.Context, organization int64, taskIDs []int64, reader int64) (map[int64]inbox.Content, error) {
	found := make(map[int64]inbox.Content, len(taskIDs))
	err := eachIn(taskIDs, 3, func(list string, ids []any) error {
		return i.each(ctx, fmt.Sprintf(sqlContents, list), func(rows *sql.Rows) error {
			var c inbox.Content
			var sent, dropped int64
			var recalled, read sql.NullInt64
			if err := rows.Scan(&c.TaskID, &c.Revision, &c.AgentID, &c.Type, &sent, &recalled, &read,
				&c.Message, &c.StatusValue, &c.StatusBg, &dropped); err != nil {
				return err
			}
			c.SentAt = fromMillis(sent)
			c.RecalledAt, c.ReadAt = fromNullMillis(recalled), fromNullMillis(read)
			if dropped != 0 && reader != inbox.Nobody {
				c.ReadAt = c.SentAt
			}
			found[c.TaskID] = c
			return nil
		}, append([]any{organization, reader}, ids...)...)
	})
	return found, err
}

const sqlSentAt = `SELECT id, accepted_at FROM task WHERE organization = $1 AND id IN (%s)`

// SentAt implements inbox.Store.
func (i *Inbox) SentAt(ctx context.Context, organization int64, taskIDs []int64) (map[int64]time.Time, error) {
	found := make(map[int64]time.Time, len(taskIDs))
	err := eachIn(taskIDs, 2, func(list string, ids []any) error {
		return i.each(ctx, fmt.Sprintf(sqlSentAt, list), func(rows *sql.Rows) error {
			var id, at int64
			if err := rows.Scan(&id, &at); err != nil {
				return err
			}
			found[id] = fromMillis(at)
			return nil
		}, append([]any{organization}, ids...)...)
	})
	return found, err
}

// sqlChanged reads the floor with the rows: they are of one moment, so that
// what lies above it is whole.
const sqlChanged = `
SELECT 0, resume_floor, 0, '' FROM org_revision WHERE organization = $1
UNION ALL
SELECT 2, c.revision, c.task_id, c.kind FROM (
	SELECT revision, task_id, kind FROM change
	WHERE organization = $1 AND revision > $2 AND revision < $3
	ORDER BY revision LIMIT $4) AS c`

// Changed implements inbox.Store.
func (i *Inbox) Changed(ctx context.Context, organization int64, s inbox.Span, limit int) (floor int64, changes []inbox.Change, err error) {
	floor = -1
	err = i.each(ctx, sqlChanged, func(rows *sql.Rows) error {
		var kind int
		var c inbox.Change
		if err := rows.Scan(&kind, &c.Revision, &c.TaskID, &c.Kind); err != nil {
			return err
		}
		if kind == rowRevision {
			floor = c.Revision
			return nil
		}
		changes = append(changes, c)
		return nil
	}, organization, s.After, s.Before, limit)
	if err == nil && floor < 0 {
		err = noOrganization()
	}
	return floor, changes, err
}

const sqlLog = `
SELECT 0, revision, resume_floor, '' FROM org_revision WHERE organization = $1
UNION ALL
SELECT 2, sent.revision, sent.id, '' FROM (
	SELECT revision, id FROM task WHERE organization = $1 AND revision > $2 ORDER BY revision LIMIT $3) AS sent
UNION ALL
SELECT 2, changed.revision, changed.task_id, changed.kind FROM (
	SELECT revision, task_id, kind FROM change WHERE organization = $1 AND revision > $2 ORDER BY revision LIMIT $3) AS changed`

// Log implements inbox.Store.
func (i *Inbox) Log(ctx context.Context, organization, after int64, limit int) (inbox.Position, []inbox.Change, error) {
	at, log := inbox.Position{Revision: -1}, []inbox.Change(nil)
	err := i.each(ctx, sqlLog, func(rows *sql.Rows) error {
		var kind int
		var c inbox.Change
		if err := rows.Scan(&kind, &c.Revision, &c.TaskID, &c.Kind); err != nil {
			return err
		}
		if kind == rowRevision {
			at = inbox.Position{Revision: c.Revision, Floor: c.TaskID}
			return nil
		}
		log = append(log, c)
		return nil
	}, organization, after, limit)
	if err == nil && at.Revision < 0 {
		err = noOrganization()
	}
	return at, log, err
}
