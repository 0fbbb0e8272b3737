package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/tidings-im/tidings/internal/fault"
)

// segment is one marker of a JPEG and what belongs to it.
type segment struct {
	marker  byte
	payload []byte
}

const (
	jpegBaseline, jpegExtended, jpegProgressive = 0xc0, 0xc1, 0xc2
	jpegHuffman, jpegScan, jpegApp1             = 0xc4, 0xda, 0xe1
)

// jpegSegments calls each with every segment, and skips the picture's data
// between them just as the decoder does: up to the next marker. It stops when
// each returns false, and quietly where the file ends: the decoder will say so.
func jpegSegments(r io.Reader, each func(segment) bool) error {
	in := bufio.NewReader(r)
	if _, err := in.Discard(2); err != nil {
		return nil
	}
	for {
		marker, err := nextMarker(in)
		if err != nil {
			return ended(err)
		}
		const restart, lastRestart, end = 0xd0, 0xd7, 0xd9
		if marker >= restart && marker <= lastRestart {
			continue // no payload
		} else if marker == end {
			return nil
		}
		var head [2]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return ended(err)
		}
		length := int(binary.BigEndian.Uint16(head[:])) - 2
		if length < 0 {
			return nil
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(in, payload); err != nil {
			return ended(err)
		}
		if !each(segment{marker, payload}) {
			return nil
		}
	}
}

// nextMarker skips to the next marker, which is the byte after an 0xff, fill
// bytes aside. In the picture's data 0xff is written with a 0 after it.
func nextMarker(in *bufio.Reader) (byte, error) {
	for {
		if _, err := in.ReadSlice(0xff); errors.Is(err, bufio.ErrBufferFull) {
			continue
		} else if err != nil {
			return 0, err
		}
		c := byte(0xff)
		for c == 0xff {
			var err error
			if c, err = in.ReadByte(); err != nil {
				return 0, err
			}
		}
		if c != 0 {
			return c, nil
		}
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// maxBlocks is how many visits of blocks decoding a JPEG may take. A
// progressive one visits its blocks once in each of its scans, of which a
// camera writes about ten; the largest picture then needs about half of this. A scan that changes nothing is a few bytes long, so without a limit
// a short file could take minutes.
const maxBlocks = 12_000_000

// measureJPEG adds to an effort what decoding a JPEG of so many pixels takes.
// Memory is its planes, once more if it is turned, and in a progressive one
// four bytes for every coefficient.
func measureJPEG(r io.Reader, width, height int) (effort, error) {
	pixels := int64(width) * int64(height)
	e, turned := effort{memory: pixels * 3, pixels: pixels}, int64(1)
	var frame jpegFrame
	err := jpegSegments(r, func(s segment) bool {
		switch s.marker {
		case jpegApp1:
			if e.blocks == 0 && exifOrientation(s.payload) != asIs {
				turned = 2
			}
		case jpegBaseline, jpegExtended, jpegProgressive:
			if frame.components != nil {
				return false // the decoder will refuse it
			}
			frame = readFrame(s.payload, width, height)
			e.memory = planes(s.payload, pixels)
			if s.marker == jpegProgressive {
				e.memory *= 5
			}
		case jpegHuffman:
			e.blocks += int64(len(s.payload) / tableBytes * tableBlocks)
		case jpegScan:
			e.blocks += frame.visits(s.payload)
		}
		return e.blocks <= maxBlocks
	})
	e.memory *= turned
	if err == nil && e.blocks > maxBlocks {
		err = fault.New(fault.CodeMediaTooLarge,
			"the scans of the picture visit more than %d blocks; write it as a baseline JPEG", maxBlocks).
			WithField("media").WithLimit(maxBlocks, e.blocks)
	}
	return e, err
}

// A table of Huffman codes has at least tableBytes, and reading it takes about
// as long as visiting tableBlocks blocks.
const tableBytes, tableBlocks = 17, 16

// jpegFrame is what a frame says of its components: by id the blocks of each
// in one unit of the picture, and how many units there are.
type jpegFrame struct {
	components map[byte]int64
	units      int64
}

func readFrame(p []byte, width, height int) jpegFrame {
	f := jpegFrame{components: map[byte]int64{}}
	if len(p) < 6 {
		return f
	}
	hMax, vMax := 1, 1
	for c := p[6:]; len(c) >= 3; c = c[3:] {
		h, v := int(c[1]>>4), int(c[1]&15)
		if p[5] == 1 {
			h, v = 1, 1 // the factors of a single component mean nothing
		}
		f.components[c[0]] = int64(h * v)
		hMax, vMax = max(hMax, h), max(vMax, v)
	}
	across, down := (width+8*hMax-1)/(8*hMax), (height+8*vMax-1)/(8*vMax)
	f.units = int64(across) * int64(down)
	return f
}

// visits returns how many blocks a scan visits. One that names no component of
// the frame is refused by the decoder.
func (f jpegFrame) visits(scan []byte) int64 {
	var perUnit int64
	for i := 1; len(scan) > 0 && i <= int(scan[0]) && 2*i <= len(scan); i++ {
		perUnit += f.components[scan[2*i-1]]
	}
	return f.units * max(perUnit, 1)
}

// planes returns the bytes of all components of a frame together.
func planes(frame []byte, pixels int64) int64 {
	if len(frame) < 6 {
		return pixels * 4
	}
	n := int(frame[5])
	if n == 4 { // CMYK, and RGBA made from it
		return pixels * 8
	}
	var sum, hMax, vMax int64 = 0, 1, 1
	for i := range n {
		if len(frame) < 6+3*(i+1) {
			break
		}
		h, v := int64(frame[7+3*i]>>4), int64(frame[7+3*i]&15)
		sum += h * v
		hMax, vMax = max(hMax, h), max(vMax, v)
	}
	cost := max(pixels*sum/(hMax*vMax), pixels)
	if hMax > 2 { // a rare ratio, turned by way of RGBA
		cost += pixels * 8
	}
	return cost
}
