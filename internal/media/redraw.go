package media

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"

	"github.com/tidings-im/tidings/internal/fault"
)

const (
	// MaxPixels is the largest picture: larger than any camera in a phone
	// takes by default.
	MaxPixels = 50_000_000
	// maxSide keeps strange strips out, and sums in range.
	maxSide = 30_000
	// maxDecoded is the memory in bytes that one picture, and all pictures
	// being decoded at a time, may hold.
	maxDecoded = 320 * megabyte
	// smallDecoded is the memory of a small picture, about 3 million pixels of
	// a JPEG, and allSmall that of all small ones being decoded at a time.
	smallDecoded, allSmall = 8 * megabyte, 32 * megabyte
	// jpegQuality loses nothing that can be seen on a card.
	jpegQuality = 90
	// slowPNG is the size in pixels from which compressing faster counts for
	// more than compressing better.
	slowPNG = 4_000_000
)

// picture is a picture as it was written.
type picture struct {
	width, height int
	format        *format
}

// redraw decodes a picture and writes it anew: JPEG and GIF as they are, PNG
// and BMP as PNG. Metadata, comments and whatever else stood in the file stay
// behind; a camera's orientation is applied.
func (s *Service) redraw(ctx context.Context, organization int64, got *draft, f *format) (picture, *draft, error) {
	e, err := measure(got, f)
	if err != nil {
		return picture{}, nil, err
	}
	release, err := s.turn(ctx, organization, e.memory)
	if err != nil {
		return picture{}, nil, err
	}
	defer release()
	w, err := newDraft(s.drafts)
	if err != nil {
		return picture{}, nil, err
	}
	within, cancel := context.WithTimeout(ctx, decodeWithin)
	defer cancel()
	pic, err := write(within, w, got, f)
	if err == nil {
		err = w.buffer.Flush()
	}
	if err != nil {
		w.discard()
		return picture{}, nil, full(tooSlow(ctx, err, "decoding", decodeWithin))
	}
	return pic, w, nil
}

// turn waits for the organization's turn to hold so many bytes. Small pictures
// have memory of their own, so that they do not wait for large ones.
func (s *Service) turn(ctx context.Context, organization, memory int64) (release func(), err error) {
	within, cancel := context.WithTimeout(ctx, waitWithin)
	defer cancel()
	from := s.large
	if memory <= smallDecoded {
		from = s.small
	}
	release, err = from.acquire(within, organization, memory)
	if err != nil {
		return nil, tooSlow(ctx, err, "waiting for a turn to decode", waitWithin)
	}
	return release, nil
}

// measure returns what decoding a picture takes, CodeMediaTooLarge if that is
// too much, CodeMediaFormat if its head is damaged.
func measure(got *draft, f *format) (effort, error) {
	if f == formatGIF {
		return measureGIF(got.reader())
	}
	var decode func(io.Reader) (image.Config, error)
	switch f {
	case formatJPEG:
		decode = jpeg.DecodeConfig
	case formatPNG:
		decode = png.DecodeConfig
	default:
		decode = bmp.DecodeConfig
	}
	c, err := decode(got.reader())
	if err != nil {
		return effort{}, damaged(err)
	}
	pixels, err := checkSize(c.Width, c.Height)
	if err != nil {
		return effort{}, err
	}
	e := effort{memory: pixels * bytesPerPixel(c.ColorModel), pixels: pixels}
	switch f {
	case formatJPEG:
		if e, err = measureJPEG(got.reader(), c.Width, c.Height); err != nil {
			return effort{}, err
		}
	case formatPNG:
		e.memory *= 2 // an interlaced one is put together from passes
	}
	if e.memory > maxDecoded {
		return effort{}, fault.New(fault.CodeMediaTooLarge,
			"the picture needs %d bytes to be decoded, the limit is %d bytes", e.memory, int64(maxDecoded)).
			WithField("media").WithLimit(maxDecoded, e.memory)
	}
	e.memory = max(e.memory, 1)
	return e, nil
}

func checkSize(width, height int) (pixels int64, err error) {
	if width <= 0 || height <= 0 {
		return 0, damaged(fmt.Errorf("a picture of %d by %d pixels", width, height))
	}
	pixels = int64(width) * int64(height)
	if width > maxSide || height > maxSide || pixels > MaxPixels {
		return 0, fault.New(fault.CodeMediaTooLarge,
			"the picture is %d by %d pixels, the limit is %d pixels and %d a side", width, height, MaxPixels, maxSide).
			WithField("media").WithLimit(MaxPixels, pixels)
	}
	return pixels, nil
}

func bytesPerPixel(m color.Model) int64 {
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	return 4
}

func damaged(err error) error {
	return fault.New(fault.CodeMediaFormat, "the picture in media is damaged").WithField("media").Because(err)
}

// write decodes from got and encodes into w, as long as ctx holds.
func write(ctx context.Context, w io.Writer, got *draft, f *format) (picture, error) {
	out, in := stoppingWriter{ctx, w}, &stopping{ctx: ctx, r: got.reader()}
	var pic picture
	var err error
	switch f {
	case formatGIF:
		pic, err = writeGIF(out, in)
	case formatJPEG:
		var turn orientation
		if turn, err = orientationOf(got.reader()); err == nil {
			pic, err = writeJPEG(out, in, turn)
		}
	case formatPNG:
		pic, err = writePNG(out, png.Decode, in)
	default:
		pic, err = writePNG(out, bmp.Decode, in)
	}
	if in.failed != nil {
		return picture{}, in.failed
	}
	return pic, err
}

func writePNG(w io.Writer, decode func(io.Reader) (image.Image, error), r io.Reader) (picture, error) {
	img, err := decode(r)
	if err != nil {
		return picture{}, damaged(err)
	}
	size := img.Bounds().Size()
	encoder := png.Encoder{}
	if size.X*size.Y > slowPNG {
		encoder.CompressionLevel = png.BestSpeed
	}
	return picture{size.X, size.Y, formatPNG}, encoder.Encode(w, img)
}

func writeJPEG(w io.Writer, r io.Reader, turn orientation) (picture, error) {
	img, err := jpeg.Decode(r)
	if err != nil {
		return picture{}, damaged(err)
	}
	switch img.(type) {
	case *image.YCbCr, *image.Gray, *image.RGBA:
	default: // CMYK
		rgba := image.NewRGBA(img.Bounds())
		draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
		img = rgba
	}
	img = upright(img, turn)
	size := img.Bounds().Size()
	return picture{size.X, size.Y, formatJPEG}, jpeg.Encode(w, img, &jpeg.Options{Quality: jpegQuality})
}
