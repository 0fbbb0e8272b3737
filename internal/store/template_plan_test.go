package store_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/store"
)

// Every statement about templates finds its rows by an index.
func TestPlansOfTemplates(t *testing.T) {
	t.Parallel()
	const (
		id      = "sqlite_autoindex_template_1 (organization=? AND id=?)|template_"
		ofApp   = "template_app (organization=? AND app_id=?)|template_app"
		version = "sqlite_autoindex_template_version_1 (organization=? AND template_id=? AND number=?)|template_version_pkey"
	)
	checkPlans(t, store.TemplateStatements(), map[string][]any{
		"count": {1, 2}, "update": {1, "id", 2, 1, nil, nil, 1}, "lock": {1, "id", 2}, "by id": {1, "id", 2}, "of app": {1, 2}, "list": {1, 9, "id", 5}, "list of app": {1, 9, "id", 5, 2},
		"standing": {1, "id", 2}, "versions": {1, "id"}, "version": {1, "id", 2}, "version drop": {1, "id", 2}, "versions drop": {1, "id"}, "drop": {1, "id"}, "waiting": nil, "app of agent": {7},
		"by ids": {1, "a", "b", "c", "d", "e", "f", "g", "h"}, "steps": {1, 7, 500},
	}, map[string][]string{
		"count": {ofApp}, "update": {id}, "lock": {id}, "by id": {id, version}, "of app": {ofApp, version},
		"list":          {"template_listed (organization=? AND (created_at,id)<(?,?))|template_listed", version},
		"list of app":   {"template_app (organization=? AND app_id=? AND (created_at,id)<(?,?))|template_app", version},
		"standing":      {id},
		"by ids":        {id, version},
		"steps":         {"sqlite_autoindex_audit_entry_1 (organization=? AND n>?)|audit_entry_pkey"},
		"versions":      {"sqlite_autoindex_template_version_1 (organization=? AND template_id=?)|template_version_pkey"},
		"versions drop": {"sqlite_autoindex_template_version_1 (organization=? AND template_id=?)|template_version_pkey"},
		"drop":          {id, "sqlite_autoindex_template_version_1 (organization=? AND template_id=?)|template_version_pkey"},
		"version":       {version}, "version drop": {version}, "waiting": {"template_waiting|template_waiting", id},
		"app of agent": {"sqlite_autoindex_agent_1 (id=?)|agent_", "app_2 (organization=? AND id=?)|app_pkey"},
	})
}
