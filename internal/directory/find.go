package directory

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// UserFilter says which people are meant; its zero value means everybody active.
type UserFilter struct {
	States []State // none means Active
	DeptID int64   // in it or below it; 0 for any
	Role   string  // one of policy.AllRoles; "" for any
	Text   string  // a part of the userid or the name, in capitals or not; "" for any
}

func (f UserFilter) check(t *tree) error {
	if f.Role != "" && !slices.Contains(policy.RoleNames(), f.Role) {
		return fault.New(fault.CodeParameterInvalid, "a role is one of %s", strings.Join(policy.RoleNames(), ", ")).WithField("role")
	}
	if f.DeptID == 0 {
		return nil
	}
	return t.checkDepts([]int64{f.DeptID})
}

// EachUser calls each for the people a filter means, by ascending ordinal from
// one on, as the database has them, until each returns false. It holds a page
// of them at a time. Fails with department_unknown, parameter_invalid for an
// unknown role, and organization_unknown.
func (s *Service) EachUser(ctx context.Context, organization int64, f UserFilter, from uint32, each func(User) bool) error {
	t, err := s.current(ctx, organization)
	if err != nil {
		return err
	}
	for {
		ordinals, next, err := t.page(f, from)
		if err != nil {
			return err
		}
		if len(ordinals) == 0 {
			return nil
		}
		users, err := s.store.UsersByOrdinal(ctx, organization, ordinals)
		if err != nil {
			return err
		}
		slices.SortFunc(users, func(a, b User) int { return int(int64(a.Ordinal) - int64(b.Ordinal)) })
		for _, u := range users {
			if f.matches(u) && !each(u) {
				return nil
			}
		}
		from = next
	}
}

// page returns the next people that the snapshot cannot rule out, and where to
// go on.
func (t *tenant) page(f UserFilter, from uint32) (ordinals []uint32, next uint32, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if err := f.check(&t.snap.tree); err != nil {
		return nil, 0, err
	}
	states := f.States
	if len(states) == 0 {
		states = []State{Active}
	}
	below := map[uint32]bool{} // list of departments → whether one of them is in it
	for next = from; int(next) < len(t.snap.people) && len(ordinals) < usersPage; next++ {
		p := t.snap.people[next]
		if p.userid == "" || !slices.Contains(states, p.state) {
			continue
		}
		in, known := below[p.depts]
		if !known {
			in = f.DeptID == 0 || t.snap.anyBelow(t.snap.lists[p.depts], f.DeptID)
			below[p.depts] = in
		}
		if in {
			ordinals = append(ordinals, next)
		}
	}
	return ordinals, next, nil
}

func (s *snapshot) anyBelow(ids []int64, top int64) bool {
	for _, id := range ids {
		for n := range s.tree.upwards(id) {
			if n.ID == top {
				return true
			}
		}
	}
	return false
}

// matches looks at what the snapshot does not know.
func (f UserFilter) matches(u User) bool {
	if f.Role != "" && !slices.Contains(u.Roles, f.Role) {
		return false
	}
	text := strings.ToLower(f.Text)
	return text == "" || strings.Contains(strings.ToLower(u.Userid), text) || strings.Contains(strings.ToLower(u.Name), text)
}

// State is whether the person can be reached.
func (u User) State() State {
	switch {
	case !u.DeletedAt.IsZero():
		return Deleted
	case !u.DisabledAt.IsZero():
		return Disabled
	default:
		return Active
	}
}

// String is the state's name.
func (s State) String() string { return [...]string{"active", "disabled", "deleted"}[s] }

// DepartmentPlace is a department where it stands.
type DepartmentPlace struct {
	Department

	Path     string // names from below the root, with slashes; the organization's name for the root
	Direct   int    // active people directly in it
	All      int    // active people in it and below it
	Disabled int    // disabled people directly in it
	Children int    // departments directly below it
}

// Tree returns all departments as Departments does, with where they stand.
// Fails with organization_unknown.
func (s *Service) Tree(ctx context.Context, organization int64) ([]DepartmentPlace, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	nodes := t.snap.tree.depthFirst()
	out := make([]DepartmentPlace, len(nodes))
	paths := make(map[int64]string, len(nodes))
	for i, n := range nodes {
		path := n.Name
		if above := paths[n.ParentID]; above != "" {
			path = above + "/" + n.Name
		}
		if n.ID != RootID {
			paths[n.ID] = path
		}
		out[i] = t.snap.placeAt(n, path)
	}
	return out, nil
}

// place tells where a department stands.
func (s *snapshot) place(n *node) DepartmentPlace { return s.placeAt(n, s.tree.path(n)) }

func (s *snapshot) placeAt(n *node, path string) DepartmentPlace {
	direct := int(n.direct.GetCardinality())
	return DepartmentPlace{
		Department: n.Department, Path: path, Direct: direct, All: int(n.all.GetCardinality()),
		Disabled: n.living - direct, Children: len(s.tree.children[n.ID]),
	}
}

// FindDepartment returns the department that somebody names: by its id, by its
// path such as Sales/East, or by its name where no other has it. Fails with
// department_unknown, conflict where several have the name, and
// organization_unknown.
func (s *Service) FindDepartment(ctx context.Context, organization int64, text string) (DepartmentPlace, error) {
	all, err := s.Tree(ctx, organization)
	if err != nil {
		return DepartmentPlace{}, err
	}
	text = strings.Trim(strings.TrimSpace(text), "/")
	id, notNumber := strconv.ParseInt(text, 10, 64)
	var named []DepartmentPlace
	for _, d := range all {
		switch {
		case notNumber == nil && d.ID == id, d.Path == text && strings.Contains(text, "/"):
			return d, nil
		case d.Name == text:
			named = append(named, d)
		}
	}
	switch len(named) {
	case 0:
		return DepartmentPlace{}, fault.New(fault.CodeDepartmentUnknown, "there is no department %q; say its id, its name or its path such as Sales/East", trimmed(text)).WithField("dept")
	case 1:
		return named[0], nil
	}
	var ids []string
	for _, d := range named[:min(len(named), 10)] {
		ids = append(ids, fmt.Sprintf("%d (%s)", d.ID, d.Path))
	}
	return DepartmentPlace{}, fault.New(fault.CodeConflict, "%d departments are called %q, such as %s: say the id or the path", len(named), trimmed(text), strings.Join(ids, ", ")).WithField("dept")
}
