package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/sheet"
)

const (
	// maxLineErrors bounds how many wrong lines a report describes.
	maxLineErrors = 1000
	// maxRow bounds one line, and with it what a quote that is never closed
	// makes of the rest of the file.
	maxRow = 1 << 20
)

// LineError says what is wrong with one line of an import. Line counts from 1,
// the header included, 0 is the file as a whole; Field is the column, "" for
// the line as a whole.
type LineError struct {
	Line   int
	Field  string
	Reason string
}

type lineErrors struct {
	list  []LineError
	count int
}

func (e *lineErrors) add(line int, field, format string, args ...any) {
	e.count++
	if len(e.list) < maxLineErrors {
		e.list = append(e.list, LineError{Line: line, Field: field, Reason: fmt.Sprintf(format, args...)})
	}
}

// The columns of an import.
const (
	columnUserid = iota
	columnName
	columnDepartment
	columnDeptID
	columnMobile
	columnEmail
	columnJobNumber
	columnTitle
	columnRoles
	columnState
	columns
)

// ImportColumns returns the names a header may hold, in the order documents
// list them.
func ImportColumns() []string {
	return []string{"userid", "name", "department", "dept_id", "mobile", "email", "job_number", "title", "roles", "state"}
}

// importRow is what one line says.
type importRow struct {
	line   int
	values [columns]string
	key    int64 // as in rowPlace
	depts  []int64
}

// form is that of a file: how fields are separated, and which is which.
type form struct {
	comma rune
	order []int // the column of each field, -1 for fields without a name
	least int   // how many fields a line has at least: up to the last named one
	has   [columns]bool
}

// readForm reads the header, and returns the place behind it and the lines up
// to there. What is wrong with it is in errs.
func readForm(text io.Reader, errs *lineErrors) (s form, end int64, lines int, err error) {
	start := make([]byte, 64<<10)
	n, err := io.ReadFull(text, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return s, 0, 0, fmt.Errorf("directory.Import: %w", err)
	}
	start = start[:n]
	s.comma = ','
	line, _, _ := bytes.Cut(start, []byte("\n"))
	if comma, named := sheet.SepLine(line); named {
		s.comma, end, lines = comma, int64(len(line))+1, 1
	} else {
		s.comma = separatorOf(string(line))
	}
	in := s.reader(bytes.NewReader(start[min(int(end), n):]))
	record, err := in.Read()
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		errs.add(lines+1, "", "the file is empty")
		return s, 0, 0, nil
	case errors.As(err, &wrong):
		errs.add(lines+wrong.StartLine, "", "the header is not valid CSV: check its quotes")
		return s, 0, 0, nil
	case err != nil:
		return s, 0, 0, fmt.Errorf("directory.Import: %w", err)
	}
	at, _ := in.FieldPos(0)
	s.columns(lines+at, record, errs)
	end += in.InputOffset()
	return s, end, bytes.Count(start[:end], []byte("\n")), nil
}

// separatorOf is the one of comma, semicolon and tab that parts a header into
// the most columns.
func separatorOf(header string) rune {
	best, most := ',', 0
	for _, comma := range []rune{',', ';', '\t'} {
		known := 0
		for name := range strings.SplitSeq(header, string(comma)) {
			if columnOf(strings.Trim(strings.TrimSpace(name), `"`)) >= 0 {
				known++
			}
		}
		if known > most {
			best, most = comma, known
		}
	}
	return best
}

func columnOf(name string) int {
	return slices.Index(ImportColumns(), strings.ToLower(strings.TrimSpace(name)))
}

// columns reads the names of a header.
func (s *form) columns(line int, record []string, errs *lineErrors) {
	var unknown []string
	s.order = make([]int, len(record))
	for i, name := range record {
		column := columnOf(name)
		s.order[i] = column
		switch {
		case column >= 0 && s.has[column]:
			errs.add(line, ImportColumns()[column], "the column is there twice")
		case column >= 0:
			s.has[column], s.least = true, i+1
		case strings.TrimSpace(name) != "":
			unknown = append(unknown, fmt.Sprintf("%q", trimmed(strings.TrimSpace(name))))
			s.least = i + 1
		}
	}
	known := strings.Join(ImportColumns(), ", ")
	switch {
	case len(unknown) > 0 && s.has == [columns]bool{}:
		errs.add(line, "", "none of the header's names is a column; the columns are %s", known)
		return
	case len(unknown) > 0:
		errs.add(line, "", "not a column: %s; the columns are %s", trimmedList(unknown), known)
	}
	if !s.has[columnUserid] {
		errs.add(line, "userid", "the header needs a column userid")
	}
}

// reader parses lines of the file.
func (s *form) reader(text io.Reader) *csv.Reader {
	lines := csv.NewReader(text)
	lines.Comma = s.comma
	lines.FieldsPerRecord = -1
	lines.ReuseRecord = true
	return lines
}

// row sorts a record into columns; false for a line of empty fields, as
// spreadsheets leave them. wrong says what makes the line no row.
func (s *form) row(record []string) (values [columns]string, some bool, wrong string) {
	for i, value := range record {
		value = strings.TrimSpace(sheet.Unguarded(strings.TrimSpace(value)))
		if value == "" {
			continue
		}
		some = true
		if i >= len(s.order) || s.order[i] < 0 {
			return values, true, "there is a value in a column without a name"
		}
		values[s.order[i]] = value
	}
	if some && len(record) < s.least {
		return values, true, fmt.Sprintf("the line has %d fields, the header has %d: fields are missing, and which is not known; an empty one needs its separator too", len(record), s.least)
	}
	return values, some, ""
}

// rowReader fails when one line goes on for too long.
type rowReader struct {
	in   io.Reader
	left int
}

var errRowTooLong = errors.New("the line is too long")

func (r *rowReader) Read(b []byte) (int, error) {
	if r.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := r.in.Read(b)
	r.left -= n
	return n, err
}

// trimmed keeps foreign text in a report short.
func trimmed(text string) string {
	runes := []rune(text)
	if len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}

func trimmedList(texts []string) string {
	const most = 5
	if len(texts) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(texts[:most], ", "), len(texts)-most)
	}
	return strings.Join(texts, ", ")
}
