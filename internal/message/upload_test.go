package message_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/message"
)

// withUploads are options of an organization with one upload of every kind.
func withUploads() message.RenderOptions {
	o := options()
	o.MediaURL = func(id string) (string, bool) {
		return "/media/" + strings.TrimLeft(id, "@") + "?org=ding7%26x", id != "@gone"
	}
	o.Upload = func(id string) (message.Upload, bool) {
		u, ok := map[string]message.Upload{
			"@v": {Name: "note.amr", Size: 99, ContentType: "audio/amr"},
			"@f": {Name: "a <b>.pdf", Size: 7, ContentType: "application/pdf"},
			"@p": {Name: "p.png", Size: 8, ContentType: "image/png", Width: 640, Height: 480},
		}[id]
		return u, ok
	}
	return o
}

func TestUploadsOnCards(t *testing.T) {
	t.Parallel()
	const picture = `src="/media/p?org=ding7%26x" loading="lazy" referrerpolicy="no-referrer" width="640" height="480" alt=`
	oa := with(with(whole()[message.TypeOA], "body", fields{"image": "@p"}), "status_bar", nil)
	for name, c := range map[string]struct {
		typ   message.Type
		inner fields
		want  string
	}{
		"voice": {
			message.TypeVoice,
			fields{"media_id": "@v", "duration": "10"},
			`<div class="td-recording" data-media="@v" data-src="/media/v?org=ding7%26x" data-type="audio/amr">`,
		},
		"file": {
			message.TypeFile,
			fields{"media_id": "@f"},
			`<div class="td-attachment" data-media="@f" data-src="/media/f?org=ding7%26x" data-type="application/pdf">` +
				`<span class="td-file-name">a &lt;b&gt;.pdf</span></div>`,
		},
		"unknown voice": {
			message.TypeVoice,
			fields{"media_id": "@x", "duration": "10"},
			`<div class="td-recording" data-media="@x" data-src="/media/x?org=ding7%26x"><span`,
		},
		"unknown file": {
			message.TypeFile,
			fields{"media_id": "@x"},
			`<div class="td-attachment" data-media="@x" data-src="/media/x?org=ding7%26x"><span class="td-file-name"></span></div>`,
		},
		"image": {
			message.TypeImage,
			fields{"media_id": "@p"},
			`<figure class="td-figure" data-media="@p" data-src="/media/p?org=ding7%26x"><img class="td-picture" ` + picture + `"">`,
		},
		"link": {
			message.TypeLink, with(whole()[message.TypeLink], "picUrl", "@p"), `<img class="td-picture td-thumb" ` + picture + `"">`,
		},
		"oa":       {message.TypeOA, oa, `<img class="td-picture" ` + picture + `"">`},
		"markdown": {message.TypeMarkdown, fields{"title": "t", "text": "![a](@p)"}, `<img class="td-picture" ` + picture + `"a">`},
		"action card": {
			message.TypeActionCard, with(single(), "markdown", "![a](@p)"), `<img class="td-picture" ` + picture + `"a">`,
		},
		"unknown picture": {
			message.TypeMarkdown,
			fields{"title": "t", "text": "![a](@x)"},
			`<img class="td-picture" src="/media/x?org=ding7%26x" loading="lazy" referrerpolicy="no-referrer" alt="a">`,
		},
		"foreign picture": {
			message.TypeMarkdown,
			fields{"title": "t", "text": "![a](https://img.example.com/p.png)"},
			`<img class="td-picture" src="https://img.example.com/p.png" loading="lazy" referrerpolicy="no-referrer" alt="a">`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := mustDecode(t, wire(t, c.typ, c.inner))
			card := m.HTML(withUploads())
			if !strings.Contains(card, c.want) {
				t.Errorf("no %s in\n%s", c.want, card)
			}
			if clean := message.Sanitize([]byte(card)); clean != card {
				t.Errorf("the sanitizer changes its own card\n%s\n%s", card, clean)
			}
		})
	}
}

func TestUploadsInBodies(t *testing.T) {
	t.Parallel()
	voice := mustDecode(t, wire(t, message.TypeVoice, fields{"media_id": "@v", "duration": 9})).Body(withUploads()).Voice
	want := &message.Voice{MediaID: "@v", Seconds: 9, Name: "note.amr", Size: 99, ContentType: "audio/amr"}
	if diff := cmp.Diff(want, voice); diff != "" {
		t.Errorf("voice (-want +got)\n%s", diff)
	}
	file := mustDecode(t, wire(t, message.TypeFile, fields{"media_id": "@f"})).Body(withUploads()).File
	if diff := cmp.Diff(&message.File{MediaID: "@f", Name: "a <b>.pdf", Size: 7, ContentType: "application/pdf"}, file); diff != "" {
		t.Errorf("file (-want +got)\n%s", diff)
	}
	gone := mustDecode(t, wire(t, message.TypeFile, fields{"media_id": "@x"})).Body(withUploads()).File
	if diff := cmp.Diff(&message.File{MediaID: "@x"}, gone); diff != "" {
		t.Errorf("a file that is gone (-want +got)\n%s", diff)
	}
}

// The policy admits what an upload says in the one form it can have.
func TestUnusualUploads(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{
		"text/html", "image/svg+xml", "audio/", "audio", "/", "AUDIO/AMR", "audio/amr;x=y", `audio/amr" onload="alert(1)`, "audio/amr ", "a\nudio/amr",
		"audio/<b>", "audio/.x", "audio/" + strings.Repeat("a", 101),
	} {
		for typ, inner := range map[message.Type]fields{
			message.TypeVoice: {"media_id": "@v", "duration": 1}, message.TypeFile: {"media_id": "@v"},
		} {
			o := options()
			o.Upload = func(string) (message.Upload, bool) { return message.Upload{ContentType: contentType}, true }
			if card := mustDecode(t, wire(t, typ, inner)).HTML(o); strings.Contains(card, "data-type") || strings.Contains(card, "onload") {
				t.Errorf("%q: %s", contentType, card)
			}
		}
	}
	for _, size := range [][2]int{{0, 0}, {0, 5}, {5, 0}, {-1, 5}, {5, -1}, {-3, -3}, {1 << 20, 1 << 20}} {
		o := options()
		o.Upload = func(string) (message.Upload, bool) { return message.Upload{Width: size[0], Height: size[1]}, true }
		card := mustDecode(t, wire(t, message.TypeImage, fields{"media_id": "@p"})).HTML(o)
		if strings.Contains(card, "width") || strings.Contains(card, "height") {
			t.Errorf("%v: %s", size, card)
		}
	}
}

func TestMediaOfMarkdown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"no picture": nil, "no! picture": nil, "![](@a) ![](@b) ![](@a)": {"@a", "@b"}, "`![](@a)`": nil, "!\u200b[](@a)": {"@a"},
		"![](https://example.com/a.png)": nil,
	} {
		for _, raw := range [][]byte{
			wire(t, message.TypeMarkdown, fields{"title": "t", "text": text}), wire(t, message.TypeActionCard, with(single(), "markdown", text)),
		} {
			m := mustDecode(t, raw)
			if diff := cmp.Diff(want, m.Media()); diff != "" {
				t.Errorf("%q (-want +got)\n%s", text, diff)
			}
			if diff := cmp.Diff(m.Body(options()).Media, m.Media()); diff != "" {
				t.Errorf("%q: body and message differ\n%s", text, diff)
			}
		}
	}
}
