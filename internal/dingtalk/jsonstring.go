package dingtalk

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// skipString goes past a string whose opening quote is behind.
func (s *scanner) skipString() bool {
	start := s.pos
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '"':
			if s.garbled && !utf8.ValidString(s.src[start:s.pos]) {
				return s.fail("it holds invalid UTF-8")
			}
			s.pos++
			return true
		case c == '\\':
			if !s.skipEscape() {
				return false
			}
		case c < ' ':
			return s.fail("a control character stands in a string")
		default:
			s.pos++
		}
	}
	return s.fail("a string does not end")
}

// skipEscape goes past one escape, or a pair of them that make one character.
func (s *scanner) skipEscape() bool {
	rest := s.src[s.pos:]
	if len(rest) < 2 {
		return s.fail("a string does not end")
	}
	if rest[1] != 'u' {
		s.pos += 2
		return strings.IndexByte(`"\/bfnrt`, rest[1]) >= 0 || s.fail("an unknown escape stands in a string")
	}
	r, ok := hex4(rest)
	if !ok {
		return s.fail("four hexadecimal digits are expected")
	}
	s.pos += 6
	switch {
	case r == 0:
		return s.fail("it holds a NUL character")
	case !utf16.IsSurrogate(r):
		return true
	}
	if low, ok := hex4(s.src[s.pos:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
		s.pos += 6
		return true
	}
	return s.fail("it holds a lone surrogate")
}

// hex4 reads \uXXXX.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unquote decodes a string literal that skipString has gone past.
func unquote(literal string) string {
	s := literal[1 : len(literal)-1]
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for ; i >= 0; i = strings.IndexByte(s, '\\') {
		b = append(b, s[:i]...)
		s = s[i:]
		if s[1] != 'u' {
			b = append(b, "\"\\/\b\f\n\r\t"[strings.IndexByte(`"\/bfnrt`, s[1])])
			s = s[2:]
			continue
		}
		r, _ := hex4(s)
		s = s[6:]
		if utf16.IsSurrogate(r) {
			low, _ := hex4(s)
			r = utf16.DecodeRune(r, low)
			s = s[6:]
		}
		b = utf8.AppendRune(b, r)
	}
	return string(append(b, s...))
}
