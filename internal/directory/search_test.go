package directory_test

import (
	"context"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// people are the userids that a search finds, in the order of ordinals.
func (o org) people(t *testing.T, text string) []string {
	t.Helper()
	found, err := o.FindPeople(t.Context(), o.id, text)
	must(t, err)
	return slices.Collect(o.Userids(o.id, found))
}

// People are found by a part of the name, the userid or the job number, as they are
// now: after changes on this node and on others, and never once they are erased.
func TestPeopleAreSearched(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		ctx := context.Background()
		company(t, o)
		for _, n := range []directory.NewUser{
			{Userid: "w1", Name: "Wang Wei", JobNumber: "J-100"}, {Userid: "w2", Name: "王伟", JobNumber: "J-101"},
		} {
			n.DeptIDs = []int64{directory.RootID}
			_, err := o.CreateUser(ctx, audit.ByOperator(), o.id, n)
			must(t, err)
		}
		find := func(text string, want ...string) { t.Helper(); wantNames(t, text, o.people(t, text), want...) }
		find("wEI", "w1", "w2")
		find("王", "w2")
		find("wangw", "w1", "w2")
		find("WW", "w2")
		find("j-10", "w1", "w2")
		find("an", "ann", "dan", "w1") // dan is disabled
		find("w1w2")
		find("")
		find("\x00")
		name := "Li Wei"
		_, err := o.UpdateUser(ctx, audit.ByOperator(), o.id, "w2", directory.UserChange{Name: &name})
		must(t, err)
		find("wei", "w1", "w2")
		find("王")
		find("ww")
		elsewhere := directory.New(directory.Deps{Store: o.store(), Now: noon})
		_, err = elsewhere.CreateUser(ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: "w3", Name: "Wei Wei", DeptIDs: []int64{directory.RootID}})
		must(t, err)
		find("wei", "w1", "w2", "w3")
		must(t, o.DeleteUser(ctx, audit.ByOperator(), o.id, "w1"))
		find("wei", "w1", "w2", "w3")
		must(t, o.Erase(ctx, o.id, mustOrdinals(t, o, "wei")[0]))
		find("wei", "w2", "w3")
		find("erased")
		name = "单于重"
		_, err = o.UpdateUser(ctx, audit.ByOperator(), o.id, "w3", directory.UserChange{Name: &name})
		must(t, err)
		find("chanyu", "w3")
		find("danyu")
	})
}

func mustOrdinals(t *testing.T, o org, text string) []uint32 {
	t.Helper()
	found, err := o.FindPeople(t.Context(), o.id, text)
	must(t, err)
	return found.ToArray()
}

// A set is narrowed to a department, departed people by where they were last.
func TestWithinADepartment(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		sales, east, _ := company(t, o) // dan is disabled
		o.mustUser(t, "gone", east)
		must(t, o.DeleteUser(t.Context(), audit.ByOperator(), o.id, "gone"))
		all := roaring.New()
		all.AddRange(0, 1000)
		within, err := o.Within(t.Context(), o.id, sales, all)
		must(t, err)
		got := slices.Sorted(o.Userids(o.id, within))
		wantNames(t, "within", got, "ann", "ben", "dan", "eve", "gone")
		_, err = o.Within(t.Context(), o.id, 99, all)
		wantCode(t, err, fault.CodeDepartmentUnknown)
		paths, err := o.Paths(t.Context(), o.id, []int64{directory.RootID, sales, east, 99})
		must(t, err)
		if len(paths) != 3 || paths[directory.RootID] != "Example" || paths[sales] != "sales" || paths[east] != "sales/east" {
			t.Errorf("paths: %v", paths)
		}
	})
}
