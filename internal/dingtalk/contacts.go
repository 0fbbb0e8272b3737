package dingtalk

import (
	"context"
	"iter"
	"net/http"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// Contacts is who is who in an organization, as an app sees it
// (docs/contract.md#contacts).
type Contacts interface {
	Contact(ctx context.Context, v directory.Viewer, userid string) (directory.Contact, error)
	ContactByMobile(ctx context.Context, v directory.Viewer, mobile string) (directory.Contact, error)
	ContactByUnionID(ctx context.Context, v directory.Viewer, unionID string) (directory.Contact, error)
	Members(ctx context.Context, v directory.Viewer, q directory.MemberQuery) (directory.MemberPage, error)
	MemberUserids(ctx context.Context, v directory.Viewer, deptID int64) (iter.Seq[string], error)
	CountContacts(ctx context.Context, v directory.Viewer, onlyActive bool) (int64, error)
	Administrators(ctx context.Context, v directory.Viewer) ([]directory.Contact, error)
	VisibleDepartment(ctx context.Context, v directory.Viewer, id int64) (directory.DepartmentPlace, error)
	VisibleDepartments(ctx context.Context, v directory.Viewer, id int64, deep bool) ([]directory.Department, error)
	Upwards(ctx context.Context, v directory.Viewer, id int64) ([]int64, error)
	UpwardsOf(ctx context.Context, v directory.Viewer, userid string) ([][]int64, error)
}

// contactReads are the ways to look contacts up. Scripts and libraries ask two of them
// by GET too, as DingTalk answers that.
func contactReads() []route {
	const user, department = "/topapi/v2/user/", "/topapi/v2/department/"
	get, post := []string{http.MethodGet, http.MethodPost}, []string{http.MethodPost}
	routes := []route{
		{path: user + "get", methods: get, serve: (*call).getUser},
		{path: user + "getbymobile", methods: get, serve: (*call).getUserByMobile, codes: map[fault.Code]int{fault.CodeMobileInvalid: 40104}},
		{path: "/topapi/user/getbyunionid", methods: post, serve: (*call).getUserByUnionID},
		{path: user + "list", methods: post, serve: (*call).listUsers},
		{path: "/topapi/user/listsimple", methods: post, serve: (*call).listUsersSimple},
		{path: "/topapi/user/listid", methods: post, serve: (*call).listUserids},
		{path: "/topapi/user/count", methods: post, serve: (*call).countUsers},
		{path: "/topapi/user/listadmin", methods: post, serve: (*call).listAdmins},
		{path: department + "get", methods: post, serve: (*call).getDepartment},
		{path: department + "listsub", methods: post, serve: (*call).listDepartments},
		{path: department + "listsubid", methods: post, serve: (*call).listDepartmentIDs},
		{path: department + "listparentbydept", methods: post, serve: (*call).listParents},
		{path: department + "listparentbyuser", methods: post, serve: (*call).listParentsOfUser, codes: map[fault.Code]int{fault.CodeUserUnknown: 33012}},
	}
	for i := range routes {
		routes[i].readsContacts()
	}
	return routes
}

// olderContactReads are the same in the flat answers of before /topapi.
func olderContactReads() []route {
	get := []string{http.MethodGet, http.MethodPost}
	routes := []route{
		{path: "/user/get", serve: (*call).olderUser},
		{path: "/user/simplelist", serve: (*call).olderUsersSimple},
		{path: "/user/list", serve: (*call).olderUsers},
		{path: "/user/listbypage", serve: (*call).olderUsers},
		{path: "/user/getDeptMember", serve: (*call).olderUserids},
		{path: "/user/get_by_mobile", serve: (*call).olderUserByMobile, codes: map[fault.Code]int{fault.CodeMobileInvalid: 40104}},
		{path: "/user/getUseridByUnionid", serve: (*call).olderUserByUnionID},
		{path: "/user/get_org_user_count", serve: (*call).olderCount},
		{path: "/user/get_admin", serve: (*call).olderAdmins},
		{path: "/auth/scopes", serve: (*call).olderScopes},
		{path: "/department/list", serve: (*call).olderDepartments},
		{path: "/department/list_ids", serve: (*call).olderDepartmentIDs},
		{path: "/department/get", serve: (*call).olderDepartment},
		{path: "/department/list_parent_depts", serve: (*call).olderParentsOfUser, codes: map[fault.Code]int{fault.CodeUserUnknown: 33012}},
		{path: "/department/list_parent_depts_by_dept", serve: (*call).olderParents},
	}
	for i := range routes {
		routes[i].methods, routes[i].style = get, bare
		routes[i].readsContacts()
	}
	return routes
}

// readsContacts is what all of them are.
func (rt *route) readsContacts() {
	rt.maxBody, rt.token, rt.scope = smallBody, true, app.ScopeContacts
}

// viewer is the calling app as the directory knows it.
func (c *call) viewer() directory.Viewer {
	return directory.Viewer{Organization: c.caller.Organization, Within: c.caller.Range, Provider: c.caller.Provider}
}

// withResult answers a call that went well with one result.
func (c *call) withResult(fill func(*object)) error {
	return c.ok(func(o *object) { o.object("result", fill) })
}
