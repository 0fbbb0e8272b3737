package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/tidings-im/tidings/internal/masterkey"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make a key file. On PostgreSQL run this once and copy the file to every node; on SQLite the first start makes the file."`
	List   keyListCmd   `cmd:"" help:"List the master keys: which one is in use, which nodes hold each, and how many secrets, tickets and tokens need each."`
	Rotate keyRotateCmd `cmd:"" help:"Replace the master key while servers run, in three steps: with --add, then without a flag, then with --drop-old."`
}

type keyCreateCmd struct {
	File string `arg:"" help:"File to make; an existing file is never replaced."`
}

type keyFileView struct {
	KeyFile string `json:"key_file"`
}

// Run makes the file without opening a database: the keys come first.
func (c *keyCreateCmd) Run(e *environment) error {
	path, err := filepath.Abs(c.File)
	if err != nil {
		return usageError{err}
	}
	if _, err := masterkey.Create(path); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("key file %s exists and is not replaced: a database written with it cannot be read with another", path)
	} else if err != nil {
		return err
	}
	return e.show(e.admin.JSON, keyFileView{path}, func() {
		fmt.Fprintf(e.out, "made key file %s: keep a copy, apart from the backups of the database\n", path)
	})
}
