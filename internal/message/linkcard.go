package message

// linkCard is a link with a picture. Its keys are camelCase on the wire,
// unlike those of the other types.
type linkCard struct{ url, picture, heading, text string }

func readLinkCard(o object) content {
	return &linkCard{
		url:     o.required("messageUrl", MaxLink),
		picture: o.required("picUrl", MaxLink),
		heading: o.required("title", MaxLine),
		text:    o.required("text", MaxText),
	}
}

func (l *linkCard) write(w *writer) {
	w.field("messageUrl", l.url)
	w.field("picUrl", l.picture)
	w.field("text", l.text)
	w.field("title", l.heading)
}

func (l *linkCard) title() string         { return headline(firstOf(l.heading, l.text)) }
func (l *linkCard) preview() string       { return headline(firstOf(l.text, l.heading)) }
func (*linkCard) requiredMedia() []string { return nil }
func (l *linkCard) media() []string       { return mediaIDs(l.picture) }

func (l *linkCard) body(links resolver) Body {
	return Body{Link: clickable(links.link(l.url)), Image: pictureID(l.picture), Media: l.media()}
}

func (l *linkCard) render(c *card) {
	link := c.links.link(l.url)
	c.opener(l.heading, l.title(), link)
	c.paragraph(classContent, l.text)
	c.picture(l.picture, "", classThumb, true)
	c.unopenable(link)
}

// firstOf returns the first text that shows anything.
func firstOf(texts ...string) string {
	for _, s := range texts {
		if oneLine(s) != "" {
			return s
		}
	}
	return ""
}
