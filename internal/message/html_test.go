package message_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/message"
)

const (
	relTarget = ` rel="noopener noreferrer nofollow" target="_blank">`
	okColors  = ` data-color="78C06E" data-ink="487342" data-ink-dark="78C06E"`
)

func TestCards(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typ   message.Type
		inner fields
		want  string
	}{
		"text": {
			message.TypeText,
			fields{"content": "看https://example.com/a?b=1&c=2。\r\n<b> & (http://example.org/x)\n\nftp://example.com"},
			`<article class="td-card td-text" dir="auto"><p class="td-bubble">看<a class="td-anchor" href="https://example.com/a?b=1&amp;c=2" ` +
				`data-host="example.com"` + relTarget + `https://example.com/a?b=1&amp;c=2</a>。<br>&lt;b&gt; &amp; (<a class="td-anchor" ` +
				`href="http://example.org/x" data-host="example.org"` + relTarget + `http://example.org/x</a>)<br><br>ftp://example.com</p></article>`,
		},
		"image": {
			message.TypeImage,
			fields{"media_id": "@pic"},
			`<article class="td-card td-image" dir="auto"><figure class="td-figure" data-media="@pic" data-src="/media/pic">` +
				`<img class="td-picture" src="/media/pic" loading="lazy" referrerpolicy="no-referrer" alt=""></figure></article>`,
		},
		"voice": {
			message.TypeVoice,
			fields{"media_id": "@v", "duration": "10"},
			`<article class="td-card td-voice" dir="auto"><div class="td-recording" data-media="@v" data-src="/media/v">` +
				`<span class="td-duration" data-duration="10">10″</span></div></article>`,
		},
		"file": {
			message.TypeFile,
			fields{"media_id": "@f"},
			`<article class="td-card td-file" dir="auto"><div class="td-attachment" data-media="@f" data-src="/media/f">` +
				`<span class="td-file-name"></span></div></article>`,
		},
		"link": {
			message.TypeLink,
			fields{"messageUrl": "https://example.com", "picUrl": "https://cdn.example.com/p.png", "title": "T", "text": "a\nb"},
			`<article class="td-card td-link" dir="auto"><h3 class="td-title"><a class="td-opener" href="https://example.com" ` +
				`data-host="example.com"` + relTarget + `T</a></h3><p class="td-content">a<br>b</p><button class="td-picture td-thumb td-ask" ` +
				`type="button" data-src="https://cdn.example.com/p.png" data-host="cdn.example.com">cdn.example.com</button></article>`,
		},
		"link that leads nowhere": {
			message.TypeLink,
			fields{"messageUrl": "javascript:alert(1)", "picUrl": "x:y", "title": "T", "text": "a"},
			`<article class="td-card td-link" dir="auto"><h3 class="td-title"><span class="td-off" data-kind="other">T</span></h3>` +
				`<p class="td-content">a</p><span class="td-picture td-thumb td-missing" role="img"></span> ` +
				`<span class="td-dead">javascript:alert(1)</span></article>`,
		},
		"one jump": {
			message.TypeActionCard, single(),
			`<article class="td-card td-action-card" dir="auto" aria-label="Order 12"><div class="td-prose"><p>Order 12</p></div>` +
				`<p class="td-single"><a class="td-button" href="https://example.com/12" data-host="example.com"` + relTarget + `Open</a></p></article>`,
		},
		"stacked buttons": {
			message.TypeActionCard,
			fields{"markdown": "x", "btn_orientation": "0", "btn_json_list": []any{
				fields{"title": "A", "action_url": "https://img.example.com/a"}, fields{"title": "B", "action_url": "eapp://b"},
			}},
			`<article class="td-card td-action-card" dir="auto" aria-label="x"><div class="td-prose"><p>x</p></div>` +
				`<ul class="td-buttons td-stacked" data-count="2"><li><a class="td-button" href="https://img.example.com/a" ` +
				`data-host="img.example.com" data-trusted="true"` + relTarget + `A</a></li>` +
				`<li><span class="td-button td-off" data-kind="mini_app">B</span></li></ul></article>`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustDecode(t, wire(t, c.typ, c.inner)).HTML(options())
			if diff := cmp.Diff(split(c.want), split(got)); diff != "" {
				t.Errorf("card (-want +got)\n%s", diff)
			}
		})
	}
}

