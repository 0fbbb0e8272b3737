package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

type usersImportCmd struct {
	File        string `arg:"" help:"CSV file whose first line names the columns; - reads standard input. Columns: userid, name, department (a path such as Sales/Key Accounts), dept_id, mobile, email, job_number, title, roles, state. docs/people.md describes the format."`
	DryRun      bool   `name:"dry-run" help:"Check the file and count the changes, but write nothing."`
	Full        bool   `name:"full" help:"The file lists everyone: active users who are not in it are disabled. Nobody is deleted."`
	MaxDisabled int    `name:"max-disabled" placeholder:"PERCENT" default:"10" range:"0..100" help:"How many percent of the active users the file may disable; 10 when not given. A file that would disable more is not imported, and the exit code is 4."`
}

type importView struct {
	DryRun             bool            `json:"dry_run"`
	Encoding           string          `json:"encoding"`
	Separator          string          `json:"separator"`
	Created            int             `json:"created"`
	Updated            int             `json:"updated"`
	Unchanged          int             `json:"unchanged"`
	Departments        int             `json:"departments"`
	DepartmentsChanged int             `json:"departments_changed"`
	Disabled           int             `json:"disabled"`
	StillDisabled      int             `json:"still_disabled"`
	Missing            []string        `json:"missing"` // the first 1,000
	MissingCount       int             `json:"missing_count"`
	Held               bool            `json:"held"`
	Errors             []lineErrorView `json:"errors"` // the first 1,000
	ErrorCount         int             `json:"error_count"`

	percent int // of the active people would be disabled, rounded up
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
		// The snapshot of a large organization is most of the memory, and what
		// is read of the file soon goes: collecting it early costs little.
		debug.SetGCPercent(25)
		r, err := s.rooms.Directory.Import(s.ctx, audit.ByOperator(), o.ID, file, directory.ImportOptions{DryRun: c.DryRun, Full: c.Full, MaxDisabled: c.MaxDisabled})
		if r.Held {
			err = heldError{err}
		}
		var behind error
		if r.Disabled > 0 && !r.Held && !c.DryRun {
			behind = s.everywhere()
		}
		return errors.Join(c.report(s, r, err), err, behind)
	})
}

func (c *usersImportCmd) open(e *environment) (io.ReadCloser, error) {
	if c.File == "-" {
		return io.NopCloser(e.in), nil
	}
	return os.Open(c.File)
}

// report says what happened, what had been done before a failure included.
func (c *usersImportCmd) report(s *session, r directory.ImportReport, failed error) error {
	if r.Separator == 0 && r.ErrorCount == 0 { // the file was not looked at
		return nil
	}
	v := importView{
		DryRun: c.DryRun, Encoding: r.Encoding, Separator: separatorName(r.Separator),
		Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged,
		Departments: r.Departments, DepartmentsChanged: r.DepartmentsChanged,
		Disabled: r.Disabled, StillDisabled: r.StillDisabled, Missing: append([]string{}, r.Missing...), MissingCount: r.MissingCount,
		Held: r.Held, Errors: []lineErrorView{}, ErrorCount: r.ErrorCount,
		percent: r.Percent(),
	}
	for _, e := range r.Errors {
		v.Errors = append(v.Errors, lineErrorView(e))
	}
	return s.show(v, func() { c.tell(s, v, failed) })
}

// shownOfMany is how many of a long list a person reads; --json has more.
const shownOfMany = 20

func (c *usersImportCmd) tell(s *session, v importView, failed error) {
	for _, e := range v.Errors[:min(len(v.Errors), shownOfMany)] {
		where, field := "the file: ", e.Field
		if e.Line > 0 {
			where = fmt.Sprintf("line %d: ", e.Line)
		}
		if field != "" {
			field += ": "
		}
		fmt.Fprintf(s.out, "%s%s%s\n", where, field, e.Reason)
	}
	if more := v.ErrorCount - shownOfMany; more > 0 {
		fmt.Fprintf(s.out, "and %d more errors\n", more)
	}
	if v.ErrorCount > 0 {
		return // and nothing was done
	}
	if v.Encoding != "UTF-8" || v.Separator != "comma" {
		fmt.Fprintf(s.out, "read as %s, separated by %ss\n", v.Encoding, v.Separator)
	}
	if v.MissingCount > 0 {
		fmt.Fprintf(s.out, "not in the file: %s\n", someOf(v.Missing, v.MissingCount))
	}
	if v.StillDisabled > 0 {
		fmt.Fprintf(s.out, "disabled users in the file stay disabled: %d; a column state with the value active enables them\n", v.StillDisabled)
	}
	if v.Held {
		fmt.Fprintf(s.out, "nothing was imported; --max-disabled %d allows it\n", v.percent)
	}
	verb := "imported"
	switch {
	case c.DryRun:
		verb = "would import"
	case v.Held:
		return
	case failed != nil:
		verb = "imported before the failure"
	}
	fmt.Fprintf(s.out, "%s: %d created, %d updated, %d unchanged, %d departments made", verb, v.Created, v.Updated, v.Unchanged, v.Departments)
	if v.DepartmentsChanged > 0 {
		fmt.Fprintf(s.out, ", %d departments renamed or moved", v.DepartmentsChanged)
	}
	if c.Full {
		fmt.Fprintf(s.out, ", %d disabled", v.Disabled)
	}
	fmt.Fprintln(s.out)
}

func separatorName(separator rune) string {
	switch separator {
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	default:
		return "comma"
	}
}

// someOf names the first of many.
func someOf(names []string, count int) string {
	shown := names[:min(len(names), shownOfMany)]
	text := strings.Join(shown, ", ")
	if more := count - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
