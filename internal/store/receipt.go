package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Receipts records reading.
func (d *DB) Receipts() inbox.Receipts { return &receiptStore{d} }

type receiptStore struct{ db *DB }

var (
	sqlInsertReceipts = &insert{
		into:    `INSERT INTO receipt (organization, task_id, ordinal, read_at) VALUES`,
		columns: 4,
		suffix:  `ON CONFLICT DO NOTHING`,
	}
	sqlUpsertFloors = &insert{
		into:    `INSERT INTO unread_by_app (organization, ordinal, floor, candidates) VALUES`,
		columns: 4,
		suffix: `ON CONFLICT (organization, ordinal) DO UPDATE
			SET floor = excluded.floor, candidates = excluded.candidates
			WHERE excluded.floor >= unread_by_app.floor`,
	}
)

const (
	// sqlSelectReaders asks in one statement whether receipts are kept: a task whose
	// receipts are being deleted must not look unread. The readers come as one text:
	// a million rows would take three times as long.
	sqlSelectReaders = `
SELECT COUNT(*), (SELECT string_agg(CAST(ordinal AS TEXT), ',') FROM receipt
	WHERE organization = $1 AND task_id = $2 AND ordinal BETWEEN $3 AND $4)
FROM task t WHERE t.organization = $1 AND t.id = $2 AND ` + receiptsDropped

	sqlSelectLastReader = `SELECT COALESCE(MAX(ordinal), 0) FROM receipt WHERE organization = $1 AND task_id = $2`

	sqlSelectReadAt = `
SELECT 1, 0 FROM task t WHERE t.organization = $1 AND t.id = $2 AND ` + receiptsDropped + `
UNION ALL
SELECT 0, read_at FROM receipt WHERE organization = $1 AND task_id = $2 AND ordinal = $3`
)

func (s *receiptStore) Create(ctx context.Context, receipts []inbox.Receipt) error {
	values := make([]any, 0, len(receipts)*sqlInsertReceipts.columns)
	for _, one := range receipts {
		values = append(values, one.Organization, one.TaskID, int64(one.Ordinal), one.ReadAt.UnixMilli())
	}
	return s.db.write(ctx, engine.Receipts, func(ctx context.Context, tx engine.Querier) error {
		if err := sqlInsertReceipts.rows(ctx, tx, values); err != nil || s.db.alone() {
			return err
		}
		return s.noteReads(ctx, tx, receipts)
	})
}

func (s *receiptStore) MarkFloors(ctx context.Context, floors []inbox.UnreadFloor) error {
	values := make([]any, 0, len(floors)*sqlUpsertFloors.columns)
	for _, f := range floors {
		values = append(values, f.Viewer.Organization, int64(f.Viewer.Ordinal), f.Floor, writeCandidates(f.Candidates))
	}
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		return sqlUpsertFloors.rows(ctx, tx, values)
	})
}

func (s *taskStore) ReadAt(ctx context.Context, organization, id int64, ordinal uint32) (at time.Time, kept bool, err error) {
	kept = true
	var dropped, read int64
	err = readEach(ctx, s.db.read(), sqlSelectReadAt, []any{&dropped, &read}, func() error {
		if dropped != 0 {
			kept = false
		} else {
			at = time.UnixMilli(read).UTC()
		}
		return nil
	}, organization, id, int64(ordinal))
	return at, kept, s.db.toFault(err)
}

// Readers returns nobody for an unknown task. Where receipts are no longer kept,
// who is still in the set means nothing. The set is the caller's.
func (s *taskStore) Readers(ctx context.Context, organization, id int64) (set *roaring.Bitmap, kept bool, err error) {
	var last int64
	if err := s.db.read().QueryRowContext(ctx, sqlSelectLastReader, organization, id).Scan(&last); err != nil {
		return nil, false, s.db.toFault(err)
	}
	pieces := readerPieces(last)
	var dropped atomic.Int64
	sets := make([]*roaring.Bitmap, len(pieces))
	var reading errgroup.Group
	for i, p := range pieces {
		reading.Go(func() error {
			var gone int64
			err := s.db.read().QueryRowContext(ctx, sqlSelectReaders, organization, id, p.from, p.to).Scan(&gone, asOrdinals(&sets[i]))
			dropped.Add(gone)
			return err
		})
	}
	if err := reading.Wait(); err != nil {
		return nil, false, s.db.toFault(err)
	}
	return roaring.FastOr(sets...), dropped.Load() == 0, nil
}

type ordinals struct{ from, to int64 }

// readerPieces cuts the ordinals into what is read side by side: one processor takes
// long over a million receipts. The last piece has no end, since somebody may read
// the task meanwhile.
func readerPieces(last int64) []ordinals {
	const smallest, most = 1 << 16, 4
	n := min(last/smallest+1, most)
	width := last/n + 1
	pieces := make([]ordinals, n)
	for i := range n {
		pieces[i] = ordinals{from: i * width, to: (i+1)*width - 1}
	}
	pieces[n-1].to = math.MaxUint32
	return pieces
}

// asOrdinals reads numbers with commas between them; NULL is none.
func asOrdinals(into **roaring.Bitmap) sql.Scanner {
	return column(func(b []byte) error {
		set, piece := roaring.New(), make([]uint32, 0, 4096)
		for len(b) > 0 {
			text, rest, _ := bytes.Cut(b, []byte{','})
			n, err := strconv.ParseUint(string(text), 10, 32)
			if err != nil {
				return fmt.Errorf("ordinals: %w", err)
			}
			if piece = append(piece, uint32(n)); len(piece) == cap(piece) {
				set.AddMany(piece)
				piece = piece[:0]
			}
			b = rest
		}
		set.AddMany(piece)
		*into = set
		return nil
	})
}
