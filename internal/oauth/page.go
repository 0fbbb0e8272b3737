package oauth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"net/url"
	"strings"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// Page is what people open of an installed app, internal or third-party.
type Page struct {
	AppID    int64
	Provider int64 // the organization that the app belongs to
	Key      string
	URL      string          // "" for an app without a page
	Range    directory.Range // who may open it
}

// PageRequest is what a window asks the inbox for that opened it.
type PageRequest struct {
	AgentID  int64
	Origin   string // the window's, as the browser says it
	ClientID string // the app's key, "" where the page does not say for which app it asks
	Kind     string // of the code: PageCode, which "" is as well, or OperateCode
}

// PageCode makes a code by which an app learns who has opened its page, or sends for
// them. Nobody is asked: the app is one that the organization has installed, and the
// person has opened it. It fails with CodeAgentUnknown for an app that is not installed or is switched off, with
// CodePermissionDenied for a window that is not the app's page or a key that is not the
// app's, and with CodeUserOutside for whom the app is not for.
func (s *Service) PageCode(ctx context.Context, r PageRequest, v Viewer) (string, error) {
	page, err := s.store.Page(ctx, v.Organization, r.AgentID)
	if err != nil {
		return "", fmt.Errorf("oauth.PageCode: %w", err)
	}
	if origin := PageOrigin(page.URL); origin == "" || origin != r.Origin {
		return "", fault.New(fault.CodePermissionDenied, "the window is not at the app's page address").WithField("origin")
	}
	if r.ClientID != "" && r.ClientID != page.Key {
		return "", fault.New(fault.CodePermissionDenied, "the page asks for a code of another app").WithField("client_id")
	}
	within := directory.Viewer{Organization: v.Organization, Within: page.Range, Provider: page.Provider}
	if _, err := s.people.Contact(ctx, within, v.Userid); err != nil {
		return "", fmt.Errorf("oauth.PageCode: %w", err)
	}
	id, value := account.NewValue(codePrefix, v.Organization)
	now := s.at()
	c := Code{
		Grant: Grant{Organization: v.Organization, Ordinal: v.Ordinal, AppID: page.AppID, RedirectURI: r.Origin, Told: []string{ToldName}, CreatedAt: now},
		ID:    id, Hash: sha256.Sum256([]byte(value)), Kind: cmp.Or(r.Kind, PageCode), ExpiresAt: now.Add(CodeLife),
	}
	if err := s.store.AddPageCode(ctx, c, r.AgentID, now.Add(-keepCode)); err != nil {
		return "", fmt.Errorf("oauth.PageCode: %w", err)
	}
	return value, nil
}

// ParseOperateCode reads an OperateCode that an app of an organization was given. Whether
// it is a good one says the send that spends it. Fails with CodeAuthCodeInvalid for a text
// that can be none.
func ParseOperateCode(organization int64, value string) (id string, hash [sha256.Size]byte, err error) {
	of, id, ok := account.ParseValue(codePrefix, value)
	if !ok || of != organization {
		return "", hash, codeInvalid()
	}
	return id, sha256.Sum256([]byte(value)), nil
}

// PageOrigin returns the origin of an app's page as browsers write it, such as
// https://app.example.com:8443, or "" where the page gets no codes: it is reached in the
// clear from another machine, or its host is not written in ASCII.
func PageOrigin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Opaque != "" {
		return ""
	}
	u.Host = strings.ToLower(u.Host)
	if u.Scheme != "https" && u.Scheme != "http" || cleanHost(u) != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
