package store_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store"
)

// Every statement about callbacks finds its rows by an index. Only which apps have
// events is looked for among all callbacks, of which there are few.
func TestPlansOfCallbacks(t *testing.T) {
	t.Parallel()
	const (
		row      = "sqlite_autoindex_callback_1 (organization=? AND app_id=?)"
		event    = "(organization=? AND app_id=? AND about=? AND revision=? AND part=?)"
		code     = "sqlite_autoindex_suite_code_1 (organization=? AND app_id=?"
		ofApp    = "(organization=? AND app_id=?"
		waiting  = "callback_event_waiting " + ofApp
		givenUp  = "callback_event_given_up " + ofApp
		employee = "PRIMARY KEY (organization=? AND ordinal=?)"
	)
	app, one, ofOne := []any{1, 2}, []any{1, 2, 3, 4}, []any{1, 2, 3, 4, 5, 6, "t"}
	all := map[string]struct {
		args  []any
		index string
	}{
		"callback": {app, row}, "names": {app, "sqlite_autoindex_app_2 (organization=? AND id=?)"}, "known": {app, row}, "end": {app, row},
		"events end": {app, ofApp}, "counts": {app, waiting}, "lease": {[]any{"n", 1, 2, 3}, "node_state"}, "lease end": {[]any{"n"}, "node_state"},
		"listeners": {[]any{1}, "sqlite_autoindex_callback_1 (organization=?)"}, "people before": {[]any{1, 2, 3}, employee},
		"departments before": {[]any{1, 2, 3}, "(organization=? AND id=?)"}, "above": {app, "(organization=? AND id=?)"},
		"due": {[]any{1}, waiting}, "next": {[]any{1, 2, 3}, waiting + " AND about>?)"}, "given up": {[]any{1, 2, 3}, givenUp}, "forgotten": {one, givenUp},
		"event end": {ofOne, event}, "event attempted": {ofOne, event}, "event given up": {append(ofOne, 8), event},
		"too old": {one, waiting}, "well": {[]any{1, 2, 3}, row}, "failing": {[]any{1, 2, 3, 4, 5, "", 7, ""}, row}, "now": {app, row},
		"suite listeners": {[]any{1}, row}, "tags": {app, row}, "directory": {[]any{1}, "sqlite_autoindex_org_revision_1 (organization=?)"},
		"next part": {one, ofApp + " AND about=? AND revision=?)"}, "installation ends": {[]any{1, 2, 3}, ofApp + " AND about=?)"},
		"tickets due": {[]any{1}, "callback_ticket (ticket_at<?)"}, "ticket due": {[]any{1, 2, 3}, row}, "ticket waits": {app, waiting + " AND about=?)"},
		"ticket told": {[]any{1, 2, 3}, row}, "codes expired": {one, code + " AND about=?)"}, "codes taken": {[]any{1, 2, 3}, code + " AND about=?)"},
		"codes end": {[]any{1, 2, 3}, code + " AND about=?)"}, "code": {[]any{1, 2, []byte{}, 4}, code}, "permanent": {[]any{1, 2, 3}, code + " AND about=?)"},
		"agent installed": {[]any{1, 2, 3}, "agent_installed (app_organization=? AND app_id=? AND organization=?)"},
		"sealed":          {one, "((organization,app_id)>(?,?))"}, "reseal": {[]any{1, 2, 3, 4, []byte{}}, row},
	}
	scans, sorts := regexp.MustCompile(`SCAN `), regexp.MustCompile(`TEMP B-TREE`)
	s := appsSeeded(t, "sqlite")
	for name, text := range store.CallbackStatements() {
		plan := s.Plan(text, all[name].args...)
		if all[name].index == "" || !strings.Contains(plan, all[name].index) {
			t.Errorf("%s does not use %q:\n%s", name, all[name].index, plan)
		}
		if name != "due" && scans.MatchString(plan) && !strings.Contains(plan, "SCAN CONSTANT ROW") || sorts.MatchString(plan) {
			t.Errorf("%s scans or sorts:\n%s", name, plan)
		}
	}
	on := appsSeeded(t, "postgres")
	for name, text := range store.CallbackStatements() {
		if plan := on.Plan(text, all[name].args...); name != "due" && strings.Contains(plan, "Seq Scan on callback") {
			t.Errorf("%s scans on PostgreSQL:\n%s", name, plan)
		}
	}
}
