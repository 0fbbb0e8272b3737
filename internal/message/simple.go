package message

import (
	"strconv"
	"strings"
)

// textCard is a plain text.
type textCard struct{ text string }

func readText(o object) content { return &textCard{text: o.required("content", MaxText)} }

func (t *textCard) write(w *writer) { w.field("content", t.text) }

func (t *textCard) title() string {
	for line := range strings.Lines(t.text) {
		if s := headline(line); s != "" {
			return s
		}
	}
	return ""
}

func (t *textCard) preview() string       { return headline(t.text) }
func (*textCard) requiredMedia() []string { return nil }
func (*textCard) media() []string         { return nil }

func (t *textCard) body(links resolver) Body {
	var found linkList
	found.addText(links, multiLine(t.text)) // as the card shows it
	return Body{Links: found}
}

func (t *textCard) render(c *card) {
	c.open("p", classBubble, ownDirection)
	c.linkedLines(t.text)
	c.close("p")
}

// mediaCard is what image, voice and file have in common: one uploaded file.
type mediaCard struct{ mediaID string }

func (m *mediaCard) write(w *writer)         { w.field("media_id", m.mediaID) }
func (*mediaCard) title() string             { return "" }
func (*mediaCard) preview() string           { return "" }
func (m *mediaCard) requiredMedia() []string { return nonEmpty(m.mediaID) }
func (m *mediaCard) media() []string         { return nonEmpty(m.mediaID) }

// imageCard is a picture.
type imageCard struct{ mediaCard }

func readImage(o object) content {
	return &imageCard{mediaCard{o.required("media_id", MaxMediaID)}}
}

func (i *imageCard) body(resolver) Body { return Body{Image: i.mediaID, Media: i.media()} }

func (i *imageCard) render(c *card) {
	c.uploaded("figure", classFigure, i.mediaID, func() { c.picture(i.mediaID, "", classPicture, false) })
}

// voiceCard is a recording.
type voiceCard struct {
	mediaCard
	seconds string // plain decimal
}

func readVoice(o object) content {
	v := &voiceCard{mediaCard: mediaCard{o.required("media_id", MaxMediaID)}, seconds: o.required("duration", 0)}
	if v.seconds == "" || !o.d.strict {
		return v
	}
	n, ok := wholeNumber(v.seconds)
	if !ok || n < 1 || n > MaxVoiceSeconds {
		o.bad("duration", "must be a whole number of seconds from 1 to "+strconv.Itoa(MaxVoiceSeconds))
		return v
	}
	v.seconds = strconv.Itoa(n)
	return v
}

// wholeNumber reads the ways clients write a number: 12, 12.0 and 12L.
func wholeNumber(s string) (int, bool) {
	if len(s) > 32 {
		return 0, false
	}
	if head, zeros, ok := strings.Cut(s, "."); ok {
		if head == "" || zeros == "" || strings.Trim(zeros, "0") != "" {
			return 0, false
		}
		s = head
	} else {
		s = strings.TrimSuffix(s, "L")
	}
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err == nil
}

func (v *voiceCard) write(w *writer) {
	w.field("duration", v.seconds)
	v.mediaCard.write(w)
}

func (v *voiceCard) duration() int {
	n, _ := strconv.Atoi(v.seconds) // 0 for a damaged one: unknown
	return n
}

func (v *voiceCard) body(resolver) Body {
	return Body{Voice: &Voice{MediaID: v.mediaID, Seconds: v.duration()}, Media: v.media()}
}

func (v *voiceCard) render(c *card) {
	c.uploaded("div", classVoice, v.mediaID, func() {
		c.open("span", classDuration, attr{"data-duration", strconv.Itoa(v.duration())})
		c.text(strconv.Itoa(v.duration()) + "″")
		c.close("span")
	}, attr{"data-type", c.o.upload(v.mediaID).ContentType})
}

// fileCard is a file. Its name, size and kind belong to the upload and are
// not part of the message; RenderOptions.Upload tells them.
type fileCard struct{ mediaCard }

func readFile(o object) content {
	return &fileCard{mediaCard{o.required("media_id", MaxMediaID)}}
}

func (f *fileCard) body(resolver) Body {
	return Body{File: &File{MediaID: f.mediaID}, Media: f.media()}
}

func (f *fileCard) render(c *card) {
	upload := c.o.upload(f.mediaID)
	c.uploaded("div", classFile, f.mediaID, func() {
		c.open("span", classFileName)
		c.text(upload.Name)
		c.close("span")
	}, attr{"data-type", upload.ContentType})
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
