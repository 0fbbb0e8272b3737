package sheet_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/tidings-im/tidings/internal/sheet"
)

// rows are cells that spreadsheets like to take for something else.
func rows() [][]string {
	return [][]string{
		{"userid", "name", "job_number"},
		{"=1+1", "王伟 <&> \"quoted\"", "000123"},
		{"@SUM(A1)", "  spaces  ", "1e5"},
		{"＝1", "a\nb", "+86"},
		{"", "last", "-"},
	}
}

func mustWrite(t *testing.T, w sheet.Writer, all [][]string) {
	t.Helper()
	for _, row := range all {
		if err := w.Row(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// A workbook holds, for a program that knows all of them, the very texts.
func TestXLSXIsReadBack(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w, err := sheet.NewXLSX(&file)
	if err != nil {
		t.Fatal(err)
	}
	wide := make([]string, 28)
	wide[26], wide[27] = "in AA", strings.Repeat("界", 40_000)
	mustWrite(t, w, append(rows(), wide, []string{"not \x00 XML \xff"}))
	book, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	got, err := book.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range rows() {
		if !slices.Equal(got[i], want) {
			t.Errorf("row %d: %q, want %q", i+1, got[i], want)
		}
	}
	if aa, _ := book.GetCellValue("Sheet1", "AA6"); aa != "in AA" {
		t.Errorf("AA6: %q", aa)
	}
	if long, _ := book.GetCellValue("Sheet1", "AB6"); len([]rune(long)) != 32_767 {
		t.Errorf("a long cell has %d characters", len([]rune(long)))
	}
	if odd, _ := book.GetCellValue("Sheet1", "A7"); odd != "not \ufffd XML \ufffd" {
		t.Errorf("what XML cannot say: %q", odd)
	}
	if kind, _ := book.GetCellType("Sheet1", "C2"); kind != excelize.CellTypeInlineString {
		t.Errorf("a job number is of type %v", kind)
	}
	if formula, _ := book.GetCellFormula("Sheet1", "A2"); formula != "" {
		t.Errorf("a formula: %q", formula)
	}
}

// A cell of CSV is never a formula, and says what it said behind its apostrophe.
func TestCSVIsReadBack(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	mustWrite(t, sheet.NewCSV(&file), rows())
	text, marked := strings.CutPrefix(file.String(), "\ufeff")
	if !marked {
		t.Error("no byte order mark")
	}
	got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range rows() {
		for n, cell := range want {
			if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "-") || strings.HasPrefix(cell, "＝") {
				cell = "'" + cell
			}
			if got[i][n] != cell {
				t.Errorf("row %d, cell %d: %q, want %q", i+1, n+1, got[i][n], cell)
			}
		}
	}
}

// failing has no room behind its first bytes.
type failing struct{ room int }

var errFull = errors.New("full")

func (f *failing) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// A file that could not be written whole says so.
func TestAFailureIsTold(t *testing.T) {
	t.Parallel()
	for _, room := range []int{0, 3000, 60_000} {
		book, err := sheet.NewXLSX(&failing{room})
		if err == nil {
			err = fill(book)
		}
		if !errors.Is(err, errFull) {
			t.Errorf("XLSX with room for %d bytes: %v", room, err)
		}
		if err := fill(sheet.NewCSV(&failing{room})); !errors.Is(err, errFull) {
			t.Errorf("CSV with room for %d bytes: %v", room, err)
		}
	}
}

func fill(w sheet.Writer) error {
	for n := range 20_000 {
		if err := w.Row(strings.Repeat("x", n%50), "some", "text that takes room"); err != nil {
			return err
		}
	}
	return w.Close()
}
