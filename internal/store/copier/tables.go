package copier

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/store/engine"
)

// fate is what becomes of a table in a copy.
type fate uint8

const (
	copied fate = iota + 1
	// seeded tables hold rows as soon as they are made: these do not make a
	// database one that is in use, and give way to the copied ones.
	seeded
	// made tables are the target's own.
	made
)

// fates decides for every table of the schema. A table that is not here is
// somebody else's and is not copied; a test compares with the migrations.
var fates = map[string]fate{
	"goose_db_version": made,
	"day_fold":         made, // derived from tasks, and made anew
	"node":             made, // the servers that work on a database, and none of its copies
	"recent_read":      made, // minutes of hints between nodes of one PostgreSQL
	"setup":            made, // links into an installation without organizations, which the copy is not
	"sign_in_done":     made, // minutes of sign-ins that a copy's browsers have not begun
	"waiting_identity": made, // they wait anew as soon as they come

	"id_block":   seeded,
	"node_state": seeded,

	"access_token":     copied,
	"agent":            copied,
	"api_token":        copied,
	"api_usage":        copied,
	"app":              copied,
	"app_secret":       copied,
	"audit":            copied,
	"audit_about":      copied,
	"audit_entry":      copied,
	"audit_head":       copied,
	"audit_private":    copied,
	"callback":         copied,
	"callback_event":   copied,
	"change":           copied,
	"department":       copied,
	"employee":         copied,
	"idempotency":      copied,
	"identity":         copied,
	"inbox":            copied,
	"master_key":       copied,
	"media":            copied,
	"media_piece":      copied,
	"media_scan":       copied,
	"media_upload":     copied,
	"media_usage":      copied,
	"media_use":        copied,
	"oauth_code":       copied,
	"oauth_grant":      copied,
	"oauth_redirect":   copied,
	"oauth_token":      copied,
	"org_revision":     copied,
	"organization":     copied,
	"receipt":          copied,
	"receipt_drop":     copied,
	"session":          copied,
	"sign_in_link":     copied,
	"sign_in_source":   copied,
	"suite":            copied,
	"suite_code":       copied,
	"task":             copied,
	"task_change":      copied,
	"task_sender":      copied,
	"template":         copied,
	"template_part":    copied,
	"template_version": copied,
	"unread_by_app":    copied,
	"unread_hint":      copied,
}

// kind is how a column's values are stored.
type kind uint8

const (
	number kind = iota + 1
	text
	bytes
)

var kinds = map[string]kind{
	"BIGINT": number, "INTEGER": number, "SMALLINT": number,
	"TEXT": text,
	"BLOB": bytes, "BYTEA": bytes,
}

type column struct {
	name string
	kind kind
}

// table is one that is copied, its columns by name.
type table struct {
	name    string
	columns []column
}

func (t table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// list is the columns as SQL.
func (t table) list() string { return strings.Join(t.names(), ", ") }

const (
	columnsSQLite = `SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~'`
	columnsPostgres = `SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'`
)

// tablesOf asks a database for its tables: those to copy, and the names of
// those that are not ours.
func tablesOf(ctx context.Context, engineName string, q engine.Querier) (ours []table, others []string, err error) {
	query := columnsSQLite
	if engineName == "postgres" {
		query = columnsPostgres
	}
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	found := map[string][]column{}
	for rows.Next() {
		var name, col, typ string
		if err := rows.Scan(&name, &col, &typ); err != nil {
			return nil, nil, err
		}
		c := column{name: col, kind: kinds[strings.ToUpper(typ)]}
		if c.kind == 0 && fates[name] != made && fates[name] != 0 {
			return nil, nil, fmt.Errorf("column %s.%s has type %s, which cannot be copied", name, col, typ)
		}
		found[name] = append(found[name], c)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		switch fates[name] {
		case copied, seeded:
			slices.SortFunc(found[name], func(a, b column) int { return strings.Compare(a.name, b.name) })
			ours = append(ours, table{name: name, columns: found[name]})
		case 0:
			others = append(others, name)
		}
	}
	return ours, others, nil
}
