package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	// The oldest, so many and one and those of the same moment.
	sqlDeleteSignInsDone = `DELETE FROM sign_in_done WHERE organization = $1 AND until <= COALESCE(
		(SELECT until FROM sign_in_done WHERE organization = $1 AND until <= $2 ORDER BY until LIMIT 1 OFFSET $3), $2)`
	sqlDeleteWaitingOver = `DELETE FROM waiting_identity WHERE organization = $1 AND at <= COALESCE(
		(SELECT at FROM waiting_identity WHERE organization = $1 AND at <= $2 ORDER BY at LIMIT 1 OFFSET $3), $2)`
)

func (s *retentionStore) DeleteSignIns(ctx context.Context, organization int64, now time.Time, limit int) (d retention.Deleted, err error) {
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		d = retention.Deleted{}
		for statement, until := range map[string]time.Time{sqlDeleteSignInsDone: now, sqlDeleteWaitingOver: now.Add(-signin.WaitingKept)} {
			n, err := affected(tx.ExecContext(ctx, statement, organization, until.UnixMilli(), limit))
			if err != nil {
				return err
			}
			d.More = d.More || n > int64(limit)
		}
		return nil
	})
	return d, err
}
