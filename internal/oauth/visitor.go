package oauth

import (
	"context"
	"fmt"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
)

// SNSPerson takes an SNSCode and returns who said yes on our page: name, unionid and
// openid, and nothing else of them. The app shows that it is one with a signature of the
// timestamp alone (docs/contract.md#suite-signature). It fails as Apps.ProveSigned does,
// and with CodeAuthCodeInvalid for a code that is malformed, unknown, expired, used,
// another app's, or of another kind.
func (s *Service) SNSPerson(ctx context.Context, p app.SuiteProof, code string) (Person, error) {
	provider, appID, err := s.apps.ProveSigned(ctx, p)
	if err != nil {
		return Person{}, fmt.Errorf("oauth.SNSPerson: %w", err)
	}
	c, err := s.codeOf(ctx, SNSCode, Program{Provider: provider, AppID: appID}, code)
	if err != nil {
		return Person{}, fmt.Errorf("oauth.SNSPerson: %w", err)
	}
	v := c.Client.viewer()
	who, err := s.spend(ctx, v, c)
	if err != nil {
		return Person{}, fmt.Errorf("oauth.SNSPerson: %w", err)
	}
	openID, err := s.people.OpenID(ctx, v, appID, who.Ordinal)
	if err != nil {
		return Person{}, fmt.Errorf("oauth.SNSPerson: %w", err)
	}
	return Person{Name: who.Name, UnionID: who.UnionID, OpenID: openID}, nil
}

// Visitor takes a PageCode and returns who has opened the page of an app. It fails with
// CodeAuthCodeInvalid as SNSPerson does.
func (s *Service) Visitor(ctx context.Context, c app.Caller, code string) (directory.Contact, error) {
	made, err := s.codeFor(ctx, PageCode, c.Organization, c.AppID, code)
	if err != nil {
		return directory.Contact{}, fmt.Errorf("oauth.Visitor: %w", err)
	}
	who, err := s.spend(ctx, directory.Viewer{Organization: c.Organization, Within: c.Range, Provider: c.Provider}, made)
	if err != nil {
		return directory.Contact{}, fmt.Errorf("oauth.Visitor: %w", err)
	}
	return who, nil
}

// spend uses a code of which no tokens come, and returns whose it is.
func (s *Service) spend(ctx context.Context, v directory.Viewer, c Code) (directory.Contact, error) {
	who, found, err := s.living(ctx, v, c.Userid, c.Ordinal)
	if err != nil {
		return directory.Contact{}, err
	}
	used, err := s.store.SpendCode(ctx, v.Organization, c.ID, s.at())
	if err != nil {
		return directory.Contact{}, err
	}
	if !used || !found {
		return directory.Contact{}, codeInvalid()
	}
	return who, nil
}

// PageTicket returns what the page of an installed app signs its own configuration with:
// always the same. Nothing here checks such signatures.
func (s *Service) PageTicket(ctx context.Context, c app.Caller) (string, error) {
	ticket, err := s.people.PageTicket(ctx, c.Organization, c.AgentID)
	if err != nil {
		return "", fmt.Errorf("oauth.PageTicket: %w", err)
	}
	return ticket, nil
}
