package route

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"strings"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

const prefix = "/api/v1"

// Organizations names organizations.
type Organizations interface {
	Organization(ctx context.Context, id int64) (directory.Organization, error)
	// ByCorpID returns CodeOrganizationUnknown where there is none.
	ByCorpID(ctx context.Context, corpID string) (directory.Organization, error)
}

// Config is what the API works with, whatever its resources are.
type Config struct {
	// PublicURL is where people reach the server, if that is known. Pages from there
	// are our own whatever Host a proxy sends.
	PublicURL string
	Cookies   account.Cookies
	Accounts  interface {
		Credentials
		Askers
	}
	Organizations Organizations
	Log           *slog.Logger
	// Refused hears of every problem that is answered; may be nil.
	Refused func(r *http.Request, f *fault.Fault)
}

// Handler serves everything under /api/v1 that was registered, and its description.
// A path there that names no route is a problem too; the request's Pattern is set to
// the route's. Call it once, after everything is registered.
func (a *API) Handler() http.Handler {
	describe(a.huma.OpenAPI())
	foreign := http.NewCrossOriginProtection()
	if a.PublicURL != "" {
		if err := foreign.AddTrustedOrigin(a.PublicURL); err != nil {
			a.Log.Warn("rest: the public URL is no origin", "error", err)
		}
	}
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, fault.New(fault.CodePermissionDenied, "the request comes from another site"))
	}))
	return a.outer(a.compressed(foreign.Handler(a.admitted(http.HandlerFunc(a.route)))))
}

// route finds the route. Paths are taken as they come: the mux would redirect
// what is not clean.
func (a *API) route(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.EscapedPath()
	if _, pattern := a.mux.Handler(r); pattern != "" && path.Clean(asked) == asked {
		a.mux.ServeHTTP(w, r)
		return
	}
	if allowed := a.methods(r); len(allowed) > 0 && path.Clean(asked) == asked {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		a.refuse(w, r, fault.New(fault.CodeMethodNotAllowed, "use %s", strings.Join(allowed, " or ")))
		return
	}
	a.refuse(w, r, fault.New(fault.CodeRouteUnknown, "there is no such path"))
}

// methods returns the methods that the request's path has routes for.
func (a *API) methods(r *http.Request) (allowed []string) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := *r
		other.Method = method
		if _, pattern := a.mux.Handler(&other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
