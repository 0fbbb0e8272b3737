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

		ownWaiting   = "template_waiting_own (organization=? AND third_party=? AND (submitted_at,template_id)"
		everyWaiting = "template_waiting (third_party=? AND (submitted_at,template_id)"
		part         = "sqlite_autoindex_template_part_1 (organization=? AND template_id=? AND actor=?)|template_part_"
		parts        = "template_part_actor (actor=? AND third_party=? AND (submitted_at,template_id)<(?,?))|template_part_actor"
	)
	checkPlans(t, store.TemplateStatements(), map[string][]any{
		"count": {1, 2}, "update": {1, "id", 2, 1, nil, nil, 1}, "lock": {1, "id", 2}, "by id": {1, "id", 2}, "of app": {1, 2}, "list": {1, 9, "id", 5}, "list of app": {1, 9, "id", 5, 2},
		"standing": {1, "id", 2}, "versions": {1, "id"}, "version": {1, "id", 2}, "version drop": {1, "id", 2}, "versions drop": {1, "id"}, "drop": {1, "id"},
		"waiting own after": {1, 0, 2, "id", "1/2", 51}, "waiting own before": {1, 0, 2, "id", "1/2", 51}, "waiting own count": {1, 0, 2, "id", "1/2", 100},
		"waiting every after": {1, 1, 2, "id", "1/2", 51}, "waiting every before": {1, 1, 2, "id", "1/2", 51}, "waiting every count": {1, 1, 2, "id", "1/2", 100},
		"waiting by id": {"id"}, "waiting forms": {"a", "b", "c", "d", "e", "f", "g", "h"}, "parts drop": {1, "id"},
		"app of agent": {7},
		"by ids":       {1, "a", "b", "c", "d", "e", "f", "g", "h"}, "steps": {1, 7, 500},
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
		"version":       {version}, "version drop": {version},
		"waiting own after":    {ownWaiting + ">(?,?))|template_waiting_own", id, part},
		"waiting own before":   {ownWaiting + "<(?,?))|template_waiting_own", id, part},
		"waiting every after":  {everyWaiting + ">(?,?))|template_waiting", id, part},
		"waiting every before": {everyWaiting + "<(?,?))|template_waiting", id, part},
		"waiting own count":    {"COVERING INDEX " + ownWaiting + "<(?,?))|template_waiting_own", parts},
		"waiting every count":  {"COVERING INDEX " + everyWaiting + "<(?,?))|template_waiting", parts},
		"waiting by id":        {"template_waiting_id (template_id=?)|template_waiting_", id},
		"waiting forms":        {"template_waiting_id (template_id=?)|template_", id, version},
		"parts drop":           {"sqlite_autoindex_template_part_1 (organization=? AND template_id=?)|template_part_"},
		"app of agent":         {"sqlite_autoindex_agent_1 (id=?)|agent_", "app_2 (organization=? AND id=?)|app_pkey"},
	})
}
