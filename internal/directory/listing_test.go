package directory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// listed are the userids of all pages, and asserts that they are as many as told.
func (o org) listed(t *testing.T, q directory.PeopleQuery) string {
	t.Helper()
	var all []string
	for q.Limit = 2; ; {
		page, err := o.ListPeople(t.Context(), o.id, q)
		must(t, err)
		for _, u := range page.Users {
			all = append(all, u.Userid)
		}
		if page.Next == nil {
			if page.Total != len(all) {
				t.Errorf("%+v: %d are told, %d listed", q, page.Total, len(all))
			}
			return strings.Join(all, " ")
		}
		q.After = page.Next
	}
}

// departments are the names of all pages with their people and children.
func (o org) departments(t *testing.T, q directory.DepartmentQuery) string {
	t.Helper()
	var all []string
	for q.Limit = 2; ; {
		page, next, err := o.ListDepartments(t.Context(), o.id, q)
		must(t, err)
		for _, d := range page {
			if top := q.ParentID == 0 && q.Text == ""; top != (d.ParentID == 0) {
				t.Errorf("%+v: %s is below %d", q, d.Name, d.ParentID)
			}
			all = append(all, fmt.Sprintf("%s %d %d", d.Path, d.All, d.Children))
		}
		if next == nil {
			return strings.Join(all, ", ")
		}
		q.After = next
	}
}

// Living people are listed page by page: of a department or below it, by a text, in a
// state, and inside of a range.
func TestListPeople(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		sales, east, research := company(t, o) // dan is disabled
		gone := o.mustUser(t, "gone", east)
		must(t, o.DeleteUser(t.Context(), audit.ByOperator(), o.id, gone.Userid))
		name := "单春"
		_, err := o.UpdateUser(t.Context(), audit.ByOperator(), o.id, "eve", directory.UserChange{Name: &name})
		must(t, err)
		active, disabled := directory.Active, directory.Disabled
		only := directory.Range{DeptIDs: []int64{east}, Userids: []string{"rob", "dan"}}
		for _, c := range []struct {
			q    directory.PeopleQuery
			want string
		}{
			{directory.PeopleQuery{Within: everyone}, "ann ben dan eve rob sam"},
			{directory.PeopleQuery{Within: everyone, DeptID: directory.RootID, Below: true}, "ann ben dan eve rob sam"},
			{directory.PeopleQuery{Within: everyone, DeptID: sales}, "ann ben dan"},
			{directory.PeopleQuery{Within: everyone, DeptID: sales, Below: true}, "ann ben dan eve"},
			{directory.PeopleQuery{Within: everyone, DeptID: research}, "ben rob"},
			{directory.PeopleQuery{Within: everyone, State: &disabled}, "dan"},
			{directory.PeopleQuery{Within: everyone, State: &active, Text: "shanch"}, "eve"},
			{directory.PeopleQuery{Within: everyone, Text: "dan"}, "dan"},
			{directory.PeopleQuery{Within: everyone, Text: "dan", DeptID: research}, ""},
			{directory.PeopleQuery{Within: only, State: &disabled}, ""},
			{directory.PeopleQuery{Within: only, Text: "rob"}, "rob"},
			{directory.PeopleQuery{Within: only, DeptID: east, Below: true, Text: "rob"}, ""},
			{directory.PeopleQuery{Within: only}, "eve rob"},
			{directory.PeopleQuery{Within: directory.Range{}}, ""},
		} {
			if got := o.listed(t, c.q); got != c.want {
				t.Errorf("%+v: %q, want %q", c.q, got, c.want)
			}
		}
		for id, in := range map[int64]directory.Range{99: everyone, sales: only, directory.RootID: only} {
			_, err := o.ListPeople(t.Context(), o.id, directory.PeopleQuery{Within: in, DeptID: id, Limit: 1})
			wantCode(t, err, fault.CodeDepartmentUnknown)
			_, _, err = o.ListDepartments(t.Context(), o.id, directory.DepartmentQuery{Within: in, ParentID: id, Limit: 1})
			wantCode(t, err, fault.CodeDepartmentUnknown)
		}
	})
}

// Departments are listed level by level in their order, found by their names and how
// those are read, and only inside of a range.
func TestListDepartments(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		a := o.mustDept(t, directory.RootID, "研发中心")
		b := o.mustDept(t, directory.RootID, "Sales")
		c := o.mustDept(t, a, "平台研发部")
		d := o.mustDept(t, a, "应用研发部")
		o.mustDept(t, c, "存储组")
		o.mustUser(t, "one", c)
		o.mustUser(t, "two", d, b)
		first := int64(-1)
		_, err := o.UpdateDepartment(t.Context(), audit.ByOperator(), o.id, d, directory.DepartmentChange{Order: &first})
		must(t, err)
		few := directory.Range{DeptIDs: []int64{b, c, a}}
		for _, one := range []struct {
			q    directory.DepartmentQuery
			want string
		}{
			{directory.DepartmentQuery{Within: everyone}, "Example 2 2"},
			{directory.DepartmentQuery{Within: everyone, ParentID: directory.RootID}, "研发中心 2 2, Sales 1 0"},
			{directory.DepartmentQuery{Within: everyone, ParentID: a}, "研发中心/应用研发部 1 0, 研发中心/平台研发部 1 1"},
			{directory.DepartmentQuery{Within: everyone, ParentID: b}, ""},
			{directory.DepartmentQuery{Within: everyone, Text: "研发"}, "研发中心 2 2, 研发中心/平台研发部 1 1, 研发中心/应用研发部 1 0"},
			{directory.DepartmentQuery{Within: everyone, Text: "yfb"}, "研发中心/平台研发部 1 1, 研发中心/应用研发部 1 0"},
			{directory.DepartmentQuery{Within: everyone, Text: "yanfa", ParentID: a}, "研发中心/平台研发部 1 1, 研发中心/应用研发部 1 0"},
			{directory.DepartmentQuery{Within: everyone, Text: "sAL"}, "Sales 1 0"},
			{directory.DepartmentQuery{Within: few}, "研发中心 2 2, Sales 1 0"},
			{directory.DepartmentQuery{Within: few, Text: "组"}, "研发中心/平台研发部/存储组 0 0"},
			{directory.DepartmentQuery{Within: directory.Range{DeptIDs: []int64{b}}, Text: "yanfa"}, ""},
			{directory.DepartmentQuery{Within: directory.Range{Userids: []string{"one"}}}, ""},
		} {
			if got := o.departments(t, one.q); got != one.want {
				t.Errorf("%+v: %s, want %s", one.q, got, one.want)
			}
		}
	})
}
