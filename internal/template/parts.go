package template

import (
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/message"
)

// part is a piece of a field: what the author wrote, or a parameter.
type part struct {
	text  string // of the author; "" for a parameter
	name  string // of the parameter; "" for text
	place place
}

// place says where in a field a parameter stands, and so how its values are
// written there.
type place uint8

const (
	inLine    place = iota // plain, one line
	inLines                // plain, lines kept
	inProse                // among the words of Markdown
	inLink                 // in a part of a link
	isLink                 // the whole of a link
	isColor                // the whole of a color
	forbidden              // in a field without parameters
	inMarkup               // in Markdown's code, tags, headings, pictures or a link's title
)

// split takes a text apart at its parameters. malformed is a "${" with what
// follows it that names none.
func split(text string) (parts []part, malformed string) {
	for {
		start := strings.Index(text, "${")
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 || !isName(text[start+2:start+end]) {
			return nil, cut(text[start:])
		}
		if start > 0 {
			parts = append(parts, part{text: text[:start]})
		}
		parts = append(parts, part{name: text[start+2 : start+end]})
		text = text[start+end+1:]
	}
	if text != "" {
		parts = append(parts, part{text: text})
	}
	return parts, ""
}

// cut returns the beginning of what an author should find again.
func cut(text string) string {
	const enough = 24
	for i, r := range text {
		if r == '\n' || i >= enough {
			return text[:i]
		}
	}
	return text
}

// isName reports a letter or underscore, then letters, digits and underscores.
func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// target is a link of the form as written, and where its values may lead.
type target struct {
	parts []part
	line  int // of a Markdown text; 0 elsewhere
	kind  message.LinkKind
	hosts []string // where it leads whatever the values are; none when they decide
}

// decided reports whether parameters decide where the link leads.
func (t *target) decided() bool { return t.kind == "" }

// stand-ins for parameters: letters and digits only, so that they are words
// in Markdown and labels in hosts. What the text holds itself is avoided, also
// what it holds once references are resolved and white space is left out.
type standIns struct{ prefix string }

func newStandIns(text string) standIns {
	held := strings.ToLower(text + "\n" + visible(text) + "\n" + visible(message.Structure(text)))
	for n := 0; ; n++ {
		prefix := "qz" + strconv.Itoa(n) + "v"
		if !strings.Contains(held, prefix) {
			return standIns{prefix}
		}
	}
}

func (s standIns) of(n int) string { return s.prefix + strconv.Itoa(n) + "x" }

// fill writes parts with stand-ins, numbered from 0. Those among words are
// guarded, as values can be.
func (s standIns) fill(parts []part) string {
	var b strings.Builder
	n := 0
	for _, p := range parts {
		switch {
		case p.name == "":
			b.WriteString(p.text)
			continue
		case p.place == inProse:
			b.WriteString(guard + s.of(n) + guard)
		default:
			b.WriteString(s.of(n))
		}
		n++
	}
	return b.String()
}

// apart takes a text with stand-ins apart again, into what stands between them
// and the parameters they stand for.
func (s standIns) apart(text string, parameters []*part) (parts []part) {
	for _, n := range s.find(text) {
		before, after, _ := strings.Cut(text, s.of(n))
		if before != "" {
			parts = append(parts, part{text: before})
		}
		parts = append(parts, *parameters[n])
		text = after
	}
	if text != "" {
		parts = append(parts, part{text: text})
	}
	return parts
}

// find returns the numbers of the stand-ins in a text, in order.
func (s standIns) find(text string) (numbers []int) {
	for {
		i := strings.Index(text, s.prefix)
		if i < 0 {
			return numbers
		}
		text = text[i+len(s.prefix):]
		end := strings.IndexByte(text, 'x')
		if end < 0 {
			return numbers
		}
		if n, err := strconv.Atoi(text[:end]); err == nil {
			numbers = append(numbers, n)
		}
		text = text[end+1:]
	}
}

// newTarget finds out where a link leads, whatever its values are.
func newTarget(parts []part, at int) *target {
	t := &target{parts: parts, line: at}
	one := message.Resolve(written(parts, "qza"))
	other := message.Resolve(written(parts, "8w.b"))
	switch {
	case one.Kind != other.Kind || one.Kind == message.LinkOther:
		if !hasParameters(parts) {
			t.kind = one.Kind
		}
	case one.Kind == message.LinkWeb && (hostOf(one.Desktop) != hostOf(other.Desktop) || hostOf(one.Mobile) != hostOf(other.Mobile)):
	default:
		t.kind = one.Kind
		if one.Kind == message.LinkWeb {
			t.hosts = []string{hostOf(one.Desktop), hostOf(one.Mobile)}
		}
	}
	return t
}

// hostOf returns scheme, host and port of a resolved address: all that a value
// may not change.
func hostOf(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return scheme + "://" + rest
}

func written(parts []part, value string) string {
	var b strings.Builder
	for _, p := range parts {
		if p.name != "" {
			b.WriteString(value)
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

func hasParameters(parts []part) bool {
	for _, p := range parts {
		if p.name != "" {
			return true
		}
	}
	return false
}
