package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Details are named facts: numbers, texts, truths, and lists of them.
type Details map[string]any

// FieldsOf returns the fields of settings, which JSON writes as an object, but for
// those that are null.
func FieldsOf(settings any) Details {
	text, err := json.Marshal(settings)
	if err != nil {
		return nil
	}
	read := json.NewDecoder(bytes.NewReader(text))
	read.UseNumber()
	var d Details
	if read.Decode(&d) != nil {
		return nil
	}
	maps.DeleteFunc(d, func(_ string, value any) bool { return value == nil })
	return d
}

// String is for people: "departments 4, 7; everyone no; people 2".
func (d Details) String() string {
	parts := make([]string, 0, len(d))
	for _, name := range slices.Sorted(maps.Keys(d)) {
		parts = append(parts, strings.ReplaceAll(name, "_", " ")+" "+said(d[name]))
	}
	return strings.Join(parts, "; ")
}

// said writes a value for people. It reads alike before it is stored and after.
func said(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	read := json.NewDecoder(bytes.NewReader(text))
	read.UseNumber()
	var v any
	if read.Decode(&v) != nil {
		return string(text)
	}
	switch v := v.(type) {
	case nil:
		return "none"
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case []any:
		if len(v) == 0 {
			return "none"
		}
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = said(one)
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		return "(" + Details(v).String() + ")"
	default:
		return fmt.Sprint(v)
	}
}
