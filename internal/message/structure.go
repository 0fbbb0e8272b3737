package message

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// Structure returns what a card makes of a Markdown text, as one string to
// compare with another's: the words as they are read, and between control
// characters, which no words hold, where elements begin and end and where links
// lead; an address that stands for itself is words in a link. A line break is
// "\n".
func Structure(text string) string {
	return parseMarkdown(text).structure()
}

func (d document) structure() string {
	s := &structure{source: d.source}
	_ = ast.Walk(d.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		return s.visit(n, entering), nil
	})
	return s.b.String()
}

type structure struct {
	source []byte
	inLink int
	b      strings.Builder
}

// edge notes where an element begins or ends.
func (s *structure) edge(entering bool, element string) {
	s.b.WriteByte(1)
	if !entering {
		s.b.WriteByte('/')
	}
	s.b.WriteString(element)
	s.b.WriteByte(2)
}

func (s *structure) visit(n ast.Node, entering bool) ast.WalkStatus {
	if n.Type() != ast.TypeInline {
		return s.block(n, entering)
	}
	if l, isLink := n.(*ast.Link); isLink {
		s.link(l, entering)
		return ast.WalkContinue
	}
	if e, isEmphasis := n.(*ast.Emphasis); isEmphasis {
		s.edge(entering, fmt.Sprintf("em %d", e.Level))
		return ast.WalkContinue
	}
	if n.Kind() == east.KindStrikethrough {
		s.edge(entering, "del")
		return ast.WalkContinue
	}
	if entering {
		s.leaf(n)
	}
	return ast.WalkSkipChildren
}

func (s *structure) block(n ast.Node, entering bool) ast.WalkStatus {
	element := n.Kind().String()
	switch n := n.(type) {
	case *ast.Document:
		return ast.WalkContinue
	case *ast.Heading:
		element = fmt.Sprintf("h %d", n.Level)
	case *ast.List:
		element = fmt.Sprintf("list %d", n.Start)
		if !n.IsOrdered() { // which marker makes an item is not to be seen
			element = "list"
		}
	case *east.Table:
		element = fmt.Sprintf("table %v", n.Alignments)
	case *ast.FencedCodeBlock:
		if !entering {
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				s.b.Write(line.Value(s.source))
			}
		}
	}
	s.edge(entering, element)
	return ast.WalkContinue
}

func (s *structure) link(n *ast.Link, entering bool) {
	if entering {
		s.inLink++
		s.edge(true, "a "+literal(n.Destination))
		return
	}
	s.inLink--
	s.edge(false, "a")
}

// leaf notes what has nothing in it that could be an element.
func (s *structure) leaf(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		s.text(n)
	case *ast.String:
		s.b.Write(n.Value)
	case *ast.CodeSpan:
		s.edge(true, "code")
		s.b.WriteString(codeText(n, s.source))
		s.edge(false, "code")
	case *east.TaskCheckBox:
		s.edge(true, fmt.Sprintf("task %t", n.IsChecked))
	case *ast.Image:
		s.edge(true, "img "+literal(n.Destination))
	case *ast.AutoLink:
		label := string(n.Label(s.source))
		s.address(label, (resolver{}).link(label).Kind == LinkWeb)
	case *ast.RawHTML:
		tag := string(n.Segments.Value(s.source))
		switch effectOf(tag) {
		case tagBreak:
			s.b.WriteByte('\n')
		case tagShown:
			s.b.WriteString(tag)
		}
	}
}

func (s *structure) text(n *ast.Text) {
	run, lineBreak, first := textRun(n, s.source)
	if !first {
		return
	}
	for p := range splitLinks(string(run)) {
		if p.isLink {
			s.address(p.text, true)
			continue
		}
		s.b.WriteString(literal([]byte(p.text)))
	}
	if lineBreak {
		s.b.WriteByte('\n')
	}
}

// address notes an address that stands for itself; in a link it is words.
func (s *structure) address(text string, opens bool) {
	if !opens || s.inLink > 0 {
		s.b.WriteString(literal([]byte(text)))
		return
	}
	s.edge(true, "a")
	s.b.WriteString(text)
	s.edge(false, "a")
}
