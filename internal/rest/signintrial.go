package rest

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/signin"
)

// trials is trying a sign-in source before others sign in with it.
type trials struct {
	providers *providers
	sources   namedSources
}

type namedSources interface {
	// Named fails with CodeNotFound.
	Named(ctx context.Context, organization int64, name string) (signin.Details, error)
}

const (
	trySourceText = "Answers where the browser goes, and sets a cookie that it brings back, as beginSignIn does, for a source of any state. Nobody is signed in by it: the browser comes back to return_to, " +
		"with the code of what went wrong in the fragment, or with #tried, and then tellSignInTrial tells what the provider has said. Takes a session."
	tellTrialText = "What the provider has said of whoever tries the source with this browser, and who would be signed in. The source may be switched on then. " +
		"signin_expired where nobody has come back from it in the last 10 minutes, or its settings have changed since."
)

func (t *trials) routes(r route.Table) {
	route.JSON(r, route.Post("trySignInSource", sourcePath+"/try", "Begin to try a sign-in source", trySourceText), policy.SourcesManage, t.begin)
	route.JSON(r, route.Post("tellSignInTrial", sourcePath+"/tried", "Tell what trying a sign-in source came to", tellTrialText), policy.SourcesManage, t.tell)
}

// TrySignInSourceRequest is the body of trySignInSource.
type TrySignInSourceRequest struct {
	ReturnTo string `json:"return_to,omitempty" maxLength:"2048" doc:"Where the browser goes afterwards, as beginSignIn has it."`
}

// SignInTrial is what trying a source came to.
type SignInTrial struct {
	Claims     []SignInClaim `json:"claims" doc:"What the provider says of the person, by name, without what is no text. Of very many some are left out."`
	WouldMatch *TrialPerson  `json:"would_match" doc:"Who would be signed in; null where nobody would: the account would wait to be linked."`
}

// SignInClaim is something that a provider says of somebody.
type SignInClaim struct {
	Name  string `json:"name" doc:"As the provider calls it."`
	Value string `json:"value" doc:"What it says."`
}

// TrialPerson is somebody of the organization.
type TrialPerson struct {
	Userid string `json:"userid" doc:"The person, unique in their organization."`
	Name   string `json:"name" doc:"The person's name."`
}

type (
	tryRequest struct {
		SourcePath
		Cookie string `header:"Cookie" hidden:"true"`
		Body   TrySignInSourceRequest
	}
	tellTrialRequest struct {
		SourcePath
		Cookie string `header:"Cookie" hidden:"true"`
	}
	trialAnswer struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
		Body      SignInTrial
	}
)

func (t *trials) begin(ctx context.Context, v *route.Visit, in *tryRequest) (*beginSignInAnswer, error) {
	s, err := t.find(ctx, v, in.Name)
	if err != nil {
		return nil, err
	}
	begun, err := t.providers.flow.BeginTrial(ctx, v.Viewer.Organization, v.Viewer.Ordinal, signin.Begin{
		Source: s.ID, ReturnTo: in.Body.ReturnTo, Tries: t.providers.tries.kept([]string{in.Cookie}),
	})
	if err != nil {
		return nil, err
	}
	return t.providers.begun(begun), nil
}

func (t *trials) find(ctx context.Context, v *route.Visit, name string) (signin.Details, error) {
	if _, err := ours(v); err != nil {
		return signin.Details{}, err
	}
	s, err := t.sources.Named(ctx, v.Viewer.Organization, name)
	if err != nil {
		return signin.Details{}, err
	}
	return s, needsSession(v, "trying a sign-in source takes a session")
}

// tell has the browser forget what it brought once it was told.
func (t *trials) tell(ctx context.Context, v *route.Visit, in *tellTrialRequest) (*trialAnswer, error) {
	s, err := t.find(ctx, v, in.Name)
	if err != nil {
		return nil, err
	}
	done, err := t.providers.flow.Tried(ctx, v.Asker.By, v.Viewer.Organization, s.ID, t.providers.tries.trial([]string{in.Cookie}))
	if err != nil {
		return nil, err
	}
	out := &trialAnswer{SetCookie: t.providers.tries.cookie(trialName, "", gone), Body: SignInTrial{Claims: []SignInClaim{}}}
	for name, value := range done.Claims {
		out.Body.Claims = append(out.Body.Claims, SignInClaim{name, value})
	}
	slices.SortFunc(out.Body.Claims, func(a, b SignInClaim) int { return cmp.Compare(a.Name, b.Name) })
	if p := done.WouldMatch; p != nil {
		out.Body.WouldMatch = &TrialPerson{Userid: p.Userid, Name: p.Name}
	}
	return out, nil
}
