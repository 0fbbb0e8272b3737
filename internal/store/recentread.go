package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/store/engine"
)

// RecentReads tells the nodes of one PostgreSQL which people have read
// something on the others. It implements inbox.Elsewhere.
type RecentReads struct{ db *DB }

// RecentReads returns what other nodes write beside their receipts; nil on
// SQLite, where there are none.
func (d *DB) RecentReads() *RecentReads {
	if d.alone() {
		return nil
	}
	return &RecentReads{d}
}

var _ inbox.Elsewhere = (*RecentReads)(nil)

// alone reports whether this process is the only node of its database.
func (d *DB) alone() bool { return d.engine.Name() != "postgres" }

const sqlNoteRead = `INSERT INTO recent_read (xact, organization, node, ordinals)
	VALUES (pg_current_xact_id()::text::bigint, $1, $2, $3)`

// noteReads says, in the transaction of receipts sorted by organization, whose
// they are.
func (r *Receipts) noteReads(ctx context.Context, tx engine.Querier, receipts []inbox.Receipt) error {
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
		if _, err := tx.ExecContext(ctx, sqlNoteRead, organization, r.db.node, set); err != nil {
			return err
		}
		receipts = receipts[n:]
	}
	return nil
}

// The mark is the oldest transaction under way: whatever this statement does
// not see yet is that one or a later one.
const sqlRecentReads = `SELECT mark.xact, r.xact, r.organization, r.node, r.ordinals
	FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xact) mark
	LEFT JOIN recent_read r ON r.xact >= $1 AND r.node <> $2
	LIMIT $3`

// ReadsSince implements inbox.Elsewhere.
func (r *RecentReads) ReadsSince(ctx context.Context, since int64, limit int) (reads []inbox.RecentRead, mark int64, err error) {
	err = eachRow(ctx, r.db.read(), sqlRecentReads, func(rows *sql.Rows) error {
		var xact, organization, node sql.NullInt64
		var set []byte
		if err := rows.Scan(&mark, &xact, &organization, &node, &set); err != nil || !xact.Valid {
			return err
		}
		readers := roaring.New()
		if err := readers.UnmarshalBinary(set); err != nil {
			return fmt.Errorf("readers: %w", err)
		}
		reads = append(reads, inbox.RecentRead{
			ReadKey:  inbox.ReadKey{Transaction: xact.Int64, Organization: organization.Int64, Node: node.Int64},
			Ordinals: readers.ToArray(),
		})
		return nil
	}, since, r.db.node, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("store.RecentReads.ReadsSince: %w", r.db.explain(err))
	}
	return reads, mark, nil
}

const (
	sqlForgetReads = `DELETE FROM recent_read WHERE xact < $1`

	// Transactions of the future are another server's: the database was copied.
	sqlForgetCopied = `DELETE FROM recent_read WHERE xact >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint`
)

// DeleteReadsBefore implements inbox.Elsewhere.
func (r *RecentReads) DeleteReadsBefore(ctx context.Context, mark int64) error {
	return r.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		if _, err := tx.ExecContext(ctx, sqlForgetReads, mark); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, sqlForgetCopied)
		return err
	})
}
