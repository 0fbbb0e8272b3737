package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// onWire asks the wire by a form and returns the answer without its request_id.
func (n *node) onWire(path, token, form string) string {
	r, err := http.NewRequest(http.MethodPost, n.base+path, strings.NewReader("access_token="+token+"&"+form))
	if err != nil {
		n.fail("%s: %v", path, err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		n.fail("%s: %v", path, err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode != http.StatusOK {
		n.fail("%s: %d %v", path, w.StatusCode, err)
	}
	return regexp.MustCompile(`,"request_id":"[0-9a-z]+"`).ReplaceAllString(string(text), "")
}

// twins are two organizations with the same userids, department ids and mobiles. What
// people and departments of each are called says whose they are.
func (n *node) twins(t *testing.T) (ours, theirs firm) {
	t.Helper()
	var both [2]firm
	for i, name := range []string{"Ours", "Theirs"} {
		f := n.mustFirm(name)
		by := audit.ByOperator()
		for id, dept := range []string{"Sales", "East"} {
			_, err := n.Directory().CreateDepartment(t.Context(), by, f.id, directory.NewDepartment{ID: int64(id + 2), ParentID: int64(id + 1), Name: name + " " + dept})
			must(t, err)
		}
		for j, u := range []directory.NewUser{
			{Userid: "ann", DeptIDs: []int64{3}, Roles: []string{"owner"}}, {Userid: "bob", DeptIDs: []int64{2, 3}}, {Userid: "cat"},
		} {
			u.Name, u.Mobile, u.Email, u.JobNumber, u.Title = name+" "+u.Userid, fmt.Sprint("+86 138-0000-000", j), u.Userid+"@"+strings.ToLower(name)+".example.com", "007", name
			_, err := n.Directory().CreateUser(t.Context(), by, f.id, u)
			must(t, err)
		}
		if name == "Ours" { // only they have these
			n.mustPerson(f, "dan", name+" dan", "008", "13900000000", 2)
			n.mustDept(f, 3, name+" Team")
		}
		both[i] = f
	}
	return both[0], both[1]
}

// everyLookup asks everything that can be asked of contacts.
var everyLookup = []string{
	"/auth/scopes",
	"/topapi/v2/user/get?userid=ann", "/topapi/v2/user/get?userid=dan", "/topapi/v2/user/getbymobile?mobile=13800000000", "/topapi/v2/user/getbymobile?mobile=13900000000",
	"/topapi/v2/user/list?dept_id=3&size=100", "/topapi/v2/user/list?dept_id=4&size=100", "/topapi/user/listsimple?dept_id=2&size=1", "/topapi/user/listid?dept_id=2",
	"/topapi/user/count?only_active=false", "/topapi/user/listadmin?x=", "/topapi/v2/department/get?dept_id=2", "/topapi/v2/department/get?dept_id=4",
	"/topapi/v2/department/listsub?dept_id=1", "/topapi/v2/department/listsubid?dept_id=3", "/topapi/v2/department/listparentbydept?dept_id=3",
	"/topapi/v2/department/listparentbyuser?userid=bob", "/user/get?userid=bob", "/user/list?department_id=2", "/user/simplelist?department_id=3",
	"/user/get_by_mobile?mobile=13800000001", "/user/listbypage?department_id=2&size=100", "/user/getDeptMember?deptId=2", "/user/get_org_user_count?onlyActive=0",
	"/user/get_admin?x=", "/department/list?x=", "/department/list_ids?id=1", "/department/get?id=3", "/department/list_parent_depts?userId=bob",
	"/department/list_parent_depts_by_dept?id=3",
}

// What is asked with one organization's token is answered of that organization alone, and
// what only the other one has as if nobody had it.
func TestContactsOfTwoOrganizations(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		ours, theirs := n.twins(t)
		token, other := n.mustLogin(ours), n.mustLogin(theirs)
		for _, target := range everyLookup {
			path, form, _ := strings.Cut(target, "?")
			if a := n.onWire(path, token, form); !strings.HasPrefix(a, `{"errcode":0,`) || strings.Contains(a, "Theirs") || strings.Contains(a, "theirs") {
				t.Errorf("ours, %s: %s", target, a)
			}
			a := n.onWire(path, other, form)
			missing := strings.Contains(target, "dan") || strings.Contains(target, "139") || strings.Contains(target, "=4")
			if strings.HasPrefix(a, `{"errcode":0,`) == missing || strings.Contains(a, "Ours") || strings.Contains(a, "ours") {
				t.Errorf("theirs, %s: %s", target, a)
			}
			if missing {
				nobody := strings.NewReplacer("dan", "nobody", "13900000000", "13700000000", "=4", "=77").Replace(form)
				if b := n.onWire(path, other, nobody); strings.ReplaceAll(b, "77", "4") != a {
					t.Errorf("%s: what is another's answers %s, what is nobody's %s", target, a, b)
				}
			}
		}
		mine := between(n.onWire("/topapi/v2/user/get", token, "userid=ann"), `"unionid":"`, `"`)
		if a := n.onWire("/topapi/user/getbyunionid", token, "unionid="+mine); a != `{"errcode":0,"errmsg":"ok","result":{"contact_type":0,"userid":"ann"}}` {
			t.Errorf("by unionid: %s", a)
		}
		if a := n.onWire("/topapi/user/getbyunionid", other, "unionid="+mine); !strings.HasPrefix(a, `{"errcode":60121,`) {
			t.Errorf("by another's unionid: %s", a)
		}
	})
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

// The wire tells of a person and of departments what was entered, and no more.
func TestContactsOnTheWire(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f, _ := n.twins(t)
		token := n.mustLogin(f)
		ok := func(rest string) string { return `{"errcode":0,"errmsg":"ok",` + rest + "}" }
		union := func(a string) string {
			return regexp.MustCompile(`"unionid":"[-_0-9A-Za-z]{27}"`).ReplaceAllString(a, `"unionid":"U"`)
		}
		const bob = `"userid":"bob","unionid":"U","name":"Ours bob","mobile":"+86 138-0000-0001","email":"bob@ours.example.com"`
		for target, want := range map[string]string{
			"/topapi/v2/user/get?userid=bob":                             ok(`"result":{` + bob + `,"job_number":"007","title":"Ours","dept_id_list":[2,3],"active":true,"admin":false}`),
			"/user/get?userid=bob":                                       ok(bob + `,"jobnumber":"007","position":"Ours","department":[2,3],"active":true,"isAdmin":false`),
			"/topapi/v2/user/getbymobile?mobile=13800000002":             ok(`"result":{"userid":"cat"}`),
			"/topapi/user/listsimple?dept_id=2&size=1":                   ok(`"result":{"has_more":true,"next_cursor":2,"list":[{"userid":"bob","name":"Ours bob"}]}`),
			"/topapi/user/listsimple?dept_id=2&size=1&cursor=2":          ok(`"result":{"has_more":false,"list":[{"userid":"dan","name":"Ours dan"}]}`),
			"/topapi/user/listid?dept_id=2":                              ok(`"result":{"userid_list":["bob","dan"]}`),
			"/topapi/user/count?only_active=true":                        ok(`"result":{"count":4}`),
			"/topapi/user/listadmin?x=":                                  ok(`"result":[{"userid":"ann","sys_level":1}]`),
			"/topapi/v2/department/listsubid?dept_id=1":                  ok(`"result":{"dept_id_list":[2]}`),
			"/topapi/v2/department/listparentbydept?dept_id=3":           ok(`"result":{"parent_id_list":[3,2,1]}`),
			"/topapi/v2/department/listparentbyuser?userid=bob":          ok(`"result":{"parent_list":[{"parent_dept_id_list":[2,1]},{"parent_dept_id_list":[3,2,1]}]}`),
			"/topapi/v2/department/get?dept_id=1":                        ok(`"result":{"dept_id":1,"name":"Ours","create_dept_group":false,"auto_add_user":false,"order":0,"member_count":4}`),
			"/department/list?fetch_child=false":                         ok(`"department":[{"id":2,"name":"Ours Sales","parentid":1,"createDeptGroup":false,"autoAddUser":false}]`),
			"/topapi/v2/user/get?userid=" + url.QueryEscape("不存在"):       `{"errcode":60121,"errmsg":"找不到该用户 userid","sub_msg":"userid: the user is not known"}`,
			"/topapi/v2/department/listparentbyuser?userid=x":            `{"errcode":33012,"errmsg":"不合法的userid userid","sub_msg":"userid: the user is not known"}`,
			"/topapi/v2/user/getbymobile?mobile=" + url.QueryEscape("'"): `{"errcode":40104,"errmsg":"不合法的手机号码 mobile","sub_msg":"a mobile has 7 to 20 digits, and nothing else but + - ( ) . / and spaces"}`,
		} {
			path, form, _ := strings.Cut(target, "?")
			if got := union(n.onWire(path, token, form)); got != want {
				t.Errorf("%s\ngot  %s\nwant %s", target, got, want)
			}
		}
	})
}

