package app

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
)

// How long a token lives after it was last asked for, and how often at most
// its row is written for that. A row lives longer by the second, so that a
// client always has the whole life it was told.
const (
	tokenLife  = 2 * time.Hour
	renewEvery = time.Minute
)

// Token is an access token and how long it is valid, at least.
type Token struct {
	Value     string
	ExpiresIn time.Duration
}

// StoredSecret is an active secret as its row holds it, with the live token
// that was taken with it.
type StoredSecret struct {
	Organization, AppID, AgentID, ID int64
	KeyNumber                        int
	Ciphertext                       []byte
	CreatedAt                        time.Time
	CreatedBy                        audit.Actor  // only of a new one
	Token                            *StoredToken // nil when there is none
}

// StoredToken is a token's row.
type StoredToken struct {
	ID        string
	KeyNumber int // of the master key, which the id names
	CreatedAt time.Time
	RenewedAt time.Time
	ExpiresAt time.Time
}

// TokenStore keeps access tokens.
type TokenStore interface {
	// SecretsByKey returns the active secrets of the internal app with this
	// key, with the tokens of a master key that live at now. None when the app,
	// its installation or its organization is disabled.
	SecretsByKey(ctx context.Context, appKey string, keyNumber int, now time.Time) ([]StoredSecret, error)
	// SecretsByCorpID is the same for all internal apps of an organization.
	SecretsByCorpID(ctx context.Context, corpID string, keyNumber int, now time.Time) ([]StoredSecret, error)
	// CreateToken returns the token of the same master key that lives for the
	// secret at fresh.CreatedAt if another process has stored one, else it stores
	// fresh, in place of the secret's expired ones. False when the secret or what
	// it belongs to has ended meanwhile; masterkey.ErrMoved when another master key is in
	// use.
	CreateToken(ctx context.Context, s StoredSecret, fresh StoredToken) (StoredToken, bool, error)
	// MarkTokenRenewed moves the end of a token that lives at t.RenewedAt.
	// False when it does not live any more; masterkey.ErrMoved when another master key
	// is in use, so that no key is held up by tokens that live on and on.
	MarkTokenRenewed(ctx context.Context, organization int64, t StoredToken) (bool, error)
}

// TokenByKey returns the access token of an internal app: the same within its
// life, which begins anew. It fails with CodeCredentialsInvalid, in the same
// words, for an unknown key, a wrong secret, and an app that is disabled.
func (s *Service) TokenByKey(ctx context.Context, appKey, appSecret string) (Token, error) {
	return s.give(ctx, appSecret, func(key int, now time.Time) ([]StoredSecret, error) {
		return s.store.SecretsByKey(ctx, appKey, key, now)
	})
}

// TokenByCorp is TokenByKey for the one internal app of an organization that
// has this secret.
func (s *Service) TokenByCorp(ctx context.Context, corpID, secret string) (Token, error) {
	return s.give(ctx, secret, func(key int, now time.Time) ([]StoredSecret, error) {
		return s.store.SecretsByCorpID(ctx, corpID, key, now)
	})
}

// give returns the token of the one of some secrets that was presented.
func (s *Service) give(ctx context.Context, presented string, read func(key int, now time.Time) ([]StoredSecret, error)) (t Token, err error) {
	err = s.withKey(ctx, func() error {
		now := milli(s.now())
		secrets, err := read(s.keys.InUse(), now)
		if err != nil {
			return err
		}
		match, err := s.match(secrets, presented)
		if err != nil {
			return err
		}
		if match == nil {
			return credentialsInvalid()
		}
		t, err = s.tokenOf(ctx, *match, now)
		return err
	})
	if err != nil && !fault.Is(err, fault.CodeCredentialsInvalid) {
		err = fmt.Errorf("app: %w", err)
	}
	return t, err
}

// tokenOf returns the token of a secret.
func (s *Service) tokenOf(ctx context.Context, secret StoredSecret, now time.Time) (Token, error) {
	id, ok, err := s.liveToken(ctx, secret, now)
	if err != nil {
		return Token{}, err
	}
	if !ok {
		return Token{}, credentialsInvalid()
	}
	return s.token(id)
}

