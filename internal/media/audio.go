package media

import (
	"io"
)

// detectMP3 accepts what has two frames of MPEG audio where they must stand:
// at the beginning, or after one ID3v2 tag. The four bytes of one frame's
// header are too little to know an MP3 by.
func detectMP3(r io.ReaderAt, size int64) (*format, error) {
	head := make([]byte, 10)
	if ok, err := readAt(r, head, 0); !ok {
		return nil, err
	}
	at := int64(0)
	if string(head[:3]) == "ID3" {
		at = 10
		for i, shift := range []int{21, 14, 7, 0} {
			at += int64(head[6+i]&0x7f) << shift
		}
		const footer = 0x10
		if head[5]&footer != 0 {
			at += 10
		}
	}
	for range 2 {
		if ok, err := readAt(r, head[:4], at); !ok {
			return nil, err
		}
		length := mp3Frame(head)
		if length == 0 {
			return nil, nil
		}
		if at += int64(length); at == size {
			break // a recording of one frame
		}
	}
	return formatMP3, nil
}

// Bit rates in kbit/s by index: MPEG 1 layers I to III, MPEG 2 layer I, MPEG 2
// layers II and III. Free and forbidden rates are 0.
var mp3Rates = [5][16]int{
	{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
}

// mp3Frame returns the length in bytes of the frame that a header begins, 0 if
// it is none.
func mp3Frame(h []byte) int {
	const mpeg2, mpeg1 = 2, 3 // 0 is MPEG 2.5, 1 is reserved
	version, layer := h[1]>>3&3, 4-int(h[1]>>1&3)
	if h[0] != 0xff || h[1]&0xe0 != 0xe0 || version == 1 || layer == 4 || h[2]>>2&3 == 3 {
		return 0
	}
	hertz := [...]int{44100, 48000, 32000}[h[2]>>2&3]
	table := layer - 1
	switch {
	case version != mpeg1 && layer == 1:
		table = 3
	case version != mpeg1:
		table = 4
	}
	rate := mp3Rates[table][h[2]>>4] * 1000
	if version == mpeg2 {
		hertz /= 2
	} else if version != mpeg1 {
		hertz /= 4
	}
	padding := int(h[2] >> 1 & 1)
	switch {
	case rate == 0:
		return 0
	case layer == 1:
		return (12*rate/hertz + padding) * 4
	case layer == 3 && version != mpeg1:
		return 72*rate/hertz + padding
	default:
		return 144*rate/hertz + padding
	}
}
