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

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
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

// Where an app belongs, pictures are uploaded for its templates and as its icon,
// before anybody has installed it too. Other organizations have nothing to do with it.
func TestUploadsWhereAnAppBelongs(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := stage{node: mustRun(t, settings(t, engine), nil)}
		f, elsewhere := s.mustFirm("Ours", "owner", "dev", "author", "auditor", "ann"), s.mustFirm("Theirs", "bob")
		for _, role := range []string{"owner", "author", "auditor"} {
			s.mustRoles(f, role, role)
		}
		s.mustRoles(f, "dev", "developer")
		s.mustRoles(elsewhere, "bob", "owner")
		third, _, err := s.Apps().CreateThirdParty(t.Context(), audit.ByOperator(), f.id, app.NewApp{Name: "Approvals"}, true)
		must(t, err)
		path := "apps/" + third.Key

		var kept struct {
			MediaID string `json:"media_id"`
			URL     string
		}
		contentType, body := form(t, aPart{"type", "", "image"}, aPart{"file", "a.png", string(tinyPNG(t))})
		for userid, want := range map[string]int{"owner": 201, "dev": 201, "author": 201, "auditor": 403, "ann": 404} {
			if w := s.post(t, f.tokens[userid], path+"/media", contentType, body, &kept); w.StatusCode != want {
				t.Errorf("%s uploads: %d, want %d", userid, w.StatusCode, want)
			}
		}
		if w := s.post(t, elsewhere.tokens["bob"], path+"/media", contentType, body, &refusal{}); w.StatusCode != http.StatusNotFound {
			t.Errorf("bob uploads: %d", w.StatusCode)
		}

		icon := kept.MediaID

		// Who reads the app's templates sees the picture; everybody does once it is the icon.
		for userid, want := range map[string]int{"dev": 200, "auditor": 200, "ann": 404} {
			if status, _ := s.ask(http.MethodGet, strings.TrimPrefix(kept.URL, "/api/v1/"), f.tokens[userid], ""); status != want {
				t.Errorf("%s looks at the picture: %d, want %d", userid, status, want)
			}
		}
		own := fmt.Sprint("apps/", f.agent)
		if w := s.post(t, f.tokens["author"], own+"/media", contentType, body, &kept); w.StatusCode != http.StatusCreated {
			t.Errorf("an author uploads for an internal app: %d", w.StatusCode)
		}
		var checked struct {
			Findings []struct{ Rule, Field string }
			Card     struct{ HTML string }
		}
		written := fmt.Sprintf(`{"form":{"kind":"markdown","name":"n","use_case":"u","title":"t","content":"c","image":%q}}`, kept.MediaID)
		s.tell(t, f.tokens["author"], http.MethodPost, own+"/templates/check", written, http.StatusOK, &checked)
		if len(checked.Findings) > 0 || !strings.Contains(checked.Card.HTML, "<img") {
			t.Errorf("a template with the picture: %+v", checked)
		}
		var saved struct{ Icon string }
		s.tell(t, f.tokens["dev"], http.MethodPut, path, fmt.Sprintf(
			`{"edition":"1","name":"Approvals","description":"","icon":%q,"page_url":"","trusted_hosts":[]}`, icon), http.StatusOK, &saved)
		if status, _ := s.ask(http.MethodGet, strings.TrimPrefix(saved.Icon, "/api/v1/"), f.tokens["ann"], ""); status != http.StatusOK {
			t.Errorf("ann looks at the icon %q: %d", saved.Icon, status)
		}

		limits, err := policy.ForPreset("standard", false)
		must(t, err)
		limits.UploadBytesPerApp = 1
		_, err = s.Directory().UpdateOrganization(t.Context(), audit.ByOperator(), f.id, directory.OrganizationChange{Limits: &limits})
		must(t, err)
		var got refusal
		if w := s.post(t, f.tokens["dev"], path+"/media", contentType, body, &got); w.StatusCode != http.StatusTooManyRequests || got.Code != "upload_quota_used" {
			t.Errorf("over the organization's quota: %d %+v", w.StatusCode, got)
		}
	})
}
