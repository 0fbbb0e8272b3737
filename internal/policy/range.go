package policy

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// span is what a limit may be. 0, which is no limit, is always in it.
type span struct{ least, most int64 }

// What limits may be, by kind. More than these is a slip of the keyboard.
const (
	mostPerCall = 1_000_000     // entries of a list, people
	mostPerTime = 1_000_000_000 // of what is counted by the minute, day or month
	mostMessage = 2 << 20       // bytes: no body may be longer
	mostUpload  = 1 << 50       // bytes
	mostWindow  = 36_500 * 24 * time.Hour
)

// spans are the ranges of all numbers of Limits, by their name in JSON. A test
// compares them with its fields.
func spans() map[string]span {
	window := span{0, int64(mostWindow)}
	return map[string]span{
		"userids_per_call": {0, mostPerCall}, "depts_per_call": {0, mostPerCall}, "recipients_per_call": {0, mostPerTime},
		"recipients_per_min": {0, mostPerTime}, "messages_per_day": {0, mostPerTime}, "everyone_per_day": {0, mostPerTime},
		"message_bytes": {0, mostMessage}, "status_bar_users": {0, mostPerTime}, "result_recipients": {0, mostPerTime},
		"calls_per_second": {0, mostPerTime}, "calls_per_month": {0, mostPerTime},
		"upload_bytes": {0, mostUpload}, "upload_bytes_per_app": {0, mostUpload},
		"recall_window": window, "status_bar_window": window, "progress_window": window, "result_window": window,
	}
}

// Check refuses a value outside of its range: parameter_invalid, with the
// limit's name in JSON as the field. Windows count nanoseconds.
func (l Limits) Check() error {
	if !slices.Contains(Presets(), l.Preset) {
		return fault.New(fault.CodeParameterInvalid, "preset: %q is none of %s", l.Preset, strings.Join(Presets(), ", ")).WithField("preset")
	}
	ranges := spans()
	v := reflect.ValueOf(l)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		r, ok := ranges[name]
		if !ok {
			continue // no number
		}
		n := v.Field(i).Int()
		if n >= r.least && n <= r.most {
			continue
		}
		if _, window := v.Field(i).Interface().(Dur); window {
			return fault.New(fault.CodeParameterInvalid, "%s: %s is not between 0s and %s", name, time.Duration(n), mostWindow).WithField(name)
		}
		f := fault.New(fault.CodeParameterInvalid, "%s: %d is not between %d and %d; 0 is no limit", name, n, r.least, r.most).WithField(name)
		if n > r.most {
			f = f.WithLimit(r.most, n)
		}
		return f
	}
	return nil
}
