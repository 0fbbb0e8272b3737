package dingtalk

import (
	"io"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

// downloadMedia serves /media/downloadFile (docs/contract.md#download).
func (c *call) downloadMedia() error {
	const name = "media_id"
	id, err := c.args.required(name)
	if err != nil {
		return err
	}
	f, err := c.Uploads.File(c.r.Context(), c.caller.Organization, id)
	if fault.Is(err, fault.CodeNotFound) {
		err = fault.New(fault.CodeMediaUnknown, "%s names no file of this organization", name).WithField(name)
	}
	if err != nil {
		return err
	}
	return media.Serve(c.w, c.r, f, func() (io.ReadSeekCloser, error) {
		content, err := c.Uploads.Open(c.r.Context(), f)
		c.begun = err == nil
		return content, err
	})
}
