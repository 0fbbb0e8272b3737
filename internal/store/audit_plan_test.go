package store_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/store"
)

// Every statement of the audit log finds its rows by an index, in its order. In
// which one PostgreSQL looks for a few numbers of a small log makes no difference to
// whom it is for: people who administer.
func TestPlansOfTheAuditLog(t *testing.T) {
	t.Parallel()
	const (
		entry = "sqlite_autoindex_audit_entry_1 (organization=? AND n"
		old   = "(organization=? AND subject=?"
	)
	checkPlans(t, store.AuditStatements(), map[string][]any{
		"head": {1}, "move": {1, 2, 3, []byte{4}}, "before": {1, 9, 5}, "after": {1, 9, 5}, "last before": {1, 9},
		"by n": {1, 2, 3}, "privates": {1, 2, 3}, "about": {1, "id", 9, 5}, "old": {1, 9, 9, 5}, "old about": {1, "id", 9, 9, 5}, "old of": {1, "id"},
		"privates of person": {1, 2, 3}, "private erase": {1, 2, 3},
		"code": {1, 2}, "first other": {1, 2, 9}, "below": {1, 9, 5}, "delete": {1, 9}, "floor": {1, 2, []byte{4}},
		"private delete": {1, 9}, "about delete": {1, "id", 2}, "old count": {1, 9}, "old before": {1, 9, 5}, "old delete": {1, 2, 3},
	}, map[string][]string{
		"head":   {"INTEGER PRIMARY KEY|audit_head"},
		"move":   {"INTEGER PRIMARY KEY|audit_head"},
		"before": {entry + "<?|audit_entry_pkey"}, "after": {entry + ">?|audit_entry_pkey"},
		"last before": {"audit_entry_at (organization=? AND at<?)|audit_entry_at"},
		"by n":        {entry + "=?)|audit_entry_"},
		"privates":    {"sqlite_autoindex_audit_private_1 (organization=? AND n=?)|audit_private_"},
		"about":       {"sqlite_autoindex_audit_about_1 (organization=? AND subject=? AND n<?)|audit_about_pkey"},
		"old":         {"audit_at (organization=?|audit_at"}, "old about": {"audit_subject " + old + "|audit_"}, "old of": {"audit_subject " + old + ")|audit_"},
		"privates of person": {"audit_private_person (person_organization=? AND ordinal=?)|audit_private_"},
		"private erase":      {"sqlite_autoindex_audit_private_1 (organization=? AND n=?)|audit_private_"},
		"code":               {entry + "=?)|audit_entry_"}, "first other": {entry + ">? AND n<?)|audit_entry_pkey"}, "below": {entry + "<?|audit_entry_pkey"},
		"delete": {entry + "<?|audit_entry_"}, "floor": {"INTEGER PRIMARY KEY|audit_head"},
		"private delete": {"sqlite_autoindex_audit_private_1 (organization=? AND n<?)|audit_private_"},
		"about delete":   {"sqlite_autoindex_audit_about_1 (organization=? AND subject=? AND n=?)|audit_about_pkey"},
		"old count":      {"audit_at (organization=? AND at<?)|audit_at"}, "old before": {"audit_at (organization=? AND at<?)|audit_at"},
		"old delete": {"sqlite_autoindex_audit_1 (organization=? AND id=?)|audit_"},
	})
}
