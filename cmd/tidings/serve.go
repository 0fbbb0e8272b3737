package main

import (
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/server"
)

type serveCmd struct {
	config.Flags `embed:"" group:"place"`
}

func (c *serveCmd) Run(e *environment) error {
	cfg, log, err := e.loadServer(c.Flags, config.ServeDefaults())
	if err != nil {
		return err
	}
	s, err := server.New(e.ctx, cfg, server.Options{Log: log, Fatal: fatal(log), Now: clock})
	if err != nil {
		return err
	}
	if err := s.Start(e.ctx); err != nil {
		return errors.Join(err, s.Close())
	}
	defer e.offerSetup(s, cfg, log)()
	if cfg.TLS() {
		defer onHangUp(s.ReloadCertificate)()
	}
	return s.Run(e.ctx)
}

// onHangUp calls reload at each SIGHUP until stop is called.
func onHangUp(reload func()) (stop func()) {
	asked, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(asked, syscall.SIGHUP)
	go func() {
		for {
			select {
			case <-asked:
				reload()
			case <-ended:
				return
			}
		}
	}()
	return func() {
		signal.Stop(asked)
		close(ended)
	}
}

// fatal ends the process: what is on disk can only be told by a new start.
func fatal(log *slog.Logger) func(error) {
	return func(err error) {
		log.Error("the database file is in an unknown state; start again to read what is on disk", "error", err)
		os.Exit(exitFatal)
	}
}
