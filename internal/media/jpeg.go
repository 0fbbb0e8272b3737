package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// jpegSegments calls each with the marker and payload of every segment before
// the picture's data. It stops when each returns false, and quietly where the
// file ends: the decoder will say so.
func jpegSegments(r io.Reader, each func(marker byte, payload []byte) bool) error {
	in := bufio.NewReader(r)
	if _, err := in.Discard(2); err != nil {
		return nil
	}
	var head [4]byte
	for {
		if _, err := io.ReadFull(in, head[:2]); err != nil {
			return ended(err)
		}
		if head[0] != 0xff {
			return nil
		}
		for head[1] == 0xff { // fill bytes
			c, err := in.ReadByte()
			if err != nil {
				return ended(err)
			}
			head[1] = c
		}
		const restart, end, start, scan = 0xd0, 0xd9, 0xd8, 0xda
		if marker := head[1]; marker == 0 || marker >= restart && marker <= start {
			continue // no payload
		} else if marker == end || marker == scan {
			return nil
		}
		if _, err := io.ReadFull(in, head[2:4]); err != nil {
			return ended(err)
		}
		length := int(binary.BigEndian.Uint16(head[2:4])) - 2
		if length < 0 {
			return nil
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(in, payload); err != nil {
			return ended(err)
		}
		if !each(head[1], payload) {
			return nil
		}
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// measureJPEG returns the bytes that decoding a JPEG of so many pixels takes:
// its planes, once more if it is turned, and in a progressive one four bytes
// for every coefficient.
func measureJPEG(r io.Reader, pixels int64) (int64, error) {
	cost, turned := pixels*3, int64(1)
	err := jpegSegments(r, func(marker byte, p []byte) bool {
		const baseline, extended, progressive, app1 = 0xc0, 0xc1, 0xc2, 0xe1
		switch marker {
		case app1:
			if o := exifOrientation(p); o != asIs {
				turned = 2
			}
		case baseline, extended, progressive:
			cost = planes(p, pixels)
			if marker == progressive {
				cost *= 5
			}
			return false
		}
		return true
	})
	return cost * turned, err
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
