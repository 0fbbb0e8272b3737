package message_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/message"
)

// prose returns the HTML that becomes of a Markdown text, without the card.
func prose(t *testing.T, text string) string {
	t.Helper()
	card := undirected(mustDecode(t, wire(t, message.TypeMarkdown, fields{"title": "T", "text": text})).HTML(options()))
	_, card, ok := strings.Cut(card, `<div class="td-prose">`)
	card, end := strings.CutSuffix(card, `</div></article>`)
	if !ok || !end {
		t.Fatalf("no prose in %s", card)
	}
	return card
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	task := func(checked bool) string {
		return fmt.Sprintf(`<span class="td-task" role="img" data-checked="%t">%s</span> `, checked, map[bool]string{true: "☑", false: "☐"}[checked])
	}
	link := func(host, text string) string {
		return `<a class="td-anchor" href="https://` + host + `" data-host="` + host + `"` + relTarget + text + `</a>`
	}
	for text, want := range map[string]string{
		"a\nb":                `<p>a<br>b</p>`,
		"a  \n  b":            `<p>a<br>b</p>`,
		"a \\\nb":             `<p>a <br>b</p>`,
		"a\r\nb\u2028c":       `<p>a<br>b<br>c</p>`,
		"a\n\nb":              `<p>a</p><p>b</p>`,
		"a  \n  \n  b":        `<p>a</p><p>b</p>`,
		"# A\n## B\n###### F": `<h3 class="td-heading" data-level="1">A</h3><h4 class="td-heading" data-level="2">B</h4><h5 class="td-heading" data-level="6">F</h5>`,
		"### A\n# B\n### C\n### D": `<h3 class="td-heading" data-level="3">A</h3><h3 class="td-heading" data-level="1">B</h3>` +
			`<h4 class="td-heading" data-level="3">C</h4><h4 class="td-heading" data-level="3">D</h4>`,
		"# A  \n  > q  \n  x":   `<h3 class="td-heading" data-level="1">A</h3><blockquote><p>q<br>x</p></blockquote>`,
		"#A":                    `<p>#A</p>`,
		"A\n---":                `<p>A</p><hr>`,
		"A\n===":                `<p>A<br>===</p>`,
		"- a  \n  - b  \n  - c": `<ul><li>a</li><li>b</li><li>c</li></ul>`,
		"- a\n  - b":            `<ul><li>a` + "\n" + `<ul><li>b</li></ul></li></ul>`,
		"3. a\n4. b":            `<ol start="3"><li>a</li><li>b</li></ol>`,
		"https://example.com/a_b_c?d=1&e=2[0] \\*": `<p><a class="td-anchor" href="https://example.com/a_b_c?d=1&amp;e=2[0]" ` +
			`data-host="example.com"` + relTarget + `https://example.com/a_b_c?d=1&amp;e=2[0]</a> *</p>`,
		"    not code":                       `<p>not code</p>`,
		"```\n<b> &amp;\n```":                "<pre><code>&lt;b&gt; &amp;amp;\n</code></pre>",
		"`<b>`":                              `<p><code>&lt;b&gt;</code></p>`,
		"*a* **b** _c_ __d__":                `<p><em>a</em> <strong>b</strong> <em>c</em> <strong>d</strong></p>`,
		"**重要：**请确认":                         `<p><strong>重要：</strong>请确认</p>`,
		"请**“确认”**后":                         `<p>请<strong>“确认”</strong>后</p>`,
		"共**3**项":                            `<p>共<strong>3</strong>项</p>`,
		"5 * 3 * 2":                          `<p>5 * 3 * 2</p>`,
		"snake_case_name":                    `<p>snake_case_name</p>`,
		`\*a\* &lt;b&gt; &copy; &#35; & &x;`: `<p>*a* &lt;b&gt; © # &amp; &amp;x;</p>`,
		`\&lt;`:                              `<p>&amp;lt;</p>`,
		"a ~~b~~ c~d~ e~~~f~~~":              `<p>a <del>b</del> c~d~ e~~~f~~~</p>`,
		"9:00~12:00，14:00~18:00":             `<p>9:00~12:00，14:00~18:00</p>`,
		"~~原价：100。~~现价**8~~0~~**":            `<p><del>原价：100。</del>现价<strong>8<del>0</del></strong></p>`,
		"- [ ] a\n- [x] **b**\n- [X] c":      `<ul><li>` + task(false) + `a</li><li>` + task(true) + `<strong>b</strong></li><li>` + task(true) + `c</li></ul>`,
		"- [x]a\n- [x]\n- b [x] c\n\n[x] d":  `<ul><li>[x]a</li><li>[x]</li><li>b [x] c</li></ul><p>[x] d</p>`,
		"- [x](https://example.com)":         `<ul><li>` + link("example.com", "x") + `</li></ul>`,
		"above\n| a | b |\n|---|--:|\n| `1\\|2` | **3** |\n4": `<p>above</p><div class="td-table"><table><thead><tr><th>a</th>` + "\n" + `<th data-align="right">b</th>` + "\n" +
			`</tr></thead><tbody><tr><td><code>1|2</code></td>` + "\n" + `<td data-align="right"><strong>3</strong></td>` + "\n" + `</tr><tr><td>4</td>` + "\n" + `<td></td>` + "\n" + `</tr></tbody></table></div>`,
		"a\n:-:\nb":                    `<p>a<br>:-:<br>b</p>`,
		"a | b\n--\nc":                 `<p>a | b<br>--<br>c</p>`,
		"a | b\n- | - | -":             `<p>a | b</p><ul><li>| - | -</li></ul>`,
		`&\&lt\;; &x&lt; &ltx; &lt &;`: `<p>&amp;&amp;lt;; &amp;x&lt; &amp;ltx; &amp;lt &amp;;</p>`,
		"a<br>b<BR/>c":                 `<p>a<br>b<br>c</p>`,
		`<font color="red">a</font> <span>b</span><!-- c -->`: `<p>a b</p>`,
		"List<String> <x>":                           `<p>List&lt;String&gt; &lt;x&gt;</p>`,
		"<div>\n**a**\n</div>":                       `<p><br><strong>a</strong><br></p>`,
		"[a](https://example.com)":                   `<p>` + link("example.com", "a") + `</p>`,
		"[**a**](https://example.com 'x')":           `<p>` + link("example.com", "<strong>a</strong>") + `</p>`,
		"<https://example.com>":                      `<p>` + link("example.com", "https://example.com") + `</p>`,
		"见https://example.com。好":                     `<p>见` + link("example.com", "https://example.com") + `。好</p>`,
		"**https://example.com**":                    `<p><strong>` + link("example.com", "https://example.com") + `</strong></p>`,
		"(https://example.com).":                     `<p>(` + link("example.com", "https://example.com") + `).</p>`,
		"xhttps://example.com":                       `<p>xhttps://example.com</p>`,
		"[https://example.com](https://example.org)": `<p>` + link("example.org", "https://example.com") + `</p>`,
		"[a](eapp://x)":                              `<p><span class="td-anchor td-off" data-kind="mini_app">a</span></p>`,
		"[a](javascript:1)":                          `<p><span class="td-anchor td-off" data-kind="other">a</span> <span class="td-dead">javascript:1</span></p>`,
		"<mailto:a@example.com>":                     `<p>mailto:a@example.com</p>`,
		"[a]: https://example.com":                   `<p>[a]: ` + link("example.com", "https://example.com") + `</p>`,
		"![a *b*](@m)":                               `<p><img class="td-picture" src="/media/m" loading="lazy" referrerpolicy="no-referrer" alt="a b"></p>`,
		"![](https://cdn.example.com/a)":             `<p><button class="td-picture td-ask" type="button" data-src="https://cdn.example.com/a" data-host="cdn.example.com">cdn.example.com</button></p>`,
		"[![a](https://cdn.example.com/a)](https://example.com)": `<p>` + link("example.com",
			`<span class="td-picture td-ask" data-src="https://cdn.example.com/a" data-host="cdn.example.com" data-alt="a">a</span>`) + `</p>`,
	} {
		if got := prose(t, text); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("> ", 1000) + "x", strings.Repeat("- ", 1000) + "x"} {
		got := prose(t, text)
		if n := strings.Count(got, "<blockquote>") + strings.Count(got, "<ul>"); n == 0 || n > 16 {
			t.Errorf("%d levels", n)
		}
		if strings.Count(got, "<ul>") != strings.Count(got, "</ul>") || !strings.Contains(got, "x") {
			t.Errorf("damaged: %.200s", got)
		}
	}
}

