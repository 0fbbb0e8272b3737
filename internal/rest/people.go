package rest

import (
	"context"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// peopleRoom lists an organization's people and departments; see directory.Service.
type peopleRoom interface {
	ListPeople(ctx context.Context, organization int64, q directory.PeopleQuery) (directory.PeoplePage, error)
	ListDepartments(ctx context.Context, organization int64, q directory.DepartmentQuery) ([]directory.DepartmentPlace, *directory.DepartmentKey, error)
}

// colleagues is the people of an organization.
type colleagues struct {
	people People
	apps   appsByHand
}

func (c *colleagues) routes(r route.Table) {
	route.JSON(r, route.Get("listDepartments", "/departments", "List departments", listDepartmentsText), policy.PeopleRead, c.departments)
	route.JSON(r, route.Get("listPeople", "/people", "List people", listPeopleText), policy.PeopleRead, c.list)
}

const (
	listDepartmentsText = "With parent those directly below it, in their order. With q those with that in the name, or with a name in Chinese that is " +
		"read so, below parent where that is named too. Without either the root alone. A composer who has no role sees what is inside of the ranges of the apps " +
		"that they compose for: without parent and q the departments of those."
	listPeopleText = "Active and disabled people, in the order in which they were entered into the directory. q finds by a part of the name, the " +
		"userid or the job number, and names in Chinese by syllables, first letters and both: 王小明 by wangxiaoming, wxm, xiaoming or wangxm."
)

// DepartmentsQuery is which departments are asked for.
type DepartmentsQuery struct {
	Parent string `query:"parent" pattern:"^[0-9]{1,16}$" doc:"Only those below this department."`
	Q      string `query:"q" maxLength:"120" doc:"Only those with this in the name, whatever the case, or with a name that is read so."`
	After  string `query:"after" maxLength:"40" doc:"next_after of the page before this one."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"100" doc:"Most departments of the page."`
}

// DepartmentList is the answer of listDepartments.
type DepartmentList struct {
	Items     []Department `json:"items" doc:"The departments."`
	NextAfter *string      `json:"next_after" doc:"Goes into after for the next page; null at the end."`
}

// Department is a department with what is below it.
type Department struct {
	DeptID   string  `json:"dept_id" doc:"The department."`
	ParentID *string `json:"parent_id" doc:"The department above it; null for the root, and for one that the asker does not see."`
	Name     string  `json:"name" doc:"What it is called; the root as the organization."`
	Path     string  `json:"path" doc:"The names from below the root, with slashes; for the root its name."`
	People   int     `json:"people" doc:"How many active people are in it and below it."`
	Children int     `json:"children" doc:"How many departments are directly below it."`
}

type departmentsAnswer struct{ Body DepartmentList }

// within is what of the directory somebody may see.
func (c *colleagues) within(ctx context.Context, v *route.Visit) (directory.Range, error) {
	unseen := fault.New(fault.CodeOrganizationUnknown, "there is no such organization")
	if _, err := policy.Check(v.Asker, v.Right, policy.Resource{Organization: v.Viewer.Organization}, unseen); err != nil {
		return directory.Range{}, err
	}
	if seesAll(v.Asker) {
		return directory.Range{Everyone: true}, nil
	}
	usable, err := c.apps.ByHand(ctx, v.Asker)
	if err != nil {
		return directory.Range{}, err
	}
	var all directory.Range
	for _, one := range usable {
		reach := one.Agent.Range
		all.Everyone = all.Everyone || reach.Everyone
		all.DeptIDs, all.Userids = append(all.DeptIDs, reach.DeptIDs...), append(all.Userids, reach.Userids...)
	}
	return all, nil
}

// seesAll reports whether somebody sees the whole directory by their roles, and not
// those whom their apps may reach.
func seesAll(a policy.Asker) bool {
	a.Composes = nil
	return a.Verdict(policy.PeopleRead, policy.Resource{Organization: a.By.Organization}, policy.Case{}) == policy.Granted
}

func (c *colleagues) departments(ctx context.Context, v *route.Visit, in *DepartmentsQuery) (*departmentsAnswer, error) {
	within, err := c.within(ctx, v)
	if err != nil {
		return nil, err
	}
	q := directory.DepartmentQuery{Within: within, Text: in.Q, Limit: in.Limit}
	q.ParentID, _ = strconv.ParseInt(in.Parent, 10, 64) // digits by the schema, few enough
	if q.After, err = departmentKey(in.After); err != nil {
		return nil, err
	}
	if in.Parent != "" && q.ParentID == 0 { // no department has the number 0
		return nil, fault.New(fault.CodeDepartmentUnknown, "department 0 is not known").WithField("parent")
	}
	page, next, err := c.people.ListDepartments(ctx, v.Viewer.Organization, q)
	if err != nil {
		return nil, err
	}
	list := DepartmentList{Items: make([]Department, len(page))}
	for i, d := range page {
		list.Items[i] = Department{DeptID: strconv.FormatInt(d.ID, 10), Name: d.Name, Path: d.Path, People: d.All, Children: d.Children}
		if d.ParentID != 0 {
			parent := strconv.FormatInt(d.ParentID, 10)
			list.Items[i].ParentID = &parent
		}
	}
	if next != nil {
		after := strconv.FormatInt(next.Order, 10) + "." + strconv.FormatInt(next.ID, 10)
		list.NextAfter = &after
	}
	return &departmentsAnswer{list}, nil
}

// departmentKey reads after.
func departmentKey(after string) (*directory.DepartmentKey, error) {
	if after == "" {
		return nil, nil
	}
	order, id, _ := strings.Cut(after, ".")
	var key directory.DepartmentKey
	var err1, err2 error
	key.Order, err1 = strconv.ParseInt(order, 10, 64)
	key.ID, err2 = strconv.ParseInt(id, 10, 64)
	if err1 != nil || err2 != nil {
		return nil, fault.New(fault.CodeParameterInvalid, "after is no next_after of a page").WithField("after")
	}
	return &key, nil
}

// PeopleQuery is which people are asked for.
type PeopleQuery struct {
	Dept  string `query:"dept" pattern:"^[0-9]{1,16}$" doc:"Only those who are in this department."`
	Deep  bool   `query:"deep" doc:"true: with dept, or below it."`
	Q     string `query:"q" maxLength:"120" doc:"Only those with this in the name, the userid or the job number, whatever the case, or with a name that is read so."`
	State string `query:"state" enum:"active,disabled" doc:"Only those in this state."`
	After string `query:"after" pattern:"^[0-9]{1,10}$" doc:"next_after of the page before this one."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"100" doc:"Most people of the page."`
}

// PeopleList is the answer of listPeople.
type PeopleList struct {
	Items     []ListedPerson `json:"items" doc:"The people."`
	NextAfter *string        `json:"next_after" doc:"Goes into after for the next page; null at the end."`
	Total     int            `json:"total" doc:"How many are on all pages."`
}

// ListedPerson is somebody of the organization.
type ListedPerson struct {
	Userid      string                `json:"userid" doc:"The person, unique in their organization."`
	Name        string                `json:"name" doc:"The person's name."`
	JobNumber   string                `json:"job_number" doc:"The person's job number; may be empty."`
	Departments []RecipientDepartment `json:"departments" doc:"Where the person is."`
	State       string                `json:"state" enum:"active,disabled" doc:"Whether the person can be reached."`
}

type peopleAnswer struct{ Body PeopleList }

func (c *colleagues) list(ctx context.Context, v *route.Visit, in *PeopleQuery) (*peopleAnswer, error) {
	within, err := c.within(ctx, v)
	if err != nil {
		return nil, err
	}
	q := directory.PeopleQuery{Within: within, Below: in.Deep, Text: in.Q, Limit: in.Limit}
	q.DeptID, _ = strconv.ParseInt(in.Dept, 10, 64) // digits by the schema, few enough
	if in.Dept != "" && q.DeptID == 0 {             // no department has the number 0
		return nil, fault.New(fault.CodeDepartmentUnknown, "department 0 is not known").WithField("dept")
	}
	if in.State != "" {
		state := directory.Active
		if in.State == directory.Disabled.String() {
			state = directory.Disabled
		}
		q.State = &state
	}
	if in.After != "" {
		after, err := strconv.ParseUint(in.After, 10, 32)
		if err != nil {
			return nil, fault.New(fault.CodeParameterInvalid, "after is no next_after of a page").WithField("after")
		}
		ordinal := uint32(after)
		q.After = &ordinal
	}
	page, err := c.people.ListPeople(ctx, v.Viewer.Organization, q)
	if err != nil {
		return nil, err
	}
	list := PeopleList{Total: page.Total}
	w := recipientWriter{people: c.people, organization: v.Viewer.Organization, paths: map[int64]string{}}
	if err := w.meet(ctx, page.Users...); err != nil {
		return nil, err
	}
	list.Items = w.listed(page.Users)
	if page.Next != nil {
		next := strconv.FormatUint(uint64(*page.Next), 10)
		list.NextAfter = &next
	}
	return &peopleAnswer{list}, nil
}

// listed says who people are whom it has met.
func (w *recipientWriter) listed(users []directory.User) []ListedPerson {
	all := make([]ListedPerson, len(users))
	for i, u := range users {
		all[i] = ListedPerson{Userid: u.Userid, Name: u.Name, JobNumber: u.JobNumber, Departments: w.departments(u.DeptIDs), State: u.State().String()}
	}
	return all
}
