package message_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tidings-im/tidings/internal/message"
)

// Every text of a card runs in its own direction, not in that of the text that
// happens to come first.
func TestOwnDirection(t *testing.T) {
	t.Parallel()
	cases := map[message.Type]fields{
		message.TypeText: {"content": "TEXT one"},
		message.TypeLink: {"messageUrl": "https://example.com", "picUrl": "@m", "title": "TEXT one", "text": "TEXT two"},
		message.TypeOA: {
			"message_url": "https://example.com/m", "head": fields{"bgcolor": "FFBBBBBB", "text": "Head"},
			"status_bar": fields{"status_value": "TEXT status"},
			"body": fields{
				"title": "TEXT title", "form": []any{fields{"key": "TEXT key", "value": "TEXT value"}},
				"rich": fields{"num": "15", "unit": "TEXT unit"}, "content": "TEXT content", "author": "TEXT author",
			},
		},
		message.TypeMarkdown: {"title": "T", "text": "# TEXT one\n\nTEXT two\n\n- TEXT three\n\n1. TEXT four\n\n> TEXT five"},
		message.TypeActionCard: {
			"markdown": "TEXT one", "btn_orientation": "1",
			"btn_json_list": []any{fields{"title": "TEXT two", "action_url": "https://example.com"}},
		},
	}
	for typ, inner := range cases {
		t.Run(string(typ), func(t *testing.T) {
			t.Parallel()
			card, err := html.Parse(strings.NewReader(mustDecode(t, wire(t, typ, inner)).HTML(options())))
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for n := range card.Descendants() {
				if n.Type == html.TextNode && strings.HasPrefix(n.Data, "TEXT") {
					found++
					if !directed(n) {
						t.Errorf("%q has the direction of the whole card", n.Data)
					}
				}
			}
			if found == 0 {
				t.Error("no text")
			}
		})
	}
}

// directed reports whether something inside the card gives a text its direction.
func directed(n *html.Node) bool {
	for n = n.Parent; n != nil && n.Data != "article"; n = n.Parent {
		for _, a := range n.Attr {
			if a.Key == "dir" && a.Val == "auto" {
				return true
			}
		}
	}
	return false
}
