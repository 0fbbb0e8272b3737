package directory_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// company is a small organization: sales(ann, ben) with sales/east(eve), and
// research(rob). ben is in research too, dan disabled in sales.
func company(t *testing.T, o org) (sales, east, research int64) {
	t.Helper()
	sales, research = o.mustDept(t, 1, "sales"), o.mustDept(t, 1, "research")
	east = o.mustDept(t, sales, "east")
	o.mustUser(t, "ann", sales)
	o.mustUser(t, "ben", sales, research)
	o.mustUser(t, "dan", sales)
	o.mustUser(t, "eve", east)
	o.mustUser(t, "rob", research)
	o.mustUser(t, "sam")
	must(t, o.DisableUser(context.Background(), audit.ByOperator(), o.id, "dan"))
	return sales, east, research
}

func TestAudiences(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		sales, east, research := company(t, o)
		all := []string{"ann", "ben", "eve", "rob", "sam"}
		for _, c := range []struct {
			name                  string
			a                     directory.Audience
			r                     directory.Range
			recipients, out, dept []string
			invalid               []string
			invalidDepts          []int64
			everyone              bool
		}{
			{name: "nobody", r: everyone},
			{
				name: "users once, unknown in order", r: everyone,
				a:          directory.Audience{Userids: []string{"zoe", "ann", "dan", "ann", "zoe", "ANN"}},
				recipients: []string{"ann"}, invalid: []string{"zoe", "dan", "ANN"},
			},
			{
				name: "a department and all below", r: everyone,
				a: directory.Audience{DeptIDs: []int64{sales}}, recipients: []string{"ann", "ben", "eve"},
			},
			{
				name: "overlapping departments and users", r: everyone,
				a:          directory.Audience{Userids: []string{"ben", "sam"}, DeptIDs: []int64{research, 77, sales, east, 77}},
				recipients: all, invalidDepts: []int64{77},
			},
			{name: "everyone", a: directory.Audience{Everyone: true}, r: everyone, recipients: all, everyone: true},
			{name: "the root is everyone", a: directory.Audience{DeptIDs: []int64{1}}, r: everyone, recipients: all, everyone: true},
			{
				name: "everyone with lists", r: everyone,
				a:          directory.Audience{Everyone: true, Userids: []string{"zoe", "ann"}, DeptIDs: []int64{9, sales}},
				recipients: all, invalid: []string{"zoe"}, invalidDepts: []int64{9}, everyone: true,
			},
			{
				name: "outside the range", r: directory.Range{DeptIDs: []int64{sales}},
				a:          directory.Audience{Userids: []string{"sam", "ann"}, DeptIDs: []int64{research}},
				recipients: []string{"ann", "ben"}, out: []string{"sam"}, dept: []string{"rob"},
			},
			{
				name: "named both ways, outside", r: directory.Range{Userids: []string{"ann", "dan", "zoe"}},
				a:   directory.Audience{Userids: []string{"rob"}, DeptIDs: []int64{research}},
				out: []string{"rob"}, dept: []string{"ben"},
			},
			{
				name: "everyone is everyone in range", r: directory.Range{DeptIDs: []int64{research, 88}, Userids: []string{"eve"}},
				a: directory.Audience{DeptIDs: []int64{1}}, recipients: []string{"ben", "eve", "rob"}, everyone: true,
			},
			{
				name: "everyone, and somebody by name", r: directory.Range{DeptIDs: []int64{east}},
				a:          directory.Audience{Everyone: true, Userids: []string{"ann"}},
				recipients: []string{"eve"}, out: []string{"ann"}, everyone: true,
			},
			{
				name: "a range of the root is everyone", r: directory.Range{DeptIDs: []int64{1}},
				a: directory.Audience{Userids: []string{"sam"}}, recipients: []string{"sam"},
			},
			{
				name: "an empty range reaches nobody",
				a:    directory.Audience{Everyone: true, DeptIDs: []int64{east}}, dept: []string{"eve"}, everyone: true,
			},
		} {
			got := o.mustResolve(t, c.a, c.r)
			wantNames(t, c.name+": recipients", o.names(got.Recipients), c.recipients...)
			wantNames(t, c.name+": outside as user", o.names(got.OutsideUser), c.out...)
			wantNames(t, c.name+": outside by department", o.names(got.OutsideDept), c.dept...)
			wantNames(t, c.name+": invalid", got.InvalidUserids, c.invalid...)
			if !slices.Equal(got.InvalidDeptIDs, c.invalidDepts) || got.Everyone != c.everyone {
				t.Errorf("%s: invalid departments %v, everyone %v", c.name, got.InvalidDeptIDs, got.Everyone)
			}
		}
	})
}

func TestSetsBelongToTheCaller(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		sales, _, _ := company(t, o)
		audiences := []directory.Audience{{Everyone: true}, {DeptIDs: []int64{sales}}, {Userids: []string{"ann"}}}
		ranges := []directory.Range{everyone, {DeptIDs: []int64{sales}}}
		for range 2 {
			for _, a := range audiences {
				for _, r := range ranges {
					got := o.mustResolve(t, a, r)
					if got.Recipients.IsEmpty() {
						t.Fatalf("%+v in %+v reaches nobody any more", a, r)
					}
					got.Recipients.Clear()
					got.OutsideUser.AddRange(0, 100)
					got.OutsideDept.AddRange(0, 100)
				}
			}
		}
		kept := o.mustResolve(t, directory.Audience{DeptIDs: []int64{sales}}, everyone)
		before := kept.Recipients.ToArray()
		must(t, o.DeleteUser(context.Background(), audit.ByOperator(), o.id, "ann"))
		o.mustUser(t, "new", sales)
		if !slices.Equal(before, kept.Recipients.ToArray()) {
			t.Error("a set changed in the caller's hands")
		}
	})
}
