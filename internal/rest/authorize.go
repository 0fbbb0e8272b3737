package rest

import (
	"context"
	"slices"
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
		"signed in there with this browser. app_unknown for a client_id that is no app's in use, parameter_invalid with its field for " +
		"anything that is not in order; then the browser must not go to the redirect_uri. To a third-party app people sign in who are signed in to an organization that " +
		"has it installed: of several, corp_id says which."
	authorizeText = "Notes the person's consent and makes a code for the program, which is good for 5 minutes and once. Takes a session: an API token is refused. " +
		"Fails as describeAuthorization does, with not_installed where the organization has not got a third-party app, and with user_outside_range for whom the app is not for."
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
	Organization Organization `json:"organization" doc:"Whose people may sign in: the app's organization, of a third-party app the one that person is of; empty where nobody is signed in to one."`
	ThirdParty   bool         `json:"third_party" doc:"It is a third-party app: the people of every organization that has it installed may sign in."`
	Provider     Organization `json:"provider" doc:"The organization that the app belongs to."`
	Told         []string     `json:"told" doc:"What the program would be told: openid (name and ids), contact (mobile and mail), corpid (the organization)."`
	Host         string       `json:"host" doc:"Where the browser goes with the answer."`
	Asks         bool         `json:"asks" doc:"The person has to be asked; false for one who has allowed just this before."`
	Outside      bool         `json:"outside" doc:"The app is not for whoever is signed in."`
	Missing      bool         `json:"missing" doc:"No organization that the browser is signed in to has the third-party app installed, or it is switched off there."`
	CancelURL    string       `json:"cancel_url" doc:"Where the browser goes when the person refuses."`
	Person       *SignedIn    `json:"person" doc:"Who is signed in to the organization with this browser; null when nobody is."`
	Others       []SignedIn   `json:"others" doc:"Who else may sign in with this browser: people of other organizations that have the third-party app installed."`
}

// DescribeAuthorizationRequest is the body of describeAuthorization.
type DescribeAuthorizationRequest struct {
	AuthorizationRequest
	CorpID string `json:"corp_id,omitempty" maxLength:"64" doc:"Of several organizations that have a third-party app installed, the one to sign in with; the first without it."`
}

type (
	authorizationRequest struct{ Body AuthorizationRequest }
	describeRequest      struct{ Body DescribeAuthorizationRequest }
	authorizationAnswer  struct{ Body Authorization }
)

// describe needs no credential: what it tells of the app stands on the page.
func (a *authorizations) describe(ctx context.Context, v *route.Visit, in *describeRequest) (*authorizationAnswer, error) {
	r := in.Body.request()
	d, err := a.signIns.Describe(ctx, r, nil)
	if err != nil {
		return nil, err
	}
	provider, err := a.organization(ctx, d.Program.Provider)
	if err != nil {
		return nil, err
	}
	one := Authorization{
		AppName: d.Program.Name, Provider: provider, ThirdParty: d.Program.ThirdParty, Told: d.Told, Host: d.Host, Asks: true, CancelURL: d.Cancel, Others: []SignedIn{},
	}
	held := v.Held.Of(d.Program.Provider)
	if one.ThirdParty {
		held = v.Held.First()
	} else {
		one.Organization = provider
	}
	all, err := a.signedIn(ctx, held)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := a.offer(ctx, &one, r, &all[i], in.Body.CorpID); err != nil {
			return nil, err
		}
	}
	one.Missing = len(all) > 0 && one.Person == nil
	return &authorizationAnswer{one}, nil
}

// offer adds somebody who is signed in to those who may go on: as the one who is shown,
// or, where that is another one, to the others. Whose organization has not got the app
// is left out.
func (a *authorizations) offer(ctx context.Context, one *Authorization, r oauth.Request, who *account.Viewer, corpID string) error {
	d, err := a.signIns.Describe(ctx, r, &oauth.Viewer{Organization: who.Organization, Ordinal: who.Ordinal, Userid: who.Userid})
	if err != nil || d.Missing {
		return err
	}
	o, err := a.organization(ctx, who.Organization)
	if err != nil {
		return err
	}
	person := SignedIn{CorpID: o.CorpID, OrganizationName: o.Name, Userid: who.Userid, Name: who.Name}
	switch {
	case one.Person == nil:
	case o.CorpID == corpID:
		one.Others = append(one.Others, *one.Person)
	default:
		one.Others = append(one.Others, person)
		return nil
	}
	one.Person, one.Organization = &person, o
	one.Told, one.Asks, one.Outside = d.Told, d.Asks, d.Outside
	return nil
}

func (a *authorizations) organization(ctx context.Context, id int64) (Organization, error) {
	o, err := a.organizations.Organization(ctx, id)
	return Organization{CorpID: o.CorpID, Name: o.Name}, err
}

// signedIn returns whose the good ones of some sessions are, one of each organization.
func (a *authorizations) signedIn(ctx context.Context, held account.HeldList) (all []account.Viewer, err error) {
	for _, h := range held {
		if slices.ContainsFunc(all, func(v account.Viewer) bool { return v.Organization == h.Organization }) {
			continue
		}
		v, good, err := route.Session(ctx, a.accounts, h)
		if err != nil {
			return nil, err
		}
		if good {
			all = append(all, v)
		}
	}
	return all, nil
}

// Authorized is the answer of authorize.
type Authorized struct {
	RedirectURL string `json:"redirect_url" doc:"Where the browser goes, with the code."`
}

type authorizedAnswer struct{ Body Authorized }

// authorize lets nobody use an API token to become somebody in another program.
func (a *authorizations) authorize(ctx context.Context, v *route.Visit, in *authorizationRequest) (*authorizedAnswer, error) {
	if err := needsSession(v, "signing in to a program takes a session"); err != nil {
		return nil, err
	}
	to, err := a.signIns.Authorize(ctx, in.Body.request(), signingIn(v))
	if err != nil {
		return nil, err
	}
	return &authorizedAnswer{Authorized{to}}, nil
}

func needsSession(v *route.Visit, why string) error {
	if !v.Viewer.Credential.Session {
		return fault.New(fault.CodePermissionDenied, "%s", why)
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
