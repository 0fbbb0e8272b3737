package message

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
)

// str reads a string; p stands on its opening quote.
func (p *jsonParser) str() (string, *fault.Fault) {
	p.pos++
	start, ascii := p.pos, true
	for ; p.pos < len(p.src); p.pos++ {
		switch c := p.src[p.pos]; {
		case c == '"':
			s := p.src[start:p.pos]
			p.pos++
			if !ascii && !utf8.ValidString(s) {
				return "", p.invalid("is not valid UTF-8")
			}
			return s, nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.control(c)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", p.broken("a string does not end")
}

// escaped goes on with a string whose first backslash p stands on.
func (p *jsonParser) escaped(start int) (string, *fault.Fault) {
	b := append(make([]byte, 0, p.pos-start+64), p.src[start:p.pos]...)
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case c == '"':
			p.pos++
			if !utf8.Valid(b) {
				return "", p.invalid("is not valid UTF-8")
			}
			return string(b), nil
		case c == '\\':
			r, f := p.escape()
			if f != nil {
				return "", f
			}
			b = utf8.AppendRune(b, r)
		case c < ' ':
			return "", p.control(c)
		default:
			b = append(b, c)
			p.pos++
		}
	}
	return "", p.broken("a string does not end")
}

func (p *jsonParser) control(c byte) *fault.Fault {
	if c == 0 {
		return p.invalid("contains a NUL character")
	}
	return p.broken("a control character stands in a string")
}

// escape reads one escape sequence; p stands on its backslash.
func (p *jsonParser) escape() (rune, *fault.Fault) {
	p.pos++
	c := p.peek()
	p.pos++
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := strings.IndexByte(from, c); i >= 0 && c != 0 {
		return rune(to[i]), nil
	}
	if c != 'u' {
		p.pos--
		return 0, p.broken("an unknown escape stands in a string")
	}
	r, ok := p.hex4()
	if !ok {
		return 0, p.broken("four hexadecimal digits are expected")
	}
	switch {
	case r == 0:
		return 0, p.invalid("contains a NUL character")
	case !utf16.IsSurrogate(r):
		return r, nil
	}
	if strings.HasPrefix(p.src[p.pos:], `\u`) {
		p.pos += 2
		if low, ok := p.hex4(); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, nil
			}
		}
	}
	return 0, p.invalid("contains a lone surrogate")
}

func (p *jsonParser) hex4() (rune, bool) {
	if len(p.src)-p.pos < 4 {
		return 0, false
	}
	var r rune
	for range 4 {
		d, ok := hexDigit(p.src[p.pos])
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(d)
		p.pos++
	}
	return r, true
}

// number reads a number and keeps it as it was written.
func (p *jsonParser) number() (value, *fault.Fault) {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if !p.digits() {
		return value{}, p.broken("a digit is expected")
	}
	if p.peek() == '.' {
		p.pos++
		if !p.digits() {
			return value{}, p.broken("a digit is expected")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return value{}, p.broken("a digit is expected")
		}
	}
	return value{kind: kindNumber, text: p.src[start:p.pos]}, nil
}

func (p *jsonParser) digits() bool {
	start := p.pos
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.pos++
	}
	return p.pos > start
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
