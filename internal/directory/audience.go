package directory

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/fault"
)

// Audience is what a sender named.
type Audience struct {
	Userids  []string
	DeptIDs  []int64
	Everyone bool
	Among    *roaring.Bitmap // ordinals: those of them who are active. Nil for nobody; it is not changed
	Without  Without         // whom to take out again, however they were named
}

// Without is people and departments, with everybody below those, whom an audience
// does not mean.
type Without struct {
	Userids []string
	DeptIDs []int64
}

// IsNobody reports whether an audience names nobody at all.
func (a Audience) IsNobody() bool {
	return !a.Everyone && len(a.Userids) == 0 && len(a.DeptIDs) == 0 && a.Among == nil
}

// NamesEveryone reports whether everyone is asked for, or the root department named.
func (a Audience) NamesEveryone() bool { return a.Everyone || slices.Contains(a.DeptIDs, RootID) }

// Range is what an installation may reach.
type Range struct {
	Everyone bool
	DeptIDs  []int64
	Userids  []string
}

// Reason is why an id that was named means nobody.
type Reason string

// The reasons. Deleted is said of ids that somebody, or a department, has had;
// of erased people nothing is known any more.
const (
	ReasonUnknown  Reason = "unknown"
	ReasonDisabled Reason = "disabled"
	ReasonDeleted  Reason = "deleted"
)

// Resolved is what an audience came to. Recipients, OutsideUser and OutsideDept
// are disjoint and never nil; sets belong to the caller.
type Resolved struct {
	DirectoryRevision int64           // the snapshot holds at least this revision
	Recipients        *roaring.Bitmap // active people named, inside the range
	OutsideUser       *roaring.Bitmap // named one by one, outside the range
	OutsideDept       *roaring.Bitmap // reached only through a department, outside the range
	InvalidUserids    []string        // unknown, disabled or deleted, in the order named
	UserReasons       []Reason        // of InvalidUserids, one for each
	InvalidDeptIDs    []int64         // unknown or deleted, in the order named
	DeptReasons       []Reason        // of InvalidDeptIDs, one for each
	ByUserid          *roaring.Bitmap // active people named one by one; nil where nobody was named otherwise
	Everyone          bool            // everyone was asked for, or the root department named
	Without           int64           // people named and taken out again
}

// Named is how many people were named, inside the range and outside.
func (r *Resolved) Named() int64 {
	return int64(r.Recipients.GetCardinality() + r.OutsideUser.GetCardinality() + r.OutsideDept.GetCardinality())
}

