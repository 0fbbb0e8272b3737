package directory_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

func TestDepartmentRules(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		research := o.mustDept(t, 1, "研发中心")
		platform := o.mustDept(t, research, "平台组")
		sales := o.mustDept(t, 1, strings.Repeat("销", 64))
		create := func(n directory.NewDepartment) error {
			_, err := o.CreateDepartment(ctx, audit.ByOperator(), o.id, n)
			return err
		}
		update := func(id int64, c directory.DepartmentChange) error {
			_, err := o.UpdateDepartment(ctx, audit.ByOperator(), o.id, id, c)
			return err
		}
		for _, name := range []string{"", "  ", "a-b", "a,b", "a，b", strings.Repeat("长", 65), "a\x00", "a\xff", "a\u200b", "\u3164", "a\u034fb", "a\u202eb", "a\u200cb"} {
			wantCode(t, create(directory.NewDepartment{ParentID: 1, Name: name}), fault.CodeDepartmentName)
			wantCode(t, update(sales, directory.DepartmentChange{Name: &name}), fault.CodeDepartmentName)
		}
		wantCode(t, create(directory.NewDepartment{ParentID: 1, Name: " 研发中心 "}), fault.CodeDepartmentDuplicate)
		wantCode(t, create(directory.NewDepartment{ParentID: 99, Name: "x"}), fault.CodeDepartmentParent)
		wantCode(t, create(directory.NewDepartment{ID: platform, Name: "x"}), fault.CodeConflict)
		wantCode(t, create(directory.NewDepartment{ID: -1, Name: "x"}), fault.CodeParameterInvalid)
		wantCode(t, create(directory.NewDepartment{ID: 1 << 53, Name: "x"}), fault.CodeParameterInvalid)

		nowhere, root, other := int64(99), int64(directory.RootID), "研发中心"
		wantCode(t, update(99, directory.DepartmentChange{}), fault.CodeDepartmentUnknown)
		wantCode(t, update(1, directory.DepartmentChange{Name: &other}), fault.CodeDepartmentRoot)
		wantCode(t, update(sales, directory.DepartmentChange{ParentID: &nowhere}), fault.CodeDepartmentParent)
		wantCode(t, update(sales, directory.DepartmentChange{Name: &other}), fault.CodeDepartmentDuplicate)
		wantCode(t, update(research, directory.DepartmentChange{ParentID: &platform}), fault.CodeDepartmentLoop)
		wantCode(t, update(research, directory.DepartmentChange{ParentID: &research}), fault.CodeDepartmentLoop)
		must(t, update(platform, directory.DepartmentChange{Name: &other, ParentID: &research}))
		wantCode(t, update(platform, directory.DepartmentChange{ParentID: &root}), fault.CodeDepartmentDuplicate)

		wantCode(t, o.DeleteDepartment(ctx, audit.ByOperator(), o.id, 1), fault.CodeDepartmentRoot)
		wantCode(t, o.DeleteDepartment(ctx, audit.ByOperator(), o.id, research), fault.CodeDepartmentHasChild)
		o.mustUser(t, "ann", platform, sales)
		must(t, o.DisableUser(ctx, audit.ByOperator(), o.id, "ann"))
		wantCode(t, o.DeleteDepartment(ctx, audit.ByOperator(), o.id, platform), fault.CodeDepartmentHasUsers)
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "ann"))
		must(t, o.DeleteDepartment(ctx, audit.ByOperator(), o.id, platform))
		wantCode(t, o.DeleteDepartment(ctx, audit.ByOperator(), o.id, platform), fault.CodeDepartmentUnknown)
		wantCode(t, create(directory.NewDepartment{ParentID: platform, Name: "x"}), fault.CodeDepartmentParent)
		if again := o.mustDept(t, research, other); again <= sales {
			t.Errorf("department id %d is given again", again)
		}
		kept, err := o.CreateDepartment(ctx, audit.ByOperator(), o.id, directory.NewDepartment{ID: 4711, Name: "kept id"})
		must(t, err)
		if next := o.mustDept(t, 1, "next"); kept.ID != 4711 || kept.ParentID != 1 || next != 4712 {
			t.Errorf("kept %+v, next %d", kept, next)
		}
	})
}

func TestDepartmentsComeRootFirstAndDepthFirst(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		b := o.mustDept(t, 1, "b")
		_, err := o.CreateDepartment(ctx, audit.ByOperator(), o.id, directory.NewDepartment{Name: "a", Order: -1})
		must(t, err)
		o.mustDept(t, b, "b1")
		o.mustDept(t, 1, "c")
		o.mustDept(t, b, "b2")
		fresh := directory.New(directory.Deps{Store: o.store(), Now: noon})
		for _, s := range []*directory.Service{o.Service, fresh} {
			all, err := s.Departments(ctx, o.id)
			must(t, err)
			var names []string
			for _, d := range all {
				names = append(names, d.Name)
			}
			wantNames(t, "departments", names, "Example", "a", "b", "b1", "b2", "c")
		}
	})
}

