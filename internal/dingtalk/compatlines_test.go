package dingtalk_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The lines of testdata/compat say of everything that DingTalk documents how Tidings
// treats it. docs/compat.md is written from them and from the tables in the code.
//
//	# a comment
//	## A heading of the page
//	> a sentence below it
//	POST /topapi/v2/user/get: differs because no pictures are kept
//	  userid: same
//	  language: not offered because names have one language
//
// A line is a name, a colon and a verdict. What belongs to it stands below it, indented.
// A name may be followed by words in brackets, which only the page shows.
const compatDir = "internal/dingtalk/testdata/compat/"

// verdict is how Tidings treats what DingTalk documents.
type verdict string

const (
	isSame  verdict = "same"
	differs verdict = "differs"
	without verdict = "not offered"
	isAdded verdict = "added" // DingTalk does not document it
)

// compatLine is one line, or a heading with its sentences.
type compatLine struct {
	name, words string // words are what stood in brackets
	verdict     verdict
	why         string // a Markdown text
	below       []*compatLine
}

// compatSection is a heading of the page and what is below it.
type compatSection struct {
	heading, about string
	lines          []*compatLine
}

func mustLines(t *testing.T, file string) []compatSection {
	t.Helper()
	text, err := os.ReadFile("testdata/compat/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all []compatSection
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimRight(line, " \n")
		heading, isHeading := strings.CutPrefix(line, "## ")
		switch {
		case line == "" || line == "#" || strings.HasPrefix(line, "# "):
			continue
		case isHeading:
			all = append(all, compatSection{heading: heading})
			continue
		case len(all) == 0:
			t.Fatalf("%s%s:%d stands above the first heading", compatDir, file, number)
		}
		section := &all[len(all)-1]
		if about, ok := strings.CutPrefix(line, "> "); ok {
			section.about += about + "\n"
			continue
		}
		one, err := readLine(strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("%s%s:%d: %v", compatDir, file, number, err)
		}
		if !strings.HasPrefix(line, " ") {
			section.lines = append(section.lines, one)
		} else if n := len(section.lines); n > 0 {
			section.lines[n-1].below = append(section.lines[n-1].below, one)
		} else {
			t.Fatalf("%s%s:%d belongs to no line above it", compatDir, file, number)
		}
	}
	return all
}

func readLine(line string) (*compatLine, error) {
	name, said, ok := strings.Cut(line, ": ")
	if !ok {
		return nil, fmt.Errorf("%q has no verdict: write NAME: same, or NAME: differs because …", line)
	}
	one := &compatLine{name: name}
	if name, words, ok := strings.Cut(name, " ("); ok && name != "" {
		one.name, one.words = name, strings.TrimSuffix(words, ")")
	}
	if said == string(isSame) {
		one.verdict = isSame
		return one, nil
	}
	for _, v := range []verdict{differs, without, isAdded} {
		if why, ok := strings.CutPrefix(said, string(v)+" because "); ok && why != "" {
			one.verdict, one.why = v, why
			return one, nil
		}
	}
	return nil, fmt.Errorf("%q is none of: same; differs because …; not offered because …; added because …", said)
}

// shown is the name as the page has it.
func (l *compatLine) shown() string {
	if strings.HasPrefix(l.name, "(") { // words only
		return strings.Trim(l.name, "()")
	}
	if l.words != "" {
		return "`" + l.name + "` (" + l.words + ")"
	}
	return "`" + l.name + "`"
}

// offered reports whether the code must have what the line names.
func (l *compatLine) offered() bool { return l.verdict != without && !strings.HasPrefix(l.name, "(") }
