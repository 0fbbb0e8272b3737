package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

type usersEraseCmd struct {
	Userid  string `arg:"" optional:"" help:"Which user, there or deleted."`
	Ordinal *int64 `name:"ordinal" placeholder:"N" range:"0..4294967295" help:"Which user, by the number in the organization; where several had the userid, or to complete an erasing that was interrupted."`
	Compact bool   `name:"compact" negatable:"" default:"true" help:"Write the SQLite file anew, so that no unused part of it holds a copy; sends wait meanwhile. With --no-compact this is left to the next time. On PostgreSQL it is VACUUM FULL that does this: see docs/operations.md."`
}

// erasedView says who was erased, and what the others who had the same userid
// are to be called.
type erasedView struct {
	Ordinal uint32   `json:"ordinal"`
	Userid  string   `json:"userid"` // from now on
	Others  []uint32 `json:"others"`
}

func (c *usersEraseCmd) Run(e *environment) error {
	if (c.Userid == "") == (c.Ordinal == nil) {
		return usageError{errors.New("users erase takes a userid or --ordinal, one of them")}
	}
	return e.inOrganization(func(s *session, o directory.Organization) error {
		ordinal, others, err := c.person(s, o)
		if err != nil {
			return err
		}
		// Said first: what is interrupted is completed by this number.
		fmt.Fprintf(s.err, "erasing the user with ordinal %d\n", ordinal)
		if err := s.rooms.Eraser.Erase(s.ctx, o.ID, ordinal, c.Compact); err != nil {
			return err
		}
		v := erasedView{ordinal, directory.Tombstone(ordinal), others}
		return s.show(v, func() {
			fmt.Fprintf(s.out, "erased; results name %s\n", v.Userid)
			if len(others) > 0 {
				fmt.Fprintf(s.out, "others have had this userid: ordinals %s\n", list(others))
			}
		})
	})
}

// person finds who is meant: whoever is there before those who have left.
func (c *usersEraseCmd) person(s *session, o directory.Organization) (ordinal uint32, others []uint32, err error) {
	if c.Ordinal != nil {
		return uint32(*c.Ordinal), []uint32{}, nil
	}
	holders, err := s.rooms.Directory.Holders(s.ctx, o.ID, c.Userid)
	if err != nil {
		return 0, nil, err
	}
	u, err := s.rooms.Directory.User(s.ctx, o.ID, c.Userid)
	switch {
	case err == nil:
		ordinal = u.Ordinal
	case !fault.Is(err, fault.CodeUserUnknown):
		return 0, nil, err
	case len(holders) == 0:
		return 0, nil, fault.New(fault.CodeUserUnknown, "nobody has or had the userid %q; an erasing that was interrupted is completed with --ordinal", c.Userid)
	case len(holders) > 1:
		return 0, nil, fault.New(fault.CodeConflict, "several people who have left had this userid: choose one with --ordinal %s", strings.ReplaceAll(list(holders), ", ", " or --ordinal "))
	default:
		ordinal = holders[0]
	}
	return ordinal, slices.DeleteFunc(holders, func(h uint32) bool { return h == ordinal }), nil
}

func list(ordinals []uint32) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ordinals), " ", ", "), "[]")
}
