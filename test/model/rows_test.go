package model_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL's driver
	_ "modernc.org/sqlite"             // SQLite's
)

// openRows connects to the database on the test's own, for the one thing that
// no answer shows: receipts of people whom a task was never sent to.
func openRows(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(20000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// row is one receipt.
type row struct {
	task    int64
	ordinal uint32
	at      int64
}

// sameReceipts compares all receipts of the organization.
func (h *history) sameReceipts() error {
	var want, got []string
	for _, t := range h.m.tasks {
		for p, r := range t.read {
			want = append(want, fmt.Sprint(row{t.id, p.ordinal, r.at.UnixMilli()}))
		}
	}
	rows, err := h.w.rows.Query(`SELECT task_id, ordinal, read_at FROM receipt WHERE organization = $1`, h.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.task, &r.ordinal, &r.at); err != nil {
			return err
		}
		got = append(got, fmt.Sprint(r))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("receipts (task, ordinal, time):\n%s", diff)
	}
	return rows.Err()
}
