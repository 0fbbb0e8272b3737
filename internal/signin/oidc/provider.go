package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/signin"
)

const (
	// kept is how long what a provider says of itself is believed, its keys among it. A
	// token with a key that is not known has the keys read again before.
	kept = time.Hour
	// avoided is how long a provider is left alone that did not answer: whoever begins
	// meanwhile hears so at once.
	avoided = 3 * time.Second
	// maxKept is how many providers are kept.
	maxKept = 500

	// within is the longest that beginning or identifying somebody may take.
	within = 10 * time.Second
	// documentLimit is the most bytes of a discovery document and of a set of keys.
	documentLimit = 1 << 20
)

// Caller makes the clients that call providers; outbound.Client is one.
type Caller interface {
	HTTP(byOperator bool, answerLimit int) *http.Client
}

// Provider answers for all sources of OpenID Connect. It is safe for concurrent use.
type Provider struct {
	caller Caller
	now    func() time.Time

	asking singleflight.Group
	mu     sync.Mutex
	known  map[place]*known
}

var _ signin.Redirecting = (*Provider)(nil)

// Deps is what a Provider works with; all are required.
type Deps struct {
	Caller Caller
	Now    func() time.Time
}

// New returns a Provider that has called nobody yet.
func New(d Deps) *Provider {
	return &Provider{caller: d.Caller, now: d.Now, known: map[place]*known{}}
}

// place is a provider, as it is dialled: what the operator may reach is not lent to others.
type place struct {
	issuer     string
	byOperator bool
}

// known is what a provider said of itself, or why it said nothing.
type known struct {
	until    time.Time
	provider *gooidc.Provider
	metadata metadata
	err      error
}

// metadata are the parts of a discovery document that the library does not read.
type metadata struct {
	JWKSURI         string   `json:"jwks_uri"`
	AuthMethods     []string `json:"token_endpoint_auth_methods_supported"`
	IssuerInAnswers bool     `json:"authorization_response_iss_parameter_supported"`
}

// discover returns what the provider of a source says of itself. It asks once, however
// many wait. It fails with a *signin.UnreachableError.
func (p *Provider) discover(ctx context.Context, at place) (*known, error) {
	if k := p.fresh(at); k != nil {
		return k, k.err
	}
	asked := p.asking.DoChan(fmt.Sprint(at.byOperator, at.issuer), func() (any, error) {
		if k := p.fresh(at); k != nil { // somebody was faster
			return k, nil
		}
		// Whoever asked first may leave: the others wait for the answer all the same.
		k := p.ask(context.WithoutCancel(ctx), at)
		p.keep(at, k)
		return k, nil
	})
	select {
	case r := <-asked:
		k, _ := r.Val.(*known)
		return k, k.err
	case <-ctx.Done():
		return nil, &signin.UnreachableError{Err: ctx.Err()}
	}
}

func (p *Provider) fresh(at place) *known {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.known[at]; k != nil && p.now().Before(k.until) {
		return k
	}
	return nil
}

func (p *Provider) keep(at place, k *known) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for other := range p.known { // in no order
		if len(p.known) < maxKept {
			break
		}
		delete(p.known, other)
	}
	p.known[at] = k
}

// ask reads the discovery document.
func (p *Provider) ask(ctx context.Context, at place) *known {
	ctx = gooidc.ClientContext(ctx, p.caller.HTTP(at.byOperator, documentLimit))
	k := &known{until: p.now().Add(avoided)}
	provider, err := gooidc.NewProvider(ctx, at.issuer)
	if err == nil {
		err = provider.Claims(&k.metadata)
	}
	if err == nil {
		err = checkEndpoints(provider, k.metadata)
	}
	if err != nil {
		k.err = &signin.UnreachableError{Err: err}
		return k
	}
	k.provider, k.until = provider, p.now().Add(kept)
	return k
}

// checkEndpoints refuses a document that would send browsers, codes or the secret where
// somebody between could read them.
func checkEndpoints(provider *gooidc.Provider, m metadata) error {
	e := provider.Endpoint()
	for name, address := range map[string]string{
		"authorization_endpoint": e.AuthURL, "token_endpoint": e.TokenURL, "jwks_uri": m.JWKSURI, "userinfo_endpoint": provider.UserInfoEndpoint(),
	} {
		if address == "" && name == "userinfo_endpoint" {
			continue
		}
		u, err := outbound.ParseURL(address)
		if err == nil && !secure(u) {
			err = errors.New("takes https")
		}
		if err != nil {
			return fmt.Errorf("the discovery document's %s %w", name, err)
		}
	}
	return nil
}

// config is what of the library speaks to the provider's endpoints.
func (k *known) config(set Settings, secret, redirectURI string) oauth2.Config {
	e := k.provider.Endpoint()
	e.AuthStyle = authStyle(secret, k.metadata.AuthMethods)
	return oauth2.Config{ClientID: set.ClientID, ClientSecret: secret, Endpoint: e, RedirectURL: redirectURI, Scopes: set.Scopes}
}

// authStyle is how the token endpoint takes the secret. The library would try both ways
// and show the code twice, which providers take for an attack.
func authStyle(secret string, methods []string) oauth2.AuthStyle {
	if secret == "" {
		return oauth2.AuthStyleInParams
	}
	basic, post := len(methods) == 0, false
	for _, method := range methods {
		basic = basic || method == "client_secret_basic"
		post = post || method == "client_secret_post"
	}
	if post && !basic {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}
