package directory

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Viewer is an app that looks at an organization's contacts.
type Viewer struct {
	Organization int64
	Within       Range // whom it sees; of that, as everywhere, active people only
	Provider     int64 // the organization that the app belongs to: unionids are one provider's
}

// Contact is a person as a Viewer sees them: active, and in those of their departments
// that are inside of the range.
type Contact struct {
	User
	UnionID string
}

// Contact returns a person by userid. Fails with user_unknown, user_disabled,
// user_outside_range and organization_unknown.
func (s *Service) Contact(ctx context.Context, v Viewer, userid string) (Contact, error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return Contact{}, err
	}
	t.mu.RLock()
	ordinal, err := t.snap.seen(v.Within, userid)
	t.mu.RUnlock()
	if err != nil {
		return Contact{}, err
	}
	u, err := wholeUser(ctx, s.store, v.Organization, ordinal)
	if err != nil {
		return Contact{}, err
	}
	return s.oneContact(ctx, t, v, u)
}

// ContactByMobile returns the person with a mobile, however the two are written: spaces,
// hyphens and the prefix of China make no difference. Fails with mobile_invalid for a
// text that is no mobile; with user_unknown where nobody has it whom the viewer sees, or
// several have; and with organization_unknown.
func (s *Service) ContactByMobile(ctx context.Context, v Viewer, mobile string) (Contact, error) {
	forms := MobileForms(mobile)
	if len(forms) == 0 {
		return Contact{}, mobileInvalid()
	}
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return Contact{}, err
	}
	users, err := s.store.UsersByMobile(ctx, v.Organization, forms)
	if err != nil {
		return Contact{}, err
	}
	t.mu.RLock()
	users = slices.DeleteFunc(users, func(u User) bool { return !t.snap.sees(v.Within, u.Ordinal) })
	t.mu.RUnlock()
	switch len(users) {
	case 0:
		return Contact{}, fault.New(fault.CodeUserUnknown, "nobody has this mobile").WithField("mobile")
	case 1:
		return s.oneContact(ctx, t, v, users[0])
	default:
		return Contact{}, fault.New(fault.CodeUserUnknown, "%d people have this mobile: ask by userid", len(users)).WithField("mobile")
	}
}

// ContactByUnionID returns the person with a unionid of the viewer's provider. Fails with
// user_unknown, for whomever the viewer does not see too, and organization_unknown.
func (s *Service) ContactByUnionID(ctx context.Context, v Viewer, unionID string) (Contact, error) {
	unknown := fault.New(fault.CodeUserUnknown, "nobody has this unionid").WithField("unionid")
	provider, err := s.Organization(ctx, v.Provider)
	if err != nil {
		return Contact{}, err
	}
	ordinal, ok := provider.ordinalOf(v.Organization, unionID)
	if !ok {
		return Contact{}, unknown
	}
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return Contact{}, err
	}
	t.mu.RLock()
	sees := t.snap.sees(v.Within, ordinal)
	t.mu.RUnlock()
	if !sees {
		return Contact{}, unknown
	}
	u, err := wholeUser(ctx, s.store, v.Organization, ordinal)
	if err != nil {
		return Contact{}, err
	}
	return s.oneContact(ctx, t, v, u)
}

// MemberQuery says which people of a department are listed: those directly in it, by
// when they joined.
type MemberQuery struct {
	DeptID     int64
	Descending bool  // who joined last comes first
	Cursor     int64 // MemberPage.Next of the page before; 0 for the first page
	Skip       int64 // how many to leave out behind the cursor
	Limit      int
}

// MemberPage is some of a department's people.
type MemberPage struct {
	Contacts []Contact
	Next     int64 // goes into Cursor for those who follow; 0 where nobody does
	Total    int64 // of the department
}

// Members returns a page of a department's people. Fails with department_unknown,
// department_outside_range and organization_unknown.
func (s *Service) Members(ctx context.Context, v Viewer, q MemberQuery) (MemberPage, error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return MemberPage{}, err
	}
	ordinals, page, err := t.members(v.Within, q)
	if err != nil {
		return MemberPage{}, err
	}
	users, err := s.store.UsersByOrdinal(ctx, v.Organization, ordinals)
	if err != nil {
		return MemberPage{}, err
	}
	slices.SortFunc(users, func(a, b User) int { return slices.Index(ordinals, a.Ordinal) - slices.Index(ordinals, b.Ordinal) })
	page.Contacts, err = s.contacts(ctx, t, v, users)
	return page, err
}

