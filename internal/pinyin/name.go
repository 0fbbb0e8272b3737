package pinyin

import "unicode/utf8"

// Code is how a character of a name is read.
type Code uint16

// Append appends a name, which is in small letters, to names as a Query looks through
// them.
func Append(names []Code, name []byte) []Code {
	t := readings()
	surname := t.surname(name)
	for n := 0; len(name) > 0; n++ {
		r, size := utf8.DecodeRune(name)
		c, _ := t.code(r)
		if n < len(surname) {
			c = surname[n]
		}
		names = append(names, c)
		name = name[size:]
	}
	return append(names, end)
}

// Forget has one name found by nothing. It still counts.
func Forget(name []Code) {
	for i := range name {
		if name[i] != end {
			name[i] = other
		}
	}
}
