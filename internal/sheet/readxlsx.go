package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"path"
	"strconv"
	"strings"
)

const (
	// MaxUnpacked bounds a workbook, unpacked, in bytes.
	MaxUnpacked = 50 << 20
	maxShared   = 1 << 20 // texts that cells share
	maxStyles   = 1 << 16
)

// workbook is an XLSX file that is read.
type workbook struct {
	parts  map[string]*zip.File // by name in small letters
	shared sharedTexts
	widths []int // by style: how many digits a number is filled up to with zeros
}

// sharedTexts are texts one after the other.
type sharedTexts struct {
	text []byte
	ends []uint32
}

func (s *sharedTexts) at(n int) (string, bool) {
	if n < 0 || n >= len(s.ends) {
		return "", false
	}
	start := uint32(0)
	if n > 0 {
		start = s.ends[n-1]
	}
	return string(s.text[start:s.ends[n]]), true
}

func damaged(what string) error {
	return Unreadable{Reason: "the workbook is damaged, or was made otherwise than by Excel (" + what + "); open it in Excel and save it again"}
}

// readXLSX reads the first visible sheet of a workbook.
func readXLSX(file []byte) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		w, sheet, err := openWorkbook(file)
		if err == nil {
			err = w.rows(sheet, func(r Row) bool { return yield(r, nil) })
		}
		var unreadable Unreadable
		switch {
		case err == nil, errors.Is(err, errEnough):
			return
		case !errors.As(err, &unreadable): // of the zip or of the XML, and all in memory
			err = damaged(strings.TrimPrefix(sheet+" cannot be read", " "))
		}
		yield(Row{}, err)
	}
}

// errEnough ends reading.
var errEnough = errors.New("sheet: enough")

// openWorkbook finds the first visible sheet, and reads what its cells refer to. Nothing
// is unpacked of a workbook that would be too large.
func openWorkbook(file []byte) (w *workbook, sheet string, err error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, "", damaged("it is no whole zip file")
	}
	w = &workbook{parts: map[string]*zip.File{}}
	unpacked := uint64(0)
	for _, f := range z.File {
		w.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))] = f
		if unpacked += f.UncompressedSize64; unpacked > MaxUnpacked || f.UncompressedSize64 > MaxUnpacked {
			actual := min(max(unpacked, f.UncompressedSize64), math.MaxInt64)
			return nil, "", Unreadable{
				Limit: MaxUnpacked, Actual: int64(actual),
				Reason: fmt.Sprintf("the workbook has more than %d MiB unpacked, the limit is %d MiB; leave only the columns that say who is meant", MaxUnpacked>>20, MaxUnpacked>>20),
			}
		}
	}
	main, err := w.related("", "officedocument")
	if err != nil || main == "" {
		main = "xl/workbook.xml"
	}
	if w.parts[main] == nil {
		return nil, "", damaged("it has no workbook part")
	}
	if sheet, err = w.firstSheet(main); err != nil {
		return nil, sheet, err
	}
	for kind, read := range map[string]func(*markup) error{"sharedstrings": w.readShared, "styles": w.readStyles} {
		part, err := w.related(main, kind)
		if err == nil && w.parts[part] != nil {
			err = w.read(part, read)
		}
		if err != nil {
			return nil, part, err
		}
	}
	return w, sheet, nil
}

