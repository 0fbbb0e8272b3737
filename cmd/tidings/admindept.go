package main

import (
	"fmt"

	"github.com/tidings-im/tidings/internal/directory"
)

type deptCmd struct {
	Create deptCreateCmd `cmd:"" help:"Create a department."`
	List   deptListCmd   `cmd:"" help:"List departments."`
}

type deptView struct {
	ID       int64  `json:"dept_id"`
	ParentID int64  `json:"parent_id"`
	Name     string `json:"name"`
}

type deptCreateCmd struct {
	Name   string `arg:"" help:"Name of the department."`
	Parent int64  `name:"parent" placeholder:"ID" default:"1" help:"Department it belongs to; 1 is the root."`
	ID     int64  `name:"id" placeholder:"ID" help:"Its id; the next free one when not given."`
}

func (c *deptCreateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		d, err := s.rooms.Directory.CreateDepartment(s.ctx, o.ID, directory.NewDepartment{ID: c.ID, ParentID: c.Parent, Name: c.Name})
		if err != nil {
			return err
		}
		return s.done(deptView{d.ID, d.ParentID, d.Name}, "created department %s, id %d", d.Name, d.ID)
	})
}

type deptListCmd struct{}

func (c *deptListCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Directory.Departments(s.ctx, o.ID)
		if err != nil {
			return err
		}
		views, rows := []deptView{}, [][]string{}
		for _, d := range all {
			views = append(views, deptView{d.ID, d.ParentID, d.Name})
			rows = append(rows, []string{fmt.Sprint(d.ID), fmt.Sprint(d.ParentID), d.Name})
		}
		return s.show(views, func() { table(s.out, []string{"ID", "PARENT", "NAME"}, rows) })
	})
}
