package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

const wireOK = `{"errcode":0,"errmsg":"ok"`

// mustChange asks a change of contacts that must go well.
func (n *node) mustChange(t *testing.T, token, target string) string {
	t.Helper()
	path, form, _ := strings.Cut(target, "?")
	a := n.onWire(path, token, form)
	if !strings.HasPrefix(a, wireOK) {
		t.Fatalf("%s: %s", target, a)
	}
	return a
}

// mustGrant gives a firm's app all scopes.
func (n *node) mustGrant(t *testing.T, f firm) {
	t.Helper()
	must(t, n.Apps().SetGrants(t.Context(), audit.ByOperator(), f.id, n.appID(t, f), app.Grants{Scopes: app.Scopes(), SendToEveryone: true}))
}

// reaches sends to one person and returns who got it, and who is invalid.
func (n *node) reaches(t *testing.T, f firm, token, audience string) string {
	t.Helper()
	a := n.onWire("/topapi/message/corpconversation/asyncsend_v2", token,
		fmt.Sprintf("agent_id=%d&%s&msg=%s", f.agent, audience, url.QueryEscape(`{"msgtype":"text","text":{"content":"hello `+audience+`"}}`)))
	task := between(a, `"task_id":`, `}`)
	return between(n.onWire("/topapi/message/corpconversation/getsendresult", token, "task_id="+task), `"send_result":{`, `,"forbidden_list"`)
}

// What the wire changes, the wire tells at once, and everything that is refused changes
// nothing; of two organizations with the same ids only the one that asks.
func TestChangingContactsOnTheWire(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f, theirs := n.twins(t)
		n.mustGrant(t, f)
		token, other := n.mustLogin(f), n.mustLogin(theirs)
		everything := func(token string) (all string) {
			for _, target := range append(everyLookup, "/topapi/v2/user/get?userid=cat", "/topapi/user/listid?dept_id=1") {
				path, form, _ := strings.Cut(target, "?")
				all += n.onWire(path, token, form)
			}
			return all
		}
		before := everything(other)
		a := n.mustChange(t, token, "/topapi/v2/user/create?userid=eve&name=Eve&mobile=13800000009&dept_id_list=2,3&email=eve@example.com&title=T&job_number=9&hired_date=1")
		union := between(n.onWire("/topapi/v2/user/get", token, "userid=eve"), `"unionid":"`, `"`)
		if a != wireOK+`,"result":{"userid":"eve","unionId":"`+union+`"}}` {
			t.Errorf("created: %s", a)
		}
		n.mustChange(t, token, "/topapi/v2/user/update?userid=eve&name=Eva&dept_id_list=3")
		if a := n.onWire("/topapi/v2/user/get", token, "userid=eve"); a != wireOK+`,"result":{"userid":"eve","unionid":"`+union+
			`","name":"Eva","mobile":"13800000009","email":"eve@example.com","job_number":"9","title":"T","dept_id_list":[3],"active":true,"admin":false}}` {
			t.Errorf("updated: %s", a)
		}
		made := n.mustChange(t, token, "/topapi/v2/user/create?name=Nobody&mobile=13800000010&dept_id_list=1")
		if userid := between(made, `"userid":"`, `"`); len(userid) != 16 {
			t.Errorf("a userid was made: %s", made)
		}
		id := between(n.mustChange(t, token, "/topapi/v2/department/create?name=New&parent_id=3"), `"dept_id":`, `}`)
		n.mustChange(t, token, "/topapi/v2/department/update?dept_id="+id+"&name=Newer&parent_id=2&order=4&source_identifier=hr-7")
		if a := n.onWire("/topapi/v2/department/listsub", token, "dept_id=2"); !strings.Contains(a, `"name":"Newer","parent_id":2,"source_identifier":"hr-7",`) {
			t.Errorf("its source identifier: %s", a)
		}
		if a := n.onWire("/topapi/v2/department/get", token, "dept_id="+id); !strings.Contains(a, `"name":"Newer","parent_id":2,`) || !strings.Contains(a, `"order":4`) {
			t.Errorf("the department: %s", a)
		}
		ours := everything(token)
		for target, want := range map[string]string{
			"user/create?userid=ann&name=A&mobile=13800000011&dept_id_list=1": "60102", "user/create?name=A&mobile=%2B86+138+0000+0000&dept_id_list=1": "60104",
			"user/create?name=A&mobile=1&dept_id_list=1": "60103", "user/create?name=A&mobile=13800000011&dept_id_list=99": "60003",
			"user/create?userid=a%2Cb&name=A&mobile=13800000011&dept_id_list=1": "33012", "user/update?userid=ann&name=" + strings.Repeat("x", 81): "60112",
			"user/update?userid=ann&email=" + strings.Repeat("x", 255): "60105", "user/update?userid=ann&job_number=" + strings.Repeat("1", 51): "60123",
			"user/update?userid=ann&mobile=13800000001": "60104", "user/update?userid=nobody&name=x": "60121", "user/delete?userid=nobody": "33012",
			"user/delete?userid=ann":                 "400002",
			"department/create?name=A-B&parent_id=1": "60001", "department/create?name=Ours+East&parent_id=2": "60021", "department/create?name=A&parent_id=99": "60004",
			"department/update?dept_id=1&name=A": "60018", "department/update?dept_id=2&parent_id=3": "60010", "department/update?dept_id=99&name=A": "60003",
			"department/update?dept_id=3&parent_id=99": "60004", "department/delete?dept_id=1": "60007", "department/delete?dept_id=3": "60005",
			"department/delete?dept_id=99": "60003",
		} {
			path, form, _ := strings.Cut(target, "?")
			if a := n.onWire("/topapi/v2/"+path, token, form); !strings.HasPrefix(a, `{"errcode":`+want+`,`) {
				t.Errorf("%s: %s, want %s", target, a, want)
			}
		}
		if everything(token) != ours || everything(other) != before {
			t.Error("what was refused, or what another organization asked for, changed something")
		}
		n.mustChange(t, token, "/topapi/v2/department/delete?dept_id="+id)
		n.mustChange(t, token, "/topapi/v2/user/delete?userid=eve")
		if a := n.onWire("/topapi/v2/user/get", token, "userid=eve"); !strings.HasPrefix(a, `{"errcode":60121,`) {
			t.Errorf("deleted: %s", a)
		}
		n.mustChange(t, token, "/topapi/v2/user/create?userid=eve&name=Eve&mobile=13800000009&dept_id_list=2")
		if again := between(n.onWire("/topapi/v2/user/get", token, "userid=eve"), `"unionid":"`, `"`); again == union {
			t.Error("somebody new has the unionid of who left")
		}
		if a := n.onWire("/topapi/v2/user/create", other, "name=A&mobile=13800000020&dept_id_list=1"); !strings.Contains(a, "[contacts.write]") {
			t.Errorf("without the scope: %s", a)
		}
	})
}

