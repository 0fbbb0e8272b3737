package store_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/store"
)

// Every statement about lists of tasks, as TestPlansOfTheInbox.
func TestPlansOfTaskLists(t *testing.T) {
	t.Parallel()
	ids := []any{1, 2, 3, 4, 5, 6, 7, 8}
	of := func(first ...any) []any { return append(first, ids...) }
	const (
		task     = "sqlite_autoindex_task_1|task_pkey"
		revision = "task_revision (organization=? AND revision|task_revision"
		sender   = "s USING PRIMARY KEY (organization=? AND revision=?)|task_sender_pkey|revision = t.revision"
		person   = "task_sender_person (organization=? AND ordinal=? AND revision|task_sender_person|ordinal = "
		dropped  = "d USING PRIMARY KEY (organization=? AND agent_id=? AND floor>?)|receipt_drop_pkey"
		change   = "PRIMARY KEY (organization=? AND task_id=?)|task_change_pkey"
	)
	checkPlans(t, store.TaskListStatements(), map[string][]any{
		"older": {1, 0, 1 << 40, 51}, "newer": {1, 0, 1 << 40, 51}, "older by": {1, 0, 1 << 40, 51, 7}, "newer by": {1, 0, 1 << 40, 51, 7},
		"listed": {1, 7}, "first": {1, 7}, "changes": {1, 7}, "form": {1, "id", 1}, "standing": {1}, "floors": {1}, "read": {1, 7},
		"read times": {1, 7, []int64{1, 2, 3, 4, 5, 6, 7, 8}}, "receipts": {1, 7}, "delete changes": of(1), "delete sender": {1, 7},
	}, map[string][]string{
		"older": {revision, sender, dropped}, "newer": {revision, sender, dropped},
		"older by": {person, revision, sender, dropped}, "newer by": {person, revision, sender, dropped},
		"listed": {task, sender, dropped}, "first": {revision}, "changes": {change},
		"form":     {"sqlite_autoindex_template_version_1 (organization=? AND template_id=? AND number=?)|template_version_pkey"},
		"standing": {"SEARCH org_revision|org_revision"}, "floors": {"sqlite_autoindex_agent_|agent_"},
		"read":           {task, "PRIMARY KEY (organization=? AND task_id=?)|receipt_pkey|task_id = "},
		"read times":     {"r USING PRIMARY KEY (organization=? AND task_id=? AND ordinal=?)|receipt_pkey|ordinal = list.id"},
		"receipts":       {"PRIMARY KEY (organization=? AND task_id=?)|receipt_pkey|task_id = "},
		"delete changes": {change}, "delete sender": {"PRIMARY KEY (organization=? AND revision=?)|task_sender_pkey|revision = "},
	})
}
