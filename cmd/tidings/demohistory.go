package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/demo"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store"
)

// liveThroughHistory gives a new installation four weeks of history. It runs a server of
// its own for that, which only this process reaches and whose clock is the history's.
func liveThroughHistory(e *environment, cfg config.Config, log *slog.Logger) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	h, err := demo.OpenHistory(cfg.Data, clock(), func() (bool, error) { return noInstallation(e, cfg, log) })
	if err != nil || h == nil {
		return err
	}
	cfg.Listen, cfg.OpsListen, cfg.PublicURL, cfg.TLSCert, cfg.TLSKey = "127.0.0.1:0", "", "", "", ""
	// What it logs is about addresses and times that nobody sees; what fails, is returned.
	s, err := runBeside(e.ctx, cfg, server.Options{Log: slog.New(slog.DiscardHandler), Fatal: fatal(log), Now: h.Now, HoldData: true})
	if err != nil {
		return err
	}
	defer s.cancel()
	base, client := cfg.Address(s.Port()), &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: demo.AtOnce}}
	lived := h.Run(s.alive, demo.Options{
		Dir: cfg.Data, Preset: cfg.Preset, BaseURL: base, Local: base, Out: e.out, Colour: colourful(e.out, e.lookup), Note: notes(e),
		Directory: s.Directory(), Apps: s.Apps(), Accounts: s.Accounts(), Templates: s.Templates(), HTTP: client,
	})
	stopped := s.alive.Err() != nil
	client.CloseIdleConnections() // the server waits for clients that keep theirs
	s.cancel()
	if err := <-s.served; err != nil || stopped {
		return err
	}
	return lived
}

// noInstallation reports whether the database holds nothing yet.
func noInstallation(e *environment, cfg config.Config, log *slog.Logger) (bool, error) {
	rooms, err := server.Open(e.ctx, cfg, server.Options{Log: log, Fatal: fatal(log), Now: clock})
	if errors.Is(err, store.ErrEmpty) {
		return true, nil
	}
	if rooms == nil {
		return false, nil // the server that starts next says what is wrong
	}
	return false, rooms.Close()
}
