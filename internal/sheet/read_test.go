package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/tidings-im/tidings/internal/sheet"
)

// read returns the rows of a file, as line:cell|cell, and what ended it.
func read(file []byte) (string, error) {
	var all []string
	for row, err := range sheet.Read(file) {
		if err != nil {
			return strings.Join(all, " "), err
		}
		all = append(all, fmt.Sprint(row.Line, ":", strings.Join(row.Cells, "|")))
	}
	return strings.Join(all, " "), nil
}

// Separated values are read in whatever a spreadsheet saves them.
func TestCSVIsRead(t *testing.T) {
	t.Parallel()
	gbk, _ := simplifiedchinese.GB18030.NewEncoder().String("工号,姓名\r\n007,王小明\r\n")
	little, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("工号\t姓名\r\n007\t王小明\r\n")
	big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String("工号\t姓名\r\n007\t王小明\r\n")
	const want = "1:工号|姓名 2:007|王小明"
	for name, c := range map[string][2]string{
		"UTF-8":               {"工号,姓名\n007,王小明", want},
		"a byte order mark":   {"\ufeff工号,姓名\r\n007,王小明\r\n", want},
		"GB18030":             {gbk, want},
		"UTF-16, little":      {little, want},
		"UTF-16, big":         {big, want},
		"semicolons":          {"工号;姓名\n007;王小明\n", want},
		"sep=":                {"sep=;\r\n工号;姓名\r\n007;王小明\r\n", "2:工号|姓名 3:007|王小明"},
		"old Macs":            {"工号,姓名\r007,王小明\r", want},
		"quotes and breaks":   {"a,\"b \"\"c\"\"\nd\"\n\"x\",y\n", "1:a|b \"c\"\nd 3:x|y"},
		"guards":              {"'=a,'+1,'-,'@b\n'＝c,'quoted',it's,'\n", "1:=a|+1|-|@b 2:＝c|'quoted'|it's|'"},
		"empty lines":         {"\n,,\n a , b\n  \n", "3:a|b"},
		"one column":          {"王小明\n李雷\n", "1:王小明 2:李雷"},
		"lines of any length": {"a\nb,c,d\n", "1:a 2:b|c|d"},
		"nothing":             {"", ""},
	} {
		if got, err := read([]byte(c[0])); got != c[1] || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c[1])
		}
	}
	var out bytes.Buffer
	mustWrite(t, sheet.NewCSV(&out), [][]string{{"=1", "\tx", "007"}})
	if got, err := read(out.Bytes()); got != "1:=1|x|007" || err != nil {
		t.Errorf("our own: %q, %v", got, err)
	}
}

// Lines that somebody pastes are parted where all of them are.
func TestLinesAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"007\t王小明", "", "008"}, "1:007|王小明 3:008"},
		{[]string{"007, 王小明", "008, 李雷"}, "1:007|王小明 2:008|李雷"},
		{[]string{"007;王小明", "008;"}, "1:007|王小明 2:008|"},
		{[]string{"Smith, John", "王小明"}, "1:Smith, John 2:王小明"},
		{[]string{" '=a", "\"b"}, "1:=a 2:\"b"},
		{nil, ""},
	} {
		var all []string
		for row, err := range sheet.Lines(c.lines) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, fmt.Sprint(row.Line, ":", strings.Join(row.Cells, "|")))
		}
		if got := strings.Join(all, " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.lines, got, c.want)
		}
	}
}

// mustBook is a workbook as another program writes it: shared texts, numbers in the forms
// that job numbers have, a formula, and a hidden sheet before the one that is meant.
func mustBook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		if t.Helper(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := f.NewSheet("People")
	must(err)
	zeros, err := f.NewStyle(&excelize.Style{CustomNumFmt: new("000000")})
	must(err)
	f.SetActiveSheet(1)
	must(f.SetCellStr("Sheet1", "A1", "hidden"))
	must(f.SetSheetVisible("Sheet1", false))
	must(f.SetSheetRow("People", "A1", &[]any{"工号", "姓名", "手机"}))
	must(f.SetSheetRow("People", "A3", &[]any{7, "王小明", 13_800_000_000}))
	must(f.SetCellStyle("People", "A3", "A3", zeros))
	must(f.SetSheetRow("People", "A4", &[]any{"008", nil, "a < b & \"c\""}))
	must(f.SetCellRichText("People", "B5", []excelize.RichTextRun{{Text: "rich "}, {Text: "text"}}))
	must(f.SetCellValue("People", "C5", 1234567890123))
	must(f.SetCellValue("People", "A6", 0.5))
	must(f.SetCellBool("People", "B6", true))
	must(f.SetCellFormula("People", "C6", "1+1"))
	must(f.SetSheetRow("People", "B7", &[]any{"", nil}))
	var out bytes.Buffer
	must(f.Write(&out))
	return out.Bytes()
}

// A workbook is read as people see it, whoever wrote it.
func TestXLSXIsRead(t *testing.T) {
	t.Parallel()
	got, err := read(mustBook(t))
	if want := "1:工号|姓名|手机 3:000007|王小明|13800000000 4:008||a < b & \"c\" 5:|rich text|1234567890123 6:0.5|1"; got != want || err != nil {
		t.Errorf("another program's: %q, %v; want %q", got, err, want)
	}
	var out bytes.Buffer
	w, err := sheet.NewXLSX(&out)
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, w, [][]string{{"工号", "姓名"}, {}, {"007", "王小明", "", "=1"}})
	if got, err := read(out.Bytes()); got != "1:工号|姓名 3:007|王小明||=1" || err != nil {
		t.Errorf("our own: %q, %v", got, err)
	}
}

