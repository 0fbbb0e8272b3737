package copier

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// Table is what a table holds: how many rows, and a digest that is the same on
// both engines and in whatever order the rows come.
type Table struct {
	Name   string
	Rows   int64
	Digest string // 64 hexadecimal digits
}

// tally adds rows up. Each row has a SHA-256 of its own; the digest of the
// table is their sum, in four lanes.
type tally struct {
	hash  hash.Hash
	row   []byte
	rows  int64
	lanes [4]uint64
}

func newTally() *tally { return &tally{hash: sha256.New()} }

// add takes a row whose values are int64, string, []byte or nil. Every value
// says its type and length, so that no two rows are written the same.
func (t *tally) add(values []any) {
	t.row = t.row[:0]
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			t.row = append(t.row, 0)
		case int64:
			t.row = binary.BigEndian.AppendUint64(append(t.row, 1), uint64(v)) //nolint:gosec // its bits
		case string:
			t.row = append(binary.BigEndian.AppendUint64(append(t.row, 2), uint64(len(v))), v...)
		case []byte:
			t.row = append(binary.BigEndian.AppendUint64(append(t.row, 3), uint64(len(v))), v...)
		}
	}
	t.hash.Reset()
	t.hash.Write(t.row)
	sum := t.hash.Sum(t.row[:0])
	for i := range t.lanes {
		t.lanes[i] += binary.BigEndian.Uint64(sum[8*i:])
	}
	t.row = sum
	t.rows++
}

func (t *tally) table(name string) Table {
	var b []byte
	for _, lane := range t.lanes {
		b = binary.BigEndian.AppendUint64(b, lane)
	}
	return Table{Name: name, Rows: t.rows, Digest: hex.EncodeToString(b)}
}

// each streams a table's rows. The values are valid until the next one.
func each(ctx context.Context, q engine.Querier, t table, visit func(values []any) error) error {
	rows, err := q.QueryContext(ctx, "SELECT "+t.list()+" FROM "+t.name)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	defer rows.Close()
	r := newReading(t)
	for rows.Next() {
		values, err := r.scan(rows)
		if err != nil {
			return err
		}
		if err := visit(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	return nil
}

// reading scans the rows of one table.
type reading struct {
	table  table
	values []any
	into   []any
}

func newReading(t table) *reading {
	r := &reading{table: t, values: make([]any, len(t.columns)), into: make([]any, len(t.columns))}
	for i := range r.values {
		r.into[i] = &r.values[i]
	}
	return r
}

// scan checks the types, too: SQLite keeps whatever it was given.
func (r *reading) scan(rows *sql.Rows) ([]any, error) {
	if err := rows.Scan(r.into...); err != nil {
		return nil, fmt.Errorf("table %s: %w", r.table.name, err)
	}
	for i, v := range r.values {
		var k kind
		switch v := v.(type) {
		case nil:
			continue
		case int64:
			k = number
		case string:
			k = text
		case []byte:
			k = bytes
			if v == nil { // an empty one; written as it is, it would become NULL
				r.values[i] = []byte{}
			}
		}
		if c := r.table.columns[i]; k != c.kind {
			return nil, fmt.Errorf("a row of %s holds a %T in %s, which is not of the column's type", r.table.name, v, c.name)
		}
	}
	return r.values, nil
}

// digest counts and digests a table.
func digest(ctx context.Context, q engine.Querier, t table, told func(rows int64)) (Table, error) {
	sum := newTally()
	err := each(ctx, q, t, func(values []any) error {
		sum.add(values)
		told(sum.rows)
		return nil
	})
	return sum.table(t.name), err
}
