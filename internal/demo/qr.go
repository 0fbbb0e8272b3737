package demo

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is how many light modules a code has around it; readers need them.
const quiet = 4

// qrCode draws a text as a QR code for a terminal, two rows of modules to a
// line. It is black on white whatever the terminal's colours are: on a dark
// one it would come out inverted, which many cameras do not read.
func qrCode(text string) (string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	dark := func(x, y int) bool { return code.Black(x-quiet, y-quiet) } // light outside
	side := code.Size + 2*quiet
	var out strings.Builder
	for y := 0; y < side; y += 2 {
		out.WriteString("  \x1b[38;5;16;48;5;231m")
		for x := range side {
			switch upper, lower := dark(x, y), dark(x, y+1); {
			case upper && lower:
				out.WriteString("█")
			case upper:
				out.WriteString("▀")
			case lower:
				out.WriteString("▄")
			default:
				out.WriteString(" ")
			}
		}
		out.WriteString("\x1b[0m\n")
	}
	return out.String(), nil
}
