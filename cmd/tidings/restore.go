package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/transfer"
)

type restoreCmd struct {
	config.Place `embed:"" group:"place"`

	From    string  `name:"from" required:"" placeholder:"DIR" help:"Backup to restore; the command verifies every file in it first."`
	KeyFile *string `name:"key-file" placeholder:"FILE" help:"File of the master keys that the server will use; copied from the backup when it does not exist. The file key below --data when not given."`
	SignOut bool    `name:"sign-out" help:"End all sessions and sign-ins to programs. Otherwise whoever has signed out since the backup is signed in again."`
	JSON    bool    `name:"json" help:"Print JSON."`
}

type restoreView struct {
	MadeAt  time.Time  `json:"made_at"` // of the backup
	KeyFile string     `json:"key_file"`
	Report  reportView `json:"report"`
}

func (c *restoreCmd) Run(e *environment) (err error) {
	cfg, err := e.load(config.Flags{Storage: config.Storage{Place: c.Place, KeyFile: c.KeyFile}}, config.ServeDefaults())
	if err != nil {
		return err
	}
	from, err := filepath.Abs(c.From)
	if err != nil {
		return usageError{err}
	}
	if err := mustExist(from); err != nil {
		return err
	}
	release, err := server.Hold(server.OwnDirs(cfg)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	steps := e.progress()
	r, m, err := transfer.Restore(e.ctx, transfer.RestoreOptions{
		From: from, To: transfer.Place{Database: cfg.Database, Media: server.MediaDir(cfg.Data)}, KeyFile: cfg.KeyFile,
		LoadKeys: func(path string) (transfer.Keys, error) { return masterkey.Load(path) },
		SignOut:  c.SignOut, Now: clock(), Progress: steps.show,
	})
	steps.clear()
	if err != nil {
		return err
	}
	return e.show(c.JSON, restoreView{m.MadeAt, cfg.KeyFile, viewReport(r)}, func() { c.tell(e, cfg, r, m) })
}

// tell says what the operator has to know now.
func (c *restoreCmd) tell(e *environment, cfg config.Config, r transfer.Report, m transfer.Manifest) {
	at := m.MadeAt.Format(time.RFC3339)
	fmt.Fprintf(e.out, "restored %d rows and %d uploaded files, %d bytes, as of %s\n", r.Rows(), r.Files, r.Bytes, at)
	for _, id := range m.Missing {
		fmt.Fprintf(e.err, "tidings: warning: the uploaded file %s was missing when the backup was made\n", id)
	}
	if !r.Signed {
		fmt.Fprintln(e.err, "tidings: warning: the checksums of this backup are not signed: nobody can tell whether somebody changed it")
	}
	fmt.Fprintf(e.out, "key file: %s\n", cfg.KeyFile)
	fmt.Fprintf(e.out, "nothing later is in the installation: disable people, and end secrets and tokens, again where that was done after %s\n", at)
	if c.SignOut {
		fmt.Fprintln(e.out, "all sessions are ended; sign-in links of that time do not work")
	} else {
		fmt.Fprintln(e.out, "sessions and tokens of that time work again; sign-in links of that time do not")
	}
}
