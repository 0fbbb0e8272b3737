package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// pieceSize is how much of a file is in memory at a time, and in one row.
const pieceSize = 256 << 10

// MediaContents are the contents of uploaded files, in pieces. It implements
// media.Storage.
type MediaContents struct{ db *DB }

// MediaContents returns the part of the store that keeps contents of files,
// for installations that keep them in the database.
func (d *DB) MediaContents() *MediaContents { return &MediaContents{d} }

var _ media.Storage = (*MediaContents)(nil)

const (
	createPiece  = `INSERT INTO media_piece (organization, media_id, piece, content) VALUES ($1, $2, $3, $4)`
	pieceOf      = `SELECT content FROM media_piece WHERE organization = $1 AND media_id = $2 AND piece = $3`
	deletePieces = `DELETE FROM media_piece WHERE organization = $1 AND media_id = $2`
)

// Create implements media.Storage, each piece in a transaction of its own, so
// that sends need not wait for the whole.
func (m *MediaContents) Create(ctx context.Context, organization int64, id string, content io.ReadSeeker, size int64) error {
	piece := make([]byte, min(size, pieceSize))
	for n := int64(0); n*pieceSize < size; n++ {
		part := piece[:min(size-n*pieceSize, pieceSize)]
		if _, err := io.ReadFull(content, part); err != nil {
			return fmt.Errorf("store.MediaContents.Create: %w", err)
		}
		err := m.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
			_, err := tx.ExecContext(ctx, createPiece, organization, id, n, part)
			return err
		})
		if err != nil {
			return fmt.Errorf("store.MediaContents.Create: %w", err)
		}
	}
	return nil
}

// Open implements media.Storage.
func (m *MediaContents) Open(ctx context.Context, organization int64, id string, size int64) (io.ReadSeekCloser, error) {
	return media.Ranged(size, func(offset int64) (io.ReadCloser, error) {
		r := &pieces{ctx: ctx, contents: m, organization: organization, id: id, next: offset / pieceSize}
		if err := r.fetch(); err != nil {
			return nil, err
		}
		r.left = r.left[min(offset%pieceSize, int64(len(r.left))):]
		return io.NopCloser(r), nil
	})
}

// Remove implements media.Storage.
func (m *MediaContents) Remove(ctx context.Context, organization int64, id string) error {
	err := m.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, deletePieces, organization, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("store.MediaContents.Remove: %w", err)
	}
	return nil
}

// pieces reads one piece after the other.
type pieces struct {
	ctx          context.Context // of the request that reads
	contents     *MediaContents
	organization int64
	id           string
	next         int64
	left         []byte // of the piece before next
}

func (p *pieces) fetch() error {
	row := p.contents.db.read().QueryRowContext(p.ctx, pieceOf, p.organization, p.id, p.next)
	p.left = nil
	err := row.Scan(&p.left)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("piece %d of file %s: %w", p.next, p.id, fs.ErrNotExist)
	}
	if err != nil {
		return fmt.Errorf("store.MediaContents.Open: %w", p.contents.db.explain(err))
	}
	p.next++
	return nil
}

// Read implements io.Reader. Where the pieces end is known by the file's size,
// so one that is missing is an error.
func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		if err := p.fetch(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	return n, nil
}
