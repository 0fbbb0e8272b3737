package message

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxCells is how many cells a table has at most; what would have more stays
// text. Rows that are short are filled up with empty cells, so that 5,000
// characters could make 700,000.
const maxCells = 1000

// tables makes a table of the lines of a paragraph from the one above a line
// such as |---|:-:| on.
type tables struct{ parser.ParagraphTransformer }

func newTables() tables { return tables{extension.NewTableParagraphTransformer()} }

// Transform makes the table, if the paragraph holds one.
func (t tables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	for i := 1; i < lines.Len(); i++ {
		segment := lines.At(i)
		line := segment.Value(reader.Source())
		if len(bytes.Trim(line, " \t\n-:|")) > 0 {
			continue
		}
		bars := bytes.Count(line, []byte{'|'})
		if bars == 0 && !bytes.Contains(line, []byte{':'}) {
			continue
		}
		// One column without a bar would make a table of any two lines.
		columns := 1 + bytes.Count(bytes.Trim(line, " \t\n|"), []byte{'|'})
		if cells := columns * (lines.Len() - i); bars > 0 && cells <= maxCells {
			*stepsOf(pc) += cells
			t.ParagraphTransformer.Transform(node, reader, pc)
		}
		return
	}
}

// taskBoxes reads the [ ] or [x] that an item of a list begins with.
type taskBoxes struct{}

// Trigger returns the characters that a box begins with.
func (taskBoxes) Trigger() []byte { return []byte{'['} }

// Parse reads a box with a space behind it, at the very beginning of an item.
func (taskBoxes) Parse(parent ast.Node, block text.Reader, _ parser.Context) ast.Node {
	item := parent.Parent()
	if _, inList := item.(*ast.ListItem); !inList || item.FirstChild() != parent || parent.HasChildren() {
		return nil
	}
	line, _ := block.PeekLine()
	const box = len("[x] ")
	if len(line) <= box || line[2] != ']' || !util.IsSpace(line[3]) || util.IsBlank(line[box:]) {
		return nil
	}
	switch line[1] {
	case ' ', 'x', 'X':
		block.Advance(box)
		return east.NewTaskCheckBox(line[1] != ' ')
	}
	return nil
}

// inCell reports whether something inline stands in a cell of a table.
func inCell(n ast.Node) bool {
	for n != nil && n.Type() == ast.TypeInline {
		n = n.Parent()
	}
	_, ok := n.(*east.TableCell)
	return ok
}

func taskSign(checked bool) string {
	if checked {
		return "☑"
	}
	return "☐"
}

// table writes the parts of a table.
func (m *markdownWriter) table(n ast.Node, entering bool) {
	switch n := n.(type) {
	case *east.Table:
		if entering {
			m.element(true, "div", classTable)
			m.element(true, "table", "", ownDirection)
			return
		}
		if n.ChildCount() > 1 {
			m.element(false, "tbody", "")
		}
		m.element(false, "table", "")
		m.element(false, "div", "")
	case *east.TableHeader:
		if entering {
			m.element(true, "thead", "")
			m.element(true, "tr", "")
			return
		}
		m.element(false, "tr", "")
		m.element(false, "thead", "")
		if n.NextSibling() != nil {
			m.element(true, "tbody", "")
		}
	case *east.TableRow:
		m.element(entering, "tr", "")
	case *east.TableCell:
		tag := "td"
		if _, inHeader := n.Parent().(*east.TableHeader); inHeader {
			tag = "th"
		}
		align := ""
		if n.Alignment == east.AlignCenter || n.Alignment == east.AlignRight {
			align = n.Alignment.String()
		}
		m.element(entering, tag, "", attr{"data-align", align})
		if !entering {
			m.c.raw("\n") // cells too deep for a card are apart, too
		}
	}
}
