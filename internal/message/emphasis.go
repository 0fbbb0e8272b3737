package message

import (
	"unicode"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// emphasis is CommonMark's emphasis, in time that grows with the text.
//
// goldmark's own parser compares a mark with all marks before it, so that 27 kB
// of "*a_" keep a processor busy for most of a second. This one collects the
// marks of a paragraph and pairs them when the paragraph ends, and remembers for
// each sort of closing mark how far back the last one has looked in vain, as the
// specification proposes (openers_bottom). A link's words are a container of
// their own by then.
//
// It also works between Chinese characters and punctuation, where there are no
// spaces to go by: in **重要：**请确认 the second ** must close.
//
// Two tildes, and no more or fewer, strike words out. One is a "to" in times and
// numbers: 9:00~12:00，14:00~18:00.
type emphasis struct{}

// Trigger returns the characters that marks are made of.
func (emphasis) Trigger() []byte { return []byte{'*', '_', '~'} }

// Parse takes a run of marks for one node. It stands in the paragraph until
// CloseBlock.
func (emphasis) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	d := parser.ScanDelimiter(line, before, 1, emphasisMarks{})
	d.Segment = segment.WithStop(segment.Start + d.OriginalLength)
	block.Advance(d.OriginalLength)
	switch {
	case d.Char == '_':
		return d
	case d.Char == '~' && d.OriginalLength != 2:
		return ast.NewTextSegment(d.Segment)
	}
	after := ' '
	if line = line[d.OriginalLength:]; len(line) > 0 {
		after = util.ToRune(line, 0)
	}
	if isEastAsian(before) || isEastAsian(after) {
		d.CanOpen = !util.IsSpaceRune(after)
		d.CanClose = !util.IsSpaceRune(before)
	}
	return d
}

// CloseBlock pairs the marks of a paragraph that has been read.
func (emphasis) CloseBlock(parent ast.Node, _ text.Reader, pc parser.Context) {
	pairMarks(parent, stepsOf(pc))
}

func isEastAsian(r rune) bool {
	return r >= 0x2e80 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef)
}

// emphasisMarks tells goldmark what a run of marks is.
type emphasisMarks struct{}

func (emphasisMarks) IsDelimiter(b byte) bool { return b == '*' || b == '_' || b == '~' }
func (emphasisMarks) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}
func (emphasisMarks) OnMatch(consumes int) ast.Node { return ast.NewEmphasis(consumes) }

// closing is what decides whether a mark can close another one: two of the same
// closing close the same ones.
type closing struct {
	char    byte
	canOpen bool
	rest    int // of its length by three
}

// pairing pairs the marks of one container, first to last.
type pairing struct {
	steps *int
	first *parser.Delimiter
	from  map[closing]int // before this position in the source no mark is closed
}

// pairMarks makes emphasis of the marks in a container, and of those in the
// links and pictures in it. Marks without a partner become text.
func pairMarks(container ast.Node, steps *int) {
	p := pairing{steps: steps}
	var last *parser.Delimiter
	for n := container.FirstChild(); n != nil && n.Type() == ast.TypeInline; n = n.NextSibling() {
		d, isMark := n.(*parser.Delimiter)
		if !isMark {
			pairMarks(n, steps)
			continue
		}
		if d.PreviousDelimiter = last; last == nil {
			p.first = d
		} else {
			last.NextDelimiter = d
		}
		last = d
	}
	if p.first == nil {
		return
	}
	p.from = map[closing]int{}
	for d := p.first; d != nil; {
		d = p.close(d)
	}
	for p.first != nil {
		p.drop(p.first)
	}
}

// close pairs a mark with the nearest one that it closes, and returns the mark
// to go on with.
func (p *pairing) close(closer *parser.Delimiter) (next *parser.Delimiter) {
	next = closer.NextDelimiter
	if !closer.CanClose {
		return next
	}
	opener, length := p.opener(closer)
	if opener == nil {
		if !closer.CanOpen {
			p.drop(closer)
		}
		return next
	}
	for d := opener.NextDelimiter; d != closer; d = opener.NextDelimiter {
		p.drop(d)
	}
	wrap(opener, closer, length)
	if opener.Length == 0 {
		p.drop(opener)
	}
	if closer.Length == 0 {
		p.drop(closer)
		return next
	}
	return closer
}

// opener looks for the nearest mark that a mark closes, and returns it and how
// many characters of both make the emphasis.
func (p *pairing) opener(closer *parser.Delimiter) (opener *parser.Delimiter, length int) {
	sort := closing{closer.Char, closer.CanOpen, closer.OriginalLength % 3}
	for d := closer.PreviousDelimiter; d != nil && d.Segment.Start >= p.from[sort]; d = d.PreviousDelimiter {
		*p.steps++
		if !d.CanOpen || d.Char != closer.Char {
			continue
		}
		if n := d.CalcComsumption(closer); n > 0 {
			return d, n
		}
	}
	p.from[sort] = closer.Segment.Start
	return nil, 0
}

// wrap puts what stands between two marks into emphasis, and takes the
// characters that make it from the inner ends of both.
func wrap(opener, closer *parser.Delimiter, length int) {
	opener.ConsumeCharacters(length)
	closer.Length -= length
	closer.Segment = closer.Segment.WithStart(closer.Segment.Start + length)
	parent, node := opener.Parent(), ast.Node(ast.NewEmphasis(length))
	if opener.Char == '~' {
		node = east.NewStrikethrough()
	}
	for n := opener.NextSibling(); n != closer; n = opener.NextSibling() {
		node.AppendChild(node, n)
	}
	parent.InsertAfter(parent, opener, node)
}

// drop takes a mark off the list and makes text of what is left of it.
func (p *pairing) drop(d *parser.Delimiter) {
	before, after := d.PreviousDelimiter, d.NextDelimiter
	if before == nil {
		p.first = after
	} else {
		before.NextDelimiter = after
	}
	if after != nil {
		after.PreviousDelimiter = before
	}
	d.PreviousDelimiter, d.NextDelimiter = nil, nil
	if d.Length == 0 {
		d.Parent().RemoveChild(d.Parent(), d)
		return
	}
	ast.MergeOrReplaceTextSegment(d.Parent(), d, d.Segment)
}
