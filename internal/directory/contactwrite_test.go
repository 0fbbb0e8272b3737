package directory_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// byApp is an app of the organization.
func (o org) byApp() audit.By { return audit.By{Actor: audit.App(o.id, 5)} }

func (o org) mustContact(tb testing.TB, v directory.Viewer, userid, mobile string, depts ...int64) directory.Contact {
	tb.Helper()
	c, err := o.CreateContact(tb.Context(), o.byApp(), v, directory.NewUser{Userid: userid, Name: "N " + userid, Mobile: mobile, DeptIDs: depts})
	must(tb, err)
	return c
}

// Nobody is entered or changed by an app with a mobile that somebody else has, however it
// is written, also if that one is disabled; and nobody without one.
func TestMobilesOfContactsAreTheirOwn(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		v, by := o.viewer(everyone), o.byApp()
		a := o.mustContact(t, v, "a", "+86 138-0000-0001", directory.RootID)
		if a.UnionID == "" || a.Userid != "a" {
			t.Errorf("%+v", a)
		}
		o.mustContact(t, v, "b", "13800000002", directory.RootID)
		must(t, o.DisableUser(t.Context(), by, o.id, "a"))
		for mobile, want := range map[string]fault.Code{
			"13800000001": fault.CodeMobileExists, "008613800000001": fault.CodeMobileExists, "12": fault.CodeMobileInvalid, "": fault.CodeMobileInvalid,
		} {
			_, err := o.CreateContact(t.Context(), by, v, directory.NewUser{Userid: "c", Name: "C", Mobile: mobile, DeptIDs: []int64{directory.RootID}})
			wantCode(t, err, want)
			wantCode(t, o.UpdateContact(t.Context(), by, v, "b", directory.UserChange{Mobile: &mobile}), want)
		}
		o.mustContact(t, v, "c", "13800000003", directory.RootID)
		same, title := "13800000002", "Manager"
		must(t, o.UpdateContact(t.Context(), by, v, "b", directory.UserChange{Mobile: &same, Title: &title}))
		must(t, o.UpdateContact(t.Context(), by, v, "a", directory.UserChange{Title: &title})) // disabled
		must(t, o.DeleteContacts(t.Context(), by, v, "a"))
		o.mustContact(t, v, "d", "13800000001", directory.RootID)
		wantCode(t, o.DeleteContacts(t.Context(), by, v, "a"), fault.CodeUserUnknown)
		_, err := o.CreateContact(t.Context(), by, v, directory.NewUser{Userid: "b", Name: "B", Mobile: "13800000009"})
		wantCode(t, err, fault.CodeUserExists)
		_, err = o.CreateContact(t.Context(), by, v, directory.NewUser{Userid: "e", Name: "E", Mobile: "13800000009", DeptIDs: []int64{99}})
		wantCode(t, err, fault.CodeDepartmentUnknown)
		one, two := o.mustContact(t, v, "", "13800000010", directory.RootID), o.mustContact(t, v, "", "13800000011", directory.RootID)
		if one.Userid == two.Userid || len(one.Userid) != 16 {
			t.Errorf("userids %q, %q", one.Userid, two.Userid)
		}
	})
}

// An app changes nothing outside of its range, moves nobody there, and leaves the
// departments outside that somebody is in.
func TestChangesOfContactsStayInTheRange(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		sales, hidden := o.mustDept(t, directory.RootID, "Sales"), o.mustDept(t, directory.RootID, "Hidden")
		east, west := o.mustDept(t, sales, "East"), o.mustDept(t, sales, "West")
		o.mustMobile(t, "both", "13800000001", hidden, east)
		o.mustMobile(t, "out", "13800000002", hidden)
		v, by := o.viewer(directory.Range{DeptIDs: []int64{sales}}), o.byApp()
		title := "Manager"
		for _, c := range []struct {
			err  error
			want fault.Code
		}{
			{o.UpdateContact(t.Context(), by, v, "out", directory.UserChange{Title: &title}), fault.CodeUserOutside},
			{o.UpdateContact(t.Context(), by, v, "nobody", directory.UserChange{Title: &title}), fault.CodeUserUnknown},
			{o.UpdateContact(t.Context(), by, v, "both", directory.UserChange{DeptIDs: &[]int64{hidden}}), fault.CodeDepartmentOutside},
			{o.UpdateContact(t.Context(), by, v, "both", directory.UserChange{DeptIDs: &[]int64{99}}), fault.CodeDepartmentUnknown},
			{o.DeleteContacts(t.Context(), by, v, "out"), fault.CodeUserOutside},
			{o.DeleteContacts(t.Context(), by, v, "both"), fault.CodeUserOutside},
			{o.UpdateContactDepartment(t.Context(), by, v, hidden, directory.DepartmentChange{Name: &title}), fault.CodeDepartmentOutside},
			{o.UpdateContactDepartment(t.Context(), by, v, east, directory.DepartmentChange{ParentID: &hidden}), fault.CodeDepartmentOutside},
			{o.DeleteContactDepartment(t.Context(), by, v, hidden), fault.CodeDepartmentOutside},
			{o.DeleteContactDepartment(t.Context(), by, v, directory.RootID), fault.CodeDepartmentRoot},
			{o.DeleteContactDepartment(t.Context(), by, v, east), fault.CodeDepartmentHasUsers},
		} {
			wantCode(t, c.err, c.want)
		}
		for parent, want := range map[int64]fault.Code{hidden: fault.CodeDepartmentOutside, directory.RootID: fault.CodeDepartmentOutside, 99: fault.CodeDepartmentParent} {
			_, err := o.CreateContactDepartment(t.Context(), by, v, directory.NewDepartment{ParentID: parent, Name: "New"})
			wantCode(t, err, want)
		}
		_, err := o.CreateContact(t.Context(), by, v, directory.NewUser{Name: "N", Mobile: "13800000003", DeptIDs: []int64{east, hidden}})
		wantCode(t, err, fault.CodeDepartmentOutside)
		must(t, o.UpdateContact(t.Context(), by, v, "both", directory.UserChange{DeptIDs: &[]int64{west}}))
		if u, err := o.User(t.Context(), o.id, "both"); err != nil || !slices.Equal(u.DeptIDs, []int64{hidden, west}) {
			t.Errorf("departments %v (%v)", u.DeptIDs, err)
		}
		d, err := o.CreateContactDepartment(t.Context(), by, v, directory.NewDepartment{ParentID: east, Name: "Team"})
		must(t, err)
		must(t, o.UpdateContactDepartment(t.Context(), by, v, d.ID, directory.DepartmentChange{ParentID: &west}))
		must(t, o.UpdateContactDepartment(t.Context(), by, v, sales, directory.DepartmentChange{Name: &title}))
		must(t, o.DeleteContactDepartment(t.Context(), by, v, d.ID))
		o.mustContact(t, v, "in", "13800000003", west)
		must(t, o.DeleteContacts(t.Context(), by, v, "in"))
	})
}

