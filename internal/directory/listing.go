package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/pinyin"
)

// PeopleQuery says which living people are listed.
type PeopleQuery struct {
	// Within leaves out who is outside of a range. Of a range that is not everyone
	// only active people are inside, and of their departments only those of it are told.
	Within Range
	DeptID int64  // in it; 0 for any
	Below  bool   // with DeptID: or below it
	Text   string // as FindPeople; "" for any
	State  *State // Active or Disabled; nil for both
	After  *uint32
	Limit  int
}

// PeoplePage is some of the people listed, by ascending ordinal.
type PeoplePage struct {
	Users []User
	Next  *uint32 // goes into After for those who follow; nil where nobody does
	Total int     // on all pages
}

// ListPeople returns a page of living people. Fails with department_unknown, also for one
// outside of the range, and organization_unknown.
func (s *Service) ListPeople(ctx context.Context, organization int64, q PeopleQuery) (PeoplePage, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return PeoplePage{}, err
	}
	var found *roaring.Bitmap
	if q.Text != "" {
		if found, err = s.FindPeople(ctx, organization, q.Text); err != nil {
			return PeoplePage{}, err
		}
	}
	set, err := t.listed(q)
	if err != nil {
		return PeoplePage{}, err
	}
	if found != nil {
		set.And(found)
	}
	page := PeoplePage{Total: int(set.GetCardinality())}
	some := set.Iterator()
	if q.After != nil {
		some.AdvanceIfNeeded(*q.After)
		if some.HasNext() && some.PeekNext() == *q.After {
			some.Next()
		}
	}
	ordinals := make([]uint32, 0, q.Limit)
	for some.HasNext() && len(ordinals) < q.Limit {
		ordinals = append(ordinals, some.Next())
	}
	if some.HasNext() {
		page.Next = &ordinals[len(ordinals)-1]
	}
	page.Users, err = s.store.UsersByOrdinal(ctx, organization, ordinals)
	slices.SortFunc(page.Users, func(a, b User) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	t.narrow(q.Within, page.Users)
	return page, err
}

// listed is the set of a query, but for its text; the caller's own.
func (t *tenant) listed(q PeopleQuery) (*roaring.Bitmap, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s, set := t.snap, roaring.New()
	var top *node
	if q.DeptID != 0 {
		n, there := s.tree.find(q.DeptID)
		if !there || !s.inside(q.Within, q.DeptID) {
			return nil, unknownDepartment(q.DeptID).WithField("dept")
		}
		top = n
	}
	if q.State == nil || *q.State == Active {
		set = s.activeOf(top, q.Below)
	}
	if q.Within.everyone() {
		if q.State == nil || *q.State == Disabled {
			set.Or(s.disabledOf(top, q.Below))
		}
		return set, nil
	}
	if reach := s.reach(q.Within); reach != nil {
		set.And(reach)
	}
	return set, nil
}

// activeOf returns the active people of a department; of all for nil.
func (s *snapshot) activeOf(n *node, below bool) *roaring.Bitmap {
	switch {
	case n == nil:
		return s.active.Clone()
	case below:
		return n.all.Clone()
	default:
		return n.direct.Clone()
	}
}

// disabledOf is activeOf for disabled people, of whom departments have no sets.
func (s *snapshot) disabledOf(n *node, below bool) *roaring.Bitmap {
	switch {
	case n == nil:
		return s.disabled.Clone()
	case below:
		return s.within(n.ID, s.disabled)
	}
	set := roaring.New()
	for some := s.disabled.Iterator(); some.HasNext(); {
		if ordinal := some.Next(); slices.Contains(s.lists[s.people[ordinal].depts], n.ID) {
			set.Add(ordinal)
		}
	}
	return set
}

