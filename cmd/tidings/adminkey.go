package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/tidings-im/tidings/internal/masterkey"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make a key file. On PostgreSQL do this once and give every node a copy; on SQLite the first start does it."`
	List   keyListCmd   `cmd:"" help:"List the master keys: which is in use, which nodes hold them, and how much of what is stored needs them."`
	Rotate keyRotateCmd `cmd:"" help:"Replace the master key while servers run: with --add, then without a flag, then with --drop-old."`
}

type keyCreateCmd struct {
	File string `arg:"" help:"File to make; one that is there is never replaced."`
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
		return fmt.Errorf("key file %s is there already: a database written with it could not be read with another", path)
	} else if err != nil {
		return err
	}
	return e.show(e.admin.JSON, keyFileView{path}, func() {
		fmt.Fprintf(e.out, "made key file %s: keep a copy, apart from the backups of the database\n", path)
	})
}
