package account

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// How long tokens live: one that nobody said anything about, and at most.
const (
	TokenLife    = 365 * 24 * time.Hour
	MaxTokenLife = 366 * 24 * time.Hour
)

// Token is a personal API token without its value. RevokedAt is zero while it
// is not revoked.
type Token struct {
	ID        string
	Name      string
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time
}

// StoredToken is a token as it is stored, and of whom it is.
type StoredToken struct {
	Token
	Organization int64
	Ordinal      uint32
	Hash         [sha256.Size]byte
}

// CreateToken makes a token for a person and returns its value, here and never
// again. It fails with CodeUserUnknown when nobody active has the userid, and
// with CodeParameterInvalid for a name that is not 1 to 64 characters or a
// life that is not positive and at most MaxTokenLife.
func (s *Service) CreateToken(
	ctx context.Context, by audit.By, organization int64, userid, tokenName string, life time.Duration,
) (string, error) {
	tokenName = strings.TrimSpace(tokenName)
	n := utf8.RuneCountInString(tokenName)
	if n < 1 || n > 64 || !utf8.ValidString(tokenName) || strings.ContainsFunc(tokenName, unicode.IsControl) {
		return "", fault.New(fault.CodeParameterInvalid, "the name of a token has 1 to 64 visible characters").
			WithField("name").WithLimit(64, int64(n))
	}
	if life <= 0 || life > MaxTokenLife {
		return "", fault.New(fault.CodeParameterInvalid, "the life of a token must be more than 0, and the limit is %d days", MaxTokenLife/(24*time.Hour)).WithField("life").
			WithLimit(int64(MaxTokenLife/(24*time.Hour)), int64(life/(24*time.Hour)))
	}
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return "", err
	}
	named, value := newValue(Prefix, organization)
	now := s.at()
	err = s.store.CreateAPIToken(ctx, StoredToken{
		Token:        Token{ID: named.id, Name: tokenName, CreatedAt: now, ExpiresAt: now.Add(life)},
		Organization: organization, Ordinal: ordinal, Hash: sha256.Sum256([]byte(value)),
	}, s.entry(by, organization, ordinal, audit.APITokenNew, audit.Details{"token_id": named.id, "life": life.String()}))
	if err != nil {
		return "", fmt.Errorf("account.CreateToken: %w", err)
	}
	return value, nil
}

// Tokens returns a person's tokens, newest first, ended ones included. Fails
// with CodeUserUnknown.
func (s *Service) Tokens(ctx context.Context, organization int64, userid string) ([]Token, error) {
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return nil, err
	}
	return s.store.APITokens(ctx, organization, ordinal)
}

// RevokeToken ends a person's token: at once on this node, within a second on
// the others. Revoking it again is fine. Fails with CodeUserUnknown and, when
// the person has no such token, CodeNotFound.
func (s *Service) RevokeToken(ctx context.Context, by audit.By, organization int64, userid, id string) error {
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return err
	}
	found, err := s.store.RevokeAPIToken(ctx, organization, ordinal, id, s.at(),
		s.entry(by, organization, ordinal, audit.APITokenEnd, audit.Details{"token_id": id}))
	// After a failure too: it may have been committed.
	s.CredentialsEnded()
	if err != nil {
		return fmt.Errorf("account.RevokeToken: %w", err)
	}
	if !found {
		return fault.New(fault.CodeNotFound, "there is no such token")
	}
	return nil
}
