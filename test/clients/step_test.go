package clients_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// step is one request of a program, and what the program does with the answer
// (testdata/programs/README.md has the notation).
type step struct {
	title   string
	line    string // the request line, without the version
	headers []string
	body    string

	status int
	media  string // the type of what is answered, empty for any
	reads  []reading
	agrees *keeping // the request is for a person's browser, who agrees
	opens  string   // the request is for the app's page, which asks for a code of this name
	does   bool     // the code is for what the person has done on the page
}

// reading is a value of the answer that the program looks at.
type reading struct {
	path string
	want string // its text; empty for any
	kind string // its type, empty for any
	keep string // the name under which later requests have it
}

type keeping struct{ parameter, name string }

// mustSteps reads a program's file.
func mustSteps(t *testing.T, file string) []step {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	for _, part := range strings.Split("\n"+string(text), "\n### ")[1:] {
		s, err := parseStep(strings.TrimRight(part, "\n"))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		steps = append(steps, s)
	}
	return steps
}

func parseStep(text string) (step, error) {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	s := step{title: lines[0], body: body, status: 200}
	for _, l := range lines[1:] {
		said, comment := strings.CutPrefix(l, "#")
		switch {
		case !comment && s.line == "":
			s.line = l
		case !comment:
			s.headers = append(s.headers, l)
		default:
			if err := s.say(strings.TrimSpace(said)); err != nil {
				return s, err
			}
		}
	}
	if s.line == "" {
		return s, fmt.Errorf("%s: no request", s.title)
	}
	return s, nil
}

var readingForms = regexp.MustCompile(`^@(reads|keeps) (\S+)(?: (=|as) (.+))?$`)

// say takes what a comment says of the answer; other comments are for people.
func (s *step) say(comment string) error {
	if !strings.HasPrefix(comment, "@") {
		return nil
	}
	words := strings.Fields(comment)
	switch {
	case words[0] == "@status" && len(words) == 2:
		_, err := fmt.Sscan(words[1], &s.status)
		return err
	case words[0] == "@type" && len(words) == 2:
		s.media = words[1]
		return nil
	case words[0] == "@opens" && len(words) == 3 && words[1] == "as":
		s.opens = words[2]
		return nil
	case words[0] == "@does" && len(words) == 3 && words[1] == "as":
		s.opens, s.does = words[2], true
		return nil
	case words[0] == "@agrees" && len(words) == 4:
		s.agrees = &keeping{words[1], words[3]}
		return nil
	}
	m := readingForms.FindStringSubmatch(comment)
	switch {
	case m == nil || m[1] == "keeps" && m[3] != "as":
		return fmt.Errorf("%s: %q is no sentence of the notation", s.title, comment)
	case m[1] == "keeps":
		s.reads = append(s.reads, reading{path: m[2], keep: m[4]})
	case m[3] == "=":
		s.reads = append(s.reads, reading{path: m[2], want: m[4]})
	default:
		s.reads = append(s.reads, reading{path: m[2], kind: m[4]})
	}
	return nil
}
