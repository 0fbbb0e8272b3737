package directory_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// model is a directory as one would write it without thinking of speed.
type model struct {
	people []modelPerson // by ordinal
	parent map[int64]int64
	name   map[int64]string
	used   map[int64]bool // every id ever
}

type modelPerson struct {
	userid            string
	depts             []int64
	disabled, deleted bool
}

func (m *model) living(userid string) *modelPerson {
	for i := range m.people {
		if p := &m.people[i]; p.userid == userid && !p.deleted {
			return p
		}
	}
	return nil
}

func (m *model) within(dept, top int64) bool {
	for ; dept != 0; dept = m.parent[dept] {
		if dept == top {
			return true
		}
	}
	return false
}

func (m *model) sibling(parent int64, name string) int64 {
	for id, p := range m.parent {
		if p == parent && m.name[id] == name {
			return id
		}
	}
	return 0
}

func (m *model) inDept(p modelPerson, tops []int64) bool {
	for _, d := range p.depts {
		for _, top := range tops {
			if _, exists := m.parent[top]; exists && m.within(d, top) {
				return true
			}
		}
	}
	return false
}

type modelAnswer struct {
	recipients, outsideUser, outsideDept, invalid []string
	userReasons, deptReasons                      []directory.Reason
	invalidDepts                                  []int64
	everyone                                      bool
}

// reason is why nobody active has a userid.
func (m *model) reason(userid string) directory.Reason {
	switch had := func(p modelPerson) bool { return p.userid == userid }; {
	case m.living(userid) != nil:
		return directory.ReasonDisabled
	case slices.ContainsFunc(m.people, had):
		return directory.ReasonDeleted
	default:
		return directory.ReasonUnknown
	}
}

func (m *model) resolve(a directory.Audience, r directory.Range) modelAnswer {
	var out modelAnswer
	for _, u := range a.Userids {
		if p := m.living(u); (p == nil || p.disabled) && !slices.Contains(out.invalid, u) {
			out.invalid = append(out.invalid, u)
			out.userReasons = append(out.userReasons, m.reason(u))
		}
	}
	for _, d := range a.DeptIDs {
		if _, ok := m.parent[d]; !ok && !slices.Contains(out.invalidDepts, d) {
			out.invalidDepts = append(out.invalidDepts, d)
			reason := directory.ReasonUnknown
			if m.used[d] {
				reason = directory.ReasonDeleted
			}
			out.deptReasons = append(out.deptReasons, reason)
		}
	}
	out.everyone = a.Everyone || slices.Contains(a.DeptIDs, directory.RootID)
	below := slices.DeleteFunc(slices.Clone(a.DeptIDs), func(d int64) bool { return d == directory.RootID })
	for _, p := range m.people {
		if p.deleted || p.disabled {
			continue
		}
		inRange := r.Everyone || slices.Contains(r.Userids, p.userid) || m.inDept(p, r.DeptIDs)
		named, reached := slices.Contains(a.Userids, p.userid), m.inDept(p, below)
		switch {
		case inRange && (named || reached || out.everyone):
			out.recipients = append(out.recipients, p.userid)
		case named:
			out.outsideUser = append(out.outsideUser, p.userid)
		case reached:
			out.outsideDept = append(out.outsideDept, p.userid)
		}
	}
	slices.Sort(out.recipients)
	slices.Sort(out.outsideUser)
	slices.Sort(out.outsideDept)
	return out
}

// TestTwoNodesAgreeWithAModel changes one directory through two nodes and
// compares what random audiences come to with the model's answer.
func TestTwoNodesAgreeWithAModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			here := mustOrg(t, db, "Example")
			there := org{directory.New(directory.Deps{Store: db.Directory(), Now: noon}), here.id, db}
			run := &modelRun{
				T: rt, nodes: []org{here, there}, ctx: context.Background(),
				m: model{parent: map[int64]int64{1: 0}, name: map[int64]string{1: "Example"}, used: map[int64]bool{1: true}},
			}
			for range 3 {
				run.createDept()
				run.createUser()
			}
			actions := map[string]func(*rapid.T){}
			for name, act := range map[string]func(){
				"create user": run.createUser, "create user too": run.createUser, "move user": run.moveUser,
				"disable": run.disable, "enable": run.enable, "delete user": run.deleteUser,
				"create department": run.createDept, "move department": run.moveDept, "delete department": run.deleteDept,
				"resolve": run.resolve, "resolve again": run.resolve, "resolve once more": run.resolve,
			} {
				actions[name] = func(*rapid.T) { act() }
			}
			rt.Repeat(actions)
			fresh := org{directory.New(directory.Deps{Store: db.Directory(), Now: noon}), here.id, db}
			run.nodes = append(run.nodes, fresh)
			for range 5 {
				run.resolve()
			}
		})
	})
}

