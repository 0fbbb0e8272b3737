package dingtalk

import (
	"context"
	"maps"
	"net/http"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// ContactChanges is how an app changes contacts (docs/contract.md#changing-contacts).
type ContactChanges interface {
	CreateContact(ctx context.Context, by audit.By, v directory.Viewer, n directory.NewUser) (directory.Contact, error)
	UpdateContact(ctx context.Context, by audit.By, v directory.Viewer, userid string, change directory.UserChange) error
	DeleteContact(ctx context.Context, by audit.By, v directory.Viewer, userid string) error
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
		rt := &routes[i]
		rt.methods, rt.maxBody, rt.token, rt.scope = []string{http.MethodPost}, smallBody, true, app.ScopeContactsWrite
	}
	return routes
}

// createUser serves user/create.
func (c *call) createUser() error {
	var n directory.NewUser
	var err error
	if n.Name, err = c.args.required("name"); err != nil {
		return err
	}
	if n.Mobile, err = c.args.required("mobile"); err != nil {
		return err
	}
	if n.DeptIDs, err = c.departments(); err != nil {
		return err
	}
	if len(n.DeptIDs) == 0 {
		return missing("dept_id_list")
	}
	for name, into := range map[string]*string{"userid": &n.Userid, "email": &n.Email, "job_number": &n.JobNumber, "title": &n.Title} {
		if *into, err = c.args.text(name); err != nil {
			return err
		}
	}
	who, err := c.Changes.CreateContact(c.r.Context(), c.caller.By(), c.viewer(), n)
	if err != nil {
		return c.aboutPerson(err)
	}
	return c.withResult(func(o *object) {
		o.text("userid", who.Userid)
		o.text("unionId", who.UnionID) // spelt so here
	})
}

// updateUser serves user/update, which changes what it names.
func (c *call) updateUser() error {
	userid, err := c.args.required("userid")
	if err != nil {
		return err
	}
	var change directory.UserChange
	for name, into := range map[string]**string{
		"name": &change.Name, "mobile": &change.Mobile, "email": &change.Email, "job_number": &change.JobNumber, "title": &change.Title,
	} {
		if *into, err = c.named(name); err != nil {
			return err
		}
	}
	deptIDs, err := c.departments()
	if err != nil {
		return err
	}
	if len(deptIDs) > 0 {
		change.DeptIDs = &deptIDs
	}
	if err := c.Changes.UpdateContact(c.r.Context(), c.caller.By(), c.viewer(), userid, change); err != nil {
		return c.aboutPerson(err)
	}
	return c.ok(func(*object) {})
}

// deleteUser serves user/delete.
func (c *call) deleteUser() error {
	userid, err := c.args.required("userid")
	if err != nil {
		return err
	}
	if err := c.Changes.DeleteContact(c.r.Context(), c.caller.By(), c.viewer(), userid); err != nil {
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

func (c *call) departments() ([]int64, error) {
	ids, err := c.args.numbers("dept_id_list")
	if err == nil && len(ids) > maxDepartments {
		err = fault.New(fault.CodeDeptsTooMany, "dept_id_list names more than %d departments", maxDepartments).
			WithField("dept_id_list").WithLimit(maxDepartments, int64(len(ids)))
	}
	return ids, err
}

// personErrcodes are the errcodes of a person's fields that are wrong.
var personErrcodes = map[string]int{"userid": 33012, "name": 60112, "mobile": 60103, "email": 60105, "job_number": 60123}

// aboutPerson gives a failure the errcode and the name of the parameter it is about.
func (c *call) aboutPerson(err error) error {
	f := fault.From(err)
	if errcode, known := personErrcodes[f.Field]; known && f.Code == fault.CodeParameterInvalid {
		c.codes = maps.Clone(c.codes)
		c.codes[f.Code] = errcode
	}
	if f.Field == "dept_ids" {
		f.Field = "dept_id_list" // what the parameter is called here
	}
	return err
}

// createDepartment serves department/create.
func (c *call) createDepartment() error {
	var n directory.NewDepartment
	var err error
	if n.Name, err = c.args.required("name"); err != nil {
		return err
	}
	if n.ParentID, err = c.args.int64("parent_id"); err != nil {
		return err
	}
	if n.ParentID == 0 {
		return fault.New(fault.CodeDepartmentParent, "parent department 0 is not known").WithField("parent_id")
	}
	order, err := c.number("order")
	if err != nil {
		return err
	}
	if order != nil {
		n.Order = *order
	}
	d, err := c.Changes.CreateContactDepartment(c.r.Context(), c.caller.By(), c.viewer(), n)
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) { o.int("dept_id", d.ID) })
}

// updateDepartment serves department/update, which changes what it names.
func (c *call) updateDepartment() error {
	id, err := c.args.int64("dept_id")
	if err != nil {
		return err
	}
	var change directory.DepartmentChange
	if change.Name, err = c.named("name"); err != nil {
		return err
	}
	if change.ParentID, err = c.number("parent_id"); err != nil {
		return err
	}
	if change.Order, err = c.number("order"); err != nil {
		return err
	}
	if err := c.Changes.UpdateContactDepartment(c.r.Context(), c.caller.By(), c.viewer(), id, change); err != nil {
		return err
	}
	return c.ok(func(*object) {})
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
