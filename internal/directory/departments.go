package directory

import (
	"context"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// Departments returns the tree, the root first and every subtree right after
// its top, siblings in their order. Fails with organization_unknown.
func (s *Service) Departments(ctx context.Context, organization int64) ([]Department, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	nodes := t.snap.tree.depthFirst()
	out := make([]Department, len(nodes))
	for i, n := range nodes {
		out[i] = n.Department
	}
	return out, nil
}

// CreateDepartment adds a department. Fails with department_name_invalid,
// department_name_duplicate (a sibling has the name), department_parent_unknown,
// conflict (the id is or was another department's), parameter_invalid and
// organization_unknown.
func (s *Service) CreateDepartment(ctx context.Context, by audit.By, organization int64, n NewDepartment) (Department, error) {
	return s.createDepartment(ctx, by, organization, n, func(*snapshot, Department) error { return nil })
}

// createDepartment adds what allow lets pass.
func (s *Service) createDepartment(
	ctx context.Context, by audit.By, organization int64, n NewDepartment, allow func(*snapshot, Department) error,
) (Department, error) {
	d := Department{ID: n.ID, ParentID: n.ParentID, Name: strings.TrimSpace(n.Name), Order: n.Order, CreatedAt: milli(s.now())}
	d.SourceIdentifier = n.SourceIdentifier
	if d.ParentID == 0 {
		d.ParentID = RootID
	}
	if err := d.check(); err != nil {
		return Department{}, err
	}
	err := s.change(ctx, organization, func(_ context.Context, c *changing) (Changes, error) {
		err := c.see(func(snap *snapshot) (err error) {
			if err = allow(snap, d); err != nil {
				return err
			}
			if err = snap.tree.checkPlace(d); err != nil {
				return err
			}
			d.ID, err = snap.tree.freshID(n.ID)
			return err
		})
		e := s.entry(by, organization, audit.DepartmentCreate, audit.DepartmentSubject(d.ID), audit.Details{"parent": d.ParentID})
		return Changes{Departments: []Department{d}, Entries: []audit.Entry{e}}, err
	})
	if err != nil {
		return Department{}, err
	}
	return d, nil
}

// UpdateDepartment renames, reorders or moves a department, or says what its source calls
// it; one that is so already is left alone. Fails with department_unknown, department_root_fixed, department_name_invalid,
// department_name_duplicate, department_parent_unknown, department_loop,
// parameter_invalid and organization_unknown.
func (s *Service) UpdateDepartment(ctx context.Context, by audit.By, organization, id int64, change DepartmentChange) (Department, error) {
	return s.updateDepartment(ctx, by, organization, id, change, func(*snapshot, Department) error { return nil })
}

// updateDepartment changes what allow lets pass as it is to be.
func (s *Service) updateDepartment(
	ctx context.Context, by audit.By, organization, id int64, change DepartmentChange, allow func(*snapshot, Department) error,
) (Department, error) {
	var d Department
	err := s.change(ctx, organization, func(_ context.Context, c *changing) (Changes, error) {
		var was Department
		err := c.see(func(snap *snapshot) (err error) {
			was, err = snap.tree.changeable(id)
			if err != nil {
				return err
			}
			d = was
			change.apply(&d)
			if err := allow(snap, d); err != nil {
				return err
			}
			if err := d.check(); err != nil {
				return err
			}
			return snap.tree.checkPlace(d)
		})
		e, changed := s.departmentEntry(by, organization, was, d)
		if !changed {
			return Changes{}, err
		}
		return Changes{Departments: []Department{d}, Entries: []audit.Entry{e}}, err
	})
	if err != nil {
		return Department{}, err
	}
	return d, nil
}

// DeleteDepartment removes a department that nobody is in. Fails with
// department_unknown, department_root_fixed, department_has_users (disabled
// people count), department_has_children and organization_unknown.
func (s *Service) DeleteDepartment(ctx context.Context, by audit.By, organization, id int64) error {
	return s.deleteDepartment(ctx, by, organization, id, func(*snapshot) error { return nil })
}

// deleteDepartment removes what allow lets pass.
func (s *Service) deleteDepartment(ctx context.Context, by audit.By, organization, id int64, allow func(*snapshot) error) error {
	return s.change(ctx, organization, func(_ context.Context, c *changing) (Changes, error) {
		var d Department
		err := c.see(func(snap *snapshot) (err error) {
			if d, err = snap.tree.changeable(id); err != nil {
				return err
			}
			if err := allow(snap); err != nil {
				return err
			}
			if snap.tree.nodes[id].living > 0 {
				return fault.New(fault.CodeDepartmentHasUsers, "users belong to the department").WithField("dept_id")
			}
			if len(snap.tree.children[id]) > 0 {
				return fault.New(fault.CodeDepartmentHasChild, "the department has sub-departments").WithField("dept_id")
			}
			return nil
		})
		d.DeletedAt = milli(s.now())
		e := s.entry(by, organization, audit.DepartmentDelete, audit.DepartmentSubject(id), nil)
		return Changes{Departments: []Department{d}, Entries: []audit.Entry{e}}, err
	})
}

func (c DepartmentChange) apply(d *Department) {
	if c.Name != nil {
		d.Name = strings.TrimSpace(*c.Name)
	}
	if c.ParentID != nil {
		d.ParentID = *c.ParentID
	}
	if c.Order != nil {
		d.Order = *c.Order
	}
	if c.SourceIdentifier != nil {
		d.SourceIdentifier = *c.SourceIdentifier
	}
}

// changeable returns a department that exists and is not the root.
func (t *tree) changeable(id int64) (Department, error) {
	if id == RootID {
		return Department{}, fault.New(fault.CodeDepartmentRoot, "the root department is fixed").WithField("dept_id")
	}
	n, ok := t.find(id)
	if !ok {
		return Department{}, fault.New(fault.CodeDepartmentUnknown, "department %d is not known", id).WithField("dept_id")
	}
	return n.Department, nil
}

// checkPlace says whether a department may stand below its parent under its
// name.
func (t *tree) checkPlace(d Department) error {
	if _, ok := t.find(d.ParentID); !ok {
		return fault.New(fault.CodeDepartmentParent, "parent department %d is not known", d.ParentID).WithField("parent_id")
	}
	if d.ID != 0 {
		for a := range t.upwards(d.ParentID) {
			if a.ID == d.ID {
				return fault.New(fault.CodeDepartmentLoop, "a department cannot be below itself").WithField("parent_id")
			}
		}
	}
	if other, ok := t.child(d.ParentID, d.Name); ok && other != d.ID {
		return fault.New(fault.CodeDepartmentDuplicate, "a department of this name is there already").WithField("name")
	}
	return nil
}

// freshID checks an id that was asked for, or gives the next one for 0.
func (t *tree) freshID(asked int64) (int64, error) {
	id := asked
	if id == 0 {
		id = t.maxID + 1
	}
	if id < 0 || id > maxID {
		return 0, fault.New(fault.CodeParameterInvalid, "a department id is between 1 and 2^53-1").WithField("dept_id")
	}
	if t.nodes[id] != nil {
		return 0, fault.New(fault.CodeConflict, "department id %d is taken", id).WithField("dept_id")
	}
	return id, nil
}
