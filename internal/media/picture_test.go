package media_test

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"github.com/tidings-im/tidings/internal/fault"
)

func TestNothingButPixelsSurvives(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		evil := "<script>alert(1)</script>"
		jpg := mustJPEG(t, corners(32, 16))
		comment := "\xff\xfe\x00" + string([]byte{byte(len(evil) + 2)}) + evil
		animated := mustGIF(t, 2)
		gifComment := "\x21\xfe" + string([]byte{byte(len(evil))}) + evil + "\x00"
		cases := map[string]string{
			"exif":           withExif(jpg, 1, binary.BigEndian),
			"comment":        jpg[:2] + comment + jpg[2:],
			"behind a jpeg":  jpg + evil,
			"zip behind":     jpg + mustZip(t, "SECRET-GPS"),
			"behind a png":   mustPNG(t, corners(8, 8)) + evil,
			"behind a gif":   mustGIF(t, 2) + evil,
			"in a gif":       animated[:len(animated)-1] + gifComment + "\x3b",
			"exif in a turn": withExif(jpg, 6, binary.LittleEndian),
		}
		for name, content := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if !strings.Contains(content, evil) && !strings.Contains(content, "SECRET-GPS") {
					t.Fatal("the case lacks what it is about")
				}
				stored := f.mustRead(t, f.mustUpload(t, "image", "x", content))
				if strings.Contains(stored, "script") || strings.Contains(stored, "SECRET-GPS") || strings.Contains(stored, "Exif") {
					t.Error("it survived")
				}
			})
		}
	})
}

func TestOrientationIsApplied(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		// The colour (red, green as 0 or 1) of each corner, clockwise from the top
		// left, as a viewer that honours the note would show it.
		upright := [4]string{"00", "10", "11", "01"}
		seen := map[uint16][4]string{
			1: upright,
			2: {"10", "00", "01", "11"},
			3: {"11", "01", "00", "10"},
			4: {"01", "11", "10", "00"},
			5: {"00", "01", "11", "10"},
			6: {"01", "00", "10", "11"},
			7: {"11", "10", "00", "01"},
			8: {"10", "11", "01", "00"},
			9: upright, // no such note
		}
		gray := image.NewGray(image.Rect(0, 0, 48, 32))
		for kind, src := range map[string]string{"colour": mustJPEG(t, corners(48, 32)), "gray": mustJPEG(t, gray)} {
			for o, want := range seen {
				for _, order := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
					t.Run(fmt.Sprintf("%s %d %v", kind, o, order), func(t *testing.T) {
						t.Parallel()
						file := f.mustUpload(t, "image", "a.jpg", withExif(src, o, order))
						w, h := 48, 32
						if o >= 5 && o <= 8 {
							w, h = h, w
						}
						if file.Width != w || file.Height != h {
							t.Errorf("%d×%d, want %d×%d", file.Width, file.Height, w, h)
						}
						img, err := jpeg.Decode(strings.NewReader(f.mustRead(t, file)))
						if err != nil || img.Bounds().Dx() != w || img.Bounds().Dy() != h {
							t.Fatalf("%v %v", img.Bounds(), err)
						}
						if kind == "gray" {
							return
						}
						got := [4]string{corner(img, 2, 2), corner(img, w-3, 2), corner(img, w-3, h-3), corner(img, 2, h-3)}
						if got != want {
							t.Errorf("corners %v, want %v", got, want)
						}
					})
				}
			}
		}
	})
}

func corner(img image.Image, x, y int) string {
	r, g, _, _ := img.At(x, y).RGBA()
	return fmt.Sprintf("%d%d", (r+0x8000)>>16, (g+0x8000)>>16)
}

