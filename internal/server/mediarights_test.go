package server_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
)

// status asks for a file as somebody.
func (n *node) status(f firm, userid, id string, task int64) int {
	address := n.base + "/api/v1/media/" + id
	if task != 0 {
		address += fmt.Sprint("?task=", task)
	}
	r := mustGet(address)
	r.Header.Set("Authorization", "Bearer "+f.tokens[userid])
	return n.mustJSON(r, nil)
}

// mustSendTo sends any message to some people, or to everybody.
func (n *node) mustSendTo(f firm, token, userids string, msg map[string]any) int64 {
	request := map[string]any{"agent_id": f.agent, "msg": msg, "userid_list": userids}
	if userids == "" {
		delete(request, "userid_list")
		request["to_all_user"] = true
	}
	var answer struct {
		Code int    `json:"errcode"`
		Text string `json:"errmsg"`
		Task int64  `json:"task_id"`
	}
	if n.mustCall(token, "asyncsend_v2", request, &answer); answer.Code != 0 {
		n.fail("send: %d %s", answer.Code, answer.Text)
	}
	return answer.Task
}

// Wherever a message names a file, those it was sent to get the file, nobody
// else does, and once a recall has been answered nobody at all.
func TestFilesAreThereAsLongAsTheirMessageIs(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f, others := n.mustFirm("Firm", "ann", "bob"), n.mustFirm("Other", "eve")
		token := n.mustLogin(f)
		unused := n.mustUpload(token, "file", "b.pdf", []byte("%PDF-2"))
		for _, to := range []string{"ann", ""} {
			picture := n.mustUpload(token, "image", "p.png", tinyPNG(t))
			voice := n.mustUpload(token, "voice", "v.amr", append([]byte("#!AMR\n"), bytes.Repeat([]byte{0x7c}, 64)...))
			file := n.mustUpload(token, "file", "a.pdf", []byte("%PDF-1"))
			for name, c := range map[string]struct {
				id  string
				msg map[string]any
			}{
				"image":    {picture, map[string]any{"msgtype": "image", "image": map[string]any{"media_id": picture}}},
				"voice":    {voice, map[string]any{"msgtype": "voice", "voice": map[string]any{"media_id": voice, "duration": "3"}}},
				"file":     {file, map[string]any{"msgtype": "file", "file": map[string]any{"media_id": file}}},
				"link":     {picture, map[string]any{"msgtype": "link", "link": map[string]any{"messageUrl": "https://example.com", "picUrl": picture, "title": "T", "text": "x"}}},
				"oa":       {picture, map[string]any{"msgtype": "oa", "oa": map[string]any{"message_url": "https://example.com", "head": map[string]any{"text": "H", "bgcolor": "FFBBBBBB"}, "body": map[string]any{"title": "T", "image": picture}}}},
				"markdown": {picture, map[string]any{"msgtype": "markdown", "markdown": map[string]any{"title": "T", "text": "![p](" + picture + ")"}}},
				"action_card": {picture, map[string]any{"msgtype": "action_card", "action_card": map[string]any{
					"title": "T", "markdown": "![p](" + picture + ")", "single_title": "x", "single_url": "https://example.com",
				}}},
			} {
				task := n.mustSendTo(f, token, to, c.msg)
				bob := http.StatusNotFound
				if to == "" {
					bob = http.StatusOK
				}
				for _, ask := range []struct {
					f      firm
					userid string
					id     string
					task   int64
					want   int
				}{
					{f, "ann", c.id, task, http.StatusOK},
					{f, "bob", c.id, task, bob},
					{others, "eve", c.id, task, http.StatusNotFound},
					{f, "ann", c.id, 0, http.StatusNotFound},
					{f, "ann", c.id, task + 1000, http.StatusNotFound},
					{f, "ann", unused, task, http.StatusNotFound},
				} {
					if got := n.status(ask.f, ask.userid, ask.id, ask.task); got != ask.want {
						t.Errorf("%s to %q: %s asks for %s in %d: %d, want %d", name, to, ask.userid, ask.id, ask.task, got, ask.want)
					}
				}
				n.mustRecall(t, f, token, task)
				for _, userid := range []string{"ann", "bob"} {
					if got := n.status(f, userid, c.id, task); got != http.StatusNotFound {
						t.Errorf("%s to %q: after the recall %s gets %d", name, to, userid, got)
					}
				}
			}
		}
	})
}

func tinyPNG(t *testing.T) []byte {
	t.Helper()
	var pixels bytes.Buffer
	if err := png.Encode(&pixels, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return pixels.Bytes()
}

// An app's icon is there for everybody of the organization; what an app has
// uploaded for its templates, for those who have to do with them.
func TestFilesApartFromMessages(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		n := mustRun(t, settings(t, engine), nil)
		f, others := n.mustFirm("Firm", "ann", "rita"), n.mustFirm("Other", "eve")
		n.mustRoles(others, "eve", "author")
		token := n.mustLogin(f)
		picture := n.mustUpload(token, "image", "p.png", tinyPNG(t))
		want := func(when string, ann, rita int) {
			t.Helper()
			a, r, e := n.status(f, "ann", picture, 0), n.status(f, "rita", picture, 0), n.status(others, "eve", picture, 0)
			if a != ann || r != rita || e != http.StatusNotFound {
				t.Errorf("%s: ann %d, rita %d, eve %d", when, a, r, e)
			}
		}
		want("a new upload", http.StatusNotFound, http.StatusNotFound)
		n.mustRoles(f, "rita", "author")
		want("for an author", http.StatusNotFound, http.StatusOK)
		all, err := n.Apps().Apps(t.Context(), f.id)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Apps().SetProfile(t.Context(), audit.ByOperator(), f.id, all[0].App.ID, app.Profile{Name: "App", Icon: picture}); err != nil {
			t.Fatal(err)
		}
		want("an icon", http.StatusOK, http.StatusOK)
	})
}
