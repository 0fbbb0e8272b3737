package rest

import (
	"context"
	"strconv"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// answer writes an app as it is.
func (a *apps) answer(ctx context.Context, v *route.Visit, k app.Known) (*appAnswer, error) {
	organization := v.Viewer.Organization
	o, err := a.organizations.Organization(ctx, k.App.Organization)
	if err != nil {
		return nil, err
	}
	one := App{
		AppKey: k.App.Key, Name: k.App.Name, Description: k.App.Description, Kind: string(k.App.Kind), Enabled: k.Enabled(),
		Provider: Organization{CorpID: o.CorpID, Name: o.Name}, PageURL: k.App.PageURL, TrustedHosts: append([]string{}, k.App.TrustedHosts...),
		Edition: strconv.FormatInt(k.App.Edition, 10), Icon: a.icon(o.CorpID, k.App.Icon), IconMediaID: k.App.Icon,
	}
	one.May.Write = v.Asker.Verdict(policy.AppsWrite, k.App.Resource(), policy.Case{}) == policy.Granted
	if !k.Here(organization) {
		return &appAnswer{one}, nil
	}
	view, err := a.inbox.App(ctx, organization, k.Agent.ID)
	if err != nil {
		return nil, err
	}
	one.AgentID, one.Icon = view.AgentID, view.Icon
	one.May.Test = v.Asker.Verdict(policy.SendsTest, k.App.InstalledIn(organization), policy.Case{}) == policy.Granted
	one.May.Manage = v.Asker.Verdict(policy.AppsManage, k.App.InstalledIn(organization), policy.Case{}) == policy.Granted
	one.Installation, err = a.installation(ctx, organization, k)
	return &appAnswer{one}, err
}

// icon is where an icon of an organization's app is.
func (a *apps) icon(corpID, mediaID string) string {
	if url := a.addresses.URL(corpID, 0, mediaID); url != "" {
		return url
	}
	return mediaID // it is an address already, or none
}

// installation writes how an app is installed.
func (a *apps) installation(ctx context.Context, organization int64, k app.Known) (*Installation, error) {
	granted := k.Granted()
	i := &Installation{
		AgentEdition: strconv.FormatInt(k.Agent.Edition, 10),
		Grants:       AppGrants{Scopes: append([]string{}, granted.Scopes...), SendToEveryone: granted.SendToEveryone, DirectSend: granted.DirectSend},
		Range:        AppRange{Everyone: k.Agent.Range.Everyone, Userids: append([]string{}, k.Agent.Range.Userids...)},
		Composers:    AppComposers{People: []Granter{}},
	}
	i.Scopes = app.Scopes()
	if k.App.Kind == app.ThirdParty {
		i.Scopes = append([]string{}, k.App.Scopes...)
	}
	var err error
	if i.Range.People, err = a.reached(ctx, organization, k.Agent.Range); err != nil {
		return nil, err
	}
	if i.Range.Named, err = a.named(ctx, organization, k.Agent.Range.Userids); err != nil {
		return nil, err
	}
	if i.Range.Departments, err = a.departments(ctx, organization, k.Agent.Range.DeptIDs); err != nil {
		return nil, err
	}
	if i.Composers.Departments, err = a.departments(ctx, organization, granted.Composers.DeptIDs); err != nil {
		return nil, err
	}
	users, err := a.people.PeopleByOrdinal(ctx, organization, granted.Composers.Ordinals)
	for _, ordinal := range granted.Composers.Ordinals {
		if u, there := users[ordinal]; there && u.State() != directory.Deleted {
			i.Composers.People = append(i.Composers.People, Granter{u.Userid, u.Name})
		}
	}
	return i, err
}

// named are the people of a range who are there, with their names.
func (a *apps) named(ctx context.Context, organization int64, userids []string) ([]Granter, error) {
	list := make([]Granter, 0, len(userids))
	names, _, err := a.people.Names(ctx, organization, userids, nil)
	for _, userid := range userids {
		if name, there := names[userid]; there {
			list = append(list, Granter{userid, name})
		}
	}
	return list, err
}

// departments are those that are there, with their paths.
func (a *apps) departments(ctx context.Context, organization int64, ids []int64) ([]RecipientDepartment, error) {
	list := make([]RecipientDepartment, 0, len(ids))
	paths, err := a.people.Paths(ctx, organization, ids)
	for _, id := range ids {
		if path, there := paths[id]; there {
			list = append(list, RecipientDepartment{strconv.FormatInt(id, 10), path})
		}
	}
	return list, err
}
