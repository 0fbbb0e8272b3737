package server

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"
)

// NewPages serves a tree of a test; hosts is what its page may load from.
func NewPages(tree fs.FS, hosts func(*http.Request) []string) (http.Handler, error) {
	p, err := newPages(tree, hostsFunc(hosts))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.answer(w, r, paths.find(r.URL.Path)) }), err
}

// NewHosts knows the hosts of a browser whose cookies are plain ones.
func NewHosts(s sessions, t trust, log *slog.Logger) func(*http.Request) []string {
	return trusted{accounts: s, apps: t, log: log}.Hosts
}

type hostsFunc func(*http.Request) []string

func (f hostsFunc) Hosts(r *http.Request) []string { return f(r) }

// NewGuard puts the guard in front of a handler of a test.
func NewGuard(next http.Handler) http.Handler {
	return &guard{next: plain{next}, log: slog.New(slog.DiscardHandler), metrics: newMetrics(), leaving: new(atomic.Bool)}
}

// DrainBytes is how much of a body that nobody wants is read.
const DrainBytes = drainBytes

// PeerOf tells from which address a request comes.
func PeerOf(proxies []netip.Prefix, header string, r *http.Request) netip.Addr {
	return peers{proxies, header}.of(r)
}

// PathRule is one row of the table of paths.
type PathRule struct {
	Path                    string
	Edge                    string
	Headers                 int
	Body                    time.Duration
	Policy                  string
	File                    string
	Browser, Reads, Stream  bool
	Foreign, Built, Nobodys bool
}

// PathRules is the table of paths.
func PathRules() []PathRule {
	var all []PathRule
	for i := range paths.rules {
		all = append(all, exported(&paths.rules[i]))
	}
	return all
}

// RuleOf is the row for a request's path.
func RuleOf(path string) PathRule { return exported(paths.find(path)) }

func exported(r *pathRule) PathRule {
	return PathRule{
		Path: r.path, Headers: r.headers, Body: r.body, File: r.file, Browser: r.browser, Reads: r.reads, Stream: r.stream, Foreign: r.foreign, Built: r.built,
		Edge:    map[edge]string{healthEdge: "health", readyEdge: "ready", pageEdge: "page", ownEdge: "own", wireEdge: "wire", returnEdge: "return"}[r.edge],
		Policy:  map[policy]string{noPolicy: "", ownFiles: "own files", trustedHosts: "trusted hosts", pictureFrame: "picture frame"}[r.policy],
		Nobodys: r == paths.below[""],
	}
}
