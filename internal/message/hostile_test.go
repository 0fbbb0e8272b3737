package message_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// markup are payloads that try to become elements, attributes or script.
func markup() []string {
	return []string{
		`<script>alert(1)</script>`, `<ScRiPt src=https://example.org/x.js></sCrIpT>`, `<script`, `</script><script>alert(1)//`,
		`<img src=x onerror=alert(1)>`, `<img src="javascript:alert(1)">`, `<svg onload=alert(1)>`, `<svg><script>alert(1)</script></svg>`,
		`<svg><animate onbegin=alert(1)>`, `<math><mtext><script>alert(1)</script>`, `<iframe src=javascript:alert(1)>`,
		`<iframe srcdoc="<script>alert(1)</script>">`, `<object data=javascript:alert(1)>`, `<embed src=javascript:alert(1)>`,
		`<base href="https://example.org/">`, `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`, `<link rel=stylesheet href=x>`,
		`<style>*{background:url(javascript:1)}</style>`, `<div style="background:url(javascript:alert(1))">`, `<form action=javascript:alert(1)><button>x`,
		`<button formaction=javascript:alert(1)>x</button>`, `<input autofocus onfocus=alert(1)>`, `<details open ontoggle=alert(1)>`,
		`<video><source onerror=alert(1)>`, `<audio src=x onerror=alert(1)>`, `<body onload=alert(1)>`, `<a href="javascript:alert(1)">x</a>`,
		`<a href=https://example.com onclick=alert(1)>x</a>`, `"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `" onmouseover="alert(1)`,
		`' onmouseover='alert(1)`, "` onmouseover=`alert(1)", `--><script>alert(1)</script>`, `<!--<img src="--><img src=x onerror=alert(1)//">`,
		`]]><script>alert(1)</script>`, `<![CDATA[<script>alert(1)</script>]]>`, `<?xml version="1.0"?><script>alert(1)</script>`, `<!DOCTYPE x>`,
		`&lt;script&gt;alert(1)&lt;/script&gt;`, `&#60;script&#62;alert(1)`, `&#x3c;img src=x onerror=alert(1)&#x3e;`, `\<script\>alert(1)\</script\>`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<textarea></textarea><script>alert(1)</script>`, `<title></title><script>`,
		`<template><script>alert(1)</script></template>`, `<x onclick=alert(1)>x`, `<a class="td-opener" href="javascript:1">x</a>`, `<plaintext>`,
		`{{constructor.constructor('alert(1)')()}}`, `${alert(1)}`, `</article></div><script>alert(1)</script>`, `<summary onclick=alert(1)>`,
		`[x](javascript:alert(1))`, `[x](JaVaScRiPt:alert(1))`, `[x](java&#10;script:alert(1))`, `[x](javascript&colon;alert(1))`,
		`[x](&#x6A;avascript:alert(1))`, `[x](\javascript:alert(1))`, `[x](<javascript:alert(1)>)`, `[x]( javascript:alert(1))`, `[x](data:text/html,<script>1</script>)`,
		`[x](vbscript:x)`, `[x](//example.org)`, `[x](\\example.org)`, `[x](https://a@example.org)`, `[x](/relative)`, `[x](https://example.com "onclick=alert(1)")`,
		`[x](https://example.com"onclick=alert(1))`, `[x](https://example.com/'><script>)`, `[x](dingtalk://dingtalkclient/page/link?url=javascript%3Aalert(1))`,
		`[x][1]` + "\n\n" + `[1]: javascript:alert(1)`, `<javascript:alert(1)>`, `<https://example.com/"onclick="x>`, `<data:text/html,x>`, `<a@example.com>`,
		`![x](javascript:alert(1))`, `![x](data:image/svg+xml,<svg onload=alert(1)>)`, `![x](//example.org/a.png)`, `![x" onerror="alert(1)](https://img.example.com/a.png)`,
		`![x](https://img.example.com/a.png"onerror="alert(1))`, `![<script>](@media"onerror=alert(1))`, `![x](@../../secret)`, `![x](/etc/passwd)`,
		"```<script>\nalert(1)\n```", "```html\n</code></pre><script>alert(1)</script>\n```", "`</code><script>alert(1)</script>`", `[<img src=x onerror=alert(1)>](https://example.com)`,
		`[![x](javascript:1)](javascript:2)`, `[![x](https://img.example.com/a.png)](https://example.com)`, `[a](https://example.com)[b](javascript:x)`, `# <script>alert(1)</script>`,
		`> <img src=x onerror=alert(1)>`, `- <svg/onload=alert(1)>`, `**<script>alert(1)</script>**`, `<br onclick=alert(1)>`, `<font color="red" onclick=alert(1)>x</font>`,
		`https://example.com/"onclick="alert(1)`, `https://example.com/<script>alert(1)</script>`, `https://example.com/'onclick='x`, `HTTPS://EXAMPLE.COM/<x>`,
		"\u2028<script>\u2029", "\u202e<script>", "<scr\u0001ipt>", "<\u0000script>", "<scr\tipt>", strings.Repeat("<b>", 300), strings.Repeat(">", 300) + "x",
		strings.Repeat("- ", 200) + "x", strings.Repeat("[", 300), strings.Repeat("![](", 200), strings.Repeat("*a_", 300), strings.Repeat("&", 300),
	}
}

