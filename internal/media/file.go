package media

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"time"
)

// File is what is known of an upload. It never changes, but for Ending.
type File struct {
	ID            string // opaque, unguessable, "@l…"
	Organization  int64
	AppID         int64
	Kind          string // as uploaded: image, voice, video or file
	Name          string // cleaned, with an ending that fits the content; at most 255 bytes
	ContentType   string
	Size          int64  // bytes as stored
	Width, Height int    // of a picture in pixels, else 0
	Digest        string // SHA-256 of the stored bytes, hexadecimal
	CreatedAt     time.Time
	// Ending says that nothing names the file and that it is about to go: it
	// cannot be sent any more.
	Ending bool
}

// Upload is a file on its way in. Name is what the client calls it.
type Upload struct {
	Organization int64
	AppID        int64
	Kind         string
	Name         string
	Content      io.Reader
	Quota        Quota
}

// Store is where files are entered. A file of another organization does not
// exist.
type Store interface {
	// CreateUpload notes that a content is about to be stored.
	CreateUpload(ctx context.Context, organization int64, id string, at time.Time) error
	// Create enters a file in place of its note. CodeConflict when the note is
	// gone or the upload was abandoned; CodeUploadQuota when it would be more
	// than the quota, whatever others enter at the same time.
	Create(ctx context.Context, f File, q Quota) error
	// Usage returns how many bytes are kept of an organization, and of one app.
	Usage(ctx context.Context, organization, appID int64) (all, ofApp int64, err error)
	// AbandonUploads makes sure that uploads noted before a time are never
	// entered, and returns the first limit of those. Only ID and Organization
	// are known of them.
	AbandonUploads(ctx context.Context, before time.Time, limit int) ([]File, error)
	// DeleteUpload removes a note.
	DeleteUpload(ctx context.Context, organization int64, id string) error
	// CheckSpace returns CodeStorageFull while the disk has no room for more.
	CheckSpace() error
	// ByIDs returns those of the ids that exist, in no particular order.
	ByIDs(ctx context.Context, organization int64, ids []string) ([]File, error)
}

// pathPrefix is where the web app finds files; the rest edge serves it.
const pathPrefix = "/api/v1/media/"

// URL returns the path under which a browser of the organization's people gets
// the file, and "" for an id that this room cannot have given out. The path
// says whose file it is, for a browser may be signed in to several
// organizations, and in which task it is seen; 0 is for a file that is shown
// apart from messages. It does not say that the file exists.
func (s *Service) URL(corpID string, taskID int64, id string) string {
	if !validID(id) {
		return ""
	}
	path := pathPrefix + url.PathEscape(id) + "?org=" + url.QueryEscape(corpID)
	if taskID != 0 {
		path += "&task=" + strconv.FormatInt(taskID, 10)
	}
	return path
}
