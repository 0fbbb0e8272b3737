package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/transfer"
)

type moveCmd struct {
	From     string `name:"from" required:"" placeholder:"ADDRESS" help:"Database to copy: sqlite:PATH or postgres://…. No server may run on it meanwhile."`
	To       string `name:"to" required:"" placeholder:"ADDRESS" help:"Database to fill: a SQLite file that does not exist yet, or an empty PostgreSQL database."`
	KeyFile  string `name:"key-file" placeholder:"FILE" help:"File of the master keys; the file key beside a SQLite source when not given."`
	FromData string `name:"from-data" placeholder:"DIR" help:"Data directory with the uploaded files; that of a SQLite source when not given."`
	ToData   string `name:"to-data" placeholder:"DIR" help:"Data directory for the uploaded files; that of a SQLite target when not given."`
	Force    bool   `name:"force" help:"Copy a PostgreSQL database although servers are connected to it; what they write meanwhile is lost."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

// side is one end of a move.
type side struct {
	transfer.Place
	dir string // the data directory, "" when nobody said
}

func newSide(option, address, data string) (side, error) {
	database, err := config.DatabaseFlag(address)
	if err != nil {
		return side{}, usageError{fmt.Errorf("%s: %w", option, err)}
	}
	s := side{Place: transfer.Place{Database: database}, dir: data}
	if path, ok := (config.Config{Database: database}).SQLite(); ok && data == "" {
		s.dir = filepath.Dir(path)
	}
	if s.dir == "" {
		return s, nil
	}
	if s.dir, err = filepath.Abs(s.dir); err != nil {
		return s, err
	}
	s.Media = server.MediaDir(s.dir)
	return s, nil
}

func (c *moveCmd) Run(e *environment) (err error) {
	from, err := newSide("--from", c.From, c.FromData)
	if err != nil {
		return err
	}
	to, err := newSide("--to", c.To, c.ToData)
	if err != nil {
		return err
	}
	if err := from.exists(); err != nil {
		return err
	}
	keys, keyFile, err := c.keys(from)
	if err != nil {
		return err
	}
	release, err := server.Hold(append(from.own(), to.own()...)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	steps := e.progress()
	r, err := transfer.Move(e.ctx, transfer.MoveOptions{
		From: from.Place, To: to.Place, Keys: keys, Force: c.Force, Now: clock(), Progress: steps.show,
	})
	steps.clear()
	if err != nil {
		return err
	}
	view := viewReport(r)
	view.KeyFile = keyFile
	return e.show(c.JSON, view, func() {
		e.showReport(r)
		fmt.Fprintf(e.out, "moved: every table was read on both sides, and both hold the same\n")
		fmt.Fprintf(e.out, "start the server on the target with the same keys: --key-file %s\n", keyFile)
		fmt.Fprintln(e.out, "the source is as it was; do not start a server on it again")
	})
}

// keys reads the key file that both sides need.
func (c *moveCmd) keys(from side) (*masterkey.Ring, string, error) {
	path := c.KeyFile
	if path == "" {
		if from.dir == "" {
			return nil, "", usageError{errors.New("--key-file: must be named when the source is PostgreSQL")}
		}
		path = filepath.Join(from.dir, "key")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, "", err
	}
	keys, err := masterkey.Load(path)
	return keys, path, err
}

// own are the directories that the side's server alone may use.
func (s side) own() []string {
	return server.OwnDirs(config.Config{Database: s.Database, Data: s.dir})
}

// exists refuses a SQLite file that is not there, before anything is made.
func (s side) exists() error {
	if path, onSQLite := (config.Config{Database: s.Database}).SQLite(); onSQLite {
		return mustExist(path)
	}
	return nil
}

func mustExist(path string) error {
	_, err := os.Stat(path)
	return err
}
