package rest

import (
	"context"
	"net/http"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/signin"
)

// SignInFlow signs people in at providers, with their browsers.
type SignInFlow interface {
	// Begin fails with CodeNotFound for a source that nobody can sign in with, and with
	// CodeSignInSourceDown. So does BeginTrial.
	Begin(ctx context.Context, b signin.Begin) (signin.Begun, error)
	BeginTrial(ctx context.Context, organization int64, tester uint32, b signin.Begin) (signin.Begun, error)
	// Tried fails with CodeSignInExpired.
	Tried(ctx context.Context, by audit.By, organization int64, source, sealed string) (signin.Trial, error)
	Return(ctx context.Context, by audit.By, r signin.Return) (signin.Returned, error)
}

// offeredSources are what people sign in with.
type offeredSources interface {
	Offered(ctx context.Context, organization int64) ([]signin.Source, error)
}

// providers is signing in with accounts of elsewhere.
type providers struct {
	flow          SignInFlow
	sources       offeredSources
	organizations Organizations
	tries         tryCookies
}

func (p *providers) routes(r route.Table) {
	route.JSON(r, route.Get("listSignInWays", "/sign-in", "List what people sign in with", signInWaysText), policy.Open, p.list)
	route.JSON(r, route.Post("beginSignIn", "/sign-in/begin", "Begin to sign in at a provider", beginSignInText), policy.Open, p.begin)
}

const (
	signInWaysText = "The sign-in sources of an organization that are on, by name. Without org, those of the only organization. Empty where there are none, for an " +
		"organization that is not there, and where there are several and none is named: which there are is nobody's to know."
	beginSignInText = "Answers where the browser goes, and sets a cookie that it brings back from there to /sign-in/SOURCE/callback, within 10 minutes. Then it is signed in and " +
		"sent to return_to, or, when that fails, to /o/CORPID, with the code of the refusal in the fragment: #signin_refused, signin_expired, signin_elsewhere, " +
		"signin_source_down, signin_off, signin_throttled (with &minutes=) or signin_waiting (with &shown=, &source= and &ref=), and &return_to=. Nothing is stored. " +
		"not_found for a source that is not there or not on."
)

// SignInWays is the answer of listSignInWays.
type SignInWays struct {
	Sources []SignInWay `json:"sources" doc:"The sources, by name."`
}

// SignInWay is something that people sign in with.
type SignInWay struct {
	Source string `json:"source" doc:"Names the source in beginSignIn."`
	Kind   string `json:"kind" enum:"oidc" doc:"oidc: beginSignIn sends the browser to a provider."`
	Name   string `json:"name" doc:"What people know it by, such as Company account."`
}

// BeginSignInRequest is the body of beginSignIn.
type BeginSignInRequest struct {
	Source   string `json:"source" maxLength:"64" doc:"A source of listSignInWays."`
	ReturnTo string `json:"return_to,omitempty" maxLength:"2048" doc:"Where the browser goes afterwards: a path of this server with its query and fragment, such as /console/apps. Anything that might lead elsewhere counts as /."`
}

// SignInBegun is where the browser goes.
type SignInBegun struct {
	URL string `json:"url" doc:"The provider's page."`
}

type (
	waysRequest struct {
		Org string `query:"org" maxLength:"64" doc:"The corp id of an organization."`
	}
	waysAnswer         struct{ Body SignInWays }
	beginSignInRequest struct {
		Cookie string `header:"Cookie" hidden:"true"`
		Body   BeginSignInRequest
	}
	beginSignInAnswer struct {
		SetCookie []http.Cookie `header:"Set-Cookie"`
		Body      SignInBegun
	}
)

// list answers anybody, and tells an organization that is not there from one without
// sources in no way.
func (p *providers) list(ctx context.Context, _ *route.Visit, in *waysRequest) (*waysAnswer, error) {
	out := &waysAnswer{SignInWays{Sources: []SignInWay{}}}
	o, err := p.organization(ctx, in.Org)
	if err != nil || o.ID == 0 {
		return out, err
	}
	all, err := p.sources.Offered(ctx, o.ID)
	for _, s := range all {
		out.Body.Sources = append(out.Body.Sources, SignInWay{Source: s.ID, Kind: s.Kind, Name: s.Name})
	}
	return out, err
}

// organization returns the one that is named, or the only one; a zero one where there is
// none.
func (p *providers) organization(ctx context.Context, corpID string) (directory.Organization, error) {
	if corpID == "" {
		o, _ := p.organizations.Only()
		return o, nil
	}
	o, err := p.organizations.ByCorpID(ctx, corpID)
	if fault.Is(err, fault.CodeOrganizationUnknown) {
		return directory.Organization{}, nil
	}
	return o, err
}

// begin needs no credential: it is how somebody gets one.
func (p *providers) begin(ctx context.Context, _ *route.Visit, in *beginSignInRequest) (*beginSignInAnswer, error) {
	begun, err := p.flow.Begin(ctx, signin.Begin{Source: in.Body.Source, ReturnTo: in.Body.ReturnTo, Tries: p.tries.kept([]string{in.Cookie})})
	if err != nil {
		return nil, err
	}
	return p.begun(begun), nil
}

func (p *providers) begun(b signin.Begun) *beginSignInAnswer {
	out := &beginSignInAnswer{Body: SignInBegun{b.URL}}
	out.SetCookie = append(out.SetCookie, p.tries.keep(b.Keep))
	for _, name := range b.Drop {
		out.SetCookie = append(out.SetCookie, p.tries.drop(name))
	}
	return out
}
