package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Tasks stores accepted sends. It implements notify.Store.
type Tasks struct{ db *DB }

// Tasks returns the store of accepted sends.
func (d *DB) Tasks() *Tasks { return &Tasks{db: d} }

// NextIDs returns n fresh ids of a sequence; see DB.NextIDs.
func (s *Tasks) NextIDs(ctx context.Context, sequence string, n int) ([]int64, error) {
	return s.db.NextIDs(ctx, sequence, n)
}

// Readers returns who has read a task, and whether that is still kept.
func (s *Tasks) Readers(ctx context.Context, organization, id int64) (readers *roaring.Bitmap, kept bool, err error) {
	return s.db.Receipts().Readers(ctx, organization, id)
}

// ReadAt returns when somebody read a task; see notify.ExplainStore.
func (s *Tasks) ReadAt(ctx context.Context, organization, id int64, ordinal uint32) (at time.Time, kept bool, err error) {
	return s.db.Receipts().ReadAt(ctx, organization, id, ordinal)
}

// WriteTasks runs work in one transaction; see notify.Store.
func (s *Tasks) WriteTasks(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	return s.write(ctx, engine.Sends, work)
}

// WriteChanges runs work in one transaction; see notify.Store.
func (s *Tasks) WriteChanges(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	return s.write(ctx, engine.Recalls, work)
}

func (s *Tasks) write(ctx context.Context, class engine.Class, work func(context.Context, notify.Tx) error) error {
	return s.db.write(ctx, class, func(ctx context.Context, tx engine.Querier) error {
		return work(ctx, &taskTx{db: s.db, tx: tx})
	})
}

// The statements of the sending side. Lists are filled in by eachIn.
const (
	taskHead = `agent_id, revision, accepted_at, day, type, recalled_at, status_value, status_bg`

	sqlTask    = `SELECT ` + taskHead + ` FROM task WHERE organization = $1 AND id = $2 AND revision IS NOT NULL`
	sqlOutcome = `SELECT ` + taskHead + `, named, invalid, held, sent, template_id, template_version FROM task
		WHERE organization = $1 AND id = $2 AND revision IS NOT NULL`

	ofDay      = ` FROM task WHERE organization = $1 AND agent_id = $2 AND day = $3 AND revision > $4 AND minute >= 0 ORDER BY revision LIMIT $5`
	sqlDay     = `SELECT revision, minute, everyone, sent_count` + ofDay
	sqlDaySets = `SELECT revision, minute, everyone, sent_count, sent` + ofDay

	sqlLock = `SELECT organization, revision, directory_revision FROM org_revision
		WHERE organization IN (%s) ORDER BY organization`
	sqlIdentical = `SELECT digest, sent FROM task WHERE organization = $1 AND dup_key IN (%s)`
	sqlRequest   = `SELECT digest, task_id, created_at FROM idempotency
		WHERE organization = $1 AND agent_id = $2 AND endpoint = $3 AND key = $4`
	sqlTakenAt = `SELECT id, '', accepted_at FROM task WHERE organization = $1 AND revision = $2
		UNION ALL SELECT task_id, kind, at FROM change WHERE organization = $1 AND revision = $2`

	sqlRecall    = `UPDATE task SET recalled_at = $3 WHERE organization = $1 AND id = $2`
	sqlStatusBar = `UPDATE task SET status_value = $3, status_bg = $4 WHERE organization = $1 AND id = $2`
	sqlAdvance   = `UPDATE org_revision SET revision = $2 WHERE organization = $1`

	sqlForget = `DELETE FROM idempotency WHERE (organization, agent_id, endpoint, key) IN (
		SELECT organization, agent_id, endpoint, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)`
)

// TaskByID returns a task without message, ids and sets.
func (s *Tasks) TaskByID(ctx context.Context, organization, id int64) (*notify.Task, error) {
	t, err := taskByID(engine.Urgent(ctx), s.db.read(), organization, id)
	return t, s.db.explain(err)
}

func taskByID(ctx context.Context, q engine.Querier, organization, id int64) (*notify.Task, error) {
	t := &notify.Task{Organization: organization, ID: id}
	var acceptedAt int64
	var recalledAt sql.NullInt64
	err := q.QueryRowContext(ctx, sqlTask, organization, id).Scan(&t.AgentID, &t.Revision, &acceptedAt, &t.Day, &t.Type, &recalledAt, &t.StatusValue, &t.StatusBg)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notify.TaskUnknown(id)
	}
	t.AcceptedAt, t.RecalledAt = fromMillis(acceptedAt), fromNullMillis(recalledAt)
	return t, err
}

