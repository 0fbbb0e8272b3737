package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Tasks stores accepted sends.
func (d *DB) Tasks() notify.Store { return &taskStore{d} }

// Outcomes tells what became of a send for one person.
func (d *DB) Outcomes() notify.ExplainStore { return &taskStore{d} }

type taskStore struct{ db *DB }

const (
	taskColumns = `agent_id, revision, accepted_at, day, type, recalled_at, status_value, status_bg`

	sqlSelectTask    = `SELECT ` + taskColumns + ` FROM task WHERE organization = $1 AND id = $2 AND revision IS NOT NULL`
	sqlSelectOutcome = `SELECT ` + taskColumns + `, named, invalid, held, sent, template_id, template_version FROM task
		WHERE organization = $1 AND id = $2 AND revision IS NOT NULL`

	ofDay            = ` FROM task WHERE organization = $1 AND agent_id = $2 AND day = $3 AND revision > $4 AND minute >= 0 ORDER BY revision LIMIT $5`
	sqlSelectDay     = `SELECT revision, minute, everyone, sent_count` + ofDay
	sqlSelectDaySets = `SELECT revision, minute, everyone, sent_count, sent` + ofDay

	sqlDeleteOldRequests = `DELETE FROM idempotency WHERE (organization, agent_id, endpoint, key) IN (
		SELECT organization, agent_id, endpoint, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)`
)

func (s *taskStore) NextIDs(ctx context.Context, sequence string, n int) ([]int64, error) {
	return s.db.NextIDs(ctx, sequence, n)
}

func (s *taskStore) WriteTasks(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	return s.write(ctx, engine.Sends, work)
}

func (s *taskStore) WriteChanges(ctx context.Context, work func(context.Context, notify.Tx) error) error {
	return s.write(ctx, engine.Recalls, work)
}

func (s *taskStore) write(ctx context.Context, class engine.Class, work func(context.Context, notify.Tx) error) error {
	return s.db.write(ctx, class, func(ctx context.Context, tx engine.Querier) error {
		return work(ctx, &taskTx{db: s.db, tx: tx})
	})
}

func (s *taskStore) TaskByID(ctx context.Context, organization, id int64) (*notify.Task, error) {
	t, err := taskByID(engine.Urgent(ctx), s.db.read(), organization, id)
	return t, s.db.toFault(err)
}

func taskByID(ctx context.Context, q engine.Querier, organization, id int64) (*notify.Task, error) {
	t := &notify.Task{Organization: organization, ID: id}
	err := needRow(ctx, q, taskUnknown(id), sqlSelectTask, taskInto(t), organization, id)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func taskUnknown(id int64) func() error { return func() error { return notify.TaskUnknown(id) } }

func taskInto(t *notify.Task) []any {
	return []any{&t.AgentID, &t.Revision, (*millis)(&t.AcceptedAt), &t.Day, &t.Type, (*millis)(&t.RecalledAt), &t.StatusValue, &t.StatusBg}
}

func (s *taskStore) OutcomeByID(ctx context.Context, organization, id int64) (*notify.Task, error) {
	t := &notify.Task{Organization: organization, ID: id}
	into := append(taskInto(t), asJSON(&t.Named), asJSON(&t.Invalid), asHeld(&t.Held), asSet(&t.Sent), &t.Use.ID, &t.Use.Version)
	err := needRow(ctx, s.db.read(), taskUnknown(id), sqlSelectOutcome, into, organization, id)
	if err != nil {
		return nil, s.db.toFault(err)
	}
	return t, nil
}

func (s *taskStore) TasksOfDay(ctx context.Context, organization, agentID, day, after int64, limit int, sets bool) ([]notify.DayTask, error) {
	tasks, err := tasksOfDay(engine.Urgent(ctx), s.db.read(), organization, agentID, day, after, limit, sets)
	return tasks, s.db.toFault(err)
}

func tasksOfDay(ctx context.Context, q engine.Querier, organization, agentID, day, after int64, limit int, sets bool) ([]notify.DayTask, error) {
	query, into := sqlSelectDay, dayTaskInto
	if sets {
		query = sqlSelectDaySets
		into = func(t *notify.DayTask) []any { return append(dayTaskInto(t), asSet(&t.Sent)) }
	}
	return readRows(ctx, q, query, into, organization, agentID, day, after, limit)
}

func dayTaskInto(t *notify.DayTask) []any {
	return []any{&t.Revision, &t.Minute, &t.Everyone, &t.SentCount}
}

func (s *taskStore) Identical(ctx context.Context, organization int64, keys []int64) ([]notify.Identical, error) {
	found, err := identical(ctx, s.db.read(), organization, keys)
	return found, s.db.toFault(err)
}

func (s *taskStore) Request(ctx context.Context, r notify.Request, since time.Time) (notify.Request, bool, error) {
	r, found, err := request(ctx, s.db.read(), r, since)
	return r, found, s.db.toFault(err)
}

func (s *taskStore) Position(ctx context.Context, organization int64) (notify.Position, error) {
	at, err := positions(ctx, s.db.read(), sqlLockOrganizations, []int64{organization})
	return at[organization], s.db.toFault(err)
}

func (s *taskStore) DeleteRequestsBefore(ctx context.Context, t time.Time, limit int) (int, error) {
	var n int64
	err := s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) (err error) {
		n, err = affected(tx.ExecContext(ctx, sqlDeleteOldRequests, t.UnixMilli(), limit))
		return err
	})
	return int(n), err
}

// heldSet is how people held back for one reason are stored.
type heldSet struct {
	Code      string `json:"code"`
	Threshold int64  `json:"threshold,omitempty"`
	Set       []byte `json:"set"`
}

// held is what asHeld reads; nothing when nobody is held.
func (e *encoder) held(held []policy.Held) string {
	if len(held) == 0 {
		return ""
	}
	stored := make([]heldSet, len(held))
	for i, h := range held {
		stored[i] = heldSet{h.Code, h.Threshold, e.set(h.Set)}
	}
	return e.json(stored)
}

func asHeld(into *[]policy.Held) sql.Scanner {
	return column(func(b []byte) error {
		var stored []heldSet
		if err := asJSON(&stored).Scan(b); err != nil {
			return err
		}
		held := make([]policy.Held, len(stored))
		for i, h := range stored {
			set, err := readSet(h.Set)
			if err != nil {
				return err
			}
			held[i] = policy.Held{Code: h.Code, Threshold: h.Threshold, Set: set}
		}
		*into = held
		return nil
	})
}
