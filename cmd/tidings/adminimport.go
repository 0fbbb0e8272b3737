package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tidings-im/tidings/internal/directory"
)

type usersImportCmd struct {
	File   string `arg:"" help:"CSV file in UTF-8 with a header; - reads standard input. Columns: userid, name, department (a path such as Sales/Key Accounts), dept_id, mobile, email, job_number, title, roles."`
	DryRun bool   `name:"dry-run" help:"Check and count, and write nothing."`
}

type importView struct {
	DryRun      bool            `json:"dry_run"`
	Created     int             `json:"created"`
	Updated     int             `json:"updated"`
	Unchanged   int             `json:"unchanged"`
	Departments int             `json:"departments"`
	Errors      []lineErrorView `json:"errors"` // the first 1,000
	ErrorCount  int             `json:"error_count"`
}

type lineErrorView struct {
	Line   int    `json:"line"`
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

func (c *usersImportCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		file, err := c.open(e)
		if err != nil {
			return err
		}
		defer file.Close()
		r, err := s.rooms.Directory.Import(s.ctx, o.ID, file, directory.ImportOptions{DryRun: c.DryRun})
		return errors.Join(c.report(s, r), err)
	})
}

func (c *usersImportCmd) open(e *environment) (io.ReadCloser, error) {
	if c.File == "-" {
		return io.NopCloser(e.in), nil
	}
	return os.Open(c.File)
}

// report says what happened, what had been done before a failure included.
func (c *usersImportCmd) report(s *session, r directory.ImportReport) error {
	v := importView{
		DryRun: c.DryRun, Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged,
		Departments: r.Departments, Errors: []lineErrorView{}, ErrorCount: r.ErrorCount,
	}
	for _, e := range r.Errors {
		v.Errors = append(v.Errors, lineErrorView(e))
	}
	return s.show(v, func() {
		for _, e := range v.Errors {
			field := e.Field
			if field != "" {
				field += ": "
			}
			fmt.Fprintf(s.out, "line %d: %s%s\n", e.Line, field, e.Reason)
		}
		verb := "imported"
		if c.DryRun {
			verb = "would import"
		}
		fmt.Fprintf(s.out, "%s: %d created, %d updated, %d unchanged, %d departments made\n",
			verb, v.Created, v.Updated, v.Unchanged, v.Departments)
	})
}
