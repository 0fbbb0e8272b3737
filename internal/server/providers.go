package server

import "github.com/tidings-im/tidings/internal/signin"

// signInProviders are the kinds of sign-in sources, by their names.
func signInProviders() map[string]signin.Provider { return map[string]signin.Provider{} }
