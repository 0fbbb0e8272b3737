package message

import (
	"bytes"
	"html"
	"strings"
)

// RenderOptions are what a card needs to know beside its message.
type RenderOptions struct {
	// AppName is the sender's name, shown in the header strip of an oa card.
	// Without one the strip shows the message's own head.text.
	AppName string
	// StatusBar is the current status bar of an oa message; it takes the place
	// of the one it was sent with. One without Value shows none; nil is the
	// message's own.
	StatusBar *StatusBar
	// MediaURL returns the path a media id is served at, beginning with a
	// single slash. A nil function, !ok or anything that is not such a path
	// shows a missing picture.
	MediaURL func(mediaID string) (url string, ok bool)
	// Upload returns what is known of an uploaded file. A nil function or !ok
	// leaves a file's card without a name, and a picture without its size.
	Upload func(mediaID string) (upload Upload, ok bool)
	// PageURL is the http(s) address that links to pages of the app's mini
	// program lead to. Without one they are shown and not opened.
	PageURL string
	// Trusted are hosts whose pictures load at once and whose links need no
	// interstitial. Pictures from others load on a click.
	Trusted TrustedHosts
}

// Upload is what a card shows, or tells a browser, of an uploaded file.
type Upload struct {
	Name          string
	Size          int64  // bytes
	ContentType   string // "audio/amr"
	Width, Height int    // of a picture in pixels, else 0
}

func (o *RenderOptions) upload(mediaID string) Upload {
	if o.Upload == nil {
		return Upload{}
	}
	u, ok := o.Upload(mediaID)
	if !ok {
		return Upload{}
	}
	return u
}

// HTML returns the whole sanitized card, the same for inbox, console and mail.
// It never fails: what cannot be shown safely is shown as text.
func (m *Message) HTML(o RenderOptions) string {
	c := &card{o: o, links: resolver{o.PageURL}}
	c.b.Grow(len(m.canonical)*2 + 1024)
	attrs := []attr{ownDirection}
	if m.typ == TypeMarkdown || m.typ == TypeActionCard {
		// The title of these is not shown on the card.
		attrs = append(attrs, attr{"aria-label", m.Title()})
	}
	c.open("article", classCard+" "+classOf(m.typ), attrs...)
	m.content.render(c)
	c.close("article")
	return sanitize(c.b.Bytes())
}

// card is HTML being written. Its methods escape; raw does not.
type card struct {
	b     bytes.Buffer
	o     RenderOptions
	links resolver
}

type attr struct{ key, value string }

// ownDirection lets a text run in its own direction: a Hebrew value stands right
// to left on a Chinese card.
var ownDirection = attr{"dir", "auto"}

func (c *card) raw(s string) { c.b.WriteString(s) }

// open writes a start tag; attributes without a value are left out.
func (c *card) open(tag, class string, attrs ...attr) {
	c.b.WriteByte('<')
	c.b.WriteString(tag)
	if class != "" {
		c.attribute("class", class)
	}
	for _, a := range attrs {
		if a.value != "" {
			c.attribute(a.key, a.value)
		}
	}
	c.b.WriteByte('>')
}

func (c *card) attribute(key, value string) {
	c.b.WriteByte(' ')
	c.b.WriteString(key)
	c.b.WriteString(`="`)
	c.b.WriteString(html.EscapeString(value))
	c.b.WriteByte('"')
}

func (c *card) close(tag string) {
	c.b.WriteString("</")
	c.b.WriteString(tag)
	c.b.WriteByte('>')
}

// text writes text; lines and spaces stay as they are.
func (c *card) text(s string) { c.b.WriteString(html.EscapeString(multiLine(s))) }

// lines writes text whose line breaks are kept.
func (c *card) lines(s string) {
	c.b.WriteString(strings.ReplaceAll(html.EscapeString(multiLine(s)), "\n", "<br>"))
}

// linkedLines is lines with the addresses made links.
func (c *card) linkedLines(s string) {
	for p := range splitLinks(multiLine(s)) {
		if !p.isLink {
			c.lines(p.text)
			continue
		}
		link := c.links.link(p.text)
		c.anchor(classAnchor, link)
		c.text(p.text)
		c.anchorEnd(link)
	}
}

func (c *card) span(class, s string) {
	if s = oneLine(s); s != "" {
		c.open("span", class)
		c.text(s)
		c.close("span")
	}
}

func (c *card) paragraph(class, s string) {
	if oneLine(s) != "" {
		c.open("p", class, ownDirection)
		c.lines(s)
		c.close("p")
	}
}

func (c *card) rows(rows []row) {
	if len(rows) == 0 {
		return
	}
	c.open("dl", classForm, ownDirection) // that of its keys: values have their own
	for _, r := range rows {
		c.open("div", classRow)
		c.open("dt", "")
		c.text(oneLine(r.key))
		c.close("dt")
		c.open("dd", "", ownDirection)
		c.lines(r.value)
		c.close("dd")
		c.close("div")
	}
	c.close("dl")
}

// colors returns a sender's colour as data: the colour itself, and its shades
// for text in the light and the dark theme.
func (c *card) colors(s string) []attr {
	color, ok := ParseColor(s)
	if !ok {
		return nil
	}
	light, dark := color.Ink()
	return []attr{{"data-color", color.RGB()}, {"data-ink", light}, {"data-ink-dark", dark}}
}

func (c *card) trusted(address string) bool {
	return c.o.Trusted.Trusts(address)
}
