package copier

import (
	"context"
	"database/sql"
)

// Decided reports whether somebody decided what becomes of a table.
func Decided(table string) bool { return fates[table] != 0 }

// DecidedTables names all of them.
func DecidedTables() []string {
	var names []string
	for name := range fates {
		names = append(names, name)
	}
	return names
}

// Execute runs one statement in the transaction that fills a target.
func (t *Target) Execute(ctx context.Context, text string, args ...any) error {
	_, err := t.conn.ExecContext(ctx, text, args...)
	return err
}

// Ask runs one question there.
func (t *Target) Ask(ctx context.Context, text string, args ...any) *sql.Row {
	return t.conn.QueryRowContext(ctx, text, args...)
}
