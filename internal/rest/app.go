package rest

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

const (
	appPath = "/apps/{agent_id}"

	getAppText = "An app that the organization has installed or owns."

	changedText    = " Nothing is overwritten that the asker has not read: app_changed when somebody has changed the installation since."
	saveRangeText  = "In the asker's organization, where the app is installed." + changedText
	saveGrantsText = "In the asker's organization, where the app is installed. An internal app may always send without a template; a third-party app " +
		"cannot send to everyone, and has no scope that it does not ask for." + changedText
)

// App is an app that the organization owns or has installed.
type App struct {
	AgentID      string        `json:"agent_id" doc:"Its installation in the organization; empty where it is not installed there."`
	AppKey       string        `json:"app_key" doc:"Its key."`
	Name         string        `json:"name" doc:"Its name."`
	Icon         string        `json:"icon" doc:"Where its icon is; may be empty."`
	IconMediaID  string        `json:"icon_media_id" doc:"What saveApp takes as its icon; may be empty."`
	Description  string        `json:"description" doc:"What it is for."`
	Kind         string        `json:"kind" enum:"internal,third_party" doc:"Whether it works in its own organization only."`
	Provider     Organization  `json:"provider" doc:"The organization that it belongs to."`
	Enabled      bool          `json:"enabled" doc:"Whether it may send."`
	PageURL      string        `json:"page_url" doc:"Where links to its mini program lead in a browser; may be empty."`
	TrustedHosts []string      `json:"trusted_hosts" doc:"The hosts that it vouches for."`
	Edition      string        `json:"edition" doc:"Grows with every change of the app; goes into what changes it."`
	Installation *Installation `json:"installation" doc:"How it is installed in the organization; null where it is not."`
	May          AppMay        `json:"may" doc:"What the asker may do with it."`
}

// Installation is an app as it is installed in the asker's organization.
type Installation struct {
	AgentEdition string       `json:"agent_edition" doc:"Grows with every change of the installation; goes into what changes it."`
	Range        AppRange     `json:"range" doc:"Whom it may reach."`
	Grants       AppGrants    `json:"grants" doc:"What it may do."`
	Scopes       []string     `json:"scopes" doc:"The scopes that it may be granted: of a third-party app those that it asks for."`
	Composers    AppComposers `json:"composers" doc:"Who may send with it by hand, beside administrators and owners."`
}

// AppRange is whom an app may reach.
type AppRange struct {
	Everyone    bool                  `json:"everyone" doc:"Everybody of the organization."`
	Departments []RecipientDepartment `json:"departments" doc:"The departments, with all below them; those that are gone are left out."`
	Userids     []string              `json:"userids" doc:"The people."`
	Named       []Granter             `json:"named" doc:"Those of userids who are there, with their names."`
	People      int                   `json:"people" doc:"How many active people that is."`
}

// AppGrants is what an app may do.
type AppGrants struct {
	Scopes         []string `json:"scopes" doc:"Its scopes: work_notification.send, work_notification.result, media.upload, contacts.read, contacts.write."`
	SendToEveryone bool     `json:"send_to_everyone" doc:"Send to everyone at once."`
	DirectSend     bool     `json:"direct_send" doc:"Send without a template."`
}

// AppComposers are those who may send with an app by hand.
type AppComposers struct {
	Departments []RecipientDepartment `json:"departments" doc:"The departments, with all below them; those that are gone are left out."`
	People      []Granter             `json:"people" doc:"The people; those who have left are left out."`
}

// AppMay is what the asker may do with an app.
type AppMay struct {
	Test   bool `json:"test" doc:"Send a message of it to oneself."`
	Write  bool `json:"write" doc:"Change what people see of it, its page and its hosts, and keep its secrets."`
	Manage bool `json:"manage" doc:"Change its range, grants and limits, and switch it on and off."`
}

type appAnswer struct{ Body App }

// at finds the app of a path, and what it is to the right of the route.
func (a *apps) at(ctx context.Context, v *route.Visit, p AppPath) (app.Known, error) {
	unknown := fault.New(fault.CodeAgentUnknown, "there is no such app, or it is not for you").WithField("agent_id")
	organization := v.Viewer.Organization
	k, err := a.known.Find(ctx, organization, p.AgentID)
	if fault.Is(err, fault.CodeAgentUnknown) {
		return k, unknown
	}
	if err != nil {
		return k, err
	}
	here := k.Here(organization)
	of := k.App.Resource()
	if here {
		of.ReceivedBy = organization
	}
	if v.Right == policy.AppsManage {
		of = k.App.InstalledIn(organization)
	}
	if _, err := policy.Check(v.Asker, v.Right, of, unknown); err != nil {
		return k, err
	}
	if v.Right == policy.AppsManage && !here {
		return k, notInstalledHere()
	}
	return k, nil
}

func (a *apps) get(ctx context.Context, v *route.Visit, in *AppPath) (*appAnswer, error) {
	k, err := a.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	return a.answer(ctx, v, k)
}

