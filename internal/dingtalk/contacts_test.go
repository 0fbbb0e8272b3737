package dingtalk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// lookup is a call of the contacts, by a form, with what it asks the directory and what
// it answers.
type lookup struct{ path, form, asks, answer string }

const (
	ofSomebody = `"userid":"u1","unionid":"union-1","name":"王\"伟","mobile":"13800000000","email":"u1@example.com","job_number":"007","title":"Engineer",` +
		`"dept_id_list":[1,5],"active":true,"admin":true`
	olderSomebody = `"userid":"u1","unionid":"union-1","name":"王\"伟","mobile":"13800000000","email":"u1@example.com","jobnumber":"007","position":"Engineer",` +
		`"department":[1,5],"active":true,"isAdmin":true`
	twoDepartments = `[{"dept_id":5,"name":"A & B","parent_id":1,"source_identifier":"src-5","create_dept_group":false,"auto_add_user":false},` +
		`{"dept_id":1,"name":"Corp","create_dept_group":false,"auto_add_user":false}]`
	olderDepartments = `[{"id":5,"name":"A & B","parentid":1,"sourceIdentifier":"src-5","createDeptGroup":false,"autoAddUser":false},` +
		`{"id":1,"name":"Corp","createDeptGroup":false,"autoAddUser":false}]`
)

var lookups = []lookup{
	{"/topapi/v2/user/get", "userid=u1&language=zh_CN", "userid u1", `"result":{` + ofSomebody + `}`},
	{"/topapi/v2/user/getbymobile", "mobile=13800000000", "mobile 13800000000", `"result":{"userid":"u1"}`},
	{"/topapi/user/getbyunionid", "unionid=union-1", "unionid union-1", `"result":{"contact_type":0,"userid":"u1"}`},
	{
		"/topapi/v2/user/list", "dept_id=5&cursor=3&size=2&order_field=entry_desc",
		"members {DeptID:5 Descending:true Cursor:3 Skip:0 Limit:2}", `"result":{"has_more":true,"next_cursor":9,"list":[{` + ofSomebody + `}]}`,
	},
	{
		"/topapi/user/listsimple", "dept_id=5&cursor=0&size=100&order_field=custom",
		"members {DeptID:5 Descending:false Cursor:0 Skip:0 Limit:100}", `"result":{"has_more":true,"next_cursor":9,"list":[{"userid":"u1","name":"王\"伟"}]}`,
	},
	{"/topapi/user/listid", "dept_id=5", "userids 5", `"result":{"userid_list":["u1","u2"]}`},
	{"/topapi/user/count", "only_active=true", "count true", `"result":{"count":3}`},
	{"/topapi/user/count", "", "count false", `"result":{"count":3}`},
	{"/topapi/user/listadmin", "", "administrators", `"result":[{"userid":"u0","sys_level":1},{"userid":"u1","sys_level":2}]`},
	{
		"/topapi/v2/department/get", "dept_id=5", "department 5",
		`"result":{"dept_id":5,"name":"A & B","parent_id":1,"source_identifier":"src-5","create_dept_group":false,"auto_add_user":false,"order":7,"member_count":12}`,
	},
	{"/topapi/v2/department/listsub", "dept_id=1", "departments 1 false", `"result":` + twoDepartments},
	{"/topapi/v2/department/listsub", "", "departments 0 false", `"result":` + twoDepartments},
	{"/topapi/v2/department/listsubid", "dept_id=1", "departments 1 false", `"result":{"dept_id_list":[5,1]}`},
	{"/topapi/v2/department/listparentbydept", "dept_id=5", "upwards 5", `"result":{"parent_id_list":[5,1]}`},
	{
		"/topapi/v2/department/listparentbyuser", "userid=u1", "upwards of u1",
		`"result":{"parent_list":[{"parent_dept_id_list":[5,1]},{"parent_dept_id_list":[1]}]}`,
	},
	{"/user/get", "userid=u1", "userid u1", olderSomebody},
	{"/user/get_by_mobile", "mobile=13800000000", "mobile 13800000000", `"userid":"u1"`},
	{"/user/getUseridByUnionid", "unionid=union-1", "unionid union-1", `"contactType":0,"userid":"u1"`},
	{
		"/user/list", "department_id=5&offset=200&size=100&order=entry_asc",
		"members {DeptID:5 Descending:false Cursor:0 Skip:200 Limit:100}", `"hasMore":true,"userlist":[{` + olderSomebody + `}]`,
	},
	{
		"/user/simplelist", "department_id=5&offset=0&size=1",
		"members {DeptID:5 Descending:false Cursor:0 Skip:0 Limit:1}", `"hasMore":true,"userlist":[{"userid":"u1","name":"王\"伟"}]`,
	},
	{
		"/user/listbypage", "department_id=5&offset=0&size=100",
		"members {DeptID:5 Descending:false Cursor:0 Skip:0 Limit:100}", `"hasMore":true,"userlist":[{` + olderSomebody + `}]`,
	},
	{"/user/getDeptMember", "deptId=5", "userids 5", `"userIds":["u1","u2"]`},
	{"/user/get_org_user_count", "onlyActive=1", "count true", `"count":3`},
	{"/user/get_admin", "", "administrators", `"admin_list":[{"userid":"u0","sys_level":1},{"userid":"u1","sys_level":2}]`},
	{
		"/auth/scopes", "", "", `"auth_user_field":["userid","unionid","name","jobnumber","position","department","mobile","email"],"condition_field":[],` +
			`"auth_org_scopes":{"authed_dept":[5],"authed_user":["u1"]}`,
	},
	{"/department/list_ids", "id=1", "departments 1 false", `"sub_dept_id_list":[5,1]`},
	{"/department/list_parent_depts_by_dept", "id=5", "upwards 5", `"parentIds":[5,1]`},
	{"/department/list_parent_depts", "userId=u1", "upwards of u1", `"department":[[5,1],[1]]`},
	{"/department/list", "", "departments 0 true", `"department":` + olderDepartments},
	{"/department/list", "id=5&fetch_child=false", "departments 5 false", `"department":` + olderDepartments},
	{"/department/get", "id=5", "department 5", `"id":5,"name":"A & B","parentid":1,"sourceIdentifier":"src-5","createDeptGroup":false,"autoAddUser":false,"order":7`},
}

