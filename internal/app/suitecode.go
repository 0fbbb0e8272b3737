package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// CodeHash is what is stored of a code with which a provider takes an organization's
// authorization, or shows it.
type CodeHash [sha256.Size]byte

// SuiteCodeStore keeps the codes of installations. They end with the installation.
type SuiteCodeStore interface {
	// AddAuthCode stores a code of an installation that works once until a time, and
	// forgets those that are over. False, and nothing is stored, when the organization
	// does not have the app installed. Fails with CodeAppUnknown.
	AddAuthCode(ctx context.Context, provider, appID, organization int64, code CodeHash, now, until time.Time) (bool, error)
	// TakeAuthCode ends all such codes of the installation that one of them is of, and
	// stores a permanent one instead. False when the code is not good, or the
	// installation or its organization is disabled. Fails with CodeAppUnknown.
	TakeAuthCode(ctx context.Context, provider, appID int64, code, permanent CodeHash, now time.Time) (Authorization, bool, error)
	// PermanentCodes returns those of an installation.
	PermanentCodes(ctx context.Context, provider, appID, organization int64) ([]CodeHash, error)
}

// Authorization is what a provider gets for a code that it was told.
type Authorization struct {
	PermanentCode    string
	CorpID, CorpName string // of the organization that has installed the app
}

// authCodeLife is how long a code that a provider was told works, unless it is used
// before. A provider that is told again is told another one.
const authCodeLife = 10 * time.Minute

// NewAuthCode makes a code with which a third-party app's provider takes the
// authorization of an organization, once and within ten minutes. False when the
// organization does not have the app installed. Fails with CodeAppUnknown.
func (s *Service) NewAuthCode(ctx context.Context, provider, appID, organization int64) (string, bool, error) {
	value, now := rand.Text(), milli(s.now())
	installed, err := s.store.AddAuthCode(ctx, provider, appID, organization, sha256.Sum256([]byte(value)), now, now.Add(authCodeLife))
	if err != nil {
		return "", false, fmt.Errorf("app.NewAuthCode: %w", err)
	}
	return value, installed, nil
}

// PermanentCode takes a code from NewAuthCode and returns the organization's
// authorization; its permanent code is returned here and never again. Fails as CorpToken,
// and with CodeAuthCodeInvalid for a code that is unknown, over, used, or another app's.
func (s *Service) PermanentCode(ctx context.Context, p SuiteProof, code string) (Authorization, error) {
	suite, _, err := s.prove(ctx, p)
	if err != nil {
		return Authorization{}, err
	}
	value := newSecret()
	a, good, err := s.store.TakeAuthCode(ctx, suite.App.Organization, suite.App.ID, sha256.Sum256([]byte(code)), sha256.Sum256([]byte(value)), milli(s.now()))
	if err != nil {
		return Authorization{}, fmt.Errorf("app.PermanentCode: %w", err)
	}
	if !good {
		return Authorization{}, fault.New(fault.CodeAuthCodeInvalid, "the code is unknown, used or over").WithField("tmp_auth_code")
	}
	a.PermanentCode = value
	return a, nil
}

// Activate checks what a provider says when it has set an organization up; an installed
// app works before that too. Fails as CorpToken, with CodeSuiteKeyInvalid for another
// app's suite key, and with CodePermanentCodeInvalid for a code that was not given for
// the installation.
func (s *Service) Activate(ctx context.Context, p SuiteProof, suiteKey, corpID, permanentCode string) error {
	suite, _, err := s.prove(ctx, p)
	if err != nil {
		return err
	}
	if suite.App.Key != suiteKey {
		return fault.New(fault.CodeSuiteKeyInvalid, "the suite key is another app's").WithField("suite_key")
	}
	i, err := s.installed(ctx, suite, corpID)
	if err != nil {
		return err
	}
	codes, err := s.store.PermanentCodes(ctx, suite.App.Organization, suite.App.ID, i.Agent.Organization)
	if err != nil {
		return fmt.Errorf("app.Activate: %w", err)
	}
	return among(codes, permanentCode)
}

// checkPermanent refuses a permanent code that is none of the installation's. Where the
// provider was given none it is not looked at: clients send what they have from elsewhere.
func (s *Service) checkPermanent(ctx context.Context, i Installed, permanentCode string) error {
	if permanentCode == "" {
		return nil
	}
	codes, err := s.store.PermanentCodes(ctx, i.App.Organization, i.App.ID, i.Agent.Organization)
	if err != nil {
		return fmt.Errorf("app: %w", err)
	}
	if len(codes) == 0 {
		return nil
	}
	return among(codes, permanentCode)
}

// among looks for a code in all of some.
func among(codes []CodeHash, code string) error {
	hash, found := sha256.Sum256([]byte(code)), 0
	for _, c := range codes {
		found |= subtle.ConstantTimeCompare(c[:], hash[:])
	}
	if found == 0 {
		return fault.New(fault.CodePermanentCodeInvalid, "the permanent code is not the installation's").WithField("permanent_code")
	}
	return nil
}
