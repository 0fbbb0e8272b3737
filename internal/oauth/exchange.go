package oauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
)

// Issued are the tokens of a sign-in, here and never again.
type Issued struct {
	AccessToken  string
	RefreshToken string
	ExpiresIn    time.Duration // of the access token
	CorpID       string        // "" where a third-party app was not allowed to be told the organization
}

// Exchange takes a code for tokens. verifier is the secret whose hash was the request's
// code challenge, "" for none. It fails with CodeCredentialsInvalid when the secret is
// not the app's, and with CodeAuthCodeInvalid for a code that is malformed, unknown,
// expired, used, another app's, or made with another verifier.
func (s *Service) Exchange(ctx context.Context, key, secret, code, verifier string) (Issued, error) {
	provider, appID, err := s.apps.Prove(ctx, key, secret)
	if err != nil {
		return Issued{}, fmt.Errorf("oauth.Exchange: %w", err)
	}
	c, err := s.codeOf(ctx, AuthCode, Program{Provider: provider, AppID: appID}, code)
	if err != nil {
		return Issued{}, fmt.Errorf("oauth.Exchange: %w", err)
	}
	if !fits(c.Challenge, verifier) {
		return Issued{}, codeInvalid()
	}
	now := s.at()
	t := Token{Organization: c.Organization, ID: c.ID, AppID: appID, Ordinal: c.Ordinal, Told: c.Told, CreatedAt: now, Client: c.Client}
	issued := t.issue(now)
	used, err := s.store.UseCode(ctx, t, MaxTokens)
	if err != nil {
		return Issued{}, fmt.Errorf("oauth.Exchange: %w", err)
	}
	if !used {
		return Issued{}, codeInvalid()
	}
	return s.named(ctx, &t, issued)
}

// codeOf is codeFor in whichever organization the code says it is of: the app must be
// installed there. The code comes with the app as it is there.
func (s *Service) codeOf(ctx context.Context, kind string, p Program, value string) (Code, error) {
	organization, _, ok := account.ParseValue(codePrefix, value)
	if !ok {
		return Code{}, codeInvalid()
	}
	client, err := s.store.Client(ctx, p, organization)
	if fault.Is(err, fault.CodeAppUnknown) {
		return Code{}, codeInvalid()
	}
	if err != nil {
		return Code{}, err
	}
	c, err := s.codeFor(ctx, kind, organization, p.AppID, value)
	c.Client = client
	return c, err
}

// codeFor returns a code that was made for an app, in its organization, to be taken by the
// one endpoint of its kind. It may have been used. Fails with CodeAuthCodeInvalid.
func (s *Service) codeFor(ctx context.Context, kind string, organization, appID int64, value string) (Code, error) {
	of, id, ok := account.ParseValue(codePrefix, value)
	if !ok || of != organization {
		return Code{}, codeInvalid()
	}
	c, err := s.store.Code(ctx, of, id)
	if err != nil {
		return Code{}, err
	}
	if !same(c.Hash, value) || c.Kind != kind || c.AppID != appID {
		return Code{}, codeInvalid()
	}
	return c, nil
}

// Refresh renews a sign-in: its tokens from before end. It fails with
// CodeCredentialsInvalid when the secret is not the app's, and with CodeAuthCodeInvalid
// for a refresh token that is malformed, unknown, expired, another app's, or was renewed
// before, which ends the sign-in: somebody else may have renewed it.
func (s *Service) Refresh(ctx context.Context, key, secret, refresh string) (Issued, error) {
	provider, appID, err := s.apps.Prove(ctx, key, secret)
	if err != nil {
		return Issued{}, fmt.Errorf("oauth.Refresh: %w", err)
	}
	of, id, ok := account.ParseValue(refreshPrefix, refresh)
	if !ok {
		return Issued{}, refreshInvalid()
	}
	t, found, err := s.store.Token(ctx, of, id)
	if err != nil {
		return Issued{}, fmt.Errorf("oauth.Refresh: %w", err)
	}
	now := s.at()
	switch {
	case !found || t.AppID != appID || t.Client.Provider != provider:
		return Issued{}, refreshInvalid()
	case same(t.Before, refresh): // seen twice
		err := s.store.EndToken(ctx, of, id)
		if err != nil {
			return Issued{}, fmt.Errorf("oauth.Refresh: %w", err)
		}
		return Issued{}, refreshInvalid()
	case !same(t.Refresh, refresh) || !now.Before(t.RefreshEndsAt):
		return Issued{}, refreshInvalid()
	}
	t.Before = t.Refresh
	issued := t.issue(now)
	renewed, err := s.store.Renew(ctx, t)
	if err != nil {
		return Issued{}, fmt.Errorf("oauth.Refresh: %w", err)
	}
	if !renewed {
		return Issued{}, refreshInvalid()
	}
	return s.named(ctx, &t, issued)
}

// issue gives a sign-in new tokens. Both have the id of its row.
func (t *Token) issue(now time.Time) Issued {
	issued := Issued{
		AccessToken: account.AnotherValue(tokenPrefix, t.Organization, t.ID), RefreshToken: account.AnotherValue(refreshPrefix, t.Organization, t.ID), ExpiresIn: TokenLife,
	}
	t.Hash, t.ExpiresAt = sha256.Sum256([]byte(issued.AccessToken)), now.Add(TokenLife)
	t.Refresh, t.RefreshEndsAt = sha256.Sum256([]byte(issued.RefreshToken)), now.Add(RefreshLife)
	return issued
}

// named says of which organization the person is. An internal app is of no other; a
// third-party app is told where the person has allowed it.
func (s *Service) named(ctx context.Context, t *Token, issued Issued) (Issued, error) {
	if t.Client.ThirdParty && !slices.Contains(t.Told, ToldCorp) {
		return issued, nil
	}
	o, err := s.people.Organization(ctx, t.Organization)
	if err != nil {
		return Issued{}, fmt.Errorf("oauth: %w", err)
	}
	issued.CorpID = o.CorpID
	return issued, nil
}

// fits reports whether a verifier is that of a challenge. A verifier without a challenge
// does not fit either: the program began another way than it goes on.
func fits(challenge, verifier string) bool {
	if challenge == "" || verifier == "" {
		return challenge == verifier
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

func same(hash [sha256.Size]byte, value string) bool {
	sum := sha256.Sum256([]byte(value))
	return subtle.ConstantTimeCompare(hash[:], sum[:]) == 1
}

func codeInvalid() error {
	return fault.New(fault.CodeAuthCodeInvalid, "the code is not valid, has expired or was used").WithField("code")
}

func refreshInvalid() error {
	return fault.New(fault.CodeAuthCodeInvalid, "the refresh token is not valid, has expired or was renewed").WithField("refreshToken")
}
