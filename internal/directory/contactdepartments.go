package directory

import (
	"context"

	"github.com/tidings-im/tidings/internal/fault"
)

// VisibleDepartment returns a department inside of a viewer's range. Its ParentID is 0
// where the parent is outside. Fails with department_unknown, department_outside_range
// and organization_unknown.
func (s *Service) VisibleDepartment(ctx context.Context, v Viewer, id int64) (DepartmentPlace, error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return DepartmentPlace{}, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, err := t.snap.visibleDepartment(v.Within, id)
	if err != nil {
		return DepartmentPlace{}, err
	}
	place := t.snap.place(n)
	place.Department = t.snap.narrowed(v.Within, n)
	return place, nil
}

// VisibleDepartments returns the departments directly below one, in their order; with
// deep all below it, each followed by those below it. With id 0 they are those where the
// viewer's range begins: below the root, or the departments of the range; with deep and
// the root first where the range has it. Fails as VisibleDepartment.
func (s *Service) VisibleDepartments(ctx context.Context, v Viewer, id int64, deep bool) ([]Department, error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	tops, err := t.snap.visibleTops(v.Within, id, deep)
	if err != nil {
		return nil, err
	}
	var all []Department
	for _, top := range tops {
		for n := range t.snap.tree.from(top, deep) {
			all = append(all, t.snap.narrowed(v.Within, n))
		}
	}
	return all, nil
}

// visibleTops are the departments at which a list begins.
func (s *snapshot) visibleTops(within Range, id int64, deep bool) ([]*node, error) {
	switch {
	case id != 0:
		if _, err := s.visibleDepartment(within, id); err != nil {
			return nil, err
		}
		return s.tree.below(id), nil
	case within.everyone() && !deep:
		return s.tree.below(RootID), nil
	default:
		return s.listedDepartments(DepartmentQuery{Within: within})
	}
}

// Upwards returns the ids from a department up to the root, or as far as the viewer's
// range goes. Fails as VisibleDepartment.
func (s *Service) Upwards(ctx context.Context, v Viewer, id int64) ([]int64, error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if _, err := t.snap.visibleDepartment(v.Within, id); err != nil {
		return nil, err
	}
	return t.snap.upwards(v.Within, id), nil
}

// UpwardsOf is Upwards from each of a person's departments that is inside of the range.
// Fails as Contact.
func (s *Service) UpwardsOf(ctx context.Context, v Viewer, userid string) ([][]int64, error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	ordinal, err := t.snap.seen(v.Within, userid)
	if err != nil {
		return nil, err
	}
	var all [][]int64
	for _, id := range t.snap.lists[t.snap.people[ordinal].depts] {
		if t.snap.inside(v.Within, id) {
			all = append(all, t.snap.upwards(v.Within, id))
		}
	}
	return all, nil
}

func (s *snapshot) upwards(within Range, id int64) []int64 {
	var ids []int64
	for n := range s.tree.upwards(id) {
		if !s.inside(within, n.ID) {
			break
		}
		ids = append(ids, n.ID)
	}
	return ids
}

// visibleDepartment returns a department that a range has.
func (s *snapshot) visibleDepartment(within Range, id int64) (*node, error) {
	n, there := s.tree.find(id)
	if !there {
		return nil, unknownDepartment(id).WithField("dept_id")
	}
	if !s.inside(within, id) {
		return nil, departmentOutside(id).WithField("dept_id")
	}
	return n, nil
}

// narrowed is a department, without its parent where that is outside of a range.
func (s *snapshot) narrowed(within Range, n *node) Department {
	d := n.Department
	if d.ParentID != 0 && !s.inside(within, d.ParentID) {
		d.ParentID = 0
	}
	return d
}

func departmentOutside(id int64) *fault.Fault {
	return fault.New(fault.CodeDepartmentOutside, "department %d is outside the app's range", id)
}
