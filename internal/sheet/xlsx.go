package sheet

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
)

// The parts of a workbook beside its sheet, of the shape that ECMA-376 asks for.
var parts = []struct{ name, text string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="` + mainSpace + `" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	// Number format 49 is text: a cell that somebody edits stays one.
	{"xl/styles.xml", `<styleSheet xmlns="` + mainSpace + `"><fonts count="1"><font/></fonts><fills count="2"><fill/>` +
		`<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>` +
		`<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>`},
}

const (
	mainSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	prolog    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	// The first row stays in sight.
	sheetHead = prolog + `<worksheet xmlns="` + mainSpace + `"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`
	sheetTail = `</sheetData></worksheet>`
	// cellLimit is the most characters of a cell.
	cellLimit = 32_767
)

// xlsxWriter writes a workbook of one sheet. An error stays with out.
type xlsxWriter struct {
	zip *zip.Writer
	out *bufio.Writer // the sheet
	row int
}

// NewXLSX returns a Writer of a workbook with one sheet. It has room for MaxXLSXRows
// rows; what a cell has beyond 32,767 characters is left out.
func NewXLSX(w io.Writer) (Writer, error) {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for _, part := range parts {
		out, err := z.Create(part.name)
		if err == nil {
			_, err = io.WriteString(out, prolog+part.text)
		}
		if err != nil {
			return nil, err
		}
	}
	sheet, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	x := &xlsxWriter{zip: z, out: bufio.NewWriterSize(sheet, 32<<10)}
	_, err = x.out.WriteString(sheetHead)
	return x, err
}

func (x *xlsxWriter) Row(cells ...string) error {
	if x.row == MaxXLSXRows {
		return fmt.Errorf("sheet: a sheet has no more than %d rows", MaxXLSXRows)
	}
	x.row++
	number := strconv.Itoa(x.row)
	x.write(`<row r="`, number, `">`)
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		x.write(`<c r="`, column(i), number, `" s="1" t="inlineStr"><is><t xml:space="preserve">`)
		_ = xml.EscapeText(x.out, []byte(cut(cell)))
		x.write(`</t></is></c>`)
	}
	_, err := x.out.WriteString(`</row>`)
	return err
}

func (x *xlsxWriter) write(some ...string) {
	for _, text := range some {
		_, _ = x.out.WriteString(text)
	}
}

func (x *xlsxWriter) Close() error {
	x.write(sheetTail)
	if err := x.out.Flush(); err != nil {
		return err
	}
	return x.zip.Close()
}

// column is the name of a column by its number from 0: A to Z, then AA.
func column(n int) string {
	name := ""
	for n++; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// cut is as much of a cell as one may hold.
func cut(cell string) string {
	if len(cell) <= cellLimit {
		return cell
	}
	n := 0
	for i := range cell {
		if n++; n > cellLimit {
			return cell[:i]
		}
	}
	return cell
}
