package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is the longest title or preview in characters.
const maxLine = 120

// oneLine returns a text as one line: white space runs become one space, what
// cannot be seen is left out.
func oneLine(s string) string {
	if isOneLine(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	before := rune(0)
	for i, r := range s {
		switch {
		case unicode.IsSpace(r) || r == 0x2028 || r == 0x2029:
			if n := len(b); n > 0 && b[n-1] != ' ' {
				b = append(b, ' ')
			}
		case LeftOut(r), isJoiner(r) && !belongs(before, r, following(s[i:])):
		default:
			b = utf8.AppendRune(b, r)
			before = r
		}
	}
	return strings.TrimSuffix(string(b), " ")
}

// isOneLine reports the common case of a text that is one line already.
func isOneLine(s string) bool {
	space := true // a space at the beginning is one too many
	for _, r := range s {
		switch {
		case r == ' ':
			if space {
				return false
			}
			space = true
			continue
		case r < ' ', r >= 0x7f && (unicode.IsControl(r) || unicode.IsSpace(r) || isInvisible(r) || isJoiner(r)):
			return false
		case r == utf8.RuneError:
			return false
		}
		space = false
	}
	return !space || s == ""
}

// multiLine returns a text as a card shows it: lines end in \n, what cannot be
// seen is left out.
func multiLine(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r', r == 0x2028, r == 0x2029:
			return '\n'
		case LeftOut(r):
			return -1
		}
		return r
	}, s)
}

// headline is oneLine, clipped to maxLine. Only the beginning of a long text
// is looked at.
func headline(s string) string {
	const enough = maxLine * utf8.UTFMax * 4
	if len(s) > enough {
		if short := oneLine(strings.ToValidUTF8(s[:enough], "")); utf8.RuneCountInString(short) > maxLine {
			return clip(short, maxLine)
		}
	}
	return clip(oneLine(s), maxLine)
}

// clip cuts a text to max characters, the last of them an ellipsis.
func clip(s string, max int) string {
	if len(s) <= max || utf8.RuneCountInString(s) <= max {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == max {
			// Half an emoji sequence, or a space, in front of an ellipsis
			// looks like damage.
			return strings.TrimRight(s[:i], " \u200d\ufe0f") + "…"
		}
	}
	return s
}
