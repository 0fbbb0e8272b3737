package audit_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
)

// Details read the same before they are stored and after they were.
func TestDetailsAreForPeople(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]audit.Details{
		"":                                       nil,
		"everyone yes":                           {"everyone": true},
		"send to everyone no":                    {"send_to_everyone": false},
		"departments 4, 7; people 2":             {"people": 2, "departments": []int64{4, 7}},
		"departments none; scopes none":          {"departments": []int64(nil), "scopes": []string{}},
		"changed description, name":              {"changed": []string{"description", "name"}},
		"secret id 9007199254740991":             {"secret_id": int64(9007199254740991)},
		"messages days 365; receipts forever":    {"messages_days": 365, "receipts": "forever"},
		"limits (daily 500; minutes 5, 10); n 1": {"n": 1, "limits": map[string]any{"daily": 500, "minutes": []int{5, 10}}},
	} {
		e := audit.Entry{Organization: 3, By: audit.ByOperator(), Action: audit.AppSave, Details: d}
		row, _, err := e.Row()
		if err != nil {
			t.Fatal(err)
		}
		stored := row.Entry("")
		if stored.Damaged || d.String() != want || stored.Details.String() != want || e.Note() != want {
			t.Errorf("%q and %q; want %q", d.String(), stored.Details.String(), want)
		}
	}
}
