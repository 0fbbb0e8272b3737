package directory_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func encoded(tb testing.TB, e encoding.Encoding, text string) string {
	tb.Helper()
	out, err := e.NewEncoder().String(text)
	must(tb, err)
	return out
}

// Whatever a spreadsheet or a payroll system writes, the same people come out
// of it.
func TestImportTellsFormsApart(t *testing.T) {
	t.Parallel()
	const text = "userid,name,department,title\r\nwang,王小明,研发中心/平台组,\"经理, 代理\"\r\nli,李四,销售部,顾问\r\n"
	semicolons := strings.NewReplacer(",", ";", `"经理, 代理"`, "经理, 代理").Replace
	withTabs := strings.ReplaceAll(strings.Replace(text, `"经理, 代理"`, "经理, 代理", 1), ",", "\t")
	withTabs = strings.Replace(withTabs, "经理\t 代理", "经理, 代理", 1)
	withSemicolons := strings.Replace(semicolons(text), `"经理; 代理"`, "经理, 代理", 1)
	little, big := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	o := mustOrg(t, storetest.Open(t, "sqlite"), "Example")
	for _, c := range []struct{ name, text, encoding, separator string }{
		{"UTF-8", text, "UTF-8", ","},
		{"UTF-8 with a mark", "\ufeff" + text, "UTF-8", ","},
		{"GB18030", encoded(t, simplifiedchinese.GB18030, text), "GB18030", ","},
		{"UTF-16 little", encoded(t, little, "\ufeff"+text), "UTF-16", ","},
		{"UTF-16 big", encoded(t, big, "\ufeff"+text), "UTF-16", ","},
		{"UTF-16 little without a mark", encoded(t, little, text), "UTF-16", ","},
		{"UTF-16 big without a mark", encoded(t, big, text), "UTF-16", ","},
		{"semicolons", withSemicolons, "UTF-8", ";"},
		{"tabs", withTabs, "UTF-8", "\t"},
		{"Excel's Unicode text", encoded(t, little, "\ufeff"+withTabs), "UTF-16", "\t"},
		{"a sep line", "sep=;\r\n" + withSemicolons, "UTF-8", ";"},
		{"quoted header", strings.Replace(withSemicolons, "userid;name", `"userid";"name"`, 1), "UTF-8", ";"},
		{"GB18030 with semicolons", encoded(t, simplifiedchinese.GB18030, withSemicolons), "GB18030", ";"},
	} {
		fresh := mustOrg(t, o.db, "Example")
		r := fresh.mustImport(t, c.text, directory.ImportOptions{})
		if r.Encoding != c.encoding || string(r.Separator) != c.separator || r.Created != 2 {
			t.Errorf("%s: read as %s with %q, %d created", c.name, r.Encoding, r.Separator, r.Created)
		}
		u, err := fresh.User(context.Background(), fresh.id, "wang")
		if err != nil || u.Name != "王小明" || u.Title != "经理, 代理" || u.DeptIDs[0] != 3 {
			t.Errorf("%s: %+v (%v)", c.name, u, err)
		}
	}
}

// What an export has guarded comes back as it was.
func TestImportTakesGuardsAway(t *testing.T) {
	t.Parallel()
	o := mustOrg(t, storetest.Open(t, "sqlite"), "Example")
	o.mustImport(t, "userid,name,job_number,title\n'=a,'@b,'+7,it's\n", directory.ImportOptions{})
	u, err := o.User(context.Background(), o.id, "=a")
	if err != nil || u.Name != "@b" || u.JobNumber != "+7" || u.Title != "it's" {
		t.Errorf("%+v (%v)", u, err)
	}
}

// What is no such file is met with one error, not with one for every line.
func TestImportMeetsOtherFilesWithOneError(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat("wang,王小明\n", 500)
	chinese := encoded(t, simplifiedchinese.GB18030, "userid,name\n"+lines)
	o := mustOrg(t, storetest.Open(t, "sqlite"), "Example")
	for _, c := range []struct {
		name, text string
		line       int
		says       string
	}{
		{"Latin-1", encoded(t, charmap.ISO8859_1, "userid,name\n"+strings.Repeat("m,Müller\n", 500)), 2, "UTF-8"},
		{"Big5", encoded(t, traditionalchinese.Big5, "userid,name\n"+strings.Repeat("wang,這個人的名字\n", 500)), 2, "UTF-8"},
		{"a damaged line", "userid,name\n" + lines + "x,\xff\n" + lines, 502, "UTF-8"},
		{"a damaged line of GB18030", chinese + "x,\xff\n" + chinese, 2, "UTF-8"},
		{"UTF-16 that ends early", encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "userid,name\na,A\n") + "x", 3, "UTF-16"},
		{"a workbook", "PK\x03\x04" + lines, 0, "workbook"},
		{"an old workbook", "\xd0\xcf\x11\xe0" + lines, 0, "workbook"},
		{"other separators", strings.ReplaceAll("userid,name\n"+lines, ",", "|"), 1, "none of the header's names"},
		{"no header", lines, 1, "none of the header's names"},
		{"a quote that is never closed", "userid,name\na,\"A\n" + lines, 2, "quotes"},
		{"one that goes on for long", "userid,name\na,\"A\n" + strings.Repeat("b,B\n", 1<<19), 2, "quotes"},
		{"nothing", "", 1, "empty"},
		{"nothing but a mark", "\ufeff", 1, "empty"},
	} {
		r, err := o.Import(context.Background(), audit.ByOperator(), o.id, strings.NewReader(c.text), directory.ImportOptions{})
		wantCode(t, err, fault.CodeParameterInvalid)
		if r.ErrorCount != 1 || len(r.Errors) != 1 || r.Errors[0].Line != c.line || !strings.Contains(r.Errors[0].Reason, c.says) {
			t.Errorf("%s: %d errors %v, want one on line %d that says %q", c.name, r.ErrorCount, r.Errors[:min(3, len(r.Errors))], c.line, c.says)
		}
	}
}

// A long file is copied to a temporary one, and nothing of it stays.
func TestImportOfALongFileLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	o := mustOrg(t, storetest.Open(t, "sqlite"), "Example")
	var text strings.Builder
	text.WriteString("userid,name,department,title\n")
	for i := range 30_000 {
		fmt.Fprintf(&text, "u%d,员工%d,部门%d,%s\n", i, i, i%50, strings.Repeat("职", 60))
	}
	for _, file := range []string{text.String(), encoded(t, simplifiedchinese.GB18030, text.String())} {
		r := o.mustImport(t, file, directory.ImportOptions{DryRun: true})
		if r.Created != 30_000 || r.Departments != 50 {
			t.Errorf("%+v", r)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	must(t, os.Remove(dir))
	if _, err := o.Import(context.Background(), audit.ByOperator(), o.id, strings.NewReader(text.String()), directory.ImportOptions{DryRun: true}); err == nil || !strings.Contains(err.Error(), "a copy of the file") {
		t.Errorf("without a place for temporary files: %v", err)
	}
}