// textFields are all the places of every type where a sender's text may stand.
func textFields() map[message.Type][]string {
	return map[message.Type][]string{
		message.TypeText: {"content"}, message.TypeImage: {"media_id"}, message.TypeVoice: {"media_id"}, message.TypeFile: {"media_id"},
		message.TypeLink: {"messageUrl", "picUrl", "title", "text"},
		message.TypeOA: {
			"message_url", "pc_message_url", "head.text", "status_bar.status_value", "body.title", "body.content", "body.image",
			"body.file_count", "body.author", "body.rich.num", "body.rich.unit", "body.form",
		},
		message.TypeMarkdown:   {"title", "text"},
		message.TypeActionCard: {"title", "markdown", "single_title", "single_url", "btn_json_list"},
	}
}

// hostile returns a message with the payload at one place.
func hostile(tb testing.TB, typ message.Type, path, payload string) []byte {
	base := whole()[typ]
	var v any = payload
	switch path {
	case "body.form":
		v = []any{fields{"key": payload, "value": payload}}
	case "btn_json_list":
		v = []any{fields{"title": payload, "action_url": payload}}
	case "single_title", "single_url":
		base = single()
	}
	return wire(tb, typ, with(base, path, v))
}

func TestHostile(t *testing.T) {
	t.Parallel()
	payloads := slices.Concat(unsafeLinks(), markup())
	cards := 0
	for typ, paths := range textFields() {
		for _, path := range paths {
			for _, payload := range payloads {
				m, err := message.Decode(hostile(t, typ, path, payload), message.Limits{})
				if err != nil {
					if code := fault.From(err).Code; code != fault.CodeMessageFieldLong && code != fault.CodeMessageIncomplete &&
						!strings.ContainsRune(payload, 0) {
						t.Errorf("%s.%s: %q refused: %v", typ, path, payload, err)
					}
					continue
				}
				cards++
				checkMessage(t, m)
			}
		}
	}
	if cards < 4000 {
		t.Errorf("only %d cards", cards)
	}
}

// checkMessage checks everything of a message that leaves the server.
func checkMessage(t testing.TB, m *message.Message) {
	t.Helper()
	o := options()
	o.AppName = `<b>"App"`
	checkOptions(t, m, o)
	o.PageURL = "https://app.example.com/home?a=1&b=2"
	o.Upload = func(string) (message.Upload, bool) {
		return message.Upload{
			Name: `<img src=x onerror=alert(1)>"`, Size: -1, ContentType: `audio/amr" onload="alert(1)`, Width: 1 << 40, Height: 3,
		}, true
	}
	checkOptions(t, m, o)
}

// checkOptions checks the card and the body of the same options.
func checkOptions(t testing.TB, m *message.Message, o message.RenderOptions) {
	t.Helper()
	card := m.HTML(o)
	checkCard(t, card)
	if card == "" || message.Sanitize([]byte(card)) != card {
		t.Errorf("the sanitizer changes its own card\n%s\n%s", card, message.Sanitize([]byte(card)))
	}
	for _, line := range []string{m.Title(), m.Preview()} {
		if strings.ContainsAny(line, "\n\r\t\x00\u202e\u2028") || len([]rune(line)) > 120 || strings.TrimSpace(line) != line {
			t.Errorf("not one plain line: %q", line)
		}
	}
	body, err := json.Marshal(m.Body(o))
	if err != nil {
		t.Fatal(err)
	}
	var any any
	if err := json.Unmarshal(body, &any); err != nil {
		t.Fatal(err)
	}
	opened := map[string]bool{}
	checkAddresses(t, any, opened)
	const mostLinks = 100
	for _, address := range anchors(t, card) {
		if !opened[address] && len(opened) < mostLinks {
			t.Errorf("the card leads to %s and the body does not: %s", address, body)
		}
	}
}

