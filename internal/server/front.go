package server

import (
	"net/http"
	"strings"
)

// answerer answers the requests of a path by the rule of that path.
type answerer interface {
	answer(w http.ResponseWriter, r *http.Request, rule *pathRule)
}

// front passes each request to the edge that its rule names. Nothing is
// redirected: on the wire a query may hold a token.
type front struct {
	edges map[edge]answerer
	pages *pages
}

func newFront(wire, own, back http.Handler, p *pages, r *readiness) *front {
	return &front{pages: p, edges: map[edge]answerer{
		healthEdge: alone(alive), readyEdge: alone(r.ServeHTTP), pageEdge: p, ownEdge: plain{own}, wireEdge: plain{wire}, returnEdge: plain{back},
	}}
}

func (f *front) answer(w http.ResponseWriter, r *http.Request, rule *pathRule) {
	if rule.reads && r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed: use GET or HEAD", http.StatusMethodNotAllowed)
		return
	}
	// The wire has nothing for browsers: what is theirs there is the page.
	if rule.browser && rule.edge == wireEdge && navigates(r) {
		r.Pattern = unknownPattern
		f.pages.missing(w, r)
		return
	}
	f.edges[rule.edge].answer(w, r, rule)
}

// unknownPattern is the route in the metrics of a path that has nothing.
const unknownPattern = "unknown"

// plain is an edge that needs no rule and names its routes itself.
type plain struct{ http.Handler }

func (p plain) answer(w http.ResponseWriter, r *http.Request, _ *pathRule) { p.ServeHTTP(w, r) }

// alone is an edge of one path, which is its route.
type alone http.HandlerFunc

func (a alone) answer(w http.ResponseWriter, r *http.Request, rule *pathRule) {
	r.Pattern = rule.route()
	a(w, r)
}

// navigates reports whether a browser goes to an address to show what is there.
// Those that do not say so name HTML among what they take; programs do not.
func navigates(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/html")
}
