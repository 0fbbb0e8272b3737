package model_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// content is a message to send. Messages with the same key are identical, and
// the words are in everything that shows one.
type content struct {
	key, kind, words string
	message          harness.Object
	bar              *client.ItemStatusBar
}

func kinds() []string { return []string{"text", "markdown", "action_card", "link", "oa", "oa_bar"} }

// drawContent takes one of a few messages, so that apps repeat themselves, or
// one that was never sent.
func (h *history) drawContent(t *rapid.T) content {
	if again := rapid.IntRange(0, 5).Draw(t, "again"); again < 2 {
		return newContent("text", fmt.Sprintf("again%dagain", again))
	}
	return h.fresh(rapid.SampledFrom(kinds()).Draw(t, "kind"))
}

// fresh returns a message that was never sent.
func (h *history) fresh(kind string) content {
	h.said++
	return newContent(kind, fmt.Sprintf("said%dsaid", h.said))
}

func newContent(kind, words string) content {
	c := content{key: kind + " " + words, kind: kind, words: words}
	switch kind {
	case "markdown":
		c.message = harness.Object{"title": words, "text": "**" + words + "** arrived"}
	case "action_card":
		c.message = harness.Object{"title": words, "markdown": "# " + words, "single_title": "Open", "single_url": "https://example.com/a"}
	case "link":
		c.message = harness.Object{"title": words, "text": "see " + words, "messageUrl": "https://example.com/l", "picUrl": "https://example.com/p.png"}
	case "oa", "oa_bar":
		c.message = harness.Object{
			"message_url": "https://example.com/o",
			"head":        harness.Object{"bgcolor": "FFBBBBBB", "text": "head"},
			"body":        harness.Object{"title": words, "content": "about " + words},
		}
		if kind == "oa_bar" {
			c.bar = &client.ItemStatusBar{Value: "waiting", Background: "0xFFFF9D46"}
			c.message["status_bar"] = harness.Object{"status_value": c.bar.Value, "status_bg": c.bar.Background}
		}
		c.kind = "oa"
	default:
		c.message = harness.Object{"content": "note " + words}
	}
	c.message = harness.Object{"msgtype": c.kind, c.kind: c.message}
	return c
}
