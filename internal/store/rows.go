package store

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// insert describes rows of one table for insertRows. Declare it once per
// table, as a package constant would be.
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
