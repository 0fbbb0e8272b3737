package inbox_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
)

// A preview is what its message looks like once it is sent.
func TestPreviewIsWhatIsSent(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		sent := text(t, 1, 5, "-", true, 1)
		sent.Type, sent.Message = "oa", canonical(t, "oa", map[string]any{
			"message_url": "https://www.example.org/a",
			"head":        map[string]any{"bgcolor": "FFBBBBBB", "text": "head"},
			"body":        map[string]any{"title": "Leave", "content": "Three days", "image": "@pic"},
		})
		w.Send(1, sent)
		s, ann := w.service(t, 0), inbox.Viewer{Organization: 1, Ordinal: 1}
		item := mustPage(t, s, ann, inbox.Query{}).Items[0]
		m, err := message.Parse([]byte(sent.Message))
		if err != nil {
			t.Fatal(err)
		}
		card, err := s.Preview(t.Context(), ann, 5, inbox.Sender{Name: "Otherwise"}, m)
		if err != nil {
			t.Fatal(err)
		}
		want := inbox.Card{App: item.App, Type: item.Type, Title: item.Title, Preview: item.Preview, HTML: item.HTML, Body: item.Body}
		// What nobody has sent has no task to find its files by.
		want.HTML = strings.ReplaceAll(want.HTML, "task=1", "task=0")
		if !reflect.DeepEqual(card, want) || !strings.Contains(card.HTML, `data-trusted="true"`) || !strings.Contains(card.HTML, "@pic") {
			t.Errorf("as a preview\n%+v\nin the inbox\n%+v", card, want)
		}
		elsewhere, err := s.Preview(t.Context(), ann, 0, inbox.Sender{Name: "Otherwise"}, m)
		if err != nil || elsewhere.App.Name != "Otherwise" || strings.Contains(elsewhere.HTML, `data-trusted="true"`) {
			t.Errorf("of an app that is not installed: %+v, %v", elsewhere, err)
		}
	})
}

// What a task says is told as an app would send it, until it is recalled.
func TestMessageOfATask(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.Send(1, text(t, 1, 5, "Lunch", true, 1))
		s := w.service(t, 0)
		said, err := s.Message(t.Context(), 1, 1)
		if want := map[string]any{"msgtype": "text", "text": map[string]any{"content": "Lunch"}}; err != nil || !reflect.DeepEqual(said, want) {
			t.Errorf("it says %v, %v", said, err)
		}
		w.Recall(1, 1, start)
		if said, err := s.Message(t.Context(), 1, 1); !fault.Is(err, fault.CodeTaskRecalled) {
			t.Errorf("recalled: %v, %v", said, err)
		}
		if said, err := s.Message(t.Context(), 2, 1); !fault.Is(err, fault.CodeTaskUnknown) {
			t.Errorf("asked by another organization: %v, %v", said, err)
		}
	})
}
