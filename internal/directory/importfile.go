package directory

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
)

// maxLineErrors bounds how many wrong lines a report describes.
const maxLineErrors = 1000

// LineError says what is wrong with one line of an import. Line counts from 1,
// the header included; Field is the column, "" for the line as a whole.
type LineError struct {
	Line   int
	Field  string
	Reason string
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
	columns
)

// ImportColumns returns the names a header may hold, in the order documents
// list them.
func ImportColumns() []string {
	return []string{"userid", "name", "department", "dept_id", "mobile", "email", "job_number", "title", "roles"}
}

// importRow is one person of a file.
type importRow struct {
	line   int
	values [columns]string
	depts  []int64 // below 0: a department that is still to be made; see importPlan
}

// importFile is a file that was read whole.
type importFile struct {
	has    [columns]bool
	rows   []*importRow
	errors lineErrors
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

// addFault records a refusal of one of the room's own rules.
func (e *lineErrors) addFault(line int, err error) {
	f := fault.From(err)
	e.add(line, f.Field, "%s", f.Text)
}

// readImport reads comma-separated values with a header. It fails only when r
// does; what is wrong with the text is in the file's errors.
func readImport(r io.Reader) (*importFile, error) {
	f := &importFile{}
	text := bufio.NewReaderSize(r, 64<<10)
	if start, err := text.Peek(3); err == nil && bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		if _, err := text.Discard(3); err != nil {
			return nil, err
		}
	}
	lines := csv.NewReader(text)
	lines.FieldsPerRecord = -1
	lines.ReuseRecord = true
	order, err := f.header(lines)
	if err != nil || order == nil {
		return f, err
	}
	seen := map[string]int{}
	for {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if done, err := f.syntax(err); done {
			return f, err
		}
		line, _ := lines.FieldPos(0)
		if row := f.row(line, record, order); row != nil {
			f.check(row, seen)
		}
	}
}

// syntax ends the reading at the first line that is no CSV: where the next one
// begins is anyone's guess.
func (f *importFile) syntax(err error) (done bool, _ error) {
	var wrong *csv.ParseError
	switch {
	case err == nil:
		return false, nil
	case errors.As(err, &wrong):
		f.errors.add(wrong.StartLine, "", "the line is not valid CSV, check its quotes; nothing after it was read")
		return true, nil
	default:
		return true, fmt.Errorf("directory.Import: %w", err)
	}
}

// header returns the column of each field, -1 for empty ones at the end; nil
// when the header is wrong.
func (f *importFile) header(lines *csv.Reader) ([]int, error) {
	record, err := lines.Read()
	if errors.Is(err, io.EOF) {
		f.errors.add(1, "", "the file is empty")
		return nil, nil
	}
	if done, err := f.syntax(err); done {
		return nil, err
	}
	order := make([]int, len(record))
	for i, name := range record {
		name = strings.ToLower(strings.TrimSpace(name))
		column := slices.Index(ImportColumns(), name)
		order[i] = column
		switch {
		case !utf8.ValidString(name):
			f.errors.add(1, "", "the file is not UTF-8; in Excel, save it as “CSV UTF-8”")
			return nil, nil
		case column >= 0 && f.has[column]:
			f.errors.add(1, name, "the column is there twice")
		case column >= 0:
			f.has[column] = true
		case name != "":
			f.errors.add(1, "", "column %q is none of %s", trimmed(name), strings.Join(ImportColumns(), ", "))
		}
	}
	if !f.has[columnUserid] {
		f.errors.add(1, "userid", "the header needs a column userid")
	}
	if f.errors.count > 0 {
		return nil, nil
	}
	return order, nil
}

// row sorts a record into columns; nil for a line of empty fields, as
// spreadsheets leave them.
func (f *importFile) row(line int, record []string, order []int) *importRow {
	row, empty := &importRow{line: line}, true
	for i, value := range record {
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}
		empty = false
		if i >= len(order) || order[i] < 0 {
			f.errors.add(line, "", "there is a value in a column without a name")
			return nil
		}
		row.values[order[i]] = value
	}
	if empty {
		return nil
	}
	return row
}

// check keeps the row if everything that needs no directory is right.
func (f *importFile) check(row *importRow, seen map[string]int) {
	wrong := f.errors.count
	userid := row.values[columnUserid]
	if err := checkUserid(userid); err != nil {
		f.errors.addFault(row.line, err)
	} else if first, twice := seen[userid]; twice {
		f.errors.add(row.line, "userid", "the same userid is on line %d", first)
	} else {
		seen[userid] = row.line
	}
	if f.has[columnName] && row.values[columnName] == "" {
		f.errors.add(row.line, "name", "the name is missing")
	}
	var scratch User
	if err := f.change(row).apply(&scratch); err != nil {
		f.errors.addFault(row.line, err)
	}
	if row.values[columnDepartment] != "" && row.values[columnDeptID] != "" {
		f.errors.add(row.line, "department", "give the department or its dept_id, not both")
	}
	for part := range parts(row.values[columnDeptID]) {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil || id < 1 || id > maxID {
			f.errors.add(row.line, "dept_id", "%q is no department id", trimmed(part))
			continue
		}
		row.depts = append(row.depts, id)
	}
	if f.errors.count == wrong {
		f.rows = append(f.rows, row)
	}
}

// change is what a row says about a person, apart from departments.
func (f *importFile) change(row *importRow) UserChange {
	var c UserChange
	text := func(column int, to **string) {
		if f.has[column] {
			*to = &row.values[column]
		}
	}
	text(columnMobile, &c.Mobile)
	text(columnEmail, &c.Email)
	text(columnJobNumber, &c.JobNumber)
	text(columnTitle, &c.Title)
	if row.values[columnName] != "" {
		c.Name = &row.values[columnName]
	}
	if row.values[columnRoles] != "" {
		roles := slices.Collect(parts(row.values[columnRoles]))
		c.Roles = &roles
	}
	return c
}

// parts splits a list inside a field: by commas, which neither names of
// departments nor ids nor roles can hold, of either width.
func parts(list string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '，' }) {
			if part = strings.TrimSpace(part); part != "" && !yield(part) {
				return
			}
		}
	}
}

// trimmed keeps foreign text in a report short.
func trimmed(text string) string {
	runes := []rune(text)
	if len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
