package rest

import (
	"context"
	"slices"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/template"
)

// previews shows what nobody has sent.
type previews interface {
	// Preview shows a message that nobody has sent.
	Preview(ctx context.Context, v inbox.Viewer, agentID int64, otherwise inbox.Sender, m *message.Message) (inbox.Card, error)
	// App returns how an installation is shown.
	App(ctx context.Context, organization, agentID int64) (inbox.AppView, error)
}

type cardAnswer struct{ Body inbox.Card }

// preview shows a form as an inbox of the viewer's organization would: its
// files, its trusted hosts, names of its people. Where the app is not
// installed there, nothing but the app itself is trusted.
func (t *templates) preview(ctx context.Context, v *route.Visit, a appTemplates, f template.Form, given template.Values) (*cardAnswer, error) {
	if err := template.CheckSize(f); err != nil {
		return nil, err
	}
	compiled, err := template.Compile(ctx, f)
	if err != nil {
		return nil, err
	}
	values := compiled.SamplesWith(given)
	names, err := compiled.LookUp(ctx, t.people, v.Viewer.Organization, values)
	if err != nil {
		return nil, err
	}
	m, err := compiled.Message(values, names, message.Limits{})
	if err != nil {
		return nil, err
	}
	installed, err := t.installed(ctx, v, a)
	if err != nil {
		return nil, err
	}
	card, err := t.card(ctx, v, a, installed, m)
	return &cardAnswer{card}, err
}

// installed returns the installation of an app in the viewer's organization; 0
// without one that may send.
func (t *templates) installed(ctx context.Context, v *route.Visit, a appTemplates) (int64, error) {
	g, ok, err := t.apps.AgentIn(ctx, a.app, v.Viewer.Organization)
	if err != nil || !ok {
		return 0, err
	}
	return g.ID, nil
}

// card shows a message of an app as an inbox of the viewer's organization would.
func (t *templates) card(ctx context.Context, v *route.Visit, a appTemplates, installed int64, m *message.Message) (inbox.Card, error) {
	card, err := t.inbox.Preview(ctx, v.Inbox(), installed, inbox.Sender{
		Name: a.app.Name, PageURL: a.app.PageURL, TrustedHosts: a.app.TrustedHosts,
	}, m)
	card.App.AgentID = a.agent
	return card, err
}

// sketch shows as much of a form as there is of it, nil while that is nothing.
func (t *templates) sketch(
	ctx context.Context, v *route.Visit, a appTemplates, installed int64, f template.Form, given template.Values,
) (*inbox.Card, error) {
	sketch := template.NewSketch(f)
	names, err := sketch.LookUp(ctx, t.people, v.Viewer.Organization, sketch.SamplesWith(given))
	if err != nil {
		return nil, err
	}
	m := sketch.Sketch(given, names)
	if m == nil {
		return nil, nil
	}
	card, err := t.card(ctx, v, a, installed, m)
	return &card, err
}

// Check is what linting finds in a form, and what it looks like.
type Check struct {
	Lint
	Card *inbox.Card `json:"card" doc:"As much of the card as can be shown; null while there is nothing to show."`
}

type checkAnswer struct{ Body Check }

func (t *templates) check(ctx context.Context, v *route.Visit, in *previewFormRequest) (*checkAnswer, error) {
	a, err := t.ofApp(ctx, v, in.AppPath)
	if err != nil {
		return nil, err
	}
	form, given := in.Body.Form.form(), template.Values(in.Body.Values)
	found, err := lint(ctx, form)
	if err != nil {
		return nil, err
	}
	answer := Check{Lint: found.Body}
	if !slices.ContainsFunc(answer.Findings, func(f template.Finding) bool { return f.Severity == template.Error }) {
		sound := template.Approved(form)
		if _, err := sound.Message(sound.SamplesWith(given), nil, message.Limits{}); err != nil {
			answer.Findings = append(answer.Findings, template.ValueFinding(err))
		}
	}
	installed, err := t.installed(ctx, v, a)
	if err != nil {
		return nil, err
	}
	answer.Card, err = t.sketch(ctx, v, a, installed, form, given)
	return &checkAnswer{answer}, err
}
