package main

import (
	"errors"
	"fmt"

	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// formArg names a form: in a file, which needs no server's data, or stored.
type formArg struct {
	App      string `arg:"" optional:"" help:"Which app: its suite key, app key or agent id."`
	Template string `arg:"" optional:"" help:"Template id."`
	Version  int    `name:"version" placeholder:"N" range:"1.." help:"Which version; the newest when not given."`
	File     string `name:"file" placeholder:"FORM.json" help:"A form as JSON, instead of a stored one; - reads standard input."`
}

// look runs work with the form; with is what its card takes from its app.
func (c *formArg) look(e *environment, work func(v review.Version, with message.RenderOptions) error) error {
	if stored := c.App != "" || c.Template != "" || c.Version != 0; stored == (c.File != "") || stored && c.Template == "" {
		return usageError{errors.New("name an app and a template, or --file FORM.json")}
	}
	if c.File != "" {
		form, err := e.readForm(c.File)
		if err != nil {
			return err
		}
		return work(review.Version{Form: form}, message.RenderOptions{})
	}
	on := onApp{c.App}
	return on.at(e, policy.TemplatesRead, func(d *desk) error {
		v, err := d.rooms.Templates.Version(d.ctx, d.grant, c.Template, c.Version)
		if err != nil {
			return err
		}
		return work(v, message.RenderOptions{AppName: d.app.Name, PageURL: d.app.PageURL})
	})
}

type templateLintCmd struct{ formArg }

func (c *templateLintCmd) Run(e *environment) error {
	return c.look(e, func(v review.Version, _ message.RenderOptions) error {
		found, err := template.Lint(e.ctx, v.Form)
		if err != nil {
			return err
		}
		findings, rows := append([]template.Finding{}, found...), [][]string{}
		failed := false
		for _, f := range findings {
			failed = failed || f.Severity == template.Error
			rows = append(rows, []string{string(f.Severity), f.Field, flat(f.Text), f.Cure})
		}
		err = e.show(e.admin.JSON, findings, func() {
			if len(rows) == 0 {
				fmt.Fprintln(e.out, "nothing is wrong with it")
				return
			}
			table(e.out, []string{"SEVERITY", "FIELD", "WHAT", "CURE"}, rows)
		})
		if err == nil && failed {
			err = exitCode(exitFailed)
		}
		return err
	})
}

type templatePreviewCmd struct {
	formArg
	Values map[string]string `name:"value" placeholder:"NAME=TEXT" mapsep:"none" help:"A parameter's value instead of its sample; may be repeated."`
	HTML   bool              `name:"html" help:"Print the card as HTML."`
}

type previewView struct {
	Type    message.Type `json:"type"`
	Title   string       `json:"title"`
	Preview string       `json:"preview"`
	HTML    string       `json:"html"`
}

func (c *templatePreviewCmd) Run(e *environment) error {
	return c.look(e, func(v review.Version, with message.RenderOptions) error {
		compiled := template.Approved(v.Form)
		if v.State != review.Approved { // what has passed once is sent, whatever a newer lint says
			var err error
			if compiled, err = template.Compile(e.ctx, v.Form); err != nil {
				return err
			}
		}
		m, err := compiled.Message(compiled.SamplesWith(c.Values), nil, message.Limits{})
		if err != nil {
			return err
		}
		view := previewView{m.Type(), m.Title(), m.Preview(), m.HTML(with)}
		return e.show(e.admin.JSON, view, func() {
			if c.HTML {
				fmt.Fprintln(e.out, view.HTML)
				return
			}
			fmt.Fprintf(e.out, "type     %s\ntitle    %s\npreview  %s\n", view.Type, visible(view.Title), visible(view.Preview))
		})
	})
}
