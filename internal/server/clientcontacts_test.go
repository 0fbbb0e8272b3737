package server_test

import (
	"slices"
	"testing"

	"github.com/tidings-im/tidings/client"
)

// A program with our client copies departments and people, and finds its departments
// again by what it calls them itself.
func TestClientChangesContacts(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f, _ := n.twins(t)
		n.mustGrant(t, f)
		ctx, a := t.Context(), client.New(n.base, client.Options{}).App(f.agent, client.AppKey{Key: f.key, Secret: f.secret})
		refused := func(what string, err error, code int) {
			t.Helper()
			if !client.IsCode(err, code) {
				t.Errorf("%s: %v, want %d", what, err, code)
			}
		}
		id, err := a.CreateDepartment(ctx, client.NewDepartment{Name: "New", ParentID: 3, Order: 4, SourceIdentifier: "hr-7"})
		must(t, err)
		if d, err := a.Department(ctx, id); err != nil || d != (client.Department{ID: id, Name: "New", ParentID: 3, Order: 4, SourceIdentifier: "hr-7"}) {
			t.Errorf("created: %+v, %v", d, err)
		}
		_, err = a.CreateDepartment(ctx, client.NewDepartment{Name: "New", ParentID: 3})
		refused("the same name", err, 60021)
		must(t, a.UpdateDepartment(ctx, id, client.DepartmentChange{Name: "Newer", ParentID: 2, SourceIdentifier: "hr-8"}))
		must(t, a.UpdateDepartment(ctx, id, client.DepartmentChange{Order: new(int64)}))
		if d, err := a.Department(ctx, id); err != nil || d != (client.Department{ID: id, Name: "Newer", ParentID: 2, SourceIdentifier: "hr-8"}) {
			t.Errorf("changed: %+v, %v", d, err)
		}
		below, err := a.Departments(ctx, 2)
		must(t, err)
		if at := slices.IndexFunc(below, func(d client.Department) bool { return d.SourceIdentifier == "hr-8" }); at < 0 || below[at].ID != id {
			t.Errorf("found again among %+v", below)
		}

		userid, unionID, err := a.CreateUser(ctx, client.NewUser{Name: "Eve", Mobile: "13800000009", DeptIDs: []int64{id, 3}, JobNumber: "9"})
		must(t, err)
		must(t, a.UpdateUser(ctx, userid, client.UserChange{Title: "T", DeptIDs: []int64{id}}))
		u, err := a.User(ctx, userid)
		if err != nil || u.Name != "Eve" || u.UnionID != unionID || u.Mobile != "13800000009" || u.JobNumber != "9" || u.Title != "T" || !slices.Equal(u.DeptIDs, []int64{id}) {
			t.Errorf("%+v, %v", u, err)
		}
		refused("a department with people", a.DeleteDepartment(ctx, id), 60005)
		must(t, a.DeleteUser(ctx, userid))
		refused("deleting twice", a.DeleteUser(ctx, userid), 33012)
		must(t, a.DeleteDepartment(ctx, id))
		_, err = a.Department(ctx, id)
		refused("a department that is gone", err, 60003)
	})
}
