package dingtalk

import (
	"slices"
	"strconv"
	"strings"
)

// parseInt64 takes the ways clients write a whole number: 123, "123", 123.0
// and "123L".
func parseInt64(name string, v value) (int64, error) {
	if v.kind == textValue || v.kind == number {
		if n, ok := wholeNumber(v.text); ok {
			return n, nil
		}
	}
	return 0, invalid(name, "must be a whole number")
}

func wholeNumber(s string) (int64, bool) {
	digits, zeros, fraction := strings.Cut(s, ".")
	if fraction && (zeros == "" || strings.Trim(zeros, "0") != "") {
		return 0, false
	}
	if !fraction {
		digits = strings.TrimSuffix(digits, "L")
	}
	if strings.HasPrefix(digits, "+") {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// parseFlag takes true and false, as words or as texts in any case (Python
// writes True), and 1 and 0.
func parseFlag(name string, v value) (bool, error) {
	if v.kind != structure {
		switch strings.ToLower(v.text) {
		case "true", "1":
			return true, nil
		case "false", "0":
			return false, nil
		}
	}
	return false, invalid(name, "must be true or false")
}

// parseText takes a scalar of any kind for its text.
func parseText(name string, v value) (string, error) {
	if v.kind == structure {
		return "", invalid(name, "must be a text")
	}
	return v.text, nil
}

// listStyle is what stands between the entries of a list in a text.
type listStyle struct{ separator, said string }

var (
	commas = listStyle{",", "commas"}
	bars   = listStyle{"|", "|"} // of /message/send
)

// parse takes text with separators, a JSON array of texts and numbers, a JSON
// array as text, and such text in quotes. Spaces around entries, empty entries
// and repeats are dropped.
func (l listStyle) parse(name string, v value) ([]string, error) {
	list, ok := l.listOf(v, true)
	if !ok {
		return nil, invalid(name, "must be a list of ids, separated by "+l.said)
	}
	return list, nil
}

func (l listStyle) listOf(v value, outermost bool) ([]string, bool) {
	text := strings.TrimSpace(v.text)
	switch {
	case v.kind == structure && text[0] == '[':
		return l.elements(text)
	case v.kind == structure || v.kind == boolean:
		return nil, false
	case outermost && strings.HasPrefix(text, "["), outermost && strings.HasPrefix(text, `"`):
		s := &scanner{src: text}
		if !s.skipValue(0) || s.pos != len(text) {
			return nil, false
		}
		return l.listOf(valueOf(text), false)
	}
	if !strings.Contains(text, l.separator) {
		return compact([]string{text}), true
	}
	return compact(strings.Split(text, l.separator)), true
}

// elements returns the entries of a JSON array that is known to be valid.
func (l listStyle) elements(array string) ([]string, bool) {
	s := &scanner{src: array, pos: 1}
	var list []string
	for {
		if s.space(); s.take(']') {
			return compact(list), true
		}
		at := s.pos
		s.skipValue(0)
		switch v := valueOf(array[at:s.pos]); v.kind {
		case textValue:
			list = append(list, strings.Split(v.text, l.separator)...)
		case number:
			list = append(list, v.text)
		case null:
		default:
			return nil, false
		}
		s.space()
		s.take(',')
	}
}

// compact trims the entries and drops empty ones and repeats, in place.
func compact(list []string) []string {
	var seen map[string]struct{}
	const few = 16
	if len(list) > few {
		seen = make(map[string]struct{}, len(list))
	}
	kept := list[:0]
	for _, entry := range list {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		if seen == nil {
			if slices.Contains(kept, entry) {
				continue
			}
		} else if _, twice := seen[entry]; twice {
			continue
		} else {
			seen[entry] = struct{}{}
		}
		kept = append(kept, entry)
	}
	return kept
}

// list returns a list of texts, nil if it is missing or empty.
func (a arguments) list(name string) ([]string, error) { return a.listOf(commas, name) }

func (a arguments) listOf(style listStyle, name string) ([]string, error) {
	list, _, err := read(a, name, style.parse, slices.Equal)
	return list, err
}

// numbers returns a list of whole numbers, nil if it is missing or empty.
func (a arguments) numbers(name string) ([]int64, error) { return a.numbersOf(commas, name) }

func (a arguments) numbersOf(style listStyle, name string) ([]int64, error) {
	list, _, err := read(a, name, style.parseNumbers, slices.Equal)
	return list, err
}

func (l listStyle) parseNumbers(name string, v value) ([]int64, error) {
	list, err := l.parse(name, v)
	if err != nil {
		return nil, err
	}
	numbers := make([]int64, 0, len(list))
	seen := make(map[int64]struct{}, len(list)) // 1 and 1.0 are the same
	for _, entry := range list {
		n, ok := wholeNumber(entry)
		if !ok {
			return nil, invalid(name, "must be a list of whole numbers, separated by "+l.said)
		}
		if _, twice := seen[n]; !twice {
			seen[n] = struct{}{}
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}
