package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// taskTx is the transaction in which sends are decided. It implements notify.Tx.
type taskTx struct {
	db *DB
	tx engine.Querier
}

// Lock locks the organizations' counters in ascending order.
func (t *taskTx) Lock(ctx context.Context, organizations []int64) (map[int64]notify.Position, error) {
	at := make(map[int64]notify.Position, len(organizations))
	err := eachIn(organizations, 1, func(list string, args []any) error {
		rows, err := t.tx.QueryContext(ctx, fmt.Sprintf(sqlLock, list)+t.db.engine.RowLock(), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var p notify.Position
			if err := rows.Scan(&id, &p.Revision, &p.DirectoryRevision); err != nil {
				return err
			}
			at[id] = p
		}
		return rows.Err()
	})
	if err == nil && len(at) != len(organizations) {
		err = fmt.Errorf("%d of %d organizations have counters", len(at), len(organizations))
	}
	return at, err
}

func (t *taskTx) TasksOfDay(ctx context.Context, organization, agentID, day, after int64, limit int, sets bool) ([]notify.DayTask, error) {
	return tasksOfDay(ctx, t.tx, organization, agentID, day, after, limit, sets)
}

func (t *taskTx) Identical(ctx context.Context, organization int64, keys []int64) ([]notify.Identical, error) {
	var found []notify.Identical
	err := eachIn(keys, 2, func(list string, args []any) error {
		rows, err := t.tx.QueryContext(ctx, fmt.Sprintf(sqlIdentical, list), append([]any{organization}, args...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var digest, sent []byte
			if err := rows.Scan(&digest, &sent); err != nil {
				return err
			}
			set, err := setFromBytes(sent)
			if err != nil {
				return err
			}
			i := notify.Identical{Sent: set}
			copy(i.Digest[:], digest)
			found = append(found, i)
		}
		return rows.Err()
	})
	return found, err
}

func (t *taskTx) Request(ctx context.Context, r notify.Request, since time.Time) (notify.Request, bool, error) {
	var digest []byte
	var at int64
	err := t.tx.QueryRowContext(ctx, sqlRequest, r.Organization, r.AgentID, r.Endpoint, r.Key).Scan(&digest, &r.TaskID, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	copy(r.Digest[:], digest)
	r.At = fromMillis(at)
	return r, err == nil && !r.At.Before(since), err
}

func (t *taskTx) TaskByID(ctx context.Context, organization, id int64) (*notify.Task, error) {
	return taskByID(ctx, t.tx, organization, id)
}

func (t *taskTx) TakenAt(ctx context.Context, organization, revision int64) (notify.Taken, bool, error) {
	var taken notify.Taken
	var at int64
	err := t.tx.QueryRowContext(ctx, sqlTakenAt, organization, revision).Scan(&taken.TaskID, &taken.Kind, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return taken, false, nil
	}
	taken.At = fromMillis(at)
	return taken, err == nil, err
}

var (
	insertTask = &insert{
		into: `INSERT INTO task (organization, id, agent_id, revision, accepted_at, day, minute, dup_key, digest, type,
			filed, everyone, sent_count, status_value, status_bg, message, named, invalid, held, sent,
			template_id, template_version) VALUES`,
		columns: 22,
	}
	insertInbox = &insert{
		into:    `INSERT INTO inbox (organization, ordinal, revision, task_id, agent_id) VALUES`,
		columns: 5,
	}
)

func (t *taskTx) CreateTasks(ctx context.Context, tasks []*notify.Task) error {
	values := make([]any, 0, len(tasks)*insertTask.columns)
	var filed []any
	for _, task := range tasks {
		row, err := taskRow(task)
		if err != nil {
			return fmt.Errorf("task %d: %w", task.ID, err)
		}
		values = append(values, row...)
		if !task.Filed() {
			continue
		}
		for _, ordinal := range task.Sent.ToArray() {
			filed = append(filed, task.Organization, int64(ordinal), task.Revision, task.ID, task.AgentID)
		}
	}
	if err := insertTask.rows(ctx, t.tx, values); err != nil {
		return err
	}
	return insertInbox.rows(ctx, t.tx, filed)
}

func taskRow(t *notify.Task) ([]any, error) {
	sent, err1 := setToBytes(t.Sent)
	held, err2 := heldToText(t.Held)
	named, err3 := toText(t.Named)
	invalid, err4 := toText(t.Invalid)
	return []any{
		t.Organization, t.ID, t.AgentID, t.Revision, t.AcceptedAt.UnixMilli(), t.Day, t.Minute, t.Digest.Key(), t.Digest[:], t.Type,
		flag(t.Filed()), flag(t.Named.Everyone), int64(t.Sent.GetCardinality()), t.StatusValue, t.StatusBg, string(t.Message), named, invalid, held, sent,
		t.Use.ID, t.Use.Version,
	}, errors.Join(err1, err2, err3, err4)
}

func (t *taskTx) CreateChange(ctx context.Context, c notify.Change) error {
	const text = `INSERT INTO change (organization, revision, task_id, kind, at) VALUES ($1, $2, $3, $4, $5)`
	_, err := t.tx.ExecContext(ctx, text, c.Organization, c.Revision, c.TaskID, c.Kind, c.At.UnixMilli())
	return err
}

func (t *taskTx) CreateRequest(ctx context.Context, r notify.Request) error {
	const text = `INSERT INTO idempotency (organization, agent_id, endpoint, key, digest, task_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (organization, agent_id, endpoint, key)
		DO UPDATE SET digest = excluded.digest, task_id = excluded.task_id, created_at = excluded.created_at`
	_, err := t.tx.ExecContext(ctx, text, r.Organization, r.AgentID, r.Endpoint, r.Key, r.Digest[:], r.TaskID, r.At.UnixMilli())
	return err
}

func (t *taskTx) MarkRecalled(ctx context.Context, organization, id int64, at time.Time) error {
	_, err := t.tx.ExecContext(ctx, sqlRecall, organization, id, at.UnixMilli())
	return err
}

func (t *taskTx) MarkStatusBar(ctx context.Context, organization, id int64, value, background string) error {
	_, err := t.tx.ExecContext(ctx, sqlStatusBar, organization, id, value, background)
	return err
}

func (t *taskTx) Advance(ctx context.Context, organization, revision int64) error {
	_, err := t.tx.ExecContext(ctx, sqlAdvance, organization, revision)
	return err
}
