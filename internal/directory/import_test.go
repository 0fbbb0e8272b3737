package directory_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func (o org) mustImport(tb testing.TB, text string, options directory.ImportOptions) directory.ImportReport {
	tb.Helper()
	report, err := o.Import(context.Background(), audit.ByOperator(), o.id, strings.NewReader(text), options)
	if err != nil {
		tb.Fatalf("import: %v\n%+v", err, report.Errors)
	}
	return report
}

// counted leaves out what a report says of the file's form.
func counted(r directory.ImportReport) directory.ImportReport {
	r.Encoding, r.Separator, r.Active = "", 0, 0
	return r
}

// bom and CRLF are what spreadsheets write.
const people = "\xef\xbb\xbfUserid,name,Department,roles,email,\r\n" +
	"wang,王小明,研发中心/平台组,\"developer,author\",wang@example.com,\r\n" +
	"li,\"李, 四\",\"销售部,研发中心\",,,\r\n" +
	",,,,,\r\n" +
	"\r\n" +
	"zhao,赵五,,,,\r\n" +
	"qian,QIAN,研发中心 / 平台组,,,\r\n"

func TestImportMakesPeopleAndDepartments(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		text := strings.Replace(people, `QIAN`, `"钱 ""七"""`, 1)
		want := directory.ImportReport{Created: 4, RolesGiven: 1, Departments: 3}
		if got := counted(o.mustImport(t, text, directory.ImportOptions{DryRun: true})); cmp.Diff(want, got) != "" {
			t.Errorf("dry run: %+v", got)
		}
		if users, err := o.Users(ctx, o.id); err != nil || len(users) != 0 {
			t.Fatalf("a dry run wrote %v (%v)", users, err)
		}
		if got := counted(o.mustImport(t, text, directory.ImportOptions{})); cmp.Diff(want, got) != "" {
			t.Errorf("import: %+v", got)
		}
		departments, err := o.Departments(ctx, o.id)
		must(t, err)
		var tree []string
		for _, d := range departments {
			tree = append(tree, fmt.Sprintf("%d<%d %s", d.ID, d.ParentID, d.Name))
		}
		wantNames(t, "tree", tree, "1<0 Example", "2<1 研发中心", "3<2 平台组", "4<1 销售部")
		users, err := o.Users(ctx, o.id)
		must(t, err)
		var got []string
		for _, u := range users {
			got = append(got, fmt.Sprintf("%d %s %s %v %v %s", u.Ordinal, u.Userid, u.Name, u.DeptIDs, u.Roles, u.Email))
		}
		// Departments in depth-first order, each with its people in the file's.
		wantNames(t, "users", got,
			"0 zhao 赵五 [1] [employee] ", "1 wang 王小明 [3] [author developer] wang@example.com",
			`2 qian 钱 "七" [3] [employee] `, "3 li 李, 四 [2 4] [employee] ")

		want = directory.ImportReport{Unchanged: 4}
		if got := counted(o.mustImport(t, text, directory.ImportOptions{})); cmp.Diff(want, got) != "" {
			t.Errorf("again: %+v", got)
		}
	})
}

func TestImportUpdatesWhatItNames(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		sales := o.mustDept(t, 1, "sales")
		_, err := o.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{
			Userid: "ann", Name: "Ann", DeptIDs: []int64{sales}, Mobile: "0001", Title: "T", Roles: []string{"auditor"},
		})
		must(t, err)
		o.mustUser(t, "ben")
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "ben"))
		text := fmt.Sprintf("title,userid,mobile,dept_id,roles\nBoss,ann,,,\n,ben,0002,\"%d，1\",\n", sales)
		for _, dry := range []bool{true, false} {
			got := o.mustImport(t, text, directory.ImportOptions{DryRun: dry})
			if d := cmp.Diff(directory.ImportReport{Updated: 2, StillDisabled: 1}, counted(got)); d != "" {
				t.Error(d)
			}
		}
		ann, err := o.User(ctx, o.id, "ann")
		must(t, err)
		if ann.Title != "Boss" || ann.Mobile != "" || ann.Name != "Ann" || ann.DeptIDs[0] != sales || ann.Roles[0] != "auditor" {
			t.Errorf("ann %+v", ann)
		}
		ben, err := o.User(ctx, o.id, "ben")
		must(t, err)
		if ben.Mobile != "0002" || len(ben.DeptIDs) != 2 || ben.DisabledAt.IsZero() {
			t.Errorf("ben %+v", ben)
		}
	})
}

