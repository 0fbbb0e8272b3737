package inbox_test

import (
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func TestCards(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		oa := func(id int64) storetest.Sent {
			one := text(t, id, 5, "-", true, 1)
			one.Type, one.Message = "oa", canonical(t, "oa", map[string]any{
				"message_url": "https://www.example.org/a",
				"head":        map[string]any{"bgcolor": "FFBBBBBB", "text": "head"},
				"body":        map[string]any{"title": "Leave", "content": "Three days", "image": "@pic"},
				"status_bar":  map[string]any{"status_value": "asked", "status_bg": "0xFFF65E5E"},
			})
			return one
		}
		file := text(t, 3, 5, "-", false, 1)
		file.Type, file.Message = "file", canonical(t, "file", map[string]any{"media_id": "@file"})
		voice := text(t, 6, 5, "-", true, 1)
		voice.Type, voice.Message = "voice", canonical(t, "voice", map[string]any{"media_id": "@voice", "duration": "9"})
		jump := text(t, 7, 5, "-", true, 1)
		jump.Type, jump.Message = "action_card", canonical(t, "action_card", map[string]any{
			"markdown": "![x](@pic)", "single_title": "Open", "single_url": "eapp://pages/index",
		})
		gone := text(t, 8, 5, "-", true, 1)
		gone.Type, gone.Message = "link", canonical(t, "link", map[string]any{
			"messageUrl": "https://example.com", "picUrl": "@gone", "title": "T", "text": "x",
		})
		damaged := text(t, 4, 5, "-", false, 1)
		damaged.Message = `{"msgtype":"text"`
		w.Send(1, oa(1), oa(2), file, damaged, text(t, 5, goneAgent, "orphan", true, 1), voice, jump, gone)
		w.StatusBar(1, 2, "agreed", "0xFF00FF00")
		byTask := map[string]inbox.Item{}
		for _, item := range mustPage(t, w.service(t, 0), inbox.Viewer{Organization: 1, Ordinal: 1}, inbox.Query{}).Items {
			byTask[item.TaskID] = item
		}
		if len(byTask) != 8 {
			t.Fatalf("%d of 8 items: one that cannot be shown hides others", len(byTask))
		}
		asSent, changed := byTask["1"], byTask["2"]
		if asSent.StatusBar == nil || *asSent.StatusBar != (inbox.StatusBar{Value: "asked", Background: "0xFFF65E5E"}) {
			t.Errorf("the status bar it was sent with: %+v", asSent.StatusBar)
		}
		if changed.StatusBar == nil || *changed.StatusBar != (inbox.StatusBar{Value: "agreed", Background: "0xFF00FF00"}) {
			t.Errorf("the status bar it was given: %+v", changed.StatusBar)
		}
		for _, part := range []string{"Approvals", "Leave", `src="/api/v1/media/@pic?org=ding1&amp;task=2"`, `width="640" height="480"`, `data-trusted="true"`, "agreed"} {
			if !strings.Contains(changed.HTML, part) {
				t.Errorf("the card lacks %q: %s", part, changed.HTML)
			}
		}
		if strings.Contains(changed.HTML, "asked") {
			t.Errorf("the card still shows its first status bar: %s", changed.HTML)
		}
		if changed.Title != "Leave" || changed.Type != "oa" || changed.App.AgentID != "5" {
			t.Errorf("%+v", changed)
		}
		if f := byTask["3"].Body.File; f == nil || *f != (message.File{MediaID: "@file", Name: "plan.pdf", Size: 1234, ContentType: "application/pdf"}) {
			t.Errorf("file: %+v", f)
		}
		if html := byTask["3"].HTML; !strings.Contains(html, "plan.pdf") {
			t.Errorf("the card does not name its file: %s", html)
		}
		v := byTask["6"].Body.Voice
		if v == nil || *v != (message.Voice{MediaID: "@voice", Seconds: 9, Name: "note.amr", Size: 99, ContentType: "audio/amr"}) {
			t.Errorf("voice: %+v", v)
		}
		if html := byTask["6"].HTML; !strings.Contains(html, `data-type="audio/amr"`) {
			t.Errorf("the card does not say what its voice is: %s", html)
		}
		jumped := byTask["7"]
		for _, part := range []string{`href="https://app.example.com/home"`, `width="640" height="480"`} {
			if !strings.Contains(jumped.HTML, part) {
				t.Errorf("the card lacks %q: %s", part, jumped.HTML)
			}
		}
		if b := jumped.Body.Buttons; len(b) != 1 || b[0].Link == nil || b[0].Link.Desktop != "https://app.example.com/home" {
			t.Errorf("buttons: %+v", b)
		}
		if html := byTask["8"].HTML; !strings.Contains(html, "td-thumb td-missing") || strings.Contains(html, "src=") {
			t.Errorf("a picture that is not there: %s", html)
		}
		if d := byTask["4"]; d.HTML != "" || d.Type != "text" {
			t.Errorf("a damaged message: %+v", d)
		}
		if o := byTask["5"]; o.App.Name != "" || o.App.AgentID != "13" || o.Preview != "orphan" {
			t.Errorf("a message of an agent that is gone: %+v", o)
		}
	})
}