// changes are the calls that change contacts.
var changes = []lookup{
	{
		"/topapi/v2/user/create", "name=N&mobile=13800000000&dept_id_list=1,5,5&userid=u1&email=e&job_number=7&title=t&hide_mobile=true",
		"app:9/3 for 7: create {Userid:u1 Name:N DeptIDs:[1 5] Mobile:13800000000 Email:e JobNumber:7 Title:t Roles:[]}", `"result":{"userid":"u1","unionId":"union-1"}`,
	},
	{"/topapi/v2/user/update", "userid=u1&title=t&dept_id_list=5&name=", "app:9/3 for 7: update u1: - [5] - - - t", ""},
	{"/topapi/v2/user/update", "userid=u1&name=N&mobile=1&email=e&job_number=7", "app:9/3 for 7: update u1: N - 1 e 7 -", ""},
	{"/topapi/v2/user/delete", "userid=u1", "app:9/3 for 7: delete u1", ""},
	{"/topapi/v2/department/create", "name=N&parent_id=1&order=3&source_identifier=s-1", "app:9/3 for 7: create {ID:0 ParentID:1 Name:N Order:3 SourceIdentifier:s-1}", `"result":{"dept_id":5}`},
	{"/topapi/v2/department/update", "dept_id=5&order=0&language=zh_CN", "app:9/3 for 7: update 5: - - 0 -", ""},
	{"/topapi/v2/department/update", "dept_id=5&name=N&parent_id=2&source_identifier=s-1", "app:9/3 for 7: update 5: N 2 - s-1", ""},
	{"/topapi/v2/department/delete", "dept_id=5", "app:9/3 for 7: delete department 5", ""},
	{
		"/user/create", "name=N&mobile=13800000000&department=[1,5,5]&userid=u1&email=e&jobnumber=7&position=t&tel=9&orderInDepts={1:10}",
		"app:9/3 for 7: create {Userid:u1 Name:N DeptIDs:[1 5] Mobile:13800000000 Email:e JobNumber:7 Title:t Roles:[]}", `"userid":"u1","unionId":"union-1"`,
	},
	{"/user/update", "userid=u1&position=t&department=5&name=", "app:9/3 for 7: update u1: - [5] - - - t", ""},
	{"/user/update", "userid=u1&name=N&mobile=1&email=e&jobnumber=7", "app:9/3 for 7: update u1: N - 1 e 7 -", ""},
	{"/user/delete", "userid=u1", "app:9/3 for 7: delete u1", ""},
	{"/user/batchdelete", "useridlist=u1,u2,u1", "app:9/3 for 7: delete u1 u2", ""},
	{"/department/create", "name=N&parentid=1&order=3&createDeptGroup=true", "app:9/3 for 7: create {ID:0 ParentID:1 Name:N Order:3 SourceIdentifier:}", `"id":5`},
	{"/department/update", "id=5&order=0&lang=zh_CN&sourceIdentifier=s-1", "app:9/3 for 7: update 5: - - 0 s-1", `"id":5`},
	{"/department/update", "id=5&name=N&parentid=2", "app:9/3 for 7: update 5: N 2 - -", `"id":5`},
	{"/department/delete", "id=5", "app:9/3 for 7: delete department 5", ""},
}

