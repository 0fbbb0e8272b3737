package message

import (
	"strings"
	"unicode/utf8"
)

// markdownCard is a text in Markdown; its title is for lists, not for the card.
type markdownCard struct{ heading, text string }

func readMarkdown(o object) content {
	return &markdownCard{heading: o.required("title", MaxLine), text: o.required("text", MaxText)}
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
	if s := markdownLine(title); s != "" {
		return s
	}
	return markdownLine(text)
}

func markdownPreview(text, title string) string {
	if s := markdownLine(text); s != "" {
		return s
	}
	return markdownLine(title)
}

// markdownLine returns the beginning of a Markdown text as a plain line of at
// most maxLine characters. Only the beginning is parsed when it fills the line
// twice: what is cut apart at its end is not in the line then.
func markdownLine(text string) string {
	if len(text) > longestParsed {
		text = strings.ToValidUTF8(text[:MaxText], "")
	}
	if begin := beginning(text); len(begin) < len(text) {
		if s := parseMarkdown(begin).plain(2 * maxLine); utf8.RuneCountInString(s) > 2*maxLine {
			return clip(s, maxLine)
		}
	}
	return clip(parseMarkdown(text).plain(maxLine), maxLine)
}

// beginning returns at most glance bytes of a longer text, in whole lines or at
// least whole words; the text where there are none: what is cut off a link's
// address would be shown.
func beginning(text string) string {
	if len(text) <= glance {
		return text
	}
	begin := text[:glance]
	if end := strings.LastIndexByte(begin, '\n'); end > glance/2 {
		return begin[:end]
	}
	if end := strings.LastIndexByte(begin, ' '); end > glance/2 {
		return begin[:end]
	}
	return text
}
