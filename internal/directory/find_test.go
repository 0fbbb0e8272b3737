package directory_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

func TestPeopleAreFound(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		sales, east, research := company(t, o) // dan is disabled
		o.mustUser(t, "gone", east)
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "gone"))
		_, err := o.UpdateUser(ctx, audit.ByOperator(), o.id, "eve", directory.UserChange{Roles: &[]string{"reviewer"}})
		must(t, err)
		everybody := []directory.State{directory.Active, directory.Disabled, directory.Deleted}
		for _, c := range []struct {
			name string
			f    directory.UserFilter
			want []string
		}{
			{"active", directory.UserFilter{}, []string{"ann", "ben", "eve", "rob", "sam"}},
			{"disabled", directory.UserFilter{States: []directory.State{directory.Disabled}}, []string{"dan"}},
			{"deleted", directory.UserFilter{States: []directory.State{directory.Deleted}}, []string{"gone"}},
			{"all", directory.UserFilter{States: everybody}, []string{"ann", "ben", "dan", "eve", "gone", "rob", "sam"}},
			{"below a department", directory.UserFilter{DeptID: sales}, []string{"ann", "ben", "eve"}},
			{"below it, whatever became of them", directory.UserFilter{DeptID: sales, States: everybody}, []string{"ann", "ben", "dan", "eve", "gone"}},
			{"in a leaf", directory.UserFilter{DeptID: research}, []string{"ben", "rob"}},
			{"the root", directory.UserFilter{DeptID: directory.RootID}, []string{"ann", "ben", "eve", "rob", "sam"}},
			{"role", directory.UserFilter{Role: "reviewer"}, []string{"eve"}},
			{"text", directory.UserFilter{Text: "AN", States: everybody}, []string{"ann", "dan"}},
			{"nobody", directory.UserFilter{Text: "zoe"}, nil},
		} {
			var got []string
			must(t, o.EachUser(ctx, o.id, c.f, 0, func(u directory.User) bool {
				got = append(got, u.Userid)
				return true
			}))
			slices.Sort(got)
			wantNames(t, c.name, got, c.want...)
		}
		wantCode(t, o.EachUser(ctx, o.id, directory.UserFilter{DeptID: 99}, 0, nil), fault.CodeDepartmentUnknown)
		wantCode(t, o.EachUser(ctx, o.id, directory.UserFilter{Role: "king"}, 0, nil), fault.CodeParameterInvalid)
		var first directory.User
		must(t, o.EachUser(ctx, o.id, directory.UserFilter{}, 1, func(u directory.User) bool { first = u; return false }))
		if first.Userid != "ben" || first.State() != directory.Active {
			t.Errorf("from 1: %+v", first)
		}
	})
}

func TestDepartmentsAreFound(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		sales, east, research := company(t, o)
		other := o.mustDept(t, research, "east")
		number := o.mustDept(t, research, fmt.Sprint(sales))
		for text, want := range map[string]int64{
			fmt.Sprint(east): east, "sales": sales, "sales/east": east, "/research/east/": other, "Example": directory.RootID, "1": 1,
			fmt.Sprint(sales): sales, fmt.Sprint("research/", sales): number,
		} {
			d, err := o.FindDepartment(ctx, o.id, text)
			if err != nil || d.ID != want {
				t.Errorf("%s: %d, %v; want %d", text, d.ID, err, want)
			}
		}
		_, err := o.FindDepartment(ctx, o.id, "east")
		wantCode(t, err, fault.CodeConflict)
		for _, text := range []string{"", "west", "sales/west", "99"} {
			_, err = o.FindDepartment(ctx, o.id, text)
			wantCode(t, err, fault.CodeDepartmentUnknown)
		}
		d, err := o.FindDepartment(ctx, o.id, "sales")
		must(t, err)
		if d.Direct != 2 || d.All != 3 || d.Disabled != 1 || d.Children != 1 || d.Path != "sales" {
			t.Errorf("%+v", d)
		}
	})
}
