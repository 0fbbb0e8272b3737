package main

import (
	"github.com/tidings-im/tidings/internal/config"
)

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Show the value of every option and where it comes from; the exit code is 2 when a server could not start with them."`
}

type configCheckCmd struct {
	config.Flags `embed:"" group:"place"`

	JSON bool `name:"json" help:"Print JSON."`
}

func (c *configCheckCmd) Run(e *environment) error {
	cfg, err := e.load(c.Flags, config.ServeDefaults())
	if err != nil {
		return err
	}
	if err := checkCertificate(cfg); err != nil {
		return err
	}
	all := cfg.Settings()
	return e.show(c.JSON, all, func() {
		rows := [][]string{}
		for _, s := range all {
			rows = append(rows, []string{s.Option, s.Value, s.From})
		}
		table(e.out, []string{"OPTION", "VALUE", "FROM"}, rows)
	})
}
