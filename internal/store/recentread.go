package store

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// RecentReads tells which people have read something on other nodes of the same
// PostgreSQL; nil on SQLite, where there are none.
func (d *DB) RecentReads() inbox.Elsewhere {
	if d.alone() {
		return nil
	}
	return &recentReadStore{d}
}

type recentReadStore struct{ db *DB }

// alone reports whether this process is the only node of its database.
func (d *DB) alone() bool { return d.engine.Name() != "postgres" }

const (
	sqlInsertRecentRead = `INSERT INTO recent_read (xact, organization, node, ordinals)
		VALUES (pg_current_xact_id()::text::bigint, $1, $2, $3)`

	// The mark is the oldest transaction under way: whatever this statement does
	// not see yet is that one or a later one.
	sqlSelectRecentReads = `SELECT mark.xact, r.xact, r.organization, r.node, r.ordinals
		FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xact) mark
		LEFT JOIN recent_read r ON r.xact >= $1 AND r.node <> $2
		LIMIT $3`

	sqlDeleteRecentReads = `DELETE FROM recent_read WHERE xact < $1`

	// Transactions of the future are another server's: the database was copied.
	sqlDeleteCopiedReads = `DELETE FROM recent_read WHERE xact >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint`
)

// noteReads says, in the transaction of receipts sorted by organization, whose
// they are.
func (s *receiptStore) noteReads(ctx context.Context, tx engine.Querier, receipts []inbox.Receipt) error {
	for len(receipts) > 0 {
		organization, n := receipts[0].Organization, 0
		readers := roaring.New()
		for n < len(receipts) && receipts[n].Organization == organization {
			readers.Add(receipts[n].Ordinal)
			n++
		}
		set, err := readers.ToBytes()
		if err != nil {
			return fmt.Errorf("store: readers: %w", err)
		}
		if _, err := tx.ExecContext(ctx, sqlInsertRecentRead, organization, s.db.node, set); err != nil {
			return err
		}
		receipts = receipts[n:]
	}
	return nil
}

func (s *recentReadStore) ReadsSince(ctx context.Context, since int64, limit int) (reads []inbox.RecentRead, mark int64, err error) {
	var xact, organization, node *int64 // nil in the row that has the mark alone
	var set *roaring.Bitmap
	into := []any{&mark, &xact, &organization, &node, asSet(&set)}
	err = readEach(ctx, s.db.read(), sqlSelectRecentReads, into, func() error {
		if xact != nil {
			reads = append(reads, inbox.RecentRead{
				ReadKey:  inbox.ReadKey{Transaction: *xact, Organization: *organization, Node: *node},
				Ordinals: set.ToArray(),
			})
		}
		return nil
	}, since, s.db.node, limit)
	if err != nil {
		return nil, 0, s.db.toFault(err)
	}
	return reads, mark, nil
}

func (s *recentReadStore) DeleteReadsBefore(ctx context.Context, mark int64) error {
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if _, err := tx.ExecContext(ctx, sqlDeleteRecentReads, mark); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlDeleteCopiedReads)
		return err
	})
}
