package store

import (
	"context"
	"fmt"
	"io"
	"io/fs"

	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// pieceSize is how much of a file is in memory at a time, and in one row.
const pieceSize = 256 << 10

// MediaContents keeps the contents of uploaded files in pieces, for installations
// that keep them in the database.
func (d *DB) MediaContents() media.Storage { return &contentStore{d} }

type contentStore struct{ db *DB }

const (
	sqlInsertPiece  = `INSERT INTO media_piece (organization, media_id, piece, content) VALUES ($1, $2, $3, $4)`
	sqlSelectPiece  = `SELECT content FROM media_piece WHERE organization = $1 AND media_id = $2 AND piece = $3`
	sqlDeletePieces = `DELETE FROM media_piece WHERE organization = $1 AND media_id = $2`
)

// Create writes each piece in a transaction of its own, so that sends need not wait
// for the whole.
func (s *contentStore) Create(ctx context.Context, organization int64, id string, content io.ReadSeeker, size int64) error {
	piece := make([]byte, min(size, pieceSize))
	for n := int64(0); n*pieceSize < size; n++ {
		part := piece[:min(size-n*pieceSize, pieceSize)]
		if _, err := io.ReadFull(content, part); err != nil {
			return fmt.Errorf("content of file %s: %w", id, err)
		}
		err := s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
			_, err := tx.ExecContext(ctx, sqlInsertPiece, organization, id, n, part)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *contentStore) Open(ctx context.Context, organization int64, id string, size int64) (io.ReadSeekCloser, error) {
	return media.Ranged(size, func(offset int64) (io.ReadCloser, error) {
		r := &pieces{ctx: ctx, contents: s, organization: organization, id: id, next: offset / pieceSize}
		if err := r.fetch(); err != nil {
			return nil, err
		}
		r.left = r.left[min(offset%pieceSize, int64(len(r.left))):]
		return io.NopCloser(r), nil
	})
}

func (s *contentStore) Remove(ctx context.Context, organization int64, id string) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, sqlDeletePieces, organization, id)
		return err
	})
}

// pieces reads one piece after the other.
type pieces struct {
	ctx          context.Context // of the request that reads
	contents     *contentStore
	organization int64
	id           string
	next         int64
	left         []byte // of the piece before next
}

func (p *pieces) fetch() error {
	missing := func() error { return fmt.Errorf("piece %d of file %s: %w", p.next, p.id, fs.ErrNotExist) }
	p.left = nil
	err := needRow(p.ctx, p.contents.db.read(), missing, sqlSelectPiece, []any{&p.left}, p.organization, p.id, p.next)
	if err != nil {
		return p.contents.db.toFault(err)
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
