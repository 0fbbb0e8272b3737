package directory

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// merged is a piece of an import set beside what is stored.
type merged struct {
	users                       []User // new and changed
	created, updated, unchanged int
	roles                       int // whose roles are others than before
}

func (m merged) addTo(r *ImportReport) {
	r.Created += m.created
	r.Updated += m.updated
	r.RolesGiven += m.roles
	r.Unchanged += m.unchanged
}

// merge sets a piece beside what is stored.
func (s *Service) merge(ctx context.Context, organization int64, f *importFile, piece []importRow, c *changing) (merged, error) {
	var m merged
	if uint64(c.at.NextOrdinal)+uint64(len(piece)) > math.MaxUint32 {
		return m, fmt.Errorf("organization %d has no ordinals left", organization)
	}
	stored, err := f.stored(ctx, organization, piece, c)
	if err != nil {
		return m, err
	}
	for i := range piece {
		row := &piece[i]
		was, known := stored[row.values[columnUserid]]
		u := was
		if !known {
			if u, err = (NewUser{Userid: row.values[columnUserid], Name: row.values[columnName]}).build(s.now()); err != nil {
				return m, err
			}
			u.Ordinal = c.at.NextOrdinal + uint32(m.created)
		}
		before := u.Roles
		if err := f.apply(row, &u, milli(s.now())); err != nil {
			return m, err
		}
		switch {
		case !known:
			m.created++
		case u.equal(was):
			m.unchanged++
			continue
		default:
			m.updated++
		}
		if !slices.Equal(u.Roles, before) {
			m.roles++
		}
		m.users = append(m.users, u)
	}
	return m, nil
}

// apply changes a person as the row says.
func (f *importFile) apply(row *importRow, u *User, now time.Time) error {
	if err := f.change(row).apply(u); err != nil {
		return err
	}
	if len(row.depts) > 0 {
		u.DeptIDs = f.places.realOf(row.depts)
	}
	switch state := row.values[columnState]; {
	case state == stateActive:
		u.DisabledAt = time.Time{}
	case state == stateDisabled && u.DisabledAt.IsZero():
		u.DisabledAt = now
	}
	return nil
}

// stored reads the people of a piece who are there already, by userid, and
// confirms that the piece's departments still are.
func (f *importFile) stored(ctx context.Context, organization int64, piece []importRow, c *changing) (map[string]User, error) {
	known := make([]uint32, 0, len(piece))
	err := c.see(func(snap *snapshot) error {
		for _, row := range piece {
			if o, ok := snap.living[row.values[columnUserid]]; ok {
				known = append(known, o)
			}
			for _, id := range row.depts {
				if id = f.places.real(id); id < 0 {
					continue // a dry run makes none
				}
				if err := snap.tree.checkDepts([]int64{id}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	users, err := c.UsersByOrdinal(ctx, organization, known)
	if err != nil {
		return nil, err
	}
	byUserid := make(map[string]User, len(users))
	for _, u := range users {
		byUserid[u.Userid] = u
	}
	return byUserid, nil
}
