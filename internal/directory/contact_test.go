package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// viewer is an app of the organization itself that sees those within a range.
func (o org) viewer(within directory.Range) directory.Viewer {
	return directory.Viewer{Organization: o.id, Within: within, Provider: o.id}
}

func (o org) mustMobile(tb testing.TB, userid, mobile string, depts ...int64) {
	tb.Helper()
	_, err := o.CreateUser(tb.Context(), audit.ByOperator(), o.id, directory.NewUser{Userid: userid, Name: userid, Mobile: mobile, DeptIDs: depts})
	must(tb, err)
}

// inOrder are the userids of a page, with spaces between.
func inOrder(contacts []directory.Contact) string {
	var userids []string
	for _, c := range contacts {
		userids = append(userids, c.Userid)
	}
	return strings.Join(userids, " ")
}

// A range decides whom an app sees, and which of their departments.
func TestContactsWithinARange(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		sales := o.mustDept(t, directory.RootID, "Sales")
		east, hidden := o.mustDept(t, sales, "East"), o.mustDept(t, directory.RootID, "Hidden")
		o.mustMobile(t, "both", "13800000001", hidden, east)
		o.mustMobile(t, "out", "13800000002", hidden)
		o.mustMobile(t, "named", "13800000003", hidden)
		o.mustMobile(t, "off", "13800000004", east)
		must(t, o.DisableUser(t.Context(), audit.ByOperator(), o.id, "off"))
		all, some := o.viewer(everyone), o.viewer(directory.Range{DeptIDs: []int64{sales}, Userids: []string{"named"}})

		for userid, want := range map[string][2]fault.Code{ // to whom sees all, and some
			"both": {}, "named": {}, "out": {"", fault.CodeUserOutside},
			"off": {fault.CodeUserDisabled, fault.CodeUserDisabled}, "none": {fault.CodeUserUnknown, fault.CodeUserUnknown},
		} {
			for i, v := range []directory.Viewer{all, some} {
				got, err := o.Contact(t.Context(), v, userid)
				if want[i] != "" {
					wantCode(t, err, want[i])
					continue
				}
				must(t, err)
				if got.Userid != userid || got.UnionID == "" {
					t.Errorf("%+v", got)
				}
			}
		}
		got, err := o.Contact(t.Context(), some, "both")
		if must(t, err); !slices.Equal(got.DeptIDs, []int64{east}) {
			t.Errorf("departments %v", got.DeptIDs)
		}
		for mobile, want := range map[string][2]string{"13800000001": {"both", "both"}, "+86 138-0000-0002": {"out", ""}, "13800000004": {"", ""}} {
			for i, v := range []directory.Viewer{all, some} {
				got, err := o.ContactByMobile(t.Context(), v, mobile)
				if want[i] == "" {
					wantCode(t, err, fault.CodeUserUnknown)
				} else if must(t, err); got.Userid != want[i] {
					t.Errorf("%s: %s", mobile, got.Userid)
				}
			}
		}
		for _, v := range []directory.Viewer{all, some} {
			for onlyActive, want := range map[bool]int64{true: 3, false: 4} {
				if v.Within.DeptIDs != nil {
					want = 2
				}
				if n, err := o.CountContacts(t.Context(), v, onlyActive); err != nil || n != want {
					t.Errorf("%d people, want %d (%v)", n, want, err)
				}
			}
		}
		_, err = o.Members(t.Context(), some, directory.MemberQuery{DeptID: hidden, Limit: 9})
		wantCode(t, err, fault.CodeDepartmentOutside)
		_, err = o.MemberUserids(t.Context(), some, directory.RootID)
		wantCode(t, err, fault.CodeDepartmentOutside)
		_, err = o.Members(t.Context(), all, directory.MemberQuery{DeptID: 99, Limit: 9})
		wantCode(t, err, fault.CodeDepartmentUnknown)
		userids, err := o.MemberUserids(t.Context(), all, hidden)
		must(t, err)
		wantNames(t, "in Hidden", slices.Collect(userids), "both", "out", "named")
		checkVisibleDepartments(t, o, all, some, sales, east, hidden)
	})
}