// change changes an app and answers what it is now.
func (a *apps) change(ctx context.Context, v *route.Visit, p AppPath, step func(app.Known) error) (*appAnswer, error) {
	k, err := a.at(ctx, v, p)
	if err != nil {
		return nil, err
	}
	if err := step(k); err != nil {
		return nil, err
	}
	return a.get(ctx, v, &p)
}

func (a *apps) enable(ctx context.Context, v *route.Visit, in *AppPath) (*appAnswer, error) {
	return a.change(ctx, v, *in, func(k app.Known) error { return a.known.SwitchApp(ctx, v.Asker.By, v.Viewer.Organization, k, true) })
}

func (a *apps) disable(ctx context.Context, v *route.Visit, in *AppPath) (*appAnswer, error) {
	return a.change(ctx, v, *in, func(k app.Known) error { return a.known.SwitchApp(ctx, v.Asker.By, v.Viewer.Organization, k, false) })
}

// SaveRangeRequest is the body of saveRange.
type SaveRangeRequest struct {
	AgentEdition string   `json:"agent_edition" pattern:"^[0-9]{1,16}$" doc:"The one that was read."`
	Everyone     bool     `json:"everyone,omitempty" doc:"Everybody of the organization; not together with the others."`
	DeptIDs      []string `json:"dept_ids,omitempty" maxItems:"1000" pattern:"^[0-9]{1,16}$" doc:"Departments, with all below them."`
	Userids      []string `json:"userids,omitempty" maxItems:"10000" doc:"People."`
}

type saveRangeRequest struct {
	AppPath
	Body SaveRangeRequest
}

func (a *apps) saveRange(ctx context.Context, v *route.Visit, in *saveRangeRequest) (*appAnswer, error) {
	edition, _ := strconv.ParseInt(in.Body.AgentEdition, 10, 64) // digits by the schema, few enough
	if in.Body.Everyone && len(in.Body.DeptIDs)+len(in.Body.Userids) > 0 {
		return nil, fault.New(fault.CodeParameterInvalid, "everyone excludes dept_ids and userids").WithField("everyone")
	}
	return a.change(ctx, v, in.AppPath, func(k app.Known) error {
		r := directory.Range{Everyone: in.Body.Everyone, DeptIDs: numbers(in.Body.DeptIDs), Userids: in.Body.Userids}
		return a.known.SaveRange(ctx, v.Asker.By, v.Viewer.Organization, k.Agent.ID, edition, r)
	})
}

// SaveGrantsRequest is the body of saveGrants.
type SaveGrantsRequest struct {
	AgentEdition   string           `json:"agent_edition" pattern:"^[0-9]{1,16}$" doc:"The one that was read."`
	Scopes         []string         `json:"scopes" maxItems:"10" doc:"Its scopes from now on."`
	SendToEveryone bool             `json:"send_to_everyone" doc:"Send to everyone at once."`
	DirectSend     bool             `json:"direct_send" doc:"Send without a template."`
	Composers      ComposersRequest `json:"composers" doc:"Who may send with it by hand from now on, beside administrators and owners."`
}

// ComposersRequest names composers.
type ComposersRequest struct {
	DeptIDs []string `json:"dept_ids,omitempty" pattern:"^[0-9]{1,16}$" doc:"Departments, with all below them; the limit is 1000."`
	Userids []string `json:"userids,omitempty" doc:"People; the limit is 1000."`
}

type saveGrantsRequest struct {
	AppPath
	Body SaveGrantsRequest
}

func (a *apps) saveGrants(ctx context.Context, v *route.Visit, in *saveGrantsRequest) (*appAnswer, error) {
	edition, _ := strconv.ParseInt(in.Body.AgentEdition, 10, 64) // digits by the schema, few enough
	return a.change(ctx, v, in.AppPath, func(k app.Known) error {
		composers, err := a.composers(ctx, v.Viewer.Organization, in.Body.Composers)
		if err != nil {
			return err
		}
		return a.known.SaveGranted(ctx, v.Asker.By, v.Viewer.Organization, k.Agent.ID, edition, app.Granted{
			Grants: app.Grants{SendToEveryone: in.Body.SendToEveryone, Scopes: in.Body.Scopes}, DirectSend: in.Body.DirectSend, Composers: composers,
		})
	})
}

// composers finds those who are named. Each must be there: nobody else may get a
// right by a slip of the keyboard.
func (a *apps) composers(ctx context.Context, organization int64, r ComposersRequest) (app.Composers, error) {
	c := app.Composers{DeptIDs: numbers(r.DeptIDs)}
	paths, err := a.people.Paths(ctx, organization, c.DeptIDs)
	if err != nil {
		return c, err
	}
	for i, id := range c.DeptIDs {
		if _, there := paths[id]; !there {
			return c, fault.New(fault.CodeDepartmentUnknown, "there is no department %d", id).WithField(fmt.Sprintf("composers.dept_ids[%d]", i))
		}
	}
	for i, userid := range r.Userids {
		ordinal, there := a.people.Ordinal(organization, userid)
		if !there {
			return c, fault.New(fault.CodeUserUnknown, "there is no such user").WithField(fmt.Sprintf("composers.userids[%d]", i))
		}
		c.Ordinals = append(c.Ordinals, ordinal)
	}
	return c, nil
}
