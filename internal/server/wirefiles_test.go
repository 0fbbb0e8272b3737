package server_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// aFilm is an MP4 with one track of moving pictures.
func aFilm() string {
	box := func(name, content string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(content)))) + name + content
	}
	handler := box("hdlr", strings.Repeat("\x00", 8)+"vide"+strings.Repeat("\x00", 13))
	return box("ftyp", "isom\x00\x00\x02\x00isom") + box("moov", box("trak", box("mdia", handler))) + box("mdat", "film")
}

// download gets a file back by a token.
func (n *node) download(t *testing.T, token, id, part string) (w *http.Response, content string) {
	t.Helper()
	r := mustGet(n.base + "/media/downloadFile?" + url.Values{"access_token": {token}, "media_id": {id}}.Encode())
	if part != "" {
		r.Header.Set("Range", part)
	}
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	must(t, err)
	return w, string(body)
}

// Every type comes back as it is kept, to apps of its own organization alone,
// and a video is offered by a message.
func TestFilesComeBack(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		ours, theirs := n.mustFirm("Ours", "ann"), n.mustFirm("Theirs")
		token, stranger := n.mustLogin(ours), n.mustLogin(theirs)
		for kind, c := range map[string]struct{ name, content, want string }{
			"image": {"a.png", string(tinyPNG(t)), "image/png"},
			"voice": {"a.amr", "#!AMR\n" + strings.Repeat("\x3c\x00", 500), "audio/amr"},
			"video": {"a.mp4", aFilm(), "video/mp4"},
			"file":  {"季度.pdf", "%PDF-" + strings.Repeat("0123456789", 60_000), "application/pdf"},
		} {
			id := n.mustUpload(token, kind, c.name, []byte(c.content))
			w, got := n.download(t, token, id, "")
			if w.StatusCode != http.StatusOK || w.Header.Get("Content-Type") != c.want || kind != "image" && got != c.content {
				t.Errorf("%s: %d %s, %d bytes", kind, w.StatusCode, w.Header.Get("Content-Type"), len(got))
			}
			w, part := n.download(t, token, id, "bytes=3-20")
			if w.StatusCode != http.StatusPartialContent || part != got[3:21] {
				t.Errorf("a part of %s: %d, %d bytes", kind, w.StatusCode, len(part))
			}
			if w, text := n.download(t, stranger, id, ""); w.StatusCode != http.StatusOK || !strings.HasPrefix(text, `{"errcode":40007,`) {
				t.Errorf("another organization gets %s: %d %.100s", kind, w.StatusCode, text)
			}
			if kind == "video" {
				task := n.mustSendMessage(ours, token, "file", map[string]any{"media_id": id})
				if status := n.status(ours, "ann", id, task); status != http.StatusOK {
					t.Errorf("whoever has got the video: %d", status)
				}
			}
		}
		if _, text := n.download(t, token, "@l"+strings.Repeat("a", 26), ""); !strings.HasPrefix(text, `{"errcode":40007,`) {
			t.Errorf("an unknown id: %s", text)
		}
	})
}

// Of what is refused nothing is left: no row, no file, no temporary file.
func TestRefusedUploadsLeaveNothing(t *testing.T) { //nolint:paralleltest // the place of temporary files is the process's
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { //nolint:paralleltest // see above
			c := settings(t, engine)
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			n := mustRun(t, c, nil)
			f := n.mustFirm("Firm")
			token := n.mustLogin(f)
			n.mustPutFile(t, token, "%PDF-kept") // so that the counts are of something
			_, raw := storetest.Raw(t, c.Database)
			before := leftIn(t, raw, c.Data, temporary)
			for _, refused := range refusedUploads(t) {
				t.Run(refused.name, func(t *testing.T) { //nolint:paralleltest // see above
					if answer := n.tryUpload(t, token, refused.kind, refused.contentType, refused.body); !strings.HasPrefix(answer, `{"errcode":`+refused.want+`,`) {
						t.Errorf("answer %.200s", answer)
					}
					until(t, "nothing is left", func() bool { return maps.Equal(leftIn(t, raw, c.Data, temporary), before) })
				})
			}
			must(t, n.Apps().SetLimits(context.Background(), audit.ByOperator(), f.id, f.agent, []byte(`{"upload_bytes_per_app":20}`)))
			contentType, body := form(t, aPart{"media", "a.pdf", "%PDF-more than twenty bytes"})
			until(t, "the limit holds", func() bool {
				return strings.HasPrefix(n.tryUpload(t, token, "file", contentType, body), `{"errcode":45001,`)
			})
			if left := leftIn(t, raw, c.Data, temporary); !maps.Equal(left, before) {
				t.Errorf("over the quota: %v is left, %v was there", left, before)
			}
		})
	}
}