func checkVisibleDepartments(t *testing.T, o org, all, some directory.Viewer, sales, east, hidden int64) {
	t.Helper()
	for _, c := range []struct {
		v    directory.Viewer
		id   int64
		deep bool
		want string // ids, each with its parent
	}{
		{all, 0, false, fmt.Sprint(sales, "<1 ", hidden, "<1 ")},
		{all, 0, true, fmt.Sprint("1<0 ", sales, "<1 ", east, "<", sales, " ", hidden, "<1 ")},
		{all, 1, false, fmt.Sprint(sales, "<1 ", hidden, "<1 ")},
		{all, sales, true, fmt.Sprint(east, "<", sales, " ")},
		{some, 0, false, fmt.Sprint(sales, "<0 ")},
		{some, 0, true, fmt.Sprint(sales, "<0 ", east, "<", sales, " ")},
		{some, east, false, ""},
	} {
		departments, err := o.VisibleDepartments(t.Context(), c.v, c.id, c.deep)
		must(t, err)
		got := ""
		for _, d := range departments {
			got += fmt.Sprint(d.ID, "<", d.ParentID, " ")
		}
		if got != c.want {
			t.Errorf("below %d: %s, want %s", c.id, got, c.want)
		}
	}
	_, err := o.VisibleDepartments(t.Context(), some, 1, false)
	wantCode(t, err, fault.CodeDepartmentOutside)
	d, err := o.VisibleDepartment(t.Context(), some, sales)
	if must(t, err); d.ParentID != 0 || d.All != 1 {
		t.Errorf("%+v", d)
	}
	for v, want := range map[*directory.Viewer][]int64{&all: {east, sales, 1}, &some: {east, sales}} {
		if ids, err := o.Upwards(t.Context(), *v, east); err != nil || !slices.Equal(ids, want) {
			t.Errorf("upwards: %v, want %v (%v)", ids, want, err)
		}
		of, err := o.UpwardsOf(t.Context(), *v, "both")
		if must(t, err); !slices.Equal(of[0], want) || len(of) != 1+len(want)-2 {
			t.Errorf("upwards of both: %v", of)
		}
	}
	_, err = o.Upwards(t.Context(), some, hidden)
	wantCode(t, err, fault.CodeDepartmentOutside)
	_, err = o.UpwardsOf(t.Context(), some, "out")
	wantCode(t, err, fault.CodeUserOutside)
}

// However its two sides are written, a mobile finds whom it belongs to; never two people.
func TestContactsByMobile(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		for userid, mobile := range map[string]string{
			"a": "+86 138-0000-0001", "b": "13800000002", "c": "(0086) 138.0000·0003", "d": "+1-202-555-0104", "e": "13800000005", "f": "86 13800000005", "g": "",
		} {
			o.mustMobile(t, userid, mobile)
		}
		v := o.viewer(everyone)
		for mobile, want := range map[string]string{
			"13800000001": "a", "8613800000001": "a", "+86-13800000001": "a", "138 0000 0002": "b", "008613800000002": "b", "13800000003": "c",
			"12025550104": "d", "1-202-555-0104": "d", "13800000009": "", "2025550104": "", "13800000005": "",
		} {
			got, err := o.ContactByMobile(t.Context(), v, mobile)
			if want == "" {
				wantCode(t, err, fault.CodeUserUnknown)
			} else if must(t, err); got.Userid != want {
				t.Errorf("%s finds %s, want %s", mobile, got.Userid, want)
			}
		}
		for _, none := range []string{"", "12345", "x13800000001", "13800000001 or so", strings.Repeat("1", 21)} {
			_, err := o.ContactByMobile(t.Context(), v, none)
			wantCode(t, err, fault.CodeMobileInvalid)
		}
		must(t, o.DeleteUser(t.Context(), audit.ByOperator(), o.id, "f"))
		if got, err := o.ContactByMobile(t.Context(), v, "13800000005"); err != nil || got.Userid != "e" {
			t.Errorf("of one who is left: %s (%v)", got.Userid, err)
		}
	})
}

// Pages in both orders have everybody once, also while somebody of an earlier page goes.
func TestPagesOfMembers(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		team := o.mustDept(t, directory.RootID, "Team")
		for i := range 7 {
			o.mustUser(t, fmt.Sprint("u", i), team)
			o.mustUser(t, fmt.Sprint("other", i))
		}
		v := o.viewer(everyone)
		walk := func(q directory.MemberQuery, between func()) string {
			all := ""
			for {
				page, err := o.Members(t.Context(), v, q)
				must(t, err)
				all += inOrder(page.Contacts) + "/"
				if q.Cursor = page.Next; q.Cursor == 0 {
					return all
				}
				between()
			}
		}
		nothing := func() {}
		for q, want := range map[directory.MemberQuery]string{
			{DeptID: team, Limit: 3}:                                    "u0 u1 u2/u3 u4 u5/u6/",
			{DeptID: team, Limit: 3, Descending: true}:                  "u6 u5 u4/u3 u2 u1/u0/",
			{DeptID: team, Limit: 7}:                                    "u0 u1 u2 u3 u4 u5 u6/",
			{DeptID: team, Limit: 3, Skip: 5}:                           "u5 u6/",
			{DeptID: team, Limit: 3, Skip: 7}:                           "/",
			{DeptID: team, Limit: 3, Cursor: 1 << 40}:                   "/",
			{DeptID: team, Limit: 9, Cursor: 1 << 40, Descending: true}: "u6 u5 u4 u3 u2 u1 u0/",
		} {
			if got := walk(q, nothing); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
		gone := 0
		got := walk(directory.MemberQuery{DeptID: team, Limit: 2}, func() {
			must(t, o.DeleteUser(t.Context(), audit.ByOperator(), o.id, fmt.Sprint("u", gone)))
			gone++
		})
		if got != "u0 u1/u2 u3/u4 u5/u6/" {
			t.Errorf("while people go: %s", got)
		}
	})
}

