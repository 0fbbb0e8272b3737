package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store"
)

// migrateCmd holds the commands for the schema. A server needs none of them:
// it migrates at its start. Nothing else does.
type migrateCmd struct {
	config.Place `embed:"" group:"place"`

	Up     migrateUpCmd     `cmd:"" help:"Bring the schema up to date, as a server does at its start."`
	Status migrateStatusCmd `cmd:"" help:"Show the schema's version and which migrations are pending, and change nothing; the exit code is 3 when some are."`
}

// place is where the database of a command that needs no keys is.
func (e *environment) place(p config.Place) (config.Config, error) {
	return e.load(config.Flags{Storage: config.Storage{Place: p}}, config.KeylessDefaults())
}

type migrateStatusCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type migrationView struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
}

type schemaView struct {
	Schema  int64           `json:"schema"` // of the database
	Known   int64           `json:"known"`  // to this binary
	Pending []migrationView `json:"pending"`
}

func (c *migrateStatusCmd) Run(e *environment) error {
	cfg, err := e.place(e.migrate.Place)
	if err != nil {
		return err
	}
	s, err := store.SchemaOf(e.ctx, cfg.Database)
	if err != nil {
		return err
	}
	view := schemaView{Schema: s.Version, Known: s.Known, Pending: viewMigrations(s.Pending)}
	err = e.show(c.JSON, view, func() {
		fmt.Fprintf(e.out, "schema version of the database: %d\nnewest this binary knows:       %d\n", s.Version, s.Known)
		showMigrations(e.out, "pending", view.Pending)
	})
	if err == nil && len(s.Pending) > 0 {
		err = exitCode(exitPending)
	}
	return err
}

type migrateUpCmd struct {
	Init bool `name:"init" help:"Make the tables where there is no installation yet."`
}

func (c *migrateUpCmd) Run(e *environment) (err error) {
	cfg, err := e.place(e.migrate.Place)
	if err != nil {
		return err
	}
	s, err := store.SchemaOf(e.ctx, cfg.Database)
	if err != nil {
		return err
	}
	if s.Version == 0 && !c.Init {
		return withCure(cfg, store.ErrEmpty)
	}
	if len(s.Pending) == 0 {
		fmt.Fprintf(e.out, "nothing is pending: schema version %d\n", s.Version)
		return nil
	}
	release, err := server.Hold(server.OwnDirs(cfg)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	log := server.NewLogger(e.err, slog.LevelWarn, "text")
	applied, err := store.Migrate(e.ctx, cfg.Database, store.Options{Fatal: fatal(log)})
	if err != nil {
		return err
	}
	showMigrations(e.out, "applied", viewMigrations(applied))
	return nil
}

func viewMigrations(all []store.Migration) []migrationView {
	views := []migrationView{}
	for _, m := range all {
		views = append(views, migrationView(m))
	}
	return views
}

func showMigrations(w io.Writer, what string, all []migrationView) {
	if len(all) == 0 {
		fmt.Fprintln(w, "nothing "+what)
		return
	}
	rows := [][]string{}
	for _, m := range all {
		rows = append(rows, []string{strconv.FormatInt(m.Version, 10), m.Name, what})
	}
	table(w, []string{"VERSION", "NAME", "STATE"}, rows)
}
