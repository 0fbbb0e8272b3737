package dingtalk

import (
	"net/http"

	"github.com/tidings-im/tidings/internal/fault"
)

// The changes of before /topapi have parameters and answers of their own
// (docs/contract.md#older-changes).

// olderContactWrites are the ways to change contacts. What deletes one is asked by GET, as
// DingTalk documents it, and by POST.
func olderContactWrites() []route {
	post, both := []string{http.MethodPost}, []string{http.MethodGet, http.MethodPost}
	routes := []route{
		{
			path: "/user/create", methods: post, serve: (*call).olderCreateUser, done: "created",
			codes: map[fault.Code]int{fault.CodeDeptsTooMany: 60110},
		},
		{
			path: "/user/update", methods: post, serve: (*call).olderUpdateUser, done: "updated",
			codes: map[fault.Code]int{fault.CodeDeptsTooMany: 60110},
		},
		{
			path: "/user/delete", methods: both, serve: (*call).deleteUser, done: "deleted",
			codes: map[fault.Code]int{fault.CodeUserUnknown: 33012},
		},
		{
			path: "/user/batchdelete", methods: post, serve: (*call).olderDeleteUsers, done: "deleted",
			codes: map[fault.Code]int{fault.CodeUserUnknown: 33012},
		},
		{path: "/department/create", methods: post, serve: (*call).olderCreateDepartment, done: "created"},
		{path: "/department/update", methods: post, serve: (*call).olderUpdateDepartment, done: "updated"},
		{
			path: "/department/delete", methods: both, serve: (*call).olderDeleteDepartment, done: "deleted",
			codes: map[fault.Code]int{fault.CodeDepartmentRoot: 60007},
		},
	}
	for i := range routes {
		routes[i].style = bare
		routes[i].writesContacts()
	}
	return routes
}

var olderNames = parameterNames{
	"dept_ids": "department", "job_number": "jobnumber", "title": "position", "dept_id": "id", "parent_id": "parentid",
	"source_identifier": "sourceIdentifier",
}

// olderCreateUser serves /user/create.
func (c *call) olderCreateUser() error {
	n, err := c.askedNewUser("department", "jobnumber", "position")
	if err != nil {
		return err
	}
	who, err := c.Changes.CreateContact(c.r.Context(), c.caller.By(), c.viewer(), n)
	if err != nil {
		return c.aboutPerson(err, olderNames)
	}
	return c.ok(func(o *object) { created(o, who) })
}

// olderUpdateUser serves /user/update.
func (c *call) olderUpdateUser() error {
	userid, change, err := c.askedUserChange("department", "jobnumber", "position")
	if err != nil {
		return err
	}
	if err := c.Changes.UpdateContact(c.r.Context(), c.caller.By(), c.viewer(), userid, change); err != nil {
		return c.aboutPerson(err, olderNames)
	}
	return c.ok(func(*object) {})
}

// maxDeleted is how many people one call deletes.
const maxDeleted = 20

// olderDeleteUsers serves /user/batchdelete, which deletes all of them or none.
func (c *call) olderDeleteUsers() error {
	const name = "useridlist"
	userids, err := c.args.list(name)
	switch {
	case err != nil:
		return err
	case len(userids) == 0:
		return missing(name)
	case len(userids) > maxDeleted:
		return fault.New(fault.CodeUseridsTooMany, "%s names more than %d people", name, maxDeleted).
			WithField(name).WithLimit(maxDeleted, int64(len(userids)))
	}
	err = c.Changes.DeleteContacts(c.r.Context(), c.caller.By(), c.viewer(), userids...)
	if err != nil {
		return parameterNames{"userid": name}.renamed(err)
	}
	return c.ok(func(*object) {})
}

// olderCreateDepartment serves /department/create.
func (c *call) olderCreateDepartment() error {
	n, err := c.askedNewDepartment("parentid", "sourceIdentifier")
	if err != nil {
		return err
	}
	d, err := c.Changes.CreateContactDepartment(c.r.Context(), c.caller.By(), c.viewer(), n)
	if err != nil {
		return olderNames.renamed(err)
	}
	return c.ok(func(o *object) { o.int("id", d.ID) })
}

// olderUpdateDepartment serves /department/update.
func (c *call) olderUpdateDepartment() error {
	id, change, err := c.askedDepartmentChange("id", "parentid", "sourceIdentifier")
	if err != nil {
		return err
	}
	if err := c.Changes.UpdateContactDepartment(c.r.Context(), c.caller.By(), c.viewer(), id, change); err != nil {
		return olderNames.renamed(err)
	}
	return c.ok(func(o *object) { o.int("id", id) })
}

// olderDeleteDepartment serves /department/delete.
func (c *call) olderDeleteDepartment() error {
	id, err := c.args.int64("id")
	if err != nil {
		return err
	}
	if err := c.Changes.DeleteContactDepartment(c.r.Context(), c.caller.By(), c.viewer(), id); err != nil {
		return olderNames.renamed(err)
	}
	return c.ok(func(*object) {})
}