func TestMovingADepartmentTakesItsPeopleAlong(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		a, b := o.mustDept(t, 1, "a"), o.mustDept(t, 1, "b")
		team := o.mustDept(t, a, "team")
		cell := o.mustDept(t, team, "cell")
		o.mustUser(t, "ann", cell)
		o.mustUser(t, "ben", team, b)
		o.mustUser(t, "cem", a)
		in := func(id int64) []string {
			return o.names(o.mustResolve(t, directory.Audience{DeptIDs: []int64{id}}, everyone).Recipients)
		}
		wantNames(t, "a", in(a), "ann", "ben", "cem")
		wantNames(t, "b", in(b), "ben")
		_, err := o.UpdateDepartment(ctx, audit.ByOperator(), o.id, team, directory.DepartmentChange{ParentID: &b})
		must(t, err)
		wantNames(t, "a", in(a), "cem")
		wantNames(t, "b", in(b), "ann", "ben")
		// ben leaves the team and stays in b.
		depts := []int64{b}
		_, err = o.UpdateUser(ctx, audit.ByOperator(), o.id, "ben", directory.UserChange{DeptIDs: &depts})
		must(t, err)
		wantNames(t, "team", in(team), "ann")
		wantNames(t, "b", in(b), "ann", "ben")
	})
}

func TestConcurrentSiblingsOfOneNameAreOne(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		results := make(chan error)
		for range 8 {
			go func() {
				_, err := o.CreateDepartment(context.Background(), audit.ByOperator(), o.id, directory.NewDepartment{Name: "one"})
				results <- err
			}()
		}
		var refused int
		for range 8 {
			if err := <-results; err != nil {
				wantCode(t, err, fault.CodeDepartmentDuplicate)
				refused++
			}
		}
		all, err := o.Departments(context.Background(), o.id)
		must(t, err)
		if refused != 7 || len(all) != 2 {
			t.Errorf("%d refused, departments %s", refused, fmt.Sprint(slices.Collect(func(yield func(string) bool) {
				for _, d := range all {
					yield(d.Name)
				}
			})))
		}
	})
}

// What a program calls a department stays with it, on every node and when a file moves
// it, and means nothing else.
func TestDepartmentsKeepTheirSourceIdentifier(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx, by := t.Context(), audit.ByOperator()
		sales, err := o.CreateDepartment(ctx, by, o.id, directory.NewDepartment{Name: "Sales", SourceIdentifier: "hr/7"})
		must(t, err)
		_, err = o.CreateDepartment(ctx, by, o.id, directory.NewDepartment{Name: "R&D", SourceIdentifier: "hr/7"}) // another's name for it
		must(t, err)
		is := func(want string) {
			t.Helper()
			there := directory.New(directory.Deps{Store: o.store(), Now: noon})
			for _, node := range []*directory.Service{o.Service, there} {
				all, err := node.Departments(ctx, o.id)
				must(t, err)
				at := slices.IndexFunc(all, func(d directory.Department) bool { return d.ID == sales.ID })
				if got := all[at].SourceIdentifier; got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		}
		is("hr/7")
		name, source, long := "Selling", "hr/8", strings.Repeat("长", 129)
		for _, c := range []directory.DepartmentChange{{Name: &name}, {SourceIdentifier: &source}, {SourceIdentifier: &source}} {
			_, err := o.UpdateDepartment(ctx, by, o.id, sales.ID, c)
			must(t, err)
		}
		is(source)
		o.mustImport(t, fmt.Sprintf("userid,name,dept_id,department\na,A,%d,Sold\n", sales.ID), directory.ImportOptions{})
		is(source)
		_, err = o.UpdateDepartment(ctx, by, o.id, sales.ID, directory.DepartmentChange{SourceIdentifier: &long})
		wantCode(t, err, fault.CodeParameterInvalid)
		_, err = o.CreateDepartment(ctx, by, o.id, directory.NewDepartment{Name: "Long", SourceIdentifier: long})
		wantCode(t, err, fault.CodeParameterInvalid)
		is(source)
		want := []string{"changed name", "changed source_identifier"}
		var got []string
		for _, line := range o.log(t, o.id, 1) {
			if _, change, ok := strings.Cut(line, "department.save dept:2: "); ok && strings.HasSuffix(change, " by operator") {
				got = append(got, strings.TrimSuffix(change, " by operator"))
			}
		}
		if len(got) < 2 || !slices.Equal(got[:2], want) {
			t.Errorf("the log has %q of %q", got, o.log(t, o.id, 1))
		}
	})
}
