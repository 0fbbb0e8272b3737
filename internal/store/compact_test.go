package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// A table that is new fails here until somebody has decided whether its rows name
// people.
func TestEveryTableNamesPeopleOrNot(t *testing.T) {
	t.Parallel()
	_, db := storetest.Raw(t, storetest.Ready(t, "postgres"))
	rows, err := db.QueryContext(t.Context(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var there []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		there = append(there, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(there)
	if decided := store.TablesAboutPeople(); !slices.Equal(there, decided) {
		t.Errorf("tables %v\nand decided in compact.go are %v", there, decided)
	}
}

// canaries fills tables that name people, has the planner look at them, and
// deletes the names again.
func canaries(t *testing.T, db *sql.DB) {
	t.Helper()
	mustExec(t, db, `INSERT INTO employee (organization, ordinal, userid, dept_ids, directory_revision, name, mobile, email, job_number, title, roles, created_at)
		SELECT 1, i, 'canary' || i, '[1]', 1, 'Canary', '', '', '', '', '[]', 0 FROM generate_series(1, 200) i`)
	mustExec(t, db, `INSERT INTO session (organization, id, ordinal, secret_hash, device, created_at, seen_at, expires_at)
		SELECT 1, 's' || i, 1, '', 'CanaryBrowser', 0, 0, 0 FROM generate_series(1, 200) i`)
	mustExec(t, db, `ANALYZE`)
	mustExec(t, db, `UPDATE employee SET userid = 'erased:' || ordinal, name = ''`)
	mustExec(t, db, `DELETE FROM session`)
}

func mustExec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// compact runs one compaction and returns what became of each table.
func compact(t *testing.T, db *store.DB, patience time.Duration) map[string]retention.Compacted {
	t.Helper()
	done := map[string]retention.Compacted{}
	err := db.Traces().Compact(t.Context(), retention.Compaction{Patience: patience, Done: func(c retention.Compacted) { done[c.Name] = c }})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// What was deleted is in no file of PostgreSQL's tables afterwards: not where
// rows were, not in indexes, and not where the planner keeps samples, of a table
// that became empty either.
func TestCompactLeavesNothingInTables(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	db := storetest.At(t, address, nil)
	_, raw := storetest.Raw(t, address)
	canaries(t, raw)
	found, ok := storetest.Traces(t, address, "canary")
	if !ok {
		t.Skip("only a superuser may read PostgreSQL's files")
	}
	for _, table := range []string{"employee", "employee_living", "session", "pg_statistic"} {
		if found[table] == 0 {
			t.Errorf("nothing was left behind in %s: this test proves nothing", table)
		}
	}
	done := compact(t, db, time.Minute)
	for _, table := range []string{"agent", "api_token", "employee", "session", "task", "pg_catalog.pg_statistic"} {
		if c, told := done[table]; !told || c.Refused != "" || c.Before == 0 {
			t.Errorf("%s: %+v", table, c)
		}
	}
	if found, _ := storetest.Traces(t, address, "canary"); len(found) > 0 {
		t.Errorf("traces of what was deleted: %v", found)
	}
	if c := compact(t, db, time.Minute)["employee"]; c.Refused != "" {
		t.Errorf("the second time: %+v", c)
	}
}

// Whoever can still see what was deleted makes PostgreSQL carry it into the new
// file: then nothing is written, and it is said who that is.
func TestCompactWaitsForOldReaders(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	db := storetest.At(t, address, nil)
	_, raw := storetest.Raw(t, address)
	reader, err := raw.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Rollback()
	var pid int
	if err := reader.QueryRow(`SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	_, other := storetest.Raw(t, address)
	canaries(t, other)
	for name, c := range compact(t, db, 0) {
		if !strings.Contains(c.Refused, fmt.Sprintf("process %d ", pid)) || c.Cure == "" {
			t.Errorf("%s: %+v", name, c)
		}
	}
	var done map[string]retention.Compacted
	var compacting sync.WaitGroup
	compacting.Go(func() { done = compact(t, db, time.Minute) })
	if err := reader.Rollback(); err != nil {
		t.Error(err)
	}
	compacting.Wait()
	if c := done["employee"]; c.Refused != "" || len(done) != store.TablesToCompact()+1 {
		t.Errorf("after the reader: %+v", done)
	}
	if found, _ := storetest.Traces(t, address, "canary"); len(found) > 0 {
		t.Errorf("traces of what was deleted: %v", found)
	}
}

// A table that somebody holds is refused with their process, and the others are
// written all the same. Whoever comes meanwhile is not kept waiting.
func TestCompactGivesWay(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	db := storetest.At(t, address, nil)
	_, raw := storetest.Raw(t, address)
	holder, err := raw.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Rollback()
	var pid int
	if err := holder.QueryRow(`SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	if _, err := holder.Exec(`LOCK TABLE task IN ACCESS SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			// Given up after a quarter of a second.
			if _, err := db.Retention().Oldest(context.Background(), 1, 1); err != nil {
				t.Errorf("reading, time %d: %v", n, err)
				return
			}
		}
	})
	done := compact(t, db, 5*time.Second)
	close(stop)
	reading.Wait()
	if c := done["task"]; !strings.Contains(c.Refused, fmt.Sprintf("process %d ", pid)) || c.Cure == "" {
		t.Errorf("task: %+v", c)
	}
	for _, table := range []string{"agent", "employee", "session"} {
		if c := done[table]; c.Refused != "" || c.After == 0 {
			t.Errorf("%s: %+v", table, c)
		}
	}
}

// PostgreSQL does not fail for who does not own a table; it is said all the same.
func TestCompactNeedsTheOwner(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	_, raw := storetest.Raw(t, address)
	role := fmt.Sprintf("plain_%d", time.Now().UnixNano())
	mustExec(t, raw, `CREATE ROLE `+role+` LOGIN PASSWORD 'plain'`)
	t.Cleanup(func() { mustExec(t, raw, `DROP OWNED BY `+role+`; DROP ROLE `+role) })
	mustExec(t, raw, `GRANT ALL ON ALL TABLES IN SCHEMA public TO `+role)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, "plain")
	db, err := store.Open(t.Context(), u.String(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := compact(t, db, time.Minute)
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	for name, c := range done {
		if !strings.Contains(c.Refused, "may not") || !strings.Contains(c.Cure, "VACUUM (FULL") {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if len(done) != store.TablesToCompact()+1 {
		t.Errorf("%d tables", len(done))
	}
}
