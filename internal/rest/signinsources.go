package rest

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/signin"
)

// Sources keeps what people sign in with. Methods that take a source's name fail with
// CodeNotFound where there is none of it.
type Sources interface {
	offeredSources
	Sources(ctx context.Context, organization int64) ([]signin.Source, error)
	Named(ctx context.Context, organization int64, name string) (signin.Details, error)
	// Create and Update fail with CodeParameterInvalid, CodeParameterMissing and CodeConflict.
	Create(ctx context.Context, by audit.By, organization int64, in signin.Input) (signin.Source, error)
	Update(ctx context.Context, by audit.By, organization int64, name string, edition int64, in signin.Input) (signin.Source, error)
	Test(ctx context.Context, organization int64, name string) ([]signin.Step, error)
	Enable(ctx context.Context, by audit.By, organization int64, name string, untested bool) (signin.Source, error)
	Disable(ctx context.Context, by audit.By, organization int64, name string, keepSessions bool) (signin.Source, error)
	linkRoom
}

// sources is the sign-in sources of an organization.
type sources struct {
	room        Sources
	redirectURI func(source string) string
}

const (
	sourcesPath = "/sign-in/sources"
	sourcePath  = sourcesPath + "/{name}"

	listSourcesText  = "By their names. What people sign in with is those whose state is on."
	createSourceText = "It is a draft: it is on when somebody has tried it and enableSignInSource was called. Its redirect_uri has to be entered at the provider. " +
		"What is wrong with a setting is parameter_invalid with its name as settings.NAME. The addresses that it names may not be private unless the operator allows it with --outbound-allow, or has made the source on the command line."
	saveSourceText = "The kind stays. A secret that is left out stays too. With other settings the source is a draft until it was tried again and enabled; whoever is signed in stays so. " +
		"Where people are linked by it, what their accounts are known by cannot change: conflict, with the setting's name. What the operator has set loses its privilege to name private addresses."
	testSourceText    = "Tries to reach what the settings name, step by step, without signing anybody in. It does not count as trying the source."
	enableSourceText  = "conflict where nobody has tried it with its present settings."
	disableSourceText = "Ends the sessions that it has begun, at once. last_way_in where no owner could sign in with a source any more; the operator may do it even so."
)

func (s *sources) routes(r route.Table) {
	route.JSON(r, route.Get("listSignInSources", sourcesPath, "List the sign-in sources", listSourcesText), policy.SourcesManage, s.list)
	route.JSON(r, route.Created(route.Post("createSignInSource", sourcesPath, "Create a sign-in source", createSourceText)), policy.SourcesManage, s.create)
	route.JSON(r, route.Get("getSignInSource", sourcePath, "Get a sign-in source", "With its settings, without its secret."), policy.SourcesManage, s.get)
	route.JSON(r, route.Put("saveSignInSource", sourcePath, "Change a sign-in source", saveSourceText), policy.SourcesManage, s.save)
	route.JSON(r, route.Post("testSignInSource", sourcePath+"/test", "Test a sign-in source", testSourceText), policy.SourcesManage, s.test)
	route.JSON(r, route.Post("enableSignInSource", sourcePath+"/enable", "Switch a sign-in source on", enableSourceText), policy.SourcesManage, s.enable)
	route.JSON(r, route.Post("disableSignInSource", sourcePath+"/disable", "Switch a sign-in source off", disableSourceText), policy.SourcesManage, s.disable)
	s.linkRoutes(r)
}

// SignInSourceList is the answer of listSignInSources.
type SignInSourceList struct {
	Items []SignInSourceSummary `json:"items" doc:"The sources."`
}

// SignInSourceSummary is a sign-in source in a list.
type SignInSourceSummary struct {
	Source   string     `json:"source" doc:"Names the source in addresses of signing in; it never changes."`
	Name     string     `json:"name" doc:"What people see; one in the organization."`
	Kind     string     `json:"kind" doc:"What speaks there, such as oidc."`
	State    string     `json:"state" enum:"draft,on,off" doc:"draft: never on, or its settings have changed since it was."`
	TestedAt *time.Time `json:"tested_at" doc:"When somebody has tried it with its present settings; null where nobody has."`
}

