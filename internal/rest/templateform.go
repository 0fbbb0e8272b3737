package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/template"
)

// FormRequest is template.Form as it is sent to us: only its kind is required,
// so that a draft can be kept, and nothing in it may be unknown.
type FormRequest struct {
	Kind       string             `json:"kind" enum:"markdown,action_card,form"`
	Name       string             `json:"name,omitempty"`
	UseCase    string             `json:"use_case,omitempty"`
	Title      string             `json:"title,omitempty"`
	Content    string             `json:"content,omitempty"`
	Image      string             `json:"image,omitempty"`
	Actions    []ActionRequest    `json:"actions,omitempty"`
	SideBySide bool               `json:"side_by_side,omitempty"`
	HeadText   string             `json:"head_text,omitempty"`
	HeadColor  string             `json:"head_color,omitempty"`
	Rows       []RowRequest       `json:"rows,omitempty"`
	MobileLink string             `json:"mobile_url,omitempty"`
	PCLink     string             `json:"pc_url,omitempty"`
	Parameters []ParameterRequest `json:"parameters,omitempty"`
}

// ActionRequest is a template.Action as it is sent to us.
type ActionRequest struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// RowRequest is a template.Row as it is sent to us.
type RowRequest struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// ParameterRequest is a template.Parameter as it is sent to us.
type ParameterRequest struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Sample      string   `json:"sample,omitempty"`
	MaxLength   int      `json:"max_length,omitempty" minimum:"0" maximum:"5000"`
	Hosts       []string `json:"hosts,omitempty"`
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
	Findings   []template.Finding `json:"findings"`
	Parameters []string           `json:"parameters"`
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

func (a *api) lintForm(ctx context.Context, v *visit, in *createTemplateRequest) (*lintAnswer, error) {
	if _, err := a.drawer(ctx, v, in.AppPath); err != nil {
		return nil, err
	}
	return lint(ctx, in.Body.form())
}

func (a *api) lintVersion(ctx context.Context, v *visit, in *VersionPath) (*lintAnswer, error) {
	_, one, err := a.versionAt(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	return lint(ctx, one.Form)
}

// PreviewRequest is the body of previewTemplate.
type PreviewRequest struct {
	Form   FormRequest       `json:"form"`
	Values map[string]string `json:"values,omitempty"`
}

// ValuesRequest is the body of previewTemplateVersion and testTemplate.
type ValuesRequest struct {
	Values map[string]string `json:"values,omitempty"`
}

type previewFormRequest struct {
	AppPath
	Body PreviewRequest
}

func (a *api) previewForm(ctx context.Context, v *visit, in *previewFormRequest) (*cardAnswer, error) {
	d, err := a.drawer(ctx, v, in.AppPath)
	if err != nil {
		return nil, err
	}
	return a.preview(ctx, v, d, in.Body.Form.form(), in.Body.Values)
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

func (a *api) previewVersion(ctx context.Context, v *visit, in *valuesRequest) (*cardAnswer, error) {
	d, one, err := a.versionAt(ctx, v, in.VersionPath)
	if err != nil {
		return nil, err
	}
	return a.preview(ctx, v, d, one.Form, in.values())
}