// OutcomeByID returns a task with its ids and sets, without its message.
func (s *Tasks) OutcomeByID(ctx context.Context, organization, id int64) (*notify.Task, error) {
	t := &notify.Task{Organization: organization, ID: id}
	var acceptedAt int64
	var recalledAt sql.NullInt64
	var named, invalid, held string
	var sent []byte
	err := s.db.read().QueryRowContext(ctx, sqlOutcome, organization, id).Scan(&t.AgentID, &t.Revision, &acceptedAt, &t.Day, &t.Type,
		&recalledAt, &t.StatusValue, &t.StatusBg, &named, &invalid, &held, &sent,
		&t.Use.ID, &t.Use.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notify.TaskUnknown(id)
	}
	if err != nil {
		return nil, s.db.explain(err)
	}
	t.AcceptedAt, t.RecalledAt = fromMillis(acceptedAt), fromNullMillis(recalledAt)
	if t.Sent, err = setFromBytes(sent); err != nil {
		return nil, fmt.Errorf("task %d: %w", id, err)
	}
	if t.Held, err = heldFromText(held); err != nil {
		return nil, fmt.Errorf("task %d: %w", id, err)
	}
	if err := errors.Join(fromText(named, &t.Named), fromText(invalid, &t.Invalid)); err != nil {
		return nil, fmt.Errorf("task %d: %w", id, err)
	}
	return t, nil
}

// TasksOfDay reads what quotas are folded from; see notify.DayTasks.
func (s *Tasks) TasksOfDay(ctx context.Context, organization, agentID, day, after int64, limit int, sets bool) ([]notify.DayTask, error) {
	tasks, err := tasksOfDay(engine.Urgent(ctx), s.db.read(), organization, agentID, day, after, limit, sets)
	return tasks, s.db.explain(err)
}

func tasksOfDay(ctx context.Context, q engine.Querier, organization, agentID, day, after int64, limit int, sets bool) ([]notify.DayTask, error) {
	text := sqlDay
	if sets {
		text = sqlDaySets
	}
	rows, err := q.QueryContext(ctx, text, organization, agentID, day, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tasks []notify.DayTask
	for rows.Next() {
		var t notify.DayTask
		var sent []byte
		into := []any{&t.Revision, &t.Minute, &t.Everyone, &t.SentCount, &sent}
		if !sets {
			into = into[:4]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		if sets {
			if t.Sent, err = setFromBytes(sent); err != nil {
				return nil, err
			}
		}
		tasks = append(tasks, t)
	}
	return tasks, rows.Err()
}

// DeleteRequestsBefore forgets old idempotency keys; see notify.Store.
func (s *Tasks) DeleteRequestsBefore(ctx context.Context, t time.Time, limit int) (int, error) {
	var n int64
	err := s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		r, err := tx.ExecContext(ctx, sqlForget, t.UnixMilli(), limit)
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	return int(n), err
}

// setFromBytes reads a stored set. The set keeps b.
func setFromBytes(b []byte) (*roaring.Bitmap, error) {
	set := roaring.New()
	if _, err := set.FromBuffer(b); err != nil {
		return nil, fmt.Errorf("stored set: %w", err)
	}
	return set, nil
}

func setToBytes(set *roaring.Bitmap) ([]byte, error) {
	small := set.Clone()
	small.RunOptimize()
	return small.ToBytes()
}

// heldSet is how people held back for one reason are stored.
type heldSet struct {
	Code      string `json:"code"`
	Threshold int64  `json:"threshold,omitempty"`
	Set       []byte `json:"set"`
}

func heldToText(held []policy.Held) (string, error) {
	if len(held) == 0 {
		return "", nil
	}
	stored := make([]heldSet, len(held))
	for i, h := range held {
		b, err := setToBytes(h.Set)
		if err != nil {
			return "", err
		}
		stored[i] = heldSet{h.Code, h.Threshold, b}
	}
	return toText(stored)
}

func heldFromText(text string) ([]policy.Held, error) {
	var stored []heldSet
	if err := fromText(text, &stored); err != nil {
		return nil, err
	}
	held := make([]policy.Held, len(stored))
	for i, h := range stored {
		set, err := setFromBytes(h.Set)
		if err != nil {
			return nil, err
		}
		held[i] = policy.Held{Code: h.Code, Threshold: h.Threshold, Set: set}
	}
	return held, nil
}

// toText stores a value as JSON, and its zero value as nothing.
func toText(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil || string(b) == "{}" {
		return "", err
	}
	return string(b), nil
}

func fromText(text string, into any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}
