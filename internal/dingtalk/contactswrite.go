package dingtalk

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// ContactChanges is how an app changes contacts (docs/contract.md#changing-contacts).
type ContactChanges interface {
	CreateContact(ctx context.Context, by audit.By, v directory.Viewer, n directory.NewUser) (directory.Contact, error)
	UpdateContact(ctx context.Context, by audit.By, v directory.Viewer, userid string, change directory.UserChange) error
	DeleteContacts(ctx context.Context, by audit.By, v directory.Viewer, userids ...string) error
	CreateContactDepartment(ctx context.Context, by audit.By, v directory.Viewer, n directory.NewDepartment) (directory.Department, error)
	UpdateContactDepartment(ctx context.Context, by audit.By, v directory.Viewer, id int64, change directory.DepartmentChange) error
	DeleteContactDepartment(ctx context.Context, by audit.By, v directory.Viewer, id int64) error
}

// contactWrites are the ways to change contacts.
func contactWrites() []route {
	const user, department = "/topapi/v2/user/", "/topapi/v2/department/"
	routes := []route{
		{path: user + "create", serve: (*call).createUser, codes: map[fault.Code]int{fault.CodeDeptsTooMany: 60110}},
		{path: user + "update", serve: (*call).updateUser, codes: map[fault.Code]int{fault.CodeDeptsTooMany: 60110}},
		{path: user + "delete", serve: (*call).deleteUser, codes: map[fault.Code]int{fault.CodeUserUnknown: 33012}},
		{path: department + "create", serve: (*call).createDepartment},
		{path: department + "update", serve: (*call).updateDepartment},
		{path: department + "delete", serve: (*call).deleteDepartment, codes: map[fault.Code]int{fault.CodeDepartmentRoot: 60007}},
	}
	for i := range routes {
		routes[i].methods = []string{http.MethodPost}
		routes[i].writesContacts()
	}
	return routes
}

// writesContacts is what all of them are.
func (rt *route) writesContacts() {
	rt.maxBody, rt.token, rt.scope = smallBody, true, app.ScopeContactsWrite
}

// createUser serves user/create.
func (c *call) createUser() error {
	n, err := c.askedNewUser("dept_id_list", "job_number", "title")
	if err != nil {
		return err
	}
	who, err := c.Changes.CreateContact(c.r.Context(), c.caller.By(), c.viewer(), n)
	if err != nil {
		return c.aboutPerson(err, newerNames)
	}
	return c.withResult(func(o *object) { created(o, who) })
}

// created is what both generations answer of somebody new.
func created(o *object, who directory.Contact) {
	o.text("userid", who.Userid)
	o.text("unionId", who.UnionID) // spelt so here
}

// askedNewUser reads what both generations say of somebody new, some of it under names of
// their own.
func (c *call) askedNewUser(departments, jobNumber, title string) (n directory.NewUser, err error) {
	if n.Name, err = c.args.required("name"); err != nil {
		return n, err
	}
	if n.Mobile, err = c.args.required("mobile"); err != nil {
		return n, err
	}
	if n.DeptIDs, err = c.departments(departments); err != nil {
		return n, err
	}
	if len(n.DeptIDs) == 0 {
		return n, missing(departments)
	}
	for name, into := range map[string]*string{"userid": &n.Userid, "email": &n.Email} {
		if *into, err = c.args.text(name); err != nil {
			return n, err
		}
	}
	if n.JobNumber, err = c.args.text(jobNumber); err != nil {
		return n, err
	}
	n.Title, err = c.args.text(title)
	return n, err
}

// updateUser serves user/update, which changes what it names.
func (c *call) updateUser() error {
	userid, change, err := c.askedUserChange("dept_id_list", "job_number", "title")
	if err != nil {
		return err
	}
	if err := c.Changes.UpdateContact(c.r.Context(), c.caller.By(), c.viewer(), userid, change); err != nil {
		return c.aboutPerson(err, newerNames)
	}
	return c.ok(func(*object) {})
}

// askedUserChange reads what both generations say of somebody who changes.
func (c *call) askedUserChange(departments, jobNumber, title string) (userid string, change directory.UserChange, err error) {
	if userid, err = c.args.required("userid"); err != nil {
		return "", change, err
	}
	for name, into := range map[string]**string{"name": &change.Name, "mobile": &change.Mobile, "email": &change.Email} {
		if *into, err = c.named(name); err != nil {
			return "", change, err
		}
	}
	if change.JobNumber, err = c.named(jobNumber); err != nil {
		return "", change, err
	}
	if change.Title, err = c.named(title); err != nil {
		return "", change, err
	}
	deptIDs, err := c.departments(departments)
	if len(deptIDs) > 0 {
		change.DeptIDs = &deptIDs
	}
	return userid, change, err
}

