package app_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

func (w *world) mustPerson(t *testing.T, organization int64, userid string, depts ...int64) uint32 {
	t.Helper()
	u, err := w.directory.CreateUser(t.Context(), audit.ByOperator(), organization, directory.NewUser{Userid: userid, Name: userid, DeptIDs: depts})
	must(t, err)
	return u.Ordinal
}

// composes reports whether a node lets somebody send with an app by hand.
func (n *node) composes(t *testing.T, a installed, ordinal uint32) bool {
	t.Helper()
	apps, err := n.Composes(t.Context(), a.Organization, ordinal)
	must(t, err)
	asker := policy.Asker{By: audit.By{Actor: audit.Person(a.Organization, ordinal)}, Roles: policy.RoleSet("employee"), Composes: apps}
	return asker.Verdict(policy.SendsWrite, a.InstalledIn(a.Organization), policy.Case{}) == policy.Granted
}

// Who is named, or works in or below a department that is, may send by hand, at once
// and on every node; whoever has left takes the place with them.
func TestComposers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, by := t.Context(), audit.ByOperator()
		n, other := w.mustNode(t), w.mustNode(t)
		o := w.mustOrganization(t, "Example")
		sales, err := w.directory.CreateDepartment(ctx, by, o.ID, directory.NewDepartment{Name: "Sales"})
		must(t, err)
		east, err := w.directory.CreateDepartment(ctx, by, o.ID, directory.NewDepartment{Name: "East", ParentID: sales.ID})
		must(t, err)
		ann, ben, cat := w.mustPerson(t, o.ID, "ann"), w.mustPerson(t, o.ID, "ben", east.ID), w.mustPerson(t, o.ID, "cat")
		a, another := n.mustApp(t, o.ID, "Notices"), n.mustApp(t, o.ID, "News")
		check := func(what string, want ...bool) {
			t.Helper()
			must(t, other.Confirm(ctx)) // what a hint makes it do
			for _, one := range []*node{n, other} {
				for i, ordinal := range []uint32{ann, ben, cat} {
					if got := one.composes(t, a, ordinal); got != want[i] {
						t.Errorf("%s: person %d may send: %t", what, i, got)
					}
					if one.composes(t, another, ordinal) {
						t.Errorf("%s: person %d may send with the other app", what, i)
					}
				}
			}
		}
		check("nobody is named", false, false, false)
		must(t, n.SetComposers(ctx, by, o.ID, a.agent.ID, app.Composers{DeptIDs: []int64{sales.ID, sales.ID}, Ordinals: []uint32{ann}}))
		check("named", true, true, false)
		_, g, err := n.AppOfAgent(ctx, a.agent.ID)
		if err != nil || len(g.Composers.DeptIDs) != 1 || g.Edition != a.agent.Edition+1 {
			t.Errorf("kept: %+v, %v", g, err)
		}
		must(t, w.directory.DisableUser(ctx, by, o.ID, "ben"))
		must(t, w.directory.DeleteUser(ctx, by, o.ID, "ann"))
		ann = w.mustPerson(t, o.ID, "ann") // somebody else
		check("others came", false, false, false)
		must(t, n.SetComposers(ctx, by, o.ID, a.agent.ID, app.Composers{DeptIDs: []int64{1}}))
		check("the root department", true, false, true)
		must(t, n.SetComposers(ctx, by, o.ID, a.agent.ID, app.Composers{}))
		check("nobody is named again", false, false, false)
		many := make([]int64, 1001)
		for i := range many {
			many[i] = int64(i + 1)
		}
		f := fault.From(n.SetComposers(ctx, by, o.ID, a.agent.ID, app.Composers{DeptIDs: many}))
		if f.Code != fault.CodeParameterInvalid || f.Field != "composers.dept_ids" || f.Limit != 1000 {
			t.Errorf("too many: %+v", f)
		}
		wantCode(t, n.SetComposers(ctx, by, o.ID, 77, app.Composers{}), fault.CodeAgentUnknown)
	})
}
