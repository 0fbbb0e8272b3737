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
func (a *api) preview(ctx context.Context, v inbox.Viewer, d drawer, f template.Form, given template.Values) (*cardAnswer, error) {
	if err := template.CheckSize(f); err != nil {
		return nil, err
	}
	t, err := template.Compile(f)
	if err != nil {
		return nil, err
	}
	values := t.SamplesWith(given)
	names, err := a.mentioned(ctx, v.Organization, t, values)
	if err != nil {
		return nil, err
	}
	m, err := t.Message(values, names, message.Limits{})
	if err != nil {
		return nil, err
	}
	installed, ok, err := a.Apps.AgentIn(ctx, d.app, v.Organization)
	if err != nil {
		return nil, err
	}
	if !ok {
		installed.ID = 0
	}
	card, err := a.Inbox.Preview(ctx, v, installed.ID, inbox.Sender{
		Name: d.app.Name, PageURL: d.app.PageURL, TrustedHosts: d.app.TrustedHosts,
	}, m)
	card.App.AgentID = d.agent
	return &cardAnswer{card}, err
}

// mentioned looks up who is named in the values; nil when nobody is.
func (a *api) mentioned(ctx context.Context, organization int64, t *template.Template, v template.Values) (template.Names, error) {
	userids, deptIDs := t.Mentions(v)
	if len(userids)+len(deptIDs) == 0 {
		return nil, nil
	}
	users, departments, err := a.People.Names(ctx, organization, userids, deptIDs)
	if err != nil {
		return nil, err
	}
	return template.NameTable{Users: users, Departments: departments}, nil
}
