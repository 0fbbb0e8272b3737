package main

import (
	"fmt"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// logCmd shows the audit log. What is in it about a template, template log
// shows too, to those who may read it.
type logCmd struct {
	Subject string `arg:"" help:"A template's id, an app's key or agent id, or the suite key of a third-party app of the organization."`
}

func (c *logCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		subject := c.Subject
		g, _, err := s.agent(o, subject)
		switch {
		case err == nil: // named by its key, perhaps
			subject = fmt.Sprint(g.ID)
		case !fault.Is(err, fault.CodeAppUnknown):
			return err
		}
		all, err := s.rooms.Templates.Store.Log(s.ctx, o.ID, subject)
		if err != nil {
			return err
		}
		return s.showLog(all)
	})
}
