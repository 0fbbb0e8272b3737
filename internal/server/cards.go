package server

import (
	"context"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/oauth"
)

// cards tells the inbox about senders and files, which are other rooms'.
type cards struct {
	apps          *app.Service
	media         *media.Service
	organizations *directory.Service
}

func (c cards) Sender(ctx context.Context, organization, agentID int64) (inbox.Sender, error) {
	a, err := c.apps.Agent(ctx, organization, agentID)
	if err != nil {
		return inbox.Sender{}, err
	}
	s := inbox.Sender{Name: a.Name, Icon: a.Icon, PageURL: a.PageURL, PageOrigin: oauth.PageOrigin(a.PageURL), TrustedHosts: a.TrustedHosts}
	if url, ok := c.MediaURL(ctx, organization, 0, a.Icon); ok { // else it is an address already
		s.Icon = url
	}
	return s, nil
}

func (c cards) MediaURL(ctx context.Context, organization, taskID int64, mediaID string) (string, bool) {
	o, err := c.organizations.Organization(ctx, organization)
	if err != nil {
		return "", false
	}
	url := c.media.URL(o.CorpID, taskID, mediaID)
	return url, url != ""
}

func (c cards) Files(ctx context.Context, organization int64, mediaIDs []string) (map[string]message.Upload, error) {
	files, err := c.media.ByIDs(ctx, organization, mediaIDs)
	uploads := make(map[string]message.Upload, len(files))
	for id, f := range files {
		uploads[id] = message.Upload{
			Name: f.Name, Size: f.Size, ContentType: f.ContentType, Width: f.Width, Height: f.Height,
		}
	}
	return uploads, err
}
