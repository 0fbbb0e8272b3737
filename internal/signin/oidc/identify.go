package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tidings-im/tidings/internal/signin"
)

// skew is how far the provider's clock may be from ours.
const skew = 5 * time.Minute

// Identify exchanges the code that a browser has brought back, and returns who the
// provider says it is. It fails with a *signin.UnreachableError when the provider does not
// answer; any other error says what is wrong with its answer, for the log alone.
func (p *Provider) Identify(ctx context.Context, s signin.Source, secret string, b signin.Back) (signin.Identity, error) {
	set, err := read(s)
	if err != nil {
		return signin.Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	k, err := p.discover(ctx, place{set.Issuer, s.ByOperator})
	if err != nil {
		return signin.Identity{}, err
	}
	if err := k.checkAnswer(set, b); err != nil {
		return signin.Identity{}, err
	}
	ctx = gooidc.ClientContext(ctx, p.caller.HTTP(s.ByOperator, 0))
	c := k.config(set, secret, b.RedirectURI)
	token, err := c.Exchange(ctx, b.Code, oauth2.VerifierOption(b.Verifier))
	if err != nil {
		return signin.Identity{}, exchangeError(err)
	}
	said, err := p.verify(ctx, k, set, token, b.Nonce)
	if err != nil {
		return signin.Identity{}, err
	}
	if said.lacks(set) && k.provider.UserInfoEndpoint() != "" {
		if err := said.complete(ctx, k, token); err != nil {
			return signin.Identity{}, err
		}
	}
	return said.identity(set)
}

// checkAnswer looks at what came with the code, before the code is shown to anybody: an
// answer of another provider must not bring its code here (RFC 9207).
func (k *known) checkAnswer(set Settings, b signin.Back) error {
	switch {
	case b.HasIssuer && b.Issuer != set.Issuer:
		return errors.New("the answer is another provider's: its iss is not the source's issuer")
	case !b.HasIssuer && k.metadata.IssuerInAnswers:
		return errors.New("the answer has no iss, which the provider promises")
	case b.Refused != "":
		return fmt.Errorf("the provider answered with the error %q", b.Refused)
	}
	return nil
}

// exchangeError tells a provider that does not answer from one that refuses the code. It
// leaves out the body, which nobody has to have in a log.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		status := 0
		if refused.Response != nil {
			status = refused.Response.StatusCode
		}
		said := fmt.Errorf("the token endpoint answered %d, error %.64q, %.200q", status, refused.ErrorCode, refused.ErrorDescription)
		if status >= http.StatusInternalServerError {
			return &signin.UnreachableError{Err: said}
		}
		return said
	}
	var network *url.Error
	if errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) {
		return &signin.UnreachableError{Err: err}
	}
	return err
}

// verify returns the claims of the ID token once all that is to be checked is right.
func (p *Provider) verify(ctx context.Context, k *known, set Settings, token *oauth2.Token, nonce string) (*claims, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, errors.New("the token endpoint answered without an ID token")
	}
	id, err := k.provider.Verifier(&gooidc.Config{ClientID: set.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{}
	if err := id.Claims(&all); err != nil {
		return nil, err
	}
	c := &claims{all: all}
	azp, tid := c.text("azp"), c.text("tid")
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) == 0:
		err = errors.New("the ID token's nonce is not that of this sign-in")
	case c.has("azp") && azp != set.ClientID, len(id.Audience) > 1 && azp != set.ClientID:
		err = errors.New("the ID token was made for another program: azp is not our client_id")
	case id.IssuedAt.Before(p.now().Add(-skew)) || id.IssuedAt.After(p.now().Add(skew)):
		err = fmt.Errorf("the ID token was issued at %s, more than %s from now: compare the clocks", id.IssuedAt.UTC().Format(time.RFC3339), skew)
	case id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil:
		err = errors.New("the ID token's at_hash is not that of the access token")
	case tenant(set.Issuer) != "" && tid != tenant(set.Issuer):
		err = errors.New("the ID token's tid is not the tenant of the issuer")
	}
	return c, err
}
