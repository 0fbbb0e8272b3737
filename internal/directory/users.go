package directory

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// usersPage is how many whole rows Users reads at once.
const usersPage = 1000

// CreateUser adds a person under the next ordinal, even when somebody deleted
// had the same userid. Fails with user_exists (a living person has the
// userid), department_unknown, parameter_invalid and organization_unknown.
func (s *Service) CreateUser(ctx context.Context, by audit.By, organization int64, n NewUser) (User, error) {
	return s.createUser(ctx, by, organization, n, func(context.Context, *changing, User) error { return nil })
}

// createUser adds whom allow lets pass.
func (s *Service) createUser(
	ctx context.Context, by audit.By, organization int64, n NewUser, allow func(context.Context, *changing, User) error,
) (User, error) {
	u, err := n.build(s.now())
	if err != nil {
		return User{}, err
	}
	err = s.change(ctx, organization, func(ctx context.Context, c *changing) (Changes, error) {
		if c.at.NextOrdinal == math.MaxUint32 {
			return Changes{}, fmt.Errorf("directory: organization %d has no ordinals left", organization)
		}
		u.Ordinal = c.at.NextOrdinal
		err := c.see(func(snap *snapshot) error {
			if _, taken := snap.living[u.Userid]; taken {
				return fault.New(fault.CodeUserExists, "a user with this userid is there already").WithField("userid")
			}
			return snap.tree.checkDepts(u.DeptIDs)
		})
		if err == nil {
			err = allow(ctx, c, u)
		}
		return Changes{Users: []User{u}, NextOrdinal: u.Ordinal + 1, Entries: []audit.Entry{s.joinedEntry(by, organization, u)}}, err
	})
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// UpdateUser changes a living person, who may be disabled. Fails with
// user_unknown, department_unknown, parameter_invalid and
// organization_unknown.
func (s *Service) UpdateUser(ctx context.Context, by audit.By, organization int64, userid string, change UserChange) (User, error) {
	return s.changeUser(ctx, by, organization, userid, func(_ context.Context, c *changing, u *User) error {
		if err := change.apply(u); err != nil {
			return err
		}
		if change.DeptIDs == nil {
			return nil
		}
		return c.see(func(snap *snapshot) error { return snap.tree.checkDepts(u.DeptIDs) })
	})
}

// DisableUser takes a person out of every audience; doing it again changes
// nothing. Fails with user_unknown and organization_unknown.
func (s *Service) DisableUser(ctx context.Context, by audit.By, organization int64, userid string) error {
	_, err := s.changeUser(ctx, by, organization, userid, func(_ context.Context, _ *changing, u *User) error {
		if u.DisabledAt.IsZero() {
			u.DisabledAt = milli(s.now())
		}
		return nil
	})
	return err
}

// EnableUser takes DisableUser back; doing it again changes nothing. Fails
// with user_unknown and organization_unknown.
func (s *Service) EnableUser(ctx context.Context, by audit.By, organization int64, userid string) error {
	_, err := s.changeUser(ctx, by, organization, userid, func(_ context.Context, _ *changing, u *User) error {
		u.DisabledAt = time.Time{}
		return nil
	})
	return err
}

// DeleteUser ends a person for good. Their row and ordinal stay, so that
// results still name them; the userid is free for somebody new. Fails with
// user_unknown and organization_unknown.
func (s *Service) DeleteUser(ctx context.Context, by audit.By, organization int64, userid string) error {
	_, err := s.changeUser(ctx, by, organization, userid, func(_ context.Context, _ *changing, u *User) error {
		u.DeletedAt = milli(s.now())
		return nil
	})
	return err
}

func (s *Service) changeUser(
	ctx context.Context, by audit.By, organization int64, userid string, apply func(context.Context, *changing, *User) error,
) (User, error) {
	var u User
	err := s.change(ctx, organization, func(ctx context.Context, c *changing) (Changes, error) {
		was, err := c.living(ctx, organization, userid)
		if err != nil {
			return Changes{}, err
		}
		u = was
		if err := apply(ctx, c, &u); err != nil {
			return Changes{}, err
		}
		if u.equal(was) {
			return Changes{}, nil
		}
		return Changes{Users: []User{u}, Entries: s.userEntries(by, organization, was, u)}, nil
	})
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// living returns a living person, disabled or not, as they are before the change.
func (c *changing) living(ctx context.Context, organization int64, userid string) (User, error) {
	var ordinal uint32
	err := c.see(func(snap *snapshot) (err error) {
		ordinal, err = snap.livingOrdinal(userid)
		return err
	})
	if err != nil {
		return User{}, err
	}
	return wholeUser(ctx, c, organization, ordinal)
}

// User returns a living person, disabled or not, as the database has them.
// Fails with user_unknown and organization_unknown.
func (s *Service) User(ctx context.Context, organization int64, userid string) (User, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return User{}, err
	}
	t.mu.RLock()
	ordinal, err := t.snap.livingOrdinal(userid)
	t.mu.RUnlock()
	if err != nil {
		return User{}, err
	}
	return wholeUser(ctx, s.store, organization, ordinal)
}

// Users returns all active people by ascending ordinal, as the database has
// them. Fails with organization_unknown.
func (s *Service) Users(ctx context.Context, organization int64) ([]User, error) {
	at, err := s.store.DirectoryRevision(ctx, organization)
	if err != nil {
		return nil, err
	}
	var users []User
	for next := uint32(0); next < at.NextOrdinal; {
		page, err := s.store.UsersFrom(ctx, organization, next, usersPage)
		if err != nil {
			return nil, err
		}
		users = append(users, page...)
		if len(page) < usersPage {
			break
		}
		next = page[len(page)-1].Ordinal + 1
	}
	return users, nil
}

func (s *snapshot) livingOrdinal(userid string) (uint32, error) {
	ordinal, ok := s.living[userid]
	if !ok {
		return 0, fault.New(fault.CodeUserUnknown, "the user is not known").WithField("userid")
	}
	return ordinal, nil
}

func (t *tree) checkDepts(ids []int64) error {
	for _, id := range ids {
		if _, ok := t.find(id); !ok {
			return fault.New(fault.CodeDepartmentUnknown, "department %d is not known", id).WithField("dept_ids")
		}
	}
	return nil
}

func wholeUser(ctx context.Context, r Reader, organization int64, ordinal uint32) (User, error) {
	users, err := r.UsersByOrdinal(ctx, organization, []uint32{ordinal})
	if err != nil {
		return User{}, err
	}
	if len(users) == 0 {
		return User{}, fmt.Errorf("directory: ordinal %d of organization %d has no row", ordinal, organization)
	}
	return users[0], nil
}
