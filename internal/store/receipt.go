package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// Receipts holds who has read what. It implements inbox.Receipts.
type Receipts struct {
	db       *DB
	receipts insert
	floors   insert
}

// Receipts returns the part of the store that records reading.
func (d *DB) Receipts() *Receipts {
	return &Receipts{
		db: d,
		receipts: insert{
			into:    "INSERT INTO receipt (organization, task_id, ordinal, read_at) VALUES",
			columns: 4,
			suffix:  "ON CONFLICT DO NOTHING",
		},
		floors: insert{
			into:    "INSERT INTO unread_by_app (organization, ordinal, floor, candidates) VALUES",
			columns: 4,
			suffix: `ON CONFLICT (organization, ordinal) DO UPDATE
				SET floor = excluded.floor, candidates = excluded.candidates
				WHERE excluded.floor >= unread_by_app.floor`,
		},
	}
}

var _ inbox.Receipts = (*Receipts)(nil)

// Create implements inbox.Receipts.
func (r *Receipts) Create(ctx context.Context, receipts []inbox.Receipt) error {
	values := make([]any, 0, len(receipts)*r.receipts.columns)
	for _, one := range receipts {
		values = append(values, one.Organization, one.TaskID, int64(one.Ordinal), one.ReadAt.UnixMilli())
	}
	return r.db.write(ctx, engine.Receipts, func(ctx context.Context, tx engine.Querier) error {
		if err := r.receipts.rows(ctx, tx, values); err != nil || r.db.alone() {
			return err
		}
		return r.noteReads(ctx, tx, receipts)
	})
}

// MarkFloors implements inbox.Receipts.
func (r *Receipts) MarkFloors(ctx context.Context, floors []inbox.UnreadFloor) error {
	values := make([]any, 0, len(floors)*r.floors.columns)
	for _, h := range floors {
		values = append(values, h.Viewer.Organization, int64(h.Viewer.Ordinal), h.Floor, writeCandidates(h.Candidates))
	}
	return r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		return r.floors.rows(ctx, tx, values)
	})
}

// sqlReaders asks in one statement whether receipts are kept: a task whose
// receipts are being deleted must not look unread.
const sqlReaders = `
SELECT 1, 0 FROM task t WHERE t.organization = $1 AND t.id = $2 AND ` + receiptsDropped + `
UNION ALL
SELECT 0, ordinal FROM receipt WHERE organization = $1 AND task_id = $2`

const sqlReadAt = `
SELECT 1, 0 FROM task t WHERE t.organization = $1 AND t.id = $2 AND ` + receiptsDropped + `
UNION ALL
SELECT 0, read_at FROM receipt WHERE organization = $1 AND task_id = $2 AND ordinal = $3`

// ReadAt returns when somebody read a task; see notify.ExplainStore.
func (r *Receipts) ReadAt(ctx context.Context, organization, taskID int64, ordinal uint32) (at time.Time, kept bool, err error) {
	kept = true
	err = eachRow(ctx, r.db.read(), sqlReadAt, func(rows *sql.Rows) error {
		var dropped, read int64
		err := rows.Scan(&dropped, &read)
		if dropped != 0 {
			kept = false
		} else if err == nil {
			at = fromMillis(read)
		}
		return err
	}, organization, taskID, int64(ordinal))
	return at, kept, r.db.explain(err)
}

// Readers returns everybody who has read a task; nobody for an unknown one.
// kept is false where receipts of the task are no longer kept: then who is
// still in the set means nothing. The set is the caller's.
func (r *Receipts) Readers(ctx context.Context, organization, taskID int64) (set *roaring.Bitmap, kept bool, err error) {
	set, kept = roaring.New(), true
	const piece = 4096
	ordinals := make([]uint32, 0, piece)
	err = eachRow(ctx, r.db.read(), sqlReaders, func(rows *sql.Rows) error {
		var dropped, ordinal int64
		if err := rows.Scan(&dropped, &ordinal); err != nil {
			return err
		}
		if dropped != 0 {
			kept = false
			return nil
		}
		if ordinals = append(ordinals, uint32(ordinal)); len(ordinals) == piece {
			set.AddMany(ordinals)
			ordinals = ordinals[:0]
		}
		return nil
	}, organization, taskID)
	set.AddMany(ordinals)
	return set, kept, r.db.explain(err)
}
