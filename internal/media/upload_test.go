package media_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

func TestContentDecidesWhatAFileIs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		for name, c := range map[string]struct {
			kind, name, content    string
			wantName, wantType     string
			keptAsItIs, isAPicture bool
		}{
			"png":                            {"image", "a.png", mustPNG(t, corners(6, 4)), "a.png", "image/png", false, true},
			"jpeg":                           {"image", "a.JPEG", mustJPEG(t, corners(6, 4)), "a.JPEG", "image/jpeg", false, true},
			"gif":                            {"image", "a.gif", mustGIF(t, 1), "a.gif", "image/gif", false, true},
			"wrong ending":                   {"image", "a.png", mustJPEG(t, corners(6, 4)), "a.png.jpg", "image/jpeg", false, true},
			"html by name":                   {"image", "evil.html", mustPNG(t, corners(6, 4)), "evil.html.png", "image/png", false, true},
			"amr":                            {"voice", "v.amr", "#!AMR\n\x3c\x00", "v.amr", "audio/amr", true, false},
			"wide amr":                       {"voice", "v", "#!AMR-WB\n\x3c\x00", "v.amr", "audio/amr", true, false},
			"mp3":                            {"voice", "v.mp3", mp3(3), "v.mp3", "audio/mpeg", true, false},
			"one frame":                      {"voice", "v.mp3", mp3(1), "v.mp3", "audio/mpeg", true, false},
			"mp3 with a tag":                 {"voice", "v.mp3", "ID3\x04\x00\x00\x00\x00\x01\x00" + strings.Repeat("t", 128) + mp3(2), "v.mp3", "audio/mpeg", true, false},
			"wav":                            {"voice", "v.wav", wav(), "v.wav", "audio/wav", true, false},
			"mp4":                            {"video", "v.mp4", mp4("isom", "vide"), "v.mp4", "video/mp4", true, false},
			"mp4 of a phone":                 {"video", "v.M4V", mp4("mp42", "vide"), "v.M4V", "video/mp4", true, false},
			"mp4 with an open end":           {"video", "v", mp4("avc1", "vide") + "\x00\x00\x00\x00freexyz", "v.mp4", "video/mp4", true, false},
			"mp4 with a long length":         {"video", "v", mp4("M4V ", "vide") + "\x00\x00\x00\x01free\x00\x00\x00\x00\x00\x00\x00\x12xy", "v.mp4", "video/mp4", true, false},
			"pdf":                            {"file", "季度报告.pdf", "%PDF-1.7\n%%EOF", "季度报告.pdf", "application/pdf", true, false},
			"rar4":                           {"file", "a.rar", "Rar!\x1a\x07\x00....", "a.rar", "application/vnd.rar", true, false},
			"rar5":                           {"file", "a.rar", "Rar!\x1a\x07\x01\x00....", "a.rar", "application/vnd.rar", true, false},
			"zip":                            {"file", "a.zip", mustZip(t, "a.txt"), "a.zip", "application/zip", true, false},
			"docx":                           {"file", "a.docx", mustZip(t, "[Content_Types].xml", "word/document.xml"), "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", true, false},
			"xlsx":                           {"file", "a.xlsx", mustZip(t, "_rels/.rels", "xl/workbook.xml", "[Content_Types].xml"), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true, false},
			"pptx":                           {"file", "a", mustZip(t, "[Content_Types].xml", "ppt/presentation.xml"), "a.pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", true, false},
			"a zip with a folder named word": {"file", "a.docx", mustZip(t, "word/readme.txt"), "a.docx.zip", "application/zip", true, false},
			"jar":                            {"file", "tool.jar", mustZip(t, "META-INF/MANIFEST.MF"), "tool.jar.zip", "application/zip", true, false},
			"doc":                            {"file", "a.doc", compound("WordDocument"), "a.doc", "application/msword", true, false},
			"xls":                            {"file", "a.xls", compound("Workbook"), "a.xls", "application/vnd.ms-excel", true, false},
			"xls, far down":                  {"file", "a.xls", compound("a", "b", "c", "d", "e", "f", "g", "h", "Book"), "a.xls", "application/vnd.ms-excel", true, false},
			"ppt":                            {"file", "a.exe", compound("PowerPoint Document"), "a.exe.ppt", "application/vnd.ms-powerpoint", true, false},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				got := f.mustUpload(t, c.kind, c.name, c.content)
				stored := f.mustRead(t, got)
				sum := sha256.Sum256([]byte(stored))
				want := media.File{
					ID: got.ID, Organization: 7, AppID: 3, Kind: c.kind, Name: c.wantName, ContentType: c.wantType,
					Size: int64(len(stored)), Width: got.Width, Height: got.Height, Digest: hex.EncodeToString(sum[:]), CreatedAt: noon,
				}
				if got != want {
					t.Errorf("got  %+v\nwant %+v", got, want)
				}
				if c.keptAsItIs && stored != c.content {
					t.Error("the bytes changed")
				}
				if (got.Width > 0 && got.Height > 0) != c.isAPicture {
					t.Errorf("size %d×%d", got.Width, got.Height)
				}
				if !regexp.MustCompile(`^@l[a-z2-7]{26}$`).MatchString(got.ID) {
					t.Errorf("id %q", got.ID)
				}
			})
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		html := "<html><script>alert(1)</script></html>"
		jpg, film := mustJPEG(t, corners(40, 40)), mp4("isom", "vide")
		for name, c := range map[string]struct {
			kind, content string
			want          fault.Code
		}{
			"no kind":                     {"", mustPNG(t, corners(2, 2)), fault.CodeMediaType},
			"a video's first bytes":       {"video", "\x00\x00\x00\x18ftypmp42", fault.CodeMediaFormat},
			"half a video":                {"video", film[:len(film)/2], fault.CodeMediaFormat},
			"a video without its last":    {"video", film[:len(film)-1], fault.CodeMediaFormat},
			"a video without its film":    {"video", film[:len(film)-408], fault.CodeMediaFormat},
			"a video with html behind":    {"video", film + html, fault.CodeMediaFormat},
			"a video with a byte behind":  {"video", film + "x", fault.CodeMediaFormat},
			"a length that turns over":    {"video", film + "\x00\x00\x00\x01free\xff\xff\xff\xff\xff\xff\xff\xffxy", fault.CodeMediaFormat},
			"a recording of that family":  {"video", mp4("mp42", "soun"), fault.CodeMediaFormat},
			"a picture of that family":    {"video", boxOf("ftyp", "mif1\x00\x00\x00\x00heicmif1") + boxOf("meta", "") + boxOf("mdat", "x"), fault.CodeMediaFormat},
			"a video of another maker":    {"video", mp4("qt  ", "vide"), fault.CodeMediaFormat},
			"many boxes":                  {"video", film + strings.Repeat(boxOf("free", ""), 2<<20), fault.CodeMediaFormat},
			"boxes in boxes":              {"video", mp4("isom", "soun") + strings.Repeat(boxOf("moov", boxOf("trak", "")), 6000), fault.CodeMediaFormat},
			"html before a video":         {"video", html + film, fault.CodeMediaFormat},
			"a video as a picture":        {"image", film, fault.CodeMediaFormat},
			"a video as a file":           {"file", film, fault.CodeMediaFormat},
			"a picture as a video":        {"video", jpg, fault.CodeMediaFormat},
			"a video over 20 MB":          {"video", film + strings.Repeat("x", 20<<20), fault.CodeMediaTooLarge},
			"a kind of its own":           {"../image", "x", fault.CodeMediaType},
			"nothing":                     {"image", "", fault.CodeMediaEmpty},
			"nothing as a file":           {"file", "", fault.CodeMediaEmpty},
			"svg":                         {"image", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, fault.CodeMediaFormat},
			"html":                        {"file", html, fault.CodeMediaFormat},
			"html before a picture":       {"image", html + mustPNG(t, corners(2, 2)), fault.CodeMediaFormat},
			"html before a zip":           {"file", html + mustZip(t, "a"), fault.CodeMediaFormat},
			"an executable":               {"file", "MZ\x90\x00\x03", fault.CodeMediaFormat},
			"a script":                    {"file", "#!/bin/sh\necho", fault.CodeMediaFormat},
			"an installer":                {"file", compound("Property", "!_StringData"), fault.CodeMediaFormat},
			"a compound file cut short":   {"file", compound("WordDocument")[:700], fault.CodeMediaFormat},
			"a compound loop":             {"file", compoundLoop(), fault.CodeMediaFormat},
			"a zip cut short":             {"file", mustZip(t, "a.txt")[:40], fault.CodeMediaFormat},
			"a zip's first bytes":         {"file", "PK\x03\x04", fault.CodeMediaFormat},
			"a picture as a file":         {"file", jpg, fault.CodeMediaFormat},
			"a file as a picture":         {"image", "%PDF-1.7", fault.CodeMediaFormat},
			"a picture as a voice":        {"voice", jpg, fault.CodeMediaFormat},
			"webp":                        {"image", "RIFF\x24\x00\x00\x00WEBPVP8 ", fault.CodeMediaFormat},
			"one byte":                    {"image", "\x89", fault.CodeMediaFormat},
			"half a jpeg":                 {"image", jpg[:len(jpg)/2], fault.CodeMediaFormat},
			"half a png":                  {"image", mustPNG(t, corners(40, 40))[:60], fault.CodeMediaFormat},
			"half a gif":                  {"image", mustGIF(t, 3)[:90], fault.CodeMediaFormat},
			"a gif's head":                {"image", "GIF89a\x04\x00\x04\x00\x00\x00\x00" + html, fault.CodeMediaFormat},
			"a bmp's head":                {"image", "BM" + html, fault.CodeMediaFormat},
			"a tag with html behind":      {"voice", "ID3\x04\x00\x00\x00\x00\x00\x00" + html, fault.CodeMediaFormat},
			"one frame's sync, then html": {"voice", "\xff\xfb\x90\x00" + html, fault.CodeMediaFormat},
			"a voice over 2 MB":           {"voice", "#!AMR\n" + strings.Repeat("x", 2<<20), fault.CodeMediaTooLarge},
			"a file over 20 MB":           {"file", "%PDF-" + strings.Repeat("x", 20<<20), fault.CodeMediaTooLarge},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, err := f.upload(c.kind, "x", c.content)
				wantCode(t, err, c.want)
			})
		}
		t.Cleanup(func() {
			if left := f.kept(t); len(left) > 0 || len(f.rows.files) > 0 {
				t.Errorf("refused uploads left %v, rows %v", left, f.rows.files)
			}
		})
	})
}

