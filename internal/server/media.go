package server

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/media/s3"
	"github.com/tidings-im/tidings/internal/store"
)

// openMedia opens what keeps the contents of uploaded files.
func openMedia(ctx context.Context, c config.Config, db *store.DB, now func() time.Time) (media.Storage, error) {
	switch c.Media {
	case config.MediaDisk:
		return media.NewDisk(MediaDir(c.Data), now())
	case config.MediaDatabase:
		return db.MediaContents(), nil
	case config.MediaS3:
		return s3.Open(ctx, c.Bucket, s3.FromEnvironment())
	}
	return nil, fmt.Errorf("media: %q is no place for files", c.Media)
}
