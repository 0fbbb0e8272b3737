package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// personStands locks a person's row before a credential of theirs is
	// written. Whoever disables them holds that row as well, and removes
	// credentials after it, so either the credential is not written or it is
	// found and removed.
	personStands = `SELECT ordinal FROM employee
		WHERE organization = $1 AND ordinal = $2 AND disabled_at IS NULL AND deleted_at IS NULL`

	peopleStand = `SELECT ordinal FROM employee WHERE organization = $1 AND ordinal IN (%s)
		AND disabled_at IS NULL AND deleted_at IS NULL ORDER BY ordinal`

	linksLost    = `DELETE FROM sign_in_link WHERE organization = $1 AND ordinal IN (%s)`
	sessionsLost = `DELETE FROM session WHERE organization = $1 AND ordinal IN (%s)`
	tokensLost   = `UPDATE api_token SET revoked_at = $2 WHERE organization = $1 AND revoked_at IS NULL AND ordinal IN (%s)`
)

// lockPerson locks the row of somebody who is there and not disabled, or fails
// with CodeUserUnknown. It comes first in its transaction.
func (d *DB) lockPerson(ctx context.Context, tx engine.Querier, organization int64, ordinal uint32) error {
	return present(ctx, tx, func() error {
		return fault.New(fault.CodeUserUnknown, "there is no such user").WithField("userid")
	}, personStands+d.engine.RowLock(), organization, int64(ordinal))
}

// lockPeople is lockPerson for many, whose ordinals ascend: it returns those
// who are there and not disabled.
func (d *DB) lockPeople(ctx context.Context, tx engine.Querier, organization int64, ordinals []int64) (map[int64]bool, error) {
	standing := make(map[int64]bool, len(ordinals))
	err := eachIn(ordinals, 2, func(list string, args []any) error {
		return eachRow(ctx, tx, fmt.Sprintf(peopleStand, list)+d.engine.RowLock(), func(rows *sql.Rows) error {
			var ordinal int64
			err := rows.Scan(&ordinal)
			standing[ordinal] = true
			return err
		}, append([]any{organization}, args...)...)
	})
	return standing, err
}

// endCredentials ends whatever people who are disabled or gone have signed in
// with, after their rows are written. Where something ended, whoever watches
// credentials is to be told; that comes last in the transaction.
func endCredentials(ctx context.Context, tx engine.Querier, organization int64, users []directory.User) (bool, error) {
	var gone []int64
	var at int64
	for _, u := range users {
		if !u.DisabledAt.IsZero() || !u.DeletedAt.IsZero() {
			gone = append(gone, int64(u.Ordinal))
			at = max(at, u.DisabledAt.UnixMilli(), u.DeletedAt.UnixMilli())
		}
	}
	var ended int64
	for _, lose := range []struct {
		statement string
		first     []any
	}{
		{linksLost, []any{organization}}, {sessionsLost, []any{organization}}, {tokensLost, []any{organization, at}},
	} {
		err := eachIn(gone, len(lose.first)+1, func(list string, args []any) error {
			n, err := affected(tx.ExecContext(ctx, fmt.Sprintf(lose.statement, list), append(lose.first, args...)...))
			ended += n
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return ended > 0, nil
}
