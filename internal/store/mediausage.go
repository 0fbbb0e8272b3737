package store

import (
	"context"
	"maps"

	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// allApps is the row of media_usage that is the sum of the others. It is locked
// before them.
const allApps = 0

const (
	// sqlUpsertUsage adds nothing where it would be more than the limit.
	sqlUpsertUsage = `INSERT INTO media_usage (organization, app_id, bytes) VALUES ($1, $2, $3)
		ON CONFLICT (organization, app_id) DO UPDATE SET bytes = media_usage.bytes + excluded.bytes
			WHERE media_usage.bytes + excluded.bytes <= $4`
	sqlUpsertUsageCorrected = `INSERT INTO media_usage (organization, app_id, bytes) VALUES ($1, $2, $3)
		ON CONFLICT (organization, app_id) DO UPDATE SET bytes = excluded.bytes`
	sqlLockUsage = `INSERT INTO media_usage (organization, app_id, bytes) VALUES ($1, $2, 0)
		ON CONFLICT (organization, app_id) DO UPDATE SET bytes = media_usage.bytes`
	sqlSelectUsage       = `SELECT app_id, bytes FROM media_usage WHERE organization = $1 AND app_id IN (0, $2)`
	sqlSelectUsageAndSum = `SELECT 0, app_id, bytes FROM media_usage WHERE organization = $1
		UNION ALL
		SELECT 1, app_id, CAST(SUM(size) AS BIGINT) FROM media WHERE organization = $1 GROUP BY app_id`
)

// unlimited is more than there can be.
const unlimited = 1 << 60

func (s *mediaStore) Usage(ctx context.Context, organization, appID int64) (all, ofApp int64, err error) {
	var app, bytes int64
	err = readEach(ctx, s.db.read(), sqlSelectUsage, []any{&app, &bytes}, func() error {
		if app == allApps {
			all = bytes
		} else {
			ofApp = bytes
		}
		return nil
	}, organization, appID)
	return all, ofApp, s.db.toFault(err)
}

// addUsage counts a file in, or refuses it.
func addUsage(ctx context.Context, tx engine.Querier, f media.File, q media.Quota) error {
	for _, row := range []struct{ app, most int64 }{{allApps, q.All}, {f.AppID, q.OfApp}} {
		most := row.most
		if most == 0 {
			most = unlimited
		}
		if f.Size > most {
			return q.Used(row.app == allApps)
		}
		n, err := affected(tx.ExecContext(ctx, sqlUpsertUsage, f.Organization, row.app, f.Size, most))
		if err != nil {
			return err
		}
		if n == 0 {
			return q.Used(row.app == allApps)
		}
	}
	return nil
}

// dropUsage counts files out, by app.
func dropUsage(ctx context.Context, tx engine.Querier, organization int64, freed map[int64]int64) error {
	var sum int64
	for _, bytes := range freed {
		sum += bytes
	}
	for app, bytes := range maps.All(freed) {
		if sum > 0 { // the sum first: it is locked first
			if _, err := tx.ExecContext(ctx, sqlUpsertUsage, organization, allApps, -sum, unlimited); err != nil {
				return err
			}
			sum = 0
		}
		if _, err := tx.ExecContext(ctx, sqlUpsertUsage, organization, app, -bytes, unlimited); err != nil {
			return err
		}
	}
	return nil
}

// CorrectUsage: numbers beside the data may drift. A node of an earlier version
// enters files without counting them.
func (s *retentionStore) CorrectUsage(ctx context.Context, organization int64) error {
	wrong, err := wrongUsage(ctx, s.db.read(), organization)
	if err != nil || len(wrong) == 0 {
		return s.db.toFault(err)
	}
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if _, err := tx.ExecContext(ctx, sqlLockUsage, organization, allApps); err != nil {
			return err
		}
		wrong, err := wrongUsage(ctx, tx, organization)
		if err != nil {
			return err
		}
		for app, bytes := range wrong {
			if _, err := tx.ExecContext(ctx, sqlUpsertUsageCorrected, organization, app, bytes); err != nil {
				return err
			}
		}
		return nil
	})
}

// wrongUsage returns the true numbers of those apps whose row says another one.
func wrongUsage(ctx context.Context, q engine.Querier, organization int64) (map[int64]int64, error) {
	said, sums := map[int64]int64{}, map[int64]int64{}
	var kind, app, bytes int64
	err := readEach(ctx, q, sqlSelectUsageAndSum, []any{&kind, &app, &bytes}, func() error {
		if kind == 0 {
			said[app] = bytes
			return nil
		}
		sums[app] = bytes
		sums[allApps] += bytes
		return nil
	}, organization)
	if err != nil {
		return nil, err
	}
	for app := range said {
		sums[app] += 0 // of which no file is left
	}
	maps.DeleteFunc(sums, func(app, bytes int64) bool { return said[app] == bytes })
	return sums, nil
}