// read hands a part to a function, and reads it to its end, where its checksum is.
func (w *workbook) read(part string, with func(*markup) error) error {
	in, err := w.parts[part].Open()
	if err != nil {
		return err
	}
	defer in.Close()
	if err := with(newMarkup(in)); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

// each calls fn for every element of a part that begins.
func (m *markup) each(fn func(xml.StartElement) error) error {
	for {
		token, err := m.next()
		if err != nil || token == nil {
			return err
		}
		if e, begins := token.(xml.StartElement); begins {
			if err := fn(e); err != nil {
				return err
			}
		}
	}
}

// relations calls fn for the parts that a part refers to, "" being the file itself.
func (w *workbook) relations(of string, fn func(id, kind, part string)) error {
	dir, name := path.Split(of)
	rels := path.Join(dir, "_rels", name+".rels")
	if w.parts[rels] == nil {
		return nil
	}
	return w.read(rels, func(m *markup) error {
		return m.each(func(e xml.StartElement) error {
			if e.Name.Local == "Relationship" {
				part := attribute(e, "Target")
				if !strings.HasPrefix(part, "/") {
					part = path.Join("/", dir, part)
				}
				kind := attribute(e, "Type")
				fn(attribute(e, "Id"), strings.ToLower(kind[strings.LastIndexByte(kind, '/')+1:]), strings.ToLower(strings.TrimPrefix(path.Clean(part), "/")))
			}
			return nil
		})
	})
}

// related returns the part of a kind that a part refers to, "" where there is none.
func (w *workbook) related(of, kind string) (found string, err error) {
	err = w.relations(of, func(_, k, part string) {
		if k == kind && found == "" {
			found = part
		}
	})
	return found, err
}

func (w *workbook) firstSheet(main string) (sheet string, err error) {
	id := ""
	err = w.read(main, func(m *markup) error {
		return m.each(func(e xml.StartElement) error {
			if state := attribute(e, "state"); e.Name.Local == "sheet" && id == "" && (state == "" || state == "visible") {
				for _, a := range e.Attr {
					if a.Name.Local == "id" { // sheetId is another one
						id = a.Value
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		return main, err
	}
	err = w.relations(main, func(of, _, part string) {
		if of == id && sheet == "" {
			sheet = part
		}
	})
	if err == nil && (id == "" || w.parts[sheet] == nil) {
		err = damaged("it has no visible sheet")
	}
	return sheet, err
}

func (w *workbook) readShared(m *markup) error {
	return m.each(func(e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		if len(w.shared.ends) == maxShared {
			return Unreadable{
				Limit: maxShared, Actual: maxShared + 1,
				Reason: fmt.Sprintf("the workbook has more than %d texts, which is the limit; leave only the columns that say who is meant", maxShared),
			}
		}
		text, err := m.text("rPh") // how it is pronounced
		w.shared.text = append(w.shared.text, text...)
		w.shared.ends = append(w.shared.ends, uint32(len(w.shared.text)))
		return err
	})
}

// readStyles finds the formats that fill up with zeros, as job numbers have: 000000.
func (w *workbook) readStyles(m *markup) error {
	formats, inCells := map[string]int{}, false
	return m.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if code := attribute(e, "formatCode"); len(code) <= 32 && strings.Trim(code, "0") == "" {
				formats[attribute(e, "numFmtId")] = len(code)
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if inCells && len(w.widths) < maxStyles {
				w.widths = append(w.widths, formats[attribute(e, "numFmtId")])
			}
		}
		return nil
	})
}

// rows yields the rows of a sheet until yield has enough.
func (w *workbook) rows(sheet string, yield func(Row) bool) error {
	return w.read(sheet, func(m *markup) error {
		row := Row{}
		err := m.each(func(e xml.StartElement) error {
			switch e.Name.Local {
			case "row":
				if row.Line > 0 && !yield(row) {
					return errEnough
				}
				line, err := strconv.Atoi(attribute(e, "r"))
				if err != nil || line <= row.Line || line > MaxXLSXRows {
					line = row.Line + 1
				}
				row = Row{line, row.Cells[:0]}
			case "c":
				return w.cell(m, e, &row)
			}
			return nil
		})
		if err == nil && row.Line > 0 && !yield(row) {
			err = errEnough
		}
		return err
	})
}

// cell reads a cell into its row.
func (w *workbook) cell(m *markup, e xml.StartElement, row *Row) error {
	at := columnOf(attribute(e, "r"))
	if at < 0 {
		at = len(row.Cells)
	}
	value, err := w.value(m, e)
	if err != nil || value == "" {
		return err
	}
	if at >= MaxColumns {
		return Unreadable{
			Line: row.Line, Limit: MaxColumns, Actual: int64(at) + 1,
			Reason: fmt.Sprintf("the line has %d columns; the limit is %d", at+1, MaxColumns),
		}
	}
	for len(row.Cells) <= at {
		row.Cells = append(row.Cells, "")
	}
	row.Cells[at] = value
	return nil
}

// columnOf is the number of the column in a cell's name, such as 27 in AB12; -1 for
// none, and for one that no sheet has.
func columnOf(name string) int {
	n := 0
	for _, c := range strings.TrimRight(name, "0123456789") {
		if c < 'A' || c > 'Z' || n > 1<<14 {
			return -1
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// value is what people see in a cell.
func (w *workbook) value(m *markup, cell xml.StartElement) (string, error) {
	text, err := m.text("f", "rPh") // formulas, and how texts are pronounced
	if err != nil {
		return "", err
	}
	switch attribute(cell, "t") {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		shared, there := w.shared.at(n)
		if err != nil || !there {
			return "", damaged("a cell names a text that is not there")
		}
		return shared, nil
	case "", "n":
		style, err := strconv.Atoi(attribute(cell, "s"))
		width := 0
		if err == nil && style >= 0 && style < len(w.widths) {
			width = w.widths[style]
		}
		return number(strings.TrimSpace(text), width), nil
	case "e": // such as #N/A
		return "", nil
	}
	return text, nil
}

// number writes whole numbers without exponent, with as many digits as its cell shows.
func number(text string, width int) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return text
	}
	text = strconv.FormatFloat(f, 'f', -1, 64)
	if missing := width - len(text); missing > 0 && f >= 0 {
		text = strings.Repeat("0", missing) + text
	}
	return text
}
