package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/rest/route"
	"github.com/tidings-im/tidings/internal/template"
)

// previews shows what nobody has sent.
type previews interface {
	// Preview shows a message that nobody has sent.
	Preview(ctx context.Context, v inbox.Viewer, agentID int64, otherwise inbox.Sender, m *message.Message) (inbox.Card, error)
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
	installed, ok, err := t.apps.AgentIn(ctx, a.app, v.Viewer.Organization)
	if err != nil {
		return nil, err
	}
	if !ok {
		installed.ID = 0
	}
	card, err := t.inbox.Preview(ctx, v.Inbox(), installed.ID, inbox.Sender{
		Name: a.app.Name, PageURL: a.app.PageURL, TrustedHosts: a.app.TrustedHosts,
	}, m)
	card.App.AgentID = a.agent
	return &cardAnswer{card}, err
}
