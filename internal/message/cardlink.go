package message

import (
	"strconv"
	"strings"
)

// anchor opens the element of a link: an anchor if it can be opened, else a
// span. anchorEnd closes it.
func (c *card) anchor(class string, l Link, more ...attr) {
	if l.Kind != LinkWeb {
		c.open("span", class+" "+classOff, append(more, attr{"data-kind", string(l.Kind)})...)
		return
	}
	attrs := append(more, attr{"href", l.Desktop})
	if l.Mobile != l.Desktop {
		attrs = append(attrs, attr{"data-mobile", l.Mobile})
	}
	if l.Slide {
		attrs = append(attrs, attr{"data-slide", "true"})
	}
	attrs = append(attrs, attr{"data-host", l.Host})
	if c.trusted(l.Desktop) && c.trusted(l.Mobile) {
		attrs = append(attrs, attr{"data-trusted", "true"})
	}
	attrs = append(attrs, attr{"rel", linkRel}, attr{"target", "_blank"})
	c.open("a", class, attrs...)
}

// linkRel is the rel of every anchor: the page opened learns nothing of the
// inbox and cannot reach back into it.
const linkRel = "noopener noreferrer nofollow"

func (c *card) anchorEnd(l Link) {
	if l.Kind == LinkWeb {
		c.close("a")
		return
	}
	c.close("span")
	c.unopenable(l)
}

// unopenable shows the text of a link that leads nowhere, so that nobody is
// left with a title and no way to tell where it was meant to go.
func (c *card) unopenable(l Link) {
	if l.Kind == LinkOther && l.Text != "" {
		c.raw(" ")
		c.open("span", classDead)
		c.text(l.Text)
		c.close("span")
	}
}

// opener writes a card's title, which is the anchor the whole card opens by.
// A card without a title still has the anchor, named for screen readers.
func (c *card) opener(title, name string, l Link) {
	title = oneLine(title)
	if !hasOpener(title, l) {
		return
	}
	c.open("h3", classTitle, ownDirection)
	switch {
	case l.Text == "" && l.Kind != LinkWeb: // the card leads nowhere, and was not meant to
		c.text(title)
	case l.Kind != LinkWeb:
		c.open("span", classOff, attr{"data-kind", string(l.Kind)})
		c.text(title)
		c.close("span")
	case title == "":
		c.anchor(classOpener, l, attr{"aria-label", firstOf(name, l.Host)})
		c.close("a")
	default:
		c.anchor(classOpener, l)
		c.text(title)
		c.close("a")
	}
	c.close("h3")
}

func hasOpener(title string, l Link) bool { return l.Kind == LinkWeb || oneLine(title) != "" }

func (c *card) button(title string, l Link) {
	c.anchor(classButton, l)
	c.text(oneLine(title))
	c.anchorEnd(l)
}

// uploaded writes the element of an uploaded file around inner; it says where
// the file is, or that it is missing.
func (c *card) uploaded(tag, class, mediaID string, inner func(), more ...attr) {
	path, ok := c.mediaPath(mediaID)
	if !ok {
		class += " " + classMissing
	}
	c.open(tag, class, append([]attr{{"data-media", pictureID(mediaID)}, {"data-src", path}}, more...)...)
	inner()
	c.close(tag)
}

// picture shows a picture named by a media id or an address. One from a host
// that is not trusted waits for a click: as a button, or where none may stand
// (inside a link) as a span.
func (c *card) picture(ref, alt, class string, interactive bool) {
	ref, alt = strings.TrimSpace(ref), oneLine(alt)
	src, host, size := "", "", []attr(nil)
	if l := webOnly(ref); l.Kind == LinkWeb {
		src, host = l.Desktop, l.Host
	} else if id := pictureID(ref); id != "" {
		src, _ = c.mediaPath(id)
		size = c.size(id)
	}
	switch {
	case src == "":
		c.open("span", class+" "+classMissing, attr{"role", "img"}, attr{"aria-label", alt})
		c.close("span")
	case host == "" || c.trusted(src):
		c.open("img", class, append([]attr{{"src", src}, {"loading", "lazy"}, {"referrerpolicy", "no-referrer"}}, size...)...)
		c.b.Truncate(c.b.Len() - 1)
		c.attribute("alt", alt) // needed even when empty: a picture without meaning
		c.raw(">")
	case interactive:
		c.open("button", class+" "+classAsk, attr{"type", "button"},
			attr{"data-src", src}, attr{"data-host", host}, attr{"data-alt", alt})
		c.text(firstOf(alt, host))
		c.close("button")
	default:
		c.open("span", class+" "+classAsk, attr{"data-src", src}, attr{"data-host", host}, attr{"data-alt", alt})
		c.text(firstOf(alt, host))
		c.close("span")
	}
}

// size says how much room an uploaded picture needs, so that a browser keeps
// it free before the picture is there.
func (c *card) size(mediaID string) []attr {
	u := c.o.upload(mediaID)
	if u.Width < 1 || u.Height < 1 {
		return nil
	}
	return []attr{{"width", strconv.Itoa(u.Width)}, {"height", strconv.Itoa(u.Height)}}
}

// mediaPath returns where a media id is served, if that is a path on our own
// server.
func (c *card) mediaPath(mediaID string) (string, bool) {
	if c.o.MediaURL == nil || mediaID == "" {
		return "", false
	}
	path, ok := c.o.MediaURL(mediaID)
	if !ok || !ownPath.MatchString(path) {
		return "", false
	}
	return path, true
}
