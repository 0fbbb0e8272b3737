package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/task"
)

// TaskLists reads what those are shown who administer an organization.
func (d *DB) TaskLists() task.Store { return &taskListStore{d} }

type taskListStore struct{ db *DB }

const (
	// All but the set of a task, which may be large. The sender is looked up, not
	// joined: without statistics PostgreSQL would read all senders for it.
	listedColumns = `t.id, t.revision, t.agent_id, t.accepted_at, t.type, t.minute, t.sent_count, t.template_id, t.template_version,
		t.recalled_at, t.named, t.invalid, t.held, CASE WHEN t.recalled_at IS NULL THEN t.message ELSE '' END,
		(SELECT s.ordinal FROM task_sender s WHERE s.organization = t.organization AND s.revision = t.revision),
		(SELECT d.at FROM receipt_drop d WHERE d.organization = t.organization AND d.agent_id = t.agent_id AND d.floor > t.revision
			ORDER BY d.floor LIMIT 1)`

	listedTasks = listedColumns + ` FROM task t WHERE t.organization = $1 AND t.revision > $2 AND t.revision < $3`
	// Of one person.
	listedTasksBy = listedColumns + ` FROM task_sender b JOIN task t ON t.organization = $1 AND t.revision = b.revision
		WHERE b.organization = $1 AND b.ordinal = $5 AND b.revision > $2 AND b.revision < $3`

	sqlSelectOlderTasks   = `SELECT ` + listedTasks + ` ORDER BY t.revision DESC LIMIT $4`
	sqlSelectNewerTasks   = `SELECT ` + listedTasks + ` ORDER BY t.revision LIMIT $4`
	sqlSelectOlderTasksBy = `SELECT ` + listedTasksBy + ` ORDER BY b.revision DESC LIMIT $4`
	sqlSelectNewerTasksBy = `SELECT ` + listedTasksBy + ` ORDER BY b.revision LIMIT $4`
	sqlSelectListedTask   = `SELECT ` + listedColumns + ` FROM task t WHERE t.organization = $1 AND t.id = $2 AND t.revision IS NOT NULL`
	sqlSelectFirstTask    = `SELECT revision, accepted_at FROM task WHERE organization = $1 AND revision >= $2 ORDER BY revision LIMIT 1`

	sqlSelectTaskChanges = `SELECT revision, at, kind, actor FROM task_change WHERE organization = $1 AND task_id = $2 ORDER BY revision`
	sqlSelectVersionForm = `SELECT form FROM template_version WHERE organization = $1 AND template_id = $2 AND number = $3`

	// A floor of 0 says that all receipts are kept.
	sqlSelectStanding    = `SELECT revision, receipts_floor FROM org_revision WHERE organization = $1`
	sqlSelectAgentFloors = `SELECT id, receipts_floor FROM agent WHERE organization = $1 AND receipts_floor > 0`

	// One statement, for the reason that sqlSelectReaders gives.
	sqlSelectReadCount = `SELECT CASE WHEN EXISTS (SELECT 1 FROM task t WHERE t.organization = $1 AND t.id = $2 AND ` + receiptsDropped + `)
		THEN -1 ELSE (SELECT COUNT(*) FROM receipt WHERE organization = $1 AND task_id = $2) END`

	// sqlSelectReadTimes is completed by how the engine takes a list. A subquery for
	// each of its people: see sqlSelectPending.
	sqlSelectReadTimes = `SELECT list.id, (SELECT r.read_at FROM receipt r WHERE r.organization = $1 AND r.task_id = $2 AND r.ordinal = list.id)
		FROM %s`
	sqlSelectReceipts = `SELECT ordinal, read_at FROM receipt WHERE organization = $1 AND task_id = $2 ORDER BY ordinal`

	sqlInsertTaskChange  = `INSERT INTO task_change (organization, task_id, revision, at, kind, actor) VALUES ($1, $2, $3, $4, $5, $6)`
	sqlDeleteTaskChanges = `DELETE FROM task_change WHERE organization = $1 AND task_id IN (%s)`
	// One by one: for a list PostgreSQL without statistics reads all there are.
	sqlDeleteSender = `DELETE FROM task_sender WHERE organization = $1 AND revision = $2`
)

var sqlInsertSenders = &insert{into: `INSERT INTO task_sender (organization, revision, ordinal) VALUES`, columns: 3}

func (s *taskListStore) Summaries(ctx context.Context, organization int64, q task.Span) ([]task.Summary, error) {
	query, args := sqlSelectOlderTasks, []any{organization, q.After, q.Before, q.Limit}
	if q.Ascending {
		query = sqlSelectNewerTasks
	}
	if q.By != nil {
		query = sqlSelectOlderTasksBy
		if q.Ascending {
			query = sqlSelectNewerTasksBy
		}
		args = append(args, int64(*q.By))
	}
	list, err := s.read(ctx, organization, query, args...)
	return list, s.db.toFault(err)
}

func (s *taskListStore) Summary(ctx context.Context, organization, taskID int64) (task.Summary, error) {
	list, err := s.read(ctx, organization, sqlSelectListedTask, organization, taskID)
	if err == nil && len(list) == 0 {
		err = notify.TaskUnknown(taskID)
	}
	if err != nil {
		return task.Summary{}, s.db.toFault(err)
	}
	return list[0], nil
}

