package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create an API token for a user and print it; it is never shown again."`
	List   tokenListCmd   `cmd:"" help:"List a user's API tokens, also revoked and expired ones."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a user's API tokens for good; servers notice within a second."`
}

type tokenCreateCmd struct {
	Userid string `arg:"" help:"Whose inbox the token opens."`
	Name   string `name:"name" default:"made by an administrator" help:"What the token is for."`
	Days   int    `name:"days" placeholder:"N" default:"365" range:"1..366" help:"Days until it expires; the limit is 366."`
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
		life := time.Duration(c.Days) * oneDay
		expires := clock().Add(life).UTC().Truncate(time.Second)
		value, err := s.rooms.Accounts.CreateToken(s.ctx, audit.ByOperator(), o.ID, c.Userid, c.Name, life)
		if err != nil {
			return err
		}
		return s.done(tokenView{c.Userid, value, expires}, "API token of %s until %s\n%s", c.Userid, expires.Format(time.DateOnly), value)
	})
}

type tokenListCmd struct {
	Userid string `arg:"" help:"Whose tokens."`
}

// tokenItemView is a token as a list shows it, without its value.
type tokenItemView struct {
	ID        string     `json:"token_id"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
}

func (c *tokenListCmd) Run(e *environment) error {
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.tokens(o, c.Userid)
		if err != nil {
			return err
		}
		views, rows := []tokenItemView{}, [][]string{}
		for _, t := range all {
			v, revoked := tokenItemView{ID: t.ID, Name: t.Name, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt}, "-"
			if !t.RevokedAt.IsZero() {
				v.RevokedAt, revoked = &t.RevokedAt, t.RevokedAt.Format(time.DateTime)
			}
			views = append(views, v)
			rows = append(rows, []string{t.ID, t.CreatedAt.Format(time.DateTime), t.ExpiresAt.Format(time.DateTime), revoked, t.Name})
		}
		return s.show(views, func() {
			table(s.out, []string{"ID", "CREATED (UTC)", "EXPIRES (UTC)", "REVOKED (UTC)", "NAME"}, rows)
		})
	})
}

// tokens reads a user's tokens, whom accounts look up in memory.
func (s *session) tokens(o directory.Organization, userid string) ([]account.Token, error) {
	if _, err := s.ordinal(o, userid); err != nil {
		return nil, err
	}
	return s.rooms.Accounts.Tokens(s.ctx, o.ID, userid)
}

type tokenRevokeCmd struct {
	Userid string `arg:"" help:"Whose tokens."`
	ID     string `arg:"" optional:"" help:"Which one, as token list shows it."`
	All    bool   `name:"all" help:"All of them."`
}

type tokensRevokedView struct {
	Userid  string `json:"userid"`
	Revoked int    `json:"revoked"`
}

func (c *tokenRevokeCmd) Run(e *environment) error {
	if c.All == (c.ID != "") {
		return usageError{errors.New("name one token, or give --all")}
	}
	return e.inOrganization(func(s *session, o directory.Organization) error {
		all, err := s.tokens(o, c.Userid)
		if err != nil {
			return err
		}
		ids := []string{c.ID}
		if c.All {
			ids = living(all)
		}
		for _, id := range ids {
			if err := s.rooms.Accounts.RevokeToken(s.ctx, audit.ByOperator(), o.ID, c.Userid, id); err != nil {
				return err
			}
		}
		what := fmt.Sprintf("%d API tokens", len(ids))
		if len(ids) == 1 {
			what = "1 API token"
		}
		return s.doneEverywhere(tokensRevokedView{c.Userid, len(ids)}, "revoked %s of %s", what, c.Userid)
	})
}

// living names the tokens that are not revoked and have not expired.
func living(all []account.Token) (ids []string) {
	for _, t := range all {
		if t.RevokedAt.IsZero() && clock().Before(t.ExpiresAt) {
			ids = append(ids, t.ID)
		}
	}
	return ids
}
