package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding"
	"encoding/json"
	"fmt"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// flag is a bool as both engines store it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// toNullMillis is NULL for the zero time.
func toNullMillis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// millis is a time that is read from a column, (*millis)(&t); NULL is the zero
// time.
type millis time.Time

// Scan implements sql.Scanner.
func (m *millis) Scan(column any) error {
	switch ms := column.(type) {
	case int64:
		*m = millis(time.UnixMilli(ms).UTC())
	case nil:
		*m = millis{}
	default:
		return fmt.Errorf("a time came as %T", column)
	}
	return nil
}

// hash is 32 bytes that are read from a column, (*hash)(&h).
type hash [32]byte

// Scan implements sql.Scanner.
func (h *hash) Scan(column any) error {
	b, err := columnBytes(column)
	if err == nil && len(b) != len(h) {
		err = fmt.Errorf("a hash has %d bytes", len(b))
	}
	copy(h[:], b)
	return err
}

// column is how a value is read that needs more than a copy. What it is given may
// be overwritten afterwards.
type column func(b []byte) error

// Scan implements sql.Scanner. NULL is as if nothing were stored.
func (c column) Scan(value any) error {
	b, err := columnBytes(value)
	if err != nil {
		return err
	}
	return c(b)
}

func columnBytes(value any) ([]byte, error) {
	switch v := value.(type) {
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	case nil:
		return nil, nil
	}
	return nil, fmt.Errorf("text or bytes came as %T", value)
}

// asJSON reads what encoder.json wrote; nothing is the zero value.
func asJSON[T any](into *T) sql.Scanner {
	return column(func(b []byte) error {
		var v T
		if len(b) > 0 {
			if err := json.Unmarshal(b, &v); err != nil {
				return err
			}
		}
		*into = v
		return nil
	})
}

// asText reads a value that knows its own text.
func asText(into encoding.TextUnmarshaler) sql.Scanner { return column(into.UnmarshalText) }

// asSet reads what encoder.set wrote; NULL is a set of nobody.
func asSet(into **roaring.Bitmap) sql.Scanner {
	return column(func(b []byte) (err error) {
		if b == nil {
			*into = roaring.New()
			return nil
		}
		*into, err = readSet(bytes.Clone(b))
		return err
	})
}

// readSet reads a stored set, which keeps b.
func readSet(b []byte) (*roaring.Bitmap, error) {
	set := roaring.New()
	if _, err := set.FromBuffer(b); err != nil {
		return nil, fmt.Errorf("stored set: %w", err)
	}
	return set, nil
}

// encoder makes values of columns and keeps the first error, so that a row is
// written down at once:
//
//	var to encoder
//	row := []any{o.ID, to.json(o.TrustedHosts), to.json(o.Retention)}
//	err := to.exec(ctx, tx, sqlInsertOrganization, row)
type encoder struct{ err error }

// json is a value as a TEXT column holds it.
func (e *encoder) json(v any) string {
	b, err := json.Marshal(v)
	e.keep(err)
	return string(b)
}

// briefJSON is json, but nothing for a value without any fields. It is for tasks,
// of which there are many and most need not say much.
func (e *encoder) briefJSON(v any) string {
	if text := e.json(v); text != "{}" {
		return text
	}
	return ""
}

// set is a set as a column of bytes holds it.
func (e *encoder) set(set *roaring.Bitmap) []byte {
	small := set.Clone()
	small.RunOptimize()
	b, err := small.ToBytes()
	e.keep(err)
	return b
}

// exec runs a statement with values that were made, unless one could not be.
func (e *encoder) exec(ctx context.Context, tx engine.Querier, statement string, values []any) error {
	if e.err != nil {
		return e.err
	}
	_, err := tx.ExecContext(ctx, statement, values...)
	return err
}

func (e *encoder) keep(err error) {
	if e.err == nil {
		e.err = err
	}
}
