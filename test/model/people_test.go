package model_test

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// changePeople lets somebody come, go or move.
func (h *history) changePeople(t *rapid.T) {
	h.w.pass(step)
	away := slices.DeleteFunc(slices.Clone(h.m.people), func(p *person) bool { return !p.disabled || p.deleted })
	change := rapid.SampledFrom([]string{"hire", "enable", "disable", "leave", "move", "move"}).Draw(t, "change")
	if change == "enable" && len(away) == 0 {
		change = "hire"
	}
	switch change {
	case "disable":
		p := h.someone(t)
		must(t, h.w.Directory().DisableUser(context.Background(), audit.ByOperator(), h.id, p.userid))
		p.disabled = true
		h.mustBeShutOut(t, p)
		h.forget(p)
		p.token = "" // enabling does not bring it back
	case "enable":
		p := rapid.SampledFrom(away).Draw(t, "person")
		must(t, h.w.Directory().EnableUser(context.Background(), audit.ByOperator(), h.id, p.userid))
		p.disabled = false
		h.compare(t, p)
	case "leave":
		p := h.someone(t)
		must(t, h.w.Directory().DeleteUser(context.Background(), audit.ByOperator(), h.id, p.userid))
		p.deleted = true
		h.mustBeShutOut(t, p)
		h.forget(p)
	case "move":
		p, depts := h.someone(t), h.drawDepts(t)
		_, err := h.w.Directory().UpdateUser(context.Background(), audit.ByOperator(), h.id, p.userid, directory.UserChange{DeptIDs: &depts})
		must(t, err)
		p.depts = depts
	default:
		h.hire(t)
	}
}

// forget closes the devices of somebody who has lost what they signed in with.
func (h *history) forget(p *person) {
	h.devices = slices.DeleteFunc(h.devices, func(d *device) bool {
		if d.person == p {
			d.drop()
		}
		return d.person == p
	})
}

// hire adds somebody, perhaps under the userid of somebody who has left. They
// begin with nothing.
func (h *history) hire(t *rapid.T) {
	n := directory.NewUser{Userid: fmt.Sprintf("new%d", len(h.m.people)), Name: "New", DeptIDs: h.drawDepts(t)}
	left := slices.DeleteFunc(slices.Clone(h.m.people), func(p *person) bool { return !p.deleted || h.living(p.userid) })
	if len(left) > 0 {
		n.Userid = rapid.SampledFrom(left).Draw(t, "namesake").userid
	}
	u, err := h.w.Directory().CreateUser(context.Background(), audit.ByOperator(), h.id, n)
	must(t, err)
	if u.Ordinal != uint32(len(h.m.people)) {
		t.Fatalf("%s has ordinal %d, not %d", u.Userid, u.Ordinal, len(h.m.people))
	}
	p := &person{ordinal: u.Ordinal, userid: u.Userid, depts: n.DeptIDs}
	h.m.people = append(h.m.people, p)
	h.compare(t, p)
}

func (h *history) living(userid string) bool {
	return slices.ContainsFunc(h.m.people, func(p *person) bool { return p.userid == userid && !p.deleted })
}

func (h *history) drawDepts(t *rapid.T) []int64 {
	depts := rapid.SliceOfNDistinct(rapid.SampledFrom(h.m.departments()), 1, 2, rapid.ID).Draw(t, "depts")
	slices.Sort(depts)
	return depts
}

// changeDepartments moves, adds and removes departments.
func (h *history) changeDepartments(t *rapid.T) {
	ctx := context.Background()
	h.w.pass(step)
	all := h.m.departments()
	id := rapid.SampledFrom(all[1:]).Draw(t, "dept")
	switch rapid.SampledFrom([]string{"move", "move", "add", "remove"}).Draw(t, "change") {
	case "move":
		to := rapid.SampledFrom(all).Draw(t, "to")
		_, err := h.w.Directory().UpdateDepartment(ctx, audit.ByOperator(), h.id, id, directory.DepartmentChange{ParentID: &to})
		if h.m.below(to, id) {
			if !fault.Is(err, fault.CodeDepartmentLoop) {
				t.Fatalf("department %d below %d: %v", id, to, err)
			}
			return
		}
		must(t, err)
		h.m.parents[id] = to
	case "add":
		h.said++
		d, err := h.w.Directory().CreateDepartment(ctx, audit.ByOperator(), h.id, directory.NewDepartment{ParentID: id, Name: fmt.Sprintf("Added %d", h.said)})
		must(t, err)
		h.m.parents[d.ID] = id
	case "remove":
		err := h.w.Directory().DeleteDepartment(ctx, audit.ByOperator(), h.id, id)
		if h.inhabited(id) {
			if err == nil {
				t.Fatalf("department %d was removed with people or departments in it", id)
			}
			return
		}
		must(t, err)
		delete(h.m.parents, id)
	}
}

// inhabited reports whether anybody or anything is directly in a department.
func (h *history) inhabited(id int64) bool {
	for _, parent := range h.m.parents {
		if parent == id {
			return true
		}
	}
	return slices.ContainsFunc(h.m.people, func(p *person) bool { return !p.deleted && slices.Contains(p.depts, id) })
}
