package policy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

func mustChange(t *testing.T, l policy.Limits, change string) policy.Limits {
	t.Helper()
	l, err := l.Changed([]byte(change))
	if err != nil {
		t.Fatalf("%s: %v", change, err)
	}
	return l
}

func mustPreset(t *testing.T, name string) policy.Limits {
	t.Helper()
	l, err := policy.ForPreset(name, false)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// mustKeep stores limits and reads them again.
func mustKeep(t *testing.T, l policy.Limits) policy.Limits {
	t.Helper()
	text, err := l.Stored()
	if err != nil {
		t.Fatal(err)
	}
	back, err := policy.ReadLimits(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return back
}

// A limit that an organization decided to have as its preset says is its decision:
// it holds for third-party apps too, for which the preset is stricter.
func TestDecidedLimitsAreKeptApart(t *testing.T) {
	t.Parallel()
	l := mustPreset(t, policy.Standard)
	if got := mustKeep(t, l).ForThirdParty().MessagesPerDay; got != 100 {
		t.Errorf("decided by nobody: %d", got)
	}
	l = mustKeep(t, mustChange(t, l, `{"messages_per_day":500}`))
	if got := l.ForThirdParty().MessagesPerDay; got != 500 || !l.Own("messages_per_day") {
		t.Errorf("decided to be 500: %d", got)
	}
	l = mustKeep(t, mustChange(t, l, `{"messages_per_day":null}`))
	if got := l.ForThirdParty().MessagesPerDay; got != 100 || l.Own("messages_per_day") {
		t.Errorf("taken back: %d", got)
	}
	hosted := mustKeep(t, mustChange(t, mustPreset(t, policy.DingTalk), `{"userids_per_call":100}`)).ForTemplates()
	if hosted.UseridsPerCall != 100 || hosted.DeptsPerCall != 500 {
		t.Errorf("by template %d userids and %d departments", hosted.UseridsPerCall, hosted.DeptsPerCall)
	}
}

// Only what was decided is stored, so that everything else follows the preset.
func TestOnlyDecisionsAreStored(t *testing.T) {
	t.Parallel()
	for want, l := range map[string]policy.Limits{
		`{"preset":"standard","own":{}}`: mustPreset(t, policy.Standard),
		`{"preset":"standard","own":{"messages_per_day":7,"recall_window":"1h0m0s","same_content_once":false}}`: mustChange(t,
			mustPreset(t, policy.Standard), `{"messages_per_day":7,"recall_window":"1h","same_content_once":false}`),
		`{"preset":"dingtalk","own":{"messages_per_day":7}}`: mustChange(t,
			mustChange(t, mustPreset(t, policy.Standard), `{"messages_per_day":7}`), `{"preset":"dingtalk"}`),
	} {
		text, err := l.Stored()
		if err != nil || string(text) != want {
			t.Errorf("%s, %v; want %s", text, err, want)
		}
		if back := mustKeep(t, l); back.ForThirdParty() != l.ForThirdParty() {
			t.Errorf("%s is read as %+v", text, back)
		}
	}
	l := mustPreset(t, policy.Standard)
	l.MessagesPerDay = 7 // set by hand
	if back := mustKeep(t, l); back.MessagesPerDay != 7 || !back.Own("messages_per_day") {
		t.Errorf("%+v", back)
	}
}

// Rows of before hold all limits: those that differ from the preset were decided.
func TestLimitsOfBeforeAreRead(t *testing.T) {
	t.Parallel()
	l := mustPreset(t, policy.DingTalk)
	l.MessagesPerDay = 3
	text, err := json.Marshal(l)
	if err != nil || !strings.Contains(string(text), `"recipients_per_call"`) {
		t.Fatalf("%s, %v", text, err)
	}
	back, err := policy.ReadLimits(text)
	if err != nil || back != l {
		t.Fatalf("%+v, %v", back, err)
	}
	if third := back.ForThirdParty(); third.MessagesPerDay != 3 || third.RecipientsPerCall != 1000 {
		t.Errorf("%+v", third)
	}
	// A limit that came later is as the preset says.
	old := strings.Replace(string(text), `"strict_oa":true,`, "", 1)
	if back, err := policy.ReadLimits([]byte(old)); err != nil || !back.StrictOA || back.Own("strict_oa") {
		t.Errorf("%+v, %v", back, err)
	}
}

func TestChangesOfLimitsAreChecked(t *testing.T) {
	t.Parallel()
	l := mustPreset(t, policy.Standard)
	for change, field := range map[string]string{
		``: "limits", `[]`: "limits", `null`: "limits", `{} {}`: "limits", `{"nope":1}`: "nope", `{"messages_per_day":"x"}`: "messages_per_day",
		`{"messages_per_day":-1}`: "messages_per_day", `{"preset":"strict"}`: "preset", `{"preset":3}`: "preset", `{"own":1}`: "own",
		`{"MESSAGES_PER_DAY":1}`: "MESSAGES_PER_DAY", `{"recall_window":"1 hour"}`: "recall_window", `{"preset":null}`: "preset",
	} {
		_, err := l.Changed([]byte(change))
		if f := fault.From(err); err == nil || f.Code != fault.CodeParameterInvalid || f.Field != field {
			t.Errorf("%s: %v, field %q; want %q", change, err, f.Field, field)
		}
	}
}
