package main

import "github.com/tidings-im/tidings/internal/directory"

// logCmd shows the audit log. What is in it about a template, template log
// shows too, to those who may read it.
type logCmd struct {
	Subject string `arg:"" help:"A template's id, or the agent id of an installed app."`
}

func (c *logCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.rooms.Templates.Store.Log(s.ctx, o.ID, c.Subject)
		if err != nil {
			return err
		}
		return s.showLog(all)
	})
}
