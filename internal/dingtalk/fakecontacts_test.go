package dingtalk_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// ask remembers what contacts were asked for.
func (f *rooms) ask(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, fmt.Sprintf(format, args...))
	return f.err
}

// somebody is the one person of the fakes.
func somebody() directory.Contact {
	return directory.Contact{UnionID: "union-1", User: directory.User{
		Userid: "u1", Name: "王\"伟", Mobile: "13800000000", Email: "u1@example.com", JobNumber: "007", Title: "Engineer",
		DeptIDs: []int64{1, 5}, Roles: []string{"administrator"},
	}}
}

func (f *rooms) Contact(_ context.Context, _ directory.Viewer, userid string) (directory.Contact, error) {
	return somebody(), f.ask("userid %s", userid)
}

func (f *rooms) ContactByMobile(_ context.Context, _ directory.Viewer, mobile string) (directory.Contact, error) {
	return somebody(), f.ask("mobile %s", mobile)
}

func (f *rooms) ContactByUnionID(_ context.Context, _ directory.Viewer, unionID string) (directory.Contact, error) {
	return somebody(), f.ask("unionid %s", unionID)
}

func (f *rooms) Members(_ context.Context, _ directory.Viewer, q directory.MemberQuery) (directory.MemberPage, error) {
	return f.members, f.ask("members %+v", q)
}

func (f *rooms) MemberUserids(_ context.Context, _ directory.Viewer, deptID int64) (iter.Seq[string], error) {
	return slices.Values([]string{"u1", "u2"}), f.ask("userids %d", deptID)
}

func (f *rooms) CountContacts(_ context.Context, _ directory.Viewer, onlyActive bool) (int64, error) {
	return 3, f.ask("count %t", onlyActive)
}

func (f *rooms) Administrators(context.Context, directory.Viewer) ([]directory.Contact, error) {
	owner := somebody()
	owner.Userid, owner.Roles = "u0", []string{"administrator", "owner"}
	return []directory.Contact{owner, somebody()}, f.ask("administrators")
}

// someDepartments are the root, one below it, and one of which no more may be known.
func someDepartments() []directory.Department {
	return []directory.Department{{ID: 5, ParentID: 1, Name: "A & B", Order: 7, SourceIdentifier: "src-5"}, {ID: 1, Name: "Corp"}}
}

func (f *rooms) VisibleDepartment(_ context.Context, _ directory.Viewer, id int64) (directory.DepartmentPlace, error) {
	return directory.DepartmentPlace{Department: someDepartments()[0], All: 12}, f.ask("department %d", id)
}

func (f *rooms) VisibleDepartments(_ context.Context, _ directory.Viewer, id int64, deep bool) ([]directory.Department, error) {
	return someDepartments(), f.ask("departments %d %t", id, deep)
}

func (f *rooms) Upwards(_ context.Context, _ directory.Viewer, id int64) ([]int64, error) {
	return []int64{id, 1}, f.ask("upwards %d", id)
}

func (f *rooms) UpwardsOf(_ context.Context, _ directory.Viewer, userid string) ([][]int64, error) {
	return [][]int64{{5, 1}, {1}}, f.ask("upwards of %s", userid)
}

// by is what an app of the fakes asks for.
func by(who audit.By, v directory.Viewer) string {
	return fmt.Sprintf("%s for %d: ", who.Actor, v.Organization)
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func whole[T any](n *T) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

func (f *rooms) CreateContact(_ context.Context, who audit.By, v directory.Viewer, n directory.NewUser) (directory.Contact, error) {
	return somebody(), f.ask("%screate %+v", by(who, v), n)
}

func (f *rooms) UpdateContact(_ context.Context, who audit.By, v directory.Viewer, userid string, c directory.UserChange) error {
	return f.ask("%supdate %s: %s %s %s %s %s %s", by(who, v), userid, text(c.Name), whole(c.DeptIDs), text(c.Mobile), text(c.Email), text(c.JobNumber), text(c.Title))
}

func (f *rooms) DeleteContacts(_ context.Context, who audit.By, v directory.Viewer, userids ...string) error {
	return f.ask("%sdelete %s", by(who, v), strings.Join(userids, " "))
}

func (f *rooms) CreateContactDepartment(_ context.Context, who audit.By, v directory.Viewer, n directory.NewDepartment) (directory.Department, error) {
	return someDepartments()[0], f.ask("%screate %+v", by(who, v), n)
}

func (f *rooms) UpdateContactDepartment(_ context.Context, who audit.By, v directory.Viewer, id int64, c directory.DepartmentChange) error {
	return f.ask("%supdate %d: %s %s %s %s", by(who, v), id, text(c.Name), whole(c.ParentID), whole(c.Order), text(c.SourceIdentifier))
}

func (f *rooms) DeleteContactDepartment(_ context.Context, who audit.By, v directory.Viewer, id int64) error {
	return f.ask("%sdelete department %d", by(who, v), id)
}
