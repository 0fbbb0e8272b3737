package directory_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// states are the living people of an organization, with a minus where disabled.
func (o org) states(tb testing.TB) []string {
	tb.Helper()
	at, err := o.store().DirectoryRevision(context.Background(), o.id)
	must(tb, err)
	var ordinals []uint32
	for i := range at.NextOrdinal {
		ordinals = append(ordinals, i)
	}
	people, err := o.PeopleByOrdinal(context.Background(), o.id, ordinals)
	must(tb, err)
	var out []string
	for _, u := range people {
		switch {
		case !u.DeletedAt.IsZero():
		case u.DisabledAt.IsZero():
			out = append(out, u.Userid)
		default:
			out = append(out, "-"+u.Userid)
		}
	}
	slices.Sort(out)
	return out
}

func TestImportOfEveryone(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		for i := range 10 {
			o.mustUser(t, fmt.Sprintf("u%d", i))
		}
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "u8"))
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "u9"))
		// u0 and u1 are missing; u8 comes back; u9 does not say so.
		text := "userid,name,state\nu2,U,\nu3,U,\nu4,U,active\nu5,U,\nu6,U,disabled\nu7,U,\nu8,U,active\nu9,U,\nnew,N,\n"
		before := o.states(t)

		_, err := o.Import(ctx, audit.ByOperator(), o.id, strings.NewReader(text), directory.ImportOptions{Full: true, MaxDisabled: 37})
		wantCode(t, err, fault.CodeConflict)
		if f := fault.From(err); f.Text != "the file would disable 3 of 8 active people, 38 %; the limit is 37 %" {
			t.Errorf("%s", f.Text)
		}
		held, err := o.Import(ctx, audit.ByOperator(), o.id, strings.NewReader(text), directory.ImportOptions{Full: true, DryRun: true})
		wantCode(t, err, fault.CodeConflict)
		want := directory.ImportReport{
			Created: 1, Updated: 8, Disabled: 2, StillDisabled: 1, Missing: []string{"u0", "u1"}, MissingCount: 2, Disabling: 3, Held: true,
		}
		if d := cmp.Diff(want, counted(held)); d != "" {
			t.Error(d)
		}
		wantNames(t, "after refusals", o.states(t), before...)

		got := o.mustImport(t, text, directory.ImportOptions{Full: true, MaxDisabled: 38})
		want.Held = false
		if d := cmp.Diff(want, counted(got)); d != "" {
			t.Error(d)
		}
		wantNames(t, "people", o.states(t), "-u0", "-u1", "-u6", "-u9", "new", "u2", "u3", "u4", "u5", "u7", "u8")
		again := o.mustImport(t, text, directory.ImportOptions{Full: true})
		if d := cmp.Diff(directory.ImportReport{Unchanged: 9, StillDisabled: 1}, counted(again)); d != "" {
			t.Error(d)
		}
		// Without full nobody is missing; with it a file of nobody is held.
		o.mustImport(t, "userid\nu2\n", directory.ImportOptions{})
		_, err = o.Import(ctx, audit.ByOperator(), o.id, strings.NewReader("userid\n"), directory.ImportOptions{Full: true, MaxDisabled: 99})
		wantCode(t, err, fault.CodeConflict)
		_, err = o.Import(ctx, audit.ByOperator(), o.id, strings.NewReader("userid,state\nu2,disabled\n"), directory.ImportOptions{})
		wantCode(t, err, fault.CodeConflict)
	})
}

func TestImportClearsFields(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		const header = "userid,name,department,mobile,email,job_number,title,roles\n"
		o.mustImport(t, header+"ann,Ann,Sales,1,a@example.com,7,Boss,owner\nben,Ben,Sales,1,b@example.com,8,Boss,owner\n", directory.ImportOptions{})
		o.mustImport(t, header+"ann,Ann,-,-,-,-,-,-\nben,Ben,,,,,,\n", directory.ImportOptions{})
		for userid, want := range map[string]string{"ann": "[1]     [employee]", "ben": "[2]     [owner]"} {
			u, err := o.User(ctx, o.id, userid)
			must(t, err)
			if got := fmt.Sprint(u.DeptIDs, " ", u.Mobile, " ", u.Email, " ", u.JobNumber, " ", u.Title, " ", u.Roles); got != want {
				t.Errorf("%s: %q, want %q", userid, got, want)
			}
		}
		o.mustImport(t, "userid,dept_id\nben,-\n", directory.ImportOptions{})
		u, err := o.User(ctx, o.id, "ben")
		must(t, err)
		if len(u.DeptIDs) != 1 || u.DeptIDs[0] != directory.RootID {
			t.Errorf("departments %v", u.DeptIDs)
		}
	})
}

