package message

import (
	"math"
	"strings"
)

// Color is a sender's colour, eight upper-case hexadecimal digits AARRGGBB.
// Alpha is kept and ignored: a sender cannot make text unreadable with it.
type Color string

// colorForms is what ParseColor reads, in words.
const colorForms = "hexadecimal digits, AARRGGBB or RRGGBB, with or without 0x, or #RRGGBB or #RGB"

// ParseColor reads the ways clients write a colour, in either case: AARRGGBB and
// RRGGBB, with or without 0x in front, and #RRGGBB and #RGB. Those without alpha
// are opaque.
func ParseColor(s string) (Color, bool) {
	digits, isWeb := strings.CutPrefix(s, "#")
	switch {
	case isWeb && len(digits) == 3:
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	case isWeb && len(digits) != 6:
		return "", false
	case !isWeb:
		digits = withoutPrefix(s)
	}
	if len(digits) == 6 {
		digits = "FF" + digits
	}
	if len(digits) != 8 || !isHex(digits) {
		return "", false
	}
	return Color(strings.ToUpper(digits)), true
}

// isARGB reports whether s is AARRGGBB, with or without 0x in front.
func isARGB(s string) bool {
	s = withoutPrefix(s)
	return len(s) == 8 && isHex(s)
}

func withoutPrefix(s string) string {
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		return s[2:]
	}
	return s
}

func isHex(s string) bool {
	for i := range len(s) {
		if _, ok := hexDigit(s[i]); !ok {
			return false
		}
	}
	return true
}

// RGB returns the colour without alpha, RRGGBB; "" for a Color that ParseColor
// did not make.
func (c Color) RGB() string {
	if len(c) != 8 {
		return ""
	}
	return string(c[2:])
}

// The surfaces a card stands on in the two themes, and how strongly a sender's
// colour tints them.
const (
	lightSurface Color = "FFFFFFFF"
	darkSurface  Color = "FF1B1E21"
	tintStrength       = 0.12
	minContrast        = 4.5
	lightText    Color = "FF171A1D"
	darkText     Color = "FFECEDEE"
)

// Ink returns the shade of the colour nearest to it that can be read, at a
// contrast of at least 4.5:1, on its own 12 % tint of a light and of a dark
// surface, each as RRGGBB. A grey has none of its own: text in a shade of it
// would look switched off, and has the theme's colour of text instead.
func (c Color) Ink() (light, dark string) {
	if c.rgb().isGrey() {
		return lightText.RGB(), darkText.RGB()
	}
	return c.inkOn(lightSurface, rgb{}).hex(), c.inkOn(darkSurface, rgb{255, 255, 255}).hex()
}

// inkOn walks from the colour towards an end until it can be read.
func (c Color) inkOn(surface Color, end rgb) rgb {
	own := c.rgb()
	tint := surface.rgb().mix(own, tintStrength)
	for step := range 20 {
		if ink := own.mix(end, float64(step)/20); contrast(ink, tint) >= minContrast {
			return ink
		}
	}
	return end
}

type rgb struct{ r, g, b uint8 }

func (c Color) rgb() rgb {
	if len(c) != 8 {
		return rgb{}
	}
	at := func(i int) uint8 {
		high, _ := hexDigit(c[i])
		low, _ := hexDigit(c[i+1])
		return high<<4 | low
	}
	return rgb{at(2), at(4), at(6)}
}

// isGrey reports a colour that nobody would give a name to but grey, black or white.
func (c rgb) isGrey() bool {
	const hint = 12 // between the strongest and the weakest channel
	return max(c.r, c.g, c.b)-min(c.r, c.g, c.b) < hint
}

func (c rgb) hex() string {
	const digits = "0123456789ABCDEF"
	return string([]byte{
		digits[c.r>>4], digits[c.r&15], digits[c.g>>4], digits[c.g&15], digits[c.b>>4], digits[c.b&15],
	})
}

func (c rgb) mix(o rgb, share float64) rgb {
	part := func(a, b uint8) uint8 {
		return uint8(math.Round(float64(a)*(1-share) + float64(b)*share))
	}
	return rgb{part(c.r, o.r), part(c.g, o.g), part(c.b, o.b)}
}

// contrast is the contrast ratio of WCAG 2, 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func (c rgb) luminance() float64 {
	return 0.2126*linear[c.r] + 0.7152*linear[c.g] + 0.0722*linear[c.b]
}

// linear is the linear light of each value of a channel.
var linear = func() (table [256]float64) {
	for v := range table {
		if s := float64(v) / 255; s <= 0.04045 {
			table[v] = s / 12.92
		} else {
			table[v] = math.Pow((s+0.055)/1.055, 2.4)
		}
	}
	return table
}()
