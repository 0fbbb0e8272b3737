package message_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/tidings-im/tidings/internal/message"
)

// unseen are characters that nobody sees, of every sort.
var unseen = []rune{
	0x00, 0x1f, 0x7f, 0x85, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029,
	0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2061, 0x2066, 0x2067, 0x2068, 0x2069, 0x206f, 0x2800, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xffa0, 0xfff9,
	0x1d173, 0xe0001, 0xe0041, 0xe0100,
}

func TestNamesHoldNothingUnseen(t *testing.T) {
	t.Parallel()
	for _, r := range unseen {
		for _, name := range []string{string(r), "a" + string(r), string(r) + "a", "李" + string(r) + "雷", "a" + string(r) + "b"} {
			if r >= 0xfe00 && r <= 0xfe0f && strings.HasPrefix(name, "李") || r == 0xe0100 && strings.HasPrefix(name, "李") {
				continue // which chooses how the character is written
			}
			if got, found := message.Unseen(name); !found || got != r {
				t.Errorf("U+%04X goes unseen in %q: %04X", r, name, got)
			}
		}
	}
	for _, name := range []string{
		"", "Li Lei", "李雷", "O’Neill-Müller", "👨‍👩‍👧", "❤️ Team", "1️⃣ Erste", "👍🏽", "می‌خواهم", "क्‍ष", "葛󠄀城", "한국어", "עברית", "ไทย", "🏳️‍🌈",
	} {
		if r, found := message.Unseen(name); found {
			t.Errorf("%q holds U+%04X", name, r)
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ { // what Unicode calls formatting, nobody sees, but for what is drawn
		drawn := unicode.Is(unicode.Prepended_Concatenation_Mark, r) || r >= 0x13430 && r <= 0x1345f || r >= 0x1bca0 && r <= 0x1bca3
		if _, found := message.Unseen(string(r)); unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) && !drawn && !found {
			t.Errorf("U+%04X goes unseen", r)
		}
	}
}

// Titles and labels of messages are shown without what nobody sees, and are
// never refused for it.
func TestLinesAreShownWithoutTheUnseen(t *testing.T) {
	t.Parallel()
	for _, r := range unseen {
		if r == 0 || unicode.IsSpace(r) || r == 0x2028 || r == 0x2029 {
			continue // refused anywhere, and spaces
		}
		hidden := "Pay" + string(r) + "roll" + string(r)
		for typ, paths := range map[message.Type][]string{
			message.TypeLink: {"title", "text"}, message.TypeMarkdown: {"title"}, message.TypeOA: {"body.title", "body.author", "body.file_count"},
			message.TypeActionCard: {"title", "single_title"}, message.TypeText: {"content"},
		} {
			for _, path := range paths {
				m := mustDecode(t, sentWith(t, typ, path, hidden))
				seen := m.Title() + m.Preview()
				if path != "single_title" && typ != message.TypeText && typ != message.TypeMarkdown && path != "text" && path != "title" {
					seen += m.HTML(message.RenderOptions{})
				}
				if path == "single_title" {
					seen = m.Body(message.RenderOptions{}).Buttons[0].Title
				}
				if strings.ContainsRune(seen, r) || !strings.Contains(seen, "Payroll") && path != "body.author" && path != "body.file_count" {
					t.Errorf("%s.%s: U+%04X in %q", typ, path, r, seen)
				}
			}
		}
	}
}
