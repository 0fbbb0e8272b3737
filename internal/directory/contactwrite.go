package directory

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Apps change people and departments of their range as the command line does those of
// the whole organization, and with two rules more: everybody they enter has a mobile of
// their own, and whoever has a role beyond employee stays: an app takes away no
// administrator whom an owner has named.

// CreateContact adds a person in departments of the viewer's range; without a userid
// they get one. Fails as CreateUser, and with mobile_invalid, mobile_exists and
// department_outside_range.
func (s *Service) CreateContact(ctx context.Context, by audit.By, v Viewer, n NewUser) (Contact, error) {
	if n.Userid == "" {
		n.Userid = newUserid()
	}
	u, err := s.createUser(ctx, by, v.Organization, n, func(ctx context.Context, c *changing, u User) error {
		if err := c.see(func(snap *snapshot) error { return snap.allInside(v.Within, u.DeptIDs) }); err != nil {
			return err
		}
		return c.mobileFree(ctx, v.Organization, u)
	})
	if err != nil {
		return Contact{}, err
	}
	t, err := s.tenant(ctx, v.Organization)
	if err != nil {
		return Contact{}, err
	}
	return s.oneContact(ctx, t, v, u)
}

// UpdateContact changes a person inside of the viewer's range, who may be disabled. New
// departments are inside too; those outside, of which the viewer does not know, they
// keep. Fails as UpdateUser, and with user_outside_range, department_outside_range,
// mobile_invalid and mobile_exists.
func (s *Service) UpdateContact(ctx context.Context, by audit.By, v Viewer, userid string, change UserChange) error {
	_, err := s.changeUser(ctx, by, v.Organization, userid, func(ctx context.Context, c *changing, u *User) error {
		was := *u
		err := c.see(func(snap *snapshot) error {
			if !snap.covers(v.Within, u.Ordinal) {
				return userOutside()
			}
			if err := change.apply(u); err != nil || change.DeptIDs == nil {
				return err
			}
			if err := snap.allInside(v.Within, u.DeptIDs); err != nil {
				return err
			}
			u.DeptIDs = cleanIDs(append(u.DeptIDs, snap.outside(v.Within, was.DeptIDs)...))
			return nil
		})
		if err != nil || u.Mobile == was.Mobile {
			return err
		}
		return c.mobileFree(ctx, v.Organization, *u)
	})
	return err
}

// DeleteContacts is DeleteUser for people inside of the viewer's range with all of their
// departments: for all of them, or for none. Fails as DeleteUser, and with
// user_outside_range and user_holds_role.
func (s *Service) DeleteContacts(ctx context.Context, by audit.By, v Viewer, userids ...string) error {
	return s.change(ctx, v.Organization, func(ctx context.Context, c *changing) (Changes, error) {
		var all Changes
		for _, userid := range userids {
			was, err := c.living(ctx, v.Organization, userid)
			if err == nil {
				err = c.mayDelete(v, was)
			}
			if err != nil {
				return Changes{}, err
			}
			gone := was
			gone.DeletedAt = milli(s.now())
			all.Users = append(all.Users, gone)
			all.Entries = append(all.Entries, s.userEntries(by, v.Organization, was, gone)...)
		}
		return all, nil
	})
}

// mayDelete says whether an app may delete a person.
func (c *changing) mayDelete(v Viewer, u User) error {
	err := c.see(func(snap *snapshot) error {
		if !snap.covers(v.Within, u.Ordinal) || len(snap.outside(v.Within, u.DeptIDs)) > 0 {
			return userOutside()
		}
		return nil
	})
	if err == nil && slices.ContainsFunc(u.Roles, func(role string) bool { return role != string(policy.Employee) }) {
		err = fault.New(fault.CodeUserHoldsRole, "the user is %s of the organization", strings.Join(u.Roles, ", ")).WithField("userid")
	}
	return err
}

// CreateContactDepartment is CreateDepartment below one inside of the viewer's range.
// Fails with department_outside_range too.
func (s *Service) CreateContactDepartment(ctx context.Context, by audit.By, v Viewer, n NewDepartment) (Department, error) {
	return s.createDepartment(ctx, by, v.Organization, n, func(snap *snapshot, d Department) error {
		return snap.parentInside(v.Within, d)
	})
}

// UpdateContactDepartment is UpdateDepartment for one inside of the viewer's range, which
// stays there. Fails with department_outside_range too.
func (s *Service) UpdateContactDepartment(ctx context.Context, by audit.By, v Viewer, id int64, change DepartmentChange) error {
	_, err := s.updateDepartment(ctx, by, v.Organization, id, change, func(snap *snapshot, d Department) error {
		if _, err := snap.visibleDepartment(v.Within, id); err != nil || change.ParentID == nil {
			return err
		}
		return snap.parentInside(v.Within, d)
	})
	return err
}

// DeleteContactDepartment is DeleteDepartment for one inside of the viewer's range. Fails
// with department_outside_range too.
func (s *Service) DeleteContactDepartment(ctx context.Context, by audit.By, v Viewer, id int64) error {
	return s.deleteDepartment(ctx, by, v.Organization, id, func(snap *snapshot) error {
		_, err := snap.visibleDepartment(v.Within, id)
		return err
	})
}

// newUserid is what somebody is called who was given no userid: 16 lower-case letters
// and digits, 80 random bits.
func newUserid() string { return strings.ToLower(rand.Text()[:16]) }

// allInside refuses departments that there are not, and those outside of a range.
func (s *snapshot) allInside(within Range, ids []int64) error {
	if err := s.tree.checkDepts(ids); err != nil {
		return err
	}
	if outside := s.outside(within, ids); len(outside) > 0 {
		return departmentOutside(outside[0]).WithField("dept_ids")
	}
	return nil
}

// outside are the departments that a range has not.
func (s *snapshot) outside(within Range, ids []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return s.inside(within, id) })
}

// parentInside refuses a place for a department below one outside of a range; whether
// there is such a one, checkPlace says.
func (s *snapshot) parentInside(within Range, d Department) error {
	if _, there := s.tree.find(d.ParentID); there && !s.inside(within, d.ParentID) {
		return departmentOutside(d.ParentID).WithField("parent_id")
	}
	return nil
}

// mobileFree wants a mobile that nobody else has who is there, disabled or not.
func (c *changing) mobileFree(ctx context.Context, organization int64, u User) error {
	forms := MobileForms(u.Mobile)
	if len(forms) == 0 {
		return mobileInvalid()
	}
	users, err := c.UsersByMobile(ctx, organization, forms)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(users, func(other User) bool { return other.Ordinal != u.Ordinal }) {
		return fault.New(fault.CodeMobileExists, "somebody else has this mobile").WithField("mobile")
	}
	return nil
}

func userOutside() *fault.Fault {
	return fault.New(fault.CodeUserOutside, "the user is outside the app's range").WithField("userid")
}
