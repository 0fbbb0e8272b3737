package rest

import (
	"context"
	"regexp"
	"strconv"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// Templates looks after message templates; see review.Service, which decides
// who may do what.
type Templates interface {
	Create(ctx context.Context, g policy.Grant, f template.Form) (review.Template, error)
	Clone(ctx context.Context, g policy.Grant, id string, number int) (review.Template, error)
	Save(ctx context.Context, g policy.Grant, id string, f template.Form, edition int) (review.Template, error)
	Submit(ctx context.Context, g policy.Grant, id string, edition int) (review.Template, error)
	Withdraw(ctx context.Context, g policy.Grant, id string) (review.Template, error)
	Enable(ctx context.Context, g policy.Grant, id string) (review.Template, error)
	Disable(ctx context.Context, g policy.Grant, id string) (review.Template, error)
	Delete(ctx context.Context, g policy.Grant, id string) error
	Approve(ctx context.Context, g policy.Grant, id string, number int) (review.Template, error)
	Reject(ctx context.Context, g policy.Grant, id string, number int, reason string) (review.Template, error)
	Test(ctx context.Context, g policy.Grant, id string, number int, given template.Values) (taskID int64, err error)

	Templates(ctx context.Context, g policy.Grant) ([]review.Template, error)
	Template(ctx context.Context, g policy.Grant, id string) (review.Template, error)
	Versions(ctx context.Context, g policy.Grant, id string) ([]review.Version, error)
	Version(ctx context.Context, g policy.Grant, id string, number int) (review.Version, error)
	Difference(ctx context.Context, g policy.Grant, id string, number, against int) ([]template.Change, int, error)
	Waiting(ctx context.Context, g policy.Grant) ([]review.Waiting, error)
	Log(ctx context.Context, g policy.Grant, id string) ([]audit.Entry, error)
}

// Apps knows apps and their installations.
type Apps interface {
	// AppOfAgent fails with CodeAgentUnknown.
	AppOfAgent(ctx context.Context, agentID int64) (app.App, app.Agent, error)
	// AgentIn returns an app's installation in an organization; false when
	// there is none that may send.
	AgentIn(ctx context.Context, a app.App, organization int64) (app.Agent, bool, error)
	// FileOwner returns the app that a file was uploaded by, its id 0 if it is
	// gone, and whether the file is an app's icon.
	FileOwner(ctx context.Context, organization, appID int64, mediaID string) (owner app.App, icon bool, err error)
}

// People knows names.
type People interface {
	// PeopleByOrdinal knows departed people too.
	PeopleByOrdinal(ctx context.Context, organization int64, ordinals []uint32) (map[uint32]directory.User, error)
	template.Directory
}

// AppPath is the part of a path that names an app. It and those below are
// exported because huma passes over embedded types that are not.
type AppPath struct {
	AgentID string `path:"agent_id" doc:"Any installation of the app, in whichever organization."`
}

// TemplatePath is the part of a path that names a template.
type TemplatePath struct {
	AppPath
	ID string `path:"id" doc:"The template's template_id."`
}

// VersionPath is the part of a path that names a version.
type VersionPath struct {
	TemplatePath
	Number int `path:"number" minimum:"1" maximum:"1000000" doc:"The version's number."`
}

// drawer is the templates of one app, and who asks for them.
type drawer struct {
	app   app.App
	agent string // as it was named
	grant policy.Grant
	asker policy.Asker
	of    policy.Resource
}

// may reports whether the asker has a right to the app.
func (d drawer) may(right policy.Right, in policy.Case) bool {
	return d.asker.Verdict(right, d.of, in) == policy.Granted
}

// drawer opens an app's templates, with the right of the route. Whoever may see
// none of them cannot tell the app from one that is not there.
func (a *api) drawer(ctx context.Context, v *visit, p AppPath) (drawer, error) {
	unknown := fault.New(fault.CodeAgentUnknown, "there is no such app, or its templates are not for you").WithField("agent_id")
	id, err := strconv.ParseInt(p.AgentID, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != p.AgentID {
		return drawer{}, unknown
	}
	one, installed, err := a.Apps.AppOfAgent(ctx, id)
	if fault.Is(err, fault.CodeAgentUnknown) {
		return drawer{}, unknown
	}
	if err != nil {
		return drawer{}, err
	}
	d := drawer{agent: p.AgentID, app: one, asker: v.asker, of: one.Resource()}
	d.of.ReceivedBy = installed.Organization
	d.grant, err = policy.Check(d.asker, v.right, d.of, unknown)
	return d, err
}

var templateID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// drawerOf opens the drawer that a template is in. What cannot be a
// template's id, and perhaps not even a database's text, is one that is not
// there.
func (a *api) drawerOf(ctx context.Context, v *visit, p TemplatePath) (drawer, error) {
	d, err := a.drawer(ctx, v, p.AppPath)
	if err == nil && !templateID.MatchString(p.ID) {
		err = review.Unknown()
	}
	return d, err
}

type templatesAnswer struct{ Body TemplateList }

func (a *api) templates(ctx context.Context, v *visit, in *AppPath) (*templatesAnswer, error) {
	d, err := a.drawer(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	all, err := a.Templates.Templates(ctx, d.grant)
	if err != nil {
		return nil, err
	}
	w := writer{api: a, organization: v.viewer.Organization}
	for _, t := range all {
		w.meet(&t.Newest)
	}
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	list := TemplateList{make([]Template, 0, len(all))}
	for _, t := range all {
		list.Items = append(list.Items, w.template(d, &t).withoutForm())
	}
	return &templatesAnswer{list}, nil
}

type templateAnswer struct{ Body Template }

// answer writes a template as it is now.
func (a *api) answer(ctx context.Context, d drawer, t review.Template, err error) (*templateAnswer, error) {
	if err != nil {
		return nil, err
	}
	w := writer{api: a, organization: d.asker.By.Organization}
	w.meet(&t.Newest)
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	return &templateAnswer{w.template(d, &t)}, nil
}

type createTemplateRequest struct {
	AppPath
	Body FormRequest
}

func (a *api) createTemplate(ctx context.Context, v *visit, in *createTemplateRequest) (*templateAnswer, error) {
	d, err := a.drawer(ctx, v, in.AppPath)
	if err != nil {
		return nil, err
	}
	t, err := a.Templates.Create(ctx, d.grant, in.Body.form())
	return a.answer(ctx, d, t, err)
}

func (a *api) oneTemplate(ctx context.Context, v *visit, in *TemplatePath) (*templateAnswer, error) {
	d, err := a.drawerOf(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	t, err := a.Templates.Template(ctx, d.grant, in.ID)
	return a.answer(ctx, d, t, err)
}

// SaveRequest is the body of saveTemplate.
type SaveRequest struct {
	Form    FormRequest `json:"form" doc:"The whole form."`
	Edition int         `json:"edition,omitempty" minimum:"1" maximum:"1000000000" doc:"The draft's edition as it was read. Without it whatever the draft is will be overwritten."`
}

type saveTemplateRequest struct {
	TemplatePath
	Body SaveRequest
}

func (a *api) saveTemplate(ctx context.Context, v *visit, in *saveTemplateRequest) (*templateAnswer, error) {
	d, err := a.drawerOf(ctx, v, in.TemplatePath)
	if err != nil {
		return nil, err
	}
	t, err := a.Templates.Save(ctx, d.grant, in.ID, in.Body.Form.form(), in.Body.Edition)
	return a.answer(ctx, d, t, err)
}

func (a *api) deleteTemplate(ctx context.Context, v *visit, in *TemplatePath) (*struct{}, error) {
	d, err := a.drawerOf(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	return nil, a.Templates.Delete(ctx, d.grant, in.ID)
}
