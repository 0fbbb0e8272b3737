package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
)

// signatureSkew is how far the timestamp of a signature may be off.
const signatureSkew = time.Minute

// SuiteTokenStore keeps the tokens of third-party apps.
type SuiteTokenStore interface {
	// SuiteByKey returns the active secrets and the ticket of the enabled
	// third-party app with this key; no secrets when there is none.
	SuiteByKey(ctx context.Context, suiteKey string) (Suite, error)
	// InstallationOf returns where an app is installed in the organization with
	// this corp id; false when it is not, or the installation or the
	// organization is disabled.
	InstallationOf(ctx context.Context, provider, appID int64, corpID string) (Installed, bool, error)
	// AddToken stores one more token of a secret and forgets expired ones of
	// the same installation; agentID 0 is a token of the app itself. False when
	// the secret, or what it belongs to, has ended meanwhile. Fails with
	// CodeThrottled when `most` of them live, and with masterkey.ErrMoved when another
	// master key is in use.
	AddToken(ctx context.Context, organization, agentID int64, s StoredSecret, fresh StoredToken, most int) (bool, error)
	// SuiteOfToken returns the app that a token of an app itself stands for, and
	// of its secrets the one that the token was taken with; false when the token
	// is unknown or over.
	SuiteOfToken(ctx context.Context, provider int64, id string, now time.Time) (Suite, bool, error)
}

// Suite is what a provider's proof is checked against.
type Suite struct {
	App     App
	Secrets []StoredSecret
	Ticket  StoredTicket
}

// SuiteProof is how a provider shows that it is one: with the secret itself,
// with a signature made with it (docs/contract.md#suite-signature), or with a
// token from SuiteToken and nothing else.
type SuiteProof struct {
	Token       string
	Key, Ticket string
	Secret      string
	Timestamp   string // unix milliseconds; only with a signature
	Signature   string
	// PermanentCode may be sent along where a corp token is asked for.
	PermanentCode string
}

// maxSuiteTokens is how many tokens of one installation live at the same time,
// since each call makes another one.
const maxSuiteTokens = 5000

// CorpToken returns a new access token of a third-party app for the
// organization with this corp id. Fails with CodeSuiteKeyInvalid for an unknown
// key and for a wrong secret, with CodeSignatureInvalid for an unknown key and
// for a wrong signature, with CodeSuiteTicketInvalid, CodeSignatureTimestamp,
// CodeSignatureExpired, with CodeTokenInvalid for a token that is unknown or
// over, with CodeSuiteSecretInvalid when the secret ends meanwhile, with
// CodeNotInstalled when the organization has not installed it, and with
// CodeThrottled. With CodePermanentCodeInvalid for a permanent code that is none of the
// installation's, unless its provider was given none.
func (s *Service) CorpToken(ctx context.Context, p SuiteProof, corpID string) (Token, error) {
	suite, secret, err := s.prove(ctx, p)
	if err != nil {
		return Token{}, err
	}
	return s.corpToken(ctx, suite, *secret, corpID, p.PermanentCode)
}

func (s *Service) corpToken(ctx context.Context, suite Suite, secret StoredSecret, corpID, permanentCode string) (Token, error) {
	i, err := s.installed(ctx, suite, corpID)
	if err == nil {
		err = s.checkPermanent(ctx, i, permanentCode)
	}
	if err != nil {
		return Token{}, err
	}
	return s.addToken(ctx, i.Agent.Organization, i.Agent.ID, secret)
}

// TokenIn returns a token for the organization with this corp id, of its
// internal app, the same within its life, or of a third-party app that it has
// installed, a new one. Fails with CodeCredentialsInvalid, CodeNotInstalled and
// CodeThrottled.
func (s *Service) TokenIn(ctx context.Context, corpID, key, secret string) (Token, error) {
	t, err := s.give(ctx, secret, func(keyNumber int, now time.Time) ([]StoredSecret, error) {
		return s.ownSecrets(ctx, corpID, key, keyNumber, now)
	})
	if !errors.Is(err, errNotInternal) {
		return t, err
	}
	suite, err := s.store.SuiteByKey(ctx, key)
	if err != nil {
		return Token{}, fmt.Errorf("app.TokenIn: %w", err)
	}
	match, err := s.match(suite.Secrets, secret)
	if err != nil {
		return Token{}, fmt.Errorf("app.TokenIn: %w", err)
	}
	if match == nil {
		return Token{}, credentialsInvalid()
	}
	return s.corpToken(ctx, suite, *match, corpID, "")
}

