package main

import (
	"errors"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/signin"
)

type sourceTestCmd struct{ sourceArg }

// sourceTestView is what a test found.
type sourceTestView struct {
	OK    bool             `json:"ok"`
	Steps []sourceStepView `json:"steps"`
}

type sourceStepView struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

func (c *sourceTestCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		steps, err := s.rooms.Sources.Test(s.ctx, o.ID, c.Name)
		if err != nil {
			return noSource(err, c.Name)
		}
		v, rows := sourceTestView{signin.Passed(steps), []sourceStepView{}}, [][]string{}
		for _, one := range steps {
			v.Steps = append(v.Steps, sourceStepView(one))
			rows = append(rows, []string{one.Name, yesNo(one.OK), one.Text})
		}
		if err := s.show(v, func() { table(s.out, []string{"STEP", "OK", "FOUND"}, rows) }); err != nil {
			return err
		}
		if !v.OK {
			return errors.New("the source cannot be reached as it is set up")
		}
		return nil
	})
}

type sourceEnableCmd struct {
	sourceArg
	Untested bool `name:"untested" help:"Also if nobody has tried it with its present settings."`
}

func (c *sourceEnableCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		_, err := s.rooms.Sources.Enable(s.ctx, audit.ByOperator(), o.ID, c.Name, c.Untested)
		if fault.Is(err, fault.CodeConflict) {
			return fault.New(fault.CodeConflict, "nobody has tried %s with its present settings: an owner tries it with a browser, or enable it with --untested", c.Name)
		}
		if err != nil {
			return noSource(err, c.Name)
		}
		v, err := s.source(o, c.Name)
		if err != nil {
			return err
		}
		return s.done(v, "people sign in with %s from now on", c.Name)
	})
}

type sourceDisableCmd struct {
	sourceArg
	KeepSessions bool `name:"keep-sessions" help:"Leave whoever is signed in with it signed in."`
}

func (c *sourceDisableCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		if _, err := s.rooms.Sources.Disable(s.ctx, audit.ByOperator(), o.ID, c.Name, c.KeepSessions); err != nil {
			return noSource(err, c.Name)
		}
		v, err := s.source(o, c.Name)
		if err != nil {
			return err
		}
		return s.doneEverywhere(v, "nobody signs in with %s any more; sign-in links work: tidings admin sign-in-link USERID", c.Name)
	})
}

type sourceWaitingCmd struct{}

// accountView is an account that is nobody's here.
type accountView struct {
	Ref     string    `json:"ref"`
	Source  string    `json:"source"`
	Shown   string    `json:"shown"`
	Subject string    `json:"subject"`
	At      time.Time `json:"at"`
}

func viewAccount(w signin.Waiting) accountView {
	return accountView{w.Ref, w.Source, w.Shown, w.Subject, w.At}
}

func (c *sourceWaitingCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		const page = 200
		views, rows := []accountView{}, [][]string{}
		var last signin.Waiting
		for {
			all, err := s.rooms.Sources.Waiting(s.ctx, o.ID, last, page)
			if err != nil {
				return err
			}
			for _, w := range all {
				views = append(views, viewAccount(w))
				rows = append(rows, []string{w.Ref, w.Source, w.Shown, w.Subject, w.At.Format(time.DateTime)})
			}
			if len(all) < page {
				break
			}
			last = all[page-1]
		}
		return s.show(views, func() { table(s.out, []string{"CODE", "SOURCE", "SHOWN", "SUBJECT", "LAST SEEN (UTC)"}, rows) })
	})
}

type sourceLinkCmd struct {
	Ref    string `arg:"" name:"code" help:"The code that the person was shown."`
	Userid string `arg:"" help:"Whose account it is."`
}

// linkedView is an account, and whose it is.
type linkedView struct {
	accountView
	Userid string `json:"userid"`
}

func (c *sourceLinkCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		if _, err := s.ordinal(o, c.Userid); err != nil {
			return err
		}
		w, err := s.rooms.Sources.Link(s.ctx, policy.Asker{By: audit.ByOperator()}, o.ID, c.Ref, c.Userid)
		if fault.Is(err, fault.CodeNotFound) {
			return fault.New(fault.CodeNotFound, "nobody waits with the code %s; tidings admin sign-in waiting lists who does", c.Ref)
		}
		if err != nil {
			return err
		}
		return s.done(linkedView{viewAccount(w), c.Userid}, "%s at %s is %s from now on", w.Shown, w.Source, c.Userid)
	})
}

type sourceUnlinkCmd struct {
	sourceArg
	Userid string `arg:"" help:"Whose account goes."`
}

func (c *sourceUnlinkCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		if _, err := s.ordinal(o, c.Userid); err != nil {
			return err
		}
		if _, err := s.source(o, c.Name); err != nil {
			return err
		}
		if err := s.rooms.Sources.Unlink(s.ctx, policy.Asker{By: audit.ByOperator()}, o.ID, c.Name, c.Userid); err != nil {
			return err
		}
		return s.doneEverywhere(map[string]any{"source": c.Name, "userid": c.Userid}, "%s has no account of %s any more", c.Userid, c.Name)
	})
}
