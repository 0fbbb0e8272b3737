package store

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// sqlSelectDueTasks reads the sets of small sends only: they say whose inbox rows go.
	sqlSelectDueTasks = `SELECT id, revision, CASE WHEN filed = 1 THEN sent END` + ofAgent + `
		AND day < $3 AND revision < $4 AND accepted_at < $5 ORDER BY day, revision LIMIT $6`
	sqlSelectReadTasks = `SELECT t.id FROM task t WHERE t.organization = $1 AND t.id IN (%s)
		AND (SELECT 1 FROM receipt r WHERE r.organization = $1 AND r.task_id = t.id LIMIT 1) = 1`

	sqlDeleteTasks = `DELETE FROM task WHERE organization = $1 AND id IN (%s)`
	sqlDeleteFiled = `DELETE FROM inbox WHERE organization = $1 AND revision = $2 AND ordinal IN (%s)`
	// Some of a task's receipts, of which there may be a million.
	sqlDeleteSomeReceipts = `DELETE FROM receipt WHERE organization = $1 AND task_id = $2 AND ordinal IN (
		SELECT ordinal FROM receipt WHERE organization = $1 AND task_id = $2 ORDER BY ordinal LIMIT $3)`
)

// due is a task to be deleted, with the ordinals that have an inbox row for it.
type due struct {
	id, revision int64
	filed        []int64
}

func (s *retentionStore) DeleteMessages(ctx context.Context, organization, agent int64, b retention.Bounds, limit int) (retention.Deleted, error) {
	tasks, err := s.due(ctx, organization, agent, b, limit)
	if err != nil || len(tasks) == 0 {
		return retention.Deleted{}, s.db.toFault(err)
	}
	var d retention.Deleted
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) (err error) {
		d, err = deleteTasks(ctx, tx, organization, tasks, limit)
		return err
	})
	d.More = d.Messages < len(tasks) || len(tasks) == limit
	return d, err
}

func (s *retentionStore) due(ctx context.Context, organization, agent int64, b retention.Bounds, limit int) ([]due, error) {
	var tasks []due
	var t due
	var sent *roaring.Bitmap
	err := readEach(ctx, s.db.read(), sqlSelectDueTasks, []any{&t.id, &t.revision, asSet(&sent)}, func() error {
		t.filed = nil
		for _, ordinal := range sent.ToArray() {
			t.filed = append(t.filed, int64(ordinal))
		}
		tasks = append(tasks, t)
		return nil
	}, organization, agent, b.Day, b.Revision, b.Accepted.UnixMilli(), limit)
	return tasks, err
}

// deleteTasks deletes as many of the tasks as limit allows, rows of all kinds
// counted, and at least some of the first one.
func deleteTasks(ctx context.Context, tx engine.Querier, organization int64, tasks []due, limit int) (d retention.Deleted, err error) {
	var ids []int64
	room := limit
	for _, t := range tasks {
		n, err := deleteSomeReceipts(ctx, tx, organization, t.id, room)
		if err != nil {
			return d, err
		}
		d.Receipts += n
		room -= n
		if room < 1+len(t.filed) && room < limit {
			break
		}
		if _, err := tx.ExecContext(ctx, sqlDeleteSender, organization, t.revision); err != nil {
			return d, err
		}
		filed, err := execIn(ctx, tx, sqlDeleteFiled, []any{organization, t.revision}, t.filed)
		if err != nil {
			return d, err
		}
		d.Filed += int(filed)
		room -= 1 + len(t.filed)
		ids = append(ids, t.id)
	}
	d.Messages = len(ids)
	if _, err = execIn(ctx, tx, sqlDeleteTasks, []any{organization}, ids); err != nil {
		return d, err
	}
	_, err = execIn(ctx, tx, sqlDeleteTaskChanges, []any{organization}, ids)
	return d, err
}

func deleteSomeReceipts(ctx context.Context, tx engine.Querier, organization, task int64, limit int) (int, error) {
	if limit < 1 {
		return 0, nil
	}
	n, err := affected(tx.ExecContext(ctx, sqlDeleteSomeReceipts, organization, task, limit))
	return int(n), err
}

func (s *retentionStore) DeleteReceipts(ctx context.Context, organization int64, tasks []int64, limit int) (deleted, finished int, err error) {
	var read []int64
	var id int64
	err = readEachIn(ctx, s.db.read(), sqlSelectReadTasks, []any{organization}, tasks, []any{&id}, func() error {
		read = append(read, id)
		return nil
	})
	if err != nil || len(read) == 0 {
		return 0, len(tasks), s.db.toFault(err)
	}
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		deleted, finished = 0, 0
		for _, task := range tasks {
			if slices.Contains(read, task) {
				n, err := deleteSomeReceipts(ctx, tx, organization, task, limit-deleted)
				if err != nil {
					return err
				}
				if deleted += n; deleted == limit {
					return nil // there may be more of this one
				}
			}
			finished++
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return deleted, finished, nil
}
