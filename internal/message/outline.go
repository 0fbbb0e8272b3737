package message

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// MarkKind says what a Mark is.
type MarkKind string

// The kinds of marks.
const (
	MarkText    MarkKind = "text"    // words
	MarkLink    MarkKind = "link"    // where a link leads, as written
	MarkHeading MarkKind = "heading" // a heading's first line
	MarkPicture MarkKind = "picture" // a picture's address, as written
	MarkCode    MarkKind = "code"    // code, or <in:brackets>, where backslashes escape nothing
	MarkTag     MarkKind = "tag"     // an HTML tag
)

// Mark is a part of a Markdown text: what it is, what it says, and the line
// of the text, counted from 1, in which it begins.
type Mark struct {
	Kind MarkKind
	Text string
	Line int
}

// Outline takes a Markdown text apart as a card would show it, in order. What
// it does not return, such as a link's title, is not shown.
func Outline(text string) []Mark {
	d := parseMarkdown(text)
	o := &outliner{source: d.source}
	_ = ast.Walk(d.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		return o.visit(n, entering), nil
	})
	return o.marks
}

type outliner struct {
	source []byte
	at     int // where the text read so far ends
	inLink int
	marks  []Mark
}

func (o *outliner) mark(kind MarkKind, text string) {
	line := 1 + bytes.Count(o.source[:min(o.at, len(o.source))], []byte{'\n'})
	o.marks = append(o.marks, Mark{kind, text, line})
}

func (o *outliner) visit(n ast.Node, entering bool) ast.WalkStatus {
	if _, isLink := n.(*ast.Link); isLink && !entering {
		o.inLink--
	}
	if !entering {
		return ast.WalkContinue
	}
	if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
		o.at = n.Lines().At(0).Start
	}
	switch n := n.(type) {
	case *ast.Heading:
		first := ""
		if n.Lines().Len() > 0 {
			line := n.Lines().At(0)
			first = strings.TrimSpace(string(line.Value(o.source)))
		}
		o.mark(MarkHeading, first)
	case *ast.FencedCodeBlock:
		return o.fence(n)
	case *ast.Text:
		o.text(n)
	case *ast.CodeSpan:
		o.mark(MarkCode, codeText(n, o.source))
		return ast.WalkSkipChildren
	case *ast.RawHTML:
		o.at = n.Segments.At(0).Start
		o.mark(MarkTag, string(n.Segments.Value(o.source)))
		return ast.WalkSkipChildren
	case *ast.Image:
		o.mark(MarkPicture, strings.TrimSpace(literal(n.Destination)))
		return ast.WalkSkipChildren
	case *ast.Link:
		o.inLink++
		o.mark(MarkLink, literal(n.Destination))
	case *ast.AutoLink:
		o.autoLink(n)
	}
	return ast.WalkContinue
}

func (o *outliner) fence(n *ast.FencedCodeBlock) ast.WalkStatus {
	var code strings.Builder
	if n.Info != nil {
		o.at = n.Info.Segment.Start
		code.Write(n.Info.Segment.Value(o.source))
		code.WriteByte('\n')
	}
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		code.Write(line.Value(o.source))
	}
	o.mark(MarkCode, code.String())
	return ast.WalkSkipChildren
}

func (o *outliner) text(n *ast.Text) {
	o.at = n.Segment.Start
	run, _, first := textRun(n, o.source)
	if !first {
		return
	}
	for p := range splitLinks(string(run)) {
		kind := MarkText
		if p.isLink && o.inLink == 0 {
			kind = MarkLink
		}
		o.mark(kind, literal([]byte(p.text)))
		o.at += len(p.text)
	}
}

func (o *outliner) autoLink(n *ast.AutoLink) {
	label := string(n.Label(o.source))
	kind := MarkCode
	if o.inLink == 0 && (resolver{}).link(label).Kind == LinkWeb {
		kind = MarkLink
	}
	o.mark(kind, label)
}
