package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidings-im/tidings/internal/media/s3"
)

// Where uploaded files are kept.
const (
	MediaDisk     = "disk"
	MediaDatabase = "database"
	MediaS3       = "s3"
)

// takeMedia reads the option media. Its default depends on the engine: a disk
// is one node's own, so that other nodes could not serve what lies there.
func (c *Config) takeMedia(s *sources) {
	standard := MediaDatabase
	_, onSQLite := c.SQLite()
	if onSQLite {
		standard = MediaDisk
	}
	parse := func(text string) (string, error) {
		if address, ok := strings.CutPrefix(text, MediaS3+":"); ok {
			var err error
			c.Bucket, err = s3.ParseLocation(address)
			return MediaS3, err
		}
		switch {
		case text == MediaDisk && !onSQLite:
			return "", errors.New("disk is refused on PostgreSQL, where other nodes could not serve the files: say database or s3:https://HOST/BUCKET")
		case text == MediaDisk, text == MediaDatabase:
			return text, nil
		case strings.Contains(text, "://"): // may hold a secret
			return "", errors.New("must be disk, database or s3:https://HOST/BUCKET")
		}
		return "", fmt.Errorf("%q is none of disk, database and s3:https://HOST/BUCKET", text)
	}
	c.Media = take(s, "media", standard, parse)
}