func TestImportRefusesTheWholeFileForOneLine(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		for _, c := range []struct {
			name, text string
			want       []string // "line field"
		}{
			{"empty", "", []string{"1 "}},
			{"only a mark", "\xef\xbb\xbf", []string{"1 "}},
			{"no userid", "name\nx\n", []string{"1 userid"}},
			{"unknown column", "userid,name,salary\n", []string{"1 "}},
			{"column twice", "userid,name,Name\n", []string{"1 name"}},
			{"a short line", "userid,name,department\na,A,\nb,B\n", []string{"3 "}},
			{"no header", "a,A\nb,B\n", []string{"1 "}},
			{
				"lines", "userid,name,department,dept_id,roles\n" +
					"ok,Ok,,,\n" +
					",Nobody,,,\n" +
					"ok,Again,,,\n" +
					"a,,,,\n" +
					"b,B,x,1,\n" +
					"c,C,,x,\n" +
					"d,D,,77,\n" +
					"e,E,研发-中心,,\n" +
					"f,F,研发//平台,,\n" +
					"g,G,,,king\n" +
					"\"h\nh\",H,,,\n" +
					"i,I,,,,extra\n" +
					"j,\x00,,,\n" +
					"k,K,x,\"2,3\",\n" +
					"l,L,y,5,\n" +
					"m,M,z,5,\n" +
					"n,N,y,6,\n",
				[]string{
					"3 userid", "4 userid", "5 name", "6 dept_id", "7 dept_id", "8 dept_id", "9 department", "10 department",
					"11 roles", "12 userid", "14 ", "15 name", "16 dept_id", "18 dept_id", "19 dept_id",
				},
			},
			{"quotes", "userid,name\na,A\nb,\"B\nc,C\n", []string{"3 "}},
			{"a new user without the column", "userid\nnew\n", []string{"2 name"}},
		} {
			report, err := o.Import(context.Background(), audit.ByOperator(), o.id, strings.NewReader(c.text), directory.ImportOptions{})
			wantCode(t, err, fault.CodeParameterInvalid)
			var got []string
			for _, e := range report.Errors {
				got = append(got, fmt.Sprintf("%d %s", e.Line, e.Field))
				if e.Reason == "" {
					t.Errorf("%s: no reason on line %d", c.name, e.Line)
				}
			}
			wantNames(t, c.name, got, c.want...)
			if report.ErrorCount != len(c.want) || report.Created != 0 {
				t.Errorf("%s: %+v", c.name, report)
			}
		}
		if users, err := o.Users(context.Background(), o.id); err != nil || len(users) != 0 {
			t.Errorf("users %v (%v)", users, err)
		}
		if departments, err := o.Departments(context.Background(), o.id); err != nil || len(departments) != 1 {
			t.Errorf("departments %v (%v)", departments, err)
		}
	})
}

// bigCompany is a file of n people in a tree of departments with 100 each.
func bigCompany(n int) *bytes.Buffer {
	var b bytes.Buffer
	b.WriteString("userid,name,department,email,job_number\n")
	for i := range n {
		dept := i * 7919 % n / 100 // neighbours in the file are not neighbours in the tree
		fmt.Fprintf(&b, "user%07d,%s,division%d/section%d/team%d,user%07d@example.com,J%07d\n", i, nameOf(i), dept/100, dept/10, dept, i, i)
	}
	return &b
}

