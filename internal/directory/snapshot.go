package directory

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// person is one ordinal of the snapshot: 24 bytes, since there are a million.
type person struct {
	userid string
	depts  uint32 // index into snapshot.lists
	state  State
}

// snapshot is one organization in memory. It is guarded by its tenant's mutex;
// sets leave it as copies only, so that it may change them in place.
type snapshot struct {
	revision     int64
	organization Organization
	location     *time.Location

	people []person          // by ordinal
	living map[string]uint32 // userid → ordinal of everybody but the deleted
	active *roaring.Bitmap

	disabled *roaring.Bitmap // of the living

	departed map[string]int // userid → how many deleted people have had it

	// Few lists of departments are shared by many people.
	lists  [][]int64
	listOf map[string]uint32

	tree tree
}

func newSnapshot(people int) *snapshot {
	return &snapshot{
		people: make([]person, people),
		living: make(map[string]uint32, people),
		active: roaring.New(), disabled: roaring.New(), departed: map[string]int{},
		listOf: map[string]uint32{},
		tree:   newTree(),
	}
}

// delta is what was read from the database after a revision.
type delta struct {
	revision     int64
	organization Organization
	departments  []Department
	members      []Member
}

// apply brings the snapshot to d.revision. A row is applied as it stands, so
// that applying one twice, or one that is newer than d.revision, does no harm:
// whatever is newer is read again by the next catch-up.
func (s *snapshot) apply(d delta) {
	s.setOrganization(d.organization)
	moved := false
	for _, dept := range d.departments {
		moved = s.tree.put(dept) || moved
	}
	touched := map[*node]bool{}
	for _, m := range d.members {
		s.put(m, touched)
	}
	if moved {
		s.tree.rebuild()
	}
	for n := range touched {
		n.direct.RunOptimize()
		n.all.RunOptimize()
	}
	if len(d.members) > 0 {
		s.active.RunOptimize()
	}
	s.revision = d.revision
}

// setOrganization falls back to UTC for a zone this machine does not know, as
// a node with older zone files may meet one.
func (s *snapshot) setOrganization(o Organization) {
	s.organization = o
	location, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		location = time.UTC
	}
	s.location = location
}

// put replaces one person and collects the departments whose sets changed.
func (s *snapshot) put(m Member, touched map[*node]bool) {
	for int(m.Ordinal) >= len(s.people) {
		s.people = append(s.people, person{state: Deleted})
	}
	p := &s.people[m.Ordinal]
	depts := s.list(m.Depts)
	if p.userid == m.Userid && p.depts == depts && p.state == m.State {
		return
	}
	if p.state != Deleted {
		s.leave(m.Ordinal, p, touched)
	} else {
		s.depart(p.userid, -1)
	}
	*p = person{userid: m.Userid, depts: depts, state: m.State}
	if p.state != Deleted {
		s.enter(m.Ordinal, p, touched)
	} else {
		s.depart(p.userid, 1)
	}
}

// depart counts the userid of somebody deleted. Erased people have left none.
func (s *snapshot) depart(userid string, n int) {
	if userid == "" || isTombstone(userid) {
		return
	}
	if s.departed[userid] += n; s.departed[userid] == 0 {
		delete(s.departed, userid)
	}
}

func (s *snapshot) leave(ordinal uint32, p *person, touched map[*node]bool) {
	// The userid may have passed on to somebody else already.
	if s.living[p.userid] == ordinal {
		delete(s.living, p.userid)
	}
	s.active.Remove(ordinal)
	s.disabled.Remove(ordinal)
	for _, id := range s.lists[p.depts] {
		n := s.tree.node(id)
		n.living--
		n.direct.Remove(ordinal)
		touched[n] = true
		for a := range s.tree.upwards(id) {
			a.all.Remove(ordinal)
			touched[a] = true
		}
	}
}

func (s *snapshot) enter(ordinal uint32, p *person, touched map[*node]bool) {
	s.living[p.userid] = ordinal
	if p.state == Active {
		s.active.Add(ordinal)
	} else {
		s.disabled.Add(ordinal)
	}
	for _, id := range s.lists[p.depts] {
		n := s.tree.node(id)
		n.living++
		if p.state != Active {
			continue
		}
		n.direct.Add(ordinal)
		touched[n] = true
		for a := range s.tree.upwards(id) {
			a.all.Add(ordinal)
			touched[a] = true
		}
	}
}

// list returns the number of a list of departments.
func (s *snapshot) list(text string) uint32 {
	if i, ok := s.listOf[text]; ok {
		return i
	}
	i := uint32(len(s.lists))
	s.lists = append(s.lists, ParseDeptIDs(text))
	s.listOf[text] = i
	return i
}

// ordinal finds an active person.
func (s *snapshot) ordinal(userid string) (uint32, bool) {
	o, ok := s.living[userid]
	return o, ok && s.active.Contains(o)
}
