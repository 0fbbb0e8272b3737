package setup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// Life is how long a link works.
const Life = time.Hour

// Prefix is what the value of a link begins with, so that scanners of source code
// recognize one, and it is never taken for another credential.
const Prefix = "tdi_"

const secretLen = 26 // characters of base32, 130 bits

// Link is a setup link that was just made.
type Link struct {
	Token     string // here and never again
	ExpiresAt time.Time
}

// URL is the address that sets an installation up: where people reach the server, and
// the token in the fragment, which browsers send nowhere.
func URL(base, token string) string { return base + "/setup#" + token }

// StoredLink is a link as it is stored.
type StoredLink struct {
	Hash      [sha256.Size]byte
	ExpiresAt time.Time
}

// NewLink makes a link. Those that were made before work on. It fails with
// CodeSetupDone when there is an organization.
func (s *Service) NewLink(ctx context.Context) (Link, error) {
	token, now := Prefix+strings.ToLower(rand.Text()[:secretLen]), s.at()
	l := StoredLink{Hash: sha256.Sum256([]byte(token)), ExpiresAt: now.Add(Life)}
	if err := s.store.AddSetupLink(ctx, l, now); err != nil {
		return Link{}, fmt.Errorf("setup.NewLink: %w", err)
	}
	return Link{token, l.ExpiresAt}, nil
}

// Check returns until when a link can be used. It fails with CodeSetupDone when there
// is an organization, whatever the link, and with CodeTokenInvalid for one that is
// malformed, unknown, expired or used.
func (s *Service) Check(ctx context.Context, token string) (time.Time, error) {
	if !s.directory.Empty() {
		return time.Time{}, Done()
	}
	hash, ok := parse(token)
	if !ok {
		return time.Time{}, Invalid()
	}
	expires, err := s.store.SetupLink(ctx, hash, s.at())
	if err != nil {
		return time.Time{}, fmt.Errorf("setup.Check: %w", err)
	}
	return expires, nil
}

// parse returns the hash of a token in the one form that NewLink writes.
func parse(token string) ([sha256.Size]byte, bool) {
	secret, ok := strings.CutPrefix(token, Prefix)
	strange := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '2' || r > '7') }
	if !ok || len(secret) != secretLen || strings.ContainsFunc(secret, strange) {
		return [sha256.Size]byte{}, false
	}
	return sha256.Sum256([]byte(token)), true
}

// Done is the refusal where there is an organization.
func Done() error {
	return fault.New(fault.CodeSetupDone, "the installation has an organization: its people sign in, and the operator makes others with: tidings admin org create NAME")
}

// TokenField is the field of the refusal of a link.
const TokenField = "token"

// Invalid is the refusal of a link that cannot be used.
func Invalid() error {
	return fault.New(fault.CodeTokenInvalid, "the setup link is not valid or has expired; the operator makes another with: tidings admin setup-link").
		WithField(TokenField)
}
