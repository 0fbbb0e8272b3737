package message

import (
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
)

// What a message's JSON may cost: levels of nesting, and values in all (an oa
// form that fills the largest message has about 5,000).
const (
	MaxDepth  = 32
	MaxValues = 16_384
)

// rootPath is the name of a message in every path of a Fault.
const rootPath = "msg"

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

// value is one JSON value. text is the decoded string, or the literal of a
// number or boolean as it was written; items are the members of an object, or
// the elements (without keys) of an array.
type value struct {
	kind  kind
	text  string
	items []member
}

type member struct {
	key   string
	value value
}

// step is one step of the path to where the parser is.
type step struct {
	key   string
	index int // used when key is empty
}

// jsonParser is a strict JSON parser. encoding/json would accept duplicate keys,
// replace lone surrogates and invalid UTF-8, and cannot say where it was.
type jsonParser struct {
	src    string
	pos    int
	base   string
	path   []step
	depth  int
	values int
	most   int
}

// parseJSON parses exactly one JSON value; base is the path to name in faults.
// most is how many values it may have.
func parseJSON(src, base string, most int) (value, *fault.Fault) {
	p := &jsonParser{src: src, base: base, most: most}
	v, f := p.value()
	if f != nil {
		return value{}, f
	}
	if p.space(); p.pos != len(p.src) {
		return value{}, p.broken("unexpected data after the value")
	}
	return v, nil
}

func (p *jsonParser) space() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *jsonParser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

func (p *jsonParser) value() (value, *fault.Fault) {
	p.space()
	if p.values++; p.values > p.most {
		return value{}, p.invalid("has more than %d values", p.most)
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, f := p.str()
		return value{kind: kindString, text: s}, f
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	default:
		return p.word()
	}
}

func (p *jsonParser) word() (value, *fault.Fault) {
	for _, w := range [...]struct {
		text string
		kind kind
	}{{"true", kindBool}, {"false", kindBool}, {"null", kindNull}} {
		if strings.HasPrefix(p.src[p.pos:], w.text) {
			p.pos += len(w.text)
			return value{kind: w.kind, text: w.text}, nil
		}
	}
	return value{}, p.broken("a value is expected")
}

func (p *jsonParser) object() (value, *fault.Fault) {
	v := value{kind: kindObject}
	var seen map[string]struct{}
	f := p.sequence('}', func(int) *fault.Fault {
		if p.peek() != '"' {
			return p.broken("a key is expected")
		}
		key, f := p.str()
		if f != nil {
			return f
		}
		if seen = known(v.items, key, seen); seen == nil {
			return p.invalid("has the key %q twice", clip(oneLine(key), 64))
		}
		if p.space(); p.peek() != ':' {
			return p.broken("':' is expected")
		}
		p.pos++
		p.path = append(p.path, step{key: pathKey(key)})
		item, f := p.value()
		if f != nil {
			return f
		}
		p.path = p.path[:len(p.path)-1]
		v.items = append(v.items, member{key, item})
		return nil
	})
	return v, f
}

func (p *jsonParser) array() (value, *fault.Fault) {
	v := value{kind: kindArray}
	f := p.sequence(']', func(i int) *fault.Fault {
		p.path = append(p.path, step{index: i})
		item, f := p.value()
		if f != nil {
			return f
		}
		p.path = p.path[:len(p.path)-1]
		v.items = append(v.items, member{value: item})
		return nil
	})
	return v, f
}

// sequence reads what stands between a bracket and its end, comma-separated.
// On a fault the path is left where it happened.
func (p *jsonParser) sequence(end byte, item func(i int) *fault.Fault) *fault.Fault {
	if p.depth++; p.depth > MaxDepth {
		return p.invalid("is nested deeper than %d levels", MaxDepth)
	}
	p.pos++
	if p.space(); p.peek() == end {
		p.pos++
		p.depth--
		return nil
	}
	for i := 0; ; i++ {
		p.space()
		if f := item(i); f != nil {
			return f
		}
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case end:
			p.pos++
			p.depth--
			return nil
		default:
			return p.broken("',' or '" + string(end) + "' is expected")
		}
	}
}

// noKeys stands for "not known, and still few enough to look through".
var noKeys = map[string]struct{}{}

// known returns the set to pass next time, or nil if items already hold key.
// Small objects are looked through; large ones get a set, so that many keys
// cannot cost quadratic time.
func known(items []member, key string, seen map[string]struct{}) map[string]struct{} {
	if len(items) < 16 {
		for i := range items {
			if items[i].key == key {
				return nil
			}
		}
		return noKeys
	}
	if len(items) == 16 {
		seen = make(map[string]struct{}, 64)
		for i := range items {
			seen[items[i].key] = struct{}{}
		}
	}
	if _, twice := seen[key]; twice {
		return nil
	}
	seen[key] = struct{}{}
	return seen
}

// pathKey is a key as it may stand in a path that leaves the server.
func pathKey(key string) string {
	if key == "" || len(key) > 64 {
		return "?"
	}
	for i := range len(key) {
		if c := key[i]; c != '_' && c != '-' && !isAlphanumeric(c) {
			return "?"
		}
	}
	return key
}

func (p *jsonParser) where() string {
	at := p.base
	for _, s := range p.path {
		if s.key == "" {
			at += "[" + strconv.Itoa(s.index) + "]"
		} else {
			at += "." + s.key
		}
	}
	return at
}

func (p *jsonParser) broken(what string) *fault.Fault {
	return p.invalid("is not valid JSON: %s at byte %d", what, p.pos)
}

func (p *jsonParser) invalid(format string, args ...any) *fault.Fault {
	at := p.where()
	return fault.New(fault.CodeParameterInvalid, at+" "+format, args...).WithField(at)
}