// The older forms change the same, one for one.
func TestOlderChangesOfContactsOnTheWire(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f, theirs := n.twins(t)
		n.mustGrant(t, f)
		token, other := n.mustLogin(f), n.mustLogin(theirs)
		check := func(target, want string) {
			t.Helper()
			path, form, _ := strings.Cut(target, "?")
			if a := n.onWire(path, token, form); !strings.HasPrefix(a, want) {
				t.Errorf("%s: %s\nwant %s", target, a, want)
			}
		}
		check("/user/create?userid=eve&name=Eve&mobile=13800000009&department=[2,3]&position=T&jobnumber=9", `{"errcode":0,"errmsg":"created","userid":"eve","unionId":"`)
		check("/user/create?userid=fay&name=Fay&mobile=13800000010&department=2", `{"errcode":0,"errmsg":"created","userid":"fay",`)
		check("/user/update?userid=eve&name=Eva&department=3", `{"errcode":0,"errmsg":"updated"}`)
		got := n.onWire("/user/get", token, "userid=eve")
		if !strings.Contains(got, `"name":"Eva","mobile":"13800000009","jobnumber":"9","position":"T","department":[3],"active":true,"isAdmin":false}`) {
			t.Errorf("updated: %s", got)
		}
		made := n.onWire("/department/create", token, "name=New&parentid=3&sourceIdentifier=hr-7")
		id := between(made, `"id":`, `}`)
		if !strings.HasPrefix(made, `{"errcode":0,"errmsg":"created","id":`) {
			t.Errorf("created: %s", made)
		}
		check("/department/update?id="+id+"&name=Newer&parentid=2&order=4", `{"errcode":0,"errmsg":"updated","id":`+id+`}`)
		check("/department/get?id="+id, wireOK+`,"id":`+id+`,"name":"Newer","parentid":2,"sourceIdentifier":"hr-7",`)
		check("/department/delete?id="+id, `{"errcode":0,"errmsg":"deleted"}`)
		for target, want := range map[string]string{
			"/user/batchdelete?useridlist=eve,nobody": "33012", "/user/batchdelete?useridlist=eve,ann": "400002",
			"/user/create?userid=ann&name=A&mobile=13800000011&department=1": "60102", "/user/update?userid=eve&position=" + strings.Repeat("x", 201): "40035",
			"/department/delete?id=1": "60007", "/department/update?id=2&parentid=3": "60010", "/user/delete?userid=nobody": "33012",
		} {
			check(target, `{"errcode":`+want+`,`)
		}
		for _, userid := range []string{"eve", "fay"} {
			check("/user/get?userid="+userid, wireOK) // none was deleted
		}
		check("/user/batchdelete?useridlist=eve,fay", `{"errcode":0,"errmsg":"deleted"}`)
		for _, userid := range []string{"eve", "fay"} {
			check("/user/get?userid="+userid, `{"errcode":60121,`)
		}
		if a := n.onWire("/user/delete", other, "userid=ann"); !strings.HasPrefix(a, `{"errcode":60011,`) {
			t.Errorf("without the scope: %s", a)
		}
	})
}

