package template

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// write returns a field with values in it. A value never becomes more than a
// value: what would be syntax in its place is written so that it is none.
func (l *layout) write(v values) (string, error) {
	for _, t := range l.targets {
		if err := t.check(v); err != nil {
			return "", err
		}
	}
	text := l.fill(v, false)
	if l.holds != markdown || l.keepsFrame(text, v) {
		return text, nil
	}
	if text = l.fill(v, true); l.keepsFrame(text, v) {
		return text, nil
	}
	return "", fault.New(fault.CodeTemplateValueBad, "the values change what the text around them means").WithField("data").Because(errFrame)
}

// errFrame says that there is no way to write values without changing what the
// text around them means. Lint keeps places where that could be out of forms.
var errFrame = errors.New("another frame")

// length returns how many characters the field has with values in it.
func (l *layout) length(v values) int {
	n := 0
	for _, p := range l.parts {
		if p.name == "" {
			n += utf8.RuneCountInString(p.text)
		} else {
			n += utf8.RuneCountInString(v.in(p))
		}
	}
	return n
}

func (l *layout) fill(v values, guarded bool) string {
	return compose(l.parts, v, func(p part) string {
		if guarded {
			return guard + v.in(p) + guard
		}
		return v.in(p)
	})
}

// keepsFrame reports whether a text is read as the template is, with the values
// for words. White space does not count, nor do guards: values have some. Nor
// does punctuation at the end of an address, which an empty value leaves there.
func (l *layout) keepsFrame(text string, v values) bool {
	read := visible(message.Structure(text))
	want := compose(l.frame, v, v.read)
	return read == want || ends.ReplaceAllString(read, "$2$1") == ends.ReplaceAllString(want, "$2$1")
}

// compose writes parts with values in them, those among words by words.
func compose(parts []part, v values, words func(p part) string) string {
	var b strings.Builder
	for _, p := range parts {
		switch {
		case p.name == "":
			b.WriteString(p.text)
		case p.place == inProse:
			b.WriteString(words(p))
		default:
			b.WriteString(v.in(p))
		}
	}
	return b.String()
}

// ends finds punctuation that a card leaves out of an address that ends in it.
var ends = regexp.MustCompile(`([.,;:!?'*_~{}()\[\]]+)(\x01/a\x02)`)

// visible leaves out white space and guards.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u2028' || r == '\u2029' || string(r) == guard {
			return -1
		}
		return r
	}, s)
}

// write writes a value where it stands.
func (p part) write(value string) string {
	switch p.place {
	case inProse:
		return prose(value)
	case inLine:
		return strings.Join(strings.Fields(value), " ")
	case inLines:
		return value
	case inLink:
		return component(value)
	case isLink:
		return wholeLink(value)
	default:
		return value // a whole color, which the message checks
	}
}

// guard is a character that nobody sees and that is neither space nor
// punctuation. Between two of them a value means to Markdown what a word does:
// it neither begins nor ends, nor undoes, what the author marked up. Most values
// need none, and people copy texts: so they are written only where they count.
const guard = "\u200c"

// prose writes a value among the words of Markdown: punctuation is escaped,
// lines end in breaks. Code, tags and addresses in brackets, which an author may
// have begun, end in spite of a backslash; not at a reference.
func prose(value string) string {
	value = shown(strings.ReplaceAll(value, "\r\n", "\n"))
	var b strings.Builder
	b.Grow(len(value) + 8)
	for _, r := range value {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			b.WriteString("<br>")
		case r == '\t':
			b.WriteByte(' ')
		case strings.ContainsRune("<>`\"'", r):
			fmt.Fprintf(&b, "&#%d;", r)
		case r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// shown is a value without what a card leaves out: once that is gone, what stands
// behind it would be the value's end.
func shown(value string) string {
	return strings.Map(func(r rune) rune {
		lineEnd := r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029'
		if message.LeftOut(r) && !lineEnd && r != '\t' {
			return -1
		}
		return r
	}, value)
}

// component writes a value into a link so that it stays in the part of the
// link it stands in. Every byte is escaped that means something in a link or
// in the Markdown around it; a dot where it could be a sentence's end.
func component(value string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '.' && i+1 < len(value) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// wholeLink writes a value that is a link, escaping what could end it.
func wholeLink(value string) string {
	const keep = "-.:/?#@!$&+,;=%"
	var b strings.Builder
	for i, r := range strings.TrimSpace(value) {
		size := utf8.RuneLen(r)
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(keep, r)) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(component(strings.TrimSpace(value)[i : i+max(size, 1)]))
	}
	return b.String()
}

// check refuses values that make a link lead elsewhere.
func (t *target) check(v values) error {
	if !hasParameters(t.parts) {
		return nil
	}
	var b strings.Builder
	var hosts []string
	name := ""
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		b.WriteString(v.in(p))
		if list := v.hosts(p.name); len(list) > 0 || name == "" {
			name, hosts = p.name, append(hosts, list...)
		}
	}
	l := message.Resolve(b.String())
	if !t.decided() {
		same := l.Kind == t.kind
		if same && l.Kind == message.LinkWeb {
			same = hostOf(l.Desktop) == t.hosts[0] && hostOf(l.Mobile) == t.hosts[1]
		}
		if same {
			return nil
		}
		return badValue(name, "changes where a link leads")
	}
	if l.Kind != message.LinkWeb {
		return badValue(name, "does not make an address that can be opened")
	}
	for _, address := range [...]string{l.Desktop, l.Mobile} {
		if !listed(address, hosts) {
			return badValue(name, "leads to a host that the template does not list")
		}
	}
	return nil
}

func listed(address string, hosts []string) bool {
	_, authority, _ := strings.Cut(hostOf(address), "://")
	host := message.Resolve("https://" + authority).Host
	for _, h := range hosts {
		if h == host || h == authority {
			return true
		}
	}
	return false
}

func badValue(name, why string) error {
	return fault.New(fault.CodeTemplateValueBad, "template parameter %s %s", name, why).WithField("data." + name)
}
