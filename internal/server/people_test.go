package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/sheet"
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

// A composer lists, finds and matches those whom their apps may reach, with what they are
// inside of the ranges; and sees what was uploaded for those apps.
func TestComposersSeeWhomTheyMayReach(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "owner", "cat", "ann")
		s.mustRoles(f, "owner", "owner")
		sales := s.mustDept(f, 1, "Sales")
		east, hidden := s.mustDept(f, sales, "East"), s.mustDept(f, 1, "Hidden")
		s.mustPerson(f, "in", "王伟", "7", "13800000001", east)
		s.mustPerson(f, "out", "王伟", "8", "", hidden)
		by := audit.ByOperator()
		_, err := s.Directory().UpdateUser(t.Context(), by, f.id, "in", directory.UserChange{DeptIDs: &[]int64{east, hidden}})
		must(t, err)
		must(t, s.Apps().SetRange(t.Context(), by, f.id, f.agent, directory.Range{DeptIDs: []int64{sales}, Userids: []string{"ann"}}))
		ordinal, _ := s.Directory().Ordinal(f.id, "cat")
		must(t, s.Apps().SetComposers(t.Context(), by, f.id, f.agent, app.Composers{Ordinals: []uint32{ordinal}}))
		cat := f.tokens["cat"]

		var people struct{ Items []aListedPerson }
		s.tell(t, cat, http.MethodGet, "people", "", 200, &people)
		if len(people.Items) != 2 || people.Items[0].Userid != "ann" || len(people.Items[0].Departments) != 0 ||
			people.Items[1].Userid != "in" || len(people.Items[1].Departments) != 1 || people.Items[1].Departments[0].Path != "Sales/East" {
			t.Errorf("people: %+v", people)
		}
		var departments struct {
			Items []struct {
				Name     string
				ParentID *string `json:"parent_id"`
			}
		}
		s.tell(t, cat, http.MethodGet, "departments", "", 200, &departments)
		if len(departments.Items) != 1 || departments.Items[0].Name != "Sales" || departments.Items[0].ParentID != nil {
			t.Errorf("departments: %+v", departments)
		}
		s.refusals(t, cat, http.MethodGet, map[string]aRefusal{
			"departments?parent=1":                {404, "department_unknown", "parent", 0},
			fmt.Sprintf("people?dept=%d", hidden): {404, "department_unknown", "dept", 0},
		})
		s.refusals(t, f.tokens["ann"], http.MethodGet, map[string]aRefusal{"people": {403, "permission_denied", "", 0}})
		var got aMatch
		body := fmt.Sprintf(`{"agent_id":"%d","lines":["王伟","8","out","13800000001"]}`, f.agent)
		s.post(t, cat, "people/match", "application/json", []byte(body), &got)
		if got.String() != "name 1=in(name) 2!8 3!out 4!13800000001" {
			t.Errorf("matched: %s %+v", &got, got.refusal)
		}
		var kept struct{ URL string }
		contentType, form := form(t, aPart{"type", "", "image"}, aPart{"file", "a.png", string(tinyPNG(t))})
		s.post(t, f.tokens["owner"], fmt.Sprintf("apps/%d/media", f.agent), contentType, form, &kept)
		for userid, want := range map[string]int{"cat": http.StatusOK, "ann": http.StatusNotFound} {
			if status, _ := s.ask(http.MethodGet, strings.TrimPrefix(kept.URL, "/api/v1/"), f.tokens[userid], ""); status != want {
				t.Errorf("%s looks: %d", userid, status)
			}
		}
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

// post sends a body of a media type, and reads the answer.
func (s stage) post(t *testing.T, token, path, contentType string, body []byte, into any) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/api/v1/"+path, bytes.NewReader(body))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", contentType)
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	must(t, err)
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v in %s", path, err, text)
	}
	return w
}

// aMatch is what matchPeople answers.
type aMatch struct {
	Columns []string
	Matched []struct {
		Line                   int
		Text, Userid, Name, By string
	}
	Ambiguous []struct {
		Line       int
		Candidates []aListedPerson
		More       bool
	}
	Unknown, Repeated []struct {
		Line         int
		Text, Userid string
	}

	refusal
}

