package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	gooidc "github.com/coreos/go-oidc/v3/oidc"

	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/signin"
)

// The steps of a test, in their order.
const (
	stepDiscovery = "discovery"
	stepKeys      = "keys"
)

// Test asks the provider of a source who it is and for its keys, whatever is kept of it.
// It shows neither what the provider answered nor, for a name that leads into this
// machine's network, where it leads.
func (p *Provider) Test(ctx context.Context, s signin.Source, _ string) []signin.Step {
	set, err := read(s)
	if err != nil {
		return []signin.Step{{Name: stepDiscovery, Text: "The settings cannot be read."}}
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	at := place{set.Issuer, s.ByOperator}
	k := p.ask(ctx, at)
	if p.keep(at, k); k.err != nil {
		return []signin.Step{{Name: stepDiscovery, Text: why(k.err, s.ByOperator)}}
	}
	steps := []signin.Step{{Name: stepDiscovery, OK: true, Text: "The provider answers, and is the issuer that the source names."}}
	n, err := p.countKeys(ctx, k, s.ByOperator)
	switch {
	case err != nil:
		return append(steps, signin.Step{Name: stepKeys, Text: why(err, s.ByOperator)})
	case n == 0:
		return append(steps, signin.Step{Name: stepKeys, Text: "The provider has no key that signs: an ID token could not be verified."})
	}
	return append(steps, signin.Step{Name: stepKeys, OK: true, Text: fmt.Sprintf("The provider has %d keys that sign.", n)})
}

// countKeys returns how many of a provider's keys may sign an ID token.
func (p *Provider) countKeys(ctx context.Context, k *known, byOperator bool) (n int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, k.metadata.JWKSURI, http.NoBody)
	if err != nil {
		return 0, err
	}
	answer, err := p.caller.HTTP(byOperator, documentLimit).Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	var set struct {
		Keys []struct {
			Kind string `json:"kty"`
			Use  string `json:"use"`
		} `json:"keys"`
	}
	if answer.StatusCode != http.StatusOK || json.Unmarshal(text, &set) != nil {
		return 0, errors.New("the answer is no set of keys")
	}
	for _, key := range set.Keys {
		if key.Use != "enc" && slices.Contains([]string{"RSA", "EC", "OKP"}, key.Kind) {
			n++
		}
	}
	return n, nil
}

// why says in plain words what is wrong with a provider, without its own. An owner does
// not learn where a name leads: that would make the server a map of its network.
func why(err error, byOperator bool) string {
	var refused *outbound.RefusedError
	var other *gooidc.IssuerMismatchError
	switch {
	case errors.As(err, &refused) && byOperator:
		return "The address may not be called: " + refused.Error() + "."
	case errors.As(err, &refused):
		return "The address is not on the Internet. The operator can allow it with --outbound-allow."
	case errors.Is(err, outbound.ErrAnswerTooLarge):
		return "The answer is larger than 1 MiB."
	case errors.Is(err, context.DeadlineExceeded):
		return "The provider did not answer within 10 seconds."
	case errors.As(err, &other):
		return "The provider calls itself by another issuer. Copy the issuer as the provider writes it, with or without a slash at its end."
	}
	return "The provider does not answer as one of OpenID Connect. The server's log says how it does."
}
