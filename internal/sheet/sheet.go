package sheet

import (
	"bufio"
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxXLSXRows is how many rows a sheet of a workbook has room for.
const MaxXLSXRows = 1 << 20

// Writer writes a table. An error of one method is that of all that follow.
type Writer interface {
	// Row writes the next row.
	Row(cells ...string) error
	// Close ends the file, not what it is written to.
	Close() error
}

// csvWriter writes what spreadsheets take for UTF-8, and no cell that they take for
// a formula.
type csvWriter struct {
	*csv.Writer

	out   *bufio.Writer
	cells []string
}

// NewCSV returns a Writer of CSV with a byte order mark, as spreadsheets need it to
// read UTF-8. A cell that could be taken for a formula begins with an apostrophe.
func NewCSV(w io.Writer) Writer {
	out := bufio.NewWriterSize(w, 32<<10)
	_, _ = out.WriteString("\ufeff") // an error stays with out
	c := csv.NewWriter(out)
	c.UseCRLF = true
	return &csvWriter{Writer: c, out: out}
}

func (c *csvWriter) Row(cells ...string) error {
	c.cells = c.cells[:0]
	for _, cell := range cells {
		c.cells = append(c.cells, guarded(cell))
	}
	return c.Write(c.cells)
}

func (c *csvWriter) Close() error {
	c.Flush()
	if err := c.Error(); err != nil {
		return err
	}
	return c.out.Flush()
}

// guarded puts an apostrophe before what spreadsheets calculate: the signs that begin
// a formula, also those of full width, and white space that is taken away before.
func guarded(cell string) string {
	if first, size := utf8.DecodeRuneInString(cell); size > 0 && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