// expensive are the units that, repeated through the longest text, cost most
// to parse. BenchmarkExpensive says how much.
var expensive = []string{
	"*a_ ", "**a *b ", "[", "![", "[a](", "[](", "`", "``` ", "> ", ">", "- ", "1. ", "<a ", "<!--", "&", "\\", "h", "http://", "a**b", "(", "https://a.b/(",
	"*", "_", "*a ", "[a]", "- a\n", "  - a\n", "> a\n", "# a\n", "~~~\n", "<", "](", "a\n", "\n", "重**", "dingtalk://", "\t", "![a](b)", "-\n", "*\n ",
}

// filled is the longest Markdown message there may be, made of one unit.
func filled(tb testing.TB, unit string) *message.Message {
	tb.Helper()
	text := strings.Repeat(unit, message.MaxText/len([]rune(unit)))
	return mustDecode(tb, wire(tb, message.TypeMarkdown, fields{"title": "T", "text": "x" + text[:len(text)-1]}))
}

// A card grows with its text, never faster.
func TestExpensiveMarkdownStaysSmall(t *testing.T) {
	t.Parallel()
	for _, unit := range expensive {
		card := filled(t, unit).HTML(options())
		if n := len(card); n == 0 || n > 20*message.MaxText {
			t.Errorf("%q: a card of %d bytes", unit, n)
		}
	}
}

