package store

import (
	"context"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlSelectMediaScanned = `SELECT revision FROM media_scan WHERE organization = $1`
	sqlUpsertMediaScanned = `INSERT INTO media_scan (organization, revision) VALUES ($1, $2)
		ON CONFLICT (organization) DO UPDATE SET revision = excluded.revision`
	// sqlSelectSentAfter leaves out the messages of texts, which are most and name no file.
	sqlSelectSentAfter = `SELECT revision, id, agent_id, day, CASE WHEN type = 'text' THEN '' ELSE message END
		FROM task WHERE organization = $1 AND revision > $2 ORDER BY revision LIMIT $3`
	// A use of a file that is not there is not noted.
	sqlUpsertMediaUse = `INSERT INTO media_use (organization, media_id, agent_id, day, task_id)
		SELECT m.organization, m.id, $3, $4, $5 FROM media m WHERE m.organization = $1 AND m.id = $2
		ON CONFLICT (organization, media_id, agent_id) DO UPDATE SET day = excluded.day, task_id = excluded.task_id
			WHERE excluded.day >= media_use.day`

	sqlSelectFilesAfter = `SELECT m.id, m.created_at, m.ending_at, CASE
			WHEN EXISTS (SELECT 1 FROM media_use u JOIN task t ON t.organization = $1 AND t.id = u.task_id
				WHERE u.organization = $1 AND u.media_id = m.id) THEN 2
			WHEN EXISTS (SELECT 1 FROM media_use u WHERE u.organization = $1 AND u.media_id = m.id) THEN 1
			ELSE 0 END
		FROM media m WHERE m.organization = $1 AND m.id > $2 ORDER BY m.id LIMIT $3`
	sqlSelectIcons = `SELECT icon FROM app WHERE organization = $1`
	sqlSelectForms = `SELECT form FROM template_version WHERE organization = $1`

	sqlUpdateMediaEnding = `UPDATE media SET ending_at = $2 WHERE organization = $1 AND id IN (%s)`
	// The content is removed by whoever sweeps abandoned uploads, wherever it is.
	sqlInsertUploadsOfMedia = `INSERT INTO media_upload (organization, id, created_at, abandoned)
		SELECT organization, id, created_at, 1 FROM media WHERE organization = $1 AND id IN (%s)`
	sqlSelectMediaSizes = `SELECT app_id, size FROM media WHERE organization = $1 AND id IN (%s)`
	sqlDeleteMedia      = `DELETE FROM media WHERE organization = $1 AND id IN (%s)`
	sqlDeleteMediaUses  = `DELETE FROM media_use WHERE organization = $1 AND media_id IN (%s)`
)

func (s *retentionStore) Scanned(ctx context.Context, organization int64) (revision int64, err error) {
	_, err = readRow(ctx, s.db.read(), sqlSelectMediaScanned, []any{&revision}, organization)
	return revision, s.db.toFault(err)
}

func (s *retentionStore) Sent(ctx context.Context, organization, after int64, limit int) ([]retention.Sent, error) {
	sent, err := readRows(ctx, s.db.read(), sqlSelectSentAfter, func(one *retention.Sent) []any {
		return []any{&one.Revision, &one.TaskID, &one.AgentID, &one.Day, &one.Message}
	}, organization, after, limit)
	return sent, s.db.toFault(err)
}

func (s *retentionStore) NoteUses(ctx context.Context, organization int64, uses []retention.Use, through int64) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, u := range uses {
			if _, err := tx.ExecContext(ctx, sqlUpsertMediaUse, organization, u.MediaID, u.AgentID, u.Day, u.TaskID); err != nil {
				return err
			}
		}
		if through == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, sqlUpsertMediaScanned, organization, through)
		return err
	})
}

func (s *retentionStore) Files(ctx context.Context, organization int64, after string, limit int) ([]retention.File, error) {
	files, err := readRows(ctx, s.db.read(), sqlSelectFilesAfter, func(f *retention.File) []any {
		return []any{&f.ID, (*millis)(&f.CreatedAt), (*millis)(&f.EndingAt), &f.Naming}
	}, organization, after, limit)
	return files, s.db.toFault(err)
}

// Shown reads forms one by one: together they may be large.
func (s *retentionStore) Shown(ctx context.Context, organization int64, ids []string) ([]string, error) {
	var shown []string
	for _, query := range []string{sqlSelectIcons, sqlSelectForms} {
		var text string
		err := readEach(ctx, s.db.read(), query, []any{&text}, func() error {
			for id := range media.IDsIn(text) {
				if slices.Contains(ids, id) {
					shown = append(shown, id)
				}
			}
			return nil
		}, organization)
		if err != nil {
			return nil, s.db.toFault(err)
		}
	}
	return shown, nil
}

func (s *retentionStore) EndFiles(ctx context.Context, organization int64, ids []string, at time.Time) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		_, err := execIn(ctx, tx, sqlUpdateMediaEnding, []any{organization, toNullMillis(at)}, ids)
		return err
	})
}

func (s *retentionStore) DeleteFiles(ctx context.Context, organization int64, ids []string) (deleted int, err error) {
	err = s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		of, freed := []any{organization}, map[int64]int64{}
		var app, size int64
		err := readEachIn(ctx, tx, sqlSelectMediaSizes, of, ids, []any{&app, &size}, func() error {
			freed[app] += size
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := execIn(ctx, tx, sqlInsertUploadsOfMedia, of, ids); err != nil {
			return err
		}
		n, err := execIn(ctx, tx, sqlDeleteMedia, of, ids)
		if err != nil {
			return err
		}
		deleted = int(n)
		if _, err := execIn(ctx, tx, sqlDeleteMediaUses, of, ids); err != nil {
			return err
		}
		return dropUsage(ctx, tx, organization, freed)
	})
	return deleted, err
}
