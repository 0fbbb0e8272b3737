package message

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// stepsKey is where a parse counts what could grow faster than its text: lines
// that open blocks are asked about, marks that are looked back at, code ends that
// are searched. Tests hold the sum against the length of the text.
var stepsKey = parser.NewContextKey()

func stepsOf(pc parser.Context) *int {
	return pc.ComputeIfAbsent(stepsKey, func() any { return new(int) }).(*int)
}

// maxContainers is how deep quotes, lists and their items are read inside each
// other; what would begin a deeper one is text. Every line asks every open one
// whether it goes on: 5,000 characters of "- " and line ends would take a second.
const maxContainers = 2 * maxNesting

// container is a block that holds others.
type container struct{ parser.BlockParser }

// Open begins a block unless it would be too deep.
func (c container) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		depth++
	}
	if depth > maxContainers {
		return nil, parser.NoChildren
	}
	return c.BlockParser.Open(parent, reader, pc)
}

// Continue asks the block whether a line is a part of it.
func (c container) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	*stepsOf(pc)++
	return c.BlockParser.Continue(n, reader, pc)
}

// code is code between backquotes. Where no run of backquotes of the same
// length follows, goldmark's parser looks for one up to the end of the paragraph,
// for every run anew; this one knows where the last of each length stands.
type code struct{ parser.InlineParser }

// codeRuns is where the last run of each length begins in a paragraph.
type codeRuns struct {
	paragraph ast.Node
	last      map[int]int
}

var codeRunsKey = parser.NewContextKey()

// Parse reads code, or the backquotes for text.
func (c code) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	runs, _ := pc.Get(codeRunsKey).(*codeRuns)
	if runs == nil || runs.paragraph != parent {
		runs = findCodeRuns(parent, block.Source())
		pc.Set(codeRunsKey, runs)
		*stepsOf(pc) += len(runs.last)
	}
	line, segment := block.PeekLine()
	n := backquotes(line)
	if runs.last[n] < segment.Start+n {
		block.Advance(n)
		return ast.NewTextSegment(segment.WithStop(segment.Start + n))
	}
	*stepsOf(pc)++
	return c.InlineParser.Parse(parent, block, pc)
}

func findCodeRuns(paragraph ast.Node, source []byte) *codeRuns {
	runs := &codeRuns{paragraph, map[int]int{}}
	for _, segment := range paragraph.Lines().Sliced(0, paragraph.Lines().Len()) {
		line := segment.Value(source)
		for i := 0; i < len(line); i++ {
			if n := backquotes(line[i:]); n > 0 {
				runs.last[n] = segment.Start + i
				i += n
			}
		}
	}
	return runs
}

func backquotes(line []byte) (n int) {
	for n < len(line) && line[n] == '`' {
		n++
	}
	return n
}

// maxLinkSteps is how many characters are looked at in vain for links in a text;
// after that its brackets are text. No text that people read comes near it, but
// goldmark looks for the end of an address at every "](" anew.
const maxLinkSteps = 50_000

// links are links and pictures.
type links struct{ parser.InlineParser }

// brackets is what a parse knows of the brackets of its paragraph.
type brackets struct {
	open  []int // where those that are open begin
	steps int   // of the whole text
}

var bracketsKey = parser.NewContextKey()

func bracketsOf(pc parser.Context) *brackets {
	return pc.ComputeIfAbsent(bracketsKey, func() any { return new(brackets) }).(*brackets)
}

// Parse reads a bracket, and at a closing one the link or picture that it ends.
func (l links) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	b := bracketsOf(pc)
	if line[0] != ']' {
		n := l.InlineParser.Parse(parent, block, pc)
		if n != nil {
			b.open = append(b.open, segment.Start)
		}
		return n
	}
	if len(b.open) == 0 || b.steps >= maxLinkSteps {
		return nil
	}
	const longestLabel = 1000 // in bytes, to goldmark
	steps := min(segment.Start-b.open[len(b.open)-1], longestLabel)
	b.open = b.open[:len(b.open)-1]
	n := l.InlineParser.Parse(parent, block, pc)
	if n == nil && len(line) > 1 && (line[1] == '(' || line[1] == '[') {
		lines := parent.Lines()
		steps += lines.At(lines.Len()-1).Stop - segment.Start
	}
	b.steps += steps
	*stepsOf(pc) += steps
	return n
}

// CloseBlock makes text of the brackets that are still open.
func (l links) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	bracketsOf(pc).open = nil
	l.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}
