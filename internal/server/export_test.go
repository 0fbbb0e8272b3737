package server

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
)

// NewPages serves a tree of a test; hosts is what its page may load from.
func NewPages(tree fs.FS, hosts func(*http.Request) []string) (http.Handler, error) {
	return newPages(tree, hostsFunc(hosts))
}

// NewHosts knows the hosts of a browser whose cookies are plain ones.
func NewHosts(s sessions, t trust, log *slog.Logger) func(*http.Request) []string {
	return trusted{accounts: s, apps: t, log: log}.Hosts
}

type hostsFunc func(*http.Request) []string

func (f hostsFunc) Hosts(r *http.Request) []string { return f(r) }

// NewGuard puts the guard in front of a handler of a test.
func NewGuard(next http.Handler) http.Handler {
	return &guard{next: next, log: slog.New(slog.DiscardHandler), metrics: newMetrics(), leaving: new(atomic.Bool)}
}

// DrainBytes is how much of a body that nobody wants is read.
const DrainBytes = drainBytes

// PeerOf tells from which address a request comes.
func PeerOf(proxies []netip.Prefix, header string, r *http.Request) netip.Addr {
	return peers{proxies, header}.of(r)
}
