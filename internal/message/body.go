package message

import "strings"

// Body is what a client needs beside the HTML. It holds plain text, media ids
// and addresses that may be opened, never markup or anything else the sender
// wrote. It marshals to JSON as it is; empty fields are left out.
type Body struct {
	Link        *Link    `json:"link,omitempty" doc:"Where the card leads."`
	Links       []Link   `json:"links,omitempty" doc:"The links in the text, each once; the limit is 100."`
	Buttons     []Button `json:"buttons,omitempty" doc:"The buttons, in order."`
	SideBySide  bool     `json:"side_by_side,omitempty" doc:"The buttons stand in one row."`
	Media       []string `json:"media,omitempty" doc:"Every media id mentioned."`
	Image       string   `json:"image,omitempty" doc:"The media id of the card's picture."`
	Voice       *Voice   `json:"voice,omitempty" doc:"A recording."`
	File        *File    `json:"file,omitempty" doc:"A file."`
	Attachments string   `json:"attachments,omitempty" doc:"How many attachments there are, as the sender wrote it."`
}

// Button is one button of an action card. Link is nil if it opens nothing.
type Button struct {
	Title string `json:"title" doc:"What it says."`
	Link  *Link  `json:"link,omitempty" doc:"What it opens, if anything."`
}

// Voice is a recording and its length. Not every browser can play every
// content type.
type Voice struct {
	MediaID     string `json:"media_id" doc:"The recording."`
	Seconds     int    `json:"duration" doc:"Its length in seconds."`
	Name        string `json:"name,omitempty" doc:"Its file's name."`
	Size        int64  `json:"size,omitempty" doc:"Its size in bytes."`
	ContentType string `json:"content_type,omitempty" doc:"audio/amr, audio/mpeg or audio/wav. Browsers do not play all of them."`
}

// File is a file. A message holds its media id only; the others are of the
// upload, and missing with it.
type File struct {
	MediaID     string `json:"media_id" doc:"The file."`
	Name        string `json:"name,omitempty" doc:"Its name."`
	Size        int64  `json:"size,omitempty" doc:"Its size in bytes."`
	ContentType string `json:"content_type,omitempty" doc:"What it is, by its content."`
}

// fill adds what is known of the uploads.
func (b *Body) fill(o *RenderOptions) {
	if v := b.Voice; v != nil {
		u := o.upload(v.MediaID)
		v.Name, v.Size, v.ContentType = u.Name, u.Size, u.ContentType
	}
	if f := b.File; f != nil {
		u := o.upload(f.MediaID)
		f.Name, f.Size, f.ContentType = u.Name, u.Size, u.ContentType
	}
}

// clickable returns what may leave the server of a link: a web address, or
// that it is a page of the sender's own mini program; nil for everything else.
func clickable(l Link) *Link {
	if l.Kind != LinkWeb && l.Kind != LinkMiniApp {
		return nil
	}
	return &l
}

// linkList collects web links, each once.
type linkList []Link

func (l *linkList) add(link Link) {
	const most = 100
	if link.Kind != LinkWeb || len(*l) >= most {
		return
	}
	for _, have := range *l {
		if have.Desktop == link.Desktop && have.Mobile == link.Mobile {
			return
		}
	}
	*l = append(*l, link)
}

// addText adds the addresses in a plain text.
func (l *linkList) addText(r resolver, s string) {
	for p := range splitLinks(s) {
		if p.isLink {
			l.add(r.link(p.text))
		}
	}
}

// mediaIDs returns those of refs that are media ids, each once.
func mediaIDs(refs ...string) []string {
	var ids []string
	seen := map[string]struct{}{}
	for _, ref := range refs {
		id := pictureID(ref)
		if _, twice := seen[id]; id == "" || twice {
			continue
		}
		seen[id] = struct{}{}
		ids = append(ids, id)
	}
	return ids
}

// pictureID returns the media id a picture is named by, "" if it is named by
// an address or cannot be a media id.
func pictureID(ref string) string {
	if ref == "" || len(ref) > MaxMediaID {
		return ""
	}
	for i := range len(ref) {
		if c := ref[i]; !isAlphanumeric(c) && strings.IndexByte("@#$_-.=+~", c) < 0 {
			return ""
		}
	}
	return ref
}