// narrow leaves departments outside of a range out of people.
func (t *tenant) narrow(r Range, users []User) {
	if r.everyone() {
		return
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	for i := range users {
		users[i].DeptIDs = slices.DeleteFunc(users[i].DeptIDs, func(id int64) bool { return !t.snap.inside(r, id) })
	}
}

func (r Range) everyone() bool { return r.Everyone || slices.Contains(r.DeptIDs, RootID) }

// inside reports whether a range has a department, with all that is below it.
func (s *snapshot) inside(r Range, deptID int64) bool {
	if r.everyone() {
		return true
	}
	for n := range s.tree.upwards(deptID) {
		if slices.Contains(r.DeptIDs, n.ID) {
			return true
		}
	}
	return false
}

func unknownDepartment(id int64) *fault.Fault {
	return fault.New(fault.CodeDepartmentUnknown, "department %d is not known", id)
}

// DepartmentQuery says which departments are listed: those directly below ParentID in
// their order, or those with Text in the name, or with a name that is read so, by
// ascending id. With neither they are those where Within begins: the root, or the
// departments of the range.
type DepartmentQuery struct {
	Within   Range
	ParentID int64
	Text     string // in the whole of Within, or below ParentID at any depth
	After    *DepartmentKey
	Limit    int
}

// DepartmentKey is where a department is in a list. Order is 0 in those by id.
type DepartmentKey struct{ Order, ID int64 }

// ListDepartments returns a page of departments, whose parents outside of the range are 0, and the key to go on after; nil at
// the end. Fails with department_unknown, also for one outside of the range, and
// organization_unknown.
func (s *Service) ListDepartments(ctx context.Context, organization int64, q DepartmentQuery) ([]DepartmentPlace, *DepartmentKey, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return nil, nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	nodes, err := t.snap.listedDepartments(q)
	if err != nil {
		return nil, nil, err
	}
	key := func(n *node) DepartmentKey { return DepartmentKey{ID: n.ID} }
	if q.ParentID != 0 && q.Text == "" {
		key = func(n *node) DepartmentKey { return DepartmentKey{n.Order, n.ID} }
	}
	from := 0
	if q.After != nil {
		from, _ = slices.BinarySearchFunc(nodes, *q.After, func(n *node, after DepartmentKey) int {
			k := key(n)
			return cmp.Or(cmp.Compare(k.Order, after.Order), cmp.Compare(k.ID, after.ID), -1) // behind it
		})
	}
	end := min(from+q.Limit, len(nodes))
	page := make([]DepartmentPlace, 0, end-from)
	for _, n := range nodes[from:end] {
		place := t.snap.place(n)
		if !t.snap.inside(q.Within, place.ParentID) {
			place.ParentID = 0
		}
		page = append(page, place)
	}
	if end == len(nodes) {
		return page, nil, nil
	}
	next := key(nodes[end-1])
	return page, &next, nil
}

func (s *snapshot) listedDepartments(q DepartmentQuery) ([]*node, error) {
	if q.ParentID != 0 {
		if _, there := s.tree.find(q.ParentID); !there || !s.inside(q.Within, q.ParentID) {
			return nil, unknownDepartment(q.ParentID).WithField("parent")
		}
		if q.Text == "" {
			return s.tree.below(q.ParentID), nil
		}
		q.Within = Range{DeptIDs: []int64{q.ParentID}}
	}
	tops := q.Within.DeptIDs
	if q.Within.everyone() {
		tops = []int64{RootID}
	}
	named := nameQuery{strings.ToLower(q.Text), pinyin.NewQuery(q.Text)}
	seen := map[int64]bool{}
	var nodes []*node
	for _, id := range tops {
		top, there := s.tree.find(id)
		if !there || q.Text == "" && s.insideAnother(q.Within, top) {
			continue
		}
		for n := range s.tree.from(top, q.Text != "") {
			if !seen[n.ID] && (q.Text == "" || n.ID != q.ParentID && named.in(n.Name)) {
				seen[n.ID] = true
				nodes = append(nodes, n)
			}
		}
	}
	slices.SortFunc(nodes, func(a, b *node) int { return cmp.Compare(a.ID, b.ID) })
	return nodes, nil
}

// insideAnother reports whether a department of a range is below another one of it.
func (s *snapshot) insideAnother(r Range, n *node) bool {
	return n.ID != RootID && s.inside(Range{DeptIDs: r.DeptIDs}, n.ParentID)
}

// nameQuery finds names by a text in them, or by how they are read.
type nameQuery struct {
	text   string
	spoken pinyin.Query
}

func (q nameQuery) in(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, q.text) || q.spoken.In([]byte(name))
}
