package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// MaxColumns is how many columns a table has that is read.
const MaxColumns = 256

// Row is a row that is not empty. Its line counts from 1. The next row may reuse Cells.
type Row struct {
	Line  int
	Cells []string
}

// Read yields the rows of a file: of the first visible sheet of a workbook, and of
// anything else as separated values. Cells have no white space around them and no guard
// of an export. After an error nothing follows; it is Unreadable where it is about the
// file.
func Read(file []byte) iter.Seq2[Row, error] {
	switch {
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return cleaned(readXLSX(file))
	case bytes.HasPrefix(file, []byte("\xd0\xcf\x11\xe0")):
		return failed(Unreadable{Reason: "the file is an Excel workbook of the old kind or with a password; in Excel, save it as “Excel workbook (.xlsx)” without a password"})
	}
	return cleaned(readCSV(file))
}

// Lines yields the rows that lines of text are: their cells are parted by tabs where any
// line has one, and else by the commas or semicolons that every line has as many of.
func Lines(lines []string) iter.Seq2[Row, error] {
	comma := separatorOf(lines)
	return cleaned(func(yield func(Row, error) bool) {
		for i, line := range lines {
			cells := []string{line}
			if comma != "" {
				cells = strings.Split(line, comma)
			}
			if !yield(Row{i + 1, cells}, nil) {
				return
			}
		}
	})
}

func separatorOf(lines []string) string {
	for _, line := range lines {
		if strings.Contains(line, "\t") {
			return "\t"
		}
	}
	for _, comma := range []string{",", ";"} {
		most, least := 0, -1
		for _, line := range lines {
			if strings.TrimSpace(line) == "" {
				continue
			}
			n := strings.Count(line, comma)
			if most = max(most, n); least < 0 || n < least {
				least = n
			}
		}
		if most > 0 && most == least {
			return comma
		}
	}
	return ""
}

func failed(err error) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) { yield(Row{}, err) }
}

// cleaned trims cells, and leaves empty rows out.
func cleaned(rows iter.Seq2[Row, error]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range rows {
			if err == nil && len(row.Cells) > MaxColumns {
				err = Unreadable{
					Line: row.Line, Limit: MaxColumns, Actual: int64(len(row.Cells)),
					Reason: fmt.Sprintf("the line has %d columns; the limit is %d", len(row.Cells), MaxColumns),
				}
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			empty := true
			for i, cell := range row.Cells {
				row.Cells[i] = strings.TrimSpace(Unguarded(strings.TrimSpace(cell)))
				empty = empty && row.Cells[i] == ""
			}
			if !empty && !yield(row, nil) {
				return
			}
		}
	}
}

// Unguarded takes the apostrophe away that NewCSV puts before what could be taken for a
// formula.
func Unguarded(cell string) string {
	if rest, found := strings.CutPrefix(cell, "'"); found && guarded(rest) != rest {
		return rest
	}
	return cell
}

// SepLine returns the separator that a first line names, as Excel begins a file with on
// request: sep=; alone.
func SepLine(line []byte) (comma rune, named bool) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	named = len(line) == len("sep=,") && bytes.EqualFold(line[:4], []byte("sep=")) && bytes.IndexByte([]byte(",;\t"), line[4]) >= 0
	if named {
		comma = rune(line[4])
	}
	return comma, named
}

// readCSV reads separated values. Which separator it is, the first line says: the one
// that it has most of.
func readCSV(file []byte) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		text, err := ReadText(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer func() { _ = text.Close() }() // nothing was written
		whole, err := io.ReadAll(text)
		if err != nil {
			yield(Row{}, fmt.Errorf("sheet.Read: %w", err))
			return
		}
		if !bytes.Contains(whole, []byte("\n")) { // as old Macs end lines
			whole = bytes.ReplaceAll(whole, []byte("\r"), []byte("\n"))
		}
		before := 0
		first, rest, _ := bytes.Cut(whole, []byte("\n"))
		comma, named := SepLine(first)
		if named {
			whole, before = rest, 1
		} else {
			comma = mostOf(first)
		}
		in := csv.NewReader(bytes.NewReader(whole))
		in.Comma, in.FieldsPerRecord, in.ReuseRecord = comma, -1, true
		for {
			record, err := in.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var wrong *csv.ParseError
			if errors.As(err, &wrong) {
				err = Unreadable{Line: before + wrong.StartLine, Reason: "the line is not valid CSV: check its quotes"}
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			line, _ := in.FieldPos(0)
			if !yield(Row{before + line, record}, nil) {
				return
			}
		}
	}
}

func mostOf(line []byte) rune {
	best, most := ',', bytes.Count(line, []byte(","))
	for _, comma := range []rune{';', '\t'} {
		if n := bytes.Count(line, []byte(string(comma))); n > most {
			best, most = comma, n
		}
	}
	return best
}
