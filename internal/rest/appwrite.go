package rest

import (
	"context"
	"strconv"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

const (
	createAppText = "An internal app with every scope, and its first secret, which is shown in this answer and never again. It may reach everybody " +
		"where an administrator or an owner creates it. Where a developer does, it may reach them alone until an administrator or an owner changes its range."
	saveAppText = "In the organization that it belongs to." + changedAppText

	changedAppText = " Nothing is overwritten that the asker has not read: app_changed when somebody has changed the app since."
)

// CreateAppRequest is the body of createApp.
type CreateAppRequest struct {
	Name        string `json:"name" doc:"Stands on every message of the app; 1 to 64 characters."`
	Description string `json:"description,omitempty" doc:"What it is for; the limit is 500 characters."`
	Icon        string `json:"icon,omitempty" doc:"The media_id of an uploaded picture that the asker may see. Everybody sees it then."`
}

// CreatedApp is the answer of createApp.
type CreatedApp struct {
	App
	Secret string `json:"secret" doc:"With the app_key it gives access tokens. It is never shown again."`
}

type createAppRequest struct{ Body CreateAppRequest }

type createdAppAnswer struct{ Body CreatedApp }

func (a *apps) create(ctx context.Context, v *route.Visit, in *createAppRequest) (*createdAppAnswer, error) {
	organization := v.Viewer.Organization
	if _, err := policy.Check(v.Asker, v.Right, policy.Resource{Organization: organization}, fault.New(fault.CodeOrganizationUnknown, "there is no such organization")); err != nil {
		return nil, err
	}
	if err := a.checkIcon(ctx, v, in.Body.Icon); err != nil {
		return nil, err
	}
	n := app.NewApp{Name: in.Body.Name, Description: in.Body.Description, Icon: in.Body.Icon}
	if !v.Asker.Anywhere(policy.AppsManage) { // who may not say whom it reaches decides for themselves alone
		n.Range = &directory.Range{Userids: []string{v.Viewer.Userid}}
	}
	made, agent, secret, err := a.known.CreateInternal(ctx, v.Asker.By, organization, n)
	if err != nil {
		return nil, err
	}
	one, err := a.answer(ctx, v, app.Known{App: made, Agent: agent})
	if err != nil {
		return nil, err
	}
	return &createdAppAnswer{CreatedApp{one.Body, secret}}, nil
}

// checkIcon refuses what is no picture of the organization that the asker may see: as
// an icon everybody sees it.
func (a *apps) checkIcon(ctx context.Context, v *route.Visit, mediaID string) error {
	if mediaID == "" {
		return nil
	}
	one, err := a.files.found(ctx, v, mediaID, "")
	if fault.Is(err, fault.CodeNotFound) || err == nil && (one.Kind != media.KindImage || one.Organization != v.Viewer.Organization) {
		return fault.New(fault.CodeParameterInvalid, "an icon is the media_id of an uploaded picture").WithField("icon")
	}
	return err
}

// SaveAppRequest is the body of saveApp.
type SaveAppRequest struct {
	Edition      string   `json:"edition" pattern:"^[0-9]{1,16}$" doc:"The one that was read."`
	Name         string   `json:"name" doc:"Stands on every message of the app; 1 to 64 characters."`
	Description  string   `json:"description" doc:"What it is for; the limit is 500 characters."`
	Icon         string   `json:"icon" doc:"Its icon_media_id, or the media_id of another uploaded picture that the asker may see, which everybody sees then; empty for none."`
	PageURL      string   `json:"page_url" doc:"The http or https address where links to its mini program lead in a browser; empty for none."`
	TrustedHosts []string `json:"trusted_hosts" maxItems:"200" doc:"The hosts that it vouches for, such as example.com, *.example.com or example.com:8443."`
}

type saveAppRequest struct {
	AppPath
	Body SaveAppRequest
}

func (a *apps) save(ctx context.Context, v *route.Visit, in *saveAppRequest) (*appAnswer, error) {
	edition, _ := strconv.ParseInt(in.Body.Edition, 10, 64) // digits by the schema, few enough
	return a.change(ctx, v, in.AppPath, func(k app.Known) error {
		if in.Body.Icon != k.App.Icon {
			if err := a.checkIcon(ctx, v, in.Body.Icon); err != nil {
				return err
			}
		}
		return a.known.SaveProfile(ctx, v.Asker.By, k.App.Organization, k.App.ID, edition, app.Profile{
			Name: in.Body.Name, Description: in.Body.Description, Icon: in.Body.Icon, TrustedHosts: in.Body.TrustedHosts, PageURL: in.Body.PageURL,
		})
	})
}