type refusedUpload struct {
	name, kind, want, contentType string
	body                          []byte
}

func refusedUploads(t *testing.T) (all []refusedUpload) {
	t.Helper()
	picture := string(tinyPNG(t))
	html := "<html><script>alert(1)</script></html>"
	for _, c := range []struct{ name, kind, want, file, content string }{
		{"no type", "", "40004", "a.png", picture},
		{"an unknown type", "sonnet", "40004", "a.png", picture},
		{"an empty picture", "image", "44001", "a.png", ""},
		{"an empty video", "video", "44001", "a.mp4", ""},
		{"a picture that is html", "image", "40005", "a.png", html},
		{"a document that is html", "file", "40005", "a.pdf", html},
		{"a video that is html", "video", "40005", "a.mp4", html + aFilm()},
		{"a picture cut short", "image", "40005", "a.png", picture[:len(picture)-20]},
		{"a video cut short", "video", "40005", "a.mp4", aFilm()[:60]},
		{"a voice that is a picture", "voice", "40005", "a.amr", picture},
		{"a voice that is too large", "voice", "40006", "a.amr", "#!AMR\n" + strings.Repeat("x", 2<<20)},
		{"a document that is too large", "file", "40006", "a.pdf", "%PDF-" + strings.Repeat("x", 20<<20)},
		{"a body that is too large", "file", "40006", "a.pdf", "%PDF-" + strings.Repeat("x", 21<<20)},
		{"no part of that name", "image", "41005", "", ""},
	} {
		field := "media"
		if c.file == "" {
			field, c.file = "file", "a.png"
		}
		contentType, body := form(t, aPart{field, c.file, c.content})
		all = append(all, refusedUpload{c.name, c.kind, c.want, contentType, body})
	}
	contentType, body := form(t, aPart{"media", "a.pdf", "%PDF-" + strings.Repeat("x", 3<<20)})
	return append(all,
		refusedUpload{"a body cut short", "file", "40035", contentType, body[:2<<20]},
		refusedUpload{"no multipart form", "file", "43008", "application/json", []byte(`{"type":"file"}`)},
		refusedUpload{"no body", "file", "43008", "", nil},
	)
}

// tryUpload returns what an upload is answered.
func (n *node) tryUpload(t *testing.T, token, kind, contentType string, body []byte) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, n.base+"/media/upload?"+url.Values{"access_token": {token}, "type": {kind}}.Encode(), bytes.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", contentType)
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	defer w.Body.Close()
	answer, err := io.ReadAll(w.Body)
	must(t, err)
	return string(answer)
}

// leftIn counts the rows that are about files, and names the files that lie in
// some directories, but for those of the database.
func leftIn(t *testing.T, raw *sql.DB, dirs ...string) map[string]int {
	t.Helper()
	left := map[string]int{}
	for _, table := range []string{"media", "media_upload", "media_piece", "media_use"} {
		var n int
		must(t, raw.QueryRowContext(context.Background(), "SELECT COUNT(*) FROM "+table).Scan(&n))
		left[table] = n
	}
	var bytes int
	must(t, raw.QueryRowContext(context.Background(), "SELECT COALESCE(SUM(bytes), 0) FROM media_usage").Scan(&bytes))
	left["media_usage"] = bytes
	for _, dir := range dirs {
		must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !slices.ContainsFunc([]string{"-wal", "-shm", ".db", "key"}, func(end string) bool { return strings.HasSuffix(path, end) }) {
				left[path] = 1
			}
			return err
		}))
	}
	return left
}
