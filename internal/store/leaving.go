package store

import (
	"context"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// sqlLockPerson locks a person's row before a credential of theirs is
	// written. Whoever disables them holds that row as well, and removes
	// credentials after it, so either the credential is not written or it is
	// found and removed.
	sqlLockPerson = `SELECT ordinal FROM employee
		WHERE organization = $1 AND ordinal = $2 AND disabled_at IS NULL AND deleted_at IS NULL`

	sqlLockPeople = `SELECT ordinal FROM employee WHERE organization = $1 AND ordinal IN (%s)
		AND disabled_at IS NULL AND deleted_at IS NULL ORDER BY ordinal`

	sqlDeleteLinksOfPeople     = `DELETE FROM sign_in_link WHERE organization = $1 AND ordinal IN (%s)`
	sqlDeleteSessionsOfPeople  = `DELETE FROM session WHERE organization = $1 AND ordinal IN (%s)`
	sqlUpdateAPITokensOfPeople = `UPDATE api_token SET revoked_at = $2 WHERE organization = $1 AND revoked_at IS NULL AND ordinal IN (%s)`
)

// lockPerson locks the row of somebody who is there and not disabled, or fails
// with CodeUserUnknown. It comes first in its transaction.
func (d *DB) lockPerson(ctx context.Context, tx engine.Querier, organization int64, ordinal uint32) error {
	return present(ctx, tx, func() error {
		return fault.New(fault.CodeUserUnknown, "there is no such user").WithField("userid")
	}, sqlLockPerson+d.engine.RowLock(), organization, int64(ordinal))
}

// lockPeople is lockPerson for many, whose ordinals ascend: it returns those
// who are there and not disabled.
func (d *DB) lockPeople(ctx context.Context, tx engine.Querier, organization int64, ordinals []int64) (map[int64]bool, error) {
	standing := make(map[int64]bool, len(ordinals))
	var ordinal int64
	err := readEachIn(ctx, tx, sqlLockPeople+d.engine.RowLock(), []any{organization}, ordinals, []any{&ordinal}, func() error {
		standing[ordinal] = true
		return nil
	})
	return standing, err
}

// endCredentials ends whatever people who are disabled or gone have signed in
// with, after their rows are written. Where something ended, whoever watches
// credentials is to be told; that comes last in the transaction.
func endCredentials(ctx context.Context, tx engine.Querier, organization int64, users []directory.User) (bool, error) {
	var gone, left []int64
	var at int64
	for _, u := range users {
		if !u.DisabledAt.IsZero() || !u.DeletedAt.IsZero() {
			gone = append(gone, int64(u.Ordinal))
			at = max(at, u.DisabledAt.UnixMilli(), u.DeletedAt.UnixMilli())
		}
		if !u.DeletedAt.IsZero() {
			left = append(left, int64(u.Ordinal))
		}
	}
	// Whoever is enabled again is still the same at a source. After a person who has left,
	// their account there may become somebody else's.
	if _, err := execIn(ctx, tx, sqlDeleteIdentitiesOfPeople, []any{organization}, left); err != nil {
		return false, err
	}
	var ended int64
	for _, end := range []struct {
		statement string
		first     []any
	}{
		{sqlDeleteLinksOfPeople, []any{organization}},
		{sqlDeleteSessionsOfPeople, []any{organization}},
		{sqlUpdateAPITokensOfPeople, []any{organization, at}},
		{sqlDeleteOAuthTokensOfPeople, []any{organization}},
		{sqlDeleteOAuthCodesOfPeople, []any{organization}},
		{sqlDeleteOAuthGrantsOfPeople, []any{organization}},
	} {
		n, err := execIn(ctx, tx, end.statement, end.first, gone)
		if err != nil {
			return false, err
		}
		ended += n
	}
	return ended > 0, nil
}
