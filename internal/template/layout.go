package template

import (
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
	frame     []part         // of Markdown: its structure, to be kept whatever the values are
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
	l.marks = message.Outline(stand.fill(l.parts))
	var parameters []*part // by number of their stand-in
	for i := range l.parts {
		if l.parts[i].name != "" {
			parameters = append(parameters, &l.parts[i])
		}
	}
	for _, m := range l.marks {
		switch m.Kind {
		case message.MarkText:
			for _, n := range stand.find(m.Text) {
				parameters[n].place = inProse
			}
		case message.MarkLink:
			for _, n := range stand.find(m.Text) {
				parameters[n].place = inLink
				if m.Text == stand.of(n) {
					parameters[n].place = isLink
				}
			}
			l.targets = append(l.targets, newTarget(stand.apart(m.Text, parameters), m.Line))
		}
	}
	l.frame = stand.apart(visible(message.Structure(stand.fill(l.parts))), parameters)
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
