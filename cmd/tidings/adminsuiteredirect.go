package main

import (
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
)

type suiteRedirectCmd struct {
	Add    suiteRedirectAddCmd    `cmd:"" help:"Declare one more address; the limit is 20."`
	List   suiteRedirectListCmd   `cmd:"" help:"List the addresses."`
	Remove suiteRedirectRemoveCmd `cmd:"" help:"Take an address back."`
}

type suiteRedirectAddCmd struct {
	suiteArg
	Address string `arg:"" help:"Where people may be sent back to, such as https://example.com/callback, or http on the same machine; without a query."`
}

func (c *suiteRedirectAddCmd) Run(e *environment) error {
	return c.inSuite(e, func(s *session, _ directory.Organization, a app.App) error {
		return s.changeRedirects(a, c.Address, s.rooms.SignIns.AddRedirectURI)
	})
}

type suiteRedirectRemoveCmd struct {
	suiteArg
	Address string `arg:"" help:"The address as the list has it."`
}

func (c *suiteRedirectRemoveCmd) Run(e *environment) error {
	return c.inSuite(e, func(s *session, _ directory.Organization, a app.App) error {
		return s.changeRedirects(a, c.Address, s.rooms.SignIns.RemoveRedirectURI)
	})
}

type suiteRedirectListCmd struct{ suiteArg }

func (c *suiteRedirectListCmd) Run(e *environment) error {
	return c.inSuite(e, func(s *session, _ directory.Organization, a app.App) error { return s.showRedirects(a) })
}
