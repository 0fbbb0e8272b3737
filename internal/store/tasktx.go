package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlLockOrganizations = `SELECT organization, revision, directory_revision FROM org_revision
		WHERE organization IN (%s) ORDER BY organization`
	sqlSelectIdentical = `SELECT digest, sent FROM task WHERE organization = $1 AND dup_key IN (%s)`
	sqlSelectRequest   = `SELECT digest, task_id, created_at FROM idempotency
		WHERE organization = $1 AND agent_id = $2 AND endpoint = $3 AND key = $4`
	sqlSelectTaken = `SELECT id, '', accepted_at FROM task WHERE organization = $1 AND revision = $2
		UNION ALL SELECT task_id, kind, at FROM change WHERE organization = $1 AND revision = $2`

	sqlInsertChange  = `INSERT INTO change (organization, revision, task_id, kind, at) VALUES ($1, $2, $3, $4, $5)`
	sqlUpsertRequest = `INSERT INTO idempotency (organization, agent_id, endpoint, key, digest, task_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (organization, agent_id, endpoint, key)
		DO UPDATE SET digest = excluded.digest, task_id = excluded.task_id, created_at = excluded.created_at`

	sqlUpdateRecalled  = `UPDATE task SET recalled_at = $3 WHERE organization = $1 AND id = $2`
	sqlUpdateStatusBar = `UPDATE task SET status_value = $3, status_bg = $4 WHERE organization = $1 AND id = $2`
	sqlUpdateRevision  = `UPDATE org_revision SET revision = $2 WHERE organization = $1`
)

var (
	sqlInsertTasks = &insert{
		into: `INSERT INTO task (organization, id, agent_id, revision, accepted_at, day, minute, dup_key, digest, type,
			filed, everyone, sent_count, status_value, status_bg, message, named, invalid, held, sent,
			template_id, template_version) VALUES`,
		columns: 22,
	}
	sqlInsertFiled = &insert{
		into:    `INSERT INTO inbox (organization, ordinal, revision, task_id, agent_id) VALUES`,
		columns: 5,
	}
)

// taskTx is the transaction in which sends are decided.
type taskTx struct {
	db *DB
	tx engine.Querier
}

// Lock locks the organizations' counters in ascending order.
func (t *taskTx) Lock(ctx context.Context, organizations []int64) (map[int64]notify.Position, error) {
	at, err := positions(ctx, t.tx, sqlLockOrganizations+t.db.engine.RowLock(), organizations)
	if err == nil && len(at) != len(organizations) {
		err = fmt.Errorf("%d of %d organizations have counters", len(at), len(organizations))
	}
	return at, err
}

func positions(ctx context.Context, q engine.Querier, query string, organizations []int64) (map[int64]notify.Position, error) {
	at := make(map[int64]notify.Position, len(organizations))
	var id int64
	var p notify.Position
	err := readEachIn(ctx, q, query, nil, organizations, []any{&id, &p.Revision, &p.DirectoryRevision}, func() error {
		at[id] = p
		return nil
	})
	return at, err
}

func (t *taskTx) TasksOfDay(ctx context.Context, organization, agentID, day, after int64, limit int, sets bool) ([]notify.DayTask, error) {
	return tasksOfDay(ctx, t.tx, organization, agentID, day, after, limit, sets)
}

func (t *taskTx) Identical(ctx context.Context, organization int64, keys []int64) ([]notify.Identical, error) {
	return identical(ctx, t.tx, organization, keys)
}

func identical(ctx context.Context, q engine.Querier, organization int64, keys []int64) ([]notify.Identical, error) {
	var found []notify.Identical
	var i notify.Identical
	into := []any{(*hash)(&i.Digest), asSet(&i.Sent)}
	err := readEachIn(ctx, q, sqlSelectIdentical, []any{organization}, keys, into, func() error {
		found = append(found, i)
		return nil
	})
	return found, err
}

func (t *taskTx) Request(ctx context.Context, r notify.Request, since time.Time) (notify.Request, bool, error) {
	return request(ctx, t.tx, r, since)
}