// Resolve turns an audience into people, once each, as the organization's
// snapshot knows them. A department includes everything below it. Everyone
// means everyone inside the range: nobody is outside through it, and ids named
// beside it are reported as ever. The database is asked only when the
// organization is not in memory yet. Fails with organization_unknown and
// organization_disabled.
func (s *Service) Resolve(ctx context.Context, organization int64, a Audience, r Range) (Resolved, error) {
	t, err := s.tenant(ctx, organization)
	if err != nil {
		return Resolved{}, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !t.snap.organization.DisabledAt.IsZero() {
		return Resolved{}, fault.New(fault.CodeOrganizationDisabled, "the organization is disabled")
	}
	out := t.snap.resolve(a, r)
	if len(a.Without.Userids)+len(a.Without.DeptIDs) > 0 {
		t.snap.takeOut(&out, a.Without)
	}
	return out, nil
}

func (s *snapshot) resolve(a Audience, r Range) Resolved {
	out := Resolved{DirectoryRevision: s.revision, OutsideUser: roaring.New(), OutsideDept: roaring.New()}
	users, depts := roaring.New(), roaring.New()
	if len(a.Userids) > 0 {
		users, out.InvalidUserids = s.named(a.Userids)
		out.UserReasons = s.userReasons(out.InvalidUserids)
	}
	if len(a.DeptIDs) > 0 {
		depts, out.InvalidDeptIDs, out.Everyone = s.inDepartments(a.DeptIDs)
		out.DeptReasons = s.deptReasons(out.InvalidDeptIDs)
	}
	out.Everyone = out.Everyone || a.Everyone
	if out.Everyone || len(a.DeptIDs) > 0 || a.Among != nil {
		out.ByUserid = users.Clone()
	}
	if a.Among != nil {
		users.Or(roaring.And(a.Among, s.active))
	}
	reach := s.reach(r)
	if reach != nil {
		out.OutsideUser = roaring.AndNot(users, reach)
		out.OutsideDept = roaring.AndNot(depts, reach)
		out.OutsideDept.AndNot(out.OutsideUser)
	}
	switch {
	case out.Everyone && reach == nil:
		out.Recipients = s.active.Clone()
		return out
	case out.Everyone:
		out.Recipients = s.active.Clone()
	case depts.IsEmpty():
		out.Recipients = users
	default:
		depts.Or(users)
		out.Recipients = depts
	}
	if reach != nil {
		out.Recipients.And(reach)
	}
	return out
}

// takeOut takes people out of what an audience came to.
func (s *snapshot) takeOut(out *Resolved, w Without) {
	users, _ := s.named(w.Userids)
	depts, _, everyone := s.inDepartments(w.DeptIDs)
	if everyone {
		users = s.active
	} else {
		users.Or(depts)
	}
	before := out.Named()
	for _, set := range []*roaring.Bitmap{out.Recipients, out.OutsideUser, out.OutsideDept, out.ByUserid} {
		if set != nil {
			set.AndNot(users)
		}
	}
	out.Without = before - out.Named()
}

// named returns the active people among userids and those that are not.
func (s *snapshot) named(userids []string) (set *roaring.Bitmap, invalid []string) {
	set = roaring.New()
	var reported map[string]bool
	for _, userid := range userids {
		if o, ok := s.ordinal(userid); ok {
			set.Add(o)
			continue
		}
		if reported == nil {
			reported = map[string]bool{}
		}
		if !reported[userid] {
			reported[userid] = true
			invalid = append(invalid, userid)
		}
	}
	return set, invalid
}

// userReasons tells of userids that are not active why.
func (s *snapshot) userReasons(userids []string) []Reason {
	var reasons []Reason
	for _, userid := range userids {
		reason := ReasonUnknown
		if _, living := s.living[userid]; living {
			reason = ReasonDisabled
		} else if s.departed[userid] > 0 {
			reason = ReasonDeleted
		}
		reasons = append(reasons, reason)
	}
	return reasons
}

// deptReasons tells of ids that are no department why.
func (s *snapshot) deptReasons(ids []int64) []Reason {
	var reasons []Reason
	for _, id := range ids {
		reason := ReasonUnknown
		if n := s.tree.nodes[id]; n != nil && n.known {
			reason = ReasonDeleted
		}
		reasons = append(reasons, reason)
	}
	return reasons
}

// inDepartments returns the active people in and below the departments.
// Naming the root means everyone.
func (s *snapshot) inDepartments(ids []int64) (set *roaring.Bitmap, invalid []int64, everyone bool) {
	for _, id := range ids {
		n, ok := s.tree.find(id)
		switch {
		case id == RootID:
			everyone = true
		case !ok:
			if !slices.Contains(invalid, id) {
				invalid = append(invalid, id)
			}
		case set == nil:
			set = n.all.Clone()
		default:
			set.Or(n.all)
		}
	}
	if set == nil {
		set = roaring.New()
	}
	return set, invalid, everyone
}

// reach returns the people inside a range; nil means everyone. The set is only
// to be read, as it may be the snapshot's own.
func (s *snapshot) reach(r Range) *roaring.Bitmap {
	if r.Everyone || slices.Contains(r.DeptIDs, RootID) {
		return nil
	}
	if len(r.DeptIDs) == 1 && len(r.Userids) == 0 {
		if n, ok := s.tree.find(r.DeptIDs[0]); ok {
			return n.all
		}
	}
	set, _, _ := s.inDepartments(r.DeptIDs)
	users, _ := s.named(r.Userids)
	set.Or(users)
	return set
}
