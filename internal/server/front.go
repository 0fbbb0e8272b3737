package server

import (
	"net/http"
	"strings"

	"github.com/tidings-im/tidings/internal/dingtalk"
)

// ownPrefix is where our own API begins.
const ownPrefix = "/api/v1"

// What a load balancer asks.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// front decides which edge answers. Paths are taken as they come and nothing
// is redirected: on the wire a query may hold a token.
type front struct {
	wire  http.Handler // every path that is not ours
	own   http.Handler // /api/v1
	pages *pages
	ready *readiness
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == healthPath:
		r.Pattern = path
		reading(alive).ServeHTTP(w, r)
	case path == readyPath:
		r.Pattern = path
		reading(f.ready.ServeHTTP).ServeHTTP(w, r)
	case path == "/" || strings.HasPrefix(path, "/assets/"):
		reading(f.pages.ServeHTTP).ServeHTTP(w, r)
	case path == ownPrefix || strings.HasPrefix(path, ownPrefix+"/"):
		f.own.ServeHTTP(w, r)
	case navigates(r) && !dingtalk.Serves(r.URL):
		r.Pattern = "unknown"
		f.pages.missing(w, r)
	default:
		f.wire.ServeHTTP(w, r)
	}
}

// reading answers GET and HEAD only.
func reading(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		next(w, r)
	})
}
