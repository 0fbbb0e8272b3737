package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store"
)

// adminCmd holds the commands that look at and change what is stored.
type adminCmd struct {
	config.Storage `embed:"" group:"place"`

	JSON bool   `name:"json" group:"general" help:"Print JSON."`
	Org  string `name:"org" group:"general" placeholder:"CORPID" help:"Corp id of the organization to work on; not needed while there is only one."`

	Organizations orgCmd   `cmd:"" name:"org" help:"Manage organizations."`
	Departments   deptCmd  `cmd:"" name:"dept" help:"Manage departments."`
	Users         usersCmd `cmd:"" name:"user" aliases:"users" help:"Manage users."`
	Apps          appCmd   `cmd:"" name:"app" help:"Manage internal apps, their grants and secrets."`
	Suites        suiteCmd `cmd:"" name:"suite" help:"Manage third-party apps, which belong to one organization and are installed in others."`
	Tokens        tokenCmd `cmd:"" name:"token" help:"Manage personal API tokens."`

	Templates templateCmd `cmd:"" name:"template" help:"Write, review and manage message templates."`
	Why       whyCmd      `cmd:"" name:"why" help:"Tell why a message reached a user, or did not."`
	Log       logCmd      `cmd:"" name:"log" help:"List the audit log, which says who did what, and verify that nobody changed it."`

	Sources    sourceCmd     `cmd:"" name:"sign-in" help:"Set up what people sign in with, such as your Keycloak, and link accounts there with users."`
	SignInLink signInLinkCmd `cmd:"" name:"sign-in-link" help:"Make a link that signs a user in with a browser, once; it is never shown again."`
	SetupLink  setupLinkCmd  `cmd:"" name:"setup-link" help:"Make another link by which a browser makes the first organization, once, within an hour."`
	Sessions   sessionCmd    `cmd:"" name:"session" help:"List and end the sessions of users in browsers."`
	Keys       keyCmd        `cmd:"" name:"key" help:"Make, list and replace the master keys."`
	CA         caCmd         `cmd:"" name:"ca" help:"Make a certificate authority of your own with a certificate for DingTalk's hosts, for clients whose host is fixed, on a network of tests."`
}

// session is one admin command at work on the open store.
type session struct {
	*environment
	ctx   context.Context
	cmd   *adminCmd
	cfg   config.Config
	rooms *server.Rooms
}

// open runs work with the store of an installation open. Nothing listens,
// nothing sends, nothing is made: a typo in --data must not look like an empty
// installation.
func (e *environment) open(work func(*session) error) error { return e.openOr(false, work) }

// openOr is open that makes the installation first if init is true and there is
// none.
func (e *environment) openOr(init bool, work func(*session) error) error {
	cfg, err := e.load(config.Flags{Storage: e.admin.Storage}, config.ServeDefaults())
	if err != nil {
		return err
	}
	log := server.NewLogger(e.err, slog.LevelWarn, "text")
	rooms, err := server.Open(e.ctx, cfg, server.Options{Log: log, Fatal: fatal(log), Now: clock, Init: init})
	if err != nil {
		return withCure(cfg, err)
	}
	err = work(&session{environment: e, ctx: e.ctx, cmd: e.admin, cfg: cfg, rooms: rooms})
	return errors.Join(err, rooms.Close())
}

// withCure says what to do about a database that a command cannot work with.
func withCure(cfg config.Config, err error) error {
	switch {
	case errors.Is(err, store.ErrEmpty):
		where := "in the PostgreSQL database that is configured"
		if path, onSQLite := cfg.SQLite(); onSQLite {
			where = "at " + path
		}
		return fmt.Errorf("there is no installation %s: name the right place with --config, --data or --database; to make a new one: tidings admin org create NAME --init", where)
	case errors.Is(err, store.ErrOlder):
		return fmt.Errorf("%w: use the binary of the running server, or upgrade the server, which brings the schema up to date at its start, or run: tidings migrate up", err)
	}
	return err
}

// organization returns the one to work on.
func (s *session) organization() (directory.Organization, error) {
	if s.cmd.Org != "" {
		return s.rooms.Directory.ByCorpID(s.ctx, s.cmd.Org)
	}
	all, err := s.rooms.Directory.Organizations(s.ctx)
	if err != nil {
		return directory.Organization{}, err
	}
	switch len(all) {
	case 0:
		return directory.Organization{}, errors.New("there is no organization yet; create one: tidings admin org create NAME")
	case 1:
		return all[0], nil
	}
	var ids []string
	for _, o := range all {
		ids = append(ids, o.CorpID)
	}
	return directory.Organization{}, usageError{fmt.Errorf("there are %d organizations: choose one with --org, such as --org %s", len(all), strings.Join(ids, " or --org "))}
}

// inOrganization opens the store and runs work in the organization chosen.
func (e *environment) inOrganization(work func(*session, directory.Organization) error) error {
	return e.open(func(s *session) error {
		o, err := s.organization()
		if err != nil {
			return err
		}
		return work(s, o)
	})
}

// show prints as --json says.
func (s *session) show(view any, human func()) error {
	return s.environment.show(s.cmd.JSON, view, human)
}

// done prints one line, or the view of what was done.
func (s *session) done(view any, format string, args ...any) error {
	return s.show(view, func() { fmt.Fprintf(s.out, format+"\n", args...) })
}