// nameOf is the name of one of many: a surname and two characters more.
func nameOf(i int) string {
	surnames, given := []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单曾仇解任区查"), []rune("小明伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀兰霞平刚桂英华玉萍红婷文志建国海燕雪梅")
	return string([]rune{surnames[i%len(surnames)], given[i/27%len(given)], given[i/7%len(given)]})
}

func TestImportGoesInPiecesBesideOtherChanges(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			address := storetest.Ready(t, engine)
			db := storetest.At(t, address, nil)
			o := mustOrg(t, db, "Example")
			there := org{directory.New(directory.Deps{Store: storetest.At(t, address, nil).Directory(), Now: noon}), o.id, o.db}
			done := make(chan error, 1)
			go func() {
				_, err := o.Import(ctx, audit.ByOperator(), o.id, bigCompany(3000), directory.ImportOptions{})
				done <- err
			}()
			others := 0
			for running := true; running; {
				select {
				case err := <-done:
					must(t, err)
					running = false
				default:
					_, err := there.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: fmt.Sprintf("other%d", others), Name: "x"})
					if err == nil {
						others++
					} else if !fault.Is(err, fault.CodeBusy) {
						t.Fatal(err)
					}
				}
			}
			must(t, there.Load(ctx))
			for _, node := range []org{o, there} {
				must(t, node.Load(ctx))
				got := node.mustResolve(t, directory.Audience{Everyone: true}, everyone)
				if n := got.Recipients.GetCardinality(); n != uint64(3000+others) {
					t.Errorf("%d people, want %d", n, 3000+others)
				}
				departments, err := node.Departments(ctx, o.id)
				must(t, err)
				if len(departments) != 1+1+3+30 {
					t.Errorf("%d departments", len(departments))
				}
				for _, d := range departments[2:] {
					if !strings.HasPrefix(d.Name, "team") {
						continue
					}
					team := node.mustResolve(t, directory.Audience{DeptIDs: []int64{d.ID}}, everyone).Recipients
					if span := team.Maximum() - team.Minimum() + 1; team.GetCardinality() != 100 || others == 0 && span != 100 {
						t.Errorf("%s has %d people over %d ordinals", d.Name, team.GetCardinality(), span)
					}
				}
			}
		})
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(people))
	f.Add([]byte("userid,name,dept_id\r\na,A,1\r\n\"b\",\"B \"\"x\"\"\",\"1,1\"\r\n"))
	f.Add([]byte("userid,name\na,\"A\nb,B"))
	f.Add([]byte("\xff\xfeu\x00s\x00"))
	o := mustOrg(f, storetest.Open(f, "sqlite"), "Example")
	f.Fuzz(func(t *testing.T, text []byte) {
		ctx := context.Background()
		report, err := o.Import(ctx, audit.ByOperator(), o.id, bytes.NewReader(text), directory.ImportOptions{DryRun: true})
		if err != nil {
			wantCode(t, err, fault.CodeParameterInvalid)
			if report.ErrorCount == 0 || len(report.Errors) == 0 || len(report.Errors) > 1000 {
				t.Fatalf("refused without a reason: %+v", report)
			}
			return
		}
		// What passes the check can be written, in an organization of its own.
		made, err := o.CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Fuzz"})
		must(t, err)
		fresh := org{o.Service, made.ID, o.db}
		want, err := fresh.Import(ctx, audit.ByOperator(), fresh.id, bytes.NewReader(text), directory.ImportOptions{DryRun: true})
		must(t, err)
		got := fresh.mustImport(t, string(text), directory.ImportOptions{})
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("rehearsed and done differ:\n%s", d)
		}
		again := fresh.mustImport(t, string(text), directory.ImportOptions{})
		if again.Created+again.Updated+again.Departments != 0 || again.Unchanged != got.Created {
			t.Fatalf("first %+v, again %+v", got, again)
		}
	})
}
