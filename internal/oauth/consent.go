package oauth

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// Consent is a grant as its person sees it.
type Consent struct {
	Grant
	AppName string
}

// Consents returns what a person has allowed, newest first.
func (s *Service) Consents(ctx context.Context, organization int64, ordinal uint32) ([]Consent, error) {
	all, err := s.store.Grants(ctx, organization, ordinal)
	if err != nil {
		return nil, fmt.Errorf("oauth.Consents: %w", err)
	}
	return all, nil
}

// Withdraw ends what a person has allowed an app, with its codes and tokens. Having
// allowed it nothing is fine.
func (s *Service) Withdraw(ctx context.Context, organization int64, ordinal uint32, appID int64) error {
	if err := s.store.Withdraw(ctx, organization, ordinal, appID); err != nil {
		return fmt.Errorf("oauth.Withdraw: %w", err)
	}
	return nil
}

// RedirectURIs returns the addresses that an app declares, sorted.
func (s *Service) RedirectURIs(ctx context.Context, organization, appID int64) ([]string, error) {
	list, err := s.store.RedirectURIs(ctx, organization, appID)
	if err != nil {
		return nil, fmt.Errorf("oauth.RedirectURIs: %w", err)
	}
	return list, nil
}

// SetRedirectURIs replaces the addresses that an app declares and returns them as they
// are stored. Fails with CodeAppUnknown, and with CodeParameterInvalid as CleanRedirectURI
// does and for more than MaxRedirectURIs.
func (s *Service) SetRedirectURIs(ctx context.Context, by audit.By, organization, appID int64, list []string) ([]string, error) {
	return s.changeRedirectURIs(ctx, by, organization, appID, func([]string) []string { return list })
}

// AddRedirectURI is SetRedirectURIs with one more address.
func (s *Service) AddRedirectURI(ctx context.Context, by audit.By, organization, appID int64, address string) ([]string, error) {
	return s.changeRedirectURIs(ctx, by, organization, appID, func(list []string) []string { return append(list, address) })
}

// RemoveRedirectURI is SetRedirectURIs with one less. Fails with CodeNotFound when the app
// does not declare it.
func (s *Service) RemoveRedirectURI(ctx context.Context, by audit.By, organization, appID int64, address string) ([]string, error) {
	found := false
	list, err := s.changeRedirectURIs(ctx, by, organization, appID, func(list []string) []string {
		return slices.DeleteFunc(list, func(one string) bool {
			found = found || one == address
			return one == address
		})
	})
	if err == nil && !found {
		return nil, fault.New(fault.CodeNotFound, "the app does not declare this address").WithField("redirect_uri")
	}
	return list, err
}

func (s *Service) changeRedirectURIs(
	ctx context.Context, by audit.By, organization, appID int64, change func([]string) []string,
) ([]string, error) {
	e := audit.Entry{
		Organization: organization, At: s.at(), By: by, Action: audit.AppSave,
		Details: audit.Details{"changed": audit.Changed(map[string]bool{"redirect_uris": true})},
	}
	list, err := s.store.ChangeRedirectURIs(ctx, organization, appID, e, func(before []string) ([]string, error) {
		clean := []string{}
		for _, address := range change(before) {
			one, err := CleanRedirectURI(address)
			if err != nil {
				return nil, err
			}
			clean = append(clean, one)
		}
		slices.Sort(clean)
		if clean = slices.Compact(clean); len(clean) > MaxRedirectURIs {
			return nil, fault.New(fault.CodeParameterInvalid, "an app declares at most %d addresses", MaxRedirectURIs).
				WithField("redirect_uris").WithLimit(MaxRedirectURIs, int64(len(clean)))
		}
		return clean, nil
	})
	if err != nil {
		return nil, fmt.Errorf("oauth: %w", err)
	}
	return list, nil
}
