package store

import (
	"context"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// The organization's own apps; a third-party app that it has made and installed is
	// among those of sqlSelectSuiteListeners.
	sqlSelectListeners = `SELECT c.app_id, c.tags, g.range_everyone, g.range_dept_ids, g.range_userids FROM callback c
		JOIN app a ON a.organization = c.organization AND a.id = c.app_id AND a.kind = 'internal' AND a.disabled_at IS NULL
		JOIN agent g ON g.app_organization = c.organization AND g.app_id = c.app_id AND g.organization = c.organization AND g.disabled_at IS NULL
		WHERE c.organization = $1`
	sqlSelectPeopleBefore      = `SELECT ordinal, dept_ids, deleted_at IS NOT NULL FROM employee WHERE organization = $1 AND ordinal IN (%s)`
	sqlSelectDepartmentsBefore = `SELECT id, deleted_at IS NOT NULL FROM department WHERE organization = $1 AND id IN (%s)`
	sqlSelectDepartmentAbove   = `SELECT parent_id FROM department WHERE organization = $1 AND id = $2`

	// eventStands leaves of the waiting events e those that may be told now: what names
	// nobody is about the app itself, the rest about an organization in which it is in use.
	eventStands = ` AND e.given_up_at IS NULL AND (e.ids = '[]' OR EXISTS (SELECT 1 FROM agent g
		JOIN organization t ON t.id = g.organization AND t.disabled_at IS NULL
		WHERE g.app_organization = e.organization AND g.app_id = e.app_id AND g.organization = e.about AND g.disabled_at IS NULL))`

	sqlSelectCallbacksDue = `SELECT c.organization, c.app_id, c.failures > 0 FROM callback c
		JOIN app a ON a.organization = c.organization AND a.id = c.app_id AND a.disabled_at IS NULL
		JOIN organization o ON o.id = c.organization AND o.disabled_at IS NULL
		WHERE c.next_at <= $1 AND EXISTS (SELECT 1 FROM callback_event e
		WHERE e.organization = c.organization AND e.app_id = c.app_id` + eventStands + `)`
	sqlSelectEventNext = `SELECT e.about, e.revision, e.part, e.tag, e.ids, e.at, e.attempts FROM callback_event e
		WHERE e.organization = $1 AND e.app_id = $2 AND e.about > $3` + eventStands + `
		AND EXISTS (SELECT 1 FROM app a WHERE a.organization = $1 AND a.id = $2 AND a.disabled_at IS NULL)
		ORDER BY e.about, e.revision, e.part LIMIT 1`
	sqlSelectEventsGivenUp = `SELECT about, revision, part, tag, ids, at, attempts FROM callback_event
		WHERE organization = $1 AND app_id = $2 AND given_up_at IS NOT NULL ORDER BY given_up_at, about, revision, part LIMIT $3`
	sqlSelectEventsForgotten = `SELECT about, revision, part, tag, ids, at, attempts FROM callback_event
		WHERE organization = $1 AND app_id = $2 AND given_up_at < $3 ORDER BY given_up_at, about, revision, part LIMIT $4`
	// Of a key that was free again, at and tag tell whether it is still the same event.
	oneEvent                = ` WHERE organization = $1 AND app_id = $2 AND about = $3 AND revision = $4 AND part = $5 AND at = $6 AND tag = $7`
	sqlDeleteEvent          = `DELETE FROM callback_event` + oneEvent
	sqlUpdateEventAttempted = `UPDATE callback_event SET attempts = attempts + 1` + oneEvent
	sqlUpdateEventGivenUp   = `UPDATE callback_event SET given_up_at = $8` + oneEvent + ` AND given_up_at IS NULL`
	sqlUpdateEventsTooOld   = `UPDATE callback_event SET given_up_at = $4
		WHERE organization = $1 AND app_id = $2 AND given_up_at IS NULL AND at < $3`
	sqlUpdateCallbackWell    = `UPDATE callback SET failures = 0, next_at = 0, succeeded_at = $3 WHERE organization = $1 AND app_id = $2`
	sqlUpdateCallbackFailing = `UPDATE callback SET failures = $3, next_at = $4, failed_at = $5, failure = $6, failure_status = $7, reason = $8
		WHERE organization = $1 AND app_id = $2`
)

var sqlInsertEvents = &insert{
	columns: 9, into: `INSERT INTO callback_event (organization, app_id, about, revision, part, tag, ids, at, attempts) VALUES`,
}

