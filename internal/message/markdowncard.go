package message

import "strings"

// markdownCard is a text in Markdown; its title is for lists, not for the card.
type markdownCard struct{ heading, text string }

func readMarkdown(o object) content {
	return &markdownCard{heading: o.required("title", 0), text: o.required("text", MaxText)}
}

func (m *markdownCard) write(w *writer) {
	w.field("text", m.text)
	w.field("title", m.heading)
}

func (m *markdownCard) title() string         { return markdownTitle(m.heading, m.text) }
func (m *markdownCard) preview() string       { return markdownPreview(m.text, m.heading) }
func (*markdownCard) requiredMedia() []string { return nil }

func (m *markdownCard) media() []string { return picturesOf(m.text) }

func (m *markdownCard) body(links resolver) Body {
	ids, found := parseMarkdown(m.text).mentions(links)
	return Body{Links: found, Media: ids}
}

// picturesOf returns the media ids of the pictures in a text. Most texts have
// none, which shows without parsing them.
func picturesOf(text string) []string {
	if !strings.Contains(text, "!") {
		return nil
	}
	ids, _ := parseMarkdown(text).mentions(resolver{})
	return ids
}

func (m *markdownCard) render(c *card) {
	c.open("div", classProse)
	parseMarkdown(m.text).render(c)
	c.close("div")
}

// markdownTitle is a title that senders often copy from the first line of
// their Markdown.
func markdownTitle(title, text string) string {
	if s := clip(parseMarkdown(title).plain(maxLine), maxLine); s != "" {
		return s
	}
	return clip(parseMarkdown(text).plain(maxLine), maxLine)
}

func markdownPreview(text, title string) string {
	if s := clip(parseMarkdown(text).plain(maxLine), maxLine); s != "" {
		return s
	}
	return markdownTitle(title, "")
}
