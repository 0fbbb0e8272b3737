package rest

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/policy"
)

// file serves a file to whoever may see it at this moment; to everybody else it
// is like one that is not there.
func (a *api) file(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx := r.Context()
	f, err := a.Media.File(ctx, v.viewer.Organization, r.PathValue("id"))
	if err != nil {
		return err
	}
	sees, err := a.sees(ctx, v, f, r.URL.Query().Get("task"))
	if err != nil {
		return err
	}
	if !sees {
		return media.NotFound()
	}
	return media.Serve(w, r, f, func() (io.ReadSeekCloser, error) { return a.Media.Open(ctx, f) })
}

// sees reports whether the viewer may see a file: in a message that was sent to
// them and is not recalled, as an app's icon, or because they have to do with
// the templates of the app whose upload it is, which show it before anything is
// sent.
func (a *api) sees(ctx context.Context, v *visit, f media.File, task string) (bool, error) {
	if task != "" {
		id, err := strconv.ParseInt(task, 10, 64)
		if err != nil {
			return false, nil //nolint:nilerr // no task of ours
		}
		return a.Inbox.Shows(ctx, v.inbox(), id, f.ID)
	}
	owner, icon, err := a.Apps.FileOwner(ctx, f.Organization, f.AppID, f.ID)
	if err != nil || icon || owner.ID == 0 {
		return icon, err
	}
	asker, err := a.Accounts.Asker(ctx, v.asker.By)
	return err == nil && asker.Verdict(policy.TemplatesRead, owner.Resource(), policy.Case{}) == policy.Granted, err
}
