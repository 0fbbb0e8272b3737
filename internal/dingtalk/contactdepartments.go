package dingtalk

import (
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// getDepartment serves department/get (docs/contract.md#departments).
func (c *call) getDepartment() error {
	id, err := c.args.int64("dept_id")
	if err != nil {
		return err
	}
	d, err := c.Contacts.VisibleDepartment(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) {
		department(o, d.Department)
		o.int("order", d.Order)
		o.int("member_count", int64(d.All))
	})
}

// department writes what every answer has of one. What is above it stands where the app
// may see that.
func department(o *object, d directory.Department) {
	o.int("dept_id", d.ID)
	o.text("name", d.Name)
	if d.ParentID != 0 {
		o.int("parent_id", d.ParentID)
	}
	o.some("source_identifier", d.SourceIdentifier)
	o.bool("create_dept_group", false) // there are no groups
	o.bool("auto_add_user", false)
}

// listDepartments serves department/listsub.
func (c *call) listDepartments() error {
	all, err := c.askedDepartments("dept_id")
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.departments("result", all, department) })
}

// listDepartmentIDs serves department/listsubid.
func (c *call) listDepartmentIDs() error {
	all, err := c.askedDepartments("dept_id")
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) { o.ints("dept_id_list", departmentIDs(all)) })
}

func departmentIDs(all []directory.Department) []int64 {
	ids := make([]int64, len(all))
	for i, d := range all {
		ids[i] = d.ID
	}
	return ids
}

// askedDepartments are those one level below the one that is asked for; without one,
// below the root, or those where the app's range begins.
func (c *call) askedDepartments(name string) ([]directory.Department, error) {
	id, err := c.askedDepartment(name)
	if err != nil {
		return nil, err
	}
	return c.Contacts.VisibleDepartments(c.r.Context(), c.viewer(), id, false)
}

// askedDepartment returns a department's id, 0 if none is asked for.
func (c *call) askedDepartment(name string) (int64, error) {
	if !c.args.has(name) {
		return 0, nil
	}
	id, err := c.args.int64(name)
	if err == nil && id == 0 {
		err = fault.New(fault.CodeDepartmentUnknown, "department 0 is not known").WithField(name)
	}
	return id, err
}

// listParents serves department/listparentbydept.
func (c *call) listParents() error {
	id, err := c.args.int64("dept_id")
	if err != nil {
		return err
	}
	ids, err := c.Contacts.Upwards(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) { o.ints("parent_id_list", ids) })
}

// listParentsOfUser serves department/listparentbyuser.
func (c *call) listParentsOfUser() error {
	userid, err := c.args.required("userid")
	if err != nil {
		return err
	}
	all, err := c.Contacts.UpwardsOf(c.r.Context(), c.viewer(), userid)
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) {
		o.list("parent_list", len(all), func(i int) {
			o.element(func(o *object) { o.ints("parent_dept_id_list", all[i]) })
		})
	})
}