// compoundLoop has a directory whose second sector leads back to the first.
func compoundLoop() string {
	b := []byte(compound("a", "b", "c", "d", "e"))
	copy(b[512+4*2:], []byte{1, 0, 0, 0})
	return string(b)
}

func TestTheLargestIsTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		pdf := "%PDF-" + strings.Repeat("x", 20<<20-5)
		if got := f.mustUpload(t, "file", "a.pdf", pdf); got.Size != 20<<20 {
			t.Errorf("size %d", got.Size)
		}
		if _, err := f.upload("file", "a.pdf", pdf+"x"); !fault.Is(err, fault.CodeMediaTooLarge) {
			t.Errorf("one byte more: %v", err)
		}
	})
}

func TestAnEndlessUploadIsCutOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		read := &counter{r: zeros{}}
		_, err := f.Upload(context.Background(), media.Upload{Organization: 7, Kind: "voice", Content: read})
		wantCode(t, err, fault.CodeMediaTooLarge)
		if read.n > 3<<20 {
			t.Errorf("read %d bytes", read.n)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestABrokenConnectionLeavesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		cut := errors.New("cut")
		_, err := f.Upload(context.Background(), media.Upload{
			Organization: 7, Kind: "file", Content: io.MultiReader(strings.NewReader("%PDF-1"), iotest.ErrReader(cut)),
		})
		if !errors.Is(err, cut) {
			t.Errorf("got %v", err)
		}
		if left := f.kept(t); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	})
}

