package app

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
)

// checkText wants valid UTF-8 without control characters, minimum to maximum
// characters long.
func checkText(field, text string, minimum, maximum int) error {
	n := utf8.RuneCountInString(text)
	if n < minimum || n > maximum {
		return fault.New(fault.CodeParameterInvalid, "%s has %d characters; it takes %d to %d", field, n, minimum, maximum).
			WithField(field).WithLimit(int64(maximum), int64(n))
	}
	if !utf8.ValidString(text) {
		return fault.New(fault.CodeParameterInvalid, "%s is not valid UTF-8", field).WithField(field)
	}
	if r, found := message.Unseen(text); found {
		return fault.New(fault.CodeParameterInvalid, "%s holds U+%04X, which nobody can see", field, r).WithField(field)
	}
	return nil
}

// cleanPage wants an http or https address that a card may link to, or none.
func cleanPage(address string) (string, error) {
	address = strings.TrimSpace(address)
	if address == "" {
		return "", nil
	}
	if err := checkText("page_url", address, 1, 1024); err != nil {
		return "", err
	}
	scheme, _, _ := strings.Cut(strings.ToLower(address), ":")
	link := message.Resolve(address)
	if link.Kind != message.LinkWeb || scheme != "http" && scheme != "https" {
		return "", fault.New(fault.CodeParameterInvalid, "a page address is one such as https://example.com/app").WithField("page_url")
	}
	return address, nil
}

// checkRange wants ids that can exist. Departments and users that do not exist
// (yet, or any more) reach nobody and do no harm.
func checkRange(r directory.Range) (directory.Range, error) {
	if r.Everyone {
		return directory.Range{Everyone: true}, nil
	}
	for _, id := range r.DeptIDs {
		if id < 1 {
			return r, fault.New(fault.CodeParameterInvalid, "a department id is 1 or more").WithField("range.dept_ids")
		}
	}
	for _, userid := range r.Userids {
		if err := checkText("range.userids", userid, 1, 64); err != nil {
			return r, err
		}
	}
	return directory.Range{DeptIDs: sorted(r.DeptIDs), Userids: sorted(r.Userids)}, nil
}

// sorted returns a sorted copy without repeats, never nil.
func sorted[T cmp.Ordered](list []T) []T {
	list = slices.Sorted(slices.Values(list))
	if list == nil {
		return []T{}
	}
	return slices.Compact(list)
}

// checkOverrides returns an installation's own limits in short form: a JSON
// object of some of the fields of policy.Limits, nil when there are none.
func checkOverrides(overrides json.RawMessage) (json.RawMessage, error) {
	if len(bytes.TrimSpace(overrides)) == 0 {
		return nil, nil
	}
	given, err := limitsIn(overrides)
	if err != nil {
		return nil, err
	}
	for name, value := range given {
		switch {
		case name == "preset":
			return nil, fault.New(fault.CodeParameterInvalid, "the preset is the organization's").WithField(name)
		case string(value) == "null":
			return nil, fault.New(fault.CodeParameterInvalid, "%s has no value", name).WithField(name)
		}
	}
	standard, err := policy.ForPreset(policy.Standard, false)
	if err == nil {
		_, err = standard.Changed(overrides) // which checks names and values
	}
	if err != nil || len(given) == 0 {
		return nil, err
	}
	short, err := json.Marshal(given)
	return short, err
}

func limitsIn(text json.RawMessage) (map[string]json.RawMessage, error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil || given == nil {
		return nil, fault.New(fault.CodeParameterInvalid, "limits are a JSON object").WithField("limits").Because(err)
	}
	return given, nil
}

// overridden returns limits with the fields that overrides names replaced.
func overridden(limits policy.Limits, overrides json.RawMessage) (policy.Limits, error) {
	if len(overrides) == 0 {
		return limits, nil
	}
	err := json.Unmarshal(overrides, &limits)
	return limits, err
}
