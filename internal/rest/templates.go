package rest

import (
	"context"
	"regexp"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// Templates looks after message templates; see review.Service, which decides
// who may do what.
type Templates interface {
	Create(ctx context.Context, g policy.Grant, f template.Form) (review.Template, error)
	Clone(ctx context.Context, g policy.Grant, id string, number int) (review.Template, error)
	Save(ctx context.Context, g policy.Grant, id string, f template.Form, edition int) (review.Template, error)
	Discard(ctx context.Context, g policy.Grant, id string, edition int) (review.Template, error)
	Submit(ctx context.Context, g policy.Grant, id string, edition int) (review.Template, error)
	Withdraw(ctx context.Context, g policy.Grant, id string) (review.Template, error)
	Enable(ctx context.Context, g policy.Grant, id string) (review.Template, error)
	Disable(ctx context.Context, g policy.Grant, id string) (review.Template, error)
	Delete(ctx context.Context, g policy.Grant, id string) error
	Approve(ctx context.Context, g policy.Grant, id string, number int) (review.Template, error)
	Reject(ctx context.Context, g policy.Grant, id string, number int, reason string) (review.Template, error)
	Test(ctx context.Context, g policy.Grant, id string, number int, given template.Values) (taskID int64, err error)

	Templates(ctx context.Context, g policy.Grant) ([]review.Template, error)
	Sendable(ctx context.Context, g policy.Grant, of policy.Resource, each func(review.Template) error) error
	All(ctx context.Context, g policy.Grant, q review.Query) (review.Page, error)
	Of(ctx context.Context, g policy.Grant, q review.Query) (review.Page, error)
	Template(ctx context.Context, g policy.Grant, id string) (review.Template, error)
	Versions(ctx context.Context, g policy.Grant, id string) ([]review.Version, error)
	Version(ctx context.Context, g policy.Grant, id string, number int) (review.Version, error)
	Difference(ctx context.Context, g policy.Grant, id string, number, against int) ([]template.Change, int, error)
	Facts(ctx context.Context, g policy.Grant, id string, number int) (review.Facts, error)
	Waiting(ctx context.Context, g policy.Grant, q review.WaitingQuery) (review.WaitingPage, error)
	CountWaiting(ctx context.Context, g policy.Grant) (int, error)
	LastStep(ctx context.Context, g policy.Grant) (int64, error)
	Moved(ctx context.Context, g policy.Grant, after int64) (moved []review.Moved, through int64, err error)
	Log(ctx context.Context, g policy.Grant, id string) ([]audit.Entry, error)
}

// installations knows apps by where they are installed.
type installations interface {
	// Named returns an app by an agent id of whichever organization, or by its key;
	// see app.Service. CodeAgentUnknown.
	Named(ctx context.Context, organization int64, named string) (app.App, app.Agent, error)
	// AgentIn returns an app's installation in an organization; false when
	// there is none that may send.
	AgentIn(ctx context.Context, a app.App, organization int64) (app.Agent, bool, error)
	// Address returns what people of an organization name an app by.
	Address(ctx context.Context, organization, provider, appID int64) (string, error)
}

// People knows names.
type People interface {
	// Ordinal finds an active person.
	Ordinal(organization int64, userid string) (uint32, bool)
	// Resolve turns an audience into people.
	Resolve(ctx context.Context, organization int64, a directory.Audience, r directory.Range) (directory.Resolved, error)
	holders
	granters
	peopleRoom
	lister
	template.Directory
	Location(organization int64) *time.Location
	// Paths leaves out departments that are gone.
	Paths(ctx context.Context, organization int64, deptIDs []int64) (map[int64]string, error)
}

// templates is the templates of apps, and their reviews.
type templates struct {
	rooms         Templates
	apps          installations
	people        People
	inbox         previews
	organizations Organizations
	askers        route.Askers
}

const (
	templatesPath = "/apps/{agent_id}/templates"
	templatePath  = templatesPath + "/{id}"
	versionsPath  = templatePath + "/versions"
	versionPath   = versionsPath + "/{number}"
)

func (t *templates) routes(r route.Table) {
	route.JSON(r, route.Get("listAllTemplates", "/templates", "List the templates of all apps", allText), policy.TemplatesList, t.all)
	route.JSON(r, route.Get("listTemplates", templatesPath, "List an app's templates", "Oldest first, without their forms."), policy.TemplatesRead, t.list)
	route.JSON(r, route.Created(route.Post("createTemplate", templatesPath, "Create a template", createText)), policy.TemplatesWrite, t.create)
	route.JSON(r, route.Post("lintTemplate", templatesPath+"/lint", "Check a form", lintText), policy.TemplatesRead, t.lintForm)
	route.JSON(r, route.Post("checkTemplate", templatesPath+"/check", "Check and show a form while it is written", checkText), policy.TemplatesRead, t.check)
	route.JSON(r, route.Post("previewTemplate", templatesPath+"/preview", "Show a form as a card", previewFormText), policy.TemplatesRead, t.previewForm)
	route.JSON(r, route.Get("getTemplate", templatePath, "Get a template", "With its newest version."), policy.TemplatesRead, t.get)
	route.JSON(r, route.Put("saveTemplate", templatePath, "Save the draft", saveText), policy.TemplatesWrite, t.save)
	route.JSON(r, route.Empty(route.Delete("deleteTemplate", templatePath, "Delete a template", deleteText)), policy.TemplatesWrite, t.remove)
	route.JSON(r, route.Delete("discardDraft", templatePath+"/draft", "Discard the draft", discardText), policy.TemplatesWrite, t.discard)
	route.JSON(r, route.Get("getTemplateLog", templatePath+"/log", "Tell who did what when", logText), policy.TemplatesRead, t.log)
	route.JSON(r, route.Get("listTemplateVersions", versionsPath, "List a template's versions", "Newest first, without their forms."), policy.TemplatesRead, t.versions)
	route.JSON(r, route.Get("getTemplateVersion", versionPath, "Get a version", "With its form."), policy.TemplatesRead, t.version)
	route.JSON(r, route.Get("compareTemplateVersion", versionPath+"/difference", "Compare a version with another", compareText), policy.TemplatesRead, t.difference)
	route.JSON(r, route.Get("getReviewFacts", versionPath+"/facts", "Tell what a reviewer has to know of a version", factsText), policy.TemplatesRead, t.facts)
	route.JSON(r, route.Get("lintTemplateVersion", versionPath+"/lint", "Check a version", "As lintTemplate, for the form of a version."), policy.TemplatesRead, t.lintVersion)
	route.JSON(r, route.Post("previewTemplateVersion", versionPath+"/preview", "Show a version as a card", previewVersionText), policy.TemplatesRead, t.previewVersion)
	route.JSON(r, route.Get("listTemplateReviews", "/template-reviews", "List what waits for one's review", reviewsText), policy.ReviewsRead, t.reviews)

	route.JSON(r, route.Post("submitTemplate", templatePath+"/submit", "Submit the draft for review", submitText), policy.TemplatesWrite, t.submit)
	route.JSON(r, route.Post("withdrawTemplate", templatePath+"/withdraw", "Take a version back from review", "A draft with its form follows it."), policy.TemplatesWrite, t.withdraw)
	route.JSON(r, route.Post("enableTemplate", templatePath+"/enable", "Take a template into use again", "The live version is sent again."), policy.TemplatesWrite, t.enable)
	route.JSON(r, route.Post("disableTemplate", templatePath+"/disable", "Take a template out of use", disableText), policy.TemplatesWrite, t.disable)
	route.JSON(r, route.Created(route.Post("cloneTemplate", templatePath+"/clone", "Make a template of another one", cloneText)), policy.TemplatesWrite, t.clone)
	route.JSON(r, route.Post("approveTemplate", versionPath+"/approve", "Approve a version", approveText), policy.TemplatesReview, t.approve)
	route.JSON(r, route.Post("rejectTemplate", versionPath+"/reject", "Reject a version", rejectText), policy.TemplatesReview, t.reject)
	route.JSON(r, route.Post("testTemplate", versionPath+"/test", "Send a version to oneself", testText), policy.TemplatesTest, t.test)
}

const (
	createText = "It has a draft of the form, which may have errors that lintTemplate finds: they keep it from being submitted only."
	allText    = "Of the asker's organization, or of one app, whoever's that is; newest first, without forms, with cards. A page looks at 500 templates " +
		"at most, so it may hold fewer than asked for, or none, and not be the last: only next_before says whether there is more, and " +
		"examined_to how far it has come."
	lintText  = "Everything that is wrong with a form, or not as good as it could be, and the parameters that stand in it. Nothing is stored."
	checkText = "What lintTemplate finds, and as much of the card as can be shown, whatever is wrong. A parameter without value and sample is " +
		"shown as it is written. Of a form without errors it is also told, as value_does_not_fit, which value could not be sent. Nothing is stored."
	saveText = "Where there is no draft, one begins with the form; what is in review must be withdrawn first. With edition nothing is " +
		"overwritten that the asker has not read: template_changed when somebody has saved since."
	deleteText  = "For good: nothing that is accepted after the answer uses it. What was sent stays as it is."
	discardText = "The version before it is the newest again. A template whose only version it is has nothing to go back to: template_state; " +
		"delete it instead. With edition it is refused, as saving is, when somebody has saved since."
	logText     = "Every step that the template has taken, oldest first. Reviewers of other organizations see no steps of drafts."
	compareText = "The fields that differ, as they were and as they are. Without against it is compared with the live version."
	factsText   = "Beside its text and what linting finds: where its links lead, and what is new in it since the live version."
	reviewsText = "Longest first, without forms: the versions in review, of all apps, that the asker may decide on. " +
		"count is all of them; with limit=1 that alone costs little."
	submitText  = "Refused with template_form_invalid while linting finds an error in it; findings in the problem are all of them."
	disableText = "Nothing that is accepted after the answer uses it."
	cloneText   = "With a draft of the form of a version, the newest where none is named."
	secondText  = " Of two who decide, the second is told who was first."
	approveText = "It is the live one from then on, and the template is in use." + secondText
	rejectText  = "The authors get it back with a reason; the limit is 500 characters." + secondText
	testText    = "Reviewed or not, to the asker alone, from the app as it is installed in their organization. Parameters without a value " +
		"have their sample."
	previewText = " Parameters without a value have their sample. A form with errors is refused with template_form_invalid; findings " +
		"in the problem are all of them. Nothing is stored or sent."
	previewFormText    = "As an inbox of the asker's organization would show it." + previewText
	previewVersionText = "As previewTemplate, for the form of a version." + previewText
)

// AppPath is the part of a path that names an app. It and those below are
// exported because huma passes over embedded types that are not.
type AppPath struct {
	AgentID string `path:"agent_id" doc:"The agent_id of an installation of the app, or its app_key."`
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

// appTemplates is the templates of one app, for whoever asks for them.
type appTemplates struct {
	app   app.App
	agent string // as it was named
	grant policy.Grant
	asker policy.Asker
	of    policy.Resource
}

// may reports whether the asker has a right to the app.
func (a appTemplates) may(right policy.Right, in policy.Case) bool {
	return a.asker.Verdict(right, a.of, in) == policy.Granted
}

// ofApp checks the right of the route to an app. Whoever may see none of its
// templates cannot tell the app from one that is not there.
func (t *templates) ofApp(ctx context.Context, v *route.Visit, p AppPath) (appTemplates, error) {
	return t.ofAppWith(ctx, v, p, v.Right)
}

// ofAppWith is ofApp for another right than that of the route.
func (t *templates) ofAppWith(ctx context.Context, v *route.Visit, p AppPath, right policy.Right) (appTemplates, error) {
	unknown := fault.New(fault.CodeAgentUnknown, "there is no such app, or its templates are not for you").WithField("agent_id")
	one, installed, err := t.apps.Named(ctx, v.Viewer.Organization, p.AgentID)
	if fault.Is(err, fault.CodeAgentUnknown) {
		return appTemplates{}, unknown
	}
	if err != nil {
		return appTemplates{}, err
	}
	a := appTemplates{agent: p.AgentID, app: one, asker: v.Asker, of: one.Resource()}
	a.of.ReceivedBy = installed.Organization
	a.grant, err = policy.Check(a.asker, right, a.of, unknown)
	return a, err
}

var templateID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// at is ofApp for the path of a template. What cannot be a template's id, and
// perhaps not even a database's text, is one that is not there.
func (t *templates) at(ctx context.Context, v *route.Visit, p TemplatePath) (appTemplates, error) {
	a, err := t.ofApp(ctx, v, p.AppPath)
	if err == nil && !templateID.MatchString(p.ID) {
		err = review.Unknown()
	}
	return a, err
}

type templatesAnswer struct{ Body TemplateList }

func (t *templates) list(ctx context.Context, v *route.Visit, in *AppPath) (*templatesAnswer, error) {
	a, err := t.ofApp(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	all, err := t.rooms.Templates(ctx, a.grant)
	if err != nil {
		return nil, err
	}
	w := t.writer(v)
	for _, one := range all {
		w.meet(&one.Newest)
	}
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	list := TemplateList{make([]Template, 0, len(all))}
	for _, one := range all {
		list.Items = append(list.Items, w.template(a, &one).withoutForm())
	}
	return &templatesAnswer{list}, nil
}

type templateAnswer struct{ Body Template }

// answer writes a template as it is now.
func (t *templates) answer(ctx context.Context, v *route.Visit, a appTemplates, one review.Template, err error) (*templateAnswer, error) {
	if err != nil {
		return nil, err
	}
	w := t.writer(v)
	w.meet(&one.Newest)
	if err := w.introduce(ctx); err != nil {
		return nil, err
	}
	return &templateAnswer{w.template(a, &one)}, nil
}

// one takes a step with a template and answers what has become of it.
func (t *templates) one(ctx context.Context, v *route.Visit, p TemplatePath, step func(policy.Grant) (review.Template, error)) (*templateAnswer, error) {
	a, err := t.at(ctx, v, p)
	if err != nil {
		return nil, err
	}
	one, err := step(a.grant)
	return t.answer(ctx, v, a, one, err)
}

func (t *templates) get(ctx context.Context, v *route.Visit, in *TemplatePath) (*templateAnswer, error) {
	return t.one(ctx, v, *in, func(g policy.Grant) (review.Template, error) { return t.rooms.Template(ctx, g, in.ID) })
}
