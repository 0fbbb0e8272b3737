package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	mediaScanned = `SELECT revision FROM media_scan WHERE organization = $1`
	mediaScan    = `INSERT INTO media_scan (organization, revision) VALUES ($1, $2)
		ON CONFLICT (organization) DO UPDATE SET revision = excluded.revision`
	// sentAfter leaves out the messages of texts, which are most and name no file.
	sentAfter = `SELECT revision, id, agent_id, day, CASE WHEN type = 'text' THEN '' ELSE message END
		FROM task WHERE organization = $1 AND revision > $2 ORDER BY revision LIMIT $3`
	// A use of a file that is not there is not noted.
	mediaUse = `INSERT INTO media_use (organization, media_id, agent_id, day, task_id)
		SELECT m.organization, m.id, $3, $4, $5 FROM media m WHERE m.organization = $1 AND m.id = $2
		ON CONFLICT (organization, media_id, agent_id) DO UPDATE SET day = excluded.day, task_id = excluded.task_id
			WHERE excluded.day >= media_use.day`

	filesAfter = `SELECT m.id, m.created_at, m.ending_at, CASE
			WHEN EXISTS (SELECT 1 FROM media_use u JOIN task t ON t.organization = $1 AND t.id = u.task_id
				WHERE u.organization = $1 AND u.media_id = m.id) THEN 2
			WHEN EXISTS (SELECT 1 FROM media_use u WHERE u.organization = $1 AND u.media_id = m.id) THEN 1
			ELSE 0 END
		FROM media m WHERE m.organization = $1 AND m.id > $2 ORDER BY m.id LIMIT $3`
	iconsOf = `SELECT icon FROM app WHERE organization = $1`
	formsOf = `SELECT form FROM template_version WHERE organization = $1`

	mediaEnding = `UPDATE media SET ending_at = $2 WHERE organization = $1 AND id IN (%s)`
	// The content is removed by whoever sweeps abandoned uploads, wherever it is.
	mediaAbandon = `INSERT INTO media_upload (organization, id, created_at, abandoned)
		SELECT organization, id, created_at, 1 FROM media WHERE organization = $1 AND id IN (%s)`
	mediaUnused   = `SELECT app_id, size FROM media WHERE organization = $1 AND id IN (%s)`
	mediaDelete   = `DELETE FROM media WHERE organization = $1 AND id IN (%s)`
	mediaUsesOver = `DELETE FROM media_use WHERE organization = $1 AND media_id IN (%s)`
)

// Scanned implements retention.Store.
func (r *Retention) Scanned(ctx context.Context, organization int64) (revision int64, err error) {
	err = r.db.read().QueryRowContext(ctx, mediaScanned, organization).Scan(&revision)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return revision, r.db.explain(err)
}

// Sent implements retention.Store.
func (r *Retention) Sent(ctx context.Context, organization, after int64, limit int) ([]retention.Sent, error) {
	var sent []retention.Sent
	err := eachRow(ctx, r.db.read(), sentAfter, func(rows *sql.Rows) error {
		var s retention.Sent
		err := rows.Scan(&s.Revision, &s.TaskID, &s.AgentID, &s.Day, &s.Message)
		sent = append(sent, s)
		return err
	}, organization, after, limit)
	return sent, r.db.explain(err)
}

// NoteUses implements retention.Store.
func (r *Retention) NoteUses(ctx context.Context, organization int64, uses []retention.Use, through int64) error {
	return r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		for _, u := range uses {
			if _, err := tx.ExecContext(ctx, mediaUse, organization, u.MediaID, u.AgentID, u.Day, u.TaskID); err != nil {
				return err
			}
		}
		if through == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, mediaScan, organization, through)
		return err
	})
}

// Files implements retention.Store.
func (r *Retention) Files(ctx context.Context, organization int64, after string, limit int) ([]retention.File, error) {
	var files []retention.File
	err := eachRow(ctx, r.db.read(), filesAfter, func(rows *sql.Rows) error {
		var f retention.File
		var created int64
		var ending sql.NullInt64
		err := rows.Scan(&f.ID, &created, &ending, &f.Naming)
		f.CreatedAt, f.EndingAt = fromMillis(created), fromNullMillis(ending)
		files = append(files, f)
		return err
	}, organization, after, limit)
	return files, r.db.explain(err)
}

// Shown implements retention.Store. Forms are read one by one: together they
// may be large.
func (r *Retention) Shown(ctx context.Context, organization int64, ids []string) ([]string, error) {
	var shown []string
	for _, query := range []string{iconsOf, formsOf} {
		err := eachRow(ctx, r.db.read(), query, func(rows *sql.Rows) error {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			for id := range media.IDsIn(text) {
				if slices.Contains(ids, id) {
					shown = append(shown, id)
				}
			}
			return nil
		}, organization)
		if err != nil {
			return nil, r.db.explain(err)
		}
	}
	return shown, nil
}

// EndFiles implements retention.Store.
func (r *Retention) EndFiles(ctx context.Context, organization int64, ids []string, at time.Time) error {
	return r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		return eachIn(ids, 3, func(list string, args []any) error {
			_, err := tx.ExecContext(ctx, fmt.Sprintf(mediaEnding, list), append([]any{organization, toNullMillis(at)}, args...)...)
			return err
		})
	})
}

// DeleteFiles implements retention.Store.
func (r *Retention) DeleteFiles(ctx context.Context, organization int64, ids []string) (deleted int, err error) {
	err = r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		deleted = 0
		freed := map[int64]int64{}
		err := eachIn(ids, 2, func(list string, args []any) error {
			args = append([]any{organization}, args...)
			err := eachRow(ctx, tx, fmt.Sprintf(mediaUnused, list), func(rows *sql.Rows) error {
				var app, size int64
				err := rows.Scan(&app, &size)
				freed[app] += size
				return err
			}, args...)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf(mediaAbandon, list), args...); err != nil {
				return err
			}
			n, err := affected(tx.ExecContext(ctx, fmt.Sprintf(mediaDelete, list), args...))
			if err != nil {
				return err
			}
			deleted += int(n)
			_, err = tx.ExecContext(ctx, fmt.Sprintf(mediaUsesOver, list), args...)
			return err
		})
		if err != nil {
			return err
		}
		return dropUsage(ctx, tx, organization, freed)
	})
	return deleted, err
}