// errNotInternal says that an organization has no internal app with a key.
var errNotInternal = errors.New("not an internal app of the organization")

// ownSecrets returns the secrets of an organization's internal app. Fails with
// errNotInternal.
func (s *Service) ownSecrets(ctx context.Context, corpID, key string, keyNumber int, now time.Time) ([]StoredSecret, error) {
	secrets, err := s.store.SecretsByCorpID(ctx, corpID, keyNumber, now)
	if err != nil {
		return nil, err
	}
	own, err := s.store.SecretsByKey(ctx, key, keyNumber, now)
	if err != nil {
		return nil, err
	}
	both := slices.DeleteFunc(own, func(c StoredSecret) bool {
		return !slices.ContainsFunc(secrets, func(o StoredSecret) bool { return o.Organization == c.Organization && o.ID == c.ID })
	})
	if len(both) == 0 {
		return nil, errNotInternal
	}
	return both, nil
}

// SuiteToken returns a new token of a third-party app itself, for asking about
// its installations. Fails as CorpToken.
func (s *Service) SuiteToken(ctx context.Context, p SuiteProof) (Token, error) {
	suite, secret, err := s.prove(ctx, p)
	if err != nil {
		return Token{}, err
	}
	return s.addToken(ctx, suite.App.Organization, 0, *secret)
}

// Installation returns the installation of a third-party app in the
// organization with this corp id. Fails as CorpToken.
func (s *Service) Installation(ctx context.Context, p SuiteProof, corpID string) (Installed, error) {
	suite, _, err := s.prove(ctx, p)
	if err != nil {
		return Installed{}, err
	}
	return s.installed(ctx, suite, corpID)
}

// installed returns the installation of an app in the organization with this corp id.
func (s *Service) installed(ctx context.Context, suite Suite, corpID string) (Installed, error) {
	i, ok, err := s.store.InstallationOf(ctx, suite.App.Organization, suite.App.ID, corpID)
	if err != nil {
		return Installed{}, fmt.Errorf("app: %w", err)
	}
	if !ok {
		return Installed{}, fault.New(fault.CodeNotInstalled, "the organization has not installed the app")
	}
	return i, nil
}

// prove finds the app of a proof and the secret it was made with. An unknown
// key is refused as a wrong secret is, and a signature of an unknown key as a
// wrong one: which apps there are is told to those alone who have a secret.
func (s *Service) prove(ctx context.Context, p SuiteProof) (Suite, *StoredSecret, error) {
	if p.Token != "" {
		return s.provenByToken(ctx, p.Token)
	}
	signed := p.Signature != "" || p.Secret == ""
	if signed {
		if err := s.checkTimestamp(p.Timestamp); err != nil {
			return Suite{}, nil, err
		}
	}
	suite, err := s.store.SuiteByKey(ctx, p.Key)
	if err != nil {
		return Suite{}, nil, fmt.Errorf("app: %w", err)
	}
	var secret *StoredSecret
	if signed {
		secret, err = s.signedWith(suite, p)
	} else if secret, err = s.match(suite.Secrets, p.Secret); err == nil && secret == nil {
		err = fault.New(fault.CodeSuiteKeyInvalid, "the suite key or its secret is not valid")
	}
	if err != nil {
		return Suite{}, nil, err
	}
	return suite, secret, s.checkTicket(suite.Ticket, p.Ticket)
}

