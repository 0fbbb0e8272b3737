package rest

import (
	"net/http"

	"github.com/tidings-im/tidings/internal/media"
)

func (a *api) file(w http.ResponseWriter, r *http.Request) error {
	f, content, err := a.Media.Open(r.Context(), viewer(r.Context()).Organization, r.PathValue("id"))
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read
	media.Serve(w, r, f, content)
	return nil
}