func TestARowThatCannotBeEnteredTakesItsFileAlong(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		f.rows.err = fault.New(fault.CodeBusy, "busy")
		_, err := f.upload("file", "a.pdf", "%PDF-1")
		wantCode(t, err, fault.CodeBusy)
		if left := f.kept(t); len(left) > 0 {
			t.Errorf("left %v", left)
		}
		f.rows.err = fault.New(fault.CodeCommitUnknown, "lost")
		_, err = f.upload("file", "a.pdf", "%PDF-1")
		wantCode(t, err, fault.CodeCommitUnknown)
		if left := f.kept(t); len(left) != 1 {
			t.Errorf("the row may be there, its file must be: %v", left)
		}
	})
}

// On a full disk an upload is refused before it takes what little there is.
func TestNothingIsReceivedWithoutRoom(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.rows.room = fault.New(fault.CodeStorageFull, "full")
	content := strings.NewReader("%PDF-1.7\n%%EOF")
	_, err := f.Upload(context.Background(), media.Upload{Organization: 7, AppID: 3, Kind: "file", Name: "a.pdf", Content: content})
	if !fault.Is(err, fault.CodeStorageFull) || content.Len() != int(content.Size()) {
		t.Errorf("%v, %d of %d bytes are left", err, content.Len(), content.Size())
	}
}

