package server_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
)

// mustUpload uploads a file and returns its media id.
func (n *node) mustUpload(token, kind, name string, content []byte) string {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("media", name)
	if err != nil {
		n.fail("upload: %v", err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	r, err := http.NewRequest(http.MethodPost, n.base+"/media/upload?type="+kind+"&access_token="+token, &body)
	if err != nil {
		n.fail("upload: %v", err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	var answer struct {
		Code    int    `json:"errcode"`
		Text    string `json:"errmsg"`
		MediaID string `json:"media_id"`
	}
	n.mustJSON(r, &answer)
	if answer.MediaID == "" {
		n.fail("upload: %d %s", answer.Code, answer.Text)
	}
	return answer.MediaID
}

func (n *node) mustSendMessage(f firm, token, kind string, inner map[string]any) (task int64) {
	var answer struct {
		Code int    `json:"errcode"`
		Text string `json:"errmsg"`
		Task int64  `json:"task_id"`
	}
	n.mustCall(token, "asyncsend_v2", map[string]any{
		"agent_id": f.agent, "to_all_user": true, "msg": map[string]any{"msgtype": kind, kind: inner},
	}, &answer)
	if answer.Code != 0 {
		n.fail("send: %d %s", answer.Code, answer.Text)
	}
	return answer.Task
}

// What a card says of uploads and of the app comes from other rooms, and its
// addresses of media work as they are.
func TestCardsOfTheWholeServer(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f := n.mustFirm("Firm", "ann")
		token := n.mustLogin(f)
		var pixels bytes.Buffer
		if err := png.Encode(&pixels, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
			t.Fatal(err)
		}
		picture := n.mustUpload(token, "image", "p.png", pixels.Bytes())
		voice := n.mustUpload(token, "voice", "note.amr", append([]byte("#!AMR\n"), bytes.Repeat([]byte{0x7c}, 64)...))
		all, err := n.Apps().Apps(context.Background(), f.id)
		if err != nil {
			t.Fatal(err)
		}
		p := all[0].App.Profile()
		p.Icon, p.PageURL = picture, "https://app.example.com/home"
		if err := n.Apps().SetProfile(context.Background(), audit.ByOperator(), f.id, all[0].App.ID, p); err != nil {
			t.Fatal(err)
		}
		n.mustSendMessage(f, token, "voice", map[string]any{"media_id": voice, "duration": "3"})
		task := n.mustSendMessage(f, token, "link", map[string]any{"messageUrl": "eapp://pages/index", "picUrl": picture, "title": "T", "text": "x"})

		var inbox struct {
			Items []struct {
				HTML string      `json:"html"`
				App  app.Profile `json:"app"`
				Body struct {
					Voice struct {
						Name        string `json:"name"`
						ContentType string `json:"content_type"`
						Size        int    `json:"size"`
					} `json:"voice"`
					Link struct {
						Desktop string `json:"desktop"`
					} `json:"link"`
				} `json:"body"`
			} `json:"items"`
		}
		n.mustInbox(http.MethodGet, "messages", f.tokens["ann"], nil, &inbox)
		if len(inbox.Items) != 2 {
			t.Fatalf("inbox %+v", inbox)
		}
		link, recording := inbox.Items[0], inbox.Items[1]
		icon := "/api/v1/media/" + picture + "?org=" + f.corpID
		path := fmt.Sprint(icon, "&task=", task)
		for _, part := range []string{`src="` + html.EscapeString(path) + `"`, `width="30" height="20"`, `href="https://app.example.com/home"`} {
			if !strings.Contains(link.HTML, part) {
				t.Errorf("the card lacks %s: %s", part, link.HTML)
			}
		}
		if link.Body.Link.Desktop != "https://app.example.com/home" || link.App.Icon != icon {
			t.Errorf("link %+v, icon %s", link.Body.Link, link.App.Icon)
		}
		if v := recording.Body.Voice; v.Name != "note.amr" || v.ContentType != "audio/amr" || v.Size != 70 {
			t.Errorf("voice %+v", v)
		}
		source := regexp.MustCompile(`data-src="([^"]+)" data-type="audio/amr"`).FindStringSubmatch(recording.HTML)
		if source == nil {
			t.Fatalf("the card does not say what its voice is: %s", recording.HTML)
		}
		for _, address := range []string{path, icon, html.UnescapeString(source[1])} {
			r := mustGet(n.base + address)
			r.Header.Set("Authorization", "Bearer "+f.tokens["ann"])
			if status := n.mustJSON(r, nil); status != http.StatusOK {
				t.Errorf("%s: status %d", address, status)
			}
		}
	})
}
