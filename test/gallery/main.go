// Command gallery prints the cards of the gallery page as JSON: every message
// type as usual and at its extremes, rendered by the server's own renderer.
//
//	go run ./test/gallery > web/gallery/cards.json
package main

import (
	"context"
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
	shown, err := gallery(context.Background())
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(shown)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

// section is one part of the page.
type section struct {
	Title string `json:"title"`
	Items []item `json:"items"`
}

// item is one card of the page. Name is that of its picture in docs/gallery.
type item struct {
	inbox.Item
	Name string `json:"name,omitempty"`
}

// gallery renders all cards.
func gallery(ctx context.Context) ([]section, error) {
	var shown []section
	for _, s := range sections() {
		items := make([]item, 0, len(s.cards))
		for _, c := range s.cards {
			m, err := decode(c.message)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", s.title, c.name, err)
			}
			app := c.app
			if app == "" {
				app = "协同办公"
			}
			items = append(items, item{Item: render(m, app, c.recalled, len(shown)*100+len(items))})
		}
		shown = append(shown, section{Title: s.title, Items: items})
	}
	items := make([]item, 0, len(documentation()))
	for n, d := range documentation() {
		m, err := d.decode(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.name, err)
		}
		items = append(items, item{Item: render(m, "Northwharf", false, 1000+n), Name: d.name})
	}
	return append(shown, section{Title: "docs/gallery", Items: items}), nil
}

func decode(fields object) (*message.Message, error) {
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	return message.Decode(raw, message.Limits{})
}

// render makes an item of a message as the inbox would.
func render(m *message.Message, app string, recalled bool, n int) inbox.Item {
	sent := time.Date(2026, 3, 4, 9, 5, n%60, 0, time.UTC)
	shown := inbox.Item{
		MessageID: fmt.Sprintf("g%d", n), TaskID: strconv.Itoa(n), Revision: strconv.Itoa(n + 1),
		App:  inbox.AppView{AgentID: "1", Name: app},
		Type: string(m.Type()), Title: m.Title(), Preview: m.Preview(), SentAt: sent,
	}
	if recalled {
		shown.RecalledAt = &sent
		shown.Title, shown.Preview = "", ""
		return shown
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
	shown.HTML, shown.Body = m.HTML(o), m.Body(o)
	return shown
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