// Whoever has a role stays, until somebody takes it away.
func TestWhoHasARoleIsNotDeletedByAnApp(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		v, by := o.viewer(everyone), o.byApp()
		for i, role := range policy.AllRoles() {
			userid := fmt.Sprint("u", i)
			o.mustContact(t, v, userid, fmt.Sprint("1380000000", i), directory.RootID)
			_, err := o.UpdateUser(t.Context(), by, o.id, userid, directory.UserChange{Roles: &[]string{string(role)}})
			must(t, err)
			err = o.DeleteContacts(t.Context(), by, v, userid)
			if role == policy.Employee {
				must(t, err)
				continue
			}
			wantCode(t, err, fault.CodeUserHoldsRole)
			_, err = o.UpdateUser(t.Context(), by, o.id, userid, directory.UserChange{Roles: &[]string{}})
			must(t, err)
			must(t, o.DeleteContacts(t.Context(), by, v, userid))
		}
	})
}

// Several people are deleted together, or none of them.
func TestContactsAreDeletedTogether(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		sales := o.mustDept(t, directory.RootID, "Sales")
		v, by := o.viewer(directory.Range{DeptIDs: []int64{sales}}), o.byApp()
		for i, userid := range []string{"a", "b", "boss"} {
			o.mustContact(t, v, userid, fmt.Sprint("1380000000", i), sales)
		}
		o.mustMobile(t, "out", "13800000009", directory.RootID)
		_, err := o.UpdateUser(t.Context(), by, o.id, "boss", directory.UserChange{Roles: &[]string{string(policy.Owner)}})
		must(t, err)
		before := o.log(t, o.id, 1)
		for last, want := range map[string]fault.Code{"nobody": fault.CodeUserUnknown, "out": fault.CodeUserOutside, "boss": fault.CodeUserHoldsRole} {
			wantCode(t, o.DeleteContacts(t.Context(), by, v, "a", "b", last), want)
		}
		if after := o.log(t, o.id, 1); !slices.Equal(before, after) {
			t.Errorf("what was refused is in the log: %q", after[len(before):])
		}
		for _, userid := range []string{"a", "b"} {
			if _, err := o.User(t.Context(), o.id, userid); err != nil {
				t.Errorf("%s: %v", userid, err)
			}
		}
		must(t, o.DeleteContacts(t.Context(), by, v, "a", "b"))
		for _, userid := range []string{"a", "b"} {
			_, err := o.User(t.Context(), o.id, userid)
			wantCode(t, err, fault.CodeUserUnknown)
		}
	})
}

// Every change is in the audit log, in the app's name; one that changes nothing or is
// refused is not.
func TestChangesOfContactsAreAudited(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		v, by := o.viewer(everyone), o.byApp()
		team, title := "Team", "Manager"
		d, err := o.CreateContactDepartment(t.Context(), by, v, directory.NewDepartment{Name: team})
		must(t, err)
		o.mustContact(t, v, "a", "13800000001", d.ID)
		for range 2 {
			must(t, o.UpdateContact(t.Context(), by, v, "a", directory.UserChange{Title: &title}))
			must(t, o.UpdateContactDepartment(t.Context(), by, v, d.ID, directory.DepartmentChange{Name: &title}))
		}
		wantCode(t, o.DeleteContactDepartment(t.Context(), by, v, d.ID), fault.CodeDepartmentHasUsers)
		must(t, o.DeleteContacts(t.Context(), by, v, "a"))
		must(t, o.DeleteContactDepartment(t.Context(), by, v, d.ID))
		app := fmt.Sprintf(" by app:%d/5", o.id)
		want := []string{
			"department.create dept:2: parent 1" + app, "person.create person:0: departments 2; roles employee" + app,
			"person.save person:0: changed title" + app, "department.save dept:2: changed name" + app, "person.delete person:0: " + app, "department.delete dept:2: " + app,
		}
		if got := o.log(t, o.id, 1); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}
