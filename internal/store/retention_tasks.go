package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// dueTasks reads the sets of small sends only: they say whose inbox rows go.
	dueTasks = `SELECT id, revision, CASE WHEN filed = 1 THEN sent END` + ofAgent + `
		AND day < $3 AND revision < $4 AND accepted_at < $5 ORDER BY day, revision LIMIT $6`
	readTasks = `SELECT t.id FROM task t WHERE t.organization = $1 AND t.id IN (%s)
		AND (SELECT 1 FROM receipt r WHERE r.organization = $1 AND r.task_id = t.id LIMIT 1) = 1`

	tasksDelete = `DELETE FROM task WHERE organization = $1 AND id IN (%s)`
	filedDelete = `DELETE FROM inbox WHERE organization = $1 AND revision = $2 AND ordinal IN (%s)`
	// Some of a task's receipts, of which there may be a million.
	someReceiptsDelete = `DELETE FROM receipt WHERE organization = $1 AND task_id = $2 AND ordinal IN (
		SELECT ordinal FROM receipt WHERE organization = $1 AND task_id = $2 ORDER BY ordinal LIMIT $3)`
)

// due is a task to be deleted, with the ordinals that have an inbox row for it.
type due struct {
	id, revision int64
	filed        []int64
}

// DeleteMessages implements retention.Store.
func (r *Retention) DeleteMessages(ctx context.Context, organization, agent int64, b retention.Bounds, limit int) (retention.Deleted, error) {
	tasks, err := r.due(ctx, organization, agent, b, limit)
	if err != nil || len(tasks) == 0 {
		return retention.Deleted{}, r.db.explain(err)
	}
	var d retention.Deleted
	err = r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) (err error) {
		d, err = deleteTasks(ctx, tx, organization, tasks, limit)
		return err
	})
	d.More = d.Messages < len(tasks) || len(tasks) == limit
	return d, err
}

func (r *Retention) due(ctx context.Context, organization, agent int64, b retention.Bounds, limit int) ([]due, error) {
	var tasks []due
	err := eachRow(ctx, r.db.read(), dueTasks, func(rows *sql.Rows) error {
		var t due
		var sent []byte
		if err := rows.Scan(&t.id, &t.revision, &sent); err != nil {
			return err
		}
		tasks = append(tasks, t)
		if len(sent) == 0 {
			return nil
		}
		set, err := setFromBytes(sent)
		if err != nil {
			return fmt.Errorf("task %d: %w", t.id, err)
		}
		for _, ordinal := range set.ToArray() {
			tasks[len(tasks)-1].filed = append(tasks[len(tasks)-1].filed, int64(ordinal))
		}
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
		err = eachIn(t.filed, 3, func(list string, args []any) error {
			n, err := affected(tx.ExecContext(ctx, fmt.Sprintf(filedDelete, list), append([]any{organization, t.revision}, args...)...))
			d.Filed += int(n)
			return err
		})
		if err != nil {
			return d, err
		}
		room -= 1 + len(t.filed)
		ids = append(ids, t.id)
	}
	d.Messages = len(ids)
	return d, eachIn(ids, 2, func(list string, args []any) error {
		_, err := tx.ExecContext(ctx, fmt.Sprintf(tasksDelete, list), append([]any{organization}, args...)...)
		return err
	})
}

func deleteSomeReceipts(ctx context.Context, tx engine.Querier, organization, task int64, limit int) (int, error) {
	if limit < 1 {
		return 0, nil
	}
	n, err := affected(tx.ExecContext(ctx, someReceiptsDelete, organization, task, limit))
	return int(n), err
}

// DeleteReceipts implements retention.Store.
func (r *Retention) DeleteReceipts(ctx context.Context, organization int64, tasks []int64, limit int) (deleted, finished int, err error) {
	var read []int64
	err = eachIn(tasks, 2, func(list string, args []any) error {
		return eachRow(ctx, r.db.read(), fmt.Sprintf(readTasks, list), func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			read = append(read, id)
			return err
		}, append([]any{organization}, args...)...)
	})
	if err != nil || len(read) == 0 {
		return 0, len(tasks), r.db.explain(err)
	}
	err = r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
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
