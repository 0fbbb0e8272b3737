package rest

import (
	"context"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// SignIns signs people in to programs.
type SignIns interface {
	Describe(ctx context.Context, r oauth.Request, viewer *oauth.Viewer) (oauth.Description, error)
	Authorize(ctx context.Context, r oauth.Request, v oauth.Viewer) (string, error)
	PageCode(ctx context.Context, r oauth.PageRequest, v oauth.Viewer) (string, error)
	Consents(ctx context.Context, organization int64, ordinal uint32) ([]oauth.Consent, error)
	Withdraw(ctx context.Context, organization int64, ordinal uint32, appID int64) error
	redirectRoom
}

// redirectRoom keeps the addresses that apps declare.
type redirectRoom interface {
	RedirectURIs(ctx context.Context, organization, appID int64) ([]string, error)
	SetRedirectURIs(ctx context.Context, by audit.By, organization, appID int64, list []string) ([]string, error)
}

// authorizations is signing in to programs, and what people have allowed them.
type authorizations struct {
	signIns       SignIns
	accounts      route.Credentials
	organizations Organizations
}

func (a *authorizations) routes(r route.Table) {
	route.JSON(r, route.Post("describeAuthorization", "/authorizations/describe", "Tell what a program asks for", describeAuthorizationText), policy.Open, a.describe)
	route.JSON(r, route.Created(route.Post("authorize", "/authorizations", "Sign in to a program", authorizeText)), policy.ConsentsGive, a.authorize)
	route.JSON(r, route.Created(route.Post("makePageCode", "/page-codes", "Tell an app's page who has opened it", pageCodeText)), policy.PageCodesMake, a.pageCode)
	route.JSON(r, route.Get("listConsents", "/consents", "List the programs one has signed in to", consentsText), policy.ConsentsRead, a.list)
	route.JSON(r, route.Empty(route.Delete("withdrawConsent", "/consents/{id}", "Withdraw a consent", withdrawText)), policy.ConsentsWithdraw, a.withdraw)
}

const (
	describeAuthorizationText = "What the page shows that a program sends people to: which app asks, of which organization, what it would be told, and who is " +
		"signed in there with this browser. app_unknown for a client_id that is no internal app's in use, parameter_invalid with its field for " +
		"anything that is not in order; then the browser must not go to the redirect_uri."
	authorizeText = "Notes the person's consent and makes a code for the program, which is good for 5 minutes and once. Takes a session: an API token is refused. " +
		"Fails as describeAuthorization does, and with user_outside_range for whom the app is not for."
	consentsText = "What the person has allowed programs to be told, newest first."
	withdrawText = "Ends the consent and every sign-in to that program, at once. Withdrawing it again is fine."
)

// AuthorizationRequest is the body of describeAuthorization and authorize: the query of the
// page's address.
type AuthorizationRequest struct {
	Kind                string `json:"kind,omitempty" enum:"authCode,sns" doc:"Which code it asks for: authCode of /oauth2/auth, which is meant without it, or sns of /connect/qrconnect."`
	ClientID            string `json:"client_id" maxLength:"64" doc:"The app_key of the app."`
	RedirectURI         string `json:"redirect_uri" maxLength:"2048" doc:"Where the browser goes with the answer: an address that the app declares, with any query."`
	ResponseType        string `json:"response_type" maxLength:"64" doc:"code."`
	Scope               string `json:"scope,omitempty" maxLength:"1024" doc:"openid, and corpid for a program that wants to know the organization; snsapi_login or snsapi_auth with the kind sns. Other words count for nothing."`
	State               string `json:"state,omitempty" maxLength:"2048" doc:"Goes back to the program as it came."`
	Prompt              string `json:"prompt,omitempty" maxLength:"64" doc:"consent asks even whoever has consented before."`
	CodeChallenge       string `json:"code_challenge,omitempty" maxLength:"128" doc:"Of RFC 7636; the program shows the verifier with the code."`
	CodeChallengeMethod string `json:"code_challenge_method,omitempty" maxLength:"16" doc:"S256."`
}

func (r AuthorizationRequest) request() oauth.Request {
	return oauth.Request{
		Kind: r.Kind, ClientID: r.ClientID, RedirectURI: r.RedirectURI, ResponseType: r.ResponseType, Scope: r.Scope, State: r.State, Prompt: r.Prompt,
		CodeChallenge: r.CodeChallenge, CodeChallengeMethod: r.CodeChallengeMethod,
	}
}

// Authorization is what a program asks for.
type Authorization struct {
	AppName      string       `json:"app_name" doc:"The app's name."`
	Organization Organization `json:"organization" doc:"The app's organization, whose people may sign in."`
	Told         []string     `json:"told" doc:"What the program would be told: openid (name and ids), contact (mobile and mail), corpid (the organization)."`
	Host         string       `json:"host" doc:"Where the browser goes with the answer."`
	Asks         bool         `json:"asks" doc:"The person has to be asked; false for one who has allowed just this before."`
	Outside      bool         `json:"outside" doc:"The app is not for whoever is signed in."`
	CancelURL    string       `json:"cancel_url" doc:"Where the browser goes when the person refuses."`
	Person       *SignedIn    `json:"person" doc:"Who is signed in to the organization with this browser; null when nobody is."`
}

type (
	authorizationRequest struct{ Body AuthorizationRequest }
	authorizationAnswer  struct{ Body Authorization }
)

// describe needs no credential: what it tells of the app stands on the page.
func (a *authorizations) describe(ctx context.Context, v *route.Visit, in *authorizationRequest) (*authorizationAnswer, error) {
	d, err := a.signIns.Describe(ctx, in.Body.request(), nil)
	if err != nil {
		return nil, err
	}
	o, err := a.organizations.Organization(ctx, d.Client.Organization)
	if err != nil {
		return nil, err
	}
	one := Authorization{AppName: d.Client.Name, Organization: Organization{CorpID: o.CorpID, Name: o.Name}, Told: d.Told, Host: d.Host, Asks: true, CancelURL: d.Cancel}
	who, err := a.signedIn(ctx, v.Held.Of(d.Client.Organization))
	if err != nil || who == nil {
		return &authorizationAnswer{one}, err
	}
	d, err = a.signIns.Describe(ctx, in.Body.request(), &oauth.Viewer{Organization: who.Organization, Ordinal: who.Ordinal, Userid: who.Userid})
	one.Asks, one.Outside = d.Asks, d.Outside
	one.Person = &SignedIn{CorpID: o.CorpID, OrganizationName: o.Name, Userid: who.Userid, Name: who.Name}
	return &authorizationAnswer{one}, err
}

// signedIn returns whose the first good one of some sessions is; nil for nobody.
func (a *authorizations) signedIn(ctx context.Context, held account.HeldList) (*account.Viewer, error) {
	for _, h := range held {
		v, good, err := route.Session(ctx, a.accounts, h)
		if good || err != nil {
			return &v, err
		}
	}
	return nil, nil
}

// Authorized is the answer of authorize.
type Authorized struct {
	RedirectURL string `json:"redirect_url" doc:"Where the browser goes, with the code."`
}

type authorizedAnswer struct{ Body Authorized }

// authorize lets nobody use an API token to become somebody in another program.
func (a *authorizations) authorize(ctx context.Context, v *route.Visit, in *authorizationRequest) (*authorizedAnswer, error) {
	if err := needsSession(v); err != nil {
		return nil, err
	}
	to, err := a.signIns.Authorize(ctx, in.Body.request(), signingIn(v))
	if err != nil {
		return nil, err
	}
	return &authorizedAnswer{Authorized{to}}, nil
}

func needsSession(v *route.Visit) error {
	if !v.Viewer.Credential.Session {
		return fault.New(fault.CodePermissionDenied, "signing in to a program takes a session")
	}
	return nil
}

func signingIn(v *route.Visit) oauth.Viewer {
	return oauth.Viewer{Organization: v.Viewer.Organization, Ordinal: v.Viewer.Ordinal, Userid: v.Viewer.Userid}
}

// Consent is what the person has allowed a program.
type Consent struct {
	ConsentID   string    `json:"consent_id" doc:"Names the consent."`
	AppName     string    `json:"app_name" doc:"The app's name."`
	Told        []string  `json:"told" doc:"What the program may be told, as in describeAuthorization."`
	RedirectURI string    `json:"redirect_uri" doc:"The address that it was given for."`
	CreatedAt   time.Time `json:"created_at" doc:"When the person consented last."`
}

// Consents is the answer of listConsents.
type Consents struct {
	Items []Consent `json:"items" doc:"The consents, newest first."`
}

type consentsAnswer struct{ Body Consents }

func (a *authorizations) list(ctx context.Context, v *route.Visit, _ *struct{}) (*consentsAnswer, error) {
	all, err := a.signIns.Consents(ctx, v.Viewer.Organization, v.Viewer.Ordinal)
	if err != nil {
		return nil, err
	}
	items := make([]Consent, 0, len(all))
	for _, one := range all {
		items = append(items, Consent{
			ConsentID: strconv.FormatInt(one.AppID, 10), AppName: one.AppName, Told: one.Told, RedirectURI: one.RedirectURI, CreatedAt: one.CreatedAt,
		})
	}
	return &consentsAnswer{Consents{items}}, nil
}

type withdrawRequest struct {
	ID string `path:"id" pattern:"^[0-9]{1,16}$" doc:"A consent_id of the list."`
}

func (a *authorizations) withdraw(ctx context.Context, v *route.Visit, in *withdrawRequest) (*struct{}, error) {
	appID, _ := strconv.ParseInt(in.ID, 10, 64) // digits by the schema, few enough
	return nil, a.signIns.Withdraw(ctx, v.Viewer.Organization, v.Viewer.Ordinal, appID)
}
