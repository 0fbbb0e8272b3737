package message

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// document is a parsed Markdown text.
type document struct {
	root   ast.Node
	source []byte
}

// markdownParser knows the Markdown of work notifications: headings, quotes,
// emphasis, links, pictures, lists and code, in CommonMark's syntax, and GitHub's
// tables, ~~struck~~ words and lists of tasks. Left out
// are HTML blocks and reference definitions (HTML is text), and what a padded
// line break would trigger by accident: indented code and underlined headings.
var markdownParser = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(container{parser.NewListParser()}, 300),
		util.Prioritized(container{parser.NewListItemParser()}, 400),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(container{parser.NewBlockquoteParser()}, 800),
		util.Prioritized(paragraph{parser.NewParagraphParser()}, 1000),
	),
	parser.WithParagraphTransformers(util.Prioritized(newTables(), 200)),
	parser.WithInlineParsers(
		util.Prioritized(taskBoxes{}, 50),
		util.Prioritized(code{parser.NewCodeSpanParser()}, 100),
		util.Prioritized(links{parser.NewLinkParser()}, 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewRawHTMLParser(), 400),
		util.Prioritized(emphasis{}, 500),
	),
)

func parseMarkdown(s string) document {
	d, _ := countedMarkdown(s)
	return d
}

// countedMarkdown also returns how many steps it took, see stepsKey.
func countedMarkdown(s string) (document, int) {
	if len(s) > longestParsed {
		return asWritten(s), 0
	}
	source := []byte(unpadBreaks(multiLine(s)))
	pc := parser.NewContext()
	root := markdownParser.Parse(text.NewReader(source), parser.WithContext(pc))
	return document{root: root, source: source}, *stepsOf(pc)
}

// asWritten is a document of one paragraph in which nothing means anything but
// ends of lines and addresses.
func asWritten(s string) document {
	d := document{root: ast.NewDocument(), source: []byte(multiLine(s))}
	p := ast.NewParagraph()
	d.root.AppendChild(d.root, p)
	start := 0
	for line := range bytes.Lines(d.source) {
		end := start + len(bytes.TrimSuffix(line, []byte{'\n'}))
		t := ast.NewTextSegment(text.NewSegment(start, end))
		t.SetSoftLineBreak(true)
		p.AppendChild(p, t)
		start += len(line)
	}
	return d
}

// unpadBreaks undoes the habit of writing a line break with two spaces on each
// side: the two behind it would nest a list into the item before.
func unpadBreaks(s string) string {
	const padded = "  \n  "
	if !strings.Contains(s, padded) {
		return s
	}
	return strings.ReplaceAll(s, padded, "  \n")
}

// paragraph also takes lines that are indented by four spaces or more: without
// indented code nobody else does, and they would be lost.
type paragraph struct{ parser.BlockParser }

func (paragraph) CanAcceptIndentedLine() bool { return true }

// textRun returns the source that stands together from t on, over all the text
// nodes it was cut into, and whether it ends in a line break; ok is false if t
// is not the first of them. Addresses are looked for in it: an underscore or a
// bracket inside one cuts it into nodes.
func textRun(t *ast.Text, source []byte) (run []byte, lineBreak, ok bool) {
	if prev, isText := t.PreviousSibling().(*ast.Text); isText && joined(prev, t) {
		return nil, false, false
	}
	last := t
	for next, isText := t.NextSibling().(*ast.Text); isText && joined(last, next); next, isText = next.NextSibling().(*ast.Text) {
		last = next
	}
	return source[t.Segment.Start:last.Segment.Stop], last.SoftLineBreak() || last.HardLineBreak(), true
}

func joined(a, b *ast.Text) bool {
	return a.Segment.Stop == b.Segment.Start && !a.SoftLineBreak() && !a.HardLineBreak()
}

// literal resolves the backslash escapes and character references of a piece
// of source, once: what they produce is text and never syntax.
func literal(source []byte) string {
	s := string(source)
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && util.IsPunct(s[i+1]):
			b.WriteByte(s[i+1])
			i += 2
		case c == '&':
			n, decoded := reference(s[i:])
			b.WriteString(decoded)
			i += n
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// reference decodes the character reference s begins with, or returns its
// ampersand.
func reference(s string) (length int, decoded string) {
	const longest = 33 // &CounterClockwiseContourIntegral;
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end > 1 {
		// A reference is one or two characters. html also decodes what merely
		// begins with an old name, or has a reference in it: that is longer.
		decoded = html.UnescapeString(s[:end+1])
		if decoded != s[:end+1] && utf8.RuneCountInString(decoded) <= 2 {
			return end + 1, decoded
		}
	}
	return 1, "&"
}

// tagEffect is what a raw HTML tag does to the text.
type tagEffect uint8

const (
	tagShown   tagEffect = iota // not formatting: it may be a part of what is said, as in List<String>
	tagDropped                  // formatting that is not supported
	tagBreak                    // a line break
)

func effectOf(tag string) tagEffect {
	name := strings.TrimPrefix(tag[1:], "/")
	if end := strings.IndexAny(name, " \t\n/>"); end >= 0 {
		name = name[:end]
	}
	switch strings.ToLower(name) {
	case "br":
		return tagBreak
	case "b", "strong", "i", "em", "u", "s", "del", "ins", "font", "span", "small", "big", "center", "p", "div":
		return tagDropped
	}
	if strings.HasPrefix(tag, "<!--") {
		return tagDropped
	}
	return tagShown
}
