package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// tombstonePrefix begins what erased people are named by. Nobody can be given
// such a userid, and nobody is found by one.
const tombstonePrefix = "erased:"

// Tombstone is the userid of an erased person: fixed, and nobody else's.
func Tombstone(ordinal uint32) string { return fmt.Sprintf("%s%d", tombstonePrefix, ordinal) }

// Holders returns the ordinals of everybody who has had a userid, departed
// people too, ascending. Fails with organization_unknown.
func (s *Service) Holders(ctx context.Context, organization int64, userid string) ([]uint32, error) {
	t, err := s.current(ctx, organization)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	var ordinals []uint32
	for i := range t.snap.people {
		if t.snap.people[i].userid == userid {
			ordinals = append(ordinals, uint32(i))
		}
	}
	return ordinals, nil
}

// Holder returns who has a userid, or who had it where nobody has, and everybody
// else who had it. Fails with user_unknown for a userid that nobody had, with
// conflict where nobody has it and several people had it, who are others then, and
// with organization_unknown.
func (s *Service) Holder(ctx context.Context, organization int64, userid string) (ordinal uint32, others []uint32, err error) {
	holders, err := s.Holders(ctx, organization, userid)
	if err != nil {
		return 0, nil, err
	}
	living, is := s.Ordinal(organization, userid)
	switch {
	case is:
		ordinal = living
	case len(holders) == 0:
		return 0, nil, fault.New(fault.CodeUserUnknown, "nobody has or had the userid %q", userid)
	case len(holders) > 1:
		return 0, holders, fault.New(fault.CodeConflict, "%d people who have left had the userid %q", len(holders), userid)
	default:
		ordinal = holders[0]
	}
	return ordinal, slices.DeleteFunc(holders, func(h uint32) bool { return h == ordinal }), nil
}

// Depart deletes a person if they are there, and returns the userid they have
// or had and whether it is somebody else's now. e goes into the audit log with
// that, also where they have left before. Fails with user_unknown and
// organization_unknown.
func (s *Service) Depart(
	ctx context.Context, organization int64, ordinal uint32, e audit.Entry,
) (userid string, taken bool, err error) {
	err = s.changeOrdinal(ctx, organization, ordinal, []audit.Entry{e}, func(c *changing, u *User) error {
		if u.DeletedAt.IsZero() {
			u.DeletedAt = milli(s.now())
		}
		userid = u.Userid
		return c.see(func(snap *snapshot) error {
			holder, living := snap.living[userid]
			taken = living && holder != ordinal
			return nil
		})
	})
	return userid, taken, err
}

// Erase takes everything personal out of a departed person's row: their
// ordinal and their times stay, so that results count as before, under the
// Tombstone. Doing it again changes nothing. Fails with user_unknown, conflict
// for a person who has not departed, and organization_unknown.
func (s *Service) Erase(ctx context.Context, organization int64, ordinal uint32) error {
	return s.changeOrdinal(ctx, organization, ordinal, nil, func(_ *changing, u *User) error {
		if u.DeletedAt.IsZero() {
			return fault.New(fault.CodeConflict, "only a person who has left can be erased")
		}
		*u = User{
			Ordinal: ordinal, Userid: Tombstone(ordinal),
			CreatedAt: u.CreatedAt, DisabledAt: u.DisabledAt, DeletedAt: u.DeletedAt,
		}
		return nil
	})
}

func (s *Service) changeOrdinal(
	ctx context.Context, organization int64, ordinal uint32, entries []audit.Entry, apply func(*changing, *User) error,
) error {
	return s.change(ctx, organization, func(ctx context.Context, c *changing) (Changes, error) {
		if ordinal >= c.at.NextOrdinal {
			return Changes{}, fault.New(fault.CodeUserUnknown, "nobody has the ordinal %d", ordinal).WithField("ordinal")
		}
		was, err := wholeUser(ctx, c, organization, ordinal)
		if err != nil {
			return Changes{}, err
		}
		u, changes := was, Changes{Entries: entries}
		if err := apply(c, &u); err != nil {
			return Changes{}, err
		}
		if !u.equal(was) {
			changes.Users = []User{u}
		}
		return changes, nil
	})
}

func isTombstone(userid string) bool { return strings.HasPrefix(userid, tombstonePrefix) }
