package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/template"
)

// FormRequest is template.Form as it is sent to us: only its kind is required,
// so that a draft can be kept, and nothing in it may be unknown.
type FormRequest struct {
	Kind       string             `json:"kind" enum:"markdown,action_card,form" doc:"markdown (a text), action_card (a text that leads somewhere) or form (rows of a form, as of approvals)."`
	Name       string             `json:"name,omitempty" doc:"For people who manage templates; the limit is 64 characters."`
	UseCase    string             `json:"use_case,omitempty" doc:"For whoever reviews it; the limit is 500 characters."`
	Title      string             `json:"title,omitempty" doc:"Without parameters. The limit is 64 characters, 50 of a form."`
	Content    string             `json:"content,omitempty" doc:"Markdown, and the limit is 5,000 characters; of a form plain text, and the limit is 1,000. A parameter is written ${name}."`
	Image      string             `json:"image,omitempty" doc:"The media id or web address of a picture above the content."`
	Actions    []ActionRequest    `json:"actions,omitempty" doc:"Of action cards: one leads there from the whole card, up to ten are buttons."`
	SideBySide bool               `json:"side_by_side,omitempty" doc:"The buttons stand in one row."`
	HeadText   string             `json:"head_text,omitempty" doc:"Of forms: what the strip at the top says; the limit is 10 characters."`
	HeadColor  string             `json:"head_color,omitempty" doc:"Of forms: the colour of the strip, AARRGGBB."`
	Rows       []RowRequest       `json:"rows,omitempty" doc:"Of forms: the rows; the limit is 20."`
	MobileLink string             `json:"mobile_url,omitempty" doc:"Of forms: where the card leads on a phone."`
	PCLink     string             `json:"pc_url,omitempty" doc:"Of forms: where the card leads on a desktop, if elsewhere."`
	Parameters []ParameterRequest `json:"parameters,omitempty" doc:"What senders fill in; the limit is 20. Every parameter in the texts must be described here."`
}

// ActionRequest is a template.Action as it is sent to us.
type ActionRequest struct {
	Title string `json:"title" doc:"What it says, with parameters; the limit is 20 characters."`
	URL   string `json:"url" doc:"What it opens, with parameters."`
}

// RowRequest is a template.Row as it is sent to us.
type RowRequest struct {
	Key   string `json:"key" doc:"What the row is about, with parameters; the limit is 64 characters."`
	Value string `json:"value" doc:"What the row says, with parameters; the limit is 500 characters."`
}

// ParameterRequest is a template.Parameter as it is sent to us.
type ParameterRequest struct {
	Name        string   `json:"name" doc:"Letters, digits and underscores, not beginning with a digit."`
	Description string   `json:"description,omitempty" doc:"What senders fill in."`
	Sample      string   `json:"sample,omitempty" doc:"A value that could be sent. Previews show it."`
	MaxLength   int      `json:"max_length,omitempty" minimum:"0" maximum:"5000" doc:"The longest value in characters; 0 for what the field takes."`
	Hosts       []string `json:"hosts,omitempty" doc:"Where a link may lead whose host the parameter decides. Without them it never decides where a link leads."`
}

func (r *FormRequest) form() template.Form {
	f := template.Form{
		Kind: template.Kind(r.Kind), Name: r.Name, UseCase: r.UseCase,
		Title: r.Title, Content: r.Content, Image: r.Image, SideBySide: r.SideBySide,
		HeadText: r.HeadText, HeadColor: r.HeadColor, MobileLink: r.MobileLink, PCLink: r.PCLink,
	}
	for _, x := range r.Actions {
		f.Actions = append(f.Actions, template.Action(x))
	}
	for _, x := range r.Rows {
		f.Rows = append(f.Rows, template.Row(x))
	}
	for _, x := range r.Parameters {
		f.Parameters = append(f.Parameters, template.Parameter(x))
	}
	return f
}

// Lint is what linting finds in a form.
type Lint struct {
	Findings   []template.Finding `json:"findings" doc:"What is wrong with the form, in the order of its fields; none if nothing is. The limit is 100."`
	Parameters []string           `json:"parameters" doc:"The parameters that stand in the form's texts, each once, described or not."`
}

type lintAnswer struct{ Body Lint }

func lint(ctx context.Context, f template.Form) (*lintAnswer, error) {
	if err := template.CheckSize(f); err != nil {
		return nil, err
	}
	findings, err := template.Lint(ctx, f)
	if err != nil {
		return nil, err
	}
	l := Lint{findings, template.Used(f)}
	if l.Findings == nil {
		l.Findings = []template.Finding{}
	}
	if l.Parameters == nil {
		l.Parameters = []string{}
	}
	return &lintAnswer{l}, nil
}

func (t *templates) lintForm(ctx context.Context, v *route.Visit, in *createTemplateRequest) (*lintAnswer, error) {
	if _, err := t.ofApp(ctx, v, in.AppPath); err != nil {
		return nil, err
	}
	return lint(ctx, in.Body.form())
}

func (t *templates) lintVersion(ctx context.Context, v *route.Visit, in *VersionPath) (*lintAnswer, error) {
	_, one, err := t.versionAt(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	return lint(ctx, one.Form)
}

// PreviewRequest is the body of previewTemplate.
type PreviewRequest struct {
	Form   FormRequest       `json:"form" doc:"The form, stored or not."`
	Values map[string]string `json:"values,omitempty" doc:"Values by parameter, as a sender would give them."`
}

// ValuesRequest is the body of previewTemplateVersion and testTemplate.
type ValuesRequest struct {
	Values map[string]string `json:"values,omitempty" doc:"Values by parameter, as a sender would give them."`
}

type previewFormRequest struct {
	AppPath
	Body PreviewRequest
}

func (t *templates) previewForm(ctx context.Context, v *route.Visit, in *previewFormRequest) (*cardAnswer, error) {
	a, err := t.ofApp(ctx, v, in.AppPath)
	if err != nil {
		return nil, err
	}
	return t.preview(ctx, v, a, in.Body.Form.form(), in.Body.Values)
}

type valuesRequest struct {
	VersionPath
	Body *ValuesRequest
}

func (r *valuesRequest) values() template.Values {
	if r.Body == nil {
		return nil
	}
	return r.Body.Values
}

func (t *templates) previewVersion(ctx context.Context, v *route.Visit, in *valuesRequest) (*cardAnswer, error) {
	a, one, err := t.versionAt(ctx, v, in.VersionPath)
	if err != nil {
		return nil, err
	}
	return t.preview(ctx, v, a, one.Form, in.values())
}