func (s *Service) provenByToken(ctx context.Context, token string) (Suite, *StoredSecret, error) {
	id, err := s.verify(token)
	if err != nil {
		return Suite{}, nil, err
	}
	suite, ok, err := s.store.SuiteOfToken(ctx, id.organization, id.text, milli(s.now()))
	if err != nil {
		return Suite{}, nil, fmt.Errorf("app: %w", err)
	}
	if !ok {
		return Suite{}, nil, tokenInvalid()
	}
	return suite, &suite.Secrets[0], nil
}

func (s *Service) checkTicket(t StoredTicket, presented string) error {
	if t.Any {
		return nil
	}
	want, err := s.keys.Open(t.row(), masterkey.Sealed{Number: t.KeyNumber, Ciphertext: t.Ciphertext})
	if err != nil {
		return fmt.Errorf("ticket of app %d: %w", t.AppID, err)
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(presented)) != 1 {
		return fault.New(fault.CodeSuiteTicketInvalid, "the suite ticket is not the app's newest")
	}
	return nil
}

func (s *Service) checkTimestamp(text string) error {
	millis, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fault.New(fault.CodeSignatureTimestamp, "timestamp is not in milliseconds since 1970").WithField("timestamp")
	}
	if off := s.now().Sub(time.UnixMilli(millis)).Abs(); off > signatureSkew {
		return fault.New(fault.CodeSignatureExpired, "timestamp is %v off; the limit is %v", off.Round(time.Second), signatureSkew).WithField("timestamp")
	}
	return nil
}

// signedWith returns the secret that a signature was made with. As match, it
// looks at all of them, and at a decoy when there are none.
func (s *Service) signedWith(suite Suite, p SuiteProof) (*StoredSecret, error) {
	var found *StoredSecret
	made := func(secret string) bool {
		return hmac.Equal([]byte(Signature(secret, p.Timestamp, p.Ticket)), []byte(p.Signature))
	}
	if len(suite.Secrets) == 0 {
		s.decoy.try(s.keys, made)
	}
	for i, c := range suite.Secrets {
		value, err := s.keys.Open(c.row(), masterkey.Sealed{Number: c.KeyNumber, Ciphertext: c.Ciphertext})
		if err != nil {
			return nil, fmt.Errorf("secret %d of app %d: %w", c.ID, c.AppID, err)
		}
		if made(value) {
			found = &suite.Secrets[i]
		}
	}
	if found == nil {
		return nil, fault.New(fault.CodeSignatureInvalid, "the access key or the signature is not valid")
	}
	s.uses.note(found, milli(s.now()))
	return found, nil
}

// Signature is that of a third-party app's request: base64 of an HMAC-SHA256
// over the timestamp and, on a second line, the ticket if there is one
// (docs/contract.md#suite-signature).
func Signature(secret, timestamp, ticket string) string {
	text := timestamp
	if ticket != "" {
		text += "\n" + ticket
	}
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func (s *Service) addToken(ctx context.Context, organization, agentID int64, secret StoredSecret) (t Token, err error) {
	err = s.withKey(ctx, func() error {
		id, fresh, err := s.newStoredToken(organization, milli(s.now()))
		if err != nil {
			return err
		}
		ok, err := s.store.AddToken(ctx, organization, agentID, secret, fresh, maxSuiteTokens)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.CodeSuiteSecretInvalid, "the suite secret has ended")
		}
		t, err = s.token(id)
		return err
	})
	if err != nil && !fault.Is(err, fault.CodeSuiteSecretInvalid) {
		err = fmt.Errorf("app: %w", err)
	}
	return t, err
}

// AgentOfSuite returns the installation of a third-party app with this agent id
// in the organization with this corp id. Fails as CorpToken, but for an
// installation of another app or organization, or none, with CodeAgentUnknown.
func (s *Service) AgentOfSuite(ctx context.Context, p SuiteProof, corpID string, agentID int64) (Installed, error) {
	i, err := s.Installation(ctx, p, corpID)
	if err != nil && !fault.Is(err, fault.CodeNotInstalled) {
		return Installed{}, err
	}
	if err != nil || i.Agent.ID != agentID {
		return Installed{}, fault.New(fault.CodeAgentUnknown, "there is no such installation of the app")
	}
	return i, nil
}
