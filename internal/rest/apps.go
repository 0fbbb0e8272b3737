package rest

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// knownApps knows which apps an organization has to do with.
type knownApps interface {
	Known(ctx context.Context, organization int64) ([]app.Known, error)
	// Nowhere returns the own third-party apps that were never installed.
	Nowhere(ctx context.Context, organization int64) ([]app.Known, error)
	// Find fails with CodeAgentUnknown.
	Find(ctx context.Context, organization int64, named string) (app.Known, error)
	SaveRange(ctx context.Context, by audit.By, organization, agentID, edition int64, r directory.Range) error
	SaveGranted(ctx context.Context, by audit.By, organization, agentID, edition int64, to app.Granted) error
	SwitchApp(ctx context.Context, by audit.By, organization int64, k app.Known, on bool) error
	CreateInternal(ctx context.Context, by audit.By, organization int64, n app.NewApp) (app.App, app.Agent, string, error)
	Limits(ctx context.Context, a app.App, g app.Agent) (app.AgentLimits, error)
	SaveLimits(ctx context.Context, by audit.By, organization, agentID, edition int64, own json.RawMessage) error
	SaveProfile(ctx context.Context, by audit.By, organization, appID, edition int64, p app.Profile) error
}

// apps is the apps of an organization.
type apps struct {
	known         knownApps
	inbox         previews
	people        People
	organizations Organizations
	files         *files
	addresses     fileAddresses
}

// fileAddresses knows where files are.
type fileAddresses interface {
	// URL is the path of a file that is shown apart from messages, with taskID 0.
	URL(corpID string, taskID int64, id string) string
}

func (a *apps) routes(r route.Table) {
	route.JSON(r, route.Get("listInstalledApps", "/apps", "List the apps of the organization", installedAppsText), policy.AppsList, a.list)
	route.JSON(r, route.Created(route.Post("createApp", "/apps", "Create an app", createAppText)), policy.AppsCreate, a.create)
	route.JSON(r, route.Get("getApp", appPath, "Get an app", getAppText), policy.AppsRead, a.get)
	route.JSON(r, route.Put("saveApp", appPath, "Change an app", saveAppText), policy.AppsWrite, a.save)
	route.JSON(r, route.Put("saveRange", appPath+"/range", "Say whom an app may reach", saveRangeText), policy.AppsManage, a.saveRange)
	route.JSON(r, route.Put("saveGrants", appPath+"/grants", "Say what an app may do, and who sends with it", saveGrantsText), policy.AppsManage, a.saveGrants)
	route.JSON(r, route.Post("enableApp", appPath+"/enable", "Switch an app on", "Where it is installed. Tokens from before stay ended."), policy.AppsManage, a.enable)
	route.JSON(r, route.Post("disableApp", appPath+"/disable", "Switch an app off", "Where it is installed. Its access tokens there end."), policy.AppsManage, a.disable)
	a.limitRoutes(r)
}

const installedAppsText = "Its own apps and the third-party apps installed in it, by name, those that are switched off too. An own app that is installed " +
	"in other organizations only has the agent_id of one of them. One that was never installed has none: who may read its templates is told its app_key."

// InstalledApps is the answer of listInstalledApps.
type InstalledApps struct {
	Items []InstalledApp   `json:"items" doc:"The apps."`
	May   InstalledAppsMay `json:"may" doc:"What the asker may do beside."`
}

// InstalledAppsMay is what the asker may do with the apps of the organization as a whole.
type InstalledAppsMay struct {
	Create  bool `json:"create" doc:"Create an app."`
	Install bool `json:"install" doc:"Install a third-party app."`
}

// InstalledApp is an app that the organization owns or has installed.
type InstalledApp struct {
	inbox.AppView
	AppKey         string          `json:"app_key" doc:"Its key, of an own app; empty for others, and for an asker who may not get the app unless nothing else names it."`
	Kind           string          `json:"kind" enum:"internal,third_party" doc:"Whether it works in its own organization only."`
	Provider       Organization    `json:"provider" doc:"The organization that it belongs to."`
	Enabled        bool            `json:"enabled" doc:"Whether it may send."`
	Reach          *Reach          `json:"reach" doc:"How many it may reach; null where it is not installed in the organization, and for an asker who may not get the app."`
	OldestSecretAt *time.Time      `json:"oldest_secret_at" doc:"When the oldest of its active secrets was made; null where none is active, of another organization's app, and for an asker who may not list its secrets."`
	May            InstalledAppMay `json:"may" doc:"What the asker may do with it."`
}

