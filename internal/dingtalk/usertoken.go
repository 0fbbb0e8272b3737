package dingtalk

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/oauth"
)

// SignIns signs people in to programs (docs/contract.md#sign-in).
type SignIns interface {
	Exchange(ctx context.Context, key, secret, code, verifier string) (oauth.Issued, error)
	Refresh(ctx context.Context, key, secret, refresh string) (oauth.Issued, error)
	// Me returns who a user token stands for; an app's access token is none.
	Me(ctx context.Context, token string) (oauth.Person, error)
	// SNSPerson and Visitor take the codes of the other two kinds.
	SNSPerson(ctx context.Context, p app.SuiteProof, code string) (oauth.Person, error)
	Visitor(ctx context.Context, c app.Caller, code string) (directory.Contact, error)
	PageTicket(ctx context.Context, c app.Caller) (string, error)
}

// tokenHeader is where the newer wire takes a token from, and nowhere else.
const tokenHeader = "X-Acs-Dingtalk-Access-Token"

// signIns are the calls of a program that people sign in to.
func signIns() []route {
	return []route{
		{
			path: "/v1.0/oauth2/userAccessToken", methods: []string{http.MethodPost}, maxBody: smallBody, style: modern,
			bodyOnly: true, serve: (*call).userAccessToken,
		},
		{
			path: "/v1.0/contact/users/me", methods: []string{http.MethodGet}, maxBody: smallBody, style: modern,
			serve: (*call).usersMe, requires: "Contact.User.Read",
		},
	}
}

// userAccessToken serves /v1.0/oauth2/userAccessToken.
func (c *call) userAccessToken() error {
	key, err := c.args.required("clientId")
	if err != nil {
		return err
	}
	secret, err := c.args.required("clientSecret")
	if err != nil {
		return err
	}
	grant, err := c.args.required("grantType")
	if err != nil {
		return err
	}
	var issued oauth.Issued
	switch grant {
	case "authorization_code":
		issued, err = c.exchange(key, secret)
	case "refresh_token":
		issued, err = c.refresh(key, secret)
	default:
		err = fault.New(fault.CodeGrantTypeUnknown, "grantType must be authorization_code or refresh_token").WithField("grantType")
	}
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("accessToken", issued.AccessToken)
		o.text("refreshToken", issued.RefreshToken)
		o.int("expireIn", int64(issued.ExpiresIn/time.Second))
		o.text("corpId", issued.CorpID)
	})
}

func (c *call) exchange(key, secret string) (oauth.Issued, error) {
	code, err := c.args.required("code")
	if err != nil {
		return oauth.Issued{}, err
	}
	verifier, err := c.args.text("codeVerifier")
	if err != nil {
		return oauth.Issued{}, err
	}
	return c.SignIns.Exchange(c.r.Context(), key, secret, code, verifier)
}

func (c *call) refresh(key, secret string) (oauth.Issued, error) {
	refresh, err := c.args.required("refreshToken")
	if err != nil {
		return oauth.Issued{}, err
	}
	return c.SignIns.Refresh(c.r.Context(), key, secret, refresh)
}

// usersMe serves /v1.0/contact/users/me.
func (c *call) usersMe() error {
	who, err := c.SignIns.Me(c.r.Context(), c.headerToken())
	if err != nil {
		return err
	}
	state, mobile := splitMobile(who.Mobile)
	return c.ok(func(o *object) {
		o.text("nick", who.Name)
		o.text("unionId", who.UnionID)
		o.text("openId", who.OpenID)
		o.text("avatarUrl", "") // people have no pictures
		o.text("mobile", mobile)
		o.text("stateCode", state)
		o.text("email", who.Email)
		o.bool("visitor", false)
	})
}

// headerToken is the token of the newer wire, "" where there is none or more than one.
func (c *call) headerToken() string {
	if all := c.r.Header.Values(tokenHeader); len(all) == 1 {
		return strings.TrimSpace(all[0])
	}
	return ""
}

// splitMobile takes the prefix of China off a mobile, which a mobile without any has as
// well. How long those of other countries are a number does not say.
func splitMobile(text string) (state, mobile string) {
	const china, digits = "86", 11
	mobile = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(text)
	rest := strings.TrimPrefix(mobile, "+"+china)
	if len(rest) == digits && rest[0] == '1' {
		return china, rest
	}
	return "", mobile
}
