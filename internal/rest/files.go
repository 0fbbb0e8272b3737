package rest

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// fileRoom has files.
type fileRoom interface {
	// File returns CodeNotFound for one the organization does not have.
	File(ctx context.Context, organization int64, id string) (media.File, error)
	Open(ctx context.Context, f media.File) (io.ReadSeekCloser, error)
}

// shownFiles knows what messages show.
type shownFiles interface {
	// Shows reports whether the viewer sees a file in a task's message now.
	Shows(ctx context.Context, v inbox.Viewer, taskID int64, mediaID string) (bool, error)
}

// fileOwners knows who has uploaded a file.
type fileOwners interface {
	// FileOwner returns the app that a file was uploaded by, its id 0 if it is
	// gone, and whether the file is an app's icon.
	FileOwner(ctx context.Context, organization, appID int64, mediaID string) (owner app.App, icon bool, err error)
	// IconOwner returns the organization whose app, installed in another one, has a
	// file as its icon.
	IconOwner(ctx context.Context, organization int64, mediaID string) (owner int64, found bool, err error)
}

// files is what messages and apps show.
type files struct {
	media  fileRoom
	inbox  shownFiles
	owners fileOwners
	apps   knownApps
	askers route.Askers
	tasks  taskFiles
}

// taskFiles knows what tasks show to those who administer them.
type taskFiles interface {
	Shows(ctx context.Context, asker policy.Asker, taskID int64, mediaID string) (bool, error)
}

func (f *files) routes(r route.Table) {
	route.Raw(r, f.fileRoute(), policy.FilesRead, f.file)
}

func (f *files) fileRoute() huma.Operation {
	op := route.Get("getFile", "/media/{id}", "Get a file", fileText)
	op.Parameters = []*huma.Param{{
		Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
		Description: "The media id, percent-encoded.",
	}, {
		Name: "task", In: "query", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "The task_id of the message that shows the file; cards name it in their addresses. Without it only icons are found, " +
			"and what those see who have to do with the app's templates or send with the app by hand.",
	}}
	op.Responses = route.AnswerWith(http.StatusOK, "The file.", "application/octet-stream", &huma.Schema{Type: huma.TypeString, Format: "binary"})
	return op
}

const fileText = "Pictures are shown in place, everything else is offered for download. Ranges are understood. A file is there for whom a " +
	"message shows it that is not recalled, for those who may read the task's card, as an app's icon, for those who have to do with the app's templates, " +
	"and for those who send with the app by hand; " +
	"ask again with its ETag before it is shown again."

// file serves a file to whoever may see it at this moment; to everybody else it
// is like one that is not there.
func (f *files) file(w http.ResponseWriter, r *http.Request, v *route.Visit) error {
	ctx := r.Context()
	one, err := f.found(ctx, v, r.PathValue("id"), r.URL.Query().Get("task"))
	if err != nil {
		return err
	}
	return media.Serve(w, r, one, func() (io.ReadSeekCloser, error) { return f.media.Open(ctx, one) })
}

// found returns a file that the viewer may see at this moment. Fails with
// CodeNotFound.
func (f *files) found(ctx context.Context, v *route.Visit, mediaID, task string) (media.File, error) {
	one, err := f.media.File(ctx, v.Viewer.Organization, mediaID)
	if fault.Is(err, fault.CodeNotFound) && task == "" {
		return f.iconFromElsewhere(ctx, v.Viewer.Organization, mediaID)
	}
	if err != nil {
		return media.File{}, err
	}
	sees, err := f.sees(ctx, v, one, task)
	if err == nil && !sees {
		err = media.NotFound()
	}
	return one, err
}

// iconFromElsewhere returns the icon of another organization's app that is, or was,
// installed in an organization.
func (f *files) iconFromElsewhere(ctx context.Context, organization int64, mediaID string) (media.File, error) {
	owner, found, err := f.owners.IconOwner(ctx, organization, mediaID)
	if err == nil && !found {
		err = media.NotFound()
	}
	if err != nil {
		return media.File{}, err
	}
	return f.media.File(ctx, owner, mediaID)
}

// shown reports whether a task shows a file to the viewer: to whom it was sent, and
// to those who may read its card.
func (f *files) shown(ctx context.Context, v *route.Visit, taskID int64, mediaID string) (bool, error) {
	shown, err := f.inbox.Shows(ctx, v.Inbox(), taskID, mediaID)
	if err != nil || shown {
		return shown, err
	}
	asker, err := f.askers.Asker(ctx, v.Asker.By)
	if err != nil {
		return false, err
	}
	return f.tasks.Shows(ctx, asker, taskID, mediaID)
}

// sees reports whether the viewer may see a file: in a message that was sent to
// them and is not recalled, as an app's icon, or because they have to do with
// the templates of the app whose upload it is, which show it before anything is
// sent, or send with that app by hand.
func (f *files) sees(ctx context.Context, v *route.Visit, one media.File, task string) (bool, error) {
	if task != "" {
		id, err := strconv.ParseInt(task, 10, 64)
		if err != nil {
			return false, nil //nolint:nilerr // no task of ours
		}
		return f.shown(ctx, v, id, one.ID)
	}
	owner, icon, err := f.owners.FileOwner(ctx, one.Organization, one.AppID, one.ID)
	if err != nil || icon {
		return icon, err
	}
	asker, err := f.askers.Asker(ctx, v.Asker.By)
	if err != nil {
		return false, err
	}
	if owner.ID != 0 && asker.Verdict(policy.TemplatesRead, owner.Resource(), policy.Case{}) == policy.Granted {
		return true, nil
	}
	return f.sends(ctx, asker, one)
}

// sends reports whether somebody sends by hand with the app that has uploaded a file,
// as it is installed in their organization.
func (f *files) sends(ctx context.Context, asker policy.Asker, one media.File) (bool, error) {
	known, err := f.apps.Known(ctx, one.Organization)
	if err != nil {
		return false, err
	}
	for _, k := range known {
		if k.App.ID != one.AppID || !k.Here(one.Organization) {
			continue
		}
		of := k.App.Resource()
		of.Organization, of.ReceivedBy = one.Organization, one.Organization
		if asker.Verdict(policy.SendsWrite, of, policy.Case{}) == policy.Granted {
			return true, nil
		}
	}
	return false, nil
}
