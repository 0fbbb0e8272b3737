package message

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// plain returns the document's text as one line without markup, of at least
// enough characters if it has as many.
func (d document) plain(enough int) string { return plainOf(d.root, d.source, enough) }

func plainOf(root ast.Node, source []byte, enough int) string {
	var b strings.Builder
	full := (enough + 1) * utf8.UTFMax * 2
	apart := false
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if b.Len() > full && utf8.RuneCountInString(oneLine(b.String())) > enough {
			return ast.WalkStop, nil
		}
		// Blocks are apart even where their text is not; once is enough,
		// however many begin and end here.
		if n.Type() != ast.TypeInline && !apart {
			b.WriteByte(' ')
			apart = true
		}
		if !entering {
			return ast.WalkContinue, nil
		}
		before := b.Len()
		status := plainNode(&b, n, source)
		apart = apart && b.Len() == before
		return status, nil
	})
	return oneLine(b.String())
}

func plainNode(b *strings.Builder, n ast.Node, source []byte) ast.WalkStatus {
	switch n := n.(type) {
	case *ast.Text:
		b.WriteString(literal(n.Segment.Value(source)))
		if n.SoftLineBreak() || n.HardLineBreak() {
			b.WriteByte(' ')
		}
	case *ast.String:
		b.Write(n.Value)
	case *ast.AutoLink:
		b.Write(n.Label(source))
	case *ast.CodeSpan:
		b.WriteString(codeText(n, source))
		return ast.WalkSkipChildren
	case *ast.RawHTML:
		if tag := string(n.Segments.Value(source)); effectOf(tag) == tagShown {
			b.WriteString(tag)
		} else if effectOf(tag) == tagBreak {
			b.WriteByte(' ')
		}
		return ast.WalkSkipChildren
	case *east.TaskCheckBox:
		b.WriteString(taskSign(n.IsChecked) + " ")
	case *ast.ListItem:
		if list, ok := n.Parent().(*ast.List); ok && list.IsOrdered() {
			b.WriteString(strconv.Itoa(list.Start+position(n)) + ". ")
		}
	case *ast.FencedCodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			b.Write(line.Value(source))
		}
	}
	return ast.WalkContinue
}

// position is how many items stand before n, looked up for short lists only:
// the plain line ends long before.
func position(n ast.Node) int {
	i := 0
	for p := n.PreviousSibling(); p != nil && i < maxLine; p = p.PreviousSibling() {
		i++
	}
	return i
}

// mentions returns the media ids of the document's pictures and its links.
func (d document) mentions(r resolver) (ids []string, links []Link) {
	var refs []string
	var found linkList
	inLink := 0
	_ = ast.Walk(d.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok {
			if !entering {
				inLink--
				return ast.WalkContinue, nil
			}
			inLink++
			found.add(r.link(literal(link.Destination)))
		}
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.AutoLink:
			if inLink == 0 {
				found.add(r.link(string(n.Label(d.source))))
			}
		case *ast.Image:
			refs = append(refs, strings.TrimSpace(literal(n.Destination)))
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if run, _, ok := textRun(n, d.source); ok && inLink == 0 {
				found.addText(r, string(run))
			}
		}
		return ast.WalkContinue, nil
	})
	return mediaIDs(refs...), found
}