func TestPNGKeepsItsPixels(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		deep := image.NewNRGBA64(image.Rect(0, 0, 5, 3))
		deep.Set(2, 1, color.NRGBA64{0x1234, 0x5678, 0x9abc, 0x8000})
		palette := image.NewPaletted(image.Rect(0, 0, 5, 3), color.Palette{color.Transparent, color.White})
		palette.SetColorIndex(2, 1, 1)
		for name, img := range map[string]image.Image{"deep": deep, "palette": palette, "rgba": corners(5, 3)} {
			got, err := png.Decode(strings.NewReader(f.mustRead(t, f.mustUpload(t, "image", "a.png", mustPNG(t, img)))))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for y := range 3 {
				for x := range 5 {
					if color.NRGBA64Model.Convert(got.At(x, y)) != color.NRGBA64Model.Convert(img.At(x, y)) {
						t.Errorf("%s: pixel %d,%d is %v, was %v", name, x, y, got.At(x, y), img.At(x, y))
					}
				}
			}
		}
	})
}

func TestBMPBecomesPNG(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		src := corners(7, 5)
		file := f.mustUpload(t, "image", "a.bmp", mustEncode(t, func(w io.Writer) error { return bmp.Encode(w, src) }))
		if file.ContentType != "image/png" || file.Name != "a.bmp.png" || file.Width != 7 || file.Height != 5 {
			t.Errorf("%+v", file)
		}
		got, err := png.Decode(strings.NewReader(f.mustRead(t, file)))
		if err != nil || color.RGBAModel.Convert(got.At(6, 4)) != src.At(6, 4) || color.RGBAModel.Convert(got.At(0, 4)) != src.At(0, 4) {
			t.Errorf("pixels changed, %v", err)
		}
	})
}

func TestAnimationsStayAnimated(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		g, err := gif.DecodeAll(strings.NewReader(f.mustRead(t, f.mustUpload(t, "image", "a.gif", mustGIF(t, 12)))))
		if err != nil || len(g.Image) != 12 || g.Delay[3] != 5 || g.Image[4].ColorIndexAt(4, 4) != 1 {
			t.Errorf("%d frames, %v", len(g.Image), err)
		}
	})
}

func TestDecompressionBombs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		frame := "\x2c\x00\x00\x00\x00\x88\x13\x88\x13\x00\x02\x02\x4c\x01\x00" // 5000×5000 in 15 bytes
		tiny := "\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x4c\x01\x00"
		head := "GIF89a\x88\x13\x88\x13\x80\x00\x00\x00\x00\x00\xff\xff\xff"
		bmp := "BM" + strings.Repeat("\x00", 8) + "\x36\x00\x00\x00\x28\x00\x00\x00\x30\x75\x00\x00\x30\x75\x00\x00\x01\x00\x18\x00" + strings.Repeat("\x00", 24)
		jpg := mustJPEG(t, corners(16, 16))
		sof := strings.Index(jpg, "\xff\xc0")
		huge := jpg[:sof+5] + "\x75\x30\x75\x30" + jpg[sof+9:]
		progressive := jpg[:sof] + "\xff\xc2" + jpg[sof+2:sof+5] + "\x1b\x58\x1b\x58" + jpg[sof+9:] // 7000×7000
		for name, content := range map[string]string{
			"png of 30000 by 30000":        pngOf(30000, 30000),
			"png of 2^20 pixels a side":    pngOf(1<<20, 1<<20),
			"png strip":                    pngOf(40000, 1),
			"bmp of 30000 by 30000":        bmp,
			"jpeg of 30000 by 30000":       huge,
			"large progressive jpeg":       progressive,
			"gif of a huge canvas":         "GIF89a\x30\x75\x30\x75\x00\x00\x00\x3b",
			"gif of many huge frames":      head + strings.Repeat(frame, 1000) + "\x3b",
			"gif of very many tiny frames": head + strings.Repeat(tiny, 3000) + "\x3b",
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, err := f.upload("image", "x", content)
				wantCode(t, err, fault.CodeMediaTooLarge)
			})
		}
		if _, err := f.upload("image", "x", pngOf(0, 5)); !fault.Is(err, fault.CodeMediaFormat) {
			t.Errorf("no pixels at all: %v", err)
		}
	})
}
