package server

import (
	"context"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/media"
)

// cards tells the inbox about senders and files, which are two other rooms'.
type cards struct {
	apps  *app.Service
	media *media.Service
}

func (c cards) Sender(ctx context.Context, organization, agentID int64) (inbox.Sender, error) {
	a, err := c.apps.Agent(ctx, organization, agentID)
	return inbox.Sender{Name: a.Name, Icon: a.Icon, TrustedHosts: a.TrustedHosts}, err
}

func (c cards) MediaURL(organization int64, mediaID string) (string, bool) {
	url := c.media.URL(organization, mediaID)
	return url, url != ""
}

func (c cards) Files(ctx context.Context, organization int64, mediaIDs []string) (map[string]inbox.Upload, error) {
	files, err := c.media.ByIDs(ctx, organization, mediaIDs)
	uploads := make(map[string]inbox.Upload, len(files))
	for id, f := range files {
		uploads[id] = inbox.Upload{Name: f.Name, Size: f.Size}
	}
	return uploads, err
}