// deleteUser serves user/delete of both generations.
func (c *call) deleteUser() error {
	userid, err := c.args.required("userid")
	if err != nil {
		return err
	}
	if err := c.Changes.DeleteContacts(c.r.Context(), c.caller.By(), c.viewer(), userid); err != nil {
		return err
	}
	return c.ok(func(*object) {})
}

// named returns a text that is there, nil for one that is not.
func (c *call) named(name string) (*string, error) {
	text, err := c.args.text(name)
	if err != nil || text == "" {
		return nil, err
	}
	return &text, nil
}

// maxDepartments is how many departments a person may be put into by one call.
const maxDepartments = 100

func (c *call) departments(name string) ([]int64, error) {
	ids, err := c.args.numbers(name)
	if err == nil && len(ids) > maxDepartments {
		err = fault.New(fault.CodeDeptsTooMany, "%s names more than %d departments", name, maxDepartments).
			WithField(name).WithLimit(maxDepartments, int64(len(ids)))
	}
	return ids, err
}

// parameterNames are what the parameters of a generation are called that the directory
// calls otherwise.
type parameterNames map[string]string

var newerNames = parameterNames{"dept_ids": "dept_id_list"}

// renamed names a failure by the parameter that it is about. The fault may be others' too,
// so it is copied.
func (n parameterNames) renamed(err error) error {
	f := *fault.From(err)
	name, other := n[f.Field]
	if !other {
		return err
	}
	if rest, begins := strings.CutPrefix(f.Text, f.Field+" "); begins {
		f.Text = name + " " + rest
	}
	f.Field = name
	return &f
}

// personErrcodes are the errcodes of a person's fields that are wrong.
var personErrcodes = map[string]int{"userid": 33012, "name": 60112, "mobile": 60103, "email": 60105, "job_number": 60123}

// aboutPerson gives a failure the errcode and the name of the parameter it is about.
func (c *call) aboutPerson(err error, names parameterNames) error {
	f := fault.From(err)
	if errcode, known := personErrcodes[f.Field]; known && f.Code == fault.CodeParameterInvalid {
		c.codes = maps.Clone(c.codes)
		c.codes[f.Code] = errcode
	}
	return names.renamed(err)
}

// createDepartment serves department/create.
func (c *call) createDepartment() error {
	n, err := c.askedNewDepartment("parent_id", "source_identifier")
	if err != nil {
		return err
	}
	d, err := c.Changes.CreateContactDepartment(c.r.Context(), c.caller.By(), c.viewer(), n)
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) { o.int("dept_id", d.ID) })
}

// askedNewDepartment reads what both generations say of a new department.
func (c *call) askedNewDepartment(parent, source string) (n directory.NewDepartment, err error) {
	if n.Name, err = c.args.required("name"); err != nil {
		return n, err
	}
	if n.ParentID, err = c.args.int64(parent); err != nil {
		return n, err
	}
	if n.ParentID == 0 {
		return n, fault.New(fault.CodeDepartmentParent, "parent department 0 is not known").WithField(parent)
	}
	if n.SourceIdentifier, err = c.args.text(source); err != nil {
		return n, err
	}
	order, err := c.number("order")
	if order != nil {
		n.Order = *order
	}
	return n, err
}

// updateDepartment serves department/update, which changes what it names.
func (c *call) updateDepartment() error {
	id, change, err := c.askedDepartmentChange("dept_id", "parent_id", "source_identifier")
	if err != nil {
		return err
	}
	if err := c.Changes.UpdateContactDepartment(c.r.Context(), c.caller.By(), c.viewer(), id, change); err != nil {
		return err
	}
	return c.ok(func(*object) {})
}

// askedDepartmentChange reads what both generations say of a department that changes.
func (c *call) askedDepartmentChange(dept, parent, source string) (id int64, change directory.DepartmentChange, err error) {
	if id, err = c.args.int64(dept); err != nil {
		return 0, change, err
	}
	if change.Name, err = c.named("name"); err != nil {
		return 0, change, err
	}
	if change.ParentID, err = c.number(parent); err != nil {
		return 0, change, err
	}
	if change.SourceIdentifier, err = c.named(source); err != nil {
		return 0, change, err
	}
	change.Order, err = c.number("order")
	return id, change, err
}

// deleteDepartment serves department/delete.
func (c *call) deleteDepartment() error {
	id, err := c.args.int64("dept_id")
	if err != nil {
		return err
	}
	if err := c.Changes.DeleteContactDepartment(c.r.Context(), c.caller.By(), c.viewer(), id); err != nil {
		return err
	}
	return c.ok(func(*object) {})
}

// number returns a whole number that is there, nil for one that is not.
func (c *call) number(name string) (*int64, error) {
	if !c.args.has(name) {
		return nil, nil
	}
	n, err := c.args.int64(name)
	return &n, err
}
