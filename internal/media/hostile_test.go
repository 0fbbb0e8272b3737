package media_test

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/image/bmp"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

// progressive is a gray JPEG of 8*across by 8*down pixels with scans that go
// over all of its blocks and change none of them.
func progressive(across, down, scans int) string {
	segment := func(marker byte, payload string) string {
		return "\xff" + string([]byte{marker}) + string(binary.BigEndian.AppendUint16(nil, uint16(len(payload)+2))) + payload
	}
	var b strings.Builder
	b.WriteString("\xff\xd8")
	b.WriteString(segment(0xdb, "\x00"+strings.Repeat("\x01", 64)))
	size := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, uint16(8*down)), uint16(8*across))
	b.WriteString(segment(0xc2, string(size)+"\x01\x01\x11\x00"))
	// One code of one bit: 2^14 blocks without anything.
	b.WriteString(segment(0xc4, "\x10\x01"+strings.Repeat("\x00", 15)+"\xe0"))
	runs := across*down/(1<<14) + 1
	scan := segment(0xda, "\x01\x01\x00\x01\x3f\x00") + strings.Repeat("\x00", runs*15/8+4)
	b.WriteString(strings.Repeat(scan, scans))
	b.WriteString("\xff\xd9")
	return b.String()
}

// manyTables is a JPEG with tables of codes before its picture.
func manyTables(jpg string, n int) string {
	table := "\x00\x01" + strings.Repeat("\x00", 15) + "\x00"
	size := len(table) + 2
	return jpg[:2] + strings.Repeat("\xff\xc4"+string([]byte{byte(size >> 8), byte(size)})+table, n) + jpg[2:]
}

// emptyFrames is a GIF of frames without pixels.
func emptyFrames(n int) string {
	return "GIF89a\x08\x00\x08\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" +
		strings.Repeat("\x2c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00", n) + "\x3b"
}

func bigGIF(tb testing.TB, width, height, frames int) string {
	g := &gif.GIF{}
	blank := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})
	for range frames {
		g.Image, g.Delay = append(g.Image, blank), append(g.Delay, 5)
	}
	return mustEncode(tb, func(w io.Writer) error { return gif.EncodeAll(w, g) })
}

// Whatever a short file asks for, it is known before it is decoded, and what
// would be too much is refused.
func TestWorkIsBoundedBeforeDecoding(t *testing.T) {
	t.Parallel()
	small := mustJPEG(t, corners(16, 16))
	for name, c := range map[string]struct {
		content string
		blocks  int64 // at least what it takes, if it is taken
		refused bool
	}{
		"a picture of a camera":           {mustJPEG(t, corners(400, 400)), 400 * 400 / 64 * 3 / 2, false},
		"ten scans of a large picture":    {progressive(875, 875, 10), 10 * 875 * 875, false},
		"a thousand scans of a small one": {progressive(10, 10, 1000), 1000 * 10 * 10, false},
		"scans without end":               {progressive(875, 875, 60), 0, true},
		"more scans without end":          {progressive(100, 100, 5000), 0, true},
		"scans of a strip":                {progressive(1, 3700, 6000), 0, true},
		"repeated baseline scans":         {strings.Replace(progressive(875, 875, 60), "\xff\xc2", "\xff\xc0", 1), 0, true},
		"scans of all and none":           {progressive(875, 875, 10)[:strings.LastIndex(progressive(875, 875, 10), "\xff\xd9")] + strings.Repeat("\xff\xda\x00\x06\x01\x07\x00\x00", 100), 0, true},
		"scans behind fill bytes":         {strings.ReplaceAll(progressive(875, 875, 60), "\xff\xda", "\xff\xff\xff\xda"), 0, true},
		"scans behind stuffed bytes":      {strings.ReplaceAll(progressive(875, 875, 60), "\xff\xda", "\xff\x00\xff\xda"), 0, true},
		"scans behind restarts":           {strings.ReplaceAll(progressive(875, 875, 60), "\xff\xda", "\xff\xd3\xff\xda"), 0, true},
		"some tables of codes":            {manyTables(small, 50), 50 * 16, false},
		"frames without pixels":           {emptyFrames(3000), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory, blocks, pixels, err := media.Effort(strings.NewReader(c.content))
			if c.refused {
				wantCode(t, err, fault.CodeMediaTooLarge)
				return
			}
			if err != nil || blocks < c.blocks || blocks > media.MaxBlocks || memory > media.MaxDecoded || pixels > media.MaxPixels {
				t.Errorf("%d bytes, %d blocks, %d pixels, %v; want at least %d blocks", memory, blocks, pixels, err, c.blocks)
			}
		})
	}
}

