package media_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/media"
)

func (f fixture) get(t *testing.T, file media.File, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/api/v1/media/"+file.ID, nil)
	r.Header = header
	w := httptest.NewRecorder()
	err := media.Serve(w, r, file, func() (io.ReadSeekCloser, error) { return f.Open(t.Context(), file) })
	if err != nil {
		t.Fatal(err)
	}
	return w.Result()
}

func TestServe(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		common := http.Header{
			"Accept-Ranges":                {"bytes"},
			"Cache-Control":                {"private, no-cache"},
			"Content-Security-Policy":      {"sandbox; default-src 'none'"},
			"Cross-Origin-Resource-Policy": {"same-origin"},
			"Last-Modified":                {"Mon, 04 May 2026 12:00:00 GMT"},
			"Referrer-Policy":              {"no-referrer"},
			"X-Content-Type-Options":       {"nosniff"},
		}
		for name, c := range map[string]struct{ kind, name, content, wantType, disposition string }{
			"picture": {
				"image", "图\"片.png", mustPNG(t, corners(4, 4)), "image/png",
				`inline; filename="__.png"; filename*=UTF-8''%E5%9B%BE%E7%89%87.png`,
			},
			"document": {
				"file", "a b\r\nX-Evil: 1;%\".pdf", "%PDF-1", "application/pdf",
				`attachment; filename="a bX-Evil 1;_.pdf"; filename*=UTF-8''a%20bX-Evil%201%3B%25.pdf`,
			},
			"recording": {"voice", "v.amr", "#!AMR\n", "audio/amr", `attachment; filename="v.amr"; filename*=UTF-8''v.amr`},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				file := f.mustUpload(t, c.kind, c.name, c.content)
				res := f.get(t, file, nil)
				want := common.Clone()
				want.Set("Content-Type", c.wantType)
				want.Set("Content-Disposition", c.disposition)
				want.Set("ETag", `"`+file.Digest+`"`)
				want["Content-Length"] = res.Header["Content-Length"]
				if diff := cmp.Diff(want, res.Header); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func TestServeParts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		file := f.mustUpload(t, "file", "a.pdf", "%PDF-0123456789")
		res := f.get(t, file, http.Header{"Range": {"bytes=5-8"}})
		if res.StatusCode != http.StatusPartialContent || res.Header.Get("Content-Range") != "bytes 5-8/15" {
			t.Errorf("%d %v", res.StatusCode, res.Header)
		}
	})
}

// What a client has already is not opened again, and not sent.
func TestServeWhatIsKnown(t *testing.T) {
	t.Parallel()
	file := media.File{ID: "@lx", Digest: "abc", Size: 1, Kind: media.KindFile}
	for header, known := range map[string]bool{
		`"abc"`: true, `W/"abc"`: true, `"x", "abc"`: true, "*": true, `"abcd"`: false, "abc": false, "": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("If-None-Match", header)
		w, opened := httptest.NewRecorder(), false
		err := media.Serve(w, r, file, func() (io.ReadSeekCloser, error) { opened = true; return nil, io.ErrUnexpectedEOF })
		if opened == known || known != (err == nil) {
			t.Errorf("%s: opened %v, %v", header, opened, err)
		}
		if known && (w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("Cache-Control") != "private, no-cache") {
			t.Errorf("%s: %d %v", header, w.Code, w.Header())
		}
		if !known && len(w.Header()) != 0 {
			t.Errorf("%s: what cannot be opened has headers %v", header, w.Header())
		}
	}
}
