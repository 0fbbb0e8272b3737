package store_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

var (
	planScans = regexp.MustCompile(`SCAN (t|i|r|task|inbox|change|receipt|org_revision|unread_hint|unread_by_app|idempotency|day_fold|s|b|task_sender|task_change)\b` +
		`|Seq Scan on (task|inbox|change|receipt|idempotency|task_sender|task_change)\b`)
	planSorts = regexp.MustCompile(`TEMP B-TREE|\bSort\b`)
)

// checkPlans fails when a statement's plan does not name its indexes (written
// as SQLite names them | as PostgreSQL does | and what PostgreSQL must look up in
// it), scans a table, or sorts. Tables with a row per organization are exempt on
// PostgreSQL, and so is which of several indexes finds nothing in an empty table. The plans must not hang
// on what the database knows of its tables: a new one is empty, and one that
// grows has no statistics for its first minute.
func checkPlans(t *testing.T, statements map[string]string, args map[string][]any, indexes map[string][]string) {
	t.Helper()
	check := func(t *testing.T, s *storetest.Sender, empty bool) {
		t.Helper()
		for name, text := range statements {
			text, args := store.InEngine(s.Engine(), text, args[name])
			plan := s.Plan(text, args...)
			if len(indexes[name]) == 0 {
				t.Errorf("%s: nobody said which index it uses:\n%s", name, plan)
			}
			for _, index := range indexes[name] {
				sqlite, postgres, _ := strings.Cut(index, "|")
				if postgres, key, found := strings.Cut(postgres, "|"); found && strings.Contains(plan, "Index Cond") {
					checkKey(t, name, plan, postgres, key)
				} else if !empty && !strings.Contains(plan, sqlite) && (postgres == "" || !strings.Contains(plan, postgres)) {
					t.Errorf("%s does not use %s:\n%s", name, index, plan)
				}
			}
			if planScans.MatchString(plan) || planSorts.MatchString(plan) {
				t.Errorf("%s scans or sorts:\n%s", name, plan)
			}
		}
	}
	for _, engine := range storetest.BothEngines() {
		t.Run(engine+"/empty", func(t *testing.T) {
			t.Parallel()
			check(t, storetest.NewSender(t, storetest.Ready(t, engine)), true)
		})
		t.Run(engine+"/grown", func(t *testing.T) {
			t.Parallel()
			s := seeded(t, engine)
			t.Run("without statistics", func(t *testing.T) { check(t, s, false) }) //nolint:paralleltest // before the next
			s.Analyze()
			t.Run("with statistics", func(t *testing.T) { check(t, s, false) }) //nolint:paralleltest // after the one before
		})
	}
}

// checkKey fails when PostgreSQL reads an index by less than the key.
func checkKey(t *testing.T, name, plan, index, key string) {
	t.Helper()
	_, use, found := strings.Cut(plan, "using "+index)
	_, condition, _ := strings.Cut(use, "Index Cond: ")
	condition, _, _ = strings.Cut(condition, "\n")
	if !found || !strings.Contains(condition, key) {
		t.Errorf("%s does not look up %s in %s:\n%s", name, key, index, plan)
	}
}

// Every statement of the sending side, as TestPlansOfTheInbox.
func TestPlansOfSending(t *testing.T) {
	t.Parallel()
	eight := []any{1, 2, 3, 4, 5, 6, 7, 8}
	task := "sqlite_autoindex_task_1|task_pkey"
	checkPlans(t, store.SendStatements(), map[string][]any{
		"id block":   {"task", 1000},
		"task":       {1, 7},
		"outcome":    {1, 7},
		"day":        {1, 2, 20260302, 10, 100},
		"day sets":   {1, 2, 20260302, 10, 100},
		"saved day":  {1, 2},
		"lock":       eight,
		"identical":  append([]any{1}, eight...),
		"request":    {1, 2, "asyncsend_v2", "key"},
		"taken at":   {1, 7},
		"recall":     {1, 7, 0},
		"status bar": {1, 7, "value", "bg"},
		"advance":    {1, 7},
		"forget":     {0, 200},
	}, map[string][]string{
		"id block":   {"sqlite_autoindex_id_block_1 (name=?)|id_block_pkey"},
		"task":       {task},
		"outcome":    {task},
		"day":        {"task_agent (organization=? AND agent_id=? AND day=? AND revision>?)|task_agent"},
		"day sets":   {"task_agent (organization=? AND agent_id=? AND day=? AND revision>?)|task_agent"},
		"saved day":  {"sqlite_autoindex_day_fold_1 (organization=? AND agent_id=?)|day_fold_pkey"},
		"lock":       {"SEARCH org_revision|org_revision_pkey"},
		"identical":  {"task_content (organization=? AND dup_key=?)|task_content"},
		"request":    {"sqlite_autoindex_idempotency_1 (organization=? AND agent_id=? AND endpoint=? AND key=?)|idempotency_pkey"},
		"taken at":   {"task_revision (organization=? AND revision=?)|task_revision", "PRIMARY KEY (organization=? AND revision=?)|change_pkey"},
		"recall":     {task},
		"status bar": {task},
		"advance":    {"SEARCH org_revision|org_revision_pkey"},
		"forget":     {"idempotency_age (created_at<?)|idempotency_age"},
	})
}

