package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
)

// aFile is a document that is uploaded.
const aFile = "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1\r\n" +
	"--xyz\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nfile\r\n--xyz--\r\n"

// aPart is a part of a form: of a file where it has a name.
type aPart struct{ field, filename, content string }

func form(t *testing.T, parts ...aPart) (contentType string, body []byte) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, p := range parts {
		begin := w.CreateFormField
		if p.filename != "" {
			begin = func(field string) (io.Writer, error) { return w.CreateFormFile(field, p.filename) }
		}
		part, err := begin(p.field)
		must(t, err)
		_, err = part.Write([]byte(p.content))
		must(t, err)
	}
	must(t, w.Close())
	return w.FormDataContentType(), out.Bytes()
}

// What somebody uploads is theirs to send and to see, within the limits of the wire.
func TestUploadsByHand(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f := s.mustFirm("Ours", "owner", "ann")
		s.mustRoles(f, "owner", "owner")
		owner, path := f.tokens["owner"], fmt.Sprintf("apps/%d/media", f.agent)
		picture := string(tinyPNG(t))
		image, pdf, voice := aPart{"type", "", "image"}, aPart{"type", "", "file"}, aPart{"type", "", "voice"}

		var kept struct {
			MediaID         string `json:"media_id"`
			Type, Name, URL string
			Size            int
		}
		contentType, body := form(t, aPart{"file", "../照片.gif", picture}, image)
		if w := s.post(t, owner, path, contentType, body, &kept); w.StatusCode != http.StatusCreated || kept.Type != "image" || kept.Name != "照片.gif.png" || kept.Size == 0 {
			t.Fatalf("%d %+v", w.StatusCode, kept)
		}
		for userid, want := range map[string]int{"owner": http.StatusOK, "ann": http.StatusNotFound} {
			if status, _ := s.ask(http.MethodGet, strings.TrimPrefix(kept.URL, "/api/v1/"), f.tokens[userid], ""); status != want {
				t.Errorf("%s looks: %d", userid, status)
			}
		}
		var plan aPlan
		draft := fmt.Sprintf(`{"agent_id":"%d","message":{"msgtype":"image","image":{"media_id":%q}}}`, f.agent, kept.MediaID)
		s.hand(t, owner, "sends/plan", "", draft, http.StatusOK, &plan)
		if !strings.Contains(plan.Card.HTML, "<img") {
			t.Errorf("the card: %s", plan.Card.HTML)
		}

		long := strings.Repeat("x", 2<<20+1)
		for name, c := range map[string]struct {
			parts  []aPart
			status int
			want   refusal
		}{
			"no file":        {[]aPart{image}, 400, refusal{"parameter_missing", "file", 0, 0}},
			"a text":         {[]aPart{image, {"file", "", "x"}}, 400, refusal{"parameter_missing", "file", 0, 0}},
			"no type":        {[]aPart{{"file", "a.png", picture}}, 400, refusal{"parameter_missing", "type", 0, 0}},
			"two files":      {[]aPart{image, {"file", "a.png", picture}, {"file", "b.png", picture}}, 400, refusal{"parameter_invalid", "file", 1, 2}},
			"another field":  {[]aPart{image, {"file", "a.png", picture}, {"x", "", "x"}}, 400, refusal{"parameter_invalid", "x", 0, 0}},
			"a video":        {[]aPart{{"type", "", "video"}, {"file", "a.png", picture}}, 400, refusal{"media_type_unknown", "type", 0, 0}},
			"no picture":     {[]aPart{image, {"file", "a.png", "x"}}, 400, refusal{"media_format_invalid", "file", 0, 0}},
			"nothing":        {[]aPart{pdf, {"file", "a.pdf", ""}}, 400, refusal{"media_empty", "file", 0, 0}},
			"a long voice":   {[]aPart{voice, {"file", "a.amr", "#!AMR\n" + long}}, 400, refusal{"media_too_large", "file", 2 << 20, 2<<20 + 7}},
			"a long picture": {[]aPart{image, {"file", "a.png", strings.Repeat(long, 11)}}, 413, refusal{"body_too_large", "", 20<<20 + 64<<10, -1}},
		} {
			contentType, body := form(t, c.parts...)
			if c.want.Actual == -1 {
				c.want.Actual = int64(len(body))
			}
			var got refusal
			if w := s.post(t, owner, path, contentType, body, &got); w.StatusCode != c.status || got != c.want {
				t.Errorf("%s: %d %+v, want %d %+v", name, w.StatusCode, got, c.status, c.want)
			}
		}
		var got refusal
		if w := s.post(t, owner, path, "multipart/form-data; boundary=xyz", []byte("--xyz"), &got); w.StatusCode != 400 || got.Code != "body_malformed" {
			t.Errorf("half a form: %d %+v", w.StatusCode, got)
		}
		must(t, s.Apps().SetLimits(context.Background(), audit.ByOperator(), f.id, f.agent, []byte(`{"upload_bytes_per_app":1}`)))
		contentType, body = form(t, image, aPart{"file", "a.png", picture})
		if w := s.post(t, owner, path, contentType, body, &got); w.StatusCode != http.StatusTooManyRequests || got.Code != "upload_quota_used" {
			t.Errorf("over the quota: %d %+v", w.StatusCode, got)
		}
	})
}
