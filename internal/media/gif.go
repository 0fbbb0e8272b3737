package media

import (
	"bufio"
	"encoding/binary"
	"image/gif"
	"io"

	"github.com/tidings-im/tidings/internal/fault"
)

const (
	// maxFrames and maxFramePixels bound an animation: every frame is decoded
	// and held, one byte a pixel, and a few bytes may stand for millions.
	maxFrames      = 2_000
	maxFramePixels = 150_000_000
)

// measureGIF walks the blocks of a GIF without decompressing them. A pixel of a
// frame takes one byte.
func measureGIF(r io.Reader) (effort, error) {
	in := bufio.NewReader(r)
	var head [13]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return effort{}, damaged(err)
	}
	canvas := [2]int{int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))}
	if _, err := checkSize(canvas[0], canvas[1]); err != nil {
		return effort{}, err
	}
	if _, err := in.Discard(colorTable(head[10])); err != nil {
		return effort{}, damaged(err)
	}
	var pixels int64
	for frames := 0; ; {
		block, err := nextGIFBlock(in)
		if err != nil {
			return effort{}, damaged(err)
		}
		if block.last {
			return effort{memory: max(pixels, 1), pixels: pixels}, nil
		}
		if block.frame {
			frames++ // one without pixels takes a decompressor, too
		}
		if pixels += block.area; frames > maxFrames || pixels > maxFramePixels {
			return effort{}, fault.New(fault.CodeMediaTooLarge,
				"the animation has more than %d frames or %d pixels in all", maxFrames, maxFramePixels).
				WithField("media").WithLimit(maxFramePixels, pixels)
		}
	}
}

// gifBlock is one block of a GIF.
type gifBlock struct {
	frame, last bool
	area        int64 // of a frame, in pixels
}

// nextGIFBlock skips one block.
func nextGIFBlock(in *bufio.Reader) (block gifBlock, err error) {
	const extension, frame, trailer = 0x21, 0x2c, 0x3b
	kind, err := in.ReadByte()
	if err != nil {
		return block, err
	}
	skip := 1 // an extension's label, a frame's code size
	switch kind {
	case trailer:
		return gifBlock{last: true}, nil
	case extension:
	case frame:
		var d [9]byte
		if _, err := io.ReadFull(in, d[:]); err != nil {
			return block, err
		}
		block.frame = true
		block.area = int64(binary.LittleEndian.Uint16(d[4:])) * int64(binary.LittleEndian.Uint16(d[6:]))
		skip += colorTable(d[8])
	default:
		return block, io.ErrUnexpectedEOF
	}
	if _, err := in.Discard(skip); err != nil {
		return block, err
	}
	for {
		n, err := in.ReadByte()
		if err != nil || n == 0 {
			return block, err
		}
		if _, err := in.Discard(int(n)); err != nil {
			return block, err
		}
	}
}

// colorTable returns the length of the table that a flag byte announces.
func colorTable(flags byte) int {
	const present = 0x80
	if flags&present == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// writeGIF writes all frames anew: colours, delays and loops stay, comments
// and application data go.
func writeGIF(w io.Writer, r io.Reader) (picture, error) {
	g, err := gif.DecodeAll(r)
	if err != nil {
		return picture{}, damaged(err)
	}
	return picture{g.Config.Width, g.Config.Height, formatGIF}, gif.EncodeAll(w, g)
}
