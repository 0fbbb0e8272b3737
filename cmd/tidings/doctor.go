package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/config"
)

// doctorCmd looks at an installation beside its server, and changes nothing.
type doctorCmd struct {
	config.Flags `embed:"" group:"place"`

	JSON bool `name:"json" help:"Print JSON."`
}

// The states of a finding.
const (
	isFine    = "ok"
	isDoubted = "warning"
	isWrong   = "error"
)

// finding is what one check found.
type finding struct {
	Check  string `json:"check"`
	State  string `json:"state"`
	Detail string `json:"detail"`
	Cure   string `json:"cure,omitempty"` // of a warning or an error
}

// doctor collects what is found.
type doctor struct {
	ctx context.Context
	cfg config.Config
	all []finding
}

func (d *doctor) fine(check, format string, args ...any) {
	d.all = append(d.all, finding{Check: check, State: isFine, Detail: fmt.Sprintf(format, args...)})
}

func (d *doctor) doubt(check, cure, format string, args ...any) {
	d.all = append(d.all, finding{check, isDoubted, fmt.Sprintf(format, args...), cure})
}

func (d *doctor) wrong(check, cure, format string, args ...any) {
	d.all = append(d.all, finding{check, isWrong, fmt.Sprintf(format, args...), cure})
}

// examineWithin bounds what is asked of others.
const examineWithin = 30 * time.Second

func (c *doctorCmd) Run(e *environment) error {
	ctx, cancel := context.WithTimeout(e.ctx, examineWithin)
	defer cancel()
	cfg, err := e.load(c.Flags, config.ServeDefaults())
	d := &doctor{ctx: ctx, cfg: cfg}
	if err != nil {
		d.wrong("configuration", "correct the option that is named, then run: tidings config check", "%v", err)
	} else {
		d.examine()
	}
	if err := e.show(c.JSON, d.all, func() { d.tell(e) }); err != nil {
		return err
	}
	for _, f := range d.all {
		if f.State == isWrong {
			return exitCode(exitFailed)
		}
	}
	return nil
}

func (d *doctor) tell(e *environment) {
	for _, f := range d.all {
		fmt.Fprintf(e.out, "%-8s %s: %s\n", f.State, f.Check, f.Detail)
		if f.Cure != "" {
			fmt.Fprintf(e.out, "         cure: %s\n", f.Cure)
		}
	}
}
