package message_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

func TestParseColor(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]message.Color{
		"FFBBBBBB": "FFBBBBBB", "ffbbbbbb": "FFBBBBBB", "0xFF78C06E": "FF78C06E", "0Xff78c06e": "FF78C06E", "00000000": "00000000",
		"2381E9": "FF2381E9", "0x2381e9": "FF2381E9", "#2381E9": "FF2381E9", "#d1f": "FFDD11FF", "000000": "FF000000",
	} {
		got, ok := message.ParseColor(s)
		if !ok || got != want || got.RGB() != string(want[2:]) {
			t.Errorf("ParseColor(%q) = %q, %v", s, got, ok)
		}
	}
	for _, s := range []string{
		"", "FFF", "0xFFF", "0x", "#", "##FFF", "#FFFF", "#FFFFFFFF", "#0xFFFFFF", "FFFFF", "FFFFFFF", "#GGGGGG", "#GGG",
		"FFFFFFFFF", "GGGGGGGG", "0x0xFFFFFFFF", " FFBBBBB", "ＦＦ",
	} {
		if got, ok := message.ParseColor(s); ok {
			t.Errorf("ParseColor(%q) = %q", s, got)
		}
	}
	if message.Color("x").RGB() != "" {
		t.Error("a Color that is none has an RGB")
	}
}

// The page tints a surface with 12 % of the colour and writes in its ink.
func TestInkCanBeRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9A-F]{8}`).Draw(t, "color")
		c, ok := message.ParseColor(s)
		if !ok {
			t.Fatalf("ParseColor(%q) failed", s)
		}
		light, dark := c.Ink()
		for surface, ink := range map[string]string{"FFFFFF": light, "1B1E21": dark} {
			var tint [3]float64
			for i := range tint {
				tint[i] = math.Round(channel(t, surface, i)*0.88 + channel(t, c.RGB(), i)*0.12)
			}
			a, b := luminance(tint), luminance([3]float64{channel(t, ink, 0), channel(t, ink, 1), channel(t, ink, 2)})
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
				t.Fatalf("%s on the tint of %s over %s: %.2f", ink, s, surface, ratio)
			}
		}
	})
}

// A grey has no shade that would be read as words in use.
func TestGreyHasTheColorOfText(t *testing.T) {
	t.Parallel()
	for _, grey := range []string{"FFBBBBBB", "FF000000", "FFFFFFFF", "FF767A7D"} {
		c, _ := message.ParseColor(grey)
		if light, dark := c.Ink(); light != "171A1D" || dark != "ECEDEE" {
			t.Errorf("%s is written in %s and %s", grey, light, dark)
		}
	}
	blue, _ := message.ParseColor("FF3E7BFA")
	if light, _ := blue.Ink(); light == "171A1D" {
		t.Error("a blue is taken for a grey")
	}
}

func channel(t *rapid.T, rgb string, i int) float64 {
	n, err := strconv.ParseUint(rgb[2*i:2*i+2], 16, 8)
	if err != nil {
		t.Fatal(err)
	}
	return float64(n)
}

func luminance(c [3]float64) float64 {
	for i := range c {
		if c[i] /= 255; c[i] <= 0.04045 {
			c[i] /= 12.92
		} else {
			c[i] = math.Pow((c[i]+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}

func TestValidStatusBar(t *testing.T) {
	t.Parallel()
	for _, ok := range []message.StatusBar{
		{"Agreed", "0xFF78C06E"}, {"Agreed", "FF78C06E"}, {"Agreed", ""}, {strings.Repeat("同", message.MaxStatusValue), ""},
	} {
		if err := message.ValidStatusBar(ok.Value, ok.Background); err != nil {
			t.Errorf("%+v: %v", ok, err)
		}
	}
	for _, c := range []struct {
		bar   message.StatusBar
		code  fault.Code
		field string
	}{
		{message.StatusBar{}, fault.CodeParameterMissing, "status_value"},
		{message.StatusBar{Background: "FF78C06E"}, fault.CodeParameterMissing, "status_value"},
		{message.StatusBar{Value: "a\x00"}, fault.CodeParameterInvalid, "status_value"},
		{message.StatusBar{Value: "\xff"}, fault.CodeParameterInvalid, "status_value"},
		{message.StatusBar{Value: strings.Repeat("同", message.MaxStatusValue+1)}, fault.CodeMessageFieldLong, "status_value"},
		{message.StatusBar{Value: "a", Background: "green"}, fault.CodeParameterInvalid, "status_bg"},
	} {
		err := message.ValidStatusBar(c.bar.Value, c.bar.Background)
		if f := fault.From(err); err == nil || f.Code != c.code || f.Field != c.field {
			t.Errorf("%+v: %v", c.bar, err)
		}
	}
}
