package dingtalk

import (
	"slices"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// getUser serves user/get (docs/contract.md#people).
func (c *call) getUser() error {
	who, err := c.askedUser()
	if err != nil {
		return err
	}
	return c.withResult(c.whole(who))
}

func (c *call) askedUser() (directory.Contact, error) {
	userid, err := c.args.required("userid")
	if err != nil {
		return directory.Contact{}, err
	}
	return c.Contacts.Contact(c.r.Context(), c.viewer(), userid)
}

// getUserByMobile serves user/getbymobile.
func (c *call) getUserByMobile() error {
	who, err := c.askedMobile()
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) { o.text("userid", who.Userid) })
}

// askedMobile finds somebody by the mobile that is asked for, which an app that may not
// see mobiles cannot.
func (c *call) askedMobile() (directory.Contact, error) {
	if c.caller.ThirdParty {
		return directory.Contact{}, fault.New(fault.CodePermissionDenied, "a third-party app finds nobody by mobile")
	}
	mobile, err := c.args.required("mobile")
	if err != nil {
		return directory.Contact{}, err
	}
	return c.Contacts.ContactByMobile(c.r.Context(), c.viewer(), mobile)
}

// getUserByUnionID serves user/getbyunionid.
func (c *call) getUserByUnionID() error {
	who, err := c.askedUnionID()
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) {
		o.int("contact_type", 0) // an employee
		o.text("userid", who.Userid)
	})
}

func (c *call) askedUnionID() (directory.Contact, error) {
	unionID, err := c.args.required("unionid")
	if err != nil {
		return directory.Contact{}, err
	}
	return c.Contacts.ContactByUnionID(c.r.Context(), c.viewer(), unionID)
}

// listUsers serves user/list, a page of a department's people.
func (c *call) listUsers() error {
	return c.answerMembers(func(o *object, who directory.Contact) { c.whole(who)(o) })
}

// listUsersSimple serves user/listsimple.
func (c *call) listUsersSimple() error { return c.answerMembers(simple) }

func simple(o *object, who directory.Contact) {
	o.text("userid", who.Userid)
	o.text("name", who.Name)
}

func (c *call) answerMembers(fill func(*object, directory.Contact)) error {
	q, err := c.askedMembers("dept_id", "order_field")
	if err != nil {
		return err
	}
	if q.Limit == 0 {
		return missing("size")
	}
	if q.Cursor, err = c.position("cursor"); err != nil {
		return err
	}
	page, err := c.Contacts.Members(c.r.Context(), c.viewer(), q)
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) {
		o.bool("has_more", page.Next > 0)
		if page.Next > 0 {
			o.int("next_cursor", page.Next)
		}
		o.contacts("list", page.Contacts, fill)
	})
}

// pageSize is the most people of a page.
const pageSize = 100

// askedMembers reads what both generations of lists ask: a department, an order, and how
// many, 0 where that is missing.
func (c *call) askedMembers(dept, order string) (q directory.MemberQuery, err error) {
	if q.DeptID, err = c.args.int64(dept); err != nil {
		return q, err
	}
	by, err := c.args.text(order)
	if err != nil {
		return q, err
	}
	switch by {
	case "", "custom", "entry_asc", "modify_asc":
	case "entry_desc", "modify_desc":
		q.Descending = true
	default:
		return q, invalid(order, "is one of entry_asc, entry_desc, modify_asc, modify_desc and custom")
	}
	if !c.args.has("size") {
		return q, nil
	}
	size, err := c.args.int64("size")
	if err == nil && (size < 1 || size > pageSize) {
		err = fault.New(fault.CodePageSize, "size is 1 to %d", pageSize).WithField("size").WithLimit(pageSize, max(size, 0))
	}
	q.Limit = int(size)
	return q, err
}

// position returns where a page begins, 0 if that is missing.
func (c *call) position(name string) (int64, error) {
	if !c.args.has(name) {
		return 0, nil
	}
	at, err := c.args.int64(name)
	if err == nil && at < 0 {
		err = fault.New(fault.CodeCursorInvalid, "%s is 0 or more", name).WithField(name)
	}
	return at, err
}

// listUserids serves user/listid. They may be a million: they are written as they come.
func (c *call) listUserids() error {
	deptID, err := c.args.int64("dept_id")
	if err != nil {
		return err
	}
	userids, err := c.Contacts.MemberUserids(c.r.Context(), c.viewer(), deptID)
	if err != nil {
		return err
	}
	s := c.newStream()
	s.object.name("result")
	s.object.b = append(s.object.b, '{')
	s.users("userid_list", userids)
	s.object.b = append(s.object.b, '}')
	c.endStream(s)
	return nil
}

// countUsers serves user/count.
func (c *call) countUsers() error {
	onlyActive, err := c.args.flag("only_active")
	if err != nil {
		return err
	}
	n, err := c.Contacts.CountContacts(c.r.Context(), c.viewer(), onlyActive)
	if err != nil {
		return err
	}
	return c.withResult(func(o *object) { o.int("count", n) })
}

// listAdmins serves user/listadmin: owners are what the service calls the main
// administrator, administrators its sub-administrators.
func (c *call) listAdmins() error {
	admins, err := c.Contacts.Administrators(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	return c.ok(func(o *object) { o.contacts("result", admins, administrator) })
}

func administrator(o *object, who directory.Contact) {
	o.text("userid", who.Userid)
	o.int("sys_level", sysLevel(who))
}

// whole writes all that an app may know of a person. What is not kept of people is left
// out, and so is what a person has not got.
func (c *call) whole(who directory.Contact) func(*object) {
	return func(o *object) {
		o.text("userid", who.Userid)
		o.text("unionid", who.UnionID)
		o.text("name", who.Name)
		c.reachable(o, who)
		o.some("job_number", who.JobNumber)
		o.some("title", who.Title)
		o.ints("dept_id_list", who.DeptIDs)
		o.bool("active", true)
		o.bool("admin", isAdmin(who))
	}
}

// reachable writes how somebody is reached, which third-party apps are not told.
func (c *call) reachable(o *object, who directory.Contact) {
	if !c.caller.ThirdParty {
		o.some("mobile", who.Mobile)
		o.some("email", who.Email)
	}
}

func isAdmin(who directory.Contact) bool {
	return slices.ContainsFunc(who.Roles, func(role string) bool {
		return role == string(policy.Owner) || role == string(policy.Administrator)
	})
}
