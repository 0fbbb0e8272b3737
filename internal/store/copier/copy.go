package copier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Progress hears how far a copy is, often.
type Progress func(step, table string, rows int64)

// Copy fills a target of the same schema with all there is in a source, and
// then reads both: an error says which table differs. It returns what they
// hold.
func Copy(ctx context.Context, from *Source, to *Target, told Progress) ([]Table, error) {
	if !slices.EqualFunc(from.tables, to.tables, func(a, b table) bool {
		return a.name == b.name && slices.Equal(a.columns, b.columns)
	}) {
		return nil, fmt.Errorf("source and target have different tables, though both are of schema version %d", from.Schema())
	}
	var all []Table
	for _, t := range from.tables {
		sum := newTally()
		next := func(values []any) {
			sum.add(values)
			told("copying", t.name, sum.rows)
		}
		if err := to.fill(ctx, from, t, next); err != nil {
			return nil, err
		}
		read := sum.table(t.name)
		written, err := digest(ctx, to.conn, t, func(rows int64) { told("verifying", t.name, rows) })
		if err != nil {
			return nil, err
		}
		if read != written {
			return nil, fmt.Errorf("table %s differs after copying: %d rows with digest %s were read, %d rows with digest %s are there",
				t.name, read.Rows, read.Digest, written.Rows, written.Digest)
		}
		all = append(all, written)
	}
	return all, nil
}

// fill copies one table.
func (to *Target) fill(ctx context.Context, from *Source, t table, next func([]any)) error {
	if to.engine == "postgres" {
		return to.stream(ctx, from, t, next)
	}
	one, err := to.conn.PrepareContext(ctx, insertion(t, 1)) //nolint:sqlclosecheck // the linter loses it in the closure
	if err != nil {
		return err
	}
	defer one.Close()                                                //nolint:errcheck // what it did was answered
	many, err := to.conn.PrepareContext(ctx, insertion(t, together)) //nolint:sqlclosecheck // the linter loses it in the closure
	if err != nil {
		return err
	}
	defer many.Close() //nolint:errcheck // what it did was answered
	var piece []any
	if err := each(ctx, from.conn, t, func(values []any) error {
		next(values)
		piece = append(piece, values...)
		if len(piece) < together*len(values) {
			return nil
		}
		_, err := many.ExecContext(ctx, piece...)
		piece = piece[:0]
		return err
	}); err != nil {
		return err
	}
	for row := range slices.Chunk(piece, len(t.columns)) {
		if _, err := one.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}

// together is how many rows go into one statement.
const together = 32

func insertion(t table, rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", t.name, t.list())
	n := 0
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		for i := range t.columns {
			n++
			b.WriteString([]string{"($", ", $"}[min(i, 1)] + strconv.Itoa(n))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// stream sends the rows as PostgreSQL's own COPY takes them.
func (to *Target) stream(ctx context.Context, from *Source, t table, next func([]any)) error {
	rows, err := from.conn.QueryContext(ctx, "SELECT "+t.list()+" FROM "+t.name) //nolint:sqlclosecheck // the linter loses it in the closure
	if err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	defer rows.Close()
	r := newReading(t)
	err = to.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return errors.New("not a PostgreSQL connection")
		}
		_, err := c.Conn().CopyFrom(ctx, pgx.Identifier{t.name}, t.names(), pgx.CopyFromFunc(func() ([]any, error) {
			if !rows.Next() {
				return nil, rows.Err()
			}
			values, err := r.scan(rows)
			if err == nil {
				next(values)
			}
			return values, err
		}))
		return err
	})
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	return nil
}