func TestPlaceOnDisk(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	got := f.mustUpload(t, "file", "../../../etc/passwd", "%PDF-1")
	want := "7/" + got.ID[2:4] + "/" + got.ID
	if left := f.kept(t); len(left) != 1 || left[0] != want {
		t.Errorf("on disk %v, want %s", left, want)
	}
	info, err := os.Stat(filepath.Join(f.dir, "7"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestPrepareRemovesOldDraftsOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	kept := f.mustUpload(t, "file", "a.pdf", "%PDF-1")
	for name, age := range map[string]time.Duration{"old.part": 2 * time.Hour, "young.part": time.Minute} {
		path := filepath.Join(f.dir, "drafts", name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, noon.Add(-age), noon.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := media.NewDisk(f.dir, noon); err != nil {
		t.Fatal(err)
	}
	want := []string{"7/" + kept.ID[2:4] + "/" + kept.ID, "drafts/young.part"}
	if got := f.kept(t); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnotherOrganizationsFileDoesNotExist(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		ctx := context.Background()
		file := f.mustUpload(t, "file", "a.pdf", "%PDF-1")
		for _, c := range []struct {
			organization int64
			id           string
		}{{8, file.ID}, {7, "@l" + strings.Repeat("a", 26)}, {7, "../7/" + file.ID}, {7, ""}, {7, "@lADOAD"}} {
			_, _, err := f.open(ctx, c.organization, c.id)
			wantCode(t, err, fault.CodeNotFound)
			if err == nil || fault.From(err).Text != "there is no such file" {
				t.Errorf("%v answers %v", c, err)
			}
			found, err := f.ByIDs(ctx, c.organization, []string{c.id})
			if err != nil || len(found) > 0 {
				t.Errorf("ByIDs %v: %v %v", c, found, err)
			}
		}
		found, err := f.ByIDs(ctx, 7, []string{"nobody's", file.ID, file.ID})
		if err != nil || len(found) != 1 || found[file.ID] != file {
			t.Errorf("ByIDs: %v %v", found, err)
		}
	})
}

func TestURL(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	file := f.mustUpload(t, "file", "a.pdf", "%PDF-1")
	if got, want := f.URL("ding 7&/", 5, file.ID), "/api/v1/media/"+file.ID+"?org=ding+7%26%2F&task=5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, id := range []string{"", "..", "../x", "@lADOADbzQmc0BVs0C7g", "https://example.com/a.png", file.ID + "/.."} {
		if got := f.URL("ding7", 0, id); got != "" {
			t.Errorf("URL of %q is %q", id, got)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	long := strings.Repeat("报", 200)
	for in, want := range map[string]string{
		"":                            "file.pdf",
		"...":                         "file.pdf",
		"a.pdf":                       "a.pdf",
		"A.PDF":                       "A.PDF",
		"../../etc/passwd":            "passwd.pdf",
		`C:\temp\a.pdf`:               "a.pdf",
		"a\r\nSet-Cookie: x=1.pdf":    "aSet-Cookie x=1.pdf",
		"invoice\u202efdp.exe":        "invoicefdp.exe.pdf",
		"zero\u200bwidth\ufeff.pdf":   "zerowidth.pdf",
		"nul\x00.pdf":                 "nul.pdf",
		"bad\xff\xfeutf8.pdf":         "badutf8.pdf",
		`"quoted";<x>|?*.pdf`:         "quoted;x.pdf",
		" spaced .pdf ":               "spaced .pdf",
		".htaccess":                   "htaccess.pdf",
		long + ".pdf":                 strings.Repeat("报", 83) + ".pdf",
		strings.Repeat("x", 10_000):   strings.Repeat("x", 251) + ".pdf",
		"a." + strings.Repeat("e", 9): "a.eeeeeeeee.pdf",
	} {
		if got := f.mustUpload(t, "file", in, "%PDF-1").Name; got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestUploadsSideBySide(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		content := mustPNG(t, corners(64, 64))
		ids := make(chan string, 32)
		done := make(chan struct{})
		for range 8 {
			go func() {
				defer func() { done <- struct{}{} }()
				for range 4 {
					file, err := f.upload("image", "a.png", content)
					if err != nil {
						t.Error(err)
						return
					}
					ids <- file.ID
				}
			}()
		}
		for range 8 {
			<-done
		}
		close(ids)
		seen := map[string]bool{}
		for id := range ids {
			seen[id] = true
		}
		if len(seen) != 32 || len(f.kept(t)) != 32 {
			t.Errorf("%d ids, %d files", len(seen), len(f.kept(t)))
		}
		var first string
		for _, file := range f.rows.files {
			got := f.mustRead(t, file)
			if first == "" {
				first = got
			}
			if !bytes.Equal([]byte(first), []byte(got)) {
				t.Error("the same picture was written differently")
			}
		}
	})
}
