// Package oidc decides who somebody is by OpenID Connect: by what a provider such as
// Keycloak or Entra says of them, in an ID token that it has signed.
//
// # What to call
//
// New makes the Provider, which answers for all sources of the kind. Check reads what an
// owner has typed. Address begins: it returns where the browser goes. Identify ends: it
// exchanges the code that the browser brings back, and returns the signin.Identity. Test
// tells an owner, before anybody signs in, whether the provider can be used.
//
// # What is checked
//
// The library github.com/coreos/go-oidc checks the signature with the provider's keys, the
// issuer, the audience and the expiry. This package checks what the library leaves to its
// caller: the algorithms, the nonce, azp, iat, at_hash, the tenant, and that UserInfo speaks
// of the same person. One that is wrong makes the whole answer worth nothing.
//
// # What it calls
//
// Nothing is called before somebody begins. What a provider says of itself (discovery) is
// kept for an hour; a provider that does not answer is left alone for a moment. All calls
// go through outbound, at what addresses a discovery document names as well: what an
// organization's owner types must not reach this machine's network.
package oidc
