package oauth

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// Person is who a user token stands for, as far as they have allowed it to be told.
type Person struct {
	Name    string
	UnionID string // the same in all apps of the organization that the app belongs to
	OpenID  string // of this app alone
	Mobile  string // as the directory has it; "" for none, and for a third-party app
	Email   string // likewise
}

// Me returns who a user token stands for. It fails with CodeTokenMissing for "", with
// CodeTokenInvalid for one that is malformed, unknown or has ended, and with
// CodePermissionDenied when the app has not the scope that it takes to read contacts, or
// an internal app had it not when the person consented.
func (s *Service) Me(ctx context.Context, token string) (Person, error) {
	if token == "" {
		return Person{}, fault.New(fault.CodeTokenMissing, "a user token is required")
	}
	organization, id, ok := account.ParseValue(tokenPrefix, token)
	if !ok {
		return Person{}, tokenInvalid()
	}
	t, found, err := s.store.Token(ctx, organization, id)
	if err != nil {
		return Person{}, fmt.Errorf("oauth.Me: %w", err)
	}
	if !found || !same(t.Hash, token) || !s.now().Before(t.ExpiresAt) {
		return Person{}, tokenInvalid()
	}
	if !t.Client.ThirdParty && !slices.Contains(t.Told, ToldContact) || !slices.Contains(t.Client.Scopes, s.contacts) {
		return Person{}, fault.New(fault.CodePermissionDenied, "the app lacks the scope %s", s.contacts).WithField(s.contacts)
	}
	v := t.Client.viewer()
	who, found, err := s.living(ctx, v, t.Userid, t.Ordinal)
	switch {
	case err != nil:
		return Person{}, fmt.Errorf("oauth.Me: %w", err)
	case !found:
		return Person{}, tokenInvalid()
	}
	openID, err := s.people.OpenID(ctx, v, t.AppID, t.Ordinal)
	if err != nil {
		return Person{}, fmt.Errorf("oauth.Me: %w", err)
	}
	me := Person{Name: who.Name, UnionID: who.UnionID, OpenID: openID}
	if !t.Client.ThirdParty {
		me.Mobile, me.Email = who.Mobile, who.Email
	}
	return me, nil
}

// living returns somebody whom an app may know of; false when they are gone, the app is
// not for them any more, or somebody new has the userid.
func (s *Service) living(ctx context.Context, v directory.Viewer, userid string, ordinal uint32) (directory.Contact, bool, error) {
	who, err := s.people.Contact(ctx, v, userid)
	if fault.Is(err, fault.CodeUserUnknown) || fault.Is(err, fault.CodeUserDisabled) || fault.Is(err, fault.CodeUserOutside) {
		return directory.Contact{}, false, nil
	}
	return who, err == nil && who.Ordinal == ordinal, err
}

func tokenInvalid() error {
	return fault.New(fault.CodeTokenInvalid, "the user token is not valid or has expired")
}
