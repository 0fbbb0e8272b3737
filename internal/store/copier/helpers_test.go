package copier_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/store/copier"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// directions are all pairs of engines.
func directions(t *testing.T, fn func(t *testing.T, from, to string)) {
	t.Helper()
	for _, from := range storetest.BothEngines() {
		for _, to := range storetest.BothEngines() {
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				fn(t, storetest.Address(t, from), storetest.Address(t, to))
			})
		}
	}
}

type column struct {
	name, kind string
	nullable   bool
}

// columns asks a database what it is made of, in a way of its own.
func columns(t *testing.T, engine string, db *sql.DB) map[string][]column {
	t.Helper()
	query := `SELECT m.name, c.name, lower(c.type), c."notnull" = 0 AND c.pk = 0 FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, c.cid`
	if engine == "postgres" {
		query = `SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns
			WHERE table_schema = 'public' ORDER BY 1, ordinal_position`
	}
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string][]column{}
	for rows.Next() {
		var name string
		var c column
		if err := rows.Scan(&name, &c.name, &c.kind, &c.nullable); err != nil {
			t.Fatal(err)
		}
		found[name] = append(found[name], c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// filled makes a database with rows in every table, more than one statement
// takes, and values at the edges of what is stored.
func filled(t *testing.T, address string) *sql.DB {
	t.Helper()
	engine, db := storetest.Raw(t, migrated(t, address))
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for name, cols := range columns(t, engine, db) {
		if name == "goose_db_version" {
			continue
		}
		var names, marks []string
		for i, c := range cols {
			names, marks = append(names, c.name), append(marks, fmt.Sprintf("$%d", i+1))
		}
		text := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", name, strings.Join(names, ", "), strings.Join(marks, ", "))
		for row := range 70 {
			values := make([]any, len(cols))
			for i, c := range cols {
				values[i] = value(c, row)
			}
			if _, err := tx.Exec(text, values...); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return db
}

func value(c column, row int) any {
	switch {
	case c.nullable && row%3 == 0:
		return nil
	case c.kind == "bigint" && row%7 == 0:
		return int64(1)<<53 - int64(row)
	case strings.HasSuffix(c.kind, "int") || c.kind == "integer":
		return int64(row + 1)
	case c.kind == "text":
		return strings.Repeat("消息 \\N\t\"'\n", row%4) + fmt.Sprint(row)
	case row%5 == 0 && c.name != "token_hash": // which is a key
		return []byte{}
	default:
		return []byte{0, byte(row), 0xff, '\n', '\\'}
	}
}

func source(t *testing.T, address string) *copier.Source {
	t.Helper()
	s, err := copier.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func target(t *testing.T, address string, version int64) *copier.Target {
	t.Helper()
	to, err := copier.Create(context.Background(), address, version)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func quiet(string, string, int64) {}

// copyOf copies a database and returns what both hold.
func copyOf(t *testing.T, from, to string) []copier.Table {
	t.Helper()
	ctx := context.Background()
	s, err := copier.Open(ctx, from)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	into := target(t, to, s.Schema())
	tables, err := copier.Copy(ctx, s, into, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := into.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	return tables
}

func digests(t *testing.T, address string) []copier.Table {
	t.Helper()
	s, err := copier.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tables, err := s.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func mustBeSame(t *testing.T, what string, got, want []copier.Table) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
