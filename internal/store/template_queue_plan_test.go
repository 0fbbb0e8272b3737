package store_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// However many templates of one app wait, PostgreSQL finds those of a page first and joins
// the rest to them: it knows so little of apps that it else reads all of an app's templates.
// Here it may scan tables, as it may at work.
func TestPlansOfALongQueue(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	s := storetest.NewSender(t, address)
	s.Organization(1, "ding1")
	_, raw := storetest.Raw(t, address)
	const waiting = 10_000
	id := `md5(CAST(i AS TEXT))`
	for _, statement := range []string{
		`INSERT INTO template (organization, id, app_id, newest, live, created_at, edition)
			SELECT 1, ` + id + `, 7, 1, 0, 0, 1 FROM generate_series(1, %d) AS n (i)`,
		`INSERT INTO template_version (organization, template_id, number, state, edition, authors, created_at, saved_at, submitted_at, submitted_by, decided_by, reason, form)
			SELECT 1, ` + id + `, 1, 'in_review', 1, '1/2', 0, 0, i, '1/2', '', '', '{}' FROM generate_series(1, %d) AS n (i)`,
		`INSERT INTO template_part (organization, template_id, actor, third_party, submitted_at)
			SELECT 1, ` + id + `, '1/2', 0, i FROM generate_series(1, %d) AS n (i)`,
	} {
		if _, err := raw.ExecContext(t.Context(), fmt.Sprintf(statement, waiting)); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := raw.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{"ANALYZE template, template_version, template_part", "SET random_page_cost = 1.1"} { // as the server sets it
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	page := func(organization int) []any { return []any{organization, 0, waiting / 2, "0", "1/1", 51} }
	const byPlace, byID = "using template_waiting", "using template_waiting_id"
	for name, want := range map[string]struct {
		args  []any
		index string
	}{
		"waiting own after": {page(1), byPlace}, "waiting own before": {page(1), byPlace},
		"waiting every after": {page(2), byPlace}, "waiting every before": {page(2), byPlace},
		"waiting by id": {[]any{"a"}, byID}, "waiting forms": {[]any{"a", "b", "c", "d", "e", "f", "g", "h"}, byID},
	} {
		text, args := store.InEngine("postgres", store.TemplateStatements()[name], want.args)
		if plan := mustExplain(t, conn, text, args...); !strings.Contains(plan, want.index) || readsAll.MatchString(plan) {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}

var readsAll = regexp.MustCompile(`Seq Scan on template|\bSort\b|Bitmap`)

// mustExplain is how PostgreSQL would run a statement.
func mustExplain(t *testing.T, conn *sql.Conn, text string, args ...any) string {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), "EXPLAIN "+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var step string
		if err := rows.Scan(&step); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(step + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
