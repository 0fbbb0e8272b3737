package message_test

import (
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/message"
)

func TestStructure(t *testing.T) {
	t.Parallel()
	read := strings.NewReplacer("\x01", "‹", "\x02", "›")
	for text, want := range map[string]string{
		"a **b _c_** \\*\nd<br>e <i>f</i> <g>": "‹Paragraph›a ‹em 2›b ‹em 1›c‹/em 1›‹/em 2› *\nd\ne f <g>‹/Paragraph›",
		"- a\n- b":                             "‹list›‹ListItem›‹TextBlock›a‹/TextBlock›‹/ListItem›‹ListItem›‹TextBlock›b‹/TextBlock›‹/ListItem›‹/list›",
		"3. a":                                 "‹list 3›‹ListItem›‹TextBlock›a‹/TextBlock›‹/ListItem›‹/list 3›",
		"## a\n> b\n***":                       "‹h 2›a‹/h 2›‹Blockquote›‹Paragraph›b‹/Paragraph›‹/Blockquote›‹ThematicBreak›‹/ThematicBreak›",
		"[a https://example.org/](https://example.com/?x&amp;y) https://example.org/ <https://example.com/z> <a@example.com>": "‹Paragraph›" +
			"‹a https://example.com/?x&y›a https://example.org/‹/a› ‹a›https://example.org/‹/a› ‹a›https://example.com/z‹/a› a@example.com‹/Paragraph›",
		"![x](https://example.com/p.png)`c*`": "‹Paragraph›‹img https://example.com/p.png›‹code›c*‹/code›‹/Paragraph›",
		"```\nx\n```":                         "‹FencedCodeBlock›x\n‹/FencedCodeBlock›",
		"a ~~b~~ ~c~":                         "‹Paragraph›a ‹del›b‹/del› ~c~‹/Paragraph›",
		"- [x] a":                             "‹list›‹ListItem›‹TextBlock›‹task true›a‹/TextBlock›‹/ListItem›‹/list›",
		"|a|\n|:-:|\n|`b\\|`|": "‹table [center]›‹TableHeader›‹TableCell›a‹/TableCell›‹/TableHeader›" +
			"‹TableRow›‹TableCell›‹code›b|‹/code›‹/TableCell›‹/TableRow›‹/table [center]›",
		"\x01a\x02": "‹Paragraph›a‹/Paragraph›",
	} {
		if got := read.Replace(message.Structure(text)); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", text, got, want)
		}
	}
}
