package dingtalk

import (
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
)

// maxDepth is how deep a parameter's value may be nested.
const maxDepth = 32

// scanner reads one JSON object strictly and in one pass. It keeps nested
// values as they were written: the message room decodes the one that matters.
// encoding/json would accept duplicate keys, replace invalid UTF-8 and lone
// surrogates, and build what nobody asks for.
type scanner struct {
	src     string
	pos     int
	flaw    string // what is wrong, once something is
	garbled bool   // src holds invalid UTF-8 somewhere
}

// readJSON appends the members of a JSON object to args.
func readJSON(args arguments, src string) (arguments, error) {
	s := &scanner{src: src, garbled: !utf8.ValidString(src)}
	before := len(args)
	if s.space(); !s.take('{') {
		return nil, malformed("a JSON object is expected")
	}
	if s.space(); !s.take('}') {
		for {
			arg, err := s.member()
			if err != nil {
				return nil, err
			}
			if err := arg.twice(args[before:]); err != nil {
				return nil, err
			}
			if args, err = args.with(arg); err != nil {
				return nil, err
			}
			s.space()
			if s.take('}') {
				break
			}
			if !s.take(',') {
				return nil, malformed("',' or '}' is expected at byte %d", s.pos)
			}
		}
	}
	if s.space(); s.pos < len(src) {
		return nil, malformed("there is something after the JSON object")
	}
	return args, nil
}

// twice refuses a key that stands in the object already. Two access tokens are
// a matter of authentication.
func (a argument) twice(before arguments) error {
	for i := range before {
		if before[i].name == a.name && a.name != accessToken {
			return invalid(a.name, "stands in the JSON object twice")
		}
	}
	return nil
}

func malformed(format string, args ...any) error {
	return fault.New(fault.CodeBodyMalformed, format, args...).WithField("body")
}

// member reads a key and its value.
func (s *scanner) member() (argument, error) {
	s.space()
	at := s.pos
	if !s.take('"') || !s.skipString() {
		return argument{}, malformed("a key is expected at byte %d", at)
	}
	name := unquote(s.src[at:s.pos])
	if s.space(); !s.take(':') {
		return argument{}, malformed("':' is expected at byte %d", s.pos)
	}
	s.space()
	at = s.pos
	if !s.skipValue(0) {
		return argument{}, invalid(name, "is not valid JSON: "+s.flaw)
	}
	return argument{name, valueOf(s.src[at:s.pos])}, nil
}

// valueOf makes a value of its valid literal.
func valueOf(literal string) value {
	switch literal[0] {
	case '"':
		return value{textValue, unquote(literal)}
	case '{', '[':
		return value{structure, literal}
	case 't', 'f':
		return value{boolean, literal}
	case 'n':
		return value{null, ""}
	default:
		return value{number, literal}
	}
}

func (s *scanner) fail(flaw string) bool {
	if s.flaw == "" {
		s.flaw = flaw
	}
	return false
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) take(c byte) bool {
	if s.pos < len(s.src) && s.src[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// skipValue goes past one value that depth levels are around.
func (s *scanner) skipValue(depth int) bool {
	if s.pos == len(s.src) {
		return s.fail("it ends too early")
	}
	switch c := s.src[s.pos]; {
	case c == '"':
		s.pos++
		return s.skipString()
	case c == '{':
		return s.skipItems('}', depth+1, true)
	case c == '[':
		return s.skipItems(']', depth+1, false)
	case c == '-' || c >= '0' && c <= '9':
		return s.skipNumber()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(s.src[s.pos:], word) {
			s.pos += len(word)
			return true
		}
	}
	return s.fail("a value is expected")
}

func (s *scanner) skipItems(end byte, depth int, keys bool) bool {
	if depth > maxDepth {
		return s.fail("it is nested too deep")
	}
	s.pos++
	if s.space(); s.take(end) {
		return true
	}
	for {
		s.space()
		if keys && !s.skipKey() || !s.skipValue(depth) {
			return false
		}
		s.space()
		if s.take(end) {
			return true
		}
		if !s.take(',') {
			return s.fail("',' or '" + string(rune(end)) + "' is expected")
		}
	}
}

func (s *scanner) skipKey() bool {
	if !s.take('"') {
		return s.fail("a key is expected")
	}
	if !s.skipString() {
		return false
	}
	if s.space(); !s.take(':') {
		return s.fail("':' is expected")
	}
	s.space()
	return true
}

func (s *scanner) skipNumber() bool {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return s.fail("a digit is expected")
	}
	if s.take('.') && !s.digits() {
		return s.fail("a digit is expected")
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if !s.digits() {
			return s.fail("a digit is expected")
		}
	}
	return true
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.src) && s.src[s.pos] >= '0' && s.src[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}