// Reach is how many an app may reach.
type Reach struct {
	Everyone    bool `json:"everyone" doc:"Everybody of the organization."`
	Departments int  `json:"departments" doc:"How many departments are named."`
	Userids     int  `json:"userids" doc:"How many people are named one by one."`
	People      int  `json:"people" doc:"How many active people that is."`
}

// InstalledAppMay is what the asker may do with an app.
type InstalledAppMay struct {
	WriteTemplates bool `json:"write_templates" doc:"Write templates of it."`
}

type installedAppsAnswer struct{ Body InstalledApps }

func (a *apps) list(ctx context.Context, v *route.Visit, _ *struct{}) (*installedAppsAnswer, error) {
	organization := v.Viewer.Organization
	if _, err := policy.Check(v.Asker, v.Right, policy.Resource{Organization: organization}, fault.New(fault.CodeOrganizationUnknown, "there is no such organization")); err != nil {
		return nil, err
	}
	known, err := a.known.Known(ctx, organization)
	if err != nil {
		return nil, err
	}
	nowhere, err := a.known.Nowhere(ctx, organization)
	if err != nil {
		return nil, err
	}
	for _, k := range nowhere {
		if v.Asker.Verdict(policy.TemplatesRead, k.App.Resource(), policy.Case{}) == policy.Granted {
			known = append(known, k)
		}
	}
	items := make([]InstalledApp, 0, len(known))
	for _, k := range known {
		one, err := a.item(ctx, v, k)
		if err != nil {
			return nil, err
		}
		items = append(items, one)
	}
	slices.SortFunc(items, func(x, y InstalledApp) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.AgentID, y.AgentID))
	})
	own := policy.Resource{Organization: organization}
	may := InstalledAppsMay{
		Create:  v.Asker.Verdict(policy.AppsCreate, own, policy.Case{}) == policy.Granted,
		Install: v.Asker.Verdict(policy.AppsInstall, own, policy.Case{}) == policy.Granted,
	}
	return &installedAppsAnswer{InstalledApps{items, may}}, nil
}

// item is an app as a list tells it.
func (a *apps) item(ctx context.Context, v *route.Visit, k app.Known) (InstalledApp, error) {
	organization := v.Viewer.Organization
	one := InstalledApp{
		AppView: inbox.AppView{AgentID: strconv.FormatInt(k.Agent.ID, 10), Name: k.App.Name},
		Kind:    string(k.App.Kind), Enabled: k.Enabled(),
		May: InstalledAppMay{v.Asker.Verdict(policy.TemplatesWrite, k.App.Resource(), policy.Case{}) == policy.Granted},
	}
	told := policy.AppsRead
	if k.Agent.ID == 0 { // nothing else names it
		one.AgentID, told = "", policy.TemplatesRead
	}
	if k.App.Organization == organization && v.Asker.Verdict(told, k.App.Resource(), policy.Case{}) == policy.Granted {
		one.AppKey = k.App.Key
	}
	if v.Asker.Verdict(policy.AppsWrite, k.App.Resource(), policy.Case{}) == policy.Granted {
		one.OldestSecretAt = moment(k.OldestSecretAt)
	}
	provider, err := a.organizations.Organization(ctx, k.App.Organization)
	if err != nil {
		return one, err
	}
	one.Provider = Organization{CorpID: provider.CorpID, Name: provider.Name}
	if k.App.Organization == organization {
		one.Icon = a.icon(provider.CorpID, k.App.Icon)
	}
	if !k.Here(organization) {
		return one, nil
	}
	if k.App.Icon != "" {
		if one.AppView, err = a.inbox.App(ctx, organization, k.Agent.ID); err != nil {
			return one, err
		}
	}
	of := k.App.Resource()
	of.ReceivedBy = organization
	if v.Asker.Verdict(policy.AppsRead, of, policy.Case{}) == policy.Granted {
		people, err := a.reached(ctx, organization, k.Agent.Range)
		if err != nil {
			return one, err
		}
		r := k.Agent.Range
		one.Reach = &Reach{Everyone: r.Everyone, Departments: len(r.DeptIDs), Userids: len(r.Userids), People: people}
	}
	return one, nil
}

// reached is how many active people a range has.
func (a *apps) reached(ctx context.Context, organization int64, r directory.Range) (int, error) {
	reached, err := a.people.Resolve(ctx, organization, directory.Audience{Everyone: true}, r)
	if err != nil {
		return 0, err
	}
	return int(reached.Recipients.GetCardinality()), nil
}
