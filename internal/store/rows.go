package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// readRow reads the row that query finds into the variables, and reports whether
// there is one.
func readRow(ctx context.Context, q engine.Querier, query string, into []any, args ...any) (bool, error) {
	err := q.QueryRowContext(ctx, query, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// needRow is readRow where no row is an error, which missing makes.
func needRow(ctx context.Context, q engine.Querier, missing func() error, query string, into []any, args ...any) error {
	found, err := readRow(ctx, q, query, into, args...)
	if err == nil && !found {
		return missing()
	}
	return err
}

// present is needRow where the row's only column does not matter.
func present(ctx context.Context, q engine.Querier, missing func() error, query string, args ...any) error {
	return needRow(ctx, q, missing, query, []any{new(any)}, args...)
}

// readRows reads all rows as values of one type. into says where the columns of a
// row go; it is called once, so each column must be something of the value itself.
func readRows[T any](ctx context.Context, q engine.Querier, query string, into func(*T) []any, args ...any) ([]T, error) {
	var list []T
	var one T
	err := readEach(ctx, q, query, into(&one), func() error {
		list = append(list, one)
		return nil
	}, args...)
	return list, err
}

// numberInto is where the only column goes, a number.
func numberInto(n *int64) []any { return []any{n} }

// readEach reads row after row into the same variables and calls each for every
// one of them. An error of each ends the reading.
func readEach(ctx context.Context, q engine.Querier, query string, into []any, each func() error, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := each(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// readEachIn is readEach for as many ids as there are: the query's list is filled
// up with pieces of them. Their parameters follow those of first.
func readEachIn[T any](
	ctx context.Context, q engine.Querier, query string, first []any, ids []T, into []any, each func() error,
) error {
	return eachIn(ids, len(first)+1, func(list string, args []any) error {
		return readEach(ctx, q, fmt.Sprintf(query, list), into, each, join(first, args)...)
	})
}

// execIn runs a statement for as many ids as there are, as readEachIn, and returns
// how many rows it changed.
func execIn[T any](ctx context.Context, tx engine.Querier, statement string, first []any, ids []T) (changed int64, err error) {
	err = eachIn(ids, len(first)+1, func(list string, args []any) error {
		n, err := affected(tx.ExecContext(ctx, fmt.Sprintf(statement, list), join(first, args)...))
		changed += n
		return err
	})
	return changed, err
}

// affected is how many rows a statement changed.
func affected(done sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// join is a new list: first may have room for more, and is used again.
func join(first, args []any) []any {
	return append(append(make([]any, 0, len(first)+len(args)), first...), args...)
}

// insert is a statement that inserts rows of one table, whose number the caller
// does not know. Declare it once, as a constant would be.
type insert struct {
	into    string // "INSERT INTO t (a, b, c) VALUES"
	columns int
	suffix  string // "ON CONFLICT DO NOTHING", or ""
	texts   sync.Map
}

// insertSizes are the only row counts that reach a database: each size is one
// prepared statement.
var insertSizes = [...]int{32, 8, 1}

// rows inserts all values, given row after row, in as few statements as the
// fixed sizes allow.
func (n *insert) rows(ctx context.Context, tx engine.Querier, values []any) error {
	left := len(values) / n.columns
	for _, size := range insertSizes {
		for left >= size {
			args := values[:size*n.columns]
			if _, err := tx.ExecContext(ctx, n.text(size), args...); err != nil {
				return err
			}
			values, left = values[size*n.columns:], left-size
		}
	}
	return nil
}

func (n *insert) text(size int) string {
	if text, ok := n.texts.Load(size); ok {
		return text.(string)
	}
	var b strings.Builder
	b.WriteString(n.into)
	for row := range size {
		if row > 0 {
			b.WriteByte(',')
		}
		b.WriteString(" (")
		placeholders(&b, row*n.columns+1, n.columns)
		b.WriteByte(')')
	}
	if n.suffix != "" {
		b.WriteString(" " + n.suffix)
	}
	text, _ := n.texts.LoadOrStore(size, b.String())
	return text.(string)
}

func placeholders(b *strings.Builder, first, n int) {
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
}

// inSizes are the list lengths that reach a database, for the same reason.
var inSizes = [...]int{1, 8, 32, 128}

// eachIn calls fn with pieces of ids and the placeholders "$f, $f+1, …" for
// them. Short pieces are filled up by repeating their last id, which changes
// no IN list's meaning.
func eachIn[T any](ids []T, first int, fn func(list string, args []any) error) error {
	for len(ids) > 0 {
		piece := ids[:min(len(ids), inSizes[len(inSizes)-1])]
		ids = ids[len(piece):]
		size := inSizes[len(inSizes)-1]
		for _, s := range inSizes {
			if len(piece) <= s {
				size = s
				break
			}
		}
		args := make([]any, size)
		for i := range args {
			args[i] = piece[min(i, len(piece)-1)]
		}
		var list strings.Builder
		placeholders(&list, first, size)
		if err := fn(list.String(), args); err != nil {
			return err
		}
	}
	return nil
}
