package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Media keeps the rows of uploaded files; MediaContents may keep their contents.
func (d *DB) Media() media.Store { return &mediaStore{d} }

type mediaStore struct{ db *DB }

const (
	sqlInsertMedia = `INSERT INTO media
	(organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlSelectMediaByID = `SELECT organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at, ending_at
	FROM media WHERE organization = $1 AND id IN (%s)`

	sqlInsertUpload           = `INSERT INTO media_upload (organization, id, created_at, abandoned) VALUES ($1, $2, $3, 0)`
	sqlDeleteUploadEntered    = `DELETE FROM media_upload WHERE organization = $1 AND id = $2 AND abandoned = 0`
	sqlDeleteUpload           = `DELETE FROM media_upload WHERE organization = $1 AND id = $2`
	sqlUpdateUploadsAbandoned = `UPDATE media_upload SET abandoned = 1 WHERE created_at < $1 AND abandoned = 0`
	sqlSelectUploadsAbandoned = `SELECT organization, id FROM media_upload WHERE created_at < $1 AND abandoned = 1
		ORDER BY created_at LIMIT $2`
)

func (s *mediaStore) CreateUpload(ctx context.Context, organization int64, id string, at time.Time) error {
	return s.exec(ctx, engine.Sends, sqlInsertUpload, organization, id, at.UnixMilli())
}

func (s *mediaStore) DeleteUpload(ctx context.Context, organization int64, id string) error {
	return s.exec(ctx, engine.Directory, sqlDeleteUpload, organization, id)
}

// exec is a transaction of one statement.
func (s *mediaStore) exec(ctx context.Context, class engine.Class, statement string, args ...any) error {
	return s.db.write(ctx, class, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
}

// Create returns CodeConflict for an upload that is not noted any more as well.
func (s *mediaStore) Create(ctx context.Context, f media.File, q media.Quota) error {
	return s.db.write(ctx, engine.Sends, func(ctx context.Context, tx engine.Querier) error {
		n, err := affected(tx.ExecContext(ctx, sqlDeleteUploadEntered, f.Organization, f.ID))
		if err != nil {
			return err
		}
		if n != 1 {
			return fault.New(fault.CodeConflict, "the upload took too long")
		}
		if err := addUsage(ctx, tx, f, q); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, sqlInsertMedia, f.Organization, f.ID, f.AppID, f.Kind, f.Name,
			f.ContentType, f.Size, f.Width, f.Height, f.Digest, f.CreatedAt.UnixMilli())
		return err
	})
}

func (s *mediaStore) AbandonUploads(ctx context.Context, before time.Time, limit int) ([]media.File, error) {
	if err := s.exec(ctx, engine.Directory, sqlUpdateUploadsAbandoned, before.UnixMilli()); err != nil {
		return nil, err
	}
	files, err := readRows(ctx, s.db.read(), sqlSelectUploadsAbandoned, func(f *media.File) []any {
		return []any{&f.Organization, &f.ID}
	}, before.UnixMilli(), limit)
	return files, s.db.toFault(err)
}

func (s *mediaStore) ByIDs(ctx context.Context, organization int64, ids []string) ([]media.File, error) {
	var f media.File
	var ending time.Time
	into := []any{
		&f.Organization, &f.ID, &f.AppID, &f.Kind, &f.Name, &f.ContentType,
		&f.Size, &f.Width, &f.Height, &f.Digest, (*millis)(&f.CreatedAt), (*millis)(&ending),
	}
	var files []media.File
	err := readEachIn(ctx, s.db.read(), sqlSelectMediaByID, []any{organization}, ids, into, func() error {
		f.Ending = !ending.IsZero()
		files = append(files, f)
		return nil
	})
	return files, s.db.toFault(err)
}
