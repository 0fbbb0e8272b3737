package media_test

import (
	"encoding/binary"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

// FuzzUpload takes any content as any kind: it is refused with a media fault,
// or kept; a picture that is kept can be decoded, at the size that was noted.
func FuzzUpload(f *testing.F) {
	jpg := mustJPEG(f, corners(24, 16))
	for _, content := range []string{
		"", jpg, withExif(jpg, 6, binary.LittleEndian), mustPNG(f, corners(9, 5)), mustGIF(f, 3), mp3(2), wav(), "#!AMR\n\x3c",
		"BM\x3e\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x18\x00" + strings.Repeat("\x00", 32),
		"%PDF-1.7", mustZip(f, "[Content_Types].xml", "word/document.xml"), compound("Workbook"), compoundLoop(), pngOf(30000, 30000),
		mp4("isom", "vide"), mp4("mp42", "soun"), mp4("M4V ", "vide")[:200],
	} {
		for i := range media.Kinds() {
			f.Add(uint8(i), []byte(content))
		}
	}
	fixture := newFixture(f)
	f.Fuzz(func(t *testing.T, kind uint8, content []byte) {
		kinds := media.Kinds()
		file, err := fixture.upload(kinds[int(kind)%len(kinds)], "x", string(content))
		if err != nil {
			refusals := []fault.Code{fault.CodeMediaEmpty, fault.CodeMediaFormat, fault.CodeMediaTooLarge}
			if got := fault.From(err).Code; !slices.Contains(refusals, got) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if file.Kind != media.KindImage {
			return
		}
		img, _, err := image.Decode(strings.NewReader(fixture.mustRead(t, file)))
		if err != nil || img.Bounds().Dx() > file.Width || img.Bounds().Dy() > file.Height || file.Width < 1 {
			t.Fatalf("%d×%d of a kept picture: %v", file.Width, file.Height, err)
		}
	})
}

// FuzzName takes any name: what is kept can be shown, stored and offered.
func FuzzName(f *testing.F) {
	for _, name := range []string{"", "a.pdf", "../../x", `C:\x`, "a\r\nb", "\u202efdp.exe", "\xff", strings.Repeat("长", 300), ". .", "a."} {
		f.Add(name)
	}
	fixture := newFixture(f)
	f.Fuzz(func(t *testing.T, name string) {
		got := fixture.mustUpload(t, media.KindFile, name, "%PDF-1").Name
		bad := strings.ContainsFunc(got, func(r rune) bool {
			return strings.ContainsRune(`/\"<>|:*?`, r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
		})
		if bad || got == "" || len(got) > 255 || !utf8.ValidString(got) || !strings.HasSuffix(strings.ToLower(got), ".pdf") || got[0] == '.' {
			t.Fatalf("%q became %q", name, got)
		}
	})
}
