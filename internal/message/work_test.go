package message_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/message"
)

// costly are beginnings and what is repeated behind them: texts for which a
// Markdown parser that looks back, or ahead, does so again and again.
func costly() [][2]string {
	const half = message.MaxText / 2
	list := [][2]string{
		{strings.Repeat("- ", half/2), "\n"},
		{strings.Repeat("+ ", half/2), "\n"},
		{strings.Repeat("1. ", half/3), "-\n\n"},
		{strings.Repeat(">", half), "a\n"},
		{strings.Repeat("[", half), "]"},
		{strings.Repeat("[", half), "](x)"},
		{strings.Repeat("![", half/2), "](x)"},
		{strings.Repeat("[a]", half/3), "(\""},
		{strings.Repeat("*a ", half/3), "_ "},
		{strings.Repeat("**a *", half/5), "a* b**"},
		{strings.Repeat("_a*", half/3), "a*"},
		{"", "\\```\n"},
		{"", "<!--\\```\n"},
		{"", "[a](b \""},
		{"", "![a]("},
		{"", "[]("},
		{"", "[a]["},
		{"", "<a b='"},
		{"", "<?"},
		{"", "***a_"},
		{"", "*a_"},
		{"", "a***b**c*"},
		{"", "**a_b*"},
		{"", "~a"},
		{"", "~~a~"},
		{"", "|a|\n"},
		{"|a|\n|-|\n", "|"},
		{strings.Repeat("|a", half/2) + "\n" + strings.Repeat("|-", half/2) + "\n", "|\n"},
	}
	for _, unit := range expensive {
		list = append(list, [2]string{"", unit})
	}
	return list
}

func worst(pair [2]string, characters int) string {
	begin := []rune(pair[0])
	begin = begin[:min(len(begin), characters)]
	return string(begin) + strings.Repeat(pair[1], (characters-len(begin))/len([]rune(pair[1])))
}

// The work of reading Markdown grows with its text and never faster.
func TestMarkdownStepsGrowWithTheText(t *testing.T) {
	t.Parallel()
	for _, pair := range costly() {
		text := worst(pair, message.MaxText)
		if steps, most := message.MarkdownSteps(text), 20*len(text); steps > most {
			t.Errorf("%.12q %q: %d steps for %d bytes, the limit is %d", pair[0], pair[1], steps, len(text), most)
		}
	}
	unit := rapid.SampledFrom([]string{"*", "_", "**", "***", "a", " ", "\n", "[", "](", "]", "![", "`", "``", "<a ", "> ", "- ", "1. ", "\\", "~", "|"})
	rapid.Check(t, func(rt *rapid.T) {
		var units []string
		for range 3 {
			units = append(units, strings.Join(rapid.SliceOfN(unit, 1, 5).Draw(rt, "unit"), ""))
		}
		text := ""
		for _, u := range units {
			text += strings.Repeat(u, 1000/len(u))
		}
		if steps, most := message.MarkdownSteps(text), 20*len(text); steps > most {
			rt.Fatalf("%q: %d steps for %d bytes", units, steps, len(text))
		}
	})
}

// Reading a message for a page (its lines, its card and what belongs to it) is
// bounded by what may be sent, whatever was stored before there were limits.
// Allocations stand for the work: nothing is parsed without them.
func TestReadingIsBounded(t *testing.T) {
	const perCharacter, stored = 20, 40_000
	for _, c := range []struct {
		typ        message.Type
		path       string
		characters int
	}{
		{message.TypeText, "content", message.MaxText},
		{message.TypeMarkdown, "text", message.MaxText},
		{message.TypeMarkdown, "title", message.MaxLine},
		{message.TypeMarkdown, "title", stored},
	} {
		for _, pair := range costly() {
			m, err := message.Parse(sentWith(t, c.typ, c.path, worst(pair, c.characters)))
			if err != nil {
				t.Fatal(err)
			}
			work := allocations(func() {
				_, _, _, _ = m.Title(), m.Preview(), m.Body(message.RenderOptions{}), m.HTML(message.RenderOptions{})
			})
			if most := uint64(perCharacter * message.MaxText); work > most {
				t.Errorf("%s.%s, %d characters of %.12q %q: %d allocations, the limit is %d", c.typ, c.path, c.characters, pair[0], pair[1], work, most)
			}
		}
	}
}

// allocations counts those of one call; tests that use it are not parallel.
func allocations(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// The beginning of a text is enough for a line: what follows is not read.
func TestLinesReadTheBeginning(t *testing.T) {
	begin := strings.Repeat("**word** of a *title*, ", 40)
	cost := func(text string) uint64 {
		m := mustDecode(t, wire(t, message.TypeMarkdown, fields{"title": "t", "text": text}))
		return allocations(func() { m.Preview() })
	}
	short, long := cost(begin), cost(begin+strings.Repeat("\n\n- more *a_ b*", 250))
	if long > 2*short {
		t.Errorf("%d allocations for the beginning, %d with what follows", short, long)
	}
	title := func(text string) string {
		return mustDecode(t, wire(t, message.TypeMarkdown, fields{"title": text, "text": "x"})).Title()
	}
	if got, want := title(begin), strings.Repeat("word of a title, ", 7)[:118]+"…"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	if got := title("![](" + strings.Repeat("x", 1900) + ") behind"); got != "behind" {
		t.Errorf("title %q: the beginning shows nothing, so the rest is read", got)
	}
}

// A text kept from before there was a limit is shown as it is written.
func TestLongStoredMarkdownIsShownAsWritten(t *testing.T) {
	t.Parallel()
	text := "**a** https://example.com/x\n" + strings.Repeat("*a_", 10_000)
	m, err := message.Parse(wire(t, message.TypeMarkdown, fields{"title": "T", "text": text}))
	if err != nil {
		t.Fatal(err)
	}
	card := m.HTML(message.RenderOptions{})
	for _, want := range []string{`**a** <a `, `>https://example.com/x</a><br>`, strings.Repeat("*a_", 10_000)} {
		if !strings.Contains(card, want) {
			t.Errorf("%.40q is missing in %.300s", want, card)
		}
	}
	if got, want := m.Preview(), "a https://example.com/x *a_"; !strings.HasPrefix(got, want) {
		t.Errorf("preview %q", got)
	}
}

func TestQuotesStayText(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("> ", 40) + "x"
	if got := prose(t, deep); !strings.Contains(got, strings.Repeat("&gt; ", 7)+"x") || strings.Count(got, "<blockquote>") != 16 {
		t.Errorf("quotes too deep for a card are not its text: %s", got)
	}
}

func BenchmarkReading(b *testing.B) {
	for _, pair := range costly() {
		b.Run(fmt.Sprintf("%.8q%q", pair[0], pair[1]), func(b *testing.B) {
			m, err := message.Parse(wire(b, message.TypeMarkdown, fields{"title": worst(pair, message.MaxLine), "text": worst(pair, message.MaxText)}))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				_, _, _, _ = m.Title(), m.Preview(), m.Body(message.RenderOptions{}), m.HTML(message.RenderOptions{})
			}
		})
	}
}
