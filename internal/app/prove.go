package app

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/fault"
)

// Prove returns the internal app whose key and secret somebody presents, and makes no
// token. It fails as TokenByKey does.
func (s *Service) Prove(ctx context.Context, appKey, appSecret string) (organization, appID int64, err error) {
	secrets, err := s.secretsOf(ctx, appKey)
	if err == nil {
		var match *StoredSecret
		match, err = s.match(secrets, appSecret)
		switch {
		case err != nil:
		case match == nil:
			err = credentialsInvalid()
		default:
			return match.Organization, match.AppID, nil
		}
	}
	if !fault.Is(err, fault.CodeCredentialsInvalid) {
		err = fmt.Errorf("app.Prove: %w", err)
	}
	return 0, 0, err
}

// secretsOf returns the active secrets of an app in use, of either kind; none for an
// unknown key.
func (s *Service) secretsOf(ctx context.Context, key string) ([]StoredSecret, error) {
	secrets, err := s.store.SecretsByKey(ctx, key, s.keys.InUse(), milli(s.now()))
	if err != nil || len(secrets) > 0 {
		return secrets, err
	}
	suite, err := s.store.SuiteByKey(ctx, key)
	return suite.Secrets, err
}

// ProveSigned is Prove with a signature of the timestamp instead of the secret
// (docs/contract.md#suite-signature); of p, key, timestamp and signature count. It fails
// with CodeSignatureTimestamp, with CodeSignatureExpired, and with CodeSignatureInvalid, in
// the same words, for an unknown key, a wrong signature, and an app that is disabled.
func (s *Service) ProveSigned(ctx context.Context, p SuiteProof) (organization, appID int64, err error) {
	p.Ticket = ""
	if err := s.checkTimestamp(p.Timestamp); err != nil {
		return 0, 0, err
	}
	secrets, err := s.secretsOf(ctx, p.Key)
	if err != nil {
		return 0, 0, fmt.Errorf("app.ProveSigned: %w", err)
	}
	match, err := s.signedWith(Suite{Secrets: secrets}, p)
	if err != nil {
		return 0, 0, fmt.Errorf("app.ProveSigned: %w", err)
	}
	return match.Organization, match.AppID, nil
}
