package dingtalk

import (
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// The calls of before /topapi answer the same in flat objects with names of their own
// (docs/contract.md#older-contacts).

// olderUser serves /user/get.
func (c *call) olderUser() error {
	who, err := c.askedUser()
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { c.olderWhole(o, who) })
}

func (c *call) olderWhole(o *object, who directory.Contact) {
	o.text("userid", who.Userid)
	o.text("unionid", who.UnionID)
	o.text("name", who.Name)
	c.reachable(o, who)
	o.some("jobnumber", who.JobNumber)
	o.some("position", who.Title)
	o.ints("department", who.DeptIDs)
	o.bool("active", true)
	o.bool("isAdmin", isAdmin(who))
}

// olderUserByMobile serves /user/get_by_mobile.
func (c *call) olderUserByMobile() error {
	who, err := c.askedMobile()
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.text("userid", who.Userid) })
}

// olderUserByUnionID serves /user/getUseridByUnionid.
func (c *call) olderUserByUnionID() error {
	who, err := c.askedUnionID()
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.int("contactType", 0)
		o.text("userid", who.Userid)
	})
}

// olderUsers serves /user/list, and olderUsersSimple /user/simplelist.
func (c *call) olderUsers() error       { return c.olderMembers(c.olderWhole) }
func (c *call) olderUsersSimple() error { return c.olderMembers(simple) }

// allAtOnce is how many people a list has at most that does not say how many it takes.
const allAtOnce = 1000

// olderMembers answers a page that begins at an offset, or everybody where no size says
// how many are taken: then more than allAtOnce are refused rather than cut off.
func (c *call) olderMembers(fill func(*object, directory.Contact)) error {
	q, err := c.askedMembers("department_id", "order")
	if err != nil {
		return err
	}
	if q.Skip, err = c.position("offset"); err != nil {
		return err
	}
	everybody := q.Limit == 0
	if everybody {
		q.Limit = allAtOnce
	}
	page, err := c.Contacts.Members(c.r.Context(), c.viewer(), q)
	if err != nil {
		return err
	}
	if everybody && page.Next > 0 {
		return fault.New(fault.CodePageSize, "the department has %d people: ask for them by offset and size, %d at a time", page.Total, pageSize).
			WithField("size").WithLimit(pageSize, 0)
	}
	return c.ok(func(o *object) {
		o.bool("hasMore", page.Next > 0)
		o.contacts("userlist", page.Contacts, fill)
	})
}

// olderDepartments serves /department/list: all departments below one, or those directly
// below it with fetch_child=false. Without id, where the app's range begins.
func (c *call) olderDepartments() error {
	id, err := c.askedDepartment("id")
	if err != nil {
		return err
	}
	deep := true
	if c.args.has("fetch_child") {
		if deep, err = c.args.flag("fetch_child"); err != nil {
			return err
		}
	}
	all, err := c.Contacts.VisibleDepartments(c.r.Context(), c.viewer(), id, deep)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.departments("department", all, olderDepartment) })
}

// olderDepartment serves /department/get.
func (c *call) olderDepartment() error {
	id, err := c.args.int64("id")
	if err != nil {
		return err
	}
	d, err := c.Contacts.VisibleDepartment(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		olderDepartment(o, d.Department)
		o.int("order", d.Order)
	})
}

func olderDepartment(o *object, d directory.Department) {
	o.int("id", d.ID)
	o.text("name", d.Name)
	if d.ParentID != 0 {
		o.int("parentid", d.ParentID)
	}
	o.bool("createDeptGroup", false)
	o.bool("autoAddUser", false)
}
