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

// measureGIF walks the blocks of a GIF without decompressing them and returns
// the bytes that its frames take.
func measureGIF(r io.Reader) (int64, error) {
	in := bufio.NewReader(r)
	var head [13]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, damaged(err)
	}
	canvas := [2]int{int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))}
	if _, err := checkSize(canvas[0], canvas[1]); err != nil {
		return 0, err
	}
	if _, err := in.Discard(colorTable(head[10])); err != nil {
		return 0, damaged(err)
	}
	var pixels int64
	for frames := 0; ; {
		area, more, err := nextGIFBlock(in)
		if err != nil {
			return 0, damaged(err)
		}
		if !more {
			return max(pixels, 1), nil
		}
		if area > 0 {
			frames++
		}
		if pixels += area; frames > maxFrames || pixels > maxFramePixels {
			return 0, fault.New(fault.CodeMediaTooLarge,
				"the animation has more than %d frames or %d pixels in all", maxFrames, maxFramePixels).
				WithField("media").WithLimit(maxFramePixels, pixels)
		}
	}
}

// nextGIFBlock skips one block and returns the pixels of its frame, if it is one.
func nextGIFBlock(in *bufio.Reader) (area int64, more bool, err error) {
	const extension, frame, trailer = 0x21, 0x2c, 0x3b
	kind, err := in.ReadByte()
	if err != nil {
		return 0, false, err
	}
	skip := 1 // an extension's label, a frame's code size
	switch kind {
	case trailer:
		return 0, false, nil
	case extension:
	case frame:
		var d [9]byte
		if _, err := io.ReadFull(in, d[:]); err != nil {
			return 0, false, err
		}
		area = int64(binary.LittleEndian.Uint16(d[4:])) * int64(binary.LittleEndian.Uint16(d[6:]))
		skip += colorTable(d[8])
	default:
		return 0, false, io.ErrUnexpectedEOF
	}
	if _, err := in.Discard(skip); err != nil {
		return 0, false, err
	}
	for {
		n, err := in.ReadByte()
		if err != nil || n == 0 {
			return area, true, err
		}
		if _, err := in.Discard(int(n)); err != nil {
			return 0, false, err
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
