package dingtalk_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
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

// SNSPerson takes the code sns-1.
func (fakeSignIns) SNSPerson(_ context.Context, p app.SuiteProof, code string) (oauth.Person, error) {
	if p.Key != "key-1" || p.Timestamp != "1" || p.Signature != "s+1" {
		return oauth.Person{}, fault.New(fault.CodeSignatureInvalid, "no such signature")
	}
	if code != "sns-1" {
		return oauth.Person{}, fault.New(fault.CodeAuthCodeInvalid, "no such code")
	}
	return oauth.Person{Name: "Ann", UnionID: "union-1", OpenID: "open-1"}, nil
}

// Visitor takes the codes page-ROLE and page-.
func (fakeSignIns) Visitor(_ context.Context, _ app.Caller, code string) (directory.Contact, error) {
	role, ok := strings.CutPrefix(code, "page-")
	if !ok {
		return directory.Contact{}, fault.New(fault.CodeAuthCodeInvalid, "no such code")
	}
	return directory.Contact{User: directory.User{Userid: "ann", Name: "Ann", Roles: []string{role}}, UnionID: "union-1"}, nil
}

func (fakeSignIns) PageTicket(_ context.Context, c app.Caller) (string, error) {
	return fmt.Sprint("ticket-", c.AgentID), nil
}
