package rest

import (
	"context"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// installRoom installs third-party apps.
type installRoom interface {
	Installations(ctx context.Context, a app.App) ([]app.Agent, error)
	InstallByKey(ctx context.Context, by audit.By, organization int64, suiteKey string, i app.Installation) (app.Known, error)
	// Uninstall fails with CodeAgentUnknown for an internal app.
	Uninstall(ctx context.Context, by audit.By, organization, agentID int64) error
}

// installs is where apps are installed.
type installs struct {
	apps  *apps
	room  installRoom
	nodes Nodes
}

const (
	installationsText = "At present, by its own organization's people. They see whom it may reach there as numbers alone."
	installText       = "A third-party app of whichever organization, which its suite key names. Where it was installed before it has the agent_id that it had, and " +
		"neither the composers nor the right to send without a template. conflict where it is installed: getApp tells how, and saveRange and saveGrants change it."
	uninstallText = "Its access tokens for the organization end, and it is answered from then on as one that is not installed. What it has sent stays, and " +
		"so does who has read it. The answer waits until every server follows. An internal app is switched off instead."
)

func (i *installs) routes(r route.Table) {
	route.JSON(r, route.Get("listInstallations", appPath+"/installations", "List where an app is installed", installationsText), policy.InstallationsRead, i.list)
	route.JSON(r, route.Created(route.Post("installApp", "/apps/install", "Install a third-party app", installText)), policy.AppsInstall, i.install)
	route.JSON(r, route.Delete("uninstallApp", appPath, "Uninstall a third-party app", uninstallText), policy.AppsManage, i.uninstall)
}

// InstallationList is the answer of listInstallations.
type InstallationList struct {
	Items []InstalledIn `json:"items" doc:"The installations."`
}

// InstalledIn is an app in one organization.
type InstalledIn struct {
	Organization Organization `json:"organization" doc:"Where it is installed."`
	AgentID      string       `json:"agent_id" doc:"The installation."`
	Enabled      bool         `json:"enabled" doc:"Whether it may send there."`
	Since        time.Time    `json:"since" doc:"When it was installed there for the first time."`
	Everyone     bool         `json:"everyone" doc:"Whether it may reach everybody there."`
	Departments  int          `json:"departments" doc:"How many departments it may reach there."`
	Userids      int          `json:"userids" doc:"How many people it may reach there who are named one by one."`
}

type installationsAnswer struct{ Body InstallationList }

func (i *installs) list(ctx context.Context, v *route.Visit, in *AppPath) (*installationsAnswer, error) {
	k, err := i.apps.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	agents, err := i.room.Installations(ctx, k.App)
	if err != nil {
		return nil, err
	}
	list := InstallationList{Items: make([]InstalledIn, 0, len(agents))}
	for _, g := range agents {
		o, err := i.apps.organizations.Organization(ctx, g.Organization)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, InstalledIn{
			Organization: Organization{CorpID: o.CorpID, Name: o.Name}, AgentID: strconv.FormatInt(g.ID, 10),
			Enabled: k.App.DisabledAt.IsZero() && g.DisabledAt.IsZero(), Since: g.CreatedAt,
			Everyone: g.Range.Everyone, Departments: len(g.Range.DeptIDs), Userids: len(g.Range.Userids),
		})
	}
	return &installationsAnswer{list}, nil
}

// InstallAppRequest is the body of installApp.
type InstallAppRequest struct {
	SuiteKey string       `json:"suite_key" maxLength:"64" doc:"The app's key, which its provider tells."`
	Range    RangeRequest `json:"range" doc:"Whom it may reach."`
	Scopes   []string     `json:"scopes,omitempty" maxItems:"10" doc:"The scopes that it has; all that it asks for when not given."`
}

// RangeRequest names whom an app may reach.
type RangeRequest struct {
	Everyone bool     `json:"everyone,omitempty" doc:"Everybody of the organization; not together with the others."`
	DeptIDs  []string `json:"dept_ids,omitempty" maxItems:"1000" pattern:"^[0-9]{1,16}$" doc:"Departments, with all below them."`
	Userids  []string `json:"userids,omitempty" maxItems:"10000" doc:"People."`
}

type installAppRequest struct{ Body InstallAppRequest }

func (i *installs) install(ctx context.Context, v *route.Visit, in *installAppRequest) (*appAnswer, error) {
	organization, to := v.Viewer.Organization, in.Body.Range
	if _, err := policy.Check(v.Asker, v.Right, policy.Resource{Organization: organization}, fault.New(fault.CodeOrganizationUnknown, "there is no such organization")); err != nil {
		return nil, err
	}
	if to.Everyone && len(to.DeptIDs)+len(to.Userids) > 0 {
		return nil, fault.New(fault.CodeParameterInvalid, "everyone excludes dept_ids and userids").WithField("range.everyone")
	}
	k, err := i.room.InstallByKey(ctx, v.Asker.By, organization, in.Body.SuiteKey, app.Installation{
		Range: directory.Range{Everyone: to.Everyone, DeptIDs: numbers(to.DeptIDs), Userids: to.Userids}, Scopes: in.Body.Scopes,
	})
	if err != nil {
		return nil, err
	}
	return i.apps.answer(ctx, v, k)
}

// Uninstalled is the answer of uninstallApp.
type Uninstalled struct {
	InForce bool `json:"in_force" doc:"Whether every server refuses its tokens by now. False where one could not be asked: it refuses them once it reaches the database."`
}

type uninstalledAnswer struct{ Body Uninstalled }

func (i *installs) uninstall(ctx context.Context, v *route.Visit, in *AppPath) (*uninstalledAnswer, error) {
	k, err := i.apps.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	err = i.room.Uninstall(ctx, v.Asker.By, v.Viewer.Organization, k.Agent.ID)
	if fault.Is(err, fault.CodeAgentUnknown) && k.App.Kind == app.Internal {
		err = fault.New(fault.CodeParameterInvalid, "an internal app cannot be uninstalled: switch it off").WithField("agent_id")
	}
	if err != nil {
		return nil, err
	}
	return &uninstalledAnswer{Uninstalled{i.nodes.Followed(ctx)}}, nil
}
