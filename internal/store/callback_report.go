package store

import (
	"context"
	"errors"

	"github.com/tidings-im/tidings/internal/callback"
)

// Of apps in use, and of their events those that may be told now: the others wait on
// purpose.
const sqlSelectCallbackReports = `SELECT o.corp_id, a.app_key, a.name, c.failures, c.next_at, c.failed_at, c.reason,
	(SELECT COUNT(*) FROM callback_event e WHERE e.organization = c.organization AND e.app_id = c.app_id` + eventStands + `),
	(SELECT COUNT(*) FROM callback_event e WHERE e.organization = c.organization AND e.app_id = c.app_id AND e.given_up_at IS NOT NULL),
	(SELECT MIN(e.at) FROM callback_event e WHERE e.organization = c.organization AND e.app_id = c.app_id` + eventStands + `)
	FROM callback c
	JOIN app a ON a.organization = c.organization AND a.id = c.app_id AND a.disabled_at IS NULL
	JOIN organization o ON o.id = c.organization AND o.disabled_at IS NULL
	ORDER BY o.corp_id, a.app_key`

// ExamineCallbacks returns how deliveries to the callbacks of apps in use go, and
// changes nothing. The database at address has the schema of this binary.
func ExamineCallbacks(ctx context.Context, address string) (all []callback.Report, err error) {
	_, pool, err := look(ctx, address)
	if err != nil || pool == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	return readRows(ctx, pool, sqlSelectCallbackReports, func(r *callback.Report) []any {
		return []any{
			&r.CorpID, &r.AppKey, &r.AppName, &r.Failures, (*millis)(&r.NextAt), (*millis)(&r.FailedAt), &r.Reason, &r.Waiting, &r.GivenUp, (*millis)(&r.OldestAt),
		}
	})
}
