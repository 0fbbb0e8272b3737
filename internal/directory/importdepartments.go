package directory

import (
	"context"

	"github.com/tidings-im/tidings/internal/fault"
)

// changeDepartments renames, moves and makes what the file says, parents first.
// All renames and moves are one transaction, since names may change places;
// with them is made what they are moved below. The rest follows in pieces.
func (s *Service) changeDepartments(ctx context.Context, organization int64, p *places, report *ImportReport, log *importLog) error {
	first := p.above()
	if len(p.moved) > 0 {
		if err := s.changeSome(ctx, organization, p, first, p.moved, report, log); err != nil {
			return err
		}
	}
	var left []int
	for i := range p.missing {
		if p.made[i] == 0 {
			left = append(left, i)
		}
	}
	for len(left) > 0 {
		piece := left[:min(importPiece, len(left))]
		if err := s.changeSome(ctx, organization, p, piece, nil, report, log); err != nil {
			return err
		}
		left = left[len(piece):]
	}
	return nil
}

// above returns the missing departments that others are moved below, parents
// first.
func (p *places) above() []int {
	needed := make([]bool, len(p.missing))
	for _, d := range p.moved {
		for at := d.ParentID; at < 0 && !needed[^at]; at = p.missing[^at].parent {
			needed[^at] = true
		}
	}
	var list []int
	for i, is := range needed {
		if is {
			list = append(list, i)
		}
	}
	return list
}

// changeSome makes and moves departments in one transaction.
func (s *Service) changeSome(
	ctx context.Context, organization int64, p *places, making []int, move []Department, report *ImportReport, log *importLog,
) error {
	var made, moved int
	err := s.changePiece(ctx, organization, log, func(_ context.Context, c *changing) (Changes, error) {
		var changes Changes
		for _, i := range making { // a piece that is tried again begins anew
			p.made[i] = 0
		}
		made, moved = 0, 0
		err := c.see(func(snap *snapshot) error {
			moving := map[int64]bool{}
			for _, d := range move {
				moving[d.ID] = true
			}
			for _, i := range making {
				d, err := s.missingNow(&snap.tree, p, i, int64(made), moving)
				if err != nil {
					return err
				}
				p.made[i] = d.ID
				if d.CreatedAt.IsZero() {
					continue // somebody else has made it meanwhile
				}
				made++
				changes.Departments = append(changes.Departments, d)
			}
			for _, d := range move {
				d.ParentID = p.real(d.ParentID)
				changed, err := snap.tree.moveNow(d, moving, len(changes.Departments) > 0)
				if err != nil {
					return err
				}
				if changed {
					moved++
					changes.Departments = append(changes.Departments, d)
				}
			}
			return nil
		})
		return changes, err
	})
	if err == nil {
		report.Departments += made
		report.DepartmentsChanged += moved
	}
	return err
}

// missingNow is the missing department to make as the nth of a piece, or one
// without CreatedAt when it is there after all.
func (s *Service) missingNow(t *tree, p *places, i int, nth int64, moving map[int64]bool) (Department, error) {
	m := p.missing[i]
	parent := p.real(m.parent)
	if id, ok := t.child(parent, m.name); ok && !moving[id] {
		if m.id != 0 && m.id != id {
			return Department{}, fault.New(fault.CodeDepartmentDuplicate, "department %s was made with the id %d during the import", m.name, id)
		}
		return Department{ID: id}, nil
	}
	// A parent with a new id is made in this very piece.
	if n := t.nodes[parent]; n != nil && !n.exists() {
		return Department{}, fault.New(fault.CodeDepartmentParent, "department %d was deleted during the import", parent)
	}
	asked := m.id
	if asked == 0 {
		asked = max(t.maxID, p.highest) + 1 + nth
	}
	id, err := t.freshID(asked)
	return Department{ID: id, ParentID: parent, Name: m.name, CreatedAt: milli(s.now())}, err
}

// moveNow confirms that a department can be put where the file says; false
// when it is there. Whatever else is moving does not stand in its way.
func (t *tree) moveNow(d Department, moving map[int64]bool, withNew bool) (bool, error) {
	n, ok := t.find(d.ID)
	if !ok {
		return false, fault.New(fault.CodeDepartmentUnknown, "department %d was deleted during the import", d.ID)
	}
	if n.ParentID == d.ParentID && n.Name == d.Name {
		return false, nil
	}
	if _, ok := t.find(d.ParentID); !ok && !(withNew && t.nodes[d.ParentID] == nil) {
		return false, fault.New(fault.CodeDepartmentParent, "department %d was deleted during the import", d.ParentID)
	}
	if other, taken := t.child(d.ParentID, d.Name); taken && other != d.ID && !moving[other] {
		return false, fault.New(fault.CodeDepartmentDuplicate, "department %s was made with the id %d during the import", d.Name, other)
	}
	return true, nil
}
