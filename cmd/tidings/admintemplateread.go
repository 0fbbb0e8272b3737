package main

import (
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

type templateListCmd struct{ onApp }

func (c *templateListCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesRead, func(d *desk) error {
		all, err := d.rooms.Templates.Templates(d.ctx, d.grant)
		if err != nil {
			return err
		}
		views, rows := []templateView{}, [][]string{}
		for _, t := range all {
			v := d.viewTemplate(t, t.Newest)
			v.Version.Form = nil
			views = append(views, v)
			rows = append(rows, []string{v.ID, string(v.Kind), string(v.State), fmt.Sprint(v.Version.Number), orDash(v.Live), yesNo(v.Enabled), flat(v.Name)})
		}
		return d.show(views, func() {
			table(d.out, []string{"TEMPLATE", "KIND", "STATE", "VERSION", "LIVE", "IN USE", "NAME"}, rows)
		})
	})
}

func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

type templateShowCmd struct {
	onTemplate
	Version int `name:"version" placeholder:"N" range:"1.." help:"Which version; the newest when not given."`
}

func (c *templateShowCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesRead, func(d *desk) error {
		t, err := d.rooms.Templates.Template(d.ctx, d.grant, c.Template)
		if err != nil {
			return err
		}
		version, err := d.rooms.Templates.Version(d.ctx, d.grant, c.Template, c.Version)
		if err != nil {
			return err
		}
		v := d.viewTemplate(t, version)
		return d.show(v, func() { d.lines(v) })
	})
}

type templateVersionsCmd struct{ onTemplate }

func (c *templateVersionsCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesRead, func(d *desk) error {
		all, err := d.rooms.Templates.Versions(d.ctx, d.grant, c.Template)
		if err != nil {
			return err
		}
		views, rows := []wordingView{}, [][]string{}
		for _, version := range all {
			v := d.viewVersion(version)
			v.Form = nil
			views = append(views, v)
			rows = append(rows, []string{
				fmt.Sprint(v.Number), string(v.State), v.SavedAt.Format(time.DateTime), whoOrDash(v.SubmittedBy), whoOrDash(v.DecidedBy), flat(v.Reason),
			})
		}
		return d.show(views, func() {
			table(d.out, []string{"VERSION", "STATE", "SAVED (UTC)", "SUBMITTED BY", "DECIDED BY", "REASON"}, rows)
		})
	})
}

func whoOrDash(who string) string {
	if who == "" {
		return "-"
	}
	return who
}

type templateDifferenceCmd struct {
	onTemplate
	Version int `name:"version" placeholder:"N" range:"1.." help:"Which version; the newest when not given."`
	Against int `name:"against" placeholder:"N" range:"1.." help:"The version to compare with; the live one when not given."`
}

type differenceView struct {
	Against int               `json:"against"` // 0 for an empty form
	Changes []template.Change `json:"changes"`
}

func (c *templateDifferenceCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesRead, func(d *desk) error {
		changes, against, err := d.rooms.Templates.Difference(d.ctx, d.grant, c.Template, c.Version, c.Against)
		if err != nil {
			return err
		}
		v := differenceView{against, append([]template.Change{}, changes...)}
		return d.show(v, func() {
			if against > 0 {
				fmt.Fprintf(d.out, "compared with version %d, %d differences\n", against, len(changes))
			} else {
				fmt.Fprintln(d.out, "compared with an empty form: there is no live version")
			}
			for _, change := range changes {
				fmt.Fprintf(d.out, "\n%s\n  - %s\n  + %s\n", change.Field, indented(change.Before), indented(change.After))
			}
		})
	})
}

type templateLogCmd struct{ onTemplate }

func (c *templateLogCmd) Run(e *environment) error {
	return c.at(e, policy.TemplatesRead, func(d *desk) error {
		all, err := d.rooms.Templates.Log(d.ctx, d.grant, c.Template)
		if err != nil {
			return err
		}
		return d.showLog(all)
	})
}

type templateWaitingCmd struct{}

type waitingView struct {
	Provider string       `json:"provider"` // name of the organization the app belongs to
	App      string       `json:"app"`
	AppKey   string       `json:"app_key"`
	Template templateView `json:"template"`
}

func (c *templateWaitingCmd) Run(e *environment) error {
	return e.open(func(s *session) error {
		by, err := s.actor(s.organization)
		if err != nil {
			return err
		}
		grant, err := s.grant(by, policy.ReviewsRead, policy.Own(by), review.Unknown())
		if err != nil {
			return err
		}
		all, err := s.waiting(grant)
		if err != nil {
			return err
		}
		views, rows := []waitingView{}, [][]string{}
		for _, w := range all {
			v := waitingView{w.Provider, w.App, w.AppKey, s.viewTemplate(w.Template, w.Template.Newest)}
			v.Template.Version.Form = nil
			views = append(views, v)
			version := v.Template.Version
			rows = append(rows, []string{
				v.AppKey, v.Template.ID, fmt.Sprint(version.Number), version.SubmittedAt.Format(time.DateTime), version.SubmittedBy, v.App, v.Provider, flat(v.Template.Name),
			})
		}
		return s.show(views, func() {
			table(s.out, []string{"APP", "TEMPLATE", "VERSION", "SUBMITTED (UTC)", "BY", "APP NAME", "PROVIDER", "NAME"}, rows)
		})
	})
}

// waiting returns all that waits, page by page.
func (s *session) waiting(g policy.Grant) (all []review.Waiting, err error) {
	for q := (review.WaitingQuery{Limit: 100}); ; {
		page, err := s.rooms.Templates.Waiting(s.ctx, g, q)
		if all = append(all, page.Items...); err != nil || page.Next == (review.Place{}) {
			return all, err
		}
		q.After = page.Next
	}
}
