package harness

import (
	"maps"
	"slices"

	"github.com/tidings-im/tidings/client"
)

// RootDepartment is the id of every organization's root; naming it names
// everyone.
const RootDepartment = 1

// Named is what an audience comes to; every list is sorted and without repeats.
type Named struct {
	People         []string // who exists
	InvalidUserids []string
	InvalidDeptIDs []int64
}

// People knows who belongs where, and resolves audiences without the server's
// help.
type People struct {
	everyone []string
	known    map[string]bool
	members  map[int64][]string // of a department and all below it
}

// NewPeople reads an organization that does not change any more.
func NewPeople(departments []Department, users []User) *People {
	parents := map[int64]int64{}
	for _, d := range departments {
		parents[d.ID] = d.ParentID
	}
	p := &People{known: map[string]bool{}, members: map[int64][]string{}}
	for _, d := range departments {
		p.members[d.ID] = nil
	}
	for _, u := range users {
		p.known[u.Userid] = true
		above := map[int64]bool{}
		for _, d := range u.DeptIDs {
			for id, ok := d, true; ok && !above[id]; id, ok = up(parents, id) {
				above[id] = true
			}
		}
		for id := range above {
			p.members[id] = append(p.members[id], u.Userid)
		}
	}
	p.everyone = slices.Sorted(maps.Keys(p.known))
	return p
}

func up(parents map[int64]int64, id int64) (int64, bool) {
	if id == RootDepartment {
		return 0, false
	}
	parent, ok := parents[id]
	return parent, ok
}

// Everyone returns all userids, sorted.
func (p *People) Everyone() []string { return p.everyone }

// Resolve returns what an audience comes to.
func (p *People) Resolve(a client.Audience) Named {
	var n Named
	everyone := a.Everyone
	for _, id := range a.DeptIDs {
		members, ok := p.members[id]
		if !ok {
			n.InvalidDeptIDs = append(n.InvalidDeptIDs, id)
		}
		everyone = everyone || id == RootDepartment
		n.People = append(n.People, members...)
	}
	for _, userid := range a.Userids {
		if p.known[userid] {
			n.People = append(n.People, userid)
		} else {
			n.InvalidUserids = append(n.InvalidUserids, userid)
		}
	}
	if everyone {
		n.People = slices.Clone(p.everyone)
	}
	n.People = sorted(n.People)
	n.InvalidUserids = sorted(n.InvalidUserids)
	n.InvalidDeptIDs = sorted(n.InvalidDeptIDs)
	return n
}

func sorted[T int64 | string](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}
