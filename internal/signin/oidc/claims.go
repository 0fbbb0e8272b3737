package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/oauth2"

	"github.com/tidings-im/tidings/internal/signin"
)

const (
	maxSubject = 255 // characters of ASCII, as OpenID Connect has it
	maxValue   = 256 // bytes of a claim that is kept
	maxClaims  = 100 // that are kept
)

// shown are the claims that people recognize themselves by, the best first.
var shown = []string{"preferred_username", "email", "upn", "unique_name", "name"}

// technical are claims that say nothing of the person.
var technical = []string{
	"iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "jti", "sid", "typ", "acr", "at_hash", "c_hash", "s_hash", "session_state", "aio", "uti", "rh", "ver",
}

// claims are what a provider says of somebody.
type claims struct{ all map[string]json.RawMessage }

func (c *claims) has(name string) bool { return c.all[name] != nil }

// text returns a claim that is a text in one line; "" for everything else.
func (c *claims) text(name string) string {
	var text string
	if json.Unmarshal(c.all[name], &text) != nil || len(text) > maxValue || !isLine(text) {
		return ""
	}
	return text
}

// yes reports whether a claim is true. Some providers write it as a text.
func (c *claims) yes(name string) bool {
	said := string(c.all[name])
	return said == "true" || said == `"true"`
}

// lacks reports whether UserInfo might say something that is needed.
func (c *claims) lacks(set Settings) bool {
	return set.Match != nil && !c.has(set.Match.Claim) || !slices.ContainsFunc(shown, c.has)
}

// complete adds what UserInfo says and the ID token did not. UserInfo must speak of the
// same person: a token of somebody else must not lend a name.
func (c *claims) complete(ctx context.Context, k *known, token *oauth2.Token) error {
	info, err := k.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return &signin.UnreachableError{Err: fmt.Errorf("UserInfo: %w", err)}
	}
	if sub := c.text(claimSub); sub == "" || info.Subject != sub {
		return errors.New("UserInfo speaks of somebody else than the ID token: sub differs")
	}
	more := map[string]json.RawMessage{}
	if err := info.Claims(&more); err != nil {
		return fmt.Errorf("UserInfo: %w", err)
	}
	if c.has("email") { // whether an address is verified says who says the address
		delete(more, "email_verified")
	}
	for name, value := range more {
		if !c.has(name) && !slices.Contains(technical, name) {
			c.all[name] = value
		}
	}
	return nil
}

// identity returns who it is.
func (c *claims) identity(set Settings) (signin.Identity, error) {
	id := signin.Identity{Subject: c.text(set.SubjectClaim), Claims: map[string]string{}, EmailVerified: c.yes("email_verified")}
	if id.Subject == "" || len(id.Subject) > maxSubject {
		return signin.Identity{}, fmt.Errorf("the ID token's %s is no text of 1 to %d characters", set.SubjectClaim, maxSubject)
	}
	for _, name := range shown {
		if id.Shown == "" {
			id.Shown = c.text(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.all)) {
		wanted := set.Match != nil && set.Match.Claim == name
		if text := c.text(name); text != "" && len(name) <= maxClaim && isLine(name) && !slices.Contains(technical, name) && (wanted || len(id.Claims) < maxClaims) {
			id.Claims[name] = text
		}
	}
	return id, nil
}