// said is the errmsg of a call that goes well.
func said(path string) string {
	if strings.HasPrefix(path, "/topapi/") {
		return "ok"
	}
	for verb, done := range map[string]string{"create": "created", "update": "updated", "delete": "deleted"} {
		if strings.HasSuffix(path, verb) {
			return done
		}
	}
	return "ok"
}

// byGet reports the calls of the contacts that scripts and older libraries make by GET.
func byGet(path string) bool {
	if slices.Contains([]string{"/user/create", "/user/update", "/user/batchdelete", "/department/create", "/department/update"}, path) {
		return false
	}
	return path == "/topapi/v2/user/get" || path == "/topapi/v2/user/getbymobile" ||
		path == "/auth/scopes" || strings.HasPrefix(path, "/user/") || strings.HasPrefix(path, "/department/")
}

// Each call asks and answers the same in every carrier; some also by GET.
func TestContactsInEveryCarrier(t *testing.T) {
	t.Parallel()
	for _, l := range slices.Concat(lookups, changes) {
		token := "?access_token=" + goodToken
		carriers := map[string]request{
			"JSON":      {target: l.path + token, contentType: jsonType, body: asJSON(l.form)},
			"a form":    {target: l.path, contentType: formType, body: "access_token=" + goodToken + "&" + l.form},
			"the query": {target: l.path + token + "&" + l.form},
			"GET":       {method: "GET", target: l.path + token + "&" + l.form},
		}
		for carrier, r := range carriers {
			f := newRooms()
			f.members = directory.MemberPage{Contacts: []directory.Contact{somebody()}, Next: 9}
			f.caller.Provider, f.caller.Range = 9, directory.Range{DeptIDs: []int64{5}, Userids: []string{"u1"}}
			h, _ := handler(f)
			w := do(h, r)
			if carrier == "GET" && !byGet(l.path) {
				if a := mustAnswer(t, w); *a.Errcode != 43002 || len(f.asked) > 0 {
					t.Errorf("%s by GET: %s", l.path, w.Body)
				}
				continue
			}
			want := strings.Replace(`{"errcode":0,"errmsg":"`+said(l.path)+`",`+l.answer+`,"request_id":"R"}`, ",,", ",", 1)
			if got := shape(w); got != want || strings.Join(f.asked, "; ") != l.asks {
				t.Errorf("%s in %s asked %q\ngot  %s\nwant %s", l.path, carrier, f.asked, got, want)
			}
		}
	}
}

