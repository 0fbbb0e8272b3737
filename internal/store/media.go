package store

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Media are the rows of uploaded files; the files themselves lie on the disk.
type Media struct{ db *DB }

// Media returns the store of uploaded files.
func (d *DB) Media() *Media { return &Media{d} }

var _ media.Store = (*Media)(nil)

const createMedia = `INSERT INTO media
	(organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// Create enters a file. CodeConflict if its id is taken.
func (m *Media) Create(ctx context.Context, f media.File) error {
	err := m.db.write(ctx, engine.Sends, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, createMedia, f.Organization, f.ID, f.AppID, f.Kind, f.Name,
			f.ContentType, f.Size, f.Width, f.Height, f.Digest, f.CreatedAt.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("store.Media.Create: %w", err)
	}
	return nil
}

const mediaColumns = `SELECT organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at
	FROM media WHERE organization = $1 AND `

// Two texts, however many ids there are: most messages mention one.
const (
	mediaByID  = mediaColumns + `id = $2`
	mediaByIDs = mediaColumns + `id IN ($2, $3, $4, $5, $6, $7, $8, $9,
		$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`
	mediaAtOnce = 20
)

// ByIDs returns those of the organization's files that exist among ids.
func (m *Media) ByIDs(ctx context.Context, organization int64, ids []string) ([]media.File, error) {
	var files []media.File
	for len(ids) > 0 {
		n, query := 1, mediaByID
		args := []any{organization, ids[0]}
		if len(ids) > 1 {
			n, query = min(len(ids), mediaAtOnce), mediaByIDs
			for i := 1; i < mediaAtOnce; i++ {
				args = append(args, ids[min(i, n-1)]) // the last one fills what is left
			}
		}
		found, err := m.query(ctx, query, args)
		if err != nil {
			return nil, fmt.Errorf("store.Media.ByIDs: %w", m.db.explain(err))
		}
		files, ids = append(files, found...), ids[n:]
	}
	return files, nil
}

func (m *Media) query(ctx context.Context, query string, args []any) ([]media.File, error) {
	rows, err := m.db.read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var files []media.File
	for rows.Next() {
		var f media.File
		var created int64
		if err := rows.Scan(&f.Organization, &f.ID, &f.AppID, &f.Kind, &f.Name, &f.ContentType,
			&f.Size, &f.Width, &f.Height, &f.Digest, &created); err != nil {
			return nil, err
		}
		f.CreatedAt = fromMillis(created)
		files = append(files, f)
	}
	return files, rows.Err()
}
