package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/tidings-im/tidings/internal/app"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make a key file. On PostgreSQL do this once and give every node a copy; on SQLite the first start does it."`
}

type keyCreateCmd struct {
	File string `arg:"" help:"File to make; one that is there is never replaced."`
}

type keyView struct {
	KeyFile string `json:"key_file"`
}

// Run makes the file without opening a database: the keys come first.
func (c *keyCreateCmd) Run(e *environment) error {
	path, err := filepath.Abs(c.File)
	if err != nil {
		return usageError{err}
	}
	if _, err := app.CreateKeyring(path); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("key file %s is there already: a database written with it could not be read with another", path)
	} else if err != nil {
		return err
	}
	return e.show(e.admin.JSON, keyView{path}, func() {
		fmt.Fprintf(e.out, "made key file %s: keep a copy, apart from the backups of the database\n", path)
	})
}
