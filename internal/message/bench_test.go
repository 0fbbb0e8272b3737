package message_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/message"
)

func options() message.RenderOptions {
	return message.RenderOptions{
		AppName:  "Approvals",
		MediaURL: func(id string) (string, bool) { return "/media/" + strings.TrimLeft(id, "@#$"), true },
		Trusted:  message.TrustedHosts{"img.example.com"},
	}
}

func BenchmarkDecodeText300(b *testing.B) {
	raw := wire(b, message.TypeText, fields{"content": strings.Repeat("通知 ok ", 27)})
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := message.Decode(raw, message.Limits{MaxBytes: 32 << 10})
		if err != nil || len(m.Canonical()) == 0 {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeOA(b *testing.B) {
	raw := wire(b, message.TypeOA, whole()[message.TypeOA])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := message.Decode(raw, message.Limits{MaxBytes: 32 << 10}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHTML(b *testing.B) {
	o := options()
	for typ, inner := range whole() {
		m := mustDecode(b, wire(b, typ, inner))
		b.Run(string(typ), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if m.HTML(o) == "" {
					b.Fatal("no card")
				}
			}
		})
	}
}

func BenchmarkPreview(b *testing.B) {
	m := mustDecode(b, wire(b, message.TypeMarkdown, whole()[message.TypeMarkdown]))
	for b.Loop() {
		if m.Title() == "" || m.Preview() == "" {
			b.Fatal("no text")
		}
	}
}

// BenchmarkExpensive renders the longest texts that cost most to parse.
func BenchmarkExpensive(b *testing.B) {
	o := options()
	for _, unit := range expensive {
		m := filled(b, unit)
		b.Run(strconv.Quote(unit), func(b *testing.B) {
			for b.Loop() {
				if m.HTML(o) == "" {
					b.Fatal("no card")
				}
			}
		})
	}
}
