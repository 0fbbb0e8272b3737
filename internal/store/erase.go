package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Traces is where people have left something beside their own row. It
// implements retention.Traces.
type Traces struct{ db *DB }

// Traces returns the part of the store that erasing a person needs.
func (d *DB) Traces() *Traces { return &Traces{d} }

var _ retention.Traces = (*Traces)(nil)

const (
	erasePiece = 200

	linksDelete  = `DELETE FROM sign_in_link WHERE organization = $1 AND ordinal = $2`
	tokensDelete = `DELETE FROM api_token WHERE organization = $1 AND ordinal = $2`
	hintDelete   = `DELETE FROM unread_by_app WHERE organization = $1 AND ordinal = $2`
	oldDelete    = `DELETE FROM unread_hint WHERE organization = $1 AND ordinal = $2` // of the version before
	inboxDelete  = `DELETE FROM inbox WHERE organization = $1 AND ordinal = $2 AND revision IN (
		SELECT revision FROM inbox WHERE organization = $1 AND ordinal = $2 ORDER BY revision LIMIT $3)`

	privatesOfPerson = `SELECT organization, n FROM audit_private WHERE person_organization = $1 AND ordinal = $2 LIMIT $3`
	privateDelete    = `DELETE FROM audit_private WHERE organization = $1 AND n IN (%s)`

	rangesOf    = `SELECT id, range_userids FROM agent WHERE organization = $1 ORDER BY id`
	rangeUpdate = `UPDATE agent SET range_userids = $3 WHERE organization = $1 AND id = $2`

	invalidsAfter = `SELECT id, invalid FROM task WHERE organization = $1 AND id > $2 ORDER BY id LIMIT $3`
	invalidUpdate = `UPDATE task SET invalid = $3 WHERE organization = $1 AND id = $2`
)

// DeleteCredentials implements retention.Traces.
func (t *Traces) DeleteCredentials(ctx context.Context, organization int64, ordinal uint32) error {
	return t.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		for _, statement := range []string{linksDelete, sessionsEnd, tokensDelete} { // in the order of endCredentials
			if _, err := tx.ExecContext(ctx, statement, organization, int64(ordinal)); err != nil {
				return err
			}
		}
		return advanceEndings(ctx, tx)
	})
}

// DeleteInbox implements retention.Traces.
func (t *Traces) DeleteInbox(ctx context.Context, organization int64, ordinal uint32) (more bool, err error) {
	err = t.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, statement := range []string{hintDelete, oldDelete} {
			if _, err := tx.ExecContext(ctx, statement, organization, int64(ordinal)); err != nil {
				return err
			}
		}
		n, err := affected(tx.ExecContext(ctx, inboxDelete, organization, int64(ordinal), erasePiece))
		more = n == erasePiece
		return err
	})
	return more, err
}

// DeletePrivate implements retention.Traces.
func (t *Traces) DeletePrivate(ctx context.Context, organization int64, ordinal uint32) (entries int, more bool, err error) {
	numbers := map[int64][]int64{} // by whose log it is
	err = eachRow(ctx, t.db.read(), privatesOfPerson, func(rows *sql.Rows) error {
		var log, n int64
		err := rows.Scan(&log, &n)
		numbers[log] = append(numbers[log], n)
		entries++
		return err
	}, organization, int64(ordinal), erasePiece)
	if err != nil || entries == 0 {
		return 0, false, t.db.explain(err)
	}
	err = t.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, log := range slices.Sorted(maps.Keys(numbers)) {
			err := eachIn(numbers[log], 2, func(list string, args []any) error {
				_, err := tx.ExecContext(ctx, fmt.Sprintf(privateDelete, list), append([]any{log}, args...)...)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return entries, entries == erasePiece, err
}

// LeaveRanges implements retention.Traces.
func (t *Traces) LeaveRanges(ctx context.Context, organization int64, userid string) error {
	return t.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		changed := map[int64]string{}
		err := eachRow(ctx, tx, rangesOf+t.db.engine.RowLock(), func(rows *sql.Rows) error {
			var id int64
			var text string
			var userids []string
			if err := rows.Scan(&id, &text); err != nil {
				return err
			}
			if err := fromJSON("agent", id, text, &userids); err != nil || !slices.Contains(userids, userid) {
				return err
			}
			left, err := json.Marshal(slices.DeleteFunc(userids, func(u string) bool { return u == userid }))
			changed[id] = string(left)
			return err
		}, organization)
		if err != nil || len(changed) == 0 {
			return err
		}
		for id, text := range changed {
			if _, err := tx.ExecContext(ctx, rangeUpdate, organization, id, text); err != nil {
				return err
			}
		}
		return advanceRevocations(ctx, tx)
	})
}

// RenameInvalid implements retention.Traces. What a task has named in vain never
// changes otherwise, so it is read outside the transaction.
func (t *Traces) RenameInvalid(ctx context.Context, organization int64, userid, name string, after int64) (next int64, more bool, err error) {
	changed, read := map[int64]string{}, 0
	err = eachRow(ctx, t.db.read(), invalidsAfter, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&next, &text); err != nil {
			return err
		}
		read++
		var invalid notify.Invalid
		if err := fromText(text, &invalid); err != nil {
			return fmt.Errorf("task %d: %w", next, err)
		}
		found := false
		for i, u := range invalid.Userids {
			if u == userid {
				invalid.Userids[i], found = name, true // the reason stays: it names nobody
			}
		}
		if !found {
			return nil
		}
		renamed, err := toText(invalid)
		changed[next] = renamed
		return err
	}, organization, after, erasePiece)
	if err != nil || len(changed) == 0 {
		return next, read == erasePiece, t.db.explain(err)
	}
	err = t.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for id, text := range changed {
			if _, err := tx.ExecContext(ctx, invalidUpdate, organization, id, text); err != nil {
				return err
			}
		}
		return nil
	})
	return next, read == erasePiece, err
}
