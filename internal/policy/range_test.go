package policy_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Every number of an organization's limits has a range, and nothing outside of
// it is taken: a new limit cannot be forgotten here.
func TestLimitsHaveRanges(t *testing.T) {
	t.Parallel()
	for _, preset := range policy.Presets() {
		l, err := policy.ForPreset(preset, false)
		if err != nil || l.Check() != nil {
			t.Errorf("preset %s: %v, %v", preset, err, l.Check())
		}
	}
	kind := reflect.TypeFor[policy.Limits]()
	for i := range kind.NumField() {
		field := kind.Field(i)
		if !field.IsExported() || !field.Type.ConvertibleTo(reflect.TypeFor[int64]()) || field.Type.Kind() == reflect.String {
			continue
		}
		name := field.Tag.Get("json")
		for value, taken := range map[int64]bool{0: true, 1: true, -1: false, -1 << 62: false, 1 << 62: false} {
			l, _ := policy.ForPreset(policy.Standard, false)
			reflect.ValueOf(&l).Elem().Field(i).SetInt(value)
			err := l.Check()
			if (err == nil) != taken || !taken && (!fault.Is(err, fault.CodeParameterInvalid) || fault.From(err).Field != name) {
				t.Errorf("%s = %d: %v", name, value, err)
			}
		}
	}
	l, _ := policy.ForPreset(policy.Standard, false)
	l.Preset = "strict"
	if err := l.Check(); !fault.Is(err, fault.CodeParameterInvalid) {
		t.Errorf("an unknown preset: %v", err)
	}
	l, _ = policy.ForPreset(policy.Standard, false)
	l.RecallWindow = policy.Dur(40_000 * 24 * time.Hour)
	if err := l.Check(); err == nil {
		t.Error("a window of a hundred years and more is taken")
	}
}
