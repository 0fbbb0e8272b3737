package template_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/template"
)

// proses are Markdown in which a value stands in every place it may stand in.
var proses = []string{
	"${a}", "**${a}**", "*${a}*", "_${a}_", "x${a}y", "a\n${a}\nb", "a\n\n${a}\n\nb", "- ${a}\n- ${b}", "1. ${a}\n2. x", "> ${a}\n> ${b}",
	"**(**${a}**)**", "${a}${b}", "${a} ${b}", "**${a}${b}**", "*${a}_${b}_*", "[${a}](https://example.com/x)", "[x](https://example.com/${a})",
	"[x](https://example.com/?q=${a}&r=${b})", "https://example.com/${a}", "see https://example.com/?a=${a}.", "http${a}", "https:${a}", "https:/${a}",
	"www.example.com ${a}", "[${a}", "${a}](https://example.com/)", "`x` ${a}", "- x\n  ${a}", "\\${a}", "!${a}", "&${a};", "&#${a};", "**重要：**${a}**完**", "**重${a}要**", "${a}\n===", "${a}\n---",
	"![", "a ${a}\n\n\n    ${b}", "<${a}", "x <br> ${a}", "[x](dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fexample.com%2F${a})", "[x](eapp://pages/x?id=${a})",
	"(${a}), x ${b}!", "-${a}.", "...${a}.com", "x:${a}", "${a}.", "(${a}.${b})", "${a}.${b}.com", "x ${a}://${b}", "${a}ww.${b}.com", "${a}http://A/${b}", "${a}http://A/x?${b}=${a}", "x ${a}http://A", "${a}http://A ${b}https://example.com/", "www${a}.example.com", "x ${a}www.example.com", "x${a}@example.com ${b}y@example.com", "0)${a}", "1.${a}", "-${a}", "+${a}", "x\n--${a}", "x\n==${a}", "- x\n-${a}\n- y", "***${a}***", "**${a}", "${a}**", "~~~${a}", "x<a0:${a}", "<tel:${a}>", "<https://example.com/${a}>", "<!-- ${a}", "<a x=\"${a} y>", "<a x='${a} y>", "<a/${a}>", "`x ${a}",
	"${a}) x", "${a}. ${b}", "${a}https://example.com/", "see https://example.com/x,${a}", "- x\n${a}\n- y", "[x](<https://example.com/${a}", "[x](https://example.com/ '${a}",
	"[x](https://example.com/) ${a} [y](https://example.org/${b})",
	"| x | ${a} |\n|---|:-:|\n| ${b} | y |", "|${a}|${b}|\n|-|-|\n|${a}|${b}|\n${a}", "${a}|x\n-|-\n${b}", "x|y\n${a}-|-\nz", "x | y\n-|-${a}\nz", "|x|\n|-|\n|`y|${a}`|", "|x|\n|-|\n\\${a}|${b}",
	"~~${a}~~", "~~x${a}", "~${a}~~", "~~${a}~${b}~~", "x~~${a}y~~z", "**~~${a}**~~", "- [ ] ${a}\n- [x] ${b}", "- [${a}] x", "- [x]${a} y", "- ${a}[x] y", "- [ ]\n  ${a}", "- ${a}x] y",
}

func values() []string {
	return []string{
		"", " ", "www", "https", "http:", "h", "w", "mailto", "\x15 ", "\u2060", "\u200b x", "x", "张三", "（张三）", "**x**", "*", "_", "`", "[x](https://evil.example.net)", "![x](https://evil.example.net/p.png)", "https://evil.example.net/",
		"//evil.example.net", "s://evil.example.net/", "\n", "\n\n# x\n", "- x", "1. x", "> x", "    x", "\t", "<b>x</b>", "<script>td()</script>", "&lt;", "\\", "\\\\", "](https://evil.example.net)",
		"javascript:td()", "../../x", "@evil.example.net", ":80@evil.example.net", "a&b=c", "x\u200by", "\u202ex", "\u200c", "$userName=x$", "${b}", "```\nx", "---", "===", "***", "😀", "\u2028", "x\r\ny", "%2f%2fevil", "a b", "+", "=",
		"dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fevil.example.net", "#x", "|", "a|b", "|-|", "-", ":-:", "~", "~~", "~~x~~", "[x] ", "[ ] x", "^", "\"", "'", ")", "(", "<https://evil.example.net>", "0>0", "x y>", "-->", "x_y_z", "a*b*c",
	}
}

func mustCompile(t testing.TB, f template.Form) *template.Template {
	t.Helper()
	compiled, err := template.Compile(t.Context(), f)
	if err != nil {
		t.Fatalf("%+v: %v", f, err)
	}
	return compiled
}

// reviewed is a template, and what its reviewer saw of its card.
type reviewed struct {
	*template.Template
	elements, leads []string
}

func review(t testing.TB, compiled *template.Template) reviewed {
	t.Helper()
	m, err := compiled.Sample()
	if err != nil {
		t.Fatal(err)
	}
	elements, leads := shape(t, m)
	return reviewed{compiled, elements, leads}
}

