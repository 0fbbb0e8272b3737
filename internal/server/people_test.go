package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

// aListedPerson is somebody as our own API lists them.
type aListedPerson struct {
	Userid, Name, State string
	JobNumber           string `json:"job_number"`
	Departments         []struct{ Path string }
}

// mustPerson enters somebody with a name, a job number and a mobile.
func (n *node) mustPerson(f firm, userid, name, jobNumber, mobile string, dept int64) {
	_, err := n.Directory().CreateUser(context.Background(), audit.ByOperator(), f.id, directory.NewUser{
		Userid: userid, Name: name, JobNumber: jobNumber, Mobile: mobile, DeptIDs: []int64{dept},
	})
	if err != nil {
		n.fail("%s: %v", userid, err)
	}
}

func (n *node) mustDept(f firm, parent int64, name string) int64 {
	d, err := n.Directory().CreateDepartment(context.Background(), audit.ByOperator(), f.id, directory.NewDepartment{ParentID: parent, Name: name})
	if err != nil {
		n.fail("%s: %v", name, err)
	}
	return d.ID
}

// Departments and people are walked through level by level and page by page, and found
// by what people type; what is asked for wrongly is refused by name.
func TestPeopleOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "owner")
		s.mustRoles(f, "owner", "owner")
		owner := f.tokens["owner"]
		research := s.mustDept(f, 1, "研发中心")
		team := s.mustDept(f, research, "平台组")
		s.mustPerson(f, "w1", "单小明", "007", "", team)
		s.mustPerson(f, "w2", "王伟", "008", "", team)

		var departments struct {
			Items []struct {
				DeptID           string  `json:"dept_id"`
				ParentID         *string `json:"parent_id"`
				Name, Path       string
				People, Children int
			}
			NextAfter *string `json:"next_after"`
		}
		s.tell(t, owner, http.MethodGet, "departments", "", 200, &departments)
		root := departments.Items[0]
		if len(departments.Items) != 1 || root.DeptID != "1" || root.ParentID != nil || root.Name != "Ours" || root.People != 3 || root.Children != 1 {
			t.Errorf("the root: %+v", departments)
		}
		s.tell(t, owner, http.MethodGet, "departments?parent=1", "", 200, &departments)
		if d := departments.Items[0]; d.Name != "研发中心" || *d.ParentID != "1" || d.People != 2 || d.Children != 1 {
			t.Errorf("below the root: %+v", departments)
		}
		s.tell(t, owner, http.MethodGet, "departments?q=pt", "", 200, &departments)
		if len(departments.Items) != 1 || departments.Items[0].Path != "研发中心/平台组" {
			t.Errorf("found: %+v", departments)
		}

		var people struct {
			Items     []aListedPerson
			NextAfter *string `json:"next_after"`
			Total     int
		}
		var all []string
		for after := ""; ; after = "&after=" + *people.NextAfter {
			s.tell(t, owner, http.MethodGet, fmt.Sprintf("people?dept=%d&deep=true&limit=1%s", research, after), "", 200, &people)
			all = append(all, people.Items[0].Userid)
			if people.Total != 2 {
				t.Errorf("%+v", people)
			}
			if people.NextAfter == nil {
				break
			}
		}
		if strings.Join(all, " ") != "w1 w2" {
			t.Errorf("all of them: %v", all)
		}
		for q, want := range map[string]string{"shanxm": "w1", "dan": "", "00": "w1 w2", "王": "w2", "W2": "w2", "owner": "owner"} {
			s.tell(t, owner, http.MethodGet, "people?q="+url.QueryEscape(q), "", 200, &people)
			var got []string
			for _, p := range people.Items {
				got = append(got, p.Userid)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v", q, got)
			}
		}
		s.tell(t, owner, http.MethodGet, "people?q=shan", "", 200, &people)
		if p := people.Items[0]; p.Name != "单小明" || p.JobNumber != "007" || p.State != "active" || p.Departments[0].Path != "研发中心/平台组" {
			t.Errorf("%+v", p)
		}
		s.refusals(t, owner, http.MethodGet, map[string]aRefusal{
			"departments?parent=99":                {404, "department_unknown", "parent", 0},
			"departments?parent=0":                 {404, "department_unknown", "parent", 0},
			"departments?after=x":                  {400, "parameter_invalid", "after", 0},
			"departments?limit=201":                {400, "parameter_invalid", "limit", 200},
			"people?dept=99":                       {404, "department_unknown", "dept", 0},
			"people?after=9999999999":              {400, "parameter_invalid", "after", 0},
			"people?limit=0":                       {400, "parameter_invalid", "limit", 1},
			"people?state=deleted":                 {400, "parameter_invalid", "state", 0},
			"people?q=" + strings.Repeat("x", 121): {400, "parameter_invalid", "q", 120},
		})
	})
}

// aRefusal is what of a problem a client goes by.
type aRefusal struct {
	status      int
	code, field string
	limit       int64
}

// refusals asks for paths that are refused.
func (s stage) refusals(t *testing.T, token, method string, all map[string]aRefusal) {
	t.Helper()
	for path, want := range all {
		var p struct {
			Code, Field string
			Limit       int64
		}
		s.tell(t, token, method, path, "", want.status, &p)
		if p.Code != want.code || p.Field != want.field || p.Limit != want.limit {
			t.Errorf("%s: %+v, want %+v", path, p, want)
		}
	}
}
