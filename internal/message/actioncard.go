package message

import (
	"strconv"
	"unicode/utf8"
)

// The layouts of an action card's buttons.
const (
	layoutStacked    = "0"
	layoutSideBySide = "1"
)

// actionCard is Markdown with one jump for the whole card, or with buttons.
// If it has both, the one jump is shown, as the protocol's clients do.
type actionCard struct {
	heading, text         string
	singleTitle, singleTo string
	orientation           string
	buttons               []button
}

type button struct{ title, url string }

func readActionCard(o object) content {
	a := &actionCard{
		heading:     o.optional("title", MaxActionTitle),
		text:        o.required("markdown", MaxText),
		singleTitle: o.optional("single_title", MaxSingleTitle),
		singleTo:    o.optional("single_url", MaxSingleURL),
		orientation: o.optional("btn_orientation", 0),
	}
	for _, b := range o.objects("btn_json_list", 0) {
		a.buttons = append(a.buttons, button{
			title: b.required("title", MaxButtonTitle),
			url:   b.required("action_url", MaxButtonURL),
		})
	}
	if o.d.strict {
		a.check(o)
	}
	return a
}

func (a *actionCard) check(o object) {
	single := a.singleTitle != "" || a.singleTo != ""
	switch {
	case single && a.singleTitle == "":
		o.missing("single_title")
	case single && a.singleTo == "":
		o.missing("single_url")
	case len(a.buttons) > 0 && a.orientation == "":
		o.missing("btn_orientation")
	case len(a.buttons) == 0 && a.orientation != "" && !single:
		o.missing("btn_json_list")
	case a.orientation != "" && a.orientation != layoutStacked && a.orientation != layoutSideBySide:
		o.bad("btn_orientation", `must be "0" or "1"`)
	}
	var w writer
	a.writeButtons(&w)
	if n := utf8.RuneCount(w.b); len(a.buttons) > 0 && n > MaxButtonList {
		o.long("btn_json_list", MaxButtonList, n)
	}
}

func (a *actionCard) write(w *writer) {
	if len(a.buttons) > 0 {
		w.key("btn_json_list")
		a.writeButtons(w)
	}
	w.field("btn_orientation", a.orientation)
	w.field("markdown", a.text)
	w.field("single_title", a.singleTitle)
	w.field("single_url", a.singleTo)
	w.field("title", a.heading)
}

func (a *actionCard) writeButtons(w *writer) {
	w.begin('[')
	for _, b := range a.buttons {
		w.next()
		w.begin('{')
		w.field("action_url", b.url)
		w.field("title", b.title)
		w.end('}')
	}
	w.end(']')
}

func (a *actionCard) title() string         { return markdownTitle(a.heading, a.text) }
func (a *actionCard) preview() string       { return markdownPreview(a.text, a.heading) }
func (*actionCard) requiredMedia() []string { return nil }

func (a *actionCard) media() []string {
	return picturesOf(a.text)
}

func (a *actionCard) isSingle() bool { return a.singleTitle != "" }

func (a *actionCard) body(links resolver) Body {
	ids, found := parseMarkdown(a.text).mentions(links)
	b := Body{Links: found, Media: ids}
	if a.isSingle() {
		b.Buttons = []Button{{Title: oneLine(a.singleTitle), Link: clickable(links.link(a.singleTo))}}
		return b
	}
	b.SideBySide = a.orientation == layoutSideBySide
	for _, btn := range a.buttons {
		b.Buttons = append(b.Buttons, Button{Title: oneLine(btn.title), Link: clickable(links.link(btn.url))})
	}
	return b
}

func (a *actionCard) render(c *card) {
	c.open("div", classProse)
	parseMarkdown(a.text).render(c)
	c.close("div")
	if a.isSingle() {
		c.open("p", classSingle, ownDirection)
		c.button(a.singleTitle, c.links.link(a.singleTo))
		c.close("p")
		return
	}
	if len(a.buttons) == 0 {
		return
	}
	class := classStacked
	if a.orientation == layoutSideBySide {
		class = classSide
	}
	c.open("ul", class, attr{"data-count", strconv.Itoa(len(a.buttons))})
	for _, b := range a.buttons {
		c.open("li", "", ownDirection)
		c.button(b.title, c.links.link(b.url))
		c.close("li")
	}
	c.close("ul")
}