func (m *aMatch) String() string {
	all := []string{strings.Join(m.Columns, ",")}
	for _, one := range m.Matched {
		all = append(all, fmt.Sprintf("%d=%s(%s)", one.Line, one.Userid, one.By))
	}
	for _, one := range m.Ambiguous {
		all = append(all, fmt.Sprintf("%d?%d", one.Line, len(one.Candidates)))
	}
	for _, one := range m.Unknown {
		all = append(all, fmt.Sprintf("%d!%s", one.Line, one.Text))
	}
	for _, one := range m.Repeated {
		all = append(all, fmt.Sprintf("%d+%s", one.Line, one.Userid))
	}
	return strings.Join(all, " ")
}

const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// peopleBooks are a list of people as our own exports write it, and as another program does.
func peopleBooks(t *testing.T) (ours, others []byte) {
	t.Helper()
	var out bytes.Buffer
	w, err := sheet.NewXLSX(&out)
	must(t, err)
	must(t, w.Row("userid", "name"))
	must(t, w.Row("w1", "王伟"))
	must(t, w.Row("none", ""))
	must(t, w.Close())
	f := excelize.NewFile()
	defer f.Close()
	must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"花名册"}))
	must(t, f.SetSheetRow("Sheet1", "A2", &[]any{"序号", "工号", "姓名", "手机"}))
	must(t, f.SetSheetRow("Sheet1", "A3", &[]any{1, 7, "王伟", nil}))
	must(t, f.SetSheetRow("Sheet1", "A4", &[]any{2, nil, "王伟", 13_800_000_002}))
	var other bytes.Buffer
	must(t, f.Write(&other))
	return out.Bytes(), other.Bytes()
}

// A list is matched whatever it comes as; what is wrong with one is told, the log counts
// what was looked up, and nobody looks up too many.
func TestListsOfPeopleOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f, others := s.mustFirm("Ours", "owner", "admin"), s.mustFirm("Theirs", "eve")
		s.mustRoles(f, "owner", "owner")
		s.mustRoles(f, "admin", "administrator")
		sales := s.mustDept(f, 1, "Sales")
		s.mustPerson(f, "w1", "王伟", "007", "", sales)
		s.mustPerson(f, "w2", "王伟", "008", "+86 138 0000 0002", sales)
		s.mustPerson(others, "x", "Stranger", "009", "", 1)
		gbk, err := simplifiedchinese.GB18030.NewEncoder().String("工号,姓名\r\n'=1,\r\n008,王伟\r\n")
		must(t, err)
		ours, theirs := peopleBooks(t)
		owner, agent := f.tokens["owner"], fmt.Sprint(f.agent)
		lines := func(lines ...string) []byte {
			body, err := json.Marshal(map[string]any{"agent_id": agent, "lines": lines})
			must(t, err)
			return body
		}
		for name, c := range map[string]struct {
			contentType string
			body        []byte
			want        string
		}{
			"lines":         {"application/json", lines("w1", "", "王伟", "w1", "x", "009"), "userid 1=w1(userid) 3?2 5!x 6!009 4+w1"},
			"no lines":      {"application/json", lines(""), ""},
			"GBK":           {"text/csv", []byte(gbk), "job_number,name 3=w2(job_number) 2!=1"},
			"our workbook":  {workbook, ours, "userid,name 2=w1(userid) 3!none"},
			"another's":     {workbook, theirs, "job_number,name,mobile 3=w1(job_number) 4=w2(mobile) 1!花名册"},
			"without space": {"application/octet-stream", []byte("\ufeff\"w2\"\n"), "userid 1=w2(userid)"},
		} {
			var got aMatch
			if w := s.post(t, owner, "people/match?agent_id="+agent, c.contentType, c.body, &got); w.StatusCode != http.StatusOK || got.String() != c.want {
				t.Errorf("%s: %d %s %+v, want %s", name, w.StatusCode, &got, got.refusal, c.want)
			}
		}
		var both aMatch
		s.post(t, owner, "people/match", "application/json", lines("王伟"), &both)
		if c := both.Ambiguous[0].Candidates; c[0].JobNumber != "007" || c[1].Departments[0].Path != "Sales" || both.Ambiguous[0].More {
			t.Errorf("candidates: %+v", both)
		}
		s.listsRefused(t, owner, agent, lines(make([]string, 5001)...), ours)
		s.mustRoles(others, "eve", "auditor")
		var audited struct {
			Items []struct {
				Action, Subject string
				Details         map[string]any
			}
		}
		s.tell(t, owner, http.MethodGet, "audit", "", 200, &audited)
		if one := audited.Items[0]; one.Action != "people.match" || one.Subject != agent ||
			fmt.Sprint(one.Details) != "map[ambiguous:1 by_mobile:0 lines:1 matched:0 repeated:0 unknown:0]" {
			t.Errorf("the log: %+v", one)
		}
		var last aMatch
		for n := 1; ; n++ {
			w := s.post(t, f.tokens["admin"], "people/match", "application/json", lines("w1"), &last)
			if w.StatusCode == http.StatusOK && n <= 20 {
				continue
			}
			if n != 21 || w.StatusCode != http.StatusTooManyRequests || last.Code != "throttled" || last.Limit != 20 || w.Header.Get("Retry-After") == "" {
				t.Errorf("list %d: %d %+v", n, w.StatusCode, last.refusal)
			}
			break
		}
	})
}

