package oidc

import (
	"context"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tidings-im/tidings/internal/signin"
)

// Address returns where the browser goes: the provider's authorization endpoint, with
// PKCE and a nonce. It fails with a *signin.UnreachableError.
func (p *Provider) Address(ctx context.Context, s signin.Source, a signin.Ask) (string, error) {
	set, err := read(s)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	k, err := p.discover(ctx, place{set.Issuer, s.ByOperator})
	if err != nil {
		return "", err
	}
	c := k.config(set, "", a.RedirectURI)
	return c.AuthCodeURL(a.State, oauth2.S256ChallengeOption(a.Verifier), gooidc.Nonce(a.Nonce)), nil
}
