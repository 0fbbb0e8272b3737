package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

type usersListCmd struct {
	Dept  string `name:"dept" placeholder:"DEPT" help:"Only users of a department or of one below it, by id, name or path."`
	Role  string `name:"role" placeholder:"ROLE" help:"Only users with this role: one of ${roles}."`
	Name  string `name:"name" placeholder:"TEXT" help:"Only users with this text in their name or userid."`
	State string `name:"state" enum:"active,disabled,deleted,all" default:"active" help:"active, disabled, deleted or all."`
	After int64  `name:"after" placeholder:"ORDINAL" default:"-1" range:"0..4294967294" help:"Go on after this ordinal, which an earlier list printed at its end."`
	Limit int    `name:"limit" placeholder:"N" range:"0.." help:"How many users to list; all when 0 or not given."`
}

// listPage is how many rows are held back to line up their columns.
const listPage = 1000

func (c *usersListCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		f := directory.UserFilter{Role: c.Role, Text: c.Name, States: statesNamed(c.State)}
		if c.Dept != "" {
			d, err := s.rooms.Directory.FindDepartment(s.ctx, o.ID, c.Dept)
			if err != nil {
				return err
			}
			f.DeptID = d.ID
		}
		out := userList{session: s}
		err := s.rooms.Directory.EachUser(s.ctx, o.ID, f, uint32(c.After+1), func(u directory.User) bool {
			if c.Limit > 0 && out.count == c.Limit {
				out.more = true
				return false
			}
			out.add(u)
			return out.err == nil
		})
		return errors.Join(err, out.close(err == nil))
	})
}

func statesNamed(name string) []directory.State {
	switch name {
	case "disabled":
		return []directory.State{directory.Disabled}
	case "deleted":
		return []directory.State{directory.Deleted}
	case "all":
		return []directory.State{directory.Active, directory.Disabled, directory.Deleted}
	default:
		return []directory.State{directory.Active}
	}
}

// userList prints people as they come: there may be a million.
type userList struct {
	*session

	rows  [][]string
	count int
	last  uint32
	more  bool
	err   error
}

func (l *userList) add(u directory.User) {
	l.count, l.last = l.count+1, u.Ordinal
	v := viewUser(u)
	if l.cmd.JSON {
		l.element(v)
		return
	}
	depts := strings.Trim(strings.ReplaceAll(fmt.Sprint(u.DeptIDs), " ", ","), "[]")
	l.rows = append(l.rows, []string{u.Userid, u.Name, depts, strings.Join(u.Roles, ","), v.State, u.Title})
	if len(l.rows) == listPage {
		l.flush()
	}
}

// element writes one element of the JSON array.
func (l *userList) element(v userView) {
	before := ",\n  "
	if l.count == 1 {
		before = "[\n  "
	}
	var text strings.Builder
	in := json.NewEncoder(&text)
	in.SetIndent("  ", "  ")
	in.SetEscapeHTML(false)
	l.err = in.Encode(v)
	if l.err == nil {
		_, l.err = fmt.Fprint(l.out, before+strings.TrimSuffix(text.String(), "\n"))
	}
}

func (l *userList) flush() {
	table(l.out, []string{"USERID", "NAME", "DEPARTMENTS", "ROLES", "STATE", "TITLE"}, l.rows)
	l.rows = l.rows[:0]
}

// close ends the list. What is not whole says so.
func (l *userList) close(whole bool) error {
	switch {
	case !l.cmd.JSON && (len(l.rows) > 0 || l.count == 0):
		l.flush()
	case l.cmd.JSON && l.count == 0 && whole:
		fmt.Fprintln(l.out, "[]")
	case l.cmd.JSON && whole:
		fmt.Fprintln(l.out, "\n]")
	}
	if l.more {
		fmt.Fprintf(l.environment.err, "tidings: there are more: go on with --after %d\n", l.last)
	}
	return l.err
}

type usersShowCmd struct{ useridArg }

func (c *usersShowCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		u, err := s.rooms.Directory.User(s.ctx, o.ID, c.Userid)
		if err != nil {
			return err
		}
		paths, err := s.deptPaths(o, u.DeptIDs)
		if err != nil {
			return err
		}
		return s.show(viewUser(u), func() {
			fmt.Fprintf(s.out, "userid       %s\nname         %s\nstate        %s\ndepartments  %s\nroles        %s\ntitle        %s\nemail        %s\nmobile       %s\njob number   %s\nordinal      %d\ncreated      %s\n",
				u.Userid, u.Name, u.State(), strings.Join(paths, "; "), strings.Join(u.Roles, ", "),
				u.Title, u.Email, u.Mobile, u.JobNumber, u.Ordinal, day(u.CreatedAt))
		})
	})
}

type usersUpdateCmd struct {
	useridArg
	Name      *string  `name:"name" help:"Name shown to people."`
	Depts     []string `name:"dept" placeholder:"DEPT" help:"A department of the user from now on, instead of those before, by id, name or path; may be repeated."`
	Roles     []string `name:"role" placeholder:"ROLE" help:"A role the user has from now on, instead of those before; may be repeated. The roles are ${roles}."`
	Title     *string  `name:"title" help:"Job title; empty for none."`
	Email     *string  `name:"email" help:"Mail address; empty for none."`
	Mobile    *string  `name:"mobile" help:"Phone number; empty for none."`
	JobNumber *string  `name:"job-number" help:"Job number; empty for none."`
}

func (c *usersUpdateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		change := directory.UserChange{
			Name: c.Name, Title: c.Title, Email: c.Email, Mobile: c.Mobile, JobNumber: c.JobNumber,
		}
		if len(c.Roles) > 0 {
			change.Roles = &c.Roles
		}
		if len(c.Depts) > 0 {
			depts, err := s.deptIDs(o, c.Depts)
			if err != nil {
				return err
			}
			change.DeptIDs = &depts
		}
		if change == (directory.UserChange{}) {
			return usageError{errors.New("give a flag for what is to change; --help lists them")}
		}
		u, err := s.rooms.Directory.UpdateUser(s.ctx, audit.ByOperator(), o.ID, c.Userid, change)
		if err != nil {
			return err
		}
		return s.done(viewUser(u), "updated user %s (%s)", u.Userid, u.Name)
	})
}