// split puts every tag on a line, for differences one can read.
// Directions are left out of them; TestOwnDirection looks at these.
func split(card string) []string { return strings.SplitAfter(undirected(card), ">") }

func TestOACard(t *testing.T) {
	t.Parallel()
	inner := whole()[message.TypeOA]
	rows := []any{}
	for _, k := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		rows = append(rows, fields{"key": k, "value": "v\n" + k})
	}
	inner = with(inner, "body.form", rows)
	row := func(k string) string {
		return `<div class="td-row"><dt>` + k + `</dt><dd>v<br>` + k + `</dd></div>`
	}
	want := `<article class="td-card td-oa" dir="auto">` +
		`<header class="td-head" data-color="BBBBBB" data-ink="171A1D" data-ink-dark="ECEDEE"><span class="td-app">Approvals</span></header>` +
		`<div class="td-top"><h3 class="td-title"><a class="td-opener" href="https://example.com/pc" data-mobile="https://example.com/m" data-host="example.com"` +
		relTarget + `Leave request</a></h3><p class="td-status"` + okColors + `>Agreed</p></div>` +
		`<p class="td-rich"><span class="td-num">15.6</span> <span class="td-unit">CNY</span></p>` +
		`<dl class="td-form">` + row("1") + row("2") + row("3") + row("4") + row("5") + row("6") + `</dl>` +
		`<details class="td-more"><summary class="td-more-toggle" data-count="2"></summary><dl class="td-form">` + row("7") + row("8") + `</dl></details>` +
		`<p class="td-content td-clamp">Three days off.<br>Thank you.</p>` +
		`<img class="td-picture" src="/media/lADOADmaWMzazQKA" loading="lazy" referrerpolicy="no-referrer" alt="Leave request">` +
		`<p class="td-files"><span class="td-count">3</span></p><p class="td-author">Li Lei</p></article>`
	o := options()
	o.StatusBar = &message.StatusBar{Value: "Agreed", Background: "0xFF78C06E"}
	if diff := cmp.Diff(split(want), split(mustDecode(t, wire(t, message.TypeOA, inner)).HTML(o))); diff != "" {
		t.Errorf("card (-want +got)\n%s", diff)
	}
}

func TestOACardParts(t *testing.T) {
	t.Parallel()
	inner := whole()[message.TypeOA]
	for name, c := range map[string]struct {
		path     string
		v        any
		has, not string
	}{
		"six rows need no details": {"body.form", []any{1, 2, 3, 4, 5, 6}, `<dl`, `<details`},
		"no rows":                  {"body.form", nil, `<h3`, `<dl`},
		"no rich":                  {"body.rich", nil, `<h3`, `td-rich`},
		"a unit alone":             {"body.rich.num", nil, `<p class="td-rich"><span class="td-unit">CNY</span></p>`, `td-num`},
		"no picture":               {"body.image", nil, `<h3`, `<img`},
		"an unsafe picture":        {"body.image", "javascript:alert(1)", `td-picture td-missing" role="img" aria-label="Leave request"`, `<img`},
		"a trusted picture":        {"body.image", "https://img.example.com/a.png", `<img class="td-picture" src="https://img.example.com/a.png"`, `<button`},
		"no status bar":            {"status_bar", nil, `<h3`, `td-status`},
		"the message's status bar": {"status_bar.status_bg", "0xFF78C06E", `<p class="td-status"` + okColors + `>Pending</p>`, `000000`},
		"status bar without colour": {
			"status_bar.status_bg", nil, `<p class="td-status" data-color="000000"`, `FF9D46`,
		},
		"no title": {
			"body.title", nil, `<h3 class="td-title"><a class="td-opener" aria-label="Three days off. Thank you." href="https://example.com/pc"`, `td-off`,
		},
		"unsafe desktop link": {"pc_message_url", "javascript:1", `<a class="td-opener" href="https://example.com/m" data-host`, `data-mobile`},
		"unsafe mobile link":  {"message_url", "javascript:1", `<a class="td-opener" href="https://example.com/pc" data-host`, `data-mobile`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := c.v
			if n, ok := v.([]any); ok {
				rows := []any{}
				for range n {
					rows = append(rows, fields{"key": "k", "value": "v"})
				}
				v = rows
			}
			got := undirected(mustDecode(t, wire(t, message.TypeOA, with(inner, c.path, v))).HTML(options()))
			if !strings.Contains(got, c.has) || strings.Contains(got, c.not) {
				t.Errorf("want %s and not %s in\n%s", c.has, c.not, got)
			}
		})
	}
}

