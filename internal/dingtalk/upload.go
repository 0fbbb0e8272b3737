package dingtalk

import (
	"errors"
	"io"
	"io/fs"
	"mime/multipart"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

// mediaField is the name of the part that is the file.
const mediaField = "media"

// formMemory is how many bytes of an upload are held in memory; the rest lies
// in temporary files until the call ends.
const formMemory = 1 << 20

// upload is what a multipart body brought.
type upload struct {
	form *multipart.Form
}

// readForm reads a multipart body to its end. Clients put the fields before
// the file or behind it, so nothing can be done before all of it is there.
func (c *call) readForm() error {
	reader, err := c.r.MultipartReader()
	if err != nil {
		return fault.New(fault.CodeMultipart, "the body must be multipart/form-data with a part named media")
	}
	form, err := reader.ReadForm(formMemory)
	if err != nil {
		var disk *fs.PathError
		if errors.As(err, &disk) {
			return err
		}
		if errors.Is(err, multipart.ErrMessageTooLarge) {
			return c.tooLarge()
		}
		return c.unreadable(err)
	}
	c.form = &upload{form}
	// What follows the last boundary means nothing, but until it is read the
	// connection's deadline for reading stands.
	if _, err := io.Copy(io.Discard, c.r.Body); err != nil {
		return c.unreadable(err)
	}
	for name, texts := range form.Value {
		for _, text := range texts {
			if name == mediaField {
				continue
			}
			if !isText(name) || !isText(text) {
				return invalid(name, "holds NUL or invalid UTF-8")
			}
			if c.args, err = c.args.with(argument{name, value{textValue, text}}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *call) discardForm() {
	if c.form != nil {
		_ = c.form.form.RemoveAll() // temporary files, which the system cleans up too
	}
	if c.ended != nil {
		c.ended()
	}
}

// file returns the uploaded content and its name. A part without a file name
// arrives among the texts.
func (u *upload) file() (io.ReadCloser, string, error) {
	var files []*multipart.FileHeader
	var texts []string
	if u != nil {
		files, texts = u.form.File[mediaField], u.form.Value[mediaField]
	}
	switch len(files) + len(texts) {
	case 0:
		return nil, "", fault.New(fault.CodeMediaMissing, "the body needs a part named media").WithField(mediaField)
	case 1:
	default:
		return nil, "", invalid(mediaField, "must be one part")
	}
	if len(texts) == 1 {
		return io.NopCloser(strings.NewReader(texts[0])), "", nil
	}
	content, err := files[0].Open()
	return content, files[0].Filename, err
}

// uploadMedia serves /media/upload (docs/contract.md#upload).
func (c *call) uploadMedia() error {
	kind, err := c.args.text("type")
	if err != nil {
		return err
	}
	content, name, err := c.form.file()
	if err != nil {
		return err
	}
	defer content.Close()
	limits := c.caller.Limits
	f, err := c.Uploads.Upload(c.r.Context(), media.Upload{
		Organization: c.caller.Organization, AppID: c.caller.AppID, Kind: kind, Name: name, Content: content,
		Quota: media.Quota{All: int64(limits.UploadBytes), OfApp: int64(limits.UploadBytesPerApp)},
	})
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("media_id", f.ID)
		o.int("created_at", f.CreatedAt.UnixMilli())
		o.text("type", f.Kind)
	})
}
