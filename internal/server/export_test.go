package server

import (
	"io/fs"
	"log/slog"
	"net/http"
)

// NewPages serves a tree of a test; hosts is what its page may load from.
func NewPages(tree fs.FS, hosts func(*http.Request) []string) (http.Handler, error) {
	return newPages(tree, hostsFunc(hosts))
}

type hostsFunc func(*http.Request) []string

func (f hostsFunc) Hosts(r *http.Request) []string { return f(r) }

// NewGuard puts the guard in front of a handler of a test.
func NewGuard(next http.Handler) http.Handler {
	return &guard{next: next, log: slog.New(slog.DiscardHandler), metrics: newMetrics()}
}