func (s *Service) token(id tokenID) (Token, error) {
	mac, err := s.keys.MAC(id.key, id.signedText())
	if err != nil {
		return Token{}, fmt.Errorf("master key %d of a token: %w", id.key, err)
	}
	return Token{Value: id.text + "." + mac, ExpiresIn: tokenLife}, nil
}

// match finds the presented secret. It always looks at all of them, and at a
// decoy when there are none, so that its time says nothing.
func (s *Service) match(secrets []StoredSecret, presented string) (*StoredSecret, error) {
	if len(secrets) == 0 {
		s.decoy.compare(s.keys, presented)
		return nil, nil
	}
	var found *StoredSecret
	for i, c := range secrets {
		value, err := s.keys.Open(c.row(), masterkey.Sealed{Number: c.KeyNumber, Ciphertext: c.Ciphertext})
		if err != nil {
			return nil, fmt.Errorf("secret %d of app %d: %w", c.ID, c.AppID, err)
		}
		if subtle.ConstantTimeCompare([]byte(value), []byte(presented)) == 1 {
			found = &secrets[i]
		}
	}
	s.uses.note(found, milli(s.now()))
	return found, nil
}

// liveToken returns the id of the secret's token, renewed or new. False when
// the secret ended meanwhile.
func (s *Service) liveToken(ctx context.Context, secret StoredSecret, now time.Time) (tokenID, bool, error) {
	if t := secret.Token; t != nil {
		live, err := s.renewed(ctx, secret.Organization, *t, now)
		if err != nil {
			return tokenID{}, false, err
		}
		if live {
			return storedID(t.ID)
		}
	}
	id, fresh, err := s.newStoredToken(secret.Organization, now)
	if err != nil {
		return id, false, err
	}
	t, ok, err := s.store.CreateToken(ctx, secret, fresh)
	if err != nil || !ok {
		return tokenID{}, false, err
	}
	return storedID(t.ID)
}

func (s *Service) newStoredToken(organization int64, now time.Time) (tokenID, StoredToken, error) {
	id, err := s.newTokenID(organization)
	return id, StoredToken{ID: id.text, KeyNumber: id.key, CreatedAt: now, RenewedAt: now, ExpiresAt: now.Add(tokenLife + renewEvery)}, err
}

func storedID(text string) (tokenID, bool, error) {
	id, ok := parseTokenID(text)
	if !ok {
		return tokenID{}, false, fmt.Errorf("a stored token has the malformed id %q", text)
	}
	return id, true, nil
}

// renewed begins a live token's life anew, in its row when that was not done
// within the last minute.
func (s *Service) renewed(ctx context.Context, organization int64, t StoredToken, now time.Time) (bool, error) {
	if within(now, t.RenewedAt, renewEvery) {
		return true, nil
	}
	t.RenewedAt, t.ExpiresAt = now, now.Add(tokenLife+renewEvery)
	return s.store.MarkTokenRenewed(ctx, organization, t)
}

func credentialsInvalid() error {
	return fault.New(fault.CodeCredentialsInvalid, "the key or the secret is not valid")
}

func (s StoredSecret) row() masterkey.Row {
	return masterkey.Row{Organization: s.Organization, App: s.AppID, ID: s.ID}
}

// decoy is a secret of nobody.
type decoy struct{ sealed masterkey.Sealed }

// newDecoy makes one; none that does any work on a node that gives no tokens.
func newDecoy(keys *masterkey.Ring) decoy {
	sealed, _ := keys.Seal(masterkey.Row{}, newSecret())
	return decoy{sealed}
}

// compare does the work of comparing with a real secret.
func (d decoy) compare(keys *masterkey.Ring, presented string) {
	d.try(keys, func(secret string) bool { return subtle.ConstantTimeCompare([]byte(secret), []byte(presented)) == 1 })
}

// try does the work of trying a real secret; it never fits.
func (d decoy) try(keys *masterkey.Ring, fits func(secret string) bool) {
	if value, err := keys.OpenDropped(masterkey.Row{}, d.sealed); err == nil {
		fits(value)
	}
}
