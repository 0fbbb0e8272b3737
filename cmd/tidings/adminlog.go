package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// logCmd shows and verifies the audit log. What is in it about a template,
// template log shows too, to those who may read it.
type logCmd struct {
	List   logListCmd   `cmd:"" help:"List what was done, newest first: by whom, to what, and when."`
	Verify logVerifyCmd `cmd:"" help:"Read a whole log and find the first entry that was changed, deleted or inserted. The exit code is 1 when there is one; entries that cannot be checked, because their master key was dropped, are counted."`
}

// installationFlag chooses the log of the installation in the place of an
// organization's.
type installationFlag struct {
	Installation bool `name:"installation" help:"The log of the installation itself, which has what concerns no single organization, such as its master keys."`
}

// in opens the store and runs work with the log chosen: for the installation's, o
// is the zero Organization.
func (f installationFlag) in(e *environment, work func(s *session, o directory.Organization) error) error {
	if !f.Installation {
		return e.inOrganization(work)
	}
	if e.admin.Org != "" {
		return usageError{errors.New("--installation excludes --org")}
	}
	return e.open(func(s *session) error { return work(s, directory.Organization{}) })
}

type logListCmd struct {
	installationFlag
	Subject string `name:"subject" placeholder:"SUBJECT" help:"Only what was done to this: a template's id, an app's key or agent id, the suite key of a third-party app of the organization, dept:ID, person:ORDINAL or organization."`
	Person  string `name:"person" placeholder:"USERID" help:"Only what this user did, or what was done to them; those who have left or were erased can be named too."`
	Ordinal *int64 `name:"ordinal" placeholder:"N" range:"0..4294967295" help:"Like --person, by the user's number in the organization; where several had the userid."`
	Action  string `name:"action" placeholder:"ACTION" help:"Only this, such as person.disable."`
	From    string `name:"from" placeholder:"TIME" help:"Only from then on: a day in UTC such as 2026-03-31, or a time such as 2026-03-31T08:00:00Z."`
	To      string `name:"to" placeholder:"TIME" help:"Only until then: to the end of a day in UTC, or before a time."`
	Limit   int    `name:"limit" placeholder:"N" range:"1..10000" default:"50" help:"How many entries to list, 50 when not given; the limit is 10000."`
	Before  string `name:"before" placeholder:"CURSOR" help:"Go on where an earlier list ended: the value that it printed at its end."`
}

func (c *logListCmd) Run(e *environment) error {
	q, err := c.query()
	if err != nil {
		return usageError{err}
	}
	return c.in(e, func(s *session, o directory.Organization) error {
		if q.Subject, err = s.subject(o, c.Subject); err != nil {
			return err
		}
		if q.Person, err = c.person(s, o); err != nil {
			return err
		}
		page, err := s.logPage(o, q, c.Limit)
		if err != nil {
			return err
		}
		return s.showLogPage(o, page)
	})
}

// query is what of the query needs no database.
func (c *logListCmd) query() (q audit.Query, err error) {
	named := c.Person != "" || c.Ordinal != nil
	switch {
	case c.Person != "" && c.Ordinal != nil:
		return q, errors.New("--person excludes --ordinal")
	case named && c.Installation:
		return q, errors.New("--installation excludes --person and --ordinal: users are an organization's")
	}
	q.Action = audit.Action(c.Action)
	var known bool
	if q.Before, known = audit.ParseCursor(c.Before); !known {
		return q, fmt.Errorf("--before is %q; it takes the value that an earlier list printed at its end", c.Before)
	}
	if q.From, _, err = moment("--from", c.From); err != nil {
		return q, err
	}
	day := false
	if q.To, day, err = moment("--to", c.To); err != nil {
		return q, err
	}
	if day {
		q.To = q.To.AddDate(0, 0, 1)
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return q, errors.New("--from is after --to")
	}
	return q, nil
}

// moment reads a day, which begins with its first moment in UTC, or a time; the
// zero time for nothing.
func moment(flag, text string) (at time.Time, day bool, err error) {
	if text == "" {
		return time.Time{}, false, nil
	}
	if at, err = time.Parse(time.DateOnly, text); err == nil {
		return at, true, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		return at, false, fmt.Errorf("%s is %q; it takes a day such as 2026-03-31 or a time such as 2026-03-31T08:00:00+08:00", flag, text)
	}
	return at, false, nil
}

// person is whose entries are asked for, nil for everybody's.
func (c *logListCmd) person(s *session, o directory.Organization) (*uint32, error) {
	if c.Person == "" && c.Ordinal == nil {
		return nil, nil
	}
	if c.Ordinal != nil {
		ordinal := uint32(*c.Ordinal)
		return &ordinal, nil
	}
	ordinal, others, err := s.holder(o, c.Person)
	if err == nil && len(others) > 0 {
		fmt.Fprintf(s.err, "others have had this userid: ordinals %s (--ordinal)\n", list(others))
	}
	return &ordinal, err
}

// holder finds who has a userid, or else who had it, and the others who did.
func (s *session) holder(o directory.Organization, userid string) (ordinal uint32, others []uint32, err error) {
	ordinal, others, err = s.rooms.Directory.Holder(s.ctx, o.ID, userid)
	if fault.Is(err, fault.CodeConflict) {
		err = fault.New(fault.CodeConflict, "several people who have left had this userid: choose one with --ordinal %s",
			strings.ReplaceAll(list(others), ", ", " or --ordinal "))
	}
	return ordinal, others, err
}

// subject is what the log calls something that was named as on other commands.
func (s *session) subject(o directory.Organization, named string) (string, error) {
	if named == "" || o.ID == 0 {
		return named, nil
	}
	g, _, err := s.agent(o, named)
	switch {
	case err == nil:
		return fmt.Sprint(g.ID), nil
	case fault.Is(err, fault.CodeAppUnknown): // a template, or whatever is no app
		return named, nil
	}
	return "", err
}

// logPage reads at most limit entries, from as many pages as it takes.
func (s *session) logPage(o directory.Organization, q audit.Query, limit int) (audit.Page, error) {
	var all audit.Page
	for {
		q.Limit = min(limit-len(all.Entries), audit.MaxPage)
		p, err := s.rooms.AuditLog.Page(s.ctx, o.ID, q)
		if err != nil {
			return all, err
		}
		all.Entries = append(all.Entries, p.Entries...)
		all.Next, q.Before = p.Next, p.Next
		if p.Next == (audit.Cursor{}) || len(all.Entries) == limit {
			return all, nil
		}
	}
}