// members finds a page by ranks in the department's set, which costs the same at its
// beginning and at its end.
func (t *tenant) members(within Range, q MemberQuery) (ordinals []uint32, page MemberPage, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, err := t.snap.visibleDepartment(within, q.DeptID)
	if err != nil {
		return nil, page, err
	}
	page.Total = int64(n.direct.GetCardinality())
	before := int64(0) // people with lower ordinals than the cursor
	if q.Cursor > 0 {
		before = int64(n.direct.Rank(uint32(min(q.Cursor-1, math.MaxUint32))))
	}
	left := page.Total - before
	if q.Descending && q.Cursor > 0 {
		left = before
	}
	for i := q.Skip; i < left && len(ordinals) < q.Limit; i++ {
		rank := before + i
		if q.Descending {
			rank = left - 1 - i
		}
		ordinal, err := n.direct.Select(uint32(rank))
		if err != nil {
			return nil, page, err
		}
		ordinals = append(ordinals, ordinal)
	}
	if len(ordinals) == q.Limit && q.Skip+int64(q.Limit) < left {
		page.Next = int64(ordinals[len(ordinals)-1])
		if !q.Descending {
			page.Next++
		}
	}
	return ordinals, page, nil
}

// MemberUserids returns the userids of all people directly in a department, by when they
// joined. Fails as Members.
func (s *Service) MemberUserids(ctx context.Context, v Viewer, deptID int64) (iter.Seq[string], error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, err := t.snap.visibleDepartment(v.Within, deptID)
	if err != nil {
		return nil, err
	}
	return s.Userids(v.Organization, n.direct.Clone()), nil
}

// CountContacts returns how many people a viewer sees; with disabled ones too, where its
// range is everyone. Fails with organization_unknown.
func (s *Service) CountContacts(ctx context.Context, v Viewer, onlyActive bool) (int64, error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return 0, err
	}
	q := PeopleQuery{Within: v.Within}
	if active := Active; onlyActive {
		q.State = &active
	}
	set, err := t.listed(q)
	if err != nil {
		return 0, err
	}
	return int64(set.GetCardinality()), nil
}

// Administrators returns the owners and administrators whom a viewer sees, by when they
// joined. Fails with organization_unknown.
func (s *Service) Administrators(ctx context.Context, v Viewer) ([]Contact, error) {
	t, err := s.current(ctx, v.Organization)
	if err != nil {
		return nil, err
	}
	var all []User
	for _, role := range []policy.Role{policy.Owner, policy.Administrator} {
		users, err := s.store.UsersWithRole(ctx, v.Organization, role, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		all = append(all, users...)
	}
	slices.SortFunc(all, func(a, b User) int { return int(int64(a.Ordinal) - int64(b.Ordinal)) })
	all = slices.CompactFunc(all, func(a, b User) bool { return a.Ordinal == b.Ordinal })
	t.mu.RLock()
	all = slices.DeleteFunc(all, func(u User) bool { return !t.snap.sees(v.Within, u.Ordinal) })
	t.mu.RUnlock()
	return s.contacts(ctx, t, v, all)
}

func (s *Service) oneContact(ctx context.Context, t *tenant, v Viewer, u User) (Contact, error) {
	contacts, err := s.contacts(ctx, t, v, []User{u})
	if err != nil {
		return Contact{}, err
	}
	return contacts[0], nil
}

// contacts tells of people what a viewer may know.
func (s *Service) contacts(ctx context.Context, t *tenant, v Viewer, users []User) ([]Contact, error) {
	provider, err := s.Organization(ctx, v.Provider)
	if err != nil {
		return nil, err
	}
	t.narrow(v.Within, users)
	contacts := make([]Contact, len(users))
	for i, u := range users {
		contacts[i] = Contact{u, provider.unionID(v.Organization, u.Ordinal)}
	}
	return contacts, nil
}

// seen returns the ordinal of somebody whom a range has.
func (s *snapshot) seen(within Range, userid string) (uint32, error) {
	ordinal, err := s.livingOrdinal(userid)
	switch {
	case err != nil:
		return 0, err
	case !s.covers(within, ordinal):
		return 0, userOutside()
	case s.people[ordinal].state != Active:
		return 0, fault.New(fault.CodeUserDisabled, "the user is disabled").WithField("userid")
	}
	return ordinal, nil
}

// sees reports whether somebody is active and in a range.
func (s *snapshot) sees(within Range, ordinal uint32) bool {
	return s.active.Contains(ordinal) && s.covers(within, ordinal)
}

// covers reports whether a range has somebody living, without building its set.
func (s *snapshot) covers(within Range, ordinal uint32) bool {
	if within.everyone() {
		return true
	}
	p := s.people[ordinal]
	return slices.Contains(within.Userids, p.userid) ||
		slices.ContainsFunc(s.lists[p.depts], func(id int64) bool { return s.inside(within, id) })
}
