package main

import (
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

type deptCmd struct {
	Create deptCreateCmd `cmd:"" help:"Create a department."`
	List   deptListCmd   `cmd:"" help:"List departments, and how many people are in them."`
	Show   deptShowCmd   `cmd:"" help:"Show a department."`
	Rename deptRenameCmd `cmd:"" help:"Rename a department."`
	Move   deptMoveCmd   `cmd:"" help:"Move a department, with all below it."`
	Delete deptDeleteCmd `cmd:"" help:"Delete a department that has no people and no departments below it."`
}

type deptView struct {
	ID       int64  `json:"dept_id"`
	ParentID int64  `json:"parent_id"`
	Name     string `json:"name"`
	Path     string `json:"path"`
	People   int    `json:"people"`       // active, directly in it
	All      int    `json:"people_below"` // active, in it or below it
	Disabled int    `json:"disabled"`     // directly in it
	Children int    `json:"departments"`  // directly below it
}

func viewDept(d directory.DepartmentPlace) deptView {
	return deptView{d.ID, d.ParentID, d.Name, d.Path, d.Direct, d.All, d.Disabled, d.Children}
}

// deptArg is a department as people name it.
type deptArg struct {
	Dept string `arg:"" help:"Department, by id, name or path such as Sales/East."`
}

func (a *deptArg) inDept(e *environment, work func(*session, directory.Organization, directory.DepartmentPlace) error) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		d, err := s.rooms.Directory.FindDepartment(s.ctx, o.ID, a.Dept)
		if err != nil {
			return err
		}
		return work(s, o, d)
	})
}

// deptIDs are the ids of departments as people name them.
func (s *session) deptIDs(o directory.Organization, names []string) ([]int64, error) {
	var ids []int64
	for _, name := range names {
		d, err := s.rooms.Directory.FindDepartment(s.ctx, o.ID, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, d.ID)
	}
	return ids, nil
}

// deptPaths are departments as people read them.
func (s *session) deptPaths(o directory.Organization, ids []int64) ([]string, error) {
	all, err := s.rooms.Directory.Tree(s.ctx, o.ID)
	if err != nil {
		return nil, err
	}
	paths := map[int64]string{}
	for _, d := range all {
		paths[d.ID] = d.Path
	}
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		path := paths[id]
		if path == "" {
			path = "not there"
		}
		texts = append(texts, fmt.Sprintf("%d (%s)", id, path))
	}
	return texts, nil
}

type deptCreateCmd struct {
	Name   string `arg:"" help:"Name of the department."`
	Parent string `name:"parent" placeholder:"DEPT" default:"1" help:"The department above, by id, name or path; 1 is the root."`
	ID     int64  `name:"id" placeholder:"ID" range:"1..9007199254740991" help:"Id of the department; the next free one when not given."`
}

func (c *deptCreateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		parent, err := s.rooms.Directory.FindDepartment(s.ctx, o.ID, c.Parent)
		if err != nil {
			return err
		}
		d, err := s.rooms.Directory.CreateDepartment(s.ctx, audit.ByOperator(), o.ID, directory.NewDepartment{ID: c.ID, ParentID: parent.ID, Name: c.Name})
		if err != nil {
			return err
		}
		return s.doneWith(o, d.ID, "created department %s, id %d", d.Name, d.ID)
	})
}

// doneWith says what was done to a department and shows it as it is now.
func (s *session) doneWith(o directory.Organization, id int64, format string, args ...any) error {
	d, err := s.rooms.Directory.FindDepartment(s.ctx, o.ID, fmt.Sprint(id))
	if err != nil {
		return err
	}
	return s.done(viewDept(d), format, args...)
}

type deptListCmd struct{}

func (c *deptListCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Directory.Tree(s.ctx, o.ID)
		if err != nil {
			return err
		}
		views, rows := []deptView{}, [][]string{}
		for _, d := range all {
			views = append(views, viewDept(d))
			rows = append(rows, []string{fmt.Sprint(d.ID), fmt.Sprint(d.ParentID), d.Name, fmt.Sprint(d.Direct), fmt.Sprint(d.All), d.Path})
		}
		return s.show(views, func() {
			table(s.out, []string{"ID", "PARENT", "NAME", "PEOPLE", "WITH BELOW", "PATH"}, rows)
		})
	})
}

type deptShowCmd struct{ deptArg }

func (c *deptShowCmd) Run(e *environment) error {
	return c.inDept(e, func(s *session, _ directory.Organization, d directory.DepartmentPlace) error {
		return s.show(viewDept(d), func() {
			fmt.Fprintf(s.out, "id           %d\nname         %s\npath         %s\nparent       %d\npeople       %d, with those below %d\ndisabled     %d\ndepartments  %d directly below\ncreated      %s\n",
				d.ID, d.Name, d.Path, d.ParentID, d.Direct, d.All, d.Disabled, d.Children, day(d.CreatedAt))
		})
	})
}

type deptRenameCmd struct {
	deptArg
	Name string `arg:"" help:"Name of the department from now on."`
}

func (c *deptRenameCmd) Run(e *environment) error {
	return c.inDept(e, func(s *session, o directory.Organization, d directory.DepartmentPlace) error {
		now, err := s.rooms.Directory.UpdateDepartment(s.ctx, audit.ByOperator(), o.ID, d.ID, directory.DepartmentChange{Name: &c.Name})
		if err != nil {
			return err
		}
		return s.doneWith(o, d.ID, "renamed department %d from %s to %s", d.ID, d.Name, now.Name)
	})
}

type deptMoveCmd struct {
	deptArg
	Parent string `name:"parent" required:"" placeholder:"DEPT" help:"The department above from now on, by id, name or path; 1 is the root."`
}

func (c *deptMoveCmd) Run(e *environment) error {
	return c.inDept(e, func(s *session, o directory.Organization, d directory.DepartmentPlace) error {
		parent, err := s.rooms.Directory.FindDepartment(s.ctx, o.ID, c.Parent)
		if err != nil {
			return err
		}
		if _, err := s.rooms.Directory.UpdateDepartment(s.ctx, audit.ByOperator(), o.ID, d.ID, directory.DepartmentChange{ParentID: &parent.ID}); err != nil {
			return err
		}
		return s.doneWith(o, d.ID, "moved department %s, id %d, below %s", d.Name, d.ID, parent.Path)
	})
}

type deptDeleteCmd struct{ deptArg }

func (c *deptDeleteCmd) Run(e *environment) error {
	return c.inDept(e, func(s *session, o directory.Organization, d directory.DepartmentPlace) error {
		err := s.rooms.Directory.DeleteDepartment(s.ctx, audit.ByOperator(), o.ID, d.ID)
		if fault.Is(err, fault.CodeDepartmentHasUsers) {
			return fault.New(fault.CodeDepartmentHasUsers, "%d people are in the department, %d of them disabled: move them first; user list --state all --dept %d lists them", d.Direct+d.Disabled, d.Disabled, d.ID)
		}
		if err != nil {
			return err
		}
		return s.done(viewDept(d), "deleted department %s, id %d", d.Name, d.ID)
	})
}

// day is a time as a person reads it.
func day(t time.Time) string { return t.UTC().Format(time.DateTime) + " UTC" }
