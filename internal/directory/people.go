package directory

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
)

// useridsAtOnce is how many userids are looked up under one lock.
const useridsAtOnce = 1024

// Ordinal returns the ordinal of an active person, from memory. False for
// everybody else and for an organization not in memory.
func (s *Service) Ordinal(organization int64, userid string) (uint32, bool) {
	t := s.loaded(organization)
	if t == nil {
		return 0, false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.snap.ordinal(userid)
}

// Userid returns whom an ordinal was given to, departed people too, from
// memory. False for one never given and for an organization not in memory.
func (s *Service) Userid(organization int64, ordinal uint32) (string, bool) {
	t := s.loaded(organization)
	if t == nil {
		return "", false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.snap.userid(ordinal)
}

// Userids returns the userids of a set in ascending order of ordinals,
// departed people too; ordinals never given are left out. The set must not
// change meanwhile. No lock is held while the caller looks at a userid.
func (s *Service) Userids(organization int64, set *roaring.Bitmap) iter.Seq[string] {
	return func(yield func(string) bool) {
		t := s.loaded(organization)
		if t == nil {
			return
		}
		ordinals := set.ManyIterator()
		var some [useridsAtOnce]uint32
		userids := make([]string, 0, useridsAtOnce)
		for n := ordinals.NextMany(some[:]); n > 0; n = ordinals.NextMany(some[:]) {
			userids = t.lookUp(userids[:0], some[:n])
			for _, userid := range userids {
				if !yield(userid) {
					return
				}
			}
		}
	}
}

func (t *tenant) lookUp(userids []string, ordinals []uint32) []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, o := range ordinals {
		if userid, ok := t.snap.userid(o); ok {
			userids = append(userids, userid)
		}
	}
	return userids
}

func (s *snapshot) userid(ordinal uint32) (string, bool) {
	if int(ordinal) >= len(s.people) || s.people[ordinal].userid == "" {
		return "", false
	}
	return s.people[ordinal].userid, true
}

// InDepartments reports whether an active person is in or below one of some
// departments.
func (s *Service) InDepartments(ctx context.Context, organization int64, ordinal uint32, deptIDs []int64) (bool, error) {
	t, err := s.tenant(ctx, organization)
	if err != nil {
		return false, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.ContainsFunc(deptIDs, func(id int64) bool {
		n, ok := t.snap.tree.find(id)
		return ok && n.all.Contains(ordinal)
	}), nil
}

// Asker returns who somebody is to the table of rights. A person's roles are read
// from the database, whoever is not active has none; nobody else has any.
func (s *Service) Asker(ctx context.Context, by audit.By) (policy.Asker, error) {
	a := policy.Asker{By: by}
	if !by.IsPerson() {
		return a, nil
	}
	users, err := s.store.UsersByOrdinal(ctx, by.Organization, []uint32{by.Ordinal})
	if err != nil || len(users) == 0 || users[0].State() != Active {
		return a, err
	}
	o, err := s.Organization(ctx, by.Organization)
	a.Roles, a.Appointed = policy.RoleSet(users[0].Roles...), o.ReviewsOthers
	return a, err
}

// Granters returns people whom to ask for a role, at most some.
func (s *Service) Granters(ctx context.Context, organization int64, some int) ([]User, error) {
	var granters []User
	for _, role := range policy.Granters() {
		users, err := s.store.UsersWithRole(ctx, organization, role, some)
		if err != nil {
			return nil, fmt.Errorf("directory.Granters: %w", err)
		}
		for _, u := range users {
			if !slices.ContainsFunc(granters, func(g User) bool { return g.Ordinal == u.Ordinal }) {
				granters = append(granters, u)
			}
		}
	}
	return granters[:min(len(granters), some)], nil
}

// PeopleByOrdinal returns people as the database has them, departed ones
// included. Ordinals never given are absent.
func (s *Service) PeopleByOrdinal(ctx context.Context, organization int64, ordinals []uint32) (map[uint32]User, error) {
	people := make(map[uint32]User, len(ordinals))
	for some := range slices.Chunk(ordinals, usersPage) {
		rows, err := s.store.UsersByOrdinal(ctx, organization, some)
		if err != nil {
			return nil, err
		}
		for _, u := range rows {
			people[u.Ordinal] = u
		}
	}
	return people, nil
}

// Names returns the names of those users, disabled ones included, and
// departments that there are. Fails with organization_unknown.
func (s *Service) Names(
	ctx context.Context, organization int64, userids []string, deptIDs []int64,
) (users map[string]string, depts map[int64]string, err error) {
	t, err := s.tenant(ctx, organization)
	if err != nil {
		return nil, nil, err
	}
	ordinals, depts := t.find(userids, deptIDs)
	users = make(map[string]string, len(ordinals))
	for some := range slices.Chunk(ordinals, usersPage) {
		rows, err := s.store.UsersByOrdinal(ctx, organization, some)
		if err != nil {
			return nil, nil, err
		}
		for _, u := range rows {
			users[u.Userid] = u.Name
		}
	}
	return users, depts, nil
}

// find returns the ordinals of living users, each once, and the names of
// departments.
func (t *tenant) find(userids []string, deptIDs []int64) (ordinals []uint32, depts map[int64]string) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, userid := range userids {
		if o, ok := t.snap.living[userid]; ok {
			ordinals = append(ordinals, o)
		}
	}
	depts = make(map[int64]string, len(deptIDs))
	for _, id := range deptIDs {
		if n, ok := t.snap.tree.find(id); ok {
			depts[id] = n.Name
		}
	}
	slices.Sort(ordinals)
	return slices.Compact(ordinals), depts
}
