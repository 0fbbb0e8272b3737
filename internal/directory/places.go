package directory

import (
	"cmp"
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// Within returns those of a set who are in a department or below it, departed people
// by where they were last. Fails with department_unknown and organization_unknown.
func (s *Service) Within(ctx context.Context, organization, deptID int64, set *roaring.Bitmap) (*roaring.Bitmap, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if err := t.snap.tree.checkDepts([]int64{deptID}); err != nil {
		return nil, err
	}
	return t.snap.within(deptID, set), nil
}

// within returns those of a set who are in a department or below it.
func (s *snapshot) within(deptID int64, set *roaring.Bitmap) *roaring.Bitmap {
	within, ordinals := roaring.New(), make([]uint32, useridsAtOnce)
	below := map[uint32]bool{} // list of departments → whether one of them is in it
	some := set.ManyIterator()
	for n := some.NextMany(ordinals); n > 0; n = some.NextMany(ordinals) {
		in := ordinals[:0]
		for _, o := range ordinals[:n] {
			if int(o) >= len(s.people) {
				continue
			}
			depts := s.people[o].depts
			is, known := below[depts]
			if !known {
				is = s.anyBelow(s.lists[depts], deptID)
				below[depts] = is
			}
			if is {
				in = append(in, o)
			}
		}
		within.AddMany(in)
	}
	return within
}

// Paths returns the paths of those departments that there are: the names from below
// the root, with slashes; for the root its name. Fails with organization_unknown.
func (s *Service) Paths(ctx context.Context, organization int64, deptIDs []int64) (map[int64]string, error) {
	t, err := s.tenant(ctx, organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	paths := make(map[int64]string, len(deptIDs))
	for _, id := range deptIDs {
		if n, ok := t.snap.tree.find(id); ok && paths[id] == "" {
			paths[id] = t.snap.tree.path(n)
		}
	}
	return paths, nil
}

func (t *tree) path(of *node) string {
	path := of.Name
	for n := range t.upwards(of.ParentID) {
		if n.ID != RootID {
			path = n.Name + "/" + path
		}
	}
	return path
}

// DepartmentShare is how many people of a set are directly in a department.
type DepartmentShare struct {
	DeptID int64
	Name   string
	People int
}

// Spread returns the departments that most people of a set are directly in, at most
// some, those with most first. Who is in several counts in each; departments that are
// gone are left out. Fails with organization_unknown.
func (s *Service) Spread(ctx context.Context, organization int64, set *roaring.Bitmap, some int) ([]DepartmentShare, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	lists := make([]int, len(t.snap.lists)) // people by their list of departments
	ordinals := make([]uint32, useridsAtOnce)
	all := set.ManyIterator()
	for n := all.NextMany(ordinals); n > 0; n = all.NextMany(ordinals) {
		for _, o := range ordinals[:n] {
			if int(o) < len(t.snap.people) {
				lists[t.snap.people[o].depts]++
			}
		}
	}
	people := map[int64]int{}
	for list, n := range lists {
		for _, id := range t.snap.lists[list] {
			people[id] += n
		}
	}
	shares := make([]DepartmentShare, 0, len(people))
	for id, n := range people {
		if node, there := t.snap.tree.find(id); there && n > 0 {
			shares = append(shares, DepartmentShare{id, node.Name, n})
		}
	}
	slices.SortFunc(shares, func(a, b DepartmentShare) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.DeptID, b.DeptID))
	})
	return shares[:min(some, len(shares))], nil
}

// ActivePeople is how many people an organization has who can be reached, from
// memory; 0 for one not in memory.
func (s *Service) ActivePeople(organization int64) int64 {
	t := s.loaded(organization)
	if t == nil {
		return 0
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return int64(t.snap.active.GetCardinality())
}