// read reads rows of listedColumns.
func (s *taskListStore) read(ctx context.Context, organization int64, query string, args ...any) ([]task.Summary, error) {
	var list []task.Summary
	one := task.Summary{Organization: organization}
	var of notify.Task
	var minute int64
	var by sql.NullInt64
	into := []any{
		&one.TaskID, &one.Revision, &one.AgentID, (*millis)(&one.SentAt), &one.Type, &minute, &one.Sent, &one.Use.ID, &one.Use.Version,
		(*millis)(&one.RecalledAt), asJSON(&of.Named), asJSON(&of.Invalid), asHeld(&of.Held), &one.Message, &by,
		(*millis)(&one.DroppedAt),
	}
	err := readEach(ctx, s.db.read(), query, into, func() error {
		one.Test, one.By = minute < 0, audit.Actor{}
		if by.Valid {
			one.By = audit.Person(organization, uint32(by.Int64))
		}
		one.Outcome(&of)
		list = append(list, one)
		return nil
	}, args...)
	return list, err
}

func (s *taskListStore) FirstFrom(ctx context.Context, organization, revision int64) (first int64, at time.Time, found bool, err error) {
	found, err = readRow(ctx, s.db.read(), sqlSelectFirstTask, []any{&first, (*millis)(&at)}, organization, revision)
	return first, at, found, s.db.toFault(err)
}

func (s *taskListStore) Standing(ctx context.Context, organization int64) (at task.Standing, err error) {
	var floor int64
	err = needRow(ctx, s.db.read(), noOrganization, sqlSelectStanding, []any{&at.Revision, &floor}, organization)
	if err != nil || floor == 0 {
		return at, s.db.toFault(err)
	}
	at.Floors = map[int64]int64{}
	var agent int64
	err = readEach(ctx, s.db.read(), sqlSelectAgentFloors, []any{&agent, &floor}, func() error {
		at.Floors[agent] = floor
		return nil
	}, organization)
	return at, s.db.toFault(err)
}

func (s *taskListStore) CountRead(ctx context.Context, organization, taskID int64) (n int64, kept bool, err error) {
	err = s.db.read().QueryRowContext(ctx, sqlSelectReadCount, organization, taskID).Scan(&n)
	if n < 0 {
		return 0, false, s.db.toFault(err)
	}
	return n, true, s.db.toFault(err)
}

func (s *taskListStore) Outcome(ctx context.Context, organization, taskID int64) (*notify.Task, error) {
	return s.db.Tasks().OutcomeByID(ctx, organization, taskID)
}

func (s *taskListStore) Readers(ctx context.Context, organization, taskID int64) (*roaring.Bitmap, error) {
	set, _, err := s.db.Tasks().Readers(ctx, organization, taskID)
	return set, err
}

func (s *taskListStore) ReadTimes(ctx context.Context, organization, taskID int64, ordinals []uint32) (map[uint32]time.Time, error) {
	times := make(map[uint32]time.Time, len(ordinals))
	ids := make([]int64, len(ordinals))
	for i, o := range ordinals {
		ids[i] = int64(o)
	}
	var r task.Receipt
	query := fmt.Sprintf(sqlSelectReadTimes, s.db.engine.ListRows(3))
	err := readEach(ctx, s.db.read(), query, receiptInto(&r), func() error {
		if !r.At.IsZero() {
			times[r.Ordinal] = r.At
		}
		return nil
	}, organization, taskID, s.db.engine.List(ids))
	return times, s.db.toFault(err)
}

func (s *taskListStore) Receipts(ctx context.Context, organization, taskID int64) ([]task.Receipt, error) {
	receipts, err := readRows(ctx, s.db.read(), sqlSelectReceipts, receiptInto, organization, taskID)
	return receipts, s.db.toFault(err)
}

func receiptInto(r *task.Receipt) []any { return []any{&r.Ordinal, (*millis)(&r.At)} }

func (s *taskListStore) Changes(ctx context.Context, organization, taskID int64) ([]notify.Change, error) {
	changes, err := readRows(ctx, s.db.read(), sqlSelectTaskChanges, func(c *notify.Change) []any {
		c.Organization, c.TaskID = organization, taskID
		return []any{&c.Revision, (*millis)(&c.At), &c.Kind, asText(&c.By)}
	}, organization, taskID)
	return changes, s.db.toFault(err)
}

func (s *taskListStore) ChangesSince(ctx context.Context, organization int64, q task.Span) (floor int64, changes []task.TaskChange, err error) {
	floor, rows, err := (&inboxStore{s.db}).Changed(ctx, organization, inbox.Span{After: q.After, Before: q.Before}, q.Limit)
	for _, c := range rows {
		changes = append(changes, task.TaskChange{Revision: c.Revision, TaskID: c.TaskID, Kind: c.Kind})
	}
	return floor, changes, err
}

func (s *taskListStore) TemplateName(ctx context.Context, provider int64, use notify.TemplateUse) (string, error) {
	var form struct {
		Name string `json:"name"`
	}
	_, err := readRow(ctx, s.db.read(), sqlSelectVersionForm, []any{asJSON(&form)}, provider, use.ID, use.Version)
	return form.Name, s.db.toFault(err)
}

// keepChange keeps who changed a task, and writes the entry of what somebody did
// by hand.
func (t *taskTx) keepChange(ctx context.Context, c notify.Change) error {
	_, err := t.tx.ExecContext(ctx, sqlInsertTaskChange, c.Organization, c.TaskID, c.Revision, c.At.UnixMilli(), c.Kind, stored(c.By))
	if err != nil || c.Entry == nil {
		return err
	}
	return t.db.record(ctx, t.tx, *c.Entry)
}
