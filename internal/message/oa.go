package message

import "strconv"

// ShownRows is how many rows of an oa form are shown at once; the others are
// behind a details element.
const ShownRows = 6

// oaCard is an oa message: the card of approvals, reports and tickets.
type oaCard struct {
	url, pcURL        string
	bgcolor, head     string
	status            StatusBar
	heading, text     string
	form              []row
	num, unit         string
	picture           string
	fileCount, byline string
}

type row struct{ key, value string }

func readOA(o object) content {
	oa := &oaCard{url: o.requiredIf(o.d.strictOA, "message_url", MaxLink), pcURL: o.optional("pc_message_url", MaxLink)}
	if head, ok := o.object("head"); ok {
		oa.readHead(head)
	} else {
		o.missing("head")
	}
	oa.readStatus(o)
	if body, ok := o.object("body"); ok {
		oa.readBody(body)
	} else {
		o.missing("body")
	}
	return oa
}

func (oa *oaCard) readHead(head object) {
	oa.bgcolor = head.requiredIf(head.d.strictOA, "bgcolor", 0)
	oa.head = head.requiredIf(head.d.strictOA, "text", MaxLine)
	_, isColor := ParseColor(oa.bgcolor)
	switch {
	case !head.d.strict:
	case head.d.strictOA && !isARGB(oa.bgcolor):
		head.bad("bgcolor", "must be 8 hexadecimal digits, AARRGGBB")
	case oa.bgcolor != "" && !isColor:
		head.bad("bgcolor", "must be "+colorForms)
	}
}

func (oa *oaCard) readStatus(o object) {
	bar, ok := o.object("status_bar")
	if !ok {
		return
	}
	oa.status = StatusBar{Value: bar.optional("status_value", 0), Background: bar.optional("status_bg", 0)}
	if oa.status == (StatusBar{}) || !bar.d.strict {
		return
	}
	if f := checkStatusBar(oa.status, bar.path+"."); f != nil {
		bar.d.fail(f.inMessage())
	}
}

func (oa *oaCard) readBody(b object) {
	oa.heading = b.optional("title", MaxLine)
	for _, r := range b.objects("form", MaxRows) {
		if kv := (row{r.optional("key", MaxLine), r.optional("value", MaxText)}); kv != (row{}) {
			oa.form = append(oa.form, kv)
		}
	}
	if rich, ok := b.object("rich"); ok {
		oa.num, oa.unit = rich.optional("num", MaxLine), rich.optional("unit", MaxLine)
	}
	oa.text = b.optional("content", MaxText)
	oa.picture = b.optional("image", MaxLink)
	oa.fileCount = b.optional("file_count", MaxLine)
	oa.byline = b.optional("author", MaxLine)
}

func (oa *oaCard) write(w *writer) {
	w.key("body")
	w.begin('{')
	w.field("author", oa.byline)
	w.field("content", oa.text)
	w.field("file_count", oa.fileCount)
	oa.writeForm(w)
	w.field("image", oa.picture)
	if oa.num != "" || oa.unit != "" {
		w.key("rich")
		w.begin('{')
		w.field("num", oa.num)
		w.field("unit", oa.unit)
		w.end('}')
	}
	w.field("title", oa.heading)
	w.end('}')
	w.key("head")
	w.begin('{')
	w.field("bgcolor", oa.bgcolor)
	w.field("text", oa.head)
	w.end('}')
	w.field("message_url", oa.url)
	w.field("pc_message_url", oa.pcURL)
	if oa.status != (StatusBar{}) {
		w.key("status_bar")
		w.begin('{')
		w.field("status_bg", oa.status.Background)
		w.field("status_value", oa.status.Value)
		w.end('}')
	}
}

func (oa *oaCard) writeForm(w *writer) {
	if len(oa.form) == 0 {
		return
	}
	w.key("form")
	w.begin('[')
	for _, r := range oa.form {
		w.next()
		w.begin('{')
		w.field("key", r.key)
		w.field("value", r.value)
		w.end('}')
	}
	w.end(']')
}

func (oa *oaCard) title() string {
	return headline(firstOf(oa.heading, oa.text, oa.rows(), oa.rich(), oa.head))
}

func (oa *oaCard) preview() string {
	return headline(firstOf(oa.text, oa.rows(), oa.rich(), oa.heading, oa.head))
}

func (oa *oaCard) rich() string { return oa.num + " " + oa.unit }

// rows returns the first rows of the form as one text. Six are enough: more
// would be cut off.
func (oa *oaCard) rows() string {
	s := ""
	for _, r := range oa.form[:min(len(oa.form), ShownRows)] {
		s += r.key + " " + r.value + " "
	}
	return s
}

func (*oaCard) requiredMedia() []string { return nil }
func (oa *oaCard) media() []string      { return mediaIDs(oa.picture) }

// link is where the card leads: pc_message_url on a desktop if that can be
// opened, message_url everywhere else.
func (oa *oaCard) link(links resolver) Link {
	l := links.link(oa.url)
	pc := links.link(oa.pcURL)
	if pc.Kind != LinkWeb {
		return l
	}
	if l.Kind == LinkWeb {
		pc.Mobile = l.Mobile
	}
	return pc
}

func (oa *oaCard) body(links resolver) Body {
	b := Body{Link: clickable(oa.link(links)), Image: pictureID(oa.picture), Media: oa.media()}
	b.Attachments = oneLine(oa.fileCount)
	return b
}

func (oa *oaCard) render(c *card) {
	link := oa.link(c.links)
	c.open("header", classHead, c.colors(oa.bgcolor)...)
	c.span(classApp, firstOf(c.o.AppName, oa.head))
	c.close("header")
	oa.renderTop(c, link)
	oa.renderRich(c)
	oa.renderForm(c)
	c.paragraph(classClamped, oa.text)
	if oa.picture != "" {
		c.picture(oa.picture, oa.heading, classPicture, true)
	}
	if n := oneLine(oa.fileCount); n != "" {
		c.open("p", classFiles)
		c.span(classCount, n)
		c.close("p")
	}
	if who := oneLine(oa.byline); who != "" {
		c.open("p", classAuthor, ownDirection)
		c.text(who)
		c.close("p")
	}
	c.unopenable(link)
}

// renderTop writes the title and, beside it, the status bar.
func (oa *oaCard) renderTop(c *card, link Link) {
	bar := oa.status
	if c.o.StatusBar != nil {
		bar = *c.o.StatusBar
	}
	status := oneLine(bar.Value)
	if status == "" && !hasOpener(oa.heading, link) {
		return
	}
	c.open("div", classTop)
	c.opener(oa.heading, oa.title(), link)
	if status != "" {
		color := c.colors(firstOf(bar.Background, defaultStatusColor))
		c.open("p", classStatus, append(color, ownDirection)...)
		c.text(status)
		c.close("p")
	}
	c.close("div")
}

func (oa *oaCard) renderRich(c *card) {
	num, unit := oneLine(oa.num), oneLine(oa.unit)
	if num == "" && unit == "" {
		return
	}
	c.open("p", classRich, ownDirection)
	c.span(classNum, num)
	if num != "" && unit != "" {
		c.raw(" ")
	}
	c.span(classUnit, unit)
	c.close("p")
}

func (oa *oaCard) renderForm(c *card) {
	shown := oa.form[:min(len(oa.form), ShownRows)]
	c.rows(shown)
	rest := oa.form[len(shown):]
	if len(rest) == 0 {
		return
	}
	c.open("details", classMore)
	c.open("summary", classMoreToggle, attr{"data-count", strconv.Itoa(len(rest))})
	c.close("summary")
	c.rows(rest)
	c.close("details")
}
