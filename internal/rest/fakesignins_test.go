package rest_test

import (
	"context"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/oauth"
)

// signIns is a program of each organization; what signing in to one comes to is tested
// with the whole server.
type signIns struct{ *house }

func (s signIns) Describe(context.Context, oauth.Request, *oauth.Viewer) (oauth.Description, error) {
	return oauth.Description{Program: oauth.Program{Provider: 1, Name: "News"}}, s.note("describe authorization")
}

func (s signIns) Authorize(_ context.Context, _ oauth.Request, v oauth.Viewer) (string, error) {
	return "https://example.com/callback?code=" + secret(v.Organization), s.note("authorize")
}

func (s signIns) Consents(_ context.Context, organization int64, _ uint32) ([]oauth.Consent, error) {
	return []oauth.Consent{{AppName: secret(organization)}}, s.note("consents")
}

func (s signIns) Withdraw(context.Context, int64, uint32, int64) error { return s.note("withdraw") }

func (s signIns) RedirectURIs(_ context.Context, organization, _ int64) ([]string, error) {
	return []string{secret(organization)}, s.note("redirect uris")
}

func (s signIns) SetRedirectURIs(_ context.Context, _ audit.By, _, _ int64, list []string) ([]string, error) {
	return list, s.note("set redirect uris")
}

func (s signIns) PageCode(_ context.Context, _ oauth.PageRequest, v oauth.Viewer) (string, error) {
	return secret(v.Organization), s.note("page code")
}
