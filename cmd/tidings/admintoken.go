package main

import (
	"time"

	"github.com/tidings-im/tidings/internal/directory"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create an API token for a user; prints it, it is never shown again."`
}

type tokenCreateCmd struct {
	Userid string `arg:"" help:"Whose inbox the token opens."`
	Name   string `name:"name" default:"made by an administrator" help:"What the token is for."`
	Days   int    `name:"days" placeholder:"N" default:"365" help:"Days until it expires."`
}

type tokenView struct {
	Userid    string    `json:"userid"`
	APIToken  string    `json:"api_token"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (c *tokenCreateCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		if _, err := s.rooms.Directory.Organization(s.ctx, o.ID); err != nil { // accounts look people up in memory
			return err
		}
		life := time.Duration(c.Days) * 24 * time.Hour
		expires := clock().Add(life).UTC().Truncate(time.Second)
		value, err := s.rooms.Accounts.CreateToken(s.ctx, o.ID, c.Userid, c.Name, life)
		if err != nil {
			return err
		}
		return s.done(tokenView{c.Userid, value, expires}, "API token of %s until %s\n%s", c.Userid, expires.Format(time.DateOnly), value)
	})
}
