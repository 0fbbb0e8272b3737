package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/retention"
)

type usersEraseCmd struct {
	Userid  string `arg:"" optional:"" help:"Which user; a deleted one can be named too."`
	Ordinal *int64 `name:"ordinal" placeholder:"N" range:"0..4294967295" help:"The user's number in the organization, instead of the userid: where several users had the userid, or to complete an erasing that was interrupted."`
	Compact bool   `name:"compact" negatable:"" default:"true" help:"Rewrite the SQLite file, or on PostgreSQL the tables that name people, so that no unused part of them holds a copy. Sends wait meanwhile. --no-compact leaves this for later."`
}

// compactPatience is how long an erasing tries to have one table while others
// use it.
const compactPatience = 30 * time.Second

// erasedView says who was erased, what the others who had the same userid are
// to be called, and what became of the files.
type erasedView struct {
	Ordinal uint32          `json:"ordinal"`
	Userid  string          `json:"userid"` // from now on
	Others  []uint32        `json:"others"`
	Files   []compactedView `json:"files"` // empty with --no-compact
}

// compactedView says whether a table, or SQLite's file, was written anew.
type compactedView struct {
	Name    string  `json:"name"`
	Before  int64   `json:"bytes_before"`
	After   int64   `json:"bytes_after"`
	Seconds float64 `json:"seconds"`
	Refused string  `json:"refused,omitempty"`
	Cure    string  `json:"cure,omitempty"`
}

func (c *usersEraseCmd) Run(e *environment) error {
	if (c.Userid == "") == (c.Ordinal == nil) {
		return usageError{errors.New("user erase takes either a userid or --ordinal")}
	}
	return e.inOrganization(func(s *session, o directory.Organization) error {
		ordinal, others, err := c.person(s, o)
		if err != nil {
			return err
		}
		// Said first: what is interrupted is completed by this number.
		fmt.Fprintf(s.err, "erasing the user with ordinal %d\n", ordinal)
		if err := s.rooms.Eraser.Erase(s.ctx, audit.ByOperator(), o.ID, ordinal); err != nil {
			return err
		}
		v := erasedView{Ordinal: ordinal, Userid: directory.Tombstone(ordinal), Others: others, Files: []compactedView{}}
		// First what others can see, then what only the disk holds.
		err = errors.Join(s.everywhere(), c.compact(s, &v))
		return errors.Join(s.show(v, func() {
			fmt.Fprintf(s.out, "erased; results name the user %s\n", v.Userid)
			if len(others) > 0 {
				fmt.Fprintf(s.out, "others have had this userid: ordinals %s\n", list(others))
			}
		}), err)
	})
}

// compact writes the files anew and says so one by one. It fails when some of
// them may still hold copies of what was erased.
func (c *usersEraseCmd) compact(s *session, v *erasedView) error {
	var left []string
	err := s.rooms.Eraser.Compact(s.ctx, retention.Compaction{
		Patience: compactPatience, LogOnly: !c.Compact,
		Begun: func(name string, bytes int64) { fmt.Fprintf(s.err, "rewriting %s, %s\n", name, size(bytes)) },
		Done: func(f retention.Compacted) {
			v.Files = append(v.Files, compactedView{f.Name, f.Before, f.After, f.Took.Seconds(), f.Refused, f.Cure})
			if f.Refused != "" {
				left = append(left, f.Name)
				fmt.Fprintf(s.err, "not rewritten: %s: %s; cure: %s\n", f.Name, f.Refused, f.Cure)
				return
			}
			fmt.Fprintf(s.err, "rewrote %s, %s in %.1f s\n", f.Name, size(f.After), f.Took.Seconds())
		},
	})
	again := fmt.Sprintf("repeat: tidings admin user erase --ordinal %d", v.Ordinal)
	switch {
	case err != nil:
		return fmt.Errorf("the user is erased, but the files may still hold copies; %s: %v", again, err) //nolint:errorlint // of a wrapped fault only the fault is printed
	case len(left) > 0:
		return fmt.Errorf("the user is erased, but unused parts of %s may still hold copies: do what stands above after cure, then %s", strings.Join(left, ", "), again)
	}
	return nil
}

// size is bytes for people.
func size(bytes int64) string {
	const kib, mib, tenth = 1 << 10, 1 << 20, 10
	if bytes < mib {
		return fmt.Sprintf("%d KiB", (bytes+kib-1)/kib)
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes*tenth/mib)/tenth)
}

// person finds who is meant: whoever is there before those who have left.
func (c *usersEraseCmd) person(s *session, o directory.Organization) (ordinal uint32, others []uint32, err error) {
	if c.Ordinal != nil {
		return uint32(*c.Ordinal), []uint32{}, nil
	}
	ordinal, others, err = s.holder(o, c.Userid)
	if fault.Is(err, fault.CodeUserUnknown) {
		err = fault.New(fault.CodeUserUnknown, "nobody has or had the userid %q; an erasing that was interrupted is completed with --ordinal", c.Userid)
	}
	return ordinal, others, err
}

func list(ordinals []uint32) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ordinals), " ", ", "), "[]")
}