// A change on one node decides whom the next send on the other reaches, by name, by
// department and by the app's range; and ends the sessions of who was deleted there.
func TestChangedContactsAreReachedOnEveryNode(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, a, b *node) {
		f := a.mustFirm("Ours", "ann")
		a.mustGrant(t, f)
		narrow := a.mustNarrowApp(t, f)
		token, few := a.mustLogin(f), a.mustLogin(narrow)
		check := func(what, token string, f firm, audience, want string) {
			t.Helper()
			if got := b.reaches(t, f, token, audience); got != want {
				t.Errorf("%s: %s\nwant %s", what, got, want)
			}
		}
		result := func(invalid, forbidden, unread string) string {
			return `"invalid_user_id_list":[` + invalid + `],"forbidden_user_id_list":[` + forbidden + `],"failed_user_id_list":[],"read_user_id_list":[],` +
				`"unread_user_id_list":[` + unread + `],"invalid_dept_id_list":[]`
		}
		check("before", token, f, "userid_list=eve", result(`"eve"`, "", ""))
		a.mustChange(t, token, "/topapi/v2/department/create?name=Team&parent_id=2")
		a.mustChange(t, token, "/topapi/v2/user/create?userid=eve&name=Eve&mobile=13800000009&dept_id_list=1")
		check("created", token, f, "userid_list=eve&x=2", result("", "", `"eve"`))
		check("outside of the range", few, narrow, "userid_list=eve", result("", `"eve"`, ""))
		a.mustChange(t, token, "/topapi/v2/user/update?userid=eve&dept_id_list=3")
		check("moved into the range", few, narrow, "userid_list=eve&x=2", result("", "", `"eve"`))
		check("by department", token, f, "dept_id_list=3", result("", "", `"eve"`))
		a.mustChange(t, token, "/topapi/v2/department/update?dept_id=3&parent_id=1")
		check("the department is outside now", few, narrow, "userid_list=eve&x=3", result("", `"eve"`, ""))

		session, err := a.Accounts().CreateToken(t.Context(), audit.ByOperator(), f.id, "eve", "test", aHang)
		must(t, err)
		if status := b.mustInbox(http.MethodGet, "messages", session, nil, nil); status != http.StatusOK {
			t.Fatalf("eve's own token: %d", status)
		}
		a.mustChange(t, token, "/topapi/v2/user/delete?userid=eve")
		check("deleted", token, f, "userid_list=eve&x=3", result(`"eve"`, "", ""))
		until(t, "eve's token ends", func() bool {
			return b.mustInbox(http.MethodGet, "messages", session, nil, nil) == http.StatusUnauthorized
		})
	})
}

// mustNarrowApp makes a department 2, and an app that reaches only those in it or below it;
// department 3 will be below it.
func (n *node) mustNarrowApp(t *testing.T, f firm) firm {
	t.Helper()
	d := n.mustDept(f, 1, "Narrow")
	a, g, secret, err := n.Apps().CreateInternal(t.Context(), audit.ByOperator(), f.id, app.NewApp{Name: "Few", Range: &directory.Range{DeptIDs: []int64{d}}})
	must(t, err)
	return firm{id: f.id, key: a.Key, secret: secret, agent: g.ID}
}