type modelRun struct {
	*rapid.T

	ctx   context.Context
	nodes []org
	m     model
}

func (r *modelRun) node() org { return rapid.SampledFrom(r.nodes).Draw(r.T, "node") }

// userid is mostly somebody who was there at some time.
func (r *modelRun) userid() string {
	if n := len(r.m.people); n > 0 && !r.yes("anybody") {
		return r.m.people[rapid.IntRange(0, n-1).Draw(r.T, "person")].userid
	}
	return fmt.Sprintf("u%d", rapid.IntRange(0, 7).Draw(r.T, "user"))
}

// dept is mostly one that exists.
func (r *modelRun) dept() int64 {
	if r.yes("any department") {
		return rapid.Int64Range(1, 9).Draw(r.T, "dept")
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(r.m.parent))).Draw(r.T, "existing dept")
}

func (r *modelRun) depts() []int64 {
	depts := make([]int64, rapid.IntRange(0, 3).Draw(r.T, "depts"))
	for i := range depts {
		depts[i] = r.dept()
	}
	return depts
}

func (r *modelRun) yes(s string) bool { return rapid.IntRange(0, 5).Draw(r.T, s) == 0 }

// expect compares a refusal with the one the model asks for, "" for none.
func (r *modelRun) expect(what string, err error, code fault.Code) bool {
	if code == "" && err != nil || code != "" && !fault.Is(err, code) {
		r.Fatalf("%s: got %v, want %q", what, err, code)
	}
	return code == ""
}

func (r *modelRun) missing(depts []int64) bool {
	return slices.ContainsFunc(depts, func(d int64) bool { _, ok := r.m.parent[d]; return !ok })
}

func (r *modelRun) createUser() {
	o, userid, depts := r.node(), fmt.Sprintf("u%d", rapid.IntRange(0, 7).Draw(r.T, "user")), r.depts()
	var want fault.Code
	switch {
	case r.m.living(userid) != nil:
		want = fault.CodeUserExists
	case r.missing(depts):
		want = fault.CodeDepartmentUnknown
	}
	u, err := o.CreateUser(r.ctx, audit.ByOperator(), o.id, directory.NewUser{Userid: userid, Name: userid, DeptIDs: depts})
	if r.expect("create "+userid, err, want) {
		if int(u.Ordinal) != len(r.m.people) {
			r.Fatalf("ordinal %d, want %d", u.Ordinal, len(r.m.people))
		}
		r.m.people = append(r.m.people, modelPerson{userid: userid, depts: u.DeptIDs})
	}
}

func (r *modelRun) onUser(act func(o org, userid string) error, then func(*modelPerson), want fault.Code) {
	o, userid := r.node(), r.userid()
	p := r.m.living(userid)
	if p == nil {
		want = fault.CodeUserUnknown
	}
	if r.expect("change "+userid, act(o, userid), want) {
		then(p)
	}
}

func (r *modelRun) moveUser() {
	depts := append(r.depts(), r.dept())
	var want fault.Code
	if r.missing(depts) {
		want = fault.CodeDepartmentUnknown
	}
	r.onUser(func(o org, userid string) error {
		_, err := o.UpdateUser(r.ctx, audit.ByOperator(), o.id, userid, directory.UserChange{DeptIDs: &depts})
		return err
	}, func(p *modelPerson) { p.depts = depts }, want)
}

func (r *modelRun) disable() {
	r.onUser(func(o org, u string) error { return o.DisableUser(r.ctx, audit.ByOperator(), o.id, u) }, func(p *modelPerson) { p.disabled = true }, "")
}

func (r *modelRun) enable() {
	r.onUser(func(o org, u string) error { return o.EnableUser(r.ctx, audit.ByOperator(), o.id, u) }, func(p *modelPerson) { p.disabled = false }, "")
}