// edited writes a workbook anew with some parts changed.
func edited(t *testing.T, book []byte, edit map[string]func(string) string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range in.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if change := edit[f.Name]; change != nil {
			if text = []byte(change(string(text))); len(text) == 0 {
				continue
			}
		}
		to, err := z.Create(f.Name)
		if err == nil {
			_, err = to.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// lying is a workbook with one part more, which unpacks to more than it says.
func lying(t *testing.T) []byte {
	t.Helper()
	const says, holds = 1000, 1 << 20
	var packed, out bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = deflate.Write(bytes.Repeat([]byte(" "), holds))
	}
	if err == nil {
		err = deflate.Close()
	}
	z := zip.NewWriter(&out)
	to, err2 := z.CreateRaw(&zip.FileHeader{
		Name: "xl/workbook.xml", Method: zip.Deflate, UncompressedSize64: says, CompressedSize64: uint64(packed.Len()), CRC32: crc32.ChecksumIEEE(nil),
	})
	if err2 == nil {
		_, err2 = to.Write(packed.Bytes())
	}
	if err := errors.Join(err, err2, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Whatever is wrong with a file is told, and no part of it is taken for the whole.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	book := mustBook(t)
	const sheet2, texts, main = "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
	with := func(part string, change func(string) string) []byte {
		return edited(t, book, map[string]func(string) string{part: change})
	}
	replaced := func(part, old, by string) []byte {
		return with(part, func(s string) string {
			if !strings.Contains(s, old) {
				t.Fatalf("%s has no %s", part, old)
			}
			return strings.Replace(s, old, by, 1)
		})
	}
	instead := func(part, text string) []byte { return with(part, func(string) string { return text }) }
	for name, c := range map[string]struct {
		file          []byte
		line          int
		limit, actual int64
	}{
		"quotes":                 {[]byte("a,b\nc,\"d\ne\n"), 2, 0, 0},
		"a quote in between":     {[]byte("a,b\nc,d\"e\n"), 2, 0, 0},
		"Latin letters":          {[]byte("name\nJos\xe9\nM\xfcller\n"), 2, 0, 0},
		"columns":                {[]byte("a\n" + strings.Repeat(",", 256)), 2, 256, 257},
		"an old workbook":        {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), 0, 0, 0},
		"half a zip":             {book[:len(book)/2], 0, 0, 0},
		"a zip of other things":  {edited(t, book, map[string]func(string) string{main: func(string) string { return "" }}), 0, 0, 0},
		"a part cut off":         {bytes.Replace(slices.Clone(book), []byte("PK\x01\x02"), []byte("PK\x01\x03"), 1), 0, 0, 0},
		"a lie about its size":   {lying(t), 0, 0, 0},
		"a sheet that is broken": {replaced(sheet2, `<row r="4"`, `<row <r="4"`), 0, 0, 0},
		"a sheet that ends":      {with(sheet2, func(s string) string { return s[:len(s)/2] }), 0, 0, 0},
		"no sheet":               {instead(sheet2, ""), 0, 0, 0},
		"no text":                {instead(texts, `<sst><si><t>one</t></si></sst>`), 0, 0, 0},
		"a document type":        {replaced(texts, "<sst", `<!DOCTYPE x [<!ENTITY a "b">]><sst`), 0, 0, 0},
		"an entity":              {replaced(texts, "王小明", `&a;`), 0, 0, 0},
		"depth":                  {instead(texts, "<sst>"+strings.Repeat("<a>", 100)), 0, 0, 0},
		"a tag without end":      {instead(texts, "<sst "+strings.Repeat(`a=">" `, 20_000)+"/>"), 0, 0, 0},
		"column XFD":             {replaced(sheet2, `r="C3"`, `r="XFD3"`), 3, 256, 16384},
		"a bomb":                 {instead(texts, strings.Repeat(" ", 50<<20)), 0, 50 << 20, 0},
		"texts":                  {instead(texts, "<sst>"+strings.Repeat("<si/>", 1<<20+1)+"</sst>"), 0, 1 << 20, 1<<20 + 1},
		"only hidden sheets":     {instead(main, `<workbook><sheets><sheet name="a" state="hidden" r:id="rId1"/></sheets></workbook>`), 0, 0, 0},
		"an empty workbook":      {instead(main, "   "), 0, 0, 0},
	} {
		rows, err := read(c.file)
		var wrong sheet.Unreadable
		if !errors.As(err, &wrong) || wrong.Reason == "" || wrong.Line != c.line || wrong.Limit != c.limit || c.actual != 0 && wrong.Actual != c.actual {
			t.Errorf("%s: %+v after %q", name, err, rows)
		}
	}
}

// Reading ends where a caller has enough.
func TestReadingEnds(t *testing.T) {
	t.Parallel()
	for _, file := range [][]byte{mustBook(t), []byte("a\nb\nc\n")} {
		n := 0
		for range sheet.Read(file) {
			if n++; n == 2 {
				break
			}
		}
		if n != 2 {
			t.Errorf("%d rows", n)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("工号,姓名\n'=1,\"b\"\n"))
	f.Add([]byte("\xff\xfea\x00"))
	var out bytes.Buffer
	if w, err := sheet.NewXLSX(&out); err == nil && w.Row("a", "b") == nil && w.Close() == nil {
		f.Add(out.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		last := 0
		for row, err := range sheet.Read(file) {
			if err == nil && row.Line <= last {
				t.Errorf("line %d after %d", row.Line, last)
			}
			last = row.Line
		}
	})
}
