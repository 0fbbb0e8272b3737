package oauth

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
)

// Authorize notes that a person allows what a request asks for, and returns the address
// that the browser goes to, with a code. It fails as Describe does, with
// CodePermissionDenied for somebody who is not of an internal app's organization, with
// CodeNotInstalled for somebody whose organization has not got a third-party app, and
// with CodeUserOutside for whom the app is not for.
func (s *Service) Authorize(ctx context.Context, r Request, v Viewer) (string, error) {
	a, err := s.check(ctx, r)
	if err != nil {
		return "", fmt.Errorf("oauth.Authorize: %w", err)
	}
	if !a.program.ThirdParty && v.Organization != a.program.Provider {
		return "", fault.New(fault.CodePermissionDenied, "the app is of another organization")
	}
	client, err := s.store.Client(ctx, a.program, v.Organization)
	if a.program.ThirdParty && fault.Is(err, fault.CodeAppUnknown) {
		return "", fault.New(fault.CodeNotInstalled, "the app is not installed in your organization").WithField("client_id")
	}
	if err == nil {
		err = s.within(ctx, client, v)
	}
	if err != nil {
		return "", fmt.Errorf("oauth.Authorize: %w", err)
	}
	id, value := account.NewValue(codePrefix, v.Organization)
	now := s.at()
	c := Code{
		Grant: Grant{v.Organization, v.Ordinal, client.AppID, a.address(), s.told(a, client.Scopes), now},
		ID:    id, Client: client, Hash: sha256.Sum256([]byte(value)), Kind: a.Kind, Challenge: r.CodeChallenge, ExpiresAt: now.Add(CodeLife),
	}
	if err := s.store.Authorize(ctx, c, now.Add(-keepCode)); err != nil {
		return "", fmt.Errorf("oauth.Authorize: %w", err)
	}
	answer := a.answer("code", value)
	if a.Kind == AuthCode {
		answer.Set("authCode", value) // what DingTalk's own programs read
	}
	return back(a.to, answer), nil
}
