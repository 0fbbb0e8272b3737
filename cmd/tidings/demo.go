package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/demo"
	"github.com/tidings-im/tidings/internal/server"
)

type demoCmd struct {
	config.Flags `embed:"" group:"place"`

	Describe string `name:"describe" placeholder:"FILE" help:"Write what the demo holds, credentials included, to this JSON file once sends are accepted."`
	Lively   bool   `name:"lively" help:"Begin with four weeks of notifications, and go on sending: one every 20 seconds for five minutes."`
	LAN      bool   `name:"lan" help:"Listen on all addresses, so that other machines can reach the demo, and print a QR code with which a phone signs in."`
}

func (c *demoCmd) Run(e *environment) error {
	cfg, log, err := e.loadServer(c.Flags, config.DemoDefaults())
	if err != nil {
		return err
	}
	if c.LAN {
		cfg.Listen = net.JoinHostPort("", fmt.Sprint(cfg.Port()))
	}
	if c.Lively {
		if err := liveThroughHistory(e, cfg, log); err != nil || e.ctx.Err() != nil {
			return err
		}
	}
	s, err := runBeside(e.ctx, cfg, server.Options{Log: log, Fatal: fatal(log), Now: clock, HoldData: true})
	if err != nil {
		return err
	}
	defer s.cancel()
	base := baseURL(cfg, s.Port(), c.LAN)
	shown := demo.Run(s.alive, demo.Options{
		Dir: cfg.Data, Describe: c.Describe, Preset: cfg.Preset, BaseURL: base, Local: localAddress(cfg, s.Port()),
		QR:     c.LAN || terminal(e.out) && !onThisMachine(base),
		Lively: c.Lively, Every: demo.LivelyEvery, Rounds: demo.LivelyRounds,
		Out: e.out, Colour: colourful(e.out, e.lookup), Note: notes(e), Now: clock,
		Directory: s.Directory(), Apps: s.Apps(), Accounts: s.Accounts(), Templates: s.Templates(),
		HTTP: localClient(cfg),
	})
	if shown != nil && s.alive.Err() == nil {
		s.cancel()
		return errors.Join(shown, <-s.served)
	}
	return <-s.served
}

// beside is a server that runs while something else drives it: the server stops when
// that fails, and that when the server does.
type beside struct {
	*server.Server
	alive  context.Context // until the server stops
	cancel context.CancelFunc
	served chan error // what it has stopped of, once
}

func runBeside(ctx context.Context, cfg config.Config, o server.Options) (*beside, error) {
	s, err := server.New(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	if err := s.Start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	b := &beside{Server: s, served: make(chan error, 1)}
	b.alive, b.cancel = context.WithCancel(ctx)
	go func() {
		defer b.cancel()
		b.served <- s.Run(b.alive)
	}()
	return b, nil
}

// baseURL is where people reach the server: from this machine or, in a demo
// for the neighbours, from theirs.
func baseURL(cfg config.Config, port int, lan bool) string {
	if lan && cfg.PublicURL == "" {
		cfg.Listen = net.JoinHostPort(neighbourly("127.0.0.1"), fmt.Sprint(port))
	}
	return cfg.Address(port)
}

// onThisMachine reports whether an address leads nowhere else.
func onThisMachine(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// neighbourly returns an address that other machines may reach, else fallback.
func neighbourly(fallback string) string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return fallback
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return fallback
}

// notes shows the steps of the preparations on a terminal, one over the other.
func notes(e *environment) func(string) {
	if !colourful(e.out, e.lookup) {
		return nil
	}
	return func(step string) { fmt.Fprintf(e.out, "\r\x1b[K\x1b[2m%s …\x1b[0m", step) }
}
