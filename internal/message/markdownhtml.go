package message

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// maxNesting is how deep quotes, lists and emphasis are shown inside each
// other; deeper ones stand at that depth. Browsers grow slow on thousands.
const maxNesting = 16

// markdownWriter writes a document onto a card.
type markdownWriter struct {
	c      *card
	source []byte
	depth  int
	inLink int
	outer  [7]int // h3 to h6, by level: the headings that a next one would stand under
}

func (d document) render(c *card) {
	m := &markdownWriter{c: c, source: d.source}
	// The walk itself cannot fail: no visitor returns an error.
	_ = ast.Walk(d.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Type() == ast.TypeInline {
			return m.inline(n, entering), nil
		}
		return m.block(n, entering), nil
	})
}

// element writes the start or the end of an element around a node's children.
func (m *markdownWriter) element(entering bool, tag, class string, attrs ...attr) {
	if !entering {
		m.depth--
	}
	if m.depth < maxNesting {
		if entering {
			m.c.open(tag, class, attrs...)
		} else {
			m.c.close(tag)
		}
	}
	if entering {
		m.depth++
	}
}

func (m *markdownWriter) block(n ast.Node, entering bool) ast.WalkStatus {
	switch n := n.(type) {
	case *ast.Heading:
		if entering {
			m.headline(n.Level)
		}
		m.element(entering, "h"+strconv.Itoa(m.outer[n.Level]), classHeading,
			append(direction(n), attr{"data-level", strconv.Itoa(n.Level)})...)
	case *ast.Paragraph:
		m.element(entering, "p", "", direction(n)...)
	case *ast.TextBlock:
		if !entering && n.NextSibling() != nil {
			m.c.raw("\n")
		}
	case *ast.Blockquote:
		m.element(entering, "blockquote", "", direction(n)...)
	case *ast.List:
		if !n.IsOrdered() {
			m.element(entering, "ul", "", direction(n)...)
			break
		}
		attrs := direction(n)
		if n.Start != 1 {
			attrs = append(attrs, attr{"start", strconv.Itoa(n.Start)})
		}
		m.element(entering, "ol", "", attrs...)
	case *ast.ListItem:
		m.element(entering, "li", "")
	case *ast.ThematicBreak:
		if entering {
			m.c.raw("<hr>")
		}
	case *ast.FencedCodeBlock:
		if entering {
			m.codeBlock(n)
		}
		return ast.WalkSkipChildren
	default:
		m.table(n, entering)
	}
	return ast.WalkContinue
}

// direction gives the blocks of a text a direction each; what is in a block has
// that of its block.
func direction(n ast.Node) []attr {
	if _, ok := n.Parent().(*ast.Document); ok {
		return []attr{ownDirection}
	}
	return nil
}

// headline decides which element a heading of a level is. A card's place in a
// page begins at h3, and no level is left out: a message that begins with ###
// looks so, and is the first heading of its card all the same.
func (m *markdownWriter) headline(level int) {
	element := 3
	for above := level - 1; above > 0; above-- {
		if m.outer[above] > 0 {
			element = min(m.outer[above]+1, 6)
			break
		}
	}
	clear(m.outer[level:])
	m.outer[level] = element
}

func (m *markdownWriter) codeBlock(n *ast.FencedCodeBlock) {
	m.c.open("pre", "")
	m.c.open("code", "")
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		m.c.text(string(line.Value(m.source)))
	}
	m.c.close("code")
	m.c.close("pre")
}

func (m *markdownWriter) inline(n ast.Node, entering bool) ast.WalkStatus {
	switch n := n.(type) {
	case *ast.Text:
		if entering {
			m.text(n)
		}
	case *ast.String:
		if entering {
			m.c.text(string(n.Value))
		}
	case *ast.CodeSpan:
		if entering {
			m.c.open("code", "")
			m.c.text(codeText(n, m.source))
			m.c.close("code")
		}
		return ast.WalkSkipChildren
	case *ast.Emphasis:
		tag := "em"
		if n.Level == 2 {
			tag = "strong"
		}
		m.element(entering, tag, "")
	case *east.Strikethrough:
		m.element(entering, "del", "")
	case *east.TaskCheckBox:
		if entering {
			m.c.open("span", classTask, attr{"role", "img"}, attr{"data-checked", strconv.FormatBool(n.IsChecked)})
			m.c.text(taskSign(n.IsChecked))
			m.c.close("span")
			m.c.raw(" ")
		}
	case *ast.Link:
		link := m.c.links.link(literal(n.Destination))
		if entering {
			m.inLink++
			m.c.anchor(classAnchor, link)
			return ast.WalkContinue
		}
		m.inLink--
		m.c.anchorEnd(link)
	case *ast.AutoLink:
		if entering {
			m.autoLink(n)
		}
	case *ast.Image:
		if entering {
			alt := plainOf(n, m.source, maxLine)
			m.c.picture(literal(n.Destination), alt, classPicture, m.inLink == 0)
		}
		return ast.WalkSkipChildren
	case *ast.RawHTML:
		if entering {
			m.rawHTML(n)
		}
		return ast.WalkSkipChildren
	}
	return ast.WalkContinue
}

// text writes text; addresses in it become links, but for those in a link.
func (m *markdownWriter) text(n *ast.Text) {
	run, lineBreak, ok := textRun(n, m.source)
	if !ok {
		return
	}
	for p := range splitLinks(string(run)) {
		if !p.isLink || m.inLink > 0 {
			m.c.text(literal([]byte(p.text)))
			continue
		}
		link := m.c.links.link(p.text)
		m.c.anchor(classAnchor, link)
		m.c.text(p.text)
		m.c.anchorEnd(link)
	}
	if lineBreak {
		m.c.raw("<br>")
	}
}

// autoLink writes an address that stands for itself; one that cannot be
// opened is text already.
func (m *markdownWriter) autoLink(n *ast.AutoLink) {
	label := string(n.Label(m.source))
	link := m.c.links.link(label)
	if link.Kind != LinkWeb || m.inLink > 0 {
		m.c.text(label)
		return
	}
	m.c.anchor(classAnchor, link)
	m.c.text(label)
	m.c.anchorEnd(link)
}

func (m *markdownWriter) rawHTML(n *ast.RawHTML) {
	tag := string(n.Segments.Value(m.source))
	switch effectOf(tag) {
	case tagBreak:
		m.c.raw("<br>")
	case tagShown:
		m.c.text(tag)
	}
}

func codeText(n ast.Node, source []byte) string {
	var b strings.Builder
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if t, ok := child.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
		}
	}
	if inCell(n) {
		return strings.ReplaceAll(b.String(), `\|`, "|") // written so that it does not end the cell
	}
	return b.String()
}