// Whatever the line breaks and indentation, no word is lost.
func TestMarkdownKeepsWords(t *testing.T) {
	t.Parallel()
	start := rapid.SampledFrom([]string{
		"", " ", "  ", "    ", "      ", "\t", "- ", "  - ", "      - ", "* ", "1. ", "> ", ">     ", "# ", "## ", "-     ", "+\t", "|", "<p>", "\\",
		"=== ", "~~~\n", "```\n", "[", "![", "<", "&", "**",
	})
	end := rapid.SampledFrom([]string{"", "  ", " #", "**", "\n", "\n\n", "\n---", "\n===", "\\", "</p>", "`", "]", ")", ">"})
	rapid.Check(t, func(rt *rapid.T) {
		text, words := "", []string{}
		for i := range rapid.IntRange(1, 8).Draw(rt, "lines") {
			word := "word" + strconv.Itoa(i)
			words = append(words, word)
			text += start.Draw(rt, "start") + word + end.Draw(rt, "end") + "\n"
		}
		m := decoded(rt, wire(rt, message.TypeMarkdown, fields{"title": "T", "text": text}))
		root, err := html.Parse(strings.NewReader(m.HTML(options())))
		if err != nil {
			rt.Fatal(err)
		}
		var shown strings.Builder
		for n := range root.Descendants() {
			if n.Type == html.TextNode {
				shown.WriteString(n.Data)
			}
		}
		for _, word := range words {
			if !strings.Contains(shown.String(), word) {
				rt.Fatalf("%q is missing: %q becomes %s", word, text, m.HTML(options()))
			}
		}
	})
}

// Short rows are filled up with empty cells: a table has so many at most.
func TestTablesAreBounded(t *testing.T) {
	t.Parallel()
	table := func(columns, rows int) string {
		return strings.Repeat("|a", columns) + "|\n" + strings.Repeat("|-", columns) + "|\n" + strings.Repeat("|\n", rows)
	}
	for text, want := range map[string]bool{table(20, 45): true, table(20, 60): false, table(625, 1200): false, table(2, 300): true} {
		got := prose(t, text)
		if n := strings.Count(got, "<td>"); n > 1000 || n > 0 != want {
			t.Errorf("%.30q: %d cells", text, n)
		}
	}
}
