package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

const (
	// maxDepth and maxTag bound what a parser of XML has to keep at a time: elements
	// inside of others, and the bytes of one tag with its attributes.
	maxDepth = 64
	maxTag   = 64 << 10
)

var errMarkup = errors.New("sheet: XML of another kind than a workbook's")

// markup reads XML, and bounds what it takes to read it.
type markup struct {
	*xml.Decoder

	depth int
}

func newMarkup(in io.Reader) *markup { return &markup{Decoder: xml.NewDecoder(&tags{in: in})} }

// next returns the next token; nil at the end of the document.
func (m *markup) next() (xml.Token, error) {
	token, err := m.Token()
	switch token.(type) {
	case xml.StartElement:
		if m.depth++; m.depth > maxDepth {
			return nil, errMarkup
		}
	case xml.EndElement:
		m.depth--
	case xml.Directive: // which could define entities
		if err == nil {
			return nil, errMarkup
		}
	}
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return token, err
}

// text returns the text inside of an element that has begun, without that of elements
// called like one of those left out.
func (m *markup) text(leftOut ...string) (string, error) {
	var all strings.Builder
	out := 0 // how deep in what is left out
	for depth := 1; depth > 0; {
		token, err := m.next()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case nil:
			return "", io.ErrUnexpectedEOF
		case xml.StartElement:
			if depth++; out == 0 && slices.Contains(leftOut, t.Name.Local) {
				out = depth
			}
		case xml.EndElement:
			if depth--; depth < out {
				out = 0
			}
		case xml.CharData:
			if out == 0 {
				all.Write(t)
			}
		}
	}
	return all.String(), nil
}

// attribute returns the value of an attribute, "" without one.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// tags passes XML on, and fails at a tag that is too long.
type tags struct {
	in    io.Reader
	quote byte // inside of an attribute's value
	tag   int  // bytes of the tag so far; 0 outside of one
}

func (t *tags) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	for i, c := range p[:n] {
		switch {
		case t.tag == 0 && c != '<':
			continue
		case t.tag == 1 && c == '!': // a comment, or text as it is
			t.tag = 0
			continue
		case t.quote != 0:
			if c == t.quote {
				t.quote = 0
			}
		case c == '>':
			t.tag = 0
			continue
		case c == '"' || c == '\'':
			t.quote = c
		}
		if t.tag++; t.tag > maxTag {
			return i, errMarkup
		}
	}
	return n, err
}
