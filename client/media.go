package client

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
)

// The kinds of files that messages show.
const (
	KindImage = "image"
	KindVoice = "voice"
	KindFile  = "file"
)

// Upload stores a file, of KindImage, KindVoice or KindFile, and returns its media
// id (docs/contract.md#upload). The content decides whether it is of that kind, not
// its name.
func (a *App) Upload(ctx context.Context, kind, name string, content []byte) (mediaID string, err error) {
	const path = "/media/upload"
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("media", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, form.WriteField("type", kind), form.Close()); err != nil {
		return "", &unanswered{path: path, err: err}
	}
	var answer struct {
		MediaID string `json:"media_id"`
	}
	err = a.call(ctx, request{
		method: http.MethodPost, path: path, body: body.Bytes(),
		header: http.Header{"Content-Type": {form.FormDataContentType()}},
		again:  true, // a file that no message names goes by itself
	}, &answer)
	return answer.MediaID, err
}
