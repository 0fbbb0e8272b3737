package message

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"pgregory.net/rapid"
)

// unbounded is goldmark's own reading of what markdownParser reads in bounded
// work. It is inside the package because nothing else may parse Markdown.
var unbounded = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(paragraph{parser.NewParagraphParser()}, 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewRawHTMLParser(), 400),
		util.Prioritized(unboundedEmphasis{parser.NewEmphasisParser()}, 500),
	),
)

type unboundedEmphasis struct{ parser.InlineParser }

func (e unboundedEmphasis) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	node := e.InlineParser.Parse(parent, block, pc)
	d := node.(*parser.Delimiter)
	after := ' '
	if line, _ := block.PeekLine(); len(line) > 0 {
		after = util.ToRune(line, 0)
	}
	if d.Char == '*' && (isEastAsian(before) || isEastAsian(after)) {
		d.CanOpen = !util.IsSpaceRune(after)
		d.CanClose = !util.IsSpaceRune(before)
	}
	return node
}

// Bounding the work changes nothing of how a text is read that does not use it up.
func TestBoundedReadingIsTheSame(t *testing.T) {
	t.Parallel()
	unit := rapid.SampledFrom([]string{
		"*", "**", "***", "_", "__", "a", "b ", " ", "重", "：", ".", "\n", "`", "``", "[", "](x)", "]", "![", "> ", "- ", "\\", "<b>", "1. ",
	})
	rapid.Check(t, func(rt *rapid.T) {
		s := strings.Join(rapid.SliceOfN(unit, 1, 24).Draw(rt, "text"), "")
		source := []byte(unpadBreaks(multiLine(s)))
		want := document{unbounded.Parse(text.NewReader(source)), source}.structure()
		if got := Structure(s); got != want {
			rt.Fatalf("%q\n got %q\nwant %q", s, got, want)
		}
	})
}