// A unionid is one for all apps of a provider and another for those of others, leads back
// to the person in their own organization only, and stays.
func TestUnionIDs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o, p := mustOrg(t, db, "One"), mustOrg(t, db, "Two")
		o.mustUser(t, "u")
		o.mustUser(t, "v")
		p.mustUser(t, "u")
		own := o.viewer(everyone)
		theirs := directory.Viewer{Organization: o.id, Within: everyone, Provider: p.id}
		id := func(v directory.Viewer, userid string) string {
			t.Helper()
			c, err := o.Contact(t.Context(), v, userid)
			must(t, err)
			return c.UnionID
		}
		same := id(own, "u")
		different := []string{
			same, id(own, "v"), id(theirs, "u"), id(theirs, "v"), id(p.viewer(everyone), "u"),
			id(directory.Viewer{Organization: p.id, Within: everyone, Provider: o.id}, "u"),
		}
		slices.Sort(different)
		if len(slices.Compact(different)) != 6 || len(same) != 27 {
			t.Errorf("unionids %v", different)
		}
		name := "Renamed"
		_, err := o.UpdateOrganization(t.Context(), audit.ByOperator(), o.id, directory.OrganizationChange{Name: &name})
		must(t, err)
		_, err = o.UpdateUser(t.Context(), audit.ByOperator(), o.id, "u", directory.UserChange{Name: &name})
		must(t, err)
		other := org{directory.New(directory.Deps{Store: db.Directory(), Now: noon}), o.id, db} // another node
		if c, err := other.Contact(t.Context(), own, "u"); err != nil || c.UnionID != same {
			t.Errorf("changed to %s (%v)", c.UnionID, err)
		}
		if c, err := other.ContactByUnionID(t.Context(), own, same); err != nil || c.Userid != "u" {
			t.Errorf("leads to %s (%v)", c.Userid, err)
		}
		elsewhere := directory.Viewer{Organization: p.id, Within: everyone, Provider: o.id}
		for _, c := range []struct {
			v  directory.Viewer
			id string
		}{
			{theirs, same},
			{elsewhere, same},
			{own, id(theirs, "u")},
			{own, ""},
			{own, "x"},
			{own, same + "A"},
			{own, same[:26] + "!"},
			{own, strings.Repeat("A", 27)},
			{o.viewer(directory.Range{Userids: []string{"v"}}), same},
		} {
			_, err := o.ContactByUnionID(t.Context(), c.v, c.id)
			wantCode(t, err, fault.CodeUserUnknown)
		}
		must(t, o.DisableUser(t.Context(), audit.ByOperator(), o.id, "u"))
		_, err = o.ContactByUnionID(t.Context(), own, same)
		wantCode(t, err, fault.CodeUserUnknown)
	})
}

// Owners and administrators are listed once each, those of a range only.
func TestAdministrators(t *testing.T) {
	t.Parallel()
	eachOrg(t, func(t *testing.T, o org) {
		for userid, roles := range map[string][]string{"a": {"administrator", "owner"}, "b": {"administrator"}, "c": {"auditor"}, "d": {"owner"}} {
			o.mustUser(t, userid)
			_, err := o.UpdateUser(t.Context(), audit.ByOperator(), o.id, userid, directory.UserChange{Roles: &roles})
			must(t, err)
		}
		for want, within := range map[string]directory.Range{"a b d": everyone, "b": {Userids: []string{"b", "c"}}} {
			admins, err := o.Administrators(t.Context(), o.viewer(within))
			must(t, err)
			got := strings.Fields(inOrder(admins))
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				t.Errorf("%v, want %s", got, want)
			}
		}
	})
}
