package route

import (
	"context"
	"net/http"
	"strings"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// authorization is the header that bearer tokens come in. A request with it never
// uses cookies.
const authorization = "Authorization"

// Credentials knows people by their tokens and sessions. What is not, or no
// longer, good is CodeTokenInvalid.
type Credentials interface {
	// Authenticate returns whose an API token is; CodeTokenMissing for "".
	Authenticate(ctx context.Context, bearer string) (account.Viewer, error)
	// Session returns whose a session is.
	Session(ctx context.Context, value string) (account.Viewer, error)
}

// Askers knows what the table of rights has to know.
type Askers interface {
	// Asker returns who somebody is to the table of rights, with the roles that they
	// have at this moment, which costs a query.
	Asker(ctx context.Context, by audit.By) (policy.Asker, error)
}

// authenticated puts a viewer into the visit, or refuses.
func (a *API) authenticated(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r.Context())
		var err error
		if len(r.Header.Values(authorization)) > 0 {
			v.Viewer, err = a.byToken(r)
		} else {
			v.Viewer, err = a.bySession(r, v.Held)
		}
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		next(w, r)
	}
}

func (a *API) byToken(r *http.Request) (account.Viewer, error) {
	v, err := a.Accounts.Authenticate(r.Context(), bearer(r))
	if err != nil {
		return account.Viewer{}, err
	}
	corpID, named := wanted(r)
	if !named {
		return v, nil
	}
	o, err := a.Organizations.Organization(r.Context(), v.Organization)
	if err != nil {
		return account.Viewer{}, err
	}
	if o.CorpID != corpID {
		return account.Viewer{}, notSignedIn()
	}
	return v, nil
}

// bySession takes the session of the organization that the request names, else
// the good one of the lowest organization. Whatever is wrong with cookies, and
// whatever organization is named, the answer is as without any.
func (a *API) bySession(r *http.Request, held account.HeldList) (account.Viewer, error) {
	corpID, named := wanted(r)
	few := held.First()
	if named && len(held) > 0 {
		o, err := a.Organizations.ByCorpID(r.Context(), corpID)
		if fault.Is(err, fault.CodeOrganizationUnknown) {
			return account.Viewer{}, notSignedIn()
		}
		if err != nil {
			return account.Viewer{}, err
		}
		few = held.Of(o.ID)
	}
	refused := notSignedIn()
	for _, h := range few {
		v, good, err := Session(r.Context(), a.Accounts, h)
		if fault.Is(err, fault.CodeThrottled) { // another one may be known to be good
			refused = err
			continue
		}
		if good || err != nil {
			return v, err
		}
	}
	return account.Viewer{}, refused
}

// Session asks for one of a browser's sessions. It is no error that one is
// not, or no longer, good.
func Session(ctx context.Context, accounts Credentials, h account.Held) (account.Viewer, bool, error) {
	v, err := accounts.Session(ctx, h.Value)
	if err != nil && fault.From(err).Kind == fault.Unauthenticated {
		return account.Viewer{}, false, nil
	}
	return v, err == nil, err
}

func notSignedIn() error {
	return fault.New(fault.CodeTokenMissing, "sign in, or send an API token")
}

// wanted returns which of several organizations a request is about. An empty
// name names none that there is.
func wanted(r *http.Request) (corpID string, named bool) {
	q := r.URL.Query()
	return q.Get("org"), q.Has("org")
}

// bearer returns the token of the one Authorization header, "" without one.
func bearer(r *http.Request) string {
	all := r.Header.Values(authorization)
	if len(all) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(all[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
