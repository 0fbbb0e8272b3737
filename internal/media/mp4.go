package media

import (
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

// An MP4 is a row of boxes, some of which hold boxes again. Each begins with its
// length and a name of four characters (ISO/IEC 14496-12).

const (
	boxHead      = 8
	boxLongHead  = 16 // with the length in 64 bits
	boxesRead    = 10_000
	handlerBytes = 12 // of a handler box, up to and with what it handles
)

// box is where a box's content lies.
type box struct {
	name     string
	from, to int64
}

// boxes reads boxes of a content, a bounded number of them.
type boxes struct {
	content io.ReaderAt
	left    int
}

// detectMP4 accepts what is a whole MP4 with moving pictures: no box goes beyond
// the end, as it does in one that was cut short, and one track is a video, which
// no still picture and no recording of the same family has.
func detectMP4(r io.ReaderAt, size int64) (*format, error) {
	b := &boxes{r, boxesRead}
	outer, whole, err := b.in(box{to: size})
	if !whole || err != nil || outer[0].name != "ftyp" {
		return nil, err
	}
	isContent := func(x box) bool { return x.name == "mdat" && x.to > x.from }
	if ok, err := b.isMP4(outer[0]); !ok || err != nil || !slices.ContainsFunc(outer, isContent) {
		return nil, err
	}
	if ok, err := b.handles("vide", box{to: size}, "moov", "trak", "mdia", "hdlr"); !ok || err != nil {
		return nil, err
	}
	return formatMP4, nil
}

// in returns the boxes that a box holds. whole is false if they are not exactly
// what it holds, or too many.
func (b *boxes) in(outer box) (inner []box, whole bool, err error) {
	for at := outer.from; at < outer.to; {
		if b.left--; b.left < 0 {
			return nil, false, nil
		}
		x, ok, err := b.at(at, outer.to)
		if !ok || err != nil {
			return nil, false, err
		}
		inner, at = append(inner, x), x.to
	}
	return inner, len(inner) > 0, nil
}

// at returns the box that begins at from and must end before to.
func (b *boxes) at(from, to int64) (x box, ok bool, err error) {
	head := make([]byte, min(boxLongHead, to-from))
	if ok, err := readAt(b.content, head, from); len(head) < boxHead || !ok || err != nil {
		return box{}, false, err
	}
	x = box{name: string(head[4:boxHead]), from: from + boxHead, to: from}
	switch length := binary.BigEndian.Uint32(head); {
	case length == 0: // to the end
		x.to = to
	case length > 1:
		x.to += int64(length)
	case len(head) == boxLongHead:
		x.from = from + boxLongHead
		x.to += int64(min(binary.BigEndian.Uint64(head[boxHead:]), uint64(to-from+1))) // so far or too far
	}
	return x, x.to >= x.from && x.to <= to, nil
}

// isMP4 reports whether a file's first box says that it can be read as MP4.
func (b *boxes) isMP4(kind box) (bool, error) {
	const most = 1024
	brands := make([]byte, min(kind.to-kind.from, most))
	ok, err := readAt(b.content, brands, kind.from)
	for i := 0; ok && i+4 <= len(brands); i += 4 {
		brand := string(brands[i : i+4])
		version := i == 4 // the second is the version of the first
		if !version && (strings.HasPrefix(brand, "iso") || slices.Contains(mp4Brands, brand)) {
			return true, err
		}
	}
	return false, err
}

// mp4Brands are the names under which MP4 is written, beside iso and a character.
var mp4Brands = []string{"mp41", "mp42", "mp71", "avc1", "M4V ", "M4VH", "M4VP", "MSNV", "dash"}

// handles reports whether one of the boxes at the end of a path handles
// something.
func (b *boxes) handles(what string, outer box, path ...string) (bool, error) {
	if len(path) == 0 {
		handler := make([]byte, min(handlerBytes, outer.to-outer.from))
		ok, err := readAt(b.content, handler, outer.from)
		return ok && len(handler) == handlerBytes && string(handler[handlerBytes-4:]) == what, err
	}
	inner, _, err := b.in(outer)
	if err != nil {
		return false, err
	}
	for _, x := range inner {
		if x.name != path[0] {
			continue
		}
		if ok, err := b.handles(what, x, path[1:]...); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}
