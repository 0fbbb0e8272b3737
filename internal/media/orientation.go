package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"
)

// orientation is how a picture must be turned to stand upright, as cameras
// note it: 1 as it is, 2 mirrored, 3 upside down, 4 both, 5 to 8 the same
// lying on its side.
type orientation int

const asIs orientation = 1

func (o orientation) lying() bool { return o >= 5 }

func orientationOf(r io.Reader) (orientation, error) {
	o := asIs
	err := jpegSegments(r, func(s segment) bool {
		if s.marker == jpegApp1 {
			if found := exifOrientation(s.payload); found != asIs {
				o = found
			}
		}
		return s.marker != jpegScan
	})
	return o, err
}

// exifOrientation reads the tag from an APP1 segment; asIs if there is none.
func exifOrientation(p []byte) orientation {
	tiff, ok := bytes.CutPrefix(p, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return asIs
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return asIs
	}
	count := order.Uint16(tiff[at:])
	entries := tiff[at+2:]
	for ; count > 0 && len(entries) >= 12; count-- {
		const tagOrientation = 0x0112
		if order.Uint16(entries) == tagOrientation {
			if o := orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return asIs
		}
		entries = entries[12:]
	}
	return asIs
}

// upright returns the picture turned. It takes what writeJPEG has.
func upright(img image.Image, o orientation) image.Image {
	if o == asIs {
		return img
	}
	switch p := img.(type) {
	case *image.YCbCr:
		return uprightYCbCr(p, o)
	case *image.Gray:
		out := image.NewGray(turnedRect(p.Rect, o))
		turn(plane{out.Pix, out.Stride}, plane{p.Pix, p.Stride}, p.Rect.Dx(), p.Rect.Dy(), 1, o)
		return out
	case *image.RGBA:
		out := image.NewRGBA(turnedRect(p.Rect, o))
		turn(plane{out.Pix, out.Stride}, plane{p.Pix, p.Stride}, p.Rect.Dx(), p.Rect.Dy(), 4, o)
		return out
	}
	return img
}

// uprightYCbCr turns the planes as they are, without a detour over RGB.
func uprightYCbCr(p *image.YCbCr, o orientation) image.Image {
	ratio := p.SubsampleRatio
	if o.lying() {
		switch ratio {
		case image.YCbCrSubsampleRatio422:
			ratio = image.YCbCrSubsampleRatio440
		case image.YCbCrSubsampleRatio440:
			ratio = image.YCbCrSubsampleRatio422
		case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
			return uprightRGBA(p, o) // there is no such ratio lying down
		}
	}
	w, h := p.Rect.Dx(), p.Rect.Dy()
	out := image.NewYCbCr(turnedRect(p.Rect, o), ratio)
	turn(plane{out.Y, out.YStride}, plane{p.Y, p.YStride}, w, h, 1, o)
	cw, ch := chromaSize(p)
	turn(plane{out.Cb, out.CStride}, plane{p.Cb, p.CStride}, cw, ch, 1, o)
	turn(plane{out.Cr, out.CStride}, plane{p.Cr, p.CStride}, cw, ch, 1, o)
	return out
}

func uprightRGBA(p *image.YCbCr, o orientation) image.Image {
	rgba := image.NewRGBA(p.Rect)
	for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y++ {
		for x := p.Rect.Min.X; x < p.Rect.Max.X; x++ {
			rgba.Set(x, y, p.At(x, y))
		}
	}
	return upright(rgba, o)
}

func chromaSize(p *image.YCbCr) (w, h int) {
	w, h = p.Rect.Dx(), p.Rect.Dy()
	switch p.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		return (w + 1) / 2, (h + 1) / 2
	case image.YCbCrSubsampleRatio422:
		return (w + 1) / 2, h
	case image.YCbCrSubsampleRatio440:
		return w, (h + 1) / 2
	case image.YCbCrSubsampleRatio411:
		return (w + 3) / 4, h
	case image.YCbCrSubsampleRatio410:
		return (w + 3) / 4, (h + 1) / 2
	}
	return w, h
}

func turnedRect(r image.Rectangle, o orientation) image.Rectangle {
	if o.lying() {
		return image.Rect(0, 0, r.Dy(), r.Dx())
	}
	return image.Rect(0, 0, r.Dx(), r.Dy())
}

// plane is one channel of a picture, or all of them interleaved.
type plane struct {
	pix    []byte
	stride int
}

// turn copies w by h pixels of size bytes each from src to their places in dst.
func turn(dst, src plane, w, h, size int, o orientation) {
	for y := range h {
		row := src.pix[y*src.stride:]
		for x := range w {
			tx, ty := x, y
			switch o {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			copy(dst.pix[ty*dst.stride+tx*size:], row[x*size:(x+1)*size])
		}
	}
}
