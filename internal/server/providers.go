package server

import (
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/signin"
)

// signInProviders are the kinds of sign-in sources, by their names.
func signInProviders(config.Config, Options) map[string]signin.Provider {
	return map[string]signin.Provider{}
}
