package storetest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Traces counts where a text, in any case of letters, is in the files of a
// database, by the name of the file or table, whether a row still holds it or
// not. On PostgreSQL it needs a superuser: ok is false without.
func Traces(tb testing.TB, address, text string) (found map[string]int, ok bool) {
	tb.Helper()
	found = map[string]int{}
	count := func(name string, content []byte) {
		if n := bytes.Count(bytes.ToLower(content), []byte(strings.ToLower(text))); n > 0 {
			found[name] += n
		}
	}
	path, onSQLite := strings.CutPrefix(address, "sqlite:")
	if !onSQLite {
		return found, tracesInTables(tb, address, count)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		count(filepath.Base(file), content)
	}
	return found, true
}

// tracesInTables reads the files of all tables and indexes, once what is in
// memory is in them: the system's own too, but for its descriptions of itself.
func tracesInTables(tb testing.TB, address string, count func(name string, content []byte)) bool {
	tb.Helper()
	_, db := Raw(tb, address)
	ctx := context.Background()
	var super bool
	if err := db.QueryRowContext(ctx, `SELECT current_setting('is_superuser') = 'on'`).Scan(&super); err != nil {
		tb.Fatal(err)
	}
	if !super {
		return false
	}
	if _, err := db.ExecContext(ctx, `CHECKPOINT`); err != nil {
		tb.Fatal(err)
	}
	rows, err := db.QueryContext(ctx, `SELECT relname, COALESCE(pg_read_binary_file(pg_relation_filepath(oid), 0, 268435456, true), '') FROM pg_class
		WHERE pg_relation_filepath(oid) IS NOT NULL AND NOT relisshared AND relname NOT LIKE 'pg_description%'`)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var name string
		var content []byte
		if err := rows.Scan(&name, &content); err != nil {
			tb.Fatal(err)
		}
		count(name, content)
		n++
	}
	if err := rows.Err(); err != nil || n < 100 {
		tb.Fatalf("the files of %d tables: %v", n, err)
	}
	return true
}
