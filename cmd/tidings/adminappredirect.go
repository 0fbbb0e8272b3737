package main

import (
	"context"
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

type appRedirectCmd struct {
	Add    redirectAddCmd    `cmd:"" help:"Declare one more address; the limit is 20."`
	List   redirectListCmd   `cmd:"" help:"List the addresses."`
	Remove redirectRemoveCmd `cmd:"" help:"Take an address back."`
}

// redirectView is the addresses that an app declares.
type redirectView struct {
	AppKey       string   `json:"app_key"`
	RedirectURIs []string `json:"redirect_uris"`
}

func (v redirectView) String() string {
	if len(v.RedirectURIs) == 0 {
		return "no address"
	}
	return strings.Join(v.RedirectURIs, ", ")
}

type redirectAddCmd struct {
	appArg
	Address string `arg:"" help:"Where people may be sent back to, such as https://example.com/callback, or http on the same machine; without a query."`
}

func (c *redirectAddCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		return s.changeRedirects(l.App, c.Address, s.rooms.SignIns.AddRedirectURI)
	})
}

type redirectRemoveCmd struct {
	appArg
	Address string `arg:"" help:"The address as the list has it."`
}

func (c *redirectRemoveCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error {
		return s.changeRedirects(l.App, c.Address, s.rooms.SignIns.RemoveRedirectURI)
	})
}

// changeRedirects needs no wait for running servers: they read the list each time.
func (s *session) changeRedirects(
	a app.App, address string, change func(ctx context.Context, by audit.By, organization, appID int64, address string) ([]string, error),
) error {
	list, err := change(s.ctx, audit.ByOperator(), a.Organization, a.ID, address)
	if fault.Is(err, fault.CodeParameterInvalid) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	v := redirectView{a.Key, list}
	return s.done(v, "people who sign in to %s may be sent back to %s", a.Name, v)
}

type redirectListCmd struct{ appArg }

func (c *redirectListCmd) Run(e *environment) error {
	return c.inApp(e, func(s *session, l app.Listing) error { return s.showRedirects(l.App) })
}

func (s *session) showRedirects(a app.App) error {
	list, err := s.rooms.SignIns.RedirectURIs(s.ctx, a.Organization, a.ID)
	if err != nil {
		return err
	}
	rows := [][]string{}
	for _, one := range list {
		rows = append(rows, []string{one})
	}
	return s.show(redirectView{a.Key, list}, func() { table(s.out, []string{"REDIRECT ADDRESS"}, rows) })
}
