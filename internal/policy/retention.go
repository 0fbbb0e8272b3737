package policy

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/tidings-im/tidings/internal/fault"
)

// Days is how many calendar days something is kept after the day it happened
// on. 0 says that it was not decided here.
type Days int

const (
	// Forever keeps things until somebody decides otherwise.
	Forever Days = -1
	// MaxDays is the longest time that is counted in days, a hundred years.
	MaxDays Days = 36_500
	// usualMessages is how long messages are kept unless decided otherwise.
	usualMessages Days = 730
	// usualChanges is how long changes are kept unless decided otherwise:
	// only clients that have been away that long need older ones.
	usualChanges Days = 30
)

// What is said instead of a number.
const (
	foreverText = "forever"
	defaultText = "default"
)

// ParseDays reads a number of days, "forever" or "default", which is 0.
// CodeParameterInvalid, naming the field.
func ParseDays(field, text string) (Days, error) {
	switch text {
	case foreverText:
		return Forever, nil
	case defaultText:
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.CodeParameterInvalid, "%s is %q; it takes 1 to %d days, forever or default", field, text, MaxDays).WithField(field)
	}
	if n < 1 || n > int64(MaxDays) {
		return 0, daysOutside(field, n)
	}
	return Days(n), nil
}

func daysOutside(field string, n int64) error {
	return fault.New(fault.CodeParameterInvalid, "%s is %d; it takes 1 to %d days, forever or default", field, n, MaxDays).
		WithField(field).WithLimit(int64(MaxDays), n)
}

// String is what ParseDays reads.
func (d Days) String() string {
	switch d {
	case 0:
		return defaultText
	case Forever:
		return foreverText
	}
	return strconv.Itoa(int(d))
}

// MarshalJSON writes a number, "forever", or null where nothing was decided.
func (d Days) MarshalJSON() ([]byte, error) {
	switch d {
	case 0:
		return []byte("null"), nil
	case Forever:
		return []byte(`"` + foreverText + `"`), nil
	}
	return strconv.AppendInt(nil, int64(d), 10), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Days) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "null":
		*d = 0
		return nil
	case `"` + foreverText + `"`:
		*d = Forever
		return nil
	}
	var n int
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("days: %w", err)
	}
	*d = Days(n)
	return nil
}

// Retention is how long things are kept.
type Retention struct {
	Messages Days `json:"messages_days"` // tasks, with all that belongs to them
	Receipts Days `json:"receipts_days"` // who read a task, and when
	Changes  Days `json:"changes_days"`  // recalls and status bars, for clients that were away
	Audit    Days `json:"audit_days"`    // the organization's audit log
}

// UsualRetention is what holds where nobody has decided: messages for two
// years, who has read them for as long, changes for a month, the audit log for
// ever.
func UsualRetention() Retention {
	return Retention{Messages: usualMessages, Receipts: Forever, Changes: usualChanges, Audit: Forever}
}

// Or returns r with what it leaves open taken from other.
func (r Retention) Or(other Retention) Retention {
	for _, f := range []struct{ own, other *Days }{
		{&r.Messages, &other.Messages},
		{&r.Receipts, &other.Receipts},
		{&r.Changes, &other.Changes},
		{&r.Audit, &other.Audit},
	} {
		if *f.own == 0 {
			*f.own = *f.other
		}
	}
	return r
}

// Check returns nil if every value is one that ParseDays could have given, or
// 0. CodeParameterInvalid, naming the field.
func (r Retention) Check() error {
	for _, f := range []struct {
		field string
		days  Days
	}{{"messages_days", r.Messages}, {"receipts_days", r.Receipts}, {"changes_days", r.Changes}, {"audit_days", r.Audit}} {
		if f.days < Forever || f.days > MaxDays {
			return daysOutside(f.field, int64(f.days))
		}
	}
	return nil
}
