package directory_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/sheet"
)

// staff is an organization with people who are mistaken for each other.
func staff(t *testing.T, o org) (sales int64) {
	t.Helper()
	sales = o.mustDept(t, directory.RootID, "Sales")
	for _, n := range []directory.NewUser{
		{Userid: "w1", Name: "王伟", JobNumber: "007", Mobile: "+86 138-0000-0001", DeptIDs: []int64{sales}},
		{Userid: "w2", Name: "王伟", JobNumber: "008", Mobile: "13800000002"},
		{Userid: "W1", Name: "李雷", JobNumber: "7"},
		{Userid: "han", Name: "韩梅梅", JobNumber: "A-1", DeptIDs: []int64{sales}},
		{Userid: "off", Name: "Off", JobNumber: "010"},
	} {
		if len(n.DeptIDs) == 0 {
			n.DeptIDs = []int64{directory.RootID}
		}
		_, err := o.CreateUser(context.Background(), audit.ByOperator(), o.id, n)
		must(t, err)
	}
	must(t, o.DisableUser(context.Background(), audit.ByOperator(), o.id, "off"))
	return sales
}

// told writes what a list came to: 2=w1(userid) 3?w1,w2 4! 5+w1.
func told(m directory.Matches) string {
	all := []string{strings.Join(m.Columns, ",") + ":"}
	for _, one := range m.Matched {
		all = append(all, fmt.Sprintf("%d=%s(%s)", one.Line, one.User.Userid, one.By))
	}
	for _, one := range m.Ambiguous {
		var among []string
		for _, u := range one.Candidates {
			among = append(among, u.Userid)
		}
		all = append(all, fmt.Sprintf("%d?%s", one.Line, strings.Join(among, ",")))
	}
	for _, one := range m.Unknown {
		all = append(all, fmt.Sprintf("%d!%s", one.Line, one.Text))
	}
	for _, one := range m.Repeated {
		all = append(all, fmt.Sprintf("%d+%s", one.Line, one.User.Userid))
	}
	return strings.Join(all, " ")
}

// Rows are found by what their columns say, or by what their cells are; whoever could be
// meant by several things is told, not guessed.
func TestListsOfPeopleAreMatched(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		sales := staff(t, o)
		few := directory.Range{DeptIDs: []int64{sales}}
		for i, c := range []struct {
			text, want string
			within     directory.Range
			mobiles    bool
		}{
			{"工号,姓名\n007,王伟\n008,王伟\n7,李雷\n", "job_number,name: 2=w1(job_number) 3=w2(job_number) 4=W1(job_number)", everyone, false},
			{"Name\n王伟\n韩梅梅\n", "name: 3=han(name) 2?w1,w2", everyone, false},
			{"员工名单\n姓名 (必填),部门\n韩梅梅,王伟\n", "name: 3=han(name) 1!员工名单", everyone, false},
			{"工号,姓名\n007,李雷\n8,Wang Wei\n", "job_number,name: 3=w2(job_number) 2?w1,W1", everyone, false},
			{"手机,userid\n13800000001,\n+8613800000002,han\n", "mobile,userid: 2=w1(mobile) 3?w2,han", everyone, true},
			{"手机\n13800000001\n", "mobile: 2!13800000001", everyone, false},
			{"w1\nW1\nHAN\n王伟\n008\nA-1\n010\noff\nnone\nw1\n13800000002\n", "userid: 1=w1(userid) 2=W1(userid) 3=han(userid) 5=w2(job_number) 4?w1,w2 7!010 8!off 9!none 6+han 10+w1 11+w2", everyone, true},
			{"7,王伟,007\n2,韩梅梅,A-1\n3,王伟,008\n", "name,job_number: 1=w1(job_number) 2=han(job_number) 3=w2(job_number)", everyone, false},
			{"7,韩梅梅\n", "job_number,name: 1?W1,han", everyone, false},
			{"王伟\n008\n李雷\nHAN\nW1\n", "userid: 1=w1(name) 4=han(userid) 2!008 3!李雷 5!W1", few, false},
			{"王伟\n", ": 1!王伟", directory.Range{Userids: []string{"off"}}, false},
			{"", ":", everyone, false},
			{"姓名\n", "name:", everyone, false},
		} {
			by := audit.OnBehalfOf(o.id, uint32(i))
			m, err := o.Match(t.Context(), by, o.id, directory.MatchRequest{
				Agent: 5, Rows: sheet.Read([]byte(c.text)), Within: c.within, Mobiles: c.mobiles,
			})
			if got := told(m); got != c.want || err != nil {
				t.Errorf("%q: %s (%v), want %s", c.text, got, err, c.want)
			}
		}
	})
}

// A list that cannot be read, one that is too long, and one list too many are refused;
// the log counts those that were looked up.
func TestMatchingHasLimits(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		staff(t, o)
		now := noon()
		s := directory.New(directory.Deps{Store: o.store(), Now: func() time.Time { return now }})
		by := audit.ByOperator()
		match := func(text string) error {
			_, err := s.Match(t.Context(), by, o.id, directory.MatchRequest{Agent: 5, Rows: sheet.Read([]byte(text)), Within: everyone})
			return err
		}
		f := fault.From(match("name\n\"x\n"))
		if f.Code != fault.CodeParameterInvalid || f.Field != "file" || !strings.HasPrefix(f.Text, "line 2: ") {
			t.Errorf("a bad quote: %+v", f)
		}
		f = fault.From(match(strings.Repeat("x\n", directory.MaxMatchedRows+1)))
		if f.Code != fault.CodeParameterInvalid || f.Limit != directory.MaxMatchedRows || f.Actual != f.Limit+1 {
			t.Errorf("too long: %+v", f)
		}
		f = fault.From(match(strings.Repeat(strings.Repeat("x,", 100)+"\n", 5001)))
		if f.Code != fault.CodeParameterInvalid || f.Limit != directory.MaxMatchedCells || f.Actual != f.Limit+100 {
			t.Errorf("too many cells: %+v", f)
		}
		for range 17 {
			must(t, match("王伟\nhan\nhan\nnone\n"))
		}
		now = now.Add(59 * time.Minute)
		f = fault.From(match("han\n"))
		if f.Code != fault.CodeThrottled || f.RetryAfter != time.Minute || f.Limit != 20 {
			t.Errorf("one too many: %+v", f)
		}
		now = now.Add(time.Minute)
		must(t, match("han\n"))
		var lists []string
		for _, e := range o.log(t, o.id, 0) {
			if strings.HasPrefix(e, "people.match") {
				lists = append(lists, e)
			}
		}
		const want = "people.match 5: ambiguous 1; by mobile 0; lines 4; matched 1; repeated 1; unknown 1 by "
		if len(lists) != 18 || !strings.HasPrefix(lists[0], want) {
			t.Errorf("%d lists in the log, the first: %v", len(lists), lists)
		}
	})
}
