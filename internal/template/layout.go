package template

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/message"
)

// layout is a field taken apart: every parameter has its place, every link is
// known.
type layout struct {
	field
	parts     []part
	malformed string // a "${" that names no parameter; then there is nothing else
	targets   []*target
	marks     []message.Mark // of Markdown, with stand-ins for the parameters
}

func lay(f field) *layout {
	l := &layout{field: f}
	l.parts, l.malformed = split(f.text)
	switch f.holds {
	case line:
		l.put(inLine)
	case lines:
		l.put(inLines)
	case color:
		l.put(inMarkup)
		if len(l.parts) == 1 {
			l.put(isColor)
		}
	case link:
		l.put(inLink)
		if len(l.parts) == 1 {
			l.put(isLink)
		}
		if f.text != "" {
			l.targets = append(l.targets, newTarget(l.parts, 0))
		}
	case markdown:
		l.layMarkdown()
	default:
		l.put(forbidden)
	}
	return l
}

// put gives every parameter the same place.
func (l *layout) put(where place) {
	for i := range l.parts {
		l.parts[i].place = where
	}
}

// layMarkdown finds out where in a Markdown text its parameters stand, by
// reading it with a word in place of each. One that is found nowhere, or in
// something that is not words, stands in markup.
func (l *layout) layMarkdown() {
	l.put(inMarkup)
	stand := newStandIns(l.text)
	l.marks = message.Outline(stand.fill(l.parts, 0))
	var parameters []int // the parts that are parameters, by number of their stand-in
	for i, p := range l.parts {
		if p.name != "" {
			parameters = append(parameters, i)
			l.parts[i].before, l.parts[i].after = l.neighbours(i)
		}
	}
	for _, m := range l.marks {
		numbers := stand.find(m.Text)
		where := inProse
		switch m.Kind {
		case message.MarkText:
		case message.MarkLink:
			where = inLink
			parts := l.partsOf(m.Text, stand, parameters)
			if len(parts) == 1 && parts[0].name != "" {
				where = isLink
			}
			l.targets = append(l.targets, newTarget(parts, m.Line))
		default:
			continue
		}
		for _, n := range numbers {
			l.parts[parameters[n]].place = where
		}
	}
}

// neighbours returns the characters on either side of part i. What stands
// between it and the next space without a letter or digit, such as a sentence's
// end, can be no part of an address with it, and is as that space.
func (l *layout) neighbours(i int) (before, after rune) {
	before, after = edge, edge
	if i > 0 && l.parts[i-1].name == "" {
		text := l.parts[i-1].text
		before, _ = utf8.DecodeLastRuneInString(text)
		if run := text[strings.LastIndexFunc(text, unicode.IsSpace)+1:]; mere(run) && (run != text || i == 1) {
			before = ' '
		}
	}
	if i+1 < len(l.parts) && l.parts[i+1].name == "" {
		text := l.parts[i+1].text
		after, _ = utf8.DecodeRuneInString(text)
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		if mere(text[:end]) && (end < len(text) || i+2 == len(l.parts)) {
			after = ' '
		}
	}
	return before, after
}

// mere reports a run of punctuation that means nothing by itself: none of what
// Markdown pairs, quotes or escapes with.
func mere(run string) bool {
	return run != "" && !strings.ContainsFunc(run, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("*_\\~`<>[]", r)
	})
}

// partsOf takes a piece of the text with stand-ins apart again.
func (l *layout) partsOf(text string, stand standIns, parameters []int) (parts []part) {
	for _, n := range stand.find(text) {
		before, after, _ := strings.Cut(text, stand.of(n))
		if before != "" {
			parts = append(parts, part{text: before})
		}
		parts = append(parts, part{name: l.parts[parameters[n]].name, place: inLink})
		text = after
	}
	if text != "" {
		parts = append(parts, part{text: text})
	}
	if len(parts) == 1 && parts[0].name != "" {
		parts[0].place = isLink
	}
	return parts
}

// marked returns the marks of one kind.
func (l *layout) marked(kind message.MarkKind) (found []message.Mark) {
	for _, m := range l.marks {
		if m.Kind == kind {
			found = append(found, m)
		}
	}
	return found
}
