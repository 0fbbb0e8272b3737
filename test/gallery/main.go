// Command gallery prints the cards of the gallery page as JSON: every message
// type as usual and at its extremes, rendered by the server's own renderer.
//
//	go run ./test/gallery > web/gallery/cards.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/message"
)

func main() {
	var shown []section
	for _, s := range sections() {
		items := make([]inbox.Item, 0, len(s.cards))
		for _, c := range s.cards {
			item, err := render(c, len(shown)*100+len(items))
			if err != nil {
				fmt.Fprintf(os.Stderr, "gallery: %s, %s: %v\n", s.title, c.name, err)
				os.Exit(1)
			}
			items = append(items, item)
		}
		shown = append(shown, section{Title: s.title, Items: items})
	}
	if err := json.NewEncoder(os.Stdout).Encode(shown); err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

// section is one part of the page.
type section struct {
	Title string       `json:"title"`
	Items []inbox.Item `json:"items"`
}

// render makes an item of a card as the inbox would.
func render(c card, n int) (inbox.Item, error) {
	raw, err := json.Marshal(c.message)
	if err != nil {
		return inbox.Item{}, err
	}
	m, err := message.Decode(raw, message.Limits{})
	if err != nil {
		return inbox.Item{}, err
	}
	app := c.app
	if app == "" {
		app = "协同办公"
	}
	sent := time.Date(2026, 3, 4, 9, 5, n%60, 0, time.UTC)
	item := inbox.Item{
		MessageID: fmt.Sprintf("g%d", n), TaskID: strconv.Itoa(n), Revision: strconv.Itoa(n + 1),
		App:  inbox.AppView{AgentID: "1", Name: app},
		Type: string(m.Type()), Title: m.Title(), Preview: m.Preview(), SentAt: sent,
	}
	if c.recalled {
		item.RecalledAt = &sent
		item.Title, item.Preview = "", ""
		return item, nil
	}
	o := message.RenderOptions{
		AppName: app,
		MediaURL: func(id string) (string, bool) {
			_, ok := uploads[id]
			return "/media/" + strings.TrimPrefix(id, "@"), ok
		},
		Upload: func(id string) (message.Upload, bool) {
			u, ok := uploads[id]
			return u, ok
		},
		Trusted: message.TrustedHosts{"trusted.example.com"},
	}
	item.HTML, item.Body = m.HTML(o), m.Body(o)
	return item, nil
}

// uploads are the files of the gallery, served from its public directory.
var uploads = map[string]message.Upload{
	"@poster.svg": {Name: "海报.svg", Size: 812, ContentType: "image/svg+xml", Width: 1440, Height: 960},
	"@small.svg":  {Name: "图标.svg", Size: 812, ContentType: "image/svg+xml", Width: 24, Height: 24},
	"@tall.svg":   {Name: "长图.svg", Size: 812, ContentType: "image/svg+xml", Width: 720, Height: 4000},
	"@voice.wav":  {Name: "voice.wav", Size: 16044, ContentType: "audio/wav"},
	"@report.pdf": {Name: "差旅报销标准（二〇二六年修订版，含附件一至附件九及全部填写示例）.pdf", Size: 20 << 20},
	"@table.xlsx": {Name: "Q3.xlsx", Size: 999},
	"@packed.zip": {Name: "a.zip", Size: 1 << 20},
}