func TestRenderOptions(t *testing.T) {
	t.Parallel()
	oa := mustDecode(t, wire(t, message.TypeOA, whole()[message.TypeOA]))
	bare := oa.HTML(message.RenderOptions{})
	for _, want := range []string{`<span class="td-app">Head</span>`, `td-picture td-missing`, `>Pending</p>`} {
		if !strings.Contains(bare, want) {
			t.Errorf("no %s in %s", want, bare)
		}
	}
	if got := oa.HTML(message.RenderOptions{StatusBar: &message.StatusBar{}}); strings.Contains(got, "td-status") {
		t.Errorf("an empty status bar shows: %s", got)
	}
	image := mustDecode(t, wire(t, message.TypeImage, whole()[message.TypeImage]))
	for _, path := range []string{"", "media/1", "//example.org/1", `/\example.org`, "https://example.org/1", "javascript:1", "/a b", "/a\"b"} {
		got := image.HTML(message.RenderOptions{MediaURL: func(string) (string, bool) { return path, true }})
		if strings.Contains(got, "src=") || !strings.Contains(got, "td-missing") {
			t.Errorf("MediaURL %q: %s", path, got)
		}
	}
	if got := image.HTML(message.RenderOptions{MediaURL: func(string) (string, bool) { return "/m/1", false }}); strings.Contains(got, "src=") {
		t.Errorf("a picture that is missing shows: %s", got)
	}
}

func TestPlainLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长 ", 200)
	for name, c := range map[string]struct {
		typ            message.Type
		inner          fields
		title, preview string
	}{
		"text":         {message.TypeText, fields{"content": "\n  a  <b>\n b\t*c*"}, "a <b>", "a <b> b *c*"},
		"blank text":   {message.TypeText, fields{"content": " \n"}, "", ""},
		"long text":    {message.TypeText, fields{"content": long}, strings.TrimSpace(long[:60*4]) + "…", strings.TrimSpace(long[:60*4]) + "…"},
		"image":        {message.TypeImage, fields{"media_id": "@a"}, "", ""},
		"voice":        {message.TypeVoice, fields{"media_id": "@a", "duration": 1}, "", ""},
		"file":         {message.TypeFile, fields{"media_id": "@a"}, "", ""},
		"link":         {message.TypeLink, whole()[message.TypeLink], "A title", "A text"},
		"oa":           {message.TypeOA, whole()[message.TypeOA], "Leave request", "Three days off. Thank you."},
		"oa with rows": {message.TypeOA, with(whole()[message.TypeOA], "body.content", nil), "Leave request", "Name: Li Lei Days: 3"},
		"bare oa":      {message.TypeOA, with(whole()[message.TypeOA], "body", fields{}), "Head", "Head"},
		"oa with rich": {message.TypeOA, with(whole()[message.TypeOA], "body", fields{"rich": fields{"num": 5, "unit": "pcs"}}), "5 pcs", "5 pcs"},
		"markdown":     {message.TypeMarkdown, whole()[message.TypeMarkdown], "Build", "Build 12 passed in 3 min"},
		"marked title": {message.TypeMarkdown, fields{"title": "## **A** [b](x)", "text": "> q\n- i\n\n1. n\n2. `m`\n\n<br>&amp;\\*"}, "A b", "q i 1. n 2. m &*"},
		"action card":  {message.TypeActionCard, whole()[message.TypeActionCard], "Approve?", "Order 12"},
		"no title":     {message.TypeActionCard, single(), "Order 12", "Order 12"},
		"picture only": {message.TypeMarkdown, fields{"title": "T", "text": "![](@a)"}, "T", "T"},
	} {
		m := mustDecode(t, wire(t, c.typ, c.inner))
		if m.Title() != c.title || m.Preview() != c.preview {
			t.Errorf("%s: title %q, preview %q; want %q, %q", name, m.Title(), m.Preview(), c.title, c.preview)
		}
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	web := func(url, host string) message.Link {
		return message.Link{Kind: message.LinkWeb, Text: url, Desktop: url, Mobile: url, Host: host}
	}
	at := web("https://example.com", "example.com")
	for name, c := range map[string]struct {
		typ   message.Type
		inner fields
		want  message.Body
	}{
		"text":  {message.TypeText, fields{"content": "https://example.com https://example.com javascript:x"}, message.Body{Links: []message.Link{at}}},
		"image": {message.TypeImage, fields{"media_id": "@a"}, message.Body{Image: "@a", Media: []string{"@a"}}},
		"voice": {message.TypeVoice, fields{"media_id": "@a", "duration": 9}, message.Body{
			Voice: &message.Voice{MediaID: "@a", Seconds: 9}, Media: []string{"@a"},
		}},
		"file": {message.TypeFile, fields{"media_id": "@a"}, message.Body{File: &message.File{MediaID: "@a"}, Media: []string{"@a"}}},
		"link": {
			message.TypeLink,
			fields{"messageUrl": "https://example.com", "picUrl": "https://example.com/a.png", "title": "T", "text": "x"},
			message.Body{Link: &at},
		},
		"oa": {message.TypeOA, whole()[message.TypeOA], message.Body{
			Link: &message.Link{
				Kind: message.LinkWeb, Text: "https://example.com/pc", Desktop: "https://example.com/pc", Mobile: "https://example.com/m", Host: "example.com",
			},
			Image: "@lADOADmaWMzazQKA", Media: []string{"@lADOADmaWMzazQKA"}, Attachments: "3",
		}},
		"markdown": {
			message.TypeMarkdown,
			fields{"title": "t", "text": "[a](https://example.com) <https://example.com> [b](javascript:x) ![](@m)"},
			message.Body{Links: []message.Link{at}, Media: []string{"@m"}},
		},
		"buttons": {
			message.TypeActionCard,
			fields{"markdown": "x", "btn_orientation": 1, "btn_json_list": []any{
				fields{"title": "A", "action_url": "https://example.com"}, fields{"title": "B", "action_url": "javascript:x"},
			}},
			message.Body{SideBySide: true, Buttons: []message.Button{{Title: "A", Link: &at}, {Title: "B"}}},
		},
	} {
		got := mustDecode(t, wire(t, c.typ, c.inner)).Body(message.RenderOptions{})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestStatusBarAsSent(t *testing.T) {
	t.Parallel()
	oa := whole()[message.TypeOA]
	if v, bg, ok := mustDecode(t, wire(t, message.TypeOA, oa)).StatusBar(); v != "Pending" || bg != "0xFFFF9D46" || !ok {
		t.Errorf("got %q, %q, %v", v, bg, ok)
	}
	if _, _, ok := mustDecode(t, wire(t, message.TypeOA, with(oa, "status_bar", nil))).StatusBar(); ok {
		t.Error("a status bar out of nothing")
	}
	if _, _, ok := mustDecode(t, wire(t, message.TypeText, whole()[message.TypeText])).StatusBar(); ok {
		t.Error("a text with a status bar")
	}
}

func TestCanonicalBelongsToTheCaller(t *testing.T) {
	t.Parallel()
	m := mustDecode(t, wire(t, message.TypeText, fields{"content": "x"}))
	m.Canonical()[0] = 'x'
	if m.Canonical()[0] != '{' {
		t.Error("a caller changed the message")
	}
}
