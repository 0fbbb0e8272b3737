package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// formFile is the most that is read of a form's file: several times the largest
// form, which may be written with much white space.
const formFile = 1 << 20

// readForm reads a form as JSON from a file, or standard input for -. A field
// that no form has is refused: it would be missed otherwise.
func (e *environment) readForm(path string) (template.Form, error) {
	from := e.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return template.Form{}, err
		}
		defer f.Close()
		from = f
	}
	var form template.Form
	d := json.NewDecoder(io.LimitReader(from, formFile))
	d.DisallowUnknownFields()
	if err := d.Decode(&form); err != nil {
		return form, fmt.Errorf("%s is no form: %w", path, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return form, fmt.Errorf("%s is no form: something follows it", path)
	}
	return form, nil
}

// doneWith tells what a step has made of a template.
func (d *desk) doneWith(t review.Template, format string, args ...any) error {
	return d.done(d.viewTemplate(t, t.Newest), format, args...)
}

type templateCreateCmd struct {
	onApp
	File string `name:"file" required:"" placeholder:"FORM.json" help:"The form as JSON; - reads standard input."`
}

func (c *templateCreateCmd) Run(e *environment) error {
	form, err := e.readForm(c.File)
	if err != nil {
		return err
	}
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		t, err := d.rooms.Templates.Create(d.ctx, d.grant, form)
		if err != nil {
			return err
		}
		return d.doneWith(t, "created template %s, version 1 is a draft", t.ID)
	})
}

type templateSaveCmd struct {
	onTemplate
	File    string `name:"file" required:"" placeholder:"FORM.json" help:"The form as JSON; - reads standard input."`
	Edition int    `name:"edition" placeholder:"N" range:"1.." help:"Refuse when the draft has another edition than this; template show prints it."`
}

func (c *templateSaveCmd) Run(e *environment) error {
	form, err := e.readForm(c.File)
	if err != nil {
		return err
	}
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		t, err := d.rooms.Templates.Save(d.ctx, d.grant, c.Template, form, c.Edition)
		if err != nil {
			return err
		}
		return d.doneWith(t, "saved version %d of template %s, edition %d", t.Newest.Number, t.ID, t.Newest.Edition)
	})
}

type templateSubmitCmd struct {
	onTemplate
	Edition int `name:"edition" placeholder:"N" range:"1.." help:"Refuse when the draft has another edition than this; template show prints it."`
}

func (c *templateSubmitCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		t, err := d.rooms.Templates.Submit(d.ctx, d.grant, c.Template, c.Edition)
		if err != nil {
			return err
		}
		return d.doneWith(t, "version %d of template %s is in review", t.Newest.Number, t.ID)
	})
}

type templateDiscardCmd struct {
	onTemplate
	Edition int `name:"edition" placeholder:"N" range:"1.." help:"Refuse when the draft has another edition than this; template show prints it."`
}

func (c *templateDiscardCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		t, err := d.rooms.Templates.Discard(d.ctx, d.grant, c.Template, c.Edition)
		if err != nil {
			return err
		}
		return d.doneWith(t, "discarded the draft of template %s, whose newest is version %d, %s", t.ID, t.Newest.Number, t.Newest.State)
	})
}

type templateWithdrawCmd struct{ onTemplate }

func (c *templateWithdrawCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		t, err := d.rooms.Templates.Withdraw(d.ctx, d.grant, c.Template)
		if err != nil {
			return err
		}
		return d.doneWith(t, "version %d of template %s is withdrawn, version %d is a draft", t.Newest.Number-1, t.ID, t.Newest.Number)
	})
}

type templateApproveCmd struct {
	onTemplate
	Version int `arg:"" range:"1.." help:"The version that you looked at."`
}

func (c *templateApproveCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesReview, func(d *desk) error {
		t, err := d.rooms.Templates.Approve(d.ctx, d.grant, c.Template, c.Version)
		if err != nil {
			return err
		}
		return d.doneWith(t, "approved version %d of template %s, which is sent from now on", t.Live, t.ID)
	})
}

type templateRejectCmd struct {
	onTemplate
	Version int    `arg:"" range:"1.." help:"The version that you looked at."`
	Reason  string `name:"reason" required:"" help:"What the author has to do."`
}

func (c *templateRejectCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesReview, func(d *desk) error {
		t, err := d.rooms.Templates.Reject(d.ctx, d.grant, c.Template, c.Version, c.Reason)
		if err != nil {
			return err
		}
		return d.doneWith(t, "rejected version %d of template %s", t.Newest.Number, t.ID)
	})
}

type templateEnableCmd struct{ onTemplate }

func (c *templateEnableCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		t, err := d.rooms.Templates.Enable(d.ctx, d.grant, c.Template)
		if err != nil {
			return err
		}
		return d.doneWith(t, "enabled template %s, version %d", t.ID, t.Live)
	})
}

type templateDisableCmd struct{ onTemplate }

func (c *templateDisableCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		t, err := d.rooms.Templates.Disable(d.ctx, d.grant, c.Template)
		if err != nil {
			return err
		}
		return d.doneWith(t, "disabled template %s", t.ID)
	})
}

type templateCloneCmd struct {
	onTemplate
	Version int `name:"version" placeholder:"N" range:"1.." help:"Which version; the newest when not given."`
}

func (c *templateCloneCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		t, err := d.rooms.Templates.Clone(d.ctx, d.grant, c.Template, c.Version)
		if err != nil {
			return err
		}
		return d.doneWith(t, "created template %s, version 1 is a draft", t.ID)
	})
}

type templateDeleteCmd struct{ onTemplate }

type templateGoneView struct {
	ID    string `json:"template_id"`
	State string `json:"state"`
}

func (c *templateDeleteCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesWrite, func(d *desk) error {
		if err := d.rooms.Templates.Delete(d.ctx, d.grant, c.Template); err != nil {
			return err
		}
		return d.done(templateGoneView{c.Template, "deleted"}, "deleted template %s", c.Template)
	})
}