// fileEvents writes what apps are to hear of a change before the change is written, in
// its transaction. The organization's row is locked, so revisions are the order.
func (d *DB) fileEvents(ctx context.Context, tx engine.Querier, organization, revision int64, c directory.Changes) error {
	if len(c.Users) == 0 && len(c.Departments) == 0 {
		return nil
	}
	listeners, err := readRows(ctx, tx, sqlSelectListeners, func(l *callback.Listener) []any {
		l.Organization, l.About = organization, organization
		return []any{&l.AppID, asJSON(&l.Tags), &l.Range.Everyone, asJSON(&l.Range.DeptIDs), asJSON(&l.Range.Userids)}
	}, organization)
	if err != nil {
		return err
	}
	suites, err := suiteListeners(ctx, tx, organization)
	if listeners = append(listeners, suites...); err != nil || len(listeners) == 0 {
		return err
	}
	happened, err := happenings(ctx, tx, organization, c)
	if err != nil {
		return err
	}
	tree := ancestors{organization: organization, tx: tx, now: map[int64]int64{}, before: map[int64]int64{}}
	for _, dept := range c.Departments {
		tree.now[dept.ID] = dept.ParentID
	}
	var values []any
	for _, l := range listeners {
		events, err := l.Events(happened, revision, d.now(), func(dept int64, of []int64) (bool, error) { return tree.inside(ctx, dept, of) })
		if err != nil {
			return err
		}
		for _, e := range events {
			if values, err = eventValues(values, e); err != nil {
				return err
			}
		}
	}
	return sqlInsertEvents.rows(ctx, tx, values)
}

// eventValues adds the row of a new event.
func eventValues(values []any, e callback.Event) ([]any, error) {
	var to encoder
	ids := to.json(e.IDs)
	return append(values, e.Organization, e.AppID, e.About, e.Revision, e.Part, e.Tag, ids, e.At.UnixMilli(), 0), to.err
}

// ofEvent is what oneEvent asks for.
func ofEvent(e callback.Event) []any {
	return []any{e.Organization, e.AppID, e.About, e.Revision, e.Part, e.At.UnixMilli(), e.Tag}
}

// happenings compares the rows of a change with those that are there.
func happenings(ctx context.Context, tx engine.Querier, organization int64, c directory.Changes) ([]callback.Happening, error) {
	by := map[string][]callback.Place{}
	tell := func(known, wasGone, isGone bool, add, modify, end string, p callback.Place) {
		switch {
		case wasGone && isGone, !known && isGone: // nobody has heard of it
		case !known || wasGone:
			by[add] = append(by[add], p)
		case isGone:
			by[end] = append(by[end], p)
		default:
			by[modify] = append(by[modify], p)
		}
	}
	departments, err := before(ctx, tx, sqlSelectDepartmentsBefore, organization, c.Departments, func(dept directory.Department) int64 { return dept.ID })
	if err != nil {
		return nil, err
	}
	for _, dept := range c.Departments {
		gone, known := departments[dept.ID]
		tell(known, gone, !dept.DeletedAt.IsZero(), callback.DeptCreate, callback.DeptModify, callback.DeptRemove,
			callback.Place{ID: dept.ID, DeptIDs: []int64{dept.ID}})
	}
	type person struct {
		depts string
		gone  bool
	}
	people := map[int64]person{}
	var ordinal int64
	var was person
	err = readEachIn(ctx, tx, sqlSelectPeopleBefore, []any{organization}, ordinalsOf(c.Users), []any{&ordinal, &was.depts, &was.gone}, func() error {
		people[ordinal] = was
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, u := range c.Users {
		was, known := people[int64(u.Ordinal)]
		tell(known, was.gone, !u.DeletedAt.IsZero(), callback.UserAdd, callback.UserModify, callback.UserLeave,
			callback.Place{ID: int64(u.Ordinal), Userid: u.Userid, DeptIDs: slices.Concat(u.DeptIDs, directory.ParseDeptIDs(was.depts))})
	}
	var all []callback.Happening
	for tag, places := range by {
		all = append(all, callback.Happening{Tag: tag, Places: places})
	}
	return callback.Order(all), nil
}

// before reads whether rows were deleted, by id; those that are not there are absent.
func before[T any](ctx context.Context, tx engine.Querier, query string, organization int64, rows []T, idOf func(T) int64) (map[int64]bool, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = idOf(row)
	}
	gone := make(map[int64]bool, len(rows))
	var id int64
	var deleted bool
	err := readEachIn(ctx, tx, query, []any{organization}, ids, []any{&id, &deleted}, func() error {
		gone[id] = deleted
		return nil
	})
	return gone, err
}

func ordinalsOf(users []directory.User) []int64 {
	ordinals := make([]int64, len(users))
	for i, u := range users {
		ordinals[i] = int64(u.Ordinal)
	}
	return ordinals
}

// ancestors is the tree of departments, before a change and with it, as far as somebody
// has asked.
type ancestors struct {
	organization int64
	tx           engine.Querier
	now, before  map[int64]int64 // parents; now has those that change
}

// inside reports whether a department is, or was, one of some or below them.
func (a *ancestors) inside(ctx context.Context, dept int64, of []int64) (bool, error) {
	if len(of) == 0 {
		return false, nil
	}
	for _, changed := range []bool{true, false} {
		const deepest = 1000 // no tree is; a circle would be an error of ours
		for id, depth := dept, 0; id != 0 && depth < deepest; depth++ {
			if slices.Contains(of, id) {
				return true, nil
			}
			var err error
			if id, err = a.parent(ctx, id, changed); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

func (a *ancestors) parent(ctx context.Context, id int64, changed bool) (int64, error) {
	if parent, known := a.now[id]; known && changed {
		return parent, nil
	}
	if parent, known := a.before[id]; known {
		return parent, nil
	}
	var parent int64
	_, err := readRow(ctx, a.tx, sqlSelectDepartmentAbove, []any{&parent}, a.organization, id)
	a.before[id] = parent
	return parent, err
}

func (s *callbackStore) Due(ctx context.Context, now time.Time) ([]callback.Due, error) {
	due, err := readRows(ctx, s.db.read(), sqlSelectCallbacksDue, func(d *callback.Due) []any {
		return []any{&d.Organization, &d.AppID, &d.Failing}
	}, now.UnixMilli())
	return due, s.db.toFault(err)
}

func (s *callbackStore) events(ctx context.Context, q engine.Querier, query string, k callback.Key, args ...any) ([]callback.Event, error) {
	return readRows(ctx, q, query, func(e *callback.Event) []any {
		e.Key = k
		return []any{&e.About, &e.Revision, &e.Part, &e.Tag, asJSON(&e.IDs), (*millis)(&e.At), &e.Attempts}
	}, append([]any{k.Organization, k.AppID}, args...)...)
}

func (s *callbackStore) Next(ctx context.Context, k callback.Key, after int64) (callback.Event, bool, error) {
	for _, from := range []int64{after, -1} {
		list, err := s.events(ctx, s.db.read(), sqlSelectEventNext, k, from)
		if err != nil {
			return callback.Event{}, false, s.db.toFault(err)
		}
		if len(list) > 0 {
			return list[0], true, nil
		}
		if after < 0 {
			break
		}
	}
	return callback.Event{}, false, nil
}

func (s *callbackStore) Delivered(ctx context.Context, e callback.Event, at time.Time) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if _, err := tx.ExecContext(ctx, sqlDeleteEvent, ofEvent(e)...); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlUpdateCallbackWell, e.Organization, e.AppID, at.UnixMilli())
		return err
	})
}

