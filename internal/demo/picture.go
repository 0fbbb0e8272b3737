package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"golang.org/x/image/vector"
)

const pictureWidth, pictureHeight = 600, 400

// picture draws a sailing boat under an evening sky, as a PNG.
func picture() ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, pictureWidth, pictureHeight))
	for y := range pictureHeight {
		for x := range pictureWidth {
			img.SetRGBA(x, y, backdrop(y))
		}
	}
	fill(img, color.RGBA{0xff, 0xe0, 0x9a, 0xff}, 440, 170, 470, 182, 488, 212, 470, 242, 440, 254, 410, 242, 392, 212, 410, 182) // sun
	fill(img, color.RGBA{0xfa, 0xfa, 0xf5, 0xff}, 292, 70, 292, 268, 180, 268)                                                    // main sail
	fill(img, color.RGBA{0xe8, 0xee, 0xf6, 0xff}, 304, 96, 396, 268, 304, 268)                                                    // jib
	fill(img, color.RGBA{0x5b, 0x3a, 0x29, 0xff}, 294, 60, 301, 60, 301, 284, 294, 284)                                           // mast
	fill(img, color.RGBA{0x7a, 0x3b, 0x2e, 0xff}, 156, 282, 424, 282, 386, 326, 200, 326)                                         // hull
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return out.Bytes(), nil
}

// backdrop is the sky above the horizon and the water below it.
func backdrop(y int) color.RGBA {
	const horizon = 250
	if y < horizon {
		return blend(color.RGBA{0x2b, 0x5c, 0x8a, 0xff}, color.RGBA{0xf6, 0xb9, 0x7d, 0xff}, y, horizon)
	}
	return blend(color.RGBA{0x3c, 0x7d, 0x9e, 0xff}, color.RGBA{0x14, 0x3a, 0x57, 0xff}, y-horizon, pictureHeight-horizon)
}

func blend(from, to color.RGBA, step, steps int) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8(int(a) + (int(b)-int(a))*step/steps) }
	return color.RGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 0xff}
}

// fill paints the polygon through the points x, y, x, y, ….
func fill(img draw.Image, c color.Color, points ...float32) {
	r := vector.NewRasterizer(pictureWidth, pictureHeight)
	r.MoveTo(points[0], points[1])
	for i := 2; i < len(points); i += 2 {
		r.LineTo(points[i], points[i+1])
	}
	r.ClosePath()
	r.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{})
}