// asJSON writes a form as a JSON object of texts.
func asJSON(form string) string {
	var members []string
	for pair := range strings.SplitSeq(form, "&") {
		if name, text, ok := strings.Cut(pair, "="); ok {
			members = append(members, fmt.Sprintf("%q:%q", name, text))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// The last page has no cursor, and an empty list is one.
func TestTheLastPageOfMembers(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/topapi/v2/user/list?dept_id=1&size=5":    `"result":{"has_more":false,"list":[]}`,
		"/topapi/user/listsimple?dept_id=1&size=5": `"result":{"has_more":false,"list":[]}`,
		"/user/simplelist?department_id=1":         `"hasMore":false,"userlist":[]`,
	} {
		h, _ := handler(newRooms())
		w := do(h, request{target: path + "&access_token=" + goodToken})
		if got := shape(w); got != `{"errcode":0,"errmsg":"ok",`+want+`,"request_id":"R"}` {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// Third-party apps are told neither mobiles nor mail addresses, and find nobody by one.
func TestThirdPartyAppsSeeNoMobiles(t *testing.T) {
	t.Parallel()
	for _, l := range lookups {
		f := newRooms()
		f.caller = app.Caller{ThirdParty: true, Provider: 9, Range: directory.Range{DeptIDs: []int64{5}}}
		f.members = directory.MemberPage{Contacts: []directory.Contact{somebody()}}
		h, _ := handler(f)
		w := do(h, request{target: l.path + "?access_token=" + goodToken, contentType: formType, body: l.form})
		a := mustAnswer(t, w)
		if strings.Contains(w.Body.String(), "13800000000") || strings.Contains(w.Body.String(), "example.com") {
			t.Errorf("%s tells: %s", l.path, w.Body)
		}
		switch {
		case !strings.Contains(l.form, "mobile"):
			if *a.Errcode != 0 {
				t.Errorf("%s: %s", l.path, w.Body)
			}
		case *a.Errcode != 60011 && a.SubCode != "60011", len(f.asked) > 0:
			t.Errorf("%s: %s, asked %v", l.path, w.Body, f.asked)
		}
	}
}

// A parameter that is missing, or no such thing as is asked for, is named.
func TestContactsRefuseWhatTheyCannotRead(t *testing.T) {
	t.Parallel()
	var hundredAndOne string
	for i := range 101 {
		hundredAndOne += fmt.Sprint(i+1, ",")
	}
	for target, want := range map[string]string{
		"/topapi/v2/user/get":                                                  "40035 缺少参数 userid",
		"/topapi/v2/user/get?userid=":                                          "40035 缺少参数 userid",
		"/topapi/v2/user/getbymobile":                                          "40035 缺少参数 mobile",
		"/topapi/user/getbyunionid":                                            "40035 缺少参数 unionid",
		"/topapi/v2/user/list?size=1":                                          "40035 缺少参数 dept_id",
		"/topapi/v2/user/list?dept_id=x&size=1":                                "40035 不合法的参数 dept_id",
		"/topapi/v2/user/list?dept_id=1":                                       "40035 缺少参数 size",
		"/topapi/v2/user/list?dept_id=1&size=0":                                "40069 不合法的分页大小 size，上限 100",
		"/topapi/v2/user/list?dept_id=1&size=-9223372036854775808":             "40069 不合法的分页大小 size，上限 100",
		"/topapi/v2/user/list?dept_id=1&size=101":                              "40069 不合法的分页大小 size，上限 100，实际 101",
		"/topapi/v2/user/list?dept_id=1&size=1&cursor=-1":                      "40068 不合法的偏移量 cursor",
		"/topapi/v2/user/list?dept_id=1&size=1&cursor=x":                       "40035 不合法的参数 cursor",
		"/topapi/v2/user/list?dept_id=1&size=1&order_field=age":                "40035 不合法的参数 order_field",
		"/topapi/user/listsimple?dept_id=1&size=101":                           "40069 不合法的分页大小 size，上限 100，实际 101",
		"/topapi/user/listid":                                                  "40035 缺少参数 dept_id",
		"/topapi/user/count?only_active=2":                                     "40035 不合法的参数 only_active",
		"/topapi/v2/department/get":                                            "40035 缺少参数 dept_id",
		"/topapi/v2/department/listsub?dept_id=0":                              "60003 部门不存在 dept_id",
		"/topapi/v2/department/listsubid?dept_id=1.5":                          "40035 不合法的参数 dept_id",
		"/topapi/v2/department/listparentbydept":                               "40035 缺少参数 dept_id",
		"/topapi/v2/department/listparentbyuser":                               "40035 缺少参数 userid",
		"/user/get":                                                            "40035 缺少参数 userid",
		"/user/list?department_id=1&offset=-1":                                 "40068 不合法的偏移量 offset",
		"/user/simplelist?offset=1":                                            "40035 缺少参数 department_id",
		"/user/getDeptMember":                                                  "40035 缺少参数 deptId",
		"/user/get_org_user_count?onlyActive=2":                                "40035 不合法的参数 onlyActive",
		"/department/list_ids?id=0":                                            "60003 部门不存在 id",
		"/department/list_parent_depts":                                        "40035 缺少参数 userId",
		"/department/list_parent_depts_by_dept":                                "40035 缺少参数 id",
		"/department/list?fetch_child=maybe":                                   "40035 不合法的参数 fetch_child",
		"/department/get":                                                      "40035 缺少参数 id",
		"/topapi/v2/user/get?userid=a&userid=b":                                "40035 不合法的参数 userid",
		"/topapi/v2/department/get?dept_id=1&dept_id=2":                        "40035 不合法的参数 dept_id",
		"/topapi/v2/user/create?mobile=1&dept_id_list=1":                       "40035 缺少参数 name",
		"/topapi/v2/user/create?name=n&dept_id_list=1":                         "40035 缺少参数 mobile",
		"/topapi/v2/user/create?name=n&mobile=1":                               "40035 缺少参数 dept_id_list",
		"/topapi/v2/user/create?name=n&mobile=1&dept_id_list=x":                "40035 不合法的参数 dept_id_list",
		"/topapi/v2/user/create?name=n&mobile=1&dept_id_list=" + hundredAndOne: "60110 部门数量超过上限 dept_id_list，上限 100，实际 101",
		"/topapi/v2/user/update?name=n":                                        "40035 缺少参数 userid",
		"/topapi/v2/user/update?userid=u&dept_id_list=" + hundredAndOne:        "60110 部门数量超过上限 dept_id_list，上限 100，实际 101",
		"/topapi/v2/user/delete":                                               "40035 缺少参数 userid",
		"/topapi/v2/department/create?parent_id=1":                             "40035 缺少参数 name",
		"/topapi/v2/department/create?name=n":                                  "40035 缺少参数 parent_id",
		"/topapi/v2/department/create?name=n&parent_id=0":                      "60004 父部门不存在 parent_id",
		"/topapi/v2/department/create?name=n&parent_id=1&order=x":              "40035 不合法的参数 order",
		"/topapi/v2/department/update?name=n":                                  "40035 缺少参数 dept_id",
		"/topapi/v2/department/update?dept_id=2&parent_id=x":                   "40035 不合法的参数 parent_id",
		"/topapi/v2/department/delete":                                         "40035 缺少参数 dept_id",
		"/topapi/v2/user/list?dept_id=1&size=1&cursor=9223372036854775808":     "40035 不合法的参数 cursor",
		"/user/create?mobile=1&department=1":                                   "40035 缺少参数 name",
		"/user/create?name=n&department=1":                                     "40035 缺少参数 mobile",
		"/user/create?name=n&mobile=1&dept_id_list=1":                          "40035 缺少参数 department",
		"/user/create?name=n&mobile=1&department={}":                           "40035 不合法的参数 department",
		"/user/create?name=n&mobile=1&department=" + hundredAndOne:             "60110 部门数量超过上限 department，上限 100，实际 101",
		"/user/update?name=n":                                                  "40035 缺少参数 userid",
		"/user/update?userid=u&department=" + hundredAndOne:                    "60110 部门数量超过上限 department，上限 100，实际 101",
		"/user/delete":                                  "40035 缺少参数 userid",
		"/user/batchdelete":                             "40035 缺少参数 useridlist",
		"/user/batchdelete?useridlist=,,":               "40035 缺少参数 useridlist",
		"/user/batchdelete?useridlist=" + hundredAndOne: "40032 不合法的userid列表长度 useridlist，上限 20，实际 101",
		"/department/create?parentid=1":                 "40035 缺少参数 name",
		"/department/create?name=n&parent_id=1":         "40035 缺少参数 parentid",
		"/department/create?name=n&parentid=0":          "60004 父部门不存在 parentid",
		"/department/create?name=n&parentid=1&order=x":  "40035 不合法的参数 order",
		"/department/update?name=n":                     "40035 缺少参数 id",
		"/department/update?id=2&parentid=x":            "40035 不合法的参数 parentid",
		"/department/delete":                            "40035 缺少参数 id",
	} {
		f := newRooms()
		h, _ := handler(f)
		joined := "?"
		if strings.Contains(target, "?") {
			joined = "&"
		}
		w := do(h, request{target: target + joined + "access_token=" + goodToken})
		if a := mustAnswer(t, w); fmt.Sprint(*a.Errcode, " ", a.Errmsg) != want || len(f.asked) > 0 {
			t.Errorf("%s: %s, asked %v", target, w.Body, f.asked)
		}
	}
}

// A list that nobody asked for in pages is whole, or refused.
func TestOlderListsAreNeverCutOff(t *testing.T) {
	t.Parallel()
	f := newRooms()
	f.members = directory.MemberPage{Contacts: []directory.Contact{somebody()}, Next: 9, Total: 1001}
	h, _ := handler(f)
	w := do(h, request{target: "/user/simplelist?department_id=1&access_token=" + goodToken})
	if a := mustAnswer(t, w); *a.Errcode != 40069 || !strings.Contains(a.SubMsg, "the department has 1001 people") {
		t.Errorf("%s", w.Body)
	}
}

// An app that sees everyone is told the root; a third party's that it sees no mobiles.
func TestScopesOfApps(t *testing.T) {
	t.Parallel()
	f := newRooms()
	f.caller = app.Caller{ThirdParty: true, Provider: 9, Range: directory.Range{Everyone: true}}
	h, _ := handler(f)
	w := do(h, request{method: "GET", target: "/auth/scopes?access_token=" + goodToken})
	want := `{"errcode":0,"errmsg":"ok","auth_user_field":["userid","unionid","name","jobnumber","position","department"],"condition_field":[],` +
		`"auth_org_scopes":{"authed_dept":[1],"authed_user":[]},"request_id":"R"}`
	if got := shape(w); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Failures of the directory have the errcodes of each call.
func TestErrcodesOfContacts(t *testing.T) {
	t.Parallel()
	const create, update = "/topapi/v2/user/create?name=n&mobile=1&dept_id_list=1", "/topapi/v2/user/update?userid=u"
	const olderCreate, olderUpdate = "/user/create?name=n&mobile=1&department=1", "/user/update?userid=u"
	const olderMade, olderMoved = "/department/create?name=n&parentid=1", "/department/update?id=2"
	const made, moved = "/topapi/v2/department/create?name=n&parent_id=1", "/topapi/v2/department/update?dept_id=2"
	for _, c := range []struct {
		code        fault.Code
		field, path string
		want        int
	}{
		{fault.CodeUserUnknown, "userid", "/topapi/v2/user/get?userid=u", 60121},
		{fault.CodeUserUnknown, "userid", "/topapi/v2/department/listparentbyuser?userid=u", 33012},
		{fault.CodeUserUnknown, "userid", "/user/get?userid=u", 60121},
		{fault.CodeUserDisabled, "userid", "/topapi/v2/user/get?userid=u", 60120},
		{fault.CodeUserOutside, "userid", "/topapi/v2/user/get?userid=u", 50002},
		{fault.CodeDepartmentOutside, "dept_id", "/topapi/v2/user/list?dept_id=5&size=1", 50004},
		{fault.CodeDepartmentUnknown, "dept_id", "/topapi/v2/user/list?dept_id=5&size=1", 60003},
		{fault.CodeMobileInvalid, "mobile", "/topapi/v2/user/getbymobile?mobile=x", 40104},
		{fault.CodeMobileInvalid, "mobile", "/user/get_by_mobile?mobile=x", 40104},
		{fault.CodeBusy, "", "/topapi/user/listid?dept_id=1", -1},
		{fault.CodeUserExists, "userid", create, 60102},
		{fault.CodeParameterInvalid, "userid", create, 33012},
		{fault.CodeParameterInvalid, "name", create, 60112},
		{fault.CodeParameterInvalid, "mobile", create, 60103},
		{fault.CodeParameterInvalid, "email", update, 60105},
		{fault.CodeParameterInvalid, "job_number", update, 60123},
		{fault.CodeParameterInvalid, "title", update, 40035},
		{fault.CodeMobileInvalid, "mobile", create, 60103},
		{fault.CodeMobileExists, "mobile", update, 60104},
		{fault.CodeDepartmentUnknown, "dept_ids", create, 60003},
		{fault.CodeDepartmentOutside, "dept_ids", update, 50004},
		{fault.CodeUserUnknown, "userid", update, 60121},
		{fault.CodeUserUnknown, "userid", "/topapi/v2/user/delete?userid=u", 33012},
		{fault.CodeUserHoldsRole, "userid", "/topapi/v2/user/delete?userid=u", 400002},
		{fault.CodeDepartmentName, "name", made, 60001},
		{fault.CodeDepartmentDuplicate, "name", made, 60021},
		{fault.CodeDepartmentParent, "parent_id", made, 60004},
		{fault.CodeDepartmentLoop, "parent_id", moved, 60010},
		{fault.CodeDepartmentRoot, "dept_id", moved, 60018},
		{fault.CodeDepartmentRoot, "dept_id", "/topapi/v2/department/delete?dept_id=1", 60007},
		{fault.CodeDepartmentUnknown, "dept_id", "/topapi/v2/department/delete?dept_id=2", 60003},
		{fault.CodeDepartmentHasUsers, "dept_id", "/topapi/v2/department/delete?dept_id=2", 60005},
		{fault.CodeDepartmentHasChild, "dept_id", "/topapi/v2/department/delete?dept_id=2", 60006},
		{fault.CodeUserExists, "userid", olderCreate, 60102},
		{fault.CodeParameterInvalid, "job_number", olderCreate, 60123},
		{fault.CodeParameterInvalid, "name", olderUpdate, 60112},
		{fault.CodeParameterInvalid, "title", olderUpdate, 40035},
		{fault.CodeDepartmentUnknown, "dept_ids", olderCreate, 60003},
		{fault.CodeDepartmentOutside, "dept_ids", olderUpdate, 50004},
		{fault.CodeUserUnknown, "userid", olderUpdate, 60121},
		{fault.CodeUserUnknown, "userid", "/user/delete?userid=u", 33012},
		{fault.CodeUserUnknown, "userid", "/user/batchdelete?useridlist=u", 33012},
		{fault.CodeUserHoldsRole, "userid", "/user/batchdelete?useridlist=u", 400002},
		{fault.CodeDepartmentParent, "parent_id", olderMade, 60004},
		{fault.CodeDepartmentLoop, "parent_id", olderMoved, 60010},
		{fault.CodeDepartmentRoot, "dept_id", olderMoved, 60018},
		{fault.CodeParameterInvalid, "source_identifier", made, 40035},
		{fault.CodeParameterInvalid, "source_identifier", olderMoved, 40035},
		{fault.CodeDepartmentRoot, "dept_id", "/department/delete?id=1", 60007},
		{fault.CodeDepartmentHasUsers, "dept_id", "/department/delete?id=2", 60005},
	} {
		f := newRooms()
		f.err = fault.New(c.code, "no").WithField(c.field)
		h, _ := handler(f)
		w := do(h, request{target: c.path + "&access_token=" + goodToken})
		if a := mustAnswer(t, w); *a.Errcode != c.want || a.Errmsg[0] == ' ' || strings.Contains(w.Body.String(), "dept_ids") {
			t.Errorf("%s of %s: %s", c.code, c.path, w.Body)
		}
		older := olderWrites(c.path)
		for _, newer := range []string{"dept_id", "parent_id", "job_number", "title", "source_identifier"} {
			if older && strings.Contains(w.Body.String(), newer) {
				t.Errorf("%s of %s names %s: %s", c.code, c.path, newer, w.Body)
			}
		}
	}
}

// olderWrites reports the changes of before /topapi.
func olderWrites(path string) bool {
	return !strings.HasPrefix(path, "/topapi/") && said(strings.SplitN(path, "?", 2)[0]) != "ok"
}

// Each call that changes contacts needs its own scope.
func TestChangesNeedTheirScope(t *testing.T) {
	t.Parallel()
	for _, l := range changes {
		f := newRooms()
		f.scopes = app.NewScopes(app.Internal)
		h, _ := handler(f)
		w := do(h, request{target: l.path + "?access_token=" + goodToken + "&" + l.form})
		wrapped := strings.HasPrefix(l.path, "/topapi/")
		if a := mustAnswer(t, w); wrapped != (a.SubCode == "60011") || wrapped == (*a.Errcode == 60011) ||
			!strings.Contains(a.Errmsg+a.SubMsg, "contacts.write") || len(f.asked) > 0 {
			t.Errorf("%s: %s", l.path, w.Body)
		}
	}
}