// SignInSource is a sign-in source without its secret.
type SignInSource struct {
	SignInSourceSummary
	Settings    SourceSettings `json:"settings" doc:"As its kind has them."`
	HasSecret   bool           `json:"has_secret" doc:"Whether it has a secret, which is never told."`
	SessionDays int            `json:"session_days" doc:"After so many days people sign in anew."`
	ByOperator  bool           `json:"by_operator" doc:"The operator has set what it names; that may be private."`
	RedirectURI string         `json:"redirect_uri" doc:"Where the provider sends people back."`
	Edition     string         `json:"edition" doc:"Counts changes; goes into saveSignInSource."`
	CreatedAt   time.Time      `json:"created_at" doc:"When it was made."`
	Identities  int            `json:"identities" doc:"How many people are linked by it."`
	Waiting     int            `json:"waiting" doc:"How many accounts wait to be linked."`
}

// SourceSettings are the settings of a source: an object.
type SourceSettings json.RawMessage

// Schema implements huma.SchemaProvider.
func (SourceSettings) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// MarshalJSON writes the object.
func (s SourceSettings) MarshalJSON() ([]byte, error) { return json.RawMessage(s).MarshalJSON() }

// UnmarshalJSON keeps the object.
func (s *SourceSettings) UnmarshalJSON(text []byte) error {
	return (*json.RawMessage)(s).UnmarshalJSON(text)
}

// SignInSourceRequest is the body of createSignInSource.
type SignInSourceRequest struct {
	Name        string         `json:"name" maxLength:"200" doc:"What people see: 1 to 50 visible characters, no slash. One in the organization."`
	Kind        string         `json:"kind" maxLength:"32" doc:"What speaks there, such as oidc."`
	Settings    SourceSettings `json:"settings" doc:"As the kind has them."`
	Secret      *string        `json:"secret,omitempty" maxLength:"1024" doc:"With it the server shows who it is at the provider."`
	SessionDays int            `json:"session_days,omitempty" minimum:"1" maximum:"180" doc:"After so many days people sign in anew; 7 when left out."`
}

// SaveSignInSourceRequest is the body of saveSignInSource.
type SaveSignInSourceRequest struct {
	Edition     string         `json:"edition" pattern:"^[0-9]{1,16}$" doc:"The edition that was read: conflict where somebody else has changed the source since."`
	Name        string         `json:"name" maxLength:"200" doc:"As createSignInSource has it."`
	Settings    SourceSettings `json:"settings" doc:"All of them."`
	Secret      *string        `json:"secret,omitempty" maxLength:"1024" doc:"Another secret; what is left out stays."`
	SessionDays int            `json:"session_days,omitempty" minimum:"1" maximum:"180" doc:"What is left out stays."`
}

// SourcePath names a source.
type SourcePath struct {
	Name string `path:"name" maxLength:"200" doc:"The source's name."`
}

// SignInSourceTest is the answer of testSignInSource.
type SignInSourceTest struct {
	OK    bool             `json:"ok" doc:"Whether every step succeeded."`
	Steps []SourceTestStep `json:"steps" doc:"What was tried, in this order, up to what failed."`
}

// SourceTestStep is one part of a test.
type SourceTestStep struct {
	Name string `json:"name" doc:"What was tried."`
	OK   bool   `json:"ok" doc:"Whether it succeeded."`
	Text string `json:"text" doc:"What was found, or what is wrong."`
}

type (
	sourceListAnswer    struct{ Body SignInSourceList }
	sourceAnswer        struct{ Body SignInSource }
	sourceTestAnswer    struct{ Body SignInSourceTest }
	createSourceRequest struct{ Body SignInSourceRequest }
	saveSourceRequest   struct {
		SourcePath
		Body SaveSignInSourceRequest
	}
)

// ours checks the right to what is the whole organization's.
func ours(v *route.Visit) (policy.Grant, error) {
	unseen := fault.New(fault.CodeOrganizationUnknown, "there is no such organization")
	return policy.Check(v.Asker, v.Right, policy.Resource{Organization: v.Viewer.Organization}, unseen)
}