// everyForm puts a text into a Markdown template, and into an action card.
func everyForm(t testing.TB, prose string) []reviewed {
	t.Helper()
	var parameters []template.Parameter
	for _, name := range []string{"a", "b"} {
		if strings.Contains(prose, "${"+name+"}") {
			parameters = append(parameters, template.Parameter{Name: name, Description: "x", Sample: "word"})
		}
	}
	f := template.Form{Kind: template.KindMarkdown, Name: "n", UseCase: "u", Title: "T", Content: prose, Parameters: parameters}
	var list []reviewed
	if compiled, err := template.Compile(t.Context(), f); err == nil {
		list = append(list, review(t, compiled))
	}
	f.Kind, f.Actions = template.KindActionCard, []template.Action{{"Open", "https://example.com/x"}}
	if compiled, err := template.Compile(t.Context(), f); err == nil {
		list = append(list, review(t, compiled))
	}
	return list
}

// fixedForms have values in every other field.
func fixedForms(t testing.TB) []reviewed {
	both := []template.Parameter{{Name: "a", Description: "x", Sample: "word"}, {Name: "b", Description: "x", Sample: "word"}}
	return []reviewed{
		review(t, mustCompile(t, template.Form{
			Kind: template.KindActionCard, Name: "n", UseCase: "u", Title: "T", Content: "x ${b}", Parameters: both,
			Actions: []template.Action{{"${a}", "https://example.com/${a}"}, {"B", "https://example.org/?q=${b}"}},
		})),
		review(t, mustCompile(t, template.Form{
			Kind: template.KindForm, Name: "n", UseCase: "u", Title: "T", HeadText: "${a}", HeadColor: "FF0958D9", Content: "${a}\n${b}",
			Rows: []template.Row{{"${a}", "${b}"}, {"x", "${a}"}}, MobileLink: "https://example.com/${a}", PCLink: "https://example.org/?x=${b}", Parameters: both,
		})),
	}
}

// shape is what a value must not change: the elements of a card in their
// order, line breaks aside, and where it leads.
func shape(t testing.TB, m *message.Message) (elements, leads []string) {
	t.Helper()
	card := m.HTML(message.RenderOptions{AppName: "App", MediaURL: func(string) (string, bool) { return "", false }})
	tokens := html.NewTokenizer(strings.NewReader(card))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return elements, leads
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			if token.Data == "br" {
				continue
			}
			elements = append(elements, token.Data)
			for _, a := range token.Attr {
				if a.Key == "href" || a.Key == "src" || a.Key == "data-src" || a.Key == "data-mobile" {
					leads = append(leads, origin(a.Val))
				}
			}
		}
	}
}

func origin(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return scheme + "://" + rest
}

func checkValues(t testing.TB, compiled reviewed, about, a, b string) {
	t.Helper()
	m, err := compiled.Message(template.Values{"a": a, "b": b}, nil, message.Limits{})
	if err != nil {
		// Where a link leads and how long a field is may refuse values; what
		// they say may not: "data" is named when there is no way to write them.
		var f *fault.Fault
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Field == "data" {
			t.Fatalf("%s with %q, %q: %v", about, a, b, err)
		}
		return
	}
	elements, leads := shape(t, m)
	if !slices.Equal(leads, compiled.leads) {
		t.Fatalf("%s with %q, %q leads to %q instead of %q\n%s", about, a, b, leads, compiled.leads, m.Canonical())
	}
	// An empty value may leave out a form's element that would hold it.
	if shows(a) && shows(b) && !slices.Equal(elements, compiled.elements) || !subset(elements, compiled.elements) {
		t.Fatalf("%s with %q, %q has %v instead of %v\n%s", about, a, b, elements, compiled.elements, m.Canonical())
	}
}

// shows reports whether there is anything to see in a value.
func shows(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
	})
}

// subset reports whether some is all without some of its elements.
func subset(some, all []string) bool {
	for _, e := range all {
		if len(some) > 0 && some[0] == e {
			some = some[1:]
		}
	}
	return len(some) == 0
}

func TestValuesStayValues(t *testing.T) {
	t.Parallel()
	for _, prose := range proses {
		for _, compiled := range everyForm(t, prose) {
			for _, a := range values() {
				checkValues(t, compiled, prose, a, "b")
				checkValues(t, compiled, prose, "a", a)
				checkValues(t, compiled, prose, a, a)
			}
		}
	}
	for i, compiled := range fixedForms(t) {
		for _, a := range values() {
			checkValues(t, compiled, []string{"action card", "form"}[i], a, "b")
			checkValues(t, compiled, []string{"action card", "form"}[i], "a", a)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, prose := range proses {
		for i, v := range values() {
			if i%5 == len(prose)%5 {
				f.Add(prose, v, "b")
			}
		}
	}
	fixed := fixedForms(f)
	f.Fuzz(func(t *testing.T, prose, a, b string) {
		for _, s := range []string{prose, a, b} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > 2000 {
				return // refused at the edge
			}
		}
		for _, compiled := range append(everyForm(t, prose), fixed...) {
			checkValues(t, compiled, prose, a, b)
		}
	})
}
