package rest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strings"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
)

// Accounts knows people by their tokens and sessions. What is not, or no
// longer, good is CodeTokenInvalid.
type Accounts interface {
	// Authenticate returns whose an API token is; CodeTokenMissing for "".
	Authenticate(ctx context.Context, bearer string) (account.Viewer, error)
	// Session returns whose a session is.
	Session(ctx context.Context, value string) (account.Viewer, error)
	// Asker returns who a viewer is to the table of rights, with the roles that they
	// have at this moment, which costs a query.
	Asker(ctx context.Context, by audit.By) (policy.Asker, error)
	// Ended returns those of the viewers whose token or session is no longer
	// good, as far as it could be told.
	Ended(ctx context.Context, viewers []account.Viewer) ([]account.Viewer, error)
	// SignIn uses a sign-in link; CodeSignedInAsOther when that would replace
	// somebody else's session and nobody has said that it may.
	SignIn(ctx context.Context, r account.SignInRequest) (account.SignedIn, error)
	// Offer tells what SignIn would do, and does not use the link.
	Offer(ctx context.Context, link string, held account.HeldList) (account.Offer, error)
	Sessions(ctx context.Context, organization int64, ordinal uint32) ([]account.Session, error)
	// EndSession returns CodeNotFound for one that is not the person's.
	EndSession(ctx context.Context, by audit.By, organization int64, ordinal uint32, id string) error
	// Tokens returns a person's API tokens, revoked and expired ones included.
	Tokens(ctx context.Context, organization int64, userid string) ([]account.Token, error)
	// RevokeToken returns CodeNotFound for one that is not the person's.
	RevokeToken(ctx context.Context, by audit.By, organization int64, userid, id string) error
}

// Inbox is what people have been sent.
type Inbox interface {
	Page(ctx context.Context, v inbox.Viewer, q inbox.Query) (inbox.Page, error)
	MarkRead(ctx context.Context, v inbox.Viewer, messageIDs []string) error
	MarkAllRead(ctx context.Context, v inbox.Viewer, agent, through int64) error
	Unread(ctx context.Context, v inbox.Viewer) (inbox.Unread, error)
	Apps(ctx context.Context, v inbox.Viewer) (inbox.Apps, error)
	// Shows reports whether the viewer sees a file in a task's message now.
	Shows(ctx context.Context, v inbox.Viewer, taskID int64, mediaID string) (bool, error)
	// Preview shows a message that nobody has sent.
	Preview(ctx context.Context, v inbox.Viewer, agentID int64, otherwise inbox.Sender, m *message.Message) (inbox.Card, error)
}

// Media has files.
type Media interface {
	// File returns CodeNotFound for one the organization does not have.
	File(ctx context.Context, organization int64, id string) (media.File, error)
	Open(ctx context.Context, f media.File) (io.ReadSeekCloser, error)
}

// Organizations names organizations.
type Organizations interface {
	Organization(ctx context.Context, id int64) (directory.Organization, error)
	// ByCorpID returns CodeOrganizationUnknown where there is none.
	ByCorpID(ctx context.Context, corpID string) (directory.Organization, error)
	// Only returns the organization where there is no other.
	Only() (directory.Organization, bool)
}

// Streams writes somebody's events until the client leaves or until ends, and
// calls ended once when it has: it may return before. An error means that
// nothing has been written.
type Streams interface {
	Serve(w http.ResponseWriter, r *http.Request, v inbox.Viewer, after *int64, until context.Context, ended func()) error
}

// Deps is what the API works with. All rooms are required; see Refused.
type Deps struct {
	// PublicURL is where people reach the server, if that is known. Cookies
	// follow it, and pages from there are our own whatever Host a proxy sends.
	PublicURL     string
	Cookies       account.Cookies
	Accounts      Accounts
	Inbox         Inbox
	Media         Media
	Organizations Organizations
	Live          Streams
	Templates     Templates
	Apps          Apps
	People        People
	Log           *slog.Logger
	// Refused hears of every problem that is answered; may be nil.
	Refused func(r *http.Request, f *fault.Fault)
}

const prefix = "/api/v1"

// Handler serves everything under /api/v1. A path there that names no route
// is a problem too; the request's Pattern is set to the route's.
func Handler(d Deps) http.Handler {
	a := newAPI(d)
	foreign := http.NewCrossOriginProtection()
	if d.PublicURL != "" {
		if err := foreign.AddTrustedOrigin(d.PublicURL); err != nil {
			d.Log.Warn("rest: the public URL is no origin", "error", err)
		}
	}
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, fault.New(fault.CodePermissionDenied, "the request comes from another site"))
	}))
	return a.outer(compressed(foreign.Handler(a.admitted(http.HandlerFunc(a.route))), d.Log))
}

// route finds the route. Paths are taken as they come: the mux would redirect
// what is not clean.
func (a *api) route(w http.ResponseWriter, r *http.Request) {
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
func (a *api) methods(r *http.Request) (allowed []string) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := *r
		other.Method = method
		if _, pattern := a.mux.Handler(&other); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
