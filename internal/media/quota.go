package media

import (
	"context"
	"iter"
	"regexp"

	"github.com/tidings-im/tidings/internal/fault"
)

// Quota is how many bytes of files may be kept: of all apps of an organization
// together, and of the app that uploads. 0 is no limit.
type Quota struct{ All, OfApp int64 }

// Used returns CodeUploadQuota: of the organization, or of the app.
func (q Quota) Used(all bool) error {
	of, most := "the app", q.OfApp
	if all {
		of, most = "the organization's apps", q.All
	}
	return fault.New(fault.CodeUploadQuota, "the files of %s take all of their room, the limit is %d bytes", of, most).
		WithField("media").WithLimit(most, 0)
}

// checkQuota refuses an upload before anything of it is read where nothing
// more fits. Whether it fits is known when its size is.
func (s *Service) checkQuota(ctx context.Context, u Upload) error {
	if u.Quota == (Quota{}) {
		return nil
	}
	all, ofApp, err := s.store.Usage(ctx, u.Organization, u.AppID)
	switch {
	case err != nil:
		return err
	case u.Quota.All > 0 && all >= u.Quota.All:
		return u.Quota.Used(true)
	case u.Quota.OfApp > 0 && ofApp >= u.Quota.OfApp:
		return u.Quota.Used(false)
	}
	return nil
}

var idPattern = regexp.MustCompile(idPrefix + "[a-z2-7]{26}")

// IDsIn returns all that may be an id of a file in a text.
func IDsIn(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, id := range idPattern.FindAllString(text, -1) {
			if !yield(id) {
				return
			}
		}
	}
}
