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

	uploadText = "For a message that is sent by hand, a template's picture or an app's icon, as the app itself would upload it: pictures (jpg, gif, png, bmp) and documents (doc, docx, xls, xlsx, " +
		"ppt, pptx, zip, pdf, rar) up to 20 MiB, recordings (amr, mp3, wav) up to 2 MiB. What the app and the organization may keep in all holds too. " +
		"The media_id goes into messages, templates and icons; the url shows the file to those who send with the app or read its templates."
)

// uploadRoom takes files in.
type uploadRoom interface {
	// Begin counts an upload of an organization in until end is called. CodeBusy.
	Begin(organization int64) (end func(), err error)
	Upload(ctx context.Context, u media.Upload) (media.File, error)
	fileAddresses
}

// uploads is the files of what is sent by hand, of templates and icons.
type uploads struct {
	room          uploadRoom
	of            *apps
	organizations Organizations
}

func (u *uploads) routes(r route.Table) {
	op := route.Created(route.Post("uploadFile", "/apps/{agent_id}/media", "Upload a file", uploadText))
	op.Parameters = []*huma.Param{{
		Name: "agent_id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "The app whose file it is: as getApp names it.",
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
	MediaID string `json:"media_id" doc:"Goes into messages, templates and icons."`
	Type    string `json:"type" enum:"image,voice,file" doc:"As what it is sent."`
	Name    string `json:"name" doc:"What it is called, with an ending that fits its content."`
	Size    int64  `json:"size" doc:"How many bytes are kept of it; pictures are written anew."`
	URL     string `json:"url" doc:"The path at which a browser of whoever sends with the app, or reads its templates, gets it."`
}

func (u *uploads) upload(w http.ResponseWriter, r *http.Request, v *route.Visit) error {
	ctx := r.Context()
	k, err := u.of.at(ctx, v, AppPath{r.PathValue("agent_id")})
	if err != nil {
		return err
	}
	if !k.Enabled() {
		return fault.New(fault.CodeNotInstalled, "the app is switched off").WithField("agent_id")
	}
	quota, err := u.quota(ctx, v, k)
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
	answer, err := u.keep(ctx, v, k.App.ID, quota, form)
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

// quota is how much an app may keep in an organization: where it is installed there,
// as the installation may; where it only belongs there, as the organization says.
func (u *uploads) quota(ctx context.Context, v *route.Visit, k app.Known) (media.Quota, error) {
	g := k.Agent
	if !k.Here(v.Viewer.Organization) {
		g = app.Agent{Organization: v.Viewer.Organization}
	}
	l, err := u.of.known.Limits(ctx, k.App, g)
	return media.Quota{All: int64(l.Values.UploadBytes), OfApp: int64(l.Values.UploadBytesPerApp)}, err
}

// keep takes the file of a form in.
func (u *uploads) keep(ctx context.Context, v *route.Visit, appID int64, quota media.Quota, form *multipart.Form) (UploadedFile, error) {
	organization := v.Viewer.Organization
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
		Organization: organization, AppID: appID, Kind: form.Value["type"][0], Name: head.Filename, Content: content, Quota: quota,
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
	o, err := u.organizations.Organization(ctx, organization)
	return UploadedFile{f.ID, f.Kind, f.Name, f.Size, u.room.URL(o.CorpID, 0, f.ID)}, err
}
