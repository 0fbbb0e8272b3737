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

// olderUsers serves /user/list and /user/listbypage, and olderUsersSimple /user/simplelist.
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

// olderUserids serves /user/getDeptMember. They are written as they come, like those of
// user/listid.
func (c *call) olderUserids() error {
	deptID, err := c.args.int64("deptId")
	if err != nil {
		return err
	}
	userids, err := c.Contacts.MemberUserids(c.r.Context(), c.viewer(), deptID)
	if err != nil {
		return err
	}
	s := c.newStream()
	s.users("userIds", userids)
	c.endStream(s)
	return nil
}

// olderCount serves /user/get_org_user_count.
func (c *call) olderCount() error {
	onlyActive, err := c.args.flag("onlyActive")
	if err != nil {
		return err
	}
	n, err := c.Contacts.CountContacts(c.r.Context(), c.viewer(), onlyActive)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.int("count", n) })
}

// olderAdmins serves /user/get_admin.
func (c *call) olderAdmins() error {
	admins, err := c.Contacts.Administrators(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.contacts("admin_list", admins, administrator) })
}

// olderScopes serves /auth/scopes: whom the app sees, and what of them.
func (c *call) olderScopes() error {
	within := c.caller.Range
	depts := within.DeptIDs
	if within.Everyone {
		depts = []int64{directory.RootID}
	}
	told := []string{"userid", "unionid", "name", "jobnumber", "position", "department"}
	if !c.caller.ThirdParty {
		told = append(told, "mobile", "email")
	}
	return c.ok(func(o *object) {
		o.texts("auth_user_field", told)
		o.texts("condition_field", nil) // nobody is shown under a condition
		o.object("auth_org_scopes", func(o *object) {
			o.ints("authed_dept", depts)
			o.texts("authed_user", within.Userids)
		})
	})
}

// olderDepartmentIDs serves /department/list_ids.
func (c *call) olderDepartmentIDs() error {
	all, err := c.askedDepartments("id")
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.ints("sub_dept_id_list", departmentIDs(all)) })
}

// olderParents serves /department/list_parent_depts_by_dept.
func (c *call) olderParents() error {
	id, err := c.args.int64("id")
	if err != nil {
		return err
	}
	ids, err := c.Contacts.Upwards(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.ints("parentIds", ids) })
}

// olderParentsOfUser serves /department/list_parent_depts: a list for each department of
// the person, without names around them.
func (c *call) olderParentsOfUser() error {
	userid, err := c.args.required("userId")
	if err != nil {
		return err
	}
	all, err := c.Contacts.UpwardsOf(c.r.Context(), c.viewer(), userid)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.list("department", len(all), func(i int) { o.numbers(all[i]) })
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
	o.some("sourceIdentifier", d.SourceIdentifier)
	o.bool("createDeptGroup", false)
	o.bool("autoAddUser", false)
}
