package model_test

import (
	"slices"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/directory"
)

// person is somebody who is or was there. Their place in the list of people is
// their ordinal.
type person struct {
	ordinal  uint32
	userid   string
	depts    []int64
	disabled bool
	deleted  bool
	token    string // opens their inbox, once it was asked for
}

func (p *person) active() bool { return !p.disabled && !p.deleted }

// firm is who belongs where.
type firm struct {
	people  []*person       // by ordinal
	parents map[int64]int64 // department → the one above; the root's is 0
}

// named returns who answers to a userid in a send.
func (f *firm) named(userid string) *person {
	for _, p := range f.people {
		if p.userid == userid && p.active() {
			return p
		}
	}
	return nil
}

// in reports whether somebody is in a department or anywhere below it.
func (f *firm) in(p *person, dept int64) bool {
	for _, d := range p.depts {
		for ; d != 0; d = f.parents[d] {
			if d == dept {
				return true
			}
		}
	}
	return false
}

// below reports whether a department is another or below it.
func (f *firm) below(dept, above int64) bool {
	for ; dept != 0; dept = f.parents[dept] {
		if dept == above {
			return true
		}
	}
	return false
}

func (f *firm) active() []*person {
	return slices.DeleteFunc(slices.Clone(f.people), func(p *person) bool { return !p.active() })
}

// departments returns all ids, ascending.
func (f *firm) departments() []int64 {
	ids := make([]int64, 0, len(f.parents))
	for id := range f.parents {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// reached is what an audience comes to: everybody who was named is in one of
// the first three.
type reached struct {
	recipients, outsideUser, outsideDept []*person // by ordinal
	invalidUserids                       []string
	invalidDeptIDs                       []int64
	everyone                             bool
}

// resolve asks of each person in turn how they were named.
func (f *firm) resolve(a client.Audience, reach directory.Range) reached {
	r := reached{everyone: a.Everyone || slices.Contains(a.DeptIDs, directory.RootID)}
	for _, userid := range a.Userids {
		if f.named(userid) == nil && !slices.Contains(r.invalidUserids, userid) {
			r.invalidUserids = append(r.invalidUserids, userid)
		}
	}
	var depts []int64
	for _, id := range a.DeptIDs {
		if _, known := f.parents[id]; known {
			depts = append(depts, id)
		} else if !slices.Contains(r.invalidDeptIDs, id) {
			r.invalidDeptIDs = append(r.invalidDeptIDs, id)
		}
	}
	depts = slices.DeleteFunc(depts, func(id int64) bool { return id == directory.RootID })
	for _, p := range f.active() {
		byName := slices.Contains(a.Userids, p.userid)
		byDept := slices.ContainsFunc(depts, func(id int64) bool { return f.in(p, id) })
		switch inside := f.reaches(reach, p); {
		case inside && (byName || byDept || r.everyone):
			r.recipients = append(r.recipients, p)
		case !inside && byName:
			r.outsideUser = append(r.outsideUser, p)
		case !inside && byDept:
			r.outsideDept = append(r.outsideDept, p)
		}
	}
	return r
}

func (f *firm) reaches(r directory.Range, p *person) bool {
	return r.Everyone || slices.Contains(r.Userids, p.userid) ||
		slices.ContainsFunc(r.DeptIDs, func(id int64) bool { return f.in(p, id) })
}