// patience is a context that ends after it has been asked a number of times.
type patience struct {
	context.Context
	asked, until int64
}

func (p *patience) Err() error {
	if atomic.AddInt64(&p.asked, 1) > p.until {
		return context.Canceled
	}
	return nil
}

// Who hangs up in the middle of decoding ends it: of what is left of the
// picture no more than a few bytes are read.
func TestHangingUpEndsDecoding(t *testing.T) {
	t.Parallel()
	colors := image.NewPaletted(image.Rect(0, 0, 600, 600), palette.Plan9)
	for i := range colors.Pix {
		colors.Pix[i] = byte(i * i >> 3)
	}
	for name, content := range map[string]string{
		"progressive jpeg": progressive(150, 150, 90),
		"baseline jpeg":    mustJPEG(t, colors),
		"png":              mustPNG(t, colors),
		"gif":              mustEncode(t, func(w io.Writer) error { return gif.Encode(w, colors, nil) }),
		"bmp":              mustEncode(t, func(w io.Writer) error { return bmp.Encode(w, colors) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pieces := int64(len(content) / media.ReadAtOnce)
			for _, until := range []int64{1, pieces / 2, pieces} {
				ctx := &patience{Context: t.Context(), until: until}
				err := media.Redraw(ctx, strings.NewReader(content))
				if !errors.Is(err, context.Canceled) {
					t.Errorf("after %d of %d pieces: %v", until, pieces, err)
				}
				if more := ctx.asked - until; more > 4 {
					t.Errorf("after %d of %d pieces it went on for %d", until, pieces, more)
				}
			}
		})
	}
}

// The room's own deadline says that the server is busy; the caller's is theirs.
func TestDeadlinesOfDecoding(t *testing.T) {
	t.Parallel()
	wantCode(t, media.TooSlow(t.Context(), context.DeadlineExceeded), fault.CodeBusy)
	over, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	if err := media.TooSlow(over, context.DeadlineExceeded); fault.Is(err, fault.CodeBusy) {
		t.Error("the caller's own deadline is called busy")
	}
}

// The numbers behind the limits: go test -bench Hostile ./internal/media
func BenchmarkHostile(b *testing.B) {
	for name, content := range map[string]string{
		"tables":       manyTables(mustJPEG(b, corners(16, 16)), 900_000),
		"progressive":  progressive(875, 875, media.MaxBlocks/875/875),
		"gif":          bigGIF(b, 5000, 5000, media.MaxFramePixels/5000/5000),
		"gif of bits":  bigGIF(b, 270, 270, 2000),
		"png":          mustPNG(b, image.NewNRGBA(image.Rect(0, 0, 6300, 6300))),
		"jpeg of 4444": mustEncode(b, func(w io.Writer) error { return jpeg.Encode(w, image.NewRGBA(image.Rect(0, 0, 7000, 7000)), nil) }),
	} {
		b.Run(name, func(b *testing.B) {
			f := newFixture(b)
			b.ReportMetric(float64(len(content)), "bytes")
			for b.Loop() {
				f.mustUpload(b, "image", "x", content)
			}
		})
	}
}
