package rest

import (
	"context"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/template"
)

type cardAnswer struct{ Body inbox.Card }

// preview shows a form as an inbox of the viewer's organization would: its
// files, its trusted hosts, names of its people. Where the app is not
// installed there, nothing but the app itself is trusted.
func (a *api) preview(ctx context.Context, v *visit, d drawer, f template.Form, given template.Values) (*cardAnswer, error) {
	if err := template.CheckSize(f); err != nil {
		return nil, err
	}
	t, err := template.Compile(ctx, f)
	if err != nil {
		return nil, err
	}
	values := t.SamplesWith(given)
	names, err := t.LookUp(ctx, a.People, v.viewer.Organization, values)
	if err != nil {
		return nil, err
	}
	m, err := t.Message(values, names, message.Limits{})
	if err != nil {
		return nil, err
	}
	installed, ok, err := a.Apps.AgentIn(ctx, d.app, v.viewer.Organization)
	if err != nil {
		return nil, err
	}
	if !ok {
		installed.ID = 0
	}
	card, err := a.Inbox.Preview(ctx, v.inbox(), installed.ID, inbox.Sender{
		Name: d.app.Name, PageURL: d.app.PageURL, TrustedHosts: d.app.TrustedHosts,
	}, m)
	card.App.AgentID = d.agent
	return &cardAnswer{card}, err
}