// An app sees whom its range has, an app of a provider nobody's mobile, and one without
// the scope nothing.
func TestWhoMayReadContacts(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f, theirs := n.twins(t)
		by := audit.ByOperator()
		token := n.mustLogin(f)
		must(t, n.Apps().SetRange(t.Context(), by, f.id, f.agent, directory.Range{DeptIDs: []int64{3}, Userids: []string{"cat"}}))
		begins := func(token string, answers map[string]string) {
			t.Helper()
			for target, want := range answers {
				path, form, _ := strings.Cut(target, "?")
				if got := n.onWire(path, token, form); !strings.HasPrefix(got, want) {
					t.Errorf("%s: %s, want %s…", target, got, want)
				}
			}
		}
		const outside, unknown = `{"errcode":50002,"errmsg":"员工不在应用的授权范围内 userid"`, `{"errcode":60121,`
		until(t, "the range", func() bool { return strings.HasPrefix(n.onWire("/topapi/v2/user/get", token, "userid=dan"), outside) })
		begins(token, map[string]string{
			"/topapi/v2/user/get?userid=dan":                 outside,
			"/topapi/v2/user/get?userid=nobody":              unknown,
			"/topapi/v2/user/getbymobile?mobile=13900000000": unknown,
			"/topapi/v2/user/list?dept_id=2&size=9":          `{"errcode":50004,"errmsg":"部门不在应用的授权范围内 dept_id"`,
			"/topapi/user/count?only_active=false":           `{"errcode":0,"errmsg":"ok","result":{"count":3}}`,
			"/topapi/v2/department/listsub?x=":               `{"errcode":0,"errmsg":"ok","result":[{"dept_id":3,"name":"Ours East","create_dept_group":false`,
			"/topapi/user/listadmin?x=":                      `{"errcode":0,"errmsg":"ok","result":[{"userid":"ann","sys_level":1}]}`,
		})
		if a := n.onWire("/topapi/v2/user/get", token, "userid=bob"); !strings.Contains(a, `"dept_id_list":[3]`) {
			t.Errorf("departments outside of the range are told: %s", a)
		}
		must(t, n.Apps().SetGrants(t.Context(), by, f.id, n.appID(t, f), app.Grants{Scopes: []string{app.ScopeSend}}))
		const refused = `{"errcode":88,"errmsg":"ding talk error[subcode=60011,submsg=没有调用该接口的权限，应用尚未开通所需的权限：[contacts.read]]"`
		until(t, "the scope", func() bool {
			return strings.HasPrefix(n.onWire("/topapi/user/count", token, "only_active=true"), refused)
		})
		begins(token, map[string]string{"/user/get?userid=cat": `{"errcode":60011,`, "/topapi/v2/department/listsub?x=": refused})

		third := n.thirdParty(t, theirs, f, app.ScopeContacts)
		begins(third, map[string]string{
			"/topapi/v2/user/getbymobile?mobile=13800000000": `{"errcode":88,"errmsg":"ding talk error[subcode=60011,submsg=没有调用该接口的权限]"`,
			"/user/get_by_mobile?mobile=13800000000":         `{"errcode":60011,`,
		})
		for _, target := range everyLookup {
			path, form, _ := strings.Cut(target, "?")
			if a := n.onWire(path, third, form); strings.Contains(a, "138-") || strings.Contains(a, "example.com") || strings.Contains(a, "Theirs") {
				t.Errorf("a provider is told: %s", a)
			}
		}
		begins(n.thirdParty(t, theirs, f), map[string]string{"/topapi/v2/user/get?userid=ann": refused})
	})
}

// appID is the id of a firm's one app.
func (n *node) appID(t *testing.T, f firm) int64 {
	t.Helper()
	a, _, err := n.Apps().AppOfAgent(t.Context(), f.agent)
	must(t, err)
	return a.ID
}

// thirdParty returns a token of a provider's new app, installed with everybody in its
// range; without scopes it is what it is by default.
func (n *node) thirdParty(t *testing.T, provider, in firm, scopes ...string) string {
	t.Helper()
	by := audit.ByOperator()
	a, secret, err := n.Apps().CreateThirdParty(t.Context(), by, provider.id, app.NewApp{Name: "Approvals", Scopes: scopes}, true)
	must(t, err)
	_, err = n.Apps().Install(t.Context(), by, provider.id, a.ID, in.id, app.Installation{Range: directory.Range{Everyone: true}})
	must(t, err)
	token, err := n.Apps().CorpToken(t.Context(), app.SuiteProof{Key: a.Key, Secret: secret, Ticket: "any"}, in.corpID)
	must(t, err)
	return token.Value
}