func (s *callbackStore) Undelivered(ctx context.Context, e callback.Event, state callback.State, giveUp bool, older time.Time) (given int, err error) {
	at := state.FailedAt.UnixMilli()
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		given = 0
		if _, err := tx.ExecContext(ctx, sqlUpdateEventAttempted, ofEvent(e)...); err != nil {
			return err
		}
		if giveUp {
			n, err := affected(tx.ExecContext(ctx, sqlUpdateEventGivenUp, append(ofEvent(e), at)...))
			if err != nil {
				return err
			}
			given += int(n)
		}
		n, err := affected(tx.ExecContext(ctx, sqlUpdateEventsTooOld, e.Organization, e.AppID, older.UnixMilli(), at))
		if err != nil {
			return err
		}
		given += int(n)
		_, err = tx.ExecContext(ctx, sqlUpdateCallbackFailing, e.Organization, e.AppID, state.Failures, state.NextAt.UnixMilli(), at,
			string(state.Failure.Kind), state.Failure.Status, state.Reason)
		return err
	})
	return given, err
}

func (s *callbackStore) TakeGivenUp(ctx context.Context, k callback.Key, limit int) (taken []callback.Event, more bool, err error) {
	err = s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) (err error) {
		if taken, err = s.events(ctx, tx, sqlSelectEventsGivenUp, k, limit+1); err != nil {
			return err
		}
		if more = len(taken) > limit; more {
			taken = taken[:limit]
		}
		return deleteEvents(ctx, tx, taken)
	})
	return taken, more, err
}

func (s *callbackStore) Forget(ctx context.Context, k callback.Key, beforeTime time.Time, limit int) (n int, err error) {
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		old, err := s.events(ctx, tx, sqlSelectEventsForgotten, k, beforeTime.UnixMilli(), limit)
		if err != nil {
			return err
		}
		n = len(old)
		return deleteEvents(ctx, tx, old)
	})
	return n, err
}

func deleteEvents(ctx context.Context, tx engine.Querier, events []callback.Event) error {
	for _, e := range events {
		if _, err := tx.ExecContext(ctx, sqlDeleteEvent, ofEvent(e)...); err != nil {
			return err
		}
	}
	return nil
}
