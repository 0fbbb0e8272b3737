package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Media are the rows of uploaded files; MediaContents may be where their
// contents are.
type Media struct{ db *DB }

// Media returns the store of uploaded files.
func (d *DB) Media() *Media { return &Media{d} }

var _ media.Store = (*Media)(nil)

const (
	createMedia = `INSERT INTO media
	(organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

	createUpload   = `INSERT INTO media_upload (organization, id, created_at, abandoned) VALUES ($1, $2, $3, 0)`
	enterUpload    = `DELETE FROM media_upload WHERE organization = $1 AND id = $2 AND abandoned = 0`
	deleteUpload   = `DELETE FROM media_upload WHERE organization = $1 AND id = $2`
	abandonUploads = `UPDATE media_upload SET abandoned = 1 WHERE created_at < $1 AND abandoned = 0`
	abandoned      = `SELECT organization, id FROM media_upload WHERE created_at < $1 AND abandoned = 1
		ORDER BY created_at LIMIT $2`
)

// CreateUpload implements media.Store.
func (m *Media) CreateUpload(ctx context.Context, organization int64, id string, at time.Time) error {
	return m.exec(ctx, engine.Sends, "CreateUpload", createUpload, organization, id, at.UnixMilli())
}

// DeleteUpload implements media.Store.
func (m *Media) DeleteUpload(ctx context.Context, organization int64, id string) error {
	return m.exec(ctx, engine.Directory, "DeleteUpload", deleteUpload, organization, id)
}

func (m *Media) exec(ctx context.Context, class engine.Class, name, text string, args ...any) error {
	err := m.db.write(ctx, class, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("store.Media.%s: %w", name, err)
	}
	return nil
}

// Create enters a file. CodeConflict if its id is taken or its upload is not
// noted any more; CodeUploadQuota.
func (m *Media) Create(ctx context.Context, f media.File, q media.Quota) error {
	err := m.db.write(ctx, engine.Sends, func(ctx context.Context, tx engine.Querier) error {
		noted, err := tx.ExecContext(ctx, enterUpload, f.Organization, f.ID)
		if err != nil {
			return err
		}
		if n, err := noted.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fault.New(fault.CodeConflict, "the upload took too long"))
		}
		if err := addUsage(ctx, tx, f, q); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, createMedia, f.Organization, f.ID, f.AppID, f.Kind, f.Name,
			f.ContentType, f.Size, f.Width, f.Height, f.Digest, f.CreatedAt.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("store.Media.Create: %w", err)
	}
	return nil
}

// AbandonUploads implements media.Store.
func (m *Media) AbandonUploads(ctx context.Context, before time.Time, limit int) ([]media.File, error) {
	if err := m.exec(ctx, engine.Directory, "AbandonUploads", abandonUploads, before.UnixMilli()); err != nil {
		return nil, err
	}
	var files []media.File
	err := eachRow(ctx, m.db.read(), abandoned, func(rows *sql.Rows) error {
		var f media.File
		err := rows.Scan(&f.Organization, &f.ID)
		files = append(files, f)
		return err
	}, before.UnixMilli(), limit)
	if err != nil {
		return nil, fmt.Errorf("store.Media.AbandonUploads: %w", m.db.explain(err))
	}
	return files, nil
}

const mediaColumns = `SELECT organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at, ending_at
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
		var ending sql.NullInt64
		if err := rows.Scan(&f.Organization, &f.ID, &f.AppID, &f.Kind, &f.Name, &f.ContentType,
			&f.Size, &f.Width, &f.Height, &f.Digest, &created, &ending); err != nil {
			return nil, err
		}
		f.CreatedAt, f.Ending = fromMillis(created), ending.Valid
		files = append(files, f)
	}
	return files, rows.Err()
}
