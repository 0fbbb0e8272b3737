package main

import (
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

type usersCmd struct {
	Import  usersImportCmd  `cmd:"" help:"Add and update users from a CSV file."`
	List    usersListCmd    `cmd:"" help:"List users: the active ones, unless --state says otherwise."`
	Show    usersShowCmd    `cmd:"" help:"Show a user, disabled or not."`
	Create  usersCreateCmd  `cmd:"" help:"Create a user."`
	Update  usersUpdateCmd  `cmd:"" help:"Change a user's name, departments, roles and other fields."`
	Disable usersDisableCmd `cmd:"" help:"Disable a user: no sends reach them, and their sessions, sign-in links and API tokens end."`
	Enable  usersEnableCmd  `cmd:"" help:"Enable a disabled user again."`
	Delete  usersDeleteCmd  `cmd:"" help:"Delete a user; the userid may be given to somebody else afterwards."`
	Erase   usersEraseCmd   `cmd:"" help:"Delete a user and everything personal about them, for good. A deleted user can be erased too."`
}

type userView struct {
	Userid    string   `json:"userid"`
	Name      string   `json:"name"`
	DeptIDs   []int64  `json:"dept_ids"`
	Title     string   `json:"title"`
	Email     string   `json:"email"`
	Mobile    string   `json:"mobile"`
	JobNumber string   `json:"job_number"`
	Roles     []string `json:"roles"`
	Disabled  bool     `json:"disabled"`
	State     string   `json:"state"` // active, disabled or deleted
	Ordinal   uint32   `json:"ordinal"`
}

func viewUser(u directory.User) userView {
	return userView{
		Userid: u.Userid, Name: u.Name, DeptIDs: u.DeptIDs, Title: u.Title, Email: u.Email, Mobile: u.Mobile,
		JobNumber: u.JobNumber, Roles: u.Roles, Disabled: !u.DisabledAt.IsZero(),
		State: u.State().String(), Ordinal: u.Ordinal,
	}
}

type usersCreateCmd struct {
	Userid    string   `arg:"" help:"Unique within the organization."`
	Name      string   `arg:"" help:"Name shown to people."`
	Depts     []string `name:"dept" placeholder:"DEPT" help:"A department of the user, by id, name or path; may be repeated, the root when not given."`
	Roles     []string `name:"role" placeholder:"ROLE" help:"A role; may be repeated, employee when not given. The roles are ${roles}."`
	Title     string   `name:"title" help:"Job title."`
	Email     string   `name:"email" help:"Mail address."`
	Mobile    string   `name:"mobile" help:"Phone number."`
	JobNumber string   `name:"job-number" help:"Job number."`
}

func (c *usersCreateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		depts, err := s.deptIDs(o, c.Depts)
		if err != nil {
			return err
		}
		u, err := s.rooms.Directory.CreateUser(s.ctx, audit.ByOperator(), o.ID, directory.NewUser{
			Userid: c.Userid, Name: c.Name, DeptIDs: depts, Roles: c.Roles,
			Title: c.Title, Email: c.Email, Mobile: c.Mobile, JobNumber: c.JobNumber,
		})
		if err != nil {
			return err
		}
		return s.done(viewUser(u), "created user %s (%s)", u.Userid, u.Name)
	})
}

type useridArg struct {
	Userid string `arg:"" help:"Which user."`
}

// useridView says whose state a command changed.
type useridView struct {
	Userid string `json:"userid"`
	State  string `json:"state"`
}

type usersDisableCmd struct{ useridArg }

func (c *usersDisableCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		if err := s.rooms.Directory.DisableUser(s.ctx, audit.ByOperator(), o.ID, c.Userid); err != nil {
			return err
		}
		return s.doneEverywhere(useridView{c.Userid, "disabled"}, "disabled user %s", c.Userid)
	})
}

type usersEnableCmd struct{ useridArg }

func (c *usersEnableCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		if err := s.rooms.Directory.EnableUser(s.ctx, audit.ByOperator(), o.ID, c.Userid); err != nil {
			return err
		}
		return s.done(useridView{c.Userid, "enabled"}, "enabled user %s", c.Userid)
	})
}

type usersDeleteCmd struct{ useridArg }

func (c *usersDeleteCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		if err := s.rooms.Directory.DeleteUser(s.ctx, audit.ByOperator(), o.ID, c.Userid); err != nil {
			return err
		}
		return s.doneEverywhere(useridView{c.Userid, "deleted"}, "deleted user %s", c.Userid)
	})
}
