package server

import (
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/signin/oidc"
)

// signInProviders are the kinds of sign-in sources, by their names.
func signInProviders(c config.Config, o Options) map[string]signin.Provider {
	return map[string]signin.Provider{
		oidc.Kind: oidc.New(oidc.Deps{Caller: outbound.New(outbound.Options{Allowed: c.OutboundAllow}), Now: o.Now}),
	}
}
