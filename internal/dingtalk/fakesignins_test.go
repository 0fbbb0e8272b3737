package dingtalk_test

import (
	"context"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/oauth"
)

// fakeSignIns takes the code code-1 and knows nobody; what signing in to programs comes to is tested with the
// whole server.
type fakeSignIns struct{}

func (fakeSignIns) Exchange(_ context.Context, _, _, code, _ string) (oauth.Issued, error) {
	if code == "code-1" {
		return oauth.Issued{AccessToken: "a", RefreshToken: "r", CorpID: "corp-1"}, nil
	}
	return oauth.Issued{}, fault.New(fault.CodeAuthCodeInvalid, "no such code")
}

func (fakeSignIns) Refresh(context.Context, string, string, string) (oauth.Issued, error) {
	return oauth.Issued{}, fault.New(fault.CodeAuthCodeInvalid, "no such token")
}

func (fakeSignIns) Me(_ context.Context, token string) (oauth.Person, error) {
	if token == "" {
		return oauth.Person{}, fault.New(fault.CodeTokenMissing, "no token")
	}
	return oauth.Person{}, fault.New(fault.CodeTokenInvalid, "no such token")
}