// tree is the departments as lines "id path".
func (o org) tree(tb testing.TB) []string {
	tb.Helper()
	all, err := o.Departments(context.Background(), o.id)
	must(tb, err)
	paths := map[int64]string{directory.RootID: ""}
	var out []string
	for _, d := range all[1:] {
		paths[d.ID] = paths[d.ParentID] + "/" + d.Name
		out = append(out, fmt.Sprintf("%d %s", d.ID, paths[d.ID]))
	}
	slices.Sort(out)
	return out
}

// With ids in the file a renamed department is the same department.
func TestImportFollowsDepartmentsByTheirIDs(t *testing.T) {
	t.Parallel()
	const header = "userid,name,dept_id,department\n"
	for _, c := range []struct {
		name, text    string
		made, changed int
		want          []string
		refused       []string // "line field"
	}{
		{name: "as it is", text: "a,A,10,Sales\nb,B,11,Sales/East\nc,C,20,R&D\n", want: []string{"10 /Sales", "11 /Sales/East", "20 /R&D"}},
		{name: "renamed", text: "a,A,10,Selling\nb,B,11,Selling/East\n", changed: 1, want: []string{"10 /Selling", "11 /Selling/East", "20 /R&D"}},
		{name: "a child by its path alone", text: "a,A,10,Selling\nb,B,,Selling/East\n", changed: 1, want: []string{"10 /Selling", "11 /Selling/East", "20 /R&D"}},
		{name: "an id alone", text: "a,A,10,Selling\nb,B,10,\n", changed: 1, want: []string{"10 /Selling", "11 /Selling/East", "20 /R&D"}},
		{name: "moved", text: "b,B,11,R&D/East\n", changed: 1, want: []string{"10 /Sales", "11 /R&D/East", "20 /R&D"}},
		{name: "swapped", text: "a,A,10,R&D\nc,C,20,Sales\n", changed: 2, want: []string{"10 /R&D", "11 /R&D/East", "20 /Sales"}},
		{name: "turned around", text: "b,B,11,Sales\na,A,10,Sales/Old\n", changed: 2, want: []string{"10 /Sales/Old", "11 /Sales", "20 /R&D"}},
		{
			name: "below a new one of the old name", text: "a,A,10,Sales/Inner\n", made: 1, changed: 1,
			want: []string{"10 /Sales/Inner", "11 /Sales/Inner/East", "20 /R&D", "31 /Sales"},
		},
		{name: "made under its id", text: "d,D,7,Legal/Tax\n", made: 2, want: []string{"10 /Sales", "11 /Sales/East", "20 /R&D", "31 /Legal", "7 /Legal/Tax"}},
		{name: "several", text: "d,D,\"10,20\",\"S,R\"\n", changed: 2, want: []string{"10 /S", "11 /S/East", "20 /R"}},
		{name: "the name is another's", text: "a,A,10,R&D\n", refused: []string{"2 dept_id"}},
		{name: "the name is another's, below", text: "d,D,77,Sales/East\n", refused: []string{"2 dept_id"}},
		{name: "an id that was deleted", text: "d,D,30,Gone\n", refused: []string{"2 dept_id"}},
		{name: "not as many", text: "d,D,\"10,20\",S\n", refused: []string{"2 dept_id"}},
		{name: "the root", text: "d,D,1,Example\n", refused: []string{"2 dept_id"}},
		{name: "two places", text: "a,A,10,S\nb,B,10,T\n", refused: []string{"3 dept_id"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachOrg(t, func(t *testing.T, o org) {
				ctx := context.Background()
				for _, d := range []directory.NewDepartment{{ID: 10, Name: "Sales"}, {ID: 11, ParentID: 10, Name: "East"}, {ID: 20, Name: "R&D"}, {ID: 30, Name: "Gone"}} {
					_, err := o.CreateDepartment(ctx, audit.ByOperator(), o.id, d)
					must(t, err)
				}
				must(t, o.DeleteDepartment(ctx, audit.ByOperator(), o.id, 30))
				before := o.tree(t)
				for _, dry := range []bool{true, false} {
					r, err := o.Import(ctx, audit.ByOperator(), o.id, strings.NewReader(header+c.text), directory.ImportOptions{DryRun: dry})
					if c.refused != nil {
						wantCode(t, err, fault.CodeParameterInvalid)
						var got []string
						for _, e := range r.Errors {
							got = append(got, fmt.Sprintf("%d %s", e.Line, e.Field))
						}
						wantNames(t, "errors", got, c.refused...)
						wantNames(t, "tree", o.tree(t), before...)
						continue
					}
					must(t, err)
					if r.Departments != c.made || r.DepartmentsChanged != c.changed {
						t.Errorf("%d made, %d changed; want %d, %d", r.Departments, r.DepartmentsChanged, c.made, c.changed)
					}
				}
				if c.refused != nil {
					return
				}
				wantNames(t, "tree", o.tree(t), slices.Sorted(slices.Values(c.want))...)
				again := o.mustImport(t, header+c.text, directory.ImportOptions{})
				if again.Departments+again.DepartmentsChanged+again.Created+again.Updated != 0 {
					t.Errorf("again: %+v", again)
				}
			})
		})
	}
}
