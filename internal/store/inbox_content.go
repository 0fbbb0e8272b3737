package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
)

const (
	// sqlSelectContents never reads the message of a recalled task. The receipt is a
	// subquery's for the reason that sqlSelectPending gives.
	sqlSelectContents = `
SELECT t.id, t.revision, t.agent_id, t.type, t.accepted_at, t.recalled_at,
	(SELECT r.read_at FROM receipt r WHERE r.organization = $1 AND r.task_id = t.id AND r.ordinal = $2),
	CASE WHEN t.recalled_at IS NULL THEN t.message ELSE '' END,
	CASE WHEN t.recalled_at IS NULL THEN t.status_value ELSE '' END,
	CASE WHEN t.recalled_at IS NULL THEN t.status_bg ELSE '' END,
	CASE WHEN ` + receiptsDropped + ` THEN 1 ELSE 0 END
FROM task t
WHERE t.organization = $1 AND t.id IN (%s) AND t.revision IS NOT NULL`

	sqlSelectSentAt = `SELECT id, accepted_at FROM task WHERE organization = $1 AND id IN (%s)`

	// sqlSelectChanged reads the floor with the rows: they are of one moment, so that
	// what lies above it is whole.
	sqlSelectChanged = `
SELECT 0, resume_floor, 0, '' FROM org_revision WHERE organization = $1
UNION ALL
SELECT 2, c.revision, c.task_id, c.kind FROM (
	SELECT revision, task_id, kind FROM change
	WHERE organization = $1 AND revision > $2 AND revision < $3
	ORDER BY revision LIMIT $4) AS c`

	sqlSelectLog = `
SELECT 0, revision, resume_floor, '' FROM org_revision WHERE organization = $1
UNION ALL
SELECT 2, sent.revision, sent.id, '' FROM (
	SELECT revision, id FROM task WHERE organization = $1 AND revision > $2 ORDER BY revision LIMIT $3) AS sent
UNION ALL
SELECT 2, changed.revision, changed.task_id, changed.kind FROM (
	SELECT revision, task_id, kind FROM change WHERE organization = $1 AND revision > $2 ORDER BY revision LIMIT $3) AS changed`
)

func (s *inboxStore) Contents(ctx context.Context, organization int64, taskIDs []int64, reader int64) (map[int64]inbox.Content, error) {
	found := make(map[int64]inbox.Content, len(taskIDs))
	var c inbox.Content
	var dropped int64
	into := []any{
		&c.TaskID, &c.Revision, &c.AgentID, &c.Type, (*millis)(&c.SentAt), (*millis)(&c.RecalledAt), (*millis)(&c.ReadAt),
		&c.Message, &c.StatusValue, &c.StatusBg, &dropped,
	}
	err := readEachIn(ctx, s.db.read(), sqlSelectContents, []any{organization, reader}, taskIDs, into, func() error {
		if dropped != 0 && reader != inbox.Nobody {
			c.ReadAt = c.SentAt
		}
		found[c.TaskID] = c
		return nil
	})
	return found, s.db.toFault(err)
}

func (s *inboxStore) SentAt(ctx context.Context, organization int64, taskIDs []int64) (map[int64]time.Time, error) {
	found := make(map[int64]time.Time, len(taskIDs))
	var id int64
	var at time.Time
	err := readEachIn(ctx, s.db.read(), sqlSelectSentAt, []any{organization}, taskIDs, []any{&id, (*millis)(&at)}, func() error {
		found[id] = at
		return nil
	})
	return found, s.db.toFault(err)
}

func (s *inboxStore) Changed(
	ctx context.Context, organization int64, between inbox.Span, limit int,
) (floor int64, changes []inbox.Change, err error) {
	floor = -1
	var kind int64
	var c inbox.Change
	err = s.each(ctx, sqlSelectChanged, []any{&kind, &c.Revision, &c.TaskID, &c.Kind}, func() error {
		if kind == rowRevision {
			floor = c.Revision
			return nil
		}
		changes = append(changes, c)
		return nil
	}, organization, between.After, between.Before, limit)
	if err == nil && floor < 0 {
		err = noOrganization()
	}
	return floor, changes, err
}

func (s *inboxStore) Log(ctx context.Context, organization, after int64, limit int) (inbox.Position, []inbox.Change, error) {
	at, log := inbox.Position{Revision: -1}, []inbox.Change(nil)
	var kind int64
	var c inbox.Change
	err := s.each(ctx, sqlSelectLog, []any{&kind, &c.Revision, &c.TaskID, &c.Kind}, func() error {
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