func request(ctx context.Context, q engine.Querier, r notify.Request, since time.Time) (notify.Request, bool, error) {
	into := []any{(*hash)(&r.Digest), &r.TaskID, (*millis)(&r.At)}
	found, err := readRow(ctx, q, sqlSelectRequest, into, r.Organization, r.AgentID, r.Endpoint, r.Key)
	return r, found && !r.At.Before(since), err
}

func (t *taskTx) TaskByID(ctx context.Context, organization, id int64) (*notify.Task, error) {
	return taskByID(ctx, t.tx, organization, id)
}

func (t *taskTx) TakenAt(ctx context.Context, organization, revision int64) (taken notify.Taken, found bool, err error) {
	into := []any{&taken.TaskID, &taken.Kind, (*millis)(&taken.At)}
	found, err = readRow(ctx, t.tx, sqlSelectTaken, into, organization, revision)
	return taken, found, err
}

func (t *taskTx) CreateTasks(ctx context.Context, tasks []*notify.Task) error {
	values := make([]any, 0, len(tasks)*sqlInsertTasks.columns)
	var filed, senders []any
	var entries []audit.Entry // of what somebody sent by hand
	for _, task := range tasks {
		row, err := taskValues(task)
		if err != nil {
			return fmt.Errorf("task %d: %w", task.ID, err)
		}
		values = append(values, row...)
		if task.By.IsPerson() {
			senders = append(senders, task.Organization, task.Revision, int64(task.By.Ordinal))
		}
		if task.Entry != nil {
			entries = append(entries, *task.Entry)
		}
		if !task.Filed() {
			continue
		}
		for _, ordinal := range task.Sent.ToArray() {
			filed = append(filed, task.Organization, int64(ordinal), task.Revision, task.ID, task.AgentID)
		}
	}
	if err := sqlInsertTasks.rows(ctx, t.tx, values); err != nil {
		return err
	}
	if err := sqlInsertSenders.rows(ctx, t.tx, senders); err != nil {
		return err
	}
	if err := sqlInsertFiled.rows(ctx, t.tx, filed); err != nil {
		return err
	}
	return t.db.record(ctx, t.tx, entries...)
}

func taskValues(t *notify.Task) ([]any, error) {
	var to encoder
	row := []any{
		t.Organization, t.ID, t.AgentID, t.Revision, t.AcceptedAt.UnixMilli(), t.Day, t.Minute, t.Digest.Key(), t.Digest[:], t.Type,
		flag(t.Filed()), flag(t.Named.Everyone), int64(t.Sent.GetCardinality()), t.StatusValue, t.StatusBg, string(t.Message),
		to.briefJSON(t.Named), to.briefJSON(t.Invalid), to.held(t.Held), to.set(t.Sent), t.Use.ID, t.Use.Version,
	}
	return row, to.err
}

func (t *taskTx) CreateChange(ctx context.Context, c notify.Change) error {
	if _, err := t.tx.ExecContext(ctx, sqlInsertChange, c.Organization, c.Revision, c.TaskID, c.Kind, c.At.UnixMilli()); err != nil {
		return err
	}
	return t.keepChange(ctx, c)
}

func (t *taskTx) CreateRequest(ctx context.Context, r notify.Request) error {
	_, err := t.tx.ExecContext(ctx, sqlUpsertRequest, r.Organization, r.AgentID, r.Endpoint, r.Key, r.Digest[:], r.TaskID, r.At.UnixMilli())
	return err
}

func (t *taskTx) MarkRecalled(ctx context.Context, organization, id int64, at time.Time) error {
	_, err := t.tx.ExecContext(ctx, sqlUpdateRecalled, organization, id, at.UnixMilli())
	return err
}

func (t *taskTx) MarkStatusBar(ctx context.Context, organization, id int64, value, background string) error {
	_, err := t.tx.ExecContext(ctx, sqlUpdateStatusBar, organization, id, value, background)
	return err
}

func (t *taskTx) Advance(ctx context.Context, organization, revision int64) error {
	_, err := t.tx.ExecContext(ctx, sqlUpdateRevision, organization, revision)
	return err
}
