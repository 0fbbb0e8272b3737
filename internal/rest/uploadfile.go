package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"mime/multipart"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

const (
	// formMemory is how many bytes of an upload are held in memory; the rest lies in
	// temporary files until it is answered.
	formMemory = 1 << 20
	// maxForm is the longest body: the largest file, and what stands around it.
	maxForm = media.MaxBytes + 64<<10

	uploadText = "For a message that is sent by hand or as an app's icon, as the app itself would upload it: pictures (jpg, gif, png, bmp) and documents (doc, docx, xls, xlsx, " +
		"ppt, pptx, zip, pdf, rar) up to 20 MiB, recordings (amr, mp3, wav) up to 2 MiB. What the app and the organization may keep in all holds too. " +
		"The media_id goes into messages and icons; the url shows the file to those who send with the app."
)

// uploadRoom takes files in.
type uploadRoom interface {
	// Begin counts an upload of an organization in until end is called. CodeBusy.
	Begin(organization int64) (end func(), err error)
	Upload(ctx context.Context, u media.Upload) (media.File, error)
	fileAddresses
}

// uploads is the files of what is sent by hand.
type uploads struct {
	room          uploadRoom
	sends         *sends
	organizations Organizations
}

func (u *uploads) routes(r route.Table) {
	op := route.Created(route.Post("uploadFile", "/apps/{agent_id}/media", "Upload a file", uploadText))
	op.Parameters = []*huma.Param{{
		Name: "agent_id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "The app that sends it.",
	}}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"type", "file"}, Properties: map[string]*huma.Schema{
			"type": {Type: huma.TypeString, Enum: []any{media.KindImage, media.KindVoice, media.KindFile}, Description: "As what it is sent."},
			"file": {Type: huma.TypeString, Format: "binary", Description: "The file, with its name."},
		},
	}}}}
	op.Responses = route.AnswerWith(http.StatusCreated, "The file is kept.", "application/json", r.Schema(reflect.TypeFor[UploadedFile]()))
	route.Raw(r, op, policy.FilesUpload, u.upload)
}

// UploadedFile is a file that can be sent.
type UploadedFile struct {
	MediaID string `json:"media_id" doc:"Goes into messages."`
	Type    string `json:"type" enum:"image,voice,file" doc:"As what it is sent."`
	Name    string `json:"name" doc:"What it is called, with an ending that fits its content."`
	Size    int64  `json:"size" doc:"How many bytes are kept of it; pictures are written anew."`
	URL     string `json:"url" doc:"The path at which a browser of whoever sends with the app gets it."`
}

func (u *uploads) upload(w http.ResponseWriter, r *http.Request, v *route.Visit) error {
	ctx := r.Context()
	of, err := u.sends.of(ctx, v, r.PathValue("agent_id"))
	if err != nil {
		return err
	}
	caller, err := u.sends.apps.Acting(ctx, v.Viewer.Organization, of.agentID)
	if err != nil {
		return err
	}
	end, err := u.room.Begin(v.Viewer.Organization)
	if err != nil {
		return err
	}
	defer end()
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(route.FileTime)) // only a test's connection has none
	form, err := readUpload(w, r)
	if err != nil {
		return err
	}
	defer func() { _ = form.RemoveAll() }() // temporary files, which the system cleans up too
	answer, err := u.keep(ctx, caller, form)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(answer) // a client that left needs no answer
	return nil
}

// readUpload reads a body to its end: a file may stand before what it is.
func readUpload(w http.ResponseWriter, r *http.Request) (*multipart.Form, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.CodeBodyMalformed, "the body must be multipart/form-data")
	}
	form, err := parts.ReadForm(formMemory)
	var long *http.MaxBytesError
	var disk *fs.PathError
	switch {
	case err == nil:
		return form, nil
	case errors.As(err, &long):
		return nil, fault.New(fault.CodeBodyTooLarge, "the body is too large, the limit is %d bytes", maxForm).WithLimit(maxForm, max(r.ContentLength, 0))
	case errors.Is(err, multipart.ErrMessageTooLarge):
		return nil, fault.New(fault.CodeBodyTooLarge, "the body has too many parts, or too much beside the file")
	case errors.As(err, &disk):
		return nil, err
	default:
		return nil, fault.New(fault.CodeBodyMalformed, "the body cannot be read").Because(err)
	}
}

// keep takes the file of a form in.
func (u *uploads) keep(ctx context.Context, c app.Caller, form *multipart.Form) (UploadedFile, error) {
	for name := range form.Value {
		if name != "type" && name != "file" {
			return UploadedFile{}, fault.New(fault.CodeParameterInvalid, "there is no such field").WithField(name)
		}
	}
	for name, n := range map[string]int{"type": len(form.Value["type"]), "file": len(form.File["file"])} {
		switch {
		case n == 0:
			return UploadedFile{}, fault.New(fault.CodeParameterMissing, "%s is required", name).WithField(name)
		case n > 1:
			return UploadedFile{}, fault.New(fault.CodeParameterInvalid, "%s must be one part", name).WithField(name).WithLimit(1, int64(n))
		}
	}
	if form.Value["type"][0] == media.KindVideo {
		return UploadedFile{}, fault.New(fault.CodeMediaType, "type must be image, voice or file: no message plays a video").WithField("type")
	}
	head := form.File["file"][0]
	content, err := head.Open()
	if err != nil {
		return UploadedFile{}, err
	}
	defer func() { _ = content.Close() }() // nothing was written
	f, err := u.room.Upload(ctx, media.Upload{
		Organization: c.Organization, AppID: c.AppID, Kind: form.Value["type"][0], Name: head.Filename, Content: content,
		Quota: media.Quota{All: int64(c.Limits.UploadBytes), OfApp: int64(c.Limits.UploadBytesPerApp)},
	})
	var wrong *fault.Fault
	if errors.As(err, &wrong) && wrong.Field == "media" { // as the part is called on the wire
		_ = wrong.WithField("file")
		if wrong.Limit > 0 && wrong.Actual == 0 {
			_ = wrong.WithLimit(wrong.Limit, head.Size)
		}
	}
	if err != nil {
		return UploadedFile{}, err
	}
	o, err := u.organizations.Organization(ctx, c.Organization)
	return UploadedFile{f.ID, f.Kind, f.Name, f.Size, u.room.URL(o.CorpID, 0, f.ID)}, err
}
