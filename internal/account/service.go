package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
)

// People knows from memory who is in an organization.
type People interface {
	// Ordinal returns the ordinal of a person who is there and not disabled.
	Ordinal(organization int64, userid string) (uint32, bool)
}

// Store keeps personal API tokens.
type Store interface {
	// CreateAPIToken stores a token.
	CreateAPIToken(ctx context.Context, t StoredToken) error
	// APITokenByID returns a token with its person, whatever became of them.
	// False when there is none.
	APITokenByID(ctx context.Context, organization int64, id string) (StoredToken, bool, error)
	// APITokens returns a person's tokens, newest first.
	APITokens(ctx context.Context, organization int64, ordinal uint32) ([]Token, error)
	// RevokeAPIToken marks a person's token; one revoked before stays as it
	// is. False when the person has no such token.
	RevokeAPIToken(ctx context.Context, organization int64, ordinal uint32, id string, at time.Time) (bool, error)
}

// Viewer is the person who reads an inbox.
type Viewer struct {
	Organization int64
	Ordinal      uint32
	Userid, Name string
}

// Service answers for people's credentials. It is safe for concurrent use.
type Service struct {
	store  Store
	people People
	now    func() time.Time
	read   recent
}

// New returns a Service.
func New(store Store, people People, now func() time.Time) *Service {
	return &Service{store: store, people: people, now: now, read: newRecent()}
}

// MaxLife is the longest life of a token.
const MaxLife = 10 * 366 * 24 * time.Hour

// CreateToken makes a token for a person and returns its value, here and never
// again. It fails with CodeUserUnknown when nobody active has the userid, and
// with CodeParameterInvalid for a name that is not 1 to 64 characters or a
// life that is not positive and at most MaxLife.
func (s *Service) CreateToken(ctx context.Context, organization int64, userid, tokenName string, life time.Duration) (string, error) {
	tokenName = strings.TrimSpace(tokenName)
	n := utf8.RuneCountInString(tokenName)
	if n < 1 || n > 64 || !utf8.ValidString(tokenName) || strings.ContainsFunc(tokenName, unicode.IsControl) {
		return "", fault.New(fault.CodeParameterInvalid, "the name of a token has 1 to 64 visible characters").
			WithField("name").WithLimit(64, int64(n))
	}
	if life <= 0 || life > MaxLife {
		return "", fault.New(fault.CodeParameterInvalid, "the life of a token is at most %d days", MaxLife/(24*time.Hour)).WithField("life")
	}
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return "", err
	}
	named, value := newValue(organization)
	now := s.now().UTC().Truncate(time.Millisecond)
	err = s.store.CreateAPIToken(ctx, StoredToken{
		Token:        Token{ID: named.id, Name: tokenName, CreatedAt: now, ExpiresAt: now.Add(life)},
		Organization: organization, Ordinal: ordinal, Hash: sha256.Sum256([]byte(value)),
	})
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
func (s *Service) RevokeToken(ctx context.Context, organization int64, userid, id string) error {
	ordinal, err := s.ordinal(organization, userid)
	if err != nil {
		return err
	}
	found, err := s.store.RevokeAPIToken(ctx, organization, ordinal, id, s.now().UTC().Truncate(time.Millisecond))
	// After a failure too: it may have been committed.
	s.read.forget()
	if err != nil {
		return fmt.Errorf("account.RevokeToken: %w", err)
	}
	if !found {
		return fault.New(fault.CodeNotFound, "there is no such token")
	}
	return nil
}

func (s *Service) ordinal(organization int64, userid string) (uint32, error) {
	ordinal, ok := s.people.Ordinal(organization, userid)
	if !ok {
		return 0, fault.New(fault.CodeUserUnknown, "there is no such user").WithField("userid")
	}
	return ordinal, nil
}

// Authenticate returns whose a token is. It fails with CodeTokenMissing for an
// empty one, and with CodeTokenInvalid for one that is malformed, unknown,
// expired or revoked, or whose person is disabled or deleted.
func (s *Service) Authenticate(ctx context.Context, bearer string) (Viewer, error) {
	if bearer == "" {
		return Viewer{}, fault.New(fault.CodeTokenMissing, "a token is required")
	}
	named, ok := parse(bearer)
	if !ok {
		return Viewer{}, tokenInvalid()
	}
	now := s.now()
	t, epoch := s.read.load(named, now)
	if t == nil {
		stored, found, err := s.store.APITokenByID(ctx, named.organization, named.id)
		if err != nil {
			return Viewer{}, fmt.Errorf("account.Authenticate: %w", err)
		}
		if !found {
			return Viewer{}, tokenInvalid()
		}
		t = &stored
	}
	hash := sha256.Sum256([]byte(bearer))
	if subtle.ConstantTimeCompare(hash[:], t.Hash[:]) != 1 {
		return Viewer{}, tokenInvalid()
	}
	// Only what was proven is remembered: nobody can fill memory with guesses.
	s.read.store(named, t, now, epoch)
	if !t.RevokedAt.IsZero() || !now.Before(t.ExpiresAt) {
		return Viewer{}, tokenInvalid()
	}
	// A userid may have gone to somebody else; the ordinal never does.
	if ordinal, ok := s.people.Ordinal(t.Organization, t.Userid); !ok || ordinal != t.Ordinal {
		return Viewer{}, tokenInvalid()
	}
	return Viewer{Organization: t.Organization, Ordinal: t.Ordinal, Userid: t.Userid, Name: t.PersonName}, nil
}

func tokenInvalid() error {
	return fault.New(fault.CodeTokenInvalid, "the token is not valid or has expired")
}
