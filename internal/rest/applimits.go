package rest

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

const (
	limitsPath = appPath + "/limits"

	getLimitsText  = "As it is installed in the asker's organization: what is in force, and where it comes from."
	saveLimitsText = "Those in which the app differs from its organization, in place of those before. A number of 0 is no limit." + changedText
)

func (a *apps) limitRoutes(r route.Table) {
	route.JSON(r, route.Get("getAppLimits", limitsPath, "Tell the limits of an app", getLimitsText), policy.AppsRead, a.limits)
	route.JSON(r, route.Put("saveAppLimits", limitsPath, "Change the limits of an app", saveLimitsText), policy.AppsManage, a.saveLimits)
}

// AppLimits is the limits of an app, and where they come from.
type AppLimits struct {
	AgentEdition string         `json:"agent_edition" doc:"Grows with every change of the installation; goes into what changes it."`
	Values       policy.Limits  `json:"values" doc:"What is in force. 0 is no limit; a window of 0s is as long as the message is kept."`
	Own          map[string]any `json:"own" doc:"What was decided for this app, by the names of the limits."`
	Organization policy.Limits  `json:"organization" doc:"What would be in force without own."`
	Preset       policy.Limits  `json:"preset" doc:"What the organization's preset says of such an app."`
}

type appLimitsAnswer struct{ Body AppLimits }

func (a *apps) limits(ctx context.Context, v *route.Visit, in *AppPath) (*appLimitsAnswer, error) {
	k, err := a.at(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	if !k.Here(v.Viewer.Organization) {
		return nil, notInstalledHere()
	}
	l, err := a.known.Limits(ctx, k.App, k.Agent)
	if err != nil {
		return nil, err
	}
	own := map[string]any{}
	if len(l.Own) > 0 {
		err = json.Unmarshal(l.Own, &own)
	}
	return &appLimitsAnswer{AppLimits{strconv.FormatInt(k.Agent.Edition, 10), l.Values, own, l.Organization, l.Preset}}, err
}

func notInstalledHere() error {
	return fault.New(fault.CodeNotInstalled, "the app is not installed in your organization").WithField("agent_id")
}

// SaveAppLimitsRequest is the body of saveAppLimits.
type SaveAppLimitsRequest struct {
	AgentEdition string         `json:"agent_edition" pattern:"^[0-9]{1,16}$" doc:"The one that was read."`
	Own          map[string]any `json:"own" doc:"What is decided for this app from now on, by the names of the limits, such as {\"messages_per_day\":100}; all others are the organization's."`
}

type saveAppLimitsRequest struct {
	AppPath
	Body SaveAppLimitsRequest
}

func (a *apps) saveLimits(ctx context.Context, v *route.Visit, in *saveAppLimitsRequest) (*appLimitsAnswer, error) {
	edition, _ := strconv.ParseInt(in.Body.AgentEdition, 10, 64) // digits by the schema, few enough
	own, err := json.Marshal(in.Body.Own)
	if err != nil {
		return nil, err
	}
	_, err = a.change(ctx, v, in.AppPath, func(k app.Known) error {
		return a.known.SaveLimits(ctx, v.Asker.By, v.Viewer.Organization, k.Agent.ID, edition, own)
	})
	if err != nil {
		return nil, err
	}
	return a.limits(ctx, v, &in.AppPath)
}