// checkAddresses looks for addresses in a body that are not to be opened, and
// collects all of them.
func checkAddresses(t testing.TB, v any, opened map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			checkAddresses(t, item, opened)
		}
	case map[string]any:
		for key, item := range v {
			if s, ok := item.(string); ok && (key == "desktop" || key == "mobile") {
				if opened[s] = true; !isWeb(s) {
					t.Errorf("body has %s %q", key, s)
				}
			}
			checkAddresses(t, item, opened)
		}
	}
}

// anchors returns where a card leads.
func anchors(t testing.TB, card string) (addresses []string) {
	root, err := html.Parse(strings.NewReader(card))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "a" && (a.Key == "href" || a.Key == "data-mobile") {
				addresses = append(addresses, a.Val)
			}
		}
	}
	return addresses
}

func isWeb(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '<' || r == '>' || r == '\\' })
}

func isOwn(s string) bool { return strings.HasPrefix(s, "/media/") }

// checkCard parses a card as a browser does and checks what became of it.
func checkCard(t testing.TB, card string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(card))
	if err != nil {
		t.Fatal(err)
	}
	elements := 0
	for n := range root.Descendants() {
		switch n.Type {
		case html.CommentNode, html.DoctypeNode:
			t.Errorf("comment or doctype in %s", card)
		case html.ElementNode:
			if n.Data == "html" || n.Data == "head" || n.Data == "body" {
				if len(n.Attr) > 0 {
					t.Errorf("<%s> with attributes in %s", n.Data, card)
				}
				continue
			}
			elements++
			checkElement(t, n, card)
		}
	}
	if elements == 0 || strings.Count(card, "<article") != 1 || !strings.HasPrefix(card, "<article ") || !strings.HasSuffix(card, "</article>") {
		t.Errorf("no whole card: %s", card)
	}
}

// trustedPicture is one of the host that options trusts.
var trustedPicture = regexp.MustCompile(`^https?://img\.example\.com(?::[0-9]+)?(?:[/?#].*)?$`)

var allowedElements = strings.Fields(`article header h3 h4 h5 h6 p div span br hr em strong code pre blockquote ul ol li
	dl dt dd details summary figure a img button`)

func checkElement(t testing.TB, n *html.Node, card string) {
	t.Helper()
	if n.Namespace != "" || !slices.Contains(allowedElements, n.Data) {
		t.Errorf("<%s> in %s", n.Data, card)
	}
	attrs := map[string]string{}
	for _, a := range n.Attr {
		attrs[a.Key] = a.Val
		ok := true
		switch a.Key {
		case "href", "data-mobile":
			ok = n.Data == "a" && isWeb(a.Val)
		case "src":
			ok = n.Data == "img" && (isOwn(a.Val) || trustedPicture.MatchString(a.Val))
		case "data-src":
			ok = isWeb(a.Val) || isOwn(a.Val)
		case "class":
			ok = slices.Contains(message.ElementClasses()[n.Data], a.Val)
		case "width", "height":
			ok = n.Data == "img" && regexp.MustCompile(`^[1-9][0-9]{0,4}$`).MatchString(a.Val)
		case "data-type":
			ok = n.Data == "div" && regexp.MustCompile(`^(audio|application)/[a-z0-9.+-]+$`).MatchString(a.Val)
		case "rel", "target", "dir", "alt", "loading", "referrerpolicy", "role", "type", "start", "aria-label":
		default:
			ok = strings.HasPrefix(a.Key, "data-")
		}
		if !ok {
			t.Errorf("<%s %s=%q> in %s", n.Data, a.Key, a.Val, card)
		}
	}
	if n.Data == "a" && (attrs["href"] == "" || attrs["rel"] != "noopener noreferrer nofollow" || attrs["target"] != "_blank" || attrs["data-host"] == "") {
		t.Errorf("anchor %v in %s", attrs, card)
	}
	if _, ok := attrs["alt"]; n.Data == "img" && !ok {
		t.Errorf("picture without alt in %s", card)
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "a" && (n.Data == "a" || n.Data == "button") {
			t.Errorf("<%s> inside <a> in %s", n.Data, card)
		}
	}
}
