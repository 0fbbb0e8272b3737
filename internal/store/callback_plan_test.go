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
		event    = "(organization=? AND app_id=? AND revision=? AND part=?)"
		ofApp    = "(organization=? AND app_id=?"
		waiting  = "callback_event_waiting " + ofApp
		givenUp  = "callback_event_given_up " + ofApp
		employee = "PRIMARY KEY (organization=? AND ordinal=?)"
	)
	app, one := []any{1, 2}, []any{1, 2, 3, 4}
	all := map[string]struct {
		args  []any
		index string
	}{
		"callback": {app, row}, "names": {app, "sqlite_autoindex_app_2 (organization=? AND id=?)"}, "known": {app, row}, "end": {app, row},
		"events end": {app, ofApp}, "counts": {app, waiting}, "lease": {[]any{"n", 1, 2, 3}, "node_state"}, "lease end": {[]any{"n"}, "node_state"},
		"listeners": {[]any{1}, "sqlite_autoindex_callback_1 (organization=?)"}, "people before": {[]any{1, 2, 3}, employee},
		"departments before": {[]any{1, 2, 3}, "(organization=? AND id=?)"}, "above": {app, "(organization=? AND id=?)"},
		"due": {[]any{1}, waiting}, "waiting": {[]any{1, 2, 3}, waiting}, "given up": {[]any{1, 2, 3}, givenUp}, "forgotten": {one, givenUp},
		"event end": {one, event}, "event attempted": {one, event}, "event given up": {[]any{1, 2, 3, 4, 5}, event},
		"too old": {one, waiting}, "well": {[]any{1, 2, 3}, row}, "failing": {[]any{1, 2, 3, 4, 5, ""}, row},
		"sealed": {one, "((organization,app_id)>(?,?))"}, "reseal": {[]any{1, 2, 3, 4, []byte{}}, row},
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