func (r *modelRun) deleteUser() {
	r.onUser(func(o org, u string) error { return o.DeleteUser(r.ctx, audit.ByOperator(), o.id, u) }, func(p *modelPerson) { p.deleted = true }, "")
}

func (r *modelRun) createDept() {
	o, parent, id := r.node(), r.dept(), rapid.Int64Range(1, 9).Draw(r.T, "id")
	name := fmt.Sprintf("d%d", rapid.IntRange(0, 4).Draw(r.T, "name"))
	_, parentKnown := r.m.parent[parent]
	var want fault.Code
	switch {
	case !parentKnown:
		want = fault.CodeDepartmentParent
	case r.m.within(parent, id):
		want = fault.CodeDepartmentLoop
	case r.m.sibling(parent, name) != 0 && r.m.sibling(parent, name) != id:
		want = fault.CodeDepartmentDuplicate
	case r.m.used[id]:
		want = fault.CodeConflict
	}
	_, err := o.CreateDepartment(r.ctx, audit.ByOperator(), o.id, directory.NewDepartment{ID: id, ParentID: parent, Name: name})
	if r.expect(fmt.Sprintf("create department %d", id), err, want) {
		r.m.parent[id], r.m.name[id], r.m.used[id] = parent, name, true
	}
}

func (r *modelRun) moveDept() {
	o, id, parent := r.node(), r.dept(), r.dept()
	_, known := r.m.parent[id]
	_, parentKnown := r.m.parent[parent]
	other := r.m.sibling(parent, r.m.name[id])
	var want fault.Code
	switch {
	case id == directory.RootID:
		want = fault.CodeDepartmentRoot
	case !known:
		want = fault.CodeDepartmentUnknown
	case !parentKnown:
		want = fault.CodeDepartmentParent
	case r.m.within(parent, id):
		want = fault.CodeDepartmentLoop
	case other != 0 && other != id:
		want = fault.CodeDepartmentDuplicate
	}
	_, err := o.UpdateDepartment(r.ctx, audit.ByOperator(), o.id, id, directory.DepartmentChange{ParentID: &parent})
	if r.expect(fmt.Sprintf("move department %d below %d", id, parent), err, want) {
		r.m.parent[id] = parent
	}
}

func (r *modelRun) deleteDept() {
	o, id := r.node(), r.dept()
	_, known := r.m.parent[id]
	var want fault.Code
	switch {
	case id == directory.RootID:
		want = fault.CodeDepartmentRoot
	case !known:
		want = fault.CodeDepartmentUnknown
	case slices.ContainsFunc(r.m.people, func(p modelPerson) bool { return !p.deleted && slices.Contains(p.depts, id) }):
		want = fault.CodeDepartmentHasUsers
	default:
		for _, p := range r.m.parent {
			if p == id {
				want = fault.CodeDepartmentHasChild
			}
		}
	}
	if r.expect(fmt.Sprintf("delete department %d", id), o.DeleteDepartment(r.ctx, audit.ByOperator(), o.id, id), want) {
		delete(r.m.parent, id)
		delete(r.m.name, id)
	}
}

func (r *modelRun) resolve() {
	o := r.node()
	userids := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 9), func(i int) string { return fmt.Sprintf("u%d", i) }), 0, 5)
	a := directory.Audience{Userids: userids.Draw(r.T, "userids"), DeptIDs: r.depts(), Everyone: r.yes("everyone")}
	within := directory.Range{Userids: userids.Draw(r.T, "range users"), DeptIDs: r.depts(), Everyone: r.yes("all in range")}
	if err := o.Load(r.ctx); err != nil {
		r.Fatal(err)
	}
	got, err := o.Resolve(r.ctx, o.id, a, within)
	if err != nil {
		r.Fatal(err)
	}
	have := modelAnswer{
		recipients: o.names(got.Recipients), outsideUser: o.names(got.OutsideUser), outsideDept: o.names(got.OutsideDept),
		invalid: got.InvalidUserids, userReasons: got.UserReasons,
		invalidDepts: got.InvalidDeptIDs, deptReasons: got.DeptReasons, everyone: got.Everyone,
	}
	if want := r.m.resolve(a, within); cmp.Compare(fmt.Sprintf("%+v", have), fmt.Sprintf("%+v", want)) != 0 {
		r.Fatalf("audience %+v in %+v:\n got %+v\nwant %+v", a, within, have, want)
	}
}
