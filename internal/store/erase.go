package store

import (
	"context"
	"maps"
	"slices"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Traces is where people have left something beside their own row.
func (d *DB) Traces() retention.Traces { return &traceStore{d} }

type traceStore struct{ db *DB }

const (
	erasePiece = 200

	sqlDeleteLinksOfPerson     = `DELETE FROM sign_in_link WHERE organization = $1 AND ordinal = $2`
	sqlDeleteAPITokensOfPerson = `DELETE FROM api_token WHERE organization = $1 AND ordinal = $2`
	sqlDeleteFloorOfPerson     = `DELETE FROM unread_by_app WHERE organization = $1 AND ordinal = $2`
	sqlDeleteHintOfPerson      = `DELETE FROM unread_hint WHERE organization = $1 AND ordinal = $2` // of the version before
	sqlDeleteInboxOfPerson     = `DELETE FROM inbox WHERE organization = $1 AND ordinal = $2 AND revision IN (
		SELECT revision FROM inbox WHERE organization = $1 AND ordinal = $2 ORDER BY revision LIMIT $3)`

	sqlSelectPrivatesOfPerson = `SELECT organization, n FROM audit_private WHERE person_organization = $1 AND ordinal = $2 LIMIT $3`
	sqlDeletePrivates         = `DELETE FROM audit_private WHERE organization = $1 AND n IN (%s)`

	sqlLockRanges  = `SELECT id, range_userids FROM agent WHERE organization = $1 ORDER BY id`
	sqlUpdateRange = `UPDATE agent SET range_userids = $3, edition = edition + 1 WHERE organization = $1 AND id = $2`

	sqlLockComposers   = `SELECT id, composer_ordinals FROM agent WHERE organization = $1 ORDER BY id`
	sqlUpdateComposers = `UPDATE agent SET composer_ordinals = $3, edition = edition + 1 WHERE organization = $1 AND id = $2`

	sqlSelectInvalidsAfter = `SELECT id, invalid FROM task WHERE organization = $1 AND id > $2 ORDER BY id LIMIT $3`
	sqlUpdateInvalid       = `UPDATE task SET invalid = $3 WHERE organization = $1 AND id = $2`
)

func (s *traceStore) DeleteCredentials(ctx context.Context, organization int64, ordinal uint32) error {
	return s.db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		// In the order of endCredentials.
		for _, statement := range []string{
			sqlDeleteLinksOfPerson, sqlDeleteSessionsOfPerson, sqlDeleteAPITokensOfPerson,
			sqlDeleteOAuthTokensOfPerson, sqlDeleteOAuthCodesOfPerson, sqlDeleteOAuthGrantsOfPerson, sqlDeleteIdentitiesOfPerson,
		} {
			if _, err := tx.ExecContext(ctx, statement, organization, int64(ordinal)); err != nil {
				return err
			}
		}
		return advanceEndings(ctx, tx)
	})
}

func (s *traceStore) DeleteInbox(ctx context.Context, organization int64, ordinal uint32) (more bool, err error) {
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, statement := range []string{sqlDeleteFloorOfPerson, sqlDeleteHintOfPerson} {
			if _, err := tx.ExecContext(ctx, statement, organization, int64(ordinal)); err != nil {
				return err
			}
		}
		n, err := affected(tx.ExecContext(ctx, sqlDeleteInboxOfPerson, organization, int64(ordinal), erasePiece))
		more = n == erasePiece
		return err
	})
	return more, err
}

func (s *traceStore) DeletePrivate(ctx context.Context, organization int64, ordinal uint32) (entries int, more bool, err error) {
	numbers := map[int64][]int64{} // by whose log it is
	var log, n int64
	err = readEach(ctx, s.db.read(), sqlSelectPrivatesOfPerson, []any{&log, &n}, func() error {
		numbers[log] = append(numbers[log], n)
		entries++
		return nil
	}, organization, int64(ordinal), erasePiece)
	if err != nil || entries == 0 {
		return 0, false, s.db.toFault(err)
	}
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, log := range slices.Sorted(maps.Keys(numbers)) {
			if _, err := execIn(ctx, tx, sqlDeletePrivates, []any{log}, numbers[log]); err != nil {
				return err
			}
		}
		return nil
	})
	return entries, entries == erasePiece, err
}

func (s *traceStore) LeaveRanges(ctx context.Context, organization int64, userid string) error {
	return leaveLists(ctx, s.db, sqlLockRanges, sqlUpdateRange, organization, userid)
}

func (s *traceStore) LeaveComposers(ctx context.Context, organization int64, ordinal uint32) error {
	return leaveLists(ctx, s.db, sqlLockComposers, sqlUpdateComposers, organization, ordinal)
}

// leaveLists takes somebody out of a list of each of an organization's installations.
func leaveLists[T comparable](ctx context.Context, db *DB, lock, update string, organization int64, who T) error {
	return db.write(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		changed := map[int64]string{}
		var to encoder
		var id int64
		var list []T
		err := readEach(ctx, tx, lock+db.engine.RowLock(), []any{&id, asJSON(&list)}, func() error {
			if slices.Contains(list, who) {
				changed[id] = to.json(slices.DeleteFunc(list, func(one T) bool { return one == who }))
			}
			return to.err
		}, organization)
		if err != nil || len(changed) == 0 {
			return err
		}
		for id, text := range changed {
			if _, err := tx.ExecContext(ctx, update, organization, id, text); err != nil {
				return err
			}
		}
		return advanceRevocations(ctx, tx)
	})
}

// RenameInvalid reads outside the transaction: what a task has named in vain never
// changes otherwise.
func (s *traceStore) RenameInvalid(
	ctx context.Context, organization int64, userid, name string, after int64,
) (next int64, more bool, err error) {
	changed, read := map[int64]string{}, 0
	var to encoder
	var invalid notify.Invalid
	err = readEach(ctx, s.db.read(), sqlSelectInvalidsAfter, []any{&next, asJSON(&invalid)}, func() error {
		read++
		for i, u := range invalid.Userids {
			if u == userid {
				invalid.Userids[i] = name // the reason stays: it names nobody
				changed[next] = to.briefJSON(invalid)
			}
		}
		return to.err
	}, organization, after, erasePiece)
	if err != nil || len(changed) == 0 {
		return next, read == erasePiece, s.db.toFault(err)
	}
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for id, text := range changed {
			if _, err := tx.ExecContext(ctx, sqlUpdateInvalid, organization, id, text); err != nil {
				return err
			}
		}
		return nil
	})
	return next, read == erasePiece, err
}