func summaryOf(src signin.Source) SignInSourceSummary {
	return SignInSourceSummary{Source: src.ID, Name: src.Name, Kind: src.Kind, State: string(src.State), TestedAt: moment(src.TestedAt)}
}

func (s *sources) list(ctx context.Context, v *route.Visit, _ *struct{}) (*sourceListAnswer, error) {
	if _, err := ours(v); err != nil {
		return nil, err
	}
	all, err := s.room.Sources(ctx, v.Viewer.Organization)
	list := SignInSourceList{Items: make([]SignInSourceSummary, len(all))}
	for i, src := range all {
		list.Items[i] = summaryOf(src)
	}
	return &sourceListAnswer{list}, err
}

// answer tells of a source by its name.
func (s *sources) answer(ctx context.Context, v *route.Visit, name string) (*sourceAnswer, error) {
	d, err := s.room.Named(ctx, v.Viewer.Organization, name)
	if err != nil {
		return nil, err
	}
	return &sourceAnswer{SignInSource{
		SignInSourceSummary: summaryOf(d.Source), Settings: SourceSettings(d.Settings), HasSecret: d.HasSecret, SessionDays: d.SessionDays,
		ByOperator: d.ByOperator, RedirectURI: s.redirectURI(d.ID), Edition: strconv.FormatInt(d.Edition, 10),
		CreatedAt: d.CreatedAt, Identities: d.Identities, Waiting: d.Counts.Waiting,
	}}, nil
}

func (s *sources) create(ctx context.Context, v *route.Visit, in *createSourceRequest) (*sourceAnswer, error) {
	g, err := ours(v)
	if err != nil {
		return nil, err
	}
	b := in.Body
	src, err := s.room.Create(ctx, g.By(), v.Viewer.Organization, signin.Input{
		Name: b.Name, Kind: b.Kind, Settings: json.RawMessage(b.Settings), Secret: b.Secret, SessionDays: b.SessionDays,
	})
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, v, src.Name)
}

func (s *sources) get(ctx context.Context, v *route.Visit, in *SourcePath) (*sourceAnswer, error) {
	if _, err := ours(v); err != nil {
		return nil, err
	}
	return s.answer(ctx, v, in.Name)
}

func (s *sources) save(ctx context.Context, v *route.Visit, in *saveSourceRequest) (*sourceAnswer, error) {
	g, err := ours(v)
	if err != nil {
		return nil, err
	}
	b := in.Body
	edition, _ := strconv.ParseInt(b.Edition, 10, 64) // digits by the schema, few enough
	if edition == 0 {
		return nil, fault.New(fault.CodeConflict, "no sign-in source has the edition 0").WithField("edition")
	}
	src, err := s.room.Update(ctx, g.By(), v.Viewer.Organization, in.Name, edition, signin.Input{
		Name: b.Name, Settings: json.RawMessage(b.Settings), Secret: b.Secret, SessionDays: b.SessionDays,
	})
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, v, src.Name)
}

func (s *sources) test(ctx context.Context, v *route.Visit, in *SourcePath) (*sourceTestAnswer, error) {
	if _, err := ours(v); err != nil {
		return nil, err
	}
	steps, err := s.room.Test(ctx, v.Viewer.Organization, in.Name)
	done := SignInSourceTest{OK: signin.Passed(steps), Steps: make([]SourceTestStep, len(steps))}
	for i, one := range steps {
		done.Steps[i] = SourceTestStep(one)
	}
	return &sourceTestAnswer{done}, err
}

func (s *sources) enable(ctx context.Context, v *route.Visit, in *SourcePath) (*sourceAnswer, error) {
	g, err := ours(v)
	if err == nil {
		_, err = s.room.Enable(ctx, g.By(), v.Viewer.Organization, in.Name, false)
	}
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, v, in.Name)
}

func (s *sources) disable(ctx context.Context, v *route.Visit, in *SourcePath) (*sourceAnswer, error) {
	g, err := ours(v)
	if err == nil {
		_, err = s.room.Disable(ctx, g.By(), v.Viewer.Organization, in.Name, false)
	}
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, v, in.Name)
}