// Every statement of deleting, as TestPlansOfTheInbox.
func TestPlansOfRetention(t *testing.T) {
	t.Parallel()
	ids := []any{1, 2, 3, 4, 5, 6, 7, 8}
	of := func(first ...any) []any { return append(first, ids...) }
	task, agents := "sqlite_autoindex_task_1|task_pkey", "task_agent (organization=? AND agent_id=?|task_agent"
	agent, organization := "sqlite_autoindex_agent_|agent_", "SEARCH org_revision|org_revision"
	changes, receipts := "PRIMARY KEY (organization=?|change_pkey", "PRIMARY KEY (organization=? AND task_id|receipt_pkey|task_id = "
	checkPlans(t, store.RetentionStatements(), map[string][]any{
		"lease":          {"node", 2, 1, 3},
		"lease end":      {"node"},
		"oldest":         {1, 2},
		"first since":    {1, 2, 20260302},
		"agent floor":    {1, 2, 10},
		"org floor":      {1, 10},
		"last before":    {1, 2, 20260302},
		"delete drops":   {1, 2},
		"swept":          {1, 2, 20260302},
		"tasks":          {1, 2, 20260302, 7, 20260305, 100, 200},
		"read tasks":     of(1),
		"due":            {1, 2, 20260302, 100, 0, 200},
		"delete tasks":   of(1),
		"delete filed":   of(1, 7),
		"some receipts":  {1, 7, 200},
		"oldest changes": {1, 200},
		"delete changes": {1, 7},
		"resume floor":   {1, 7},
		"strays":         {1, 200},
		"delete strays":  of(1, 7),
		"erase links":    {1, 7}, "erase tokens": {1, 7}, "erase hint": {1, 7}, "erase old hint": {1, 7}, "erase inbox": {1, 7, 200},
		"invalids": {1, 7, 200}, "rename invalid": {1, 7, ""}, "ranges": {1}, "rename in range": {1, 7, "[]"},
		"lists of composers": {1}, "leave composers": {1, 7, "[]"},
	}, map[string][]string{
		"lease":          {"SEARCH node_state|node_state"},
		"lease end":      {"SEARCH node_state|node_state"},
		"oldest":         {agents},
		"first since":    {agents},
		"agent floor":    {agent},
		"org floor":      {organization},
		"last before":    {agents},
		"delete drops":   {"PRIMARY KEY (organization=? AND agent_id=?|receipt_drop_pkey", agents},
		"swept":          {agent},
		"tasks":          {agents},
		"read tasks":     {task, receipts},
		"due":            {agents},
		"delete tasks":   {task},
		"delete filed":   {"PRIMARY KEY (organization=? AND ordinal=? AND revision=?)|inbox_pkey"},
		"some receipts":  {receipts},
		"oldest changes": {changes},
		"delete changes": {changes},
		"resume floor":   {organization},
		"strays":         {"PRIMARY KEY (organization=?|receipt_pkey", task}, // looks through all of them, a piece at a time
		"delete strays":  {receipts},
		"erase links":    {"sign_in_link_owner|sign_in_link_"}, "erase tokens": {"api_token_owner|api_token_"},
		"erase hint": {"sqlite_autoindex_unread_by_app_1|unread_by_app"}, "erase old hint": {"sqlite_autoindex_unread_hint_1|unread_hint"},
		"erase inbox": {"PRIMARY KEY (organization=? AND ordinal=?|inbox_pkey"},
		"invalids":    {task}, "rename invalid": {task}, "ranges": {"sqlite_autoindex_agent_2 (organization=?)|using agent_"}, "rename in range": {agent},
		"lists of composers": {"sqlite_autoindex_agent_2 (organization=?)|using agent_"}, "leave composers": {agent},
	})
}