func (s stage) listsRefused(t *testing.T, owner, agent string, tooMany, book []byte) {
	t.Helper()
	for name, c := range map[string]struct {
		path, contentType string
		body              []byte
		status            int
		want              refusal
	}{
		"lines":              {"", "application/json", tooMany, 400, refusal{"parameter_invalid", "lines", 5000, 5001}},
		"a field":            {"", "application/json", []byte(`{"agent_id":"1","lines":[],"x":1}`), 400, refusal{"parameter_invalid", "x", 0, 0}},
		"a type":             {"", "application/json", []byte(`{"agent_id":1,"lines":[]}`), 400, refusal{"parameter_invalid", "agent_id", 0, 0}},
		"no lines":           {"", "application/json", []byte(`{"agent_id":"` + agent + `"}`), 400, refusal{"parameter_missing", "lines", 0, 0}},
		"no JSON":            {"", "application/json", []byte(`[`), 400, refusal{"body_malformed", "", 0, 0}},
		"much JSON":          {"", "application/json", []byte(`{"agent_id":"1","lines":["` + strings.Repeat("x", 1<<20) + `"]}`), 413, refusal{"body_too_large", "", 1 << 20, 1<<20 + 29}},
		"nothing":            {"?agent_id=" + agent, "text/csv", nil, 400, refusal{"body_malformed", "", 0, 0}},
		"no app":             {"", "text/csv", []byte("a"), 400, refusal{"parameter_missing", "agent_id", 0, 0}},
		"an app of nobody's": {"?agent_id=999999", "text/csv", []byte("a"), 404, refusal{"agent_unknown", "agent_id", 0, 0}},
		"a type of nothing":  {"?agent_id=" + agent, "image/png", []byte("a"), 400, refusal{"body_malformed", "", 0, 0}},
		"a large file":       {"?agent_id=" + agent, "text/csv", bytes.Repeat([]byte("a"), 5<<20+1), 413, refusal{"body_too_large", "", 5 << 20, 5<<20 + 1}},
		"half a workbook":    {"?agent_id=" + agent, workbook, book[:len(book)/2], 400, refusal{"parameter_invalid", "file", 0, 0}},
		"columns":            {"?agent_id=" + agent, "text/csv", bytes.Repeat([]byte(","), 300), 400, refusal{"parameter_invalid", "file", 256, 301}},
	} {
		var got refusal
		if w := s.post(t, owner, "people/match"+c.path, c.contentType, c.body, &got); w.StatusCode != c.status || got != c.want {
			t.Errorf("%s: %d %+v, want %d %+v", name, w.StatusCode, got, c.status, c.want)
		}
	}
}
