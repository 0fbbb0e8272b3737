package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/setup"
)

type setupLinkCmd struct{}

type setupLinkView struct {
	SetupURL  string    `json:"setup_url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (c *setupLinkCmd) Run(e *environment) error {
	return e.open(func(s *session) error {
		base, err := s.address()
		if err != nil {
			return err
		}
		link, err := s.rooms.Setup.NewLink(s.ctx)
		if err != nil {
			return err
		}
		view := setupLinkView{SetupURL: setup.URL(base, link.Token), ExpiresAt: link.ExpiresAt.Truncate(time.Second)}
		return s.done(view, "setup link, which works once, until %s, and only while there is no organization\n%s",
			view.ExpiresAt.Format(time.RFC3339), view.SetupURL)
	})
}

// setupFile holds the address of the setup link that a server made at its start.
const setupFile = "setup-link"

// offerSetup tells how to make the first organization in a browser, where there is none:
// on a terminal with the link, elsewhere with the file that holds it, since what is not
// a terminal may be kept and read by others. A server that cannot make a link serves all
// the same. It returns what removes the file.
func (e *environment) offerSetup(s *server.Server, cfg config.Config, log *slog.Logger) (remove func()) {
	path := filepath.Join(cfg.Data, setupFile)
	remove = func() {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn("the file of a setup link that no longer works cannot be removed", "file", path, "error", err)
		}
	}
	link, err := s.Setup().NewLink(e.ctx)
	if fault.Is(err, fault.CodeSetupDone) {
		remove() // of an earlier start
		return func() {}
	}
	if err != nil {
		log.Warn("there is no organization yet, and no setup link could be made: tidings admin setup-link makes one", "error", err)
		return func() {}
	}
	address := setup.URL(cfg.Address(s.Port()), link.Token)
	kept := keepAddress(path, address)
	if kept != nil {
		remove = func() {}
	}
	switch {
	case terminal(e.out):
		fmt.Fprint(e.out, setupText(cfg, address))
	case kept == nil:
		log.Info("there is no organization yet: whoever opens the address in this file within an hour makes it and is its owner; without a browser: tidings admin org create NAME", "file", path)
	case errors.Is(kept, fs.ErrNotExist): // a node on PostgreSQL needs no directory
		log.Info("there is no organization yet: tidings admin setup-link prints an address at which a browser makes it; without a browser: tidings admin org create NAME")
	default:
		log.Warn("there is no organization yet, and the file for a setup link cannot be written: tidings admin setup-link makes another link", "error", kept)
	}
	return remove
}

// keepAddress writes an address into a file that only its owner can read, in place of
// one that is there. It makes no directory.
func keepAddress(path, address string) error {
	f, err := os.CreateTemp(filepath.Dir(path), setupFile+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, address)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// setupText is what a terminal shows.
func setupText(cfg config.Config, address string) string {
	text := fmt.Sprintf("\nThere is no organization yet. Open this address within %d minutes, once, to make it and be its owner:\n\n  %s\n\n",
		int(setup.Life.Minutes()), address)
	if onAllAddresses(cfg) {
		text += "From another machine, write this machine's name in place of 127.0.0.1.\n"
	}
	return text + "Another address: tidings admin setup-link. Without a browser: tidings admin org create NAME.\n\n"
}

// onAllAddresses reports whether a server listens on all addresses of its machine, and nobody
// has said at which one people reach it.
func onAllAddresses(cfg config.Config) bool {
	host, _, _ := net.SplitHostPort(cfg.Listen)
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return cfg.PublicURL == "" && (host == "" || ip != nil && ip.IsUnspecified())
}
