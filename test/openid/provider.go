package openid

import (
	"context"
	"crypto/sha256"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Person is somebody who has an account at the provider.
type Person struct {
	Subject       string         `json:"sub"`
	Username      string         `json:"preferred_username"`
	Name          string         `json:"name"`
	Email         string         `json:"email"`
	EmailVerified bool           `json:"email_verified"`
	Claims        map[string]any `json:"claims"` // more of them, such as employee_number
}

// Options are what a provider is made of.
type Options struct {
	Issuer       string   // where it is reached, such as http://127.0.0.1:9998
	ClientID     string   // of the program that people sign in to
	ClientSecret string   //
	RedirectURIs []string // where people are sent back to; more with AddRedirectURI
	People       []Person
}

// Provider is an OpenID Provider with one client. It is safe for concurrent use.
type Provider struct {
	http.Handler
	storage *storage
}

// New returns a provider. Its pages for signing in are at /login.
func New(o Options) (*Provider, error) {
	s, err := newStorage(o)
	if err != nil {
		return nil, err
	}
	made, err := op.NewProvider(&op.Config{
		CryptoKey: sha256.Sum256([]byte(o.ClientSecret)), CodeMethodS256: true, AuthMethodPost: true,
		SupportedScopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}, s, op.StaticIssuer(o.Issuer), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, fmt.Errorf("openid.New: %w", err)
	}
	p := &Provider{storage: s}
	mux := http.NewServeMux()
	mux.Handle("GET /login", http.HandlerFunc(p.ask))
	mux.Handle("POST /login", op.NewIssuerInterceptor(made.IssuerFromRequest).HandlerFunc(p.login(op.AuthCallbackURL(made))))
	mux.Handle("/", made)
	p.Handler = mux
	return p, nil
}

// AddRedirectURI lets people be sent back to another address.
func (p *Provider) AddRedirectURI(uri string) { p.storage.addRedirectURI(uri) }

var page = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Who are you?</title>
<h1>Who are you?</h1><form method="post" action="/login"><input type="hidden" name="id" value="{{.ID}}">
{{range .People}}<p><button name="sub" value="{{.Subject}}">{{.Name}}</button></p>{{end}}
<p><button name="sub" value="">Cancel</button></p></form></html>`))

func (p *Provider) ask(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, map[string]any{"ID": r.FormValue("id"), "People": p.storage.people}); err != nil {
		slog.ErrorContext(r.Context(), "openid", "error", err)
	}
}

// login ends the page: with who somebody is, or with their refusal.
func (p *Provider) login(back func(context.Context, string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, subject := r.PostFormValue("id"), r.PostFormValue("sub")
		request, err := p.storage.request(id)
		switch known := slices.ContainsFunc(p.storage.people, func(one Person) bool { return one.Subject == subject }); {
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		case subject == "":
			http.Redirect(w, r, request.redirect("error=access_denied&error_description=Canceled"), http.StatusFound)
		case !known:
			http.Error(w, "nobody has this subject", http.StatusBadRequest)
		default:
			p.storage.signIn(id, subject, time.Now())
			http.Redirect(w, r, back(r.Context(), id), http.StatusFound)
		}
	}
}
