package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/server"
)

// What was uploaded to one node is served by the others, in parts too, and
// neither keeps anything in its data directory.
func TestFilesAreServedByEveryNode(t *testing.T) {
	t.Parallel()
	c := settings(t, "postgres")
	c.Data = filepath.Join(t.TempDir(), "one")
	a := mustRun(t, c, nil)
	c.Data = filepath.Join(t.TempDir(), "two")
	b := mustRun(t, c, nil)
	f := a.mustFirm("Firm", "ann")
	content := "%PDF-" + strings.Repeat("0123456789", 60_000)
	token := a.mustLogin(f)
	id := a.mustPutFile(t, token, content)
	task := a.mustSendMessage(f, token, "file", map[string]any{"media_id": id})
	until(t, "ann may ask the other node", func() bool {
		return b.mustInbox(http.MethodGet, "unread", f.tokens["ann"], nil, nil) == http.StatusOK
	})
	for _, part := range []struct{ header, want string }{{"", content}, {"bytes=300000-599999", content[300_000:600_000]}} {
		r := mustGet(fmt.Sprintf("%s/api/v1/media/%s?task=%d", b.base, id, task))
		r.Header.Set("Authorization", "Bearer "+f.tokens["ann"])
		if part.header != "" {
			r.Header.Set("Range", part.header)
		}
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(w.Body)
		if _ = w.Body.Close(); err != nil || string(got) != part.want {
			t.Errorf("%s: status %d, %d bytes, %v", part.header, w.StatusCode, len(got), err)
		}
	}
	if _, err := os.Stat(c.Data); !os.IsNotExist(err) {
		t.Errorf("the data directory: %v", err)
	}
}

// mustPutFile uploads a document and returns its id.
func (n *node) mustPutFile(t *testing.T, token, content string) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("media", "a.pdf")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, content) // into memory
	_ = form.Close()
	r, err := http.NewRequest(http.MethodPost, n.base+"/media/upload?type=file&access_token="+token, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	var answer struct {
		Code int    `json:"errcode"`
		Text string `json:"errmsg"`
		ID   string `json:"media_id"`
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if err := json.NewDecoder(w.Body).Decode(&answer); err != nil || answer.Code != 0 {
		t.Fatalf("upload: %+v, %v", answer, err)
	}
	return answer.ID
}

// A place for files that cannot be used is told at the start.
func TestABucketThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	c := settings(t, "sqlite")
	c.Media = config.MediaS3
	c.Bucket.Endpoint, c.Bucket.Insecure, c.Bucket.Bucket = strings.TrimPrefix(nobody.URL, "http://"), true, "files"
	_, err := server.New(context.Background(), c, options(nil))
	if err == nil || !strings.HasPrefix(err.Error(), "media: ") || !strings.Contains(err.Error(), "bucket files at "+nobody.URL) {
		t.Errorf("got %v", err)
	}
}
