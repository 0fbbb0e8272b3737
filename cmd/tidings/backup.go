package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/media/s3"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/transfer"
)

type backupCmd struct {
	config.Place `embed:"" group:"place"`

	To      string `name:"to" required:"" placeholder:"DIR" help:"Directory to make; it is called DIR.partial until the backup is whole."`
	KeyFile string `name:"key-file" placeholder:"FILE" help:"File of the master keys: they sign the checksums, and --with-key copies the file. The file key below --data when not given."`
	WithKey bool   `name:"with-key" help:"Copy the key file into the backup. Without it nobody can read the app secrets; with it, whoever has the backup can."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

type backupView struct {
	Backup   string            `json:"backup"`
	Manifest transfer.Manifest `json:"manifest"`
	Report   reportView        `json:"report"`
}

func (c *backupCmd) Run(e *environment) error {
	cfg, err := e.place(c.Place)
	if err != nil {
		return err
	}
	if path, onSQLite := cfg.SQLite(); onSQLite {
		if err := mustExist(path); err != nil {
			return err
		}
	}
	to, err := filepath.Abs(c.To)
	if err != nil {
		return usageError{err}
	}
	o := transfer.BackupOptions{From: transfer.Place{Database: cfg.Database, Media: server.MediaDir(cfg.Data)}, To: to, Now: clock()}
	if cfg.Media == config.MediaS3 {
		if o.Contents, err = s3.Open(e.ctx, cfg.Bucket, s3.FromEnvironment()); err != nil {
			return err
		}
	}
	if o.KeyFile, o.Keys, err = c.keys(cfg); err != nil {
		return err
	}
	steps := e.progress()
	o.Progress = steps.show
	r, m, err := transfer.Backup(e.ctx, o)
	steps.clear()
	if err != nil {
		return err
	}
	return e.show(c.JSON, backupView{to, m, viewReport(r)}, func() {
		fmt.Fprintf(e.out, "backed up %d rows and %d uploaded files, %d bytes, of %s: %s\n", r.Rows(), r.Files, r.Bytes, m.MadeAt.Format(time.RFC3339), to)
		e.warn(r)
		if r.Signed {
			fmt.Fprintln(e.out, "the checksums are signed: a restore with the key file finds whether somebody changed the backup")
		} else {
			fmt.Fprintln(e.err, "tidings: warning: the checksums are not signed, because the key file cannot be read: name it with --key-file")
		}
		if m.KeyFile == "" {
			fmt.Fprintln(e.out, "the key file is not in the backup, and without it nobody can read the app secrets: keep a copy elsewhere (manifest.json has its fingerprint)")
		} else {
			fmt.Fprintln(e.out, "the key file is in the backup: whoever can read this directory can send in the name of every app")
		}
	})
}

// keys are those to sign with, if there are any, and the file to put in.
func (c *backupCmd) keys(cfg config.Config) (string, transfer.Keys, error) {
	path := cfg.KeyFile // of the environment or the file, or beside the data
	if c.KeyFile != "" {
		path = c.KeyFile
	}
	keys, err := masterkey.Load(path)
	switch {
	case err != nil && (c.WithKey || c.KeyFile != ""):
		return "", nil, err
	case err != nil: // whoever makes backups need not be able to read the keys; it is said
		return "", nil, nil
	case !c.WithKey:
		path = ""
	}
	return path, keys, nil
}
