package template_test

import (
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/template"
)

func parameter(name string, hosts ...string) template.Parameter {
	return template.Parameter{Name: name, Description: "what it is", Sample: "word", Hosts: hosts}
}

func markdownForm(content string, parameters ...template.Parameter) template.Form {
	return template.Form{
		Kind: template.KindMarkdown, Name: "Order", UseCase: "Tells that an order was sent", Title: "Your order",
		Content: content, Parameters: parameters,
	}
}

func actionForm() template.Form {
	f := markdownForm("Sent on ${day}", parameter("day"))
	f.Kind, f.Actions = template.KindActionCard, []template.Action{{Title: "Open", URL: "https://example.com/orders"}}
	return f
}

func rowsForm() template.Form {
	return template.Form{
		Kind: template.KindForm, Name: "Leave", UseCase: "Tells of a request", Title: "A request", HeadText: "Leave", HeadColor: "FF0958D9",
		Rows: []template.Row{{Key: "From", Value: "${who}"}}, MobileLink: "https://example.com/leave/${id}",
		Parameters: []template.Parameter{parameter("who"), parameter("id")},
	}
}

func with(f template.Form, change func(*template.Form)) template.Form {
	change(&f)
	return f
}

func TestSoundForms(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]template.Form{
		"markdown": markdownForm("**${who}** has a birthday:\n- [wish them well](https://example.com/${who})\n> 1. now", parameter("who")),
		"action":   actionForm(),
		"form":     rowsForm(),
		"a link that is a parameter": with(actionForm(), func(f *template.Form) {
			f.Actions[0].URL = "${url}"
			p := parameter("url", "example.com")
			p.Sample = "https://example.com/x"
			f.Parameters = append(f.Parameters, p)
		}),
		"a host that is one": with(actionForm(), func(f *template.Form) {
			f.Actions[0].URL = "https://${host}/orders"
			p := parameter("host", "a.example.com", "b.example.com")
			p.Sample = "a.example.com"
			f.Parameters = append(f.Parameters, p)
		}),
		"a mini program": with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "eapp://pages/order?day=${day}" }),
		"a color": with(rowsForm(), func(f *template.Form) {
			f.HeadColor = "${c}"
			p := parameter("c")
			p.Sample = "FF00FF00"
			f.Parameters = append(f.Parameters, p)
		}),
		"a picture": with(actionForm(), func(f *template.Form) { f.Image = "@lADOexample" }),
		"emoji":     markdownForm("👨‍👩‍👧 ${who}", parameter("who")),
	} {
		for _, finding := range mustLint(t, f) {
			t.Errorf("%s: %+v", name, finding)
		}
		if _, err := template.Compile(t.Context(), f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 1001)
	for name, c := range map[string]struct {
		form     template.Form
		rule     template.Rule
		severity template.Severity
		field    string
		line     int
		says     string // a part of what it says
	}{
		"kind":                     {template.Form{Kind: "sms"}, template.RuleKind, template.Error, "kind", 0, `"sms"`},
		"nothing":                  {with(actionForm(), func(f *template.Form) { f.Title = " " }), template.RuleMissing, template.Error, "title", 0, "nothing"},
		"no use case":              {with(actionForm(), func(f *template.Form) { f.UseCase = "" }), template.RuleMissing, template.Error, "use_case", 0, "nothing"},
		"long title":               {with(rowsForm(), func(f *template.Form) { f.Title = long[:3*51] }), template.RuleLong, template.Error, "title", 0, "51 characters, the limit is 50"},
		"long head":                {with(rowsForm(), func(f *template.Form) { f.HeadText = "12345678901" }), template.RuleLong, template.Error, "head_text", 0, "11 characters, the limit is 10"},
		"long content":             {markdownForm(long), template.RuleLong, template.Warning, "content", 0, "1001"},
		"far too long":             {markdownForm(strings.Repeat("长", 5001)), template.RuleLong, template.Error, "content", 0, "5001 characters, the limit is 5000"},
		"long button":              {with(actionForm(), func(f *template.Form) { f.Actions[0].Title = strings.Repeat("x", 21) }), template.RuleLong, template.Error, "actions[0].title", 0, "limit is 20"},
		"long with sample":         {with(actionForm(), func(f *template.Form) { f.Actions[0].Title = "Open on a nice ${day}xx" }), template.RuleSample, template.Error, "actions[0].title", 0, "limit is 20"},
		"invisible":                {markdownForm("a\u202eb"), template.RuleCharacters, template.Error, "content", 0, "U+202E"},
		"a filler":                 {with(actionForm(), func(f *template.Form) { f.Name = "Pay\u3164roll" }), template.RuleCharacters, template.Error, "name", 0, "U+3164"},
		"a joiner of nothing":      {with(actionForm(), func(f *template.Form) { f.Actions[0].Title = "Op\u200cen" }), template.RuleCharacters, template.Error, "actions[0].title", 0, "U+200C"},
		"malformed":                {markdownForm("a ${1x} b"), template.RuleParameterMalformed, template.Error, "content", 0, `"${1x} b"`},
		"unclosed":                 {markdownForm("a ${x"), template.RuleParameterMalformed, template.Error, "content", 0, "${x"},
		"unknown":                  {markdownForm("a ${x}"), template.RuleParameterUnknown, template.Error, "content", 0, "${x}"},
		"unused":                   {markdownForm("a", parameter("x")), template.RuleParameterUnused, template.Error, "parameters.x", 0, "${x}"},
		"twice":                    {markdownForm("${x}", parameter("x"), parameter("x")), template.RuleParameterTwice, template.Error, "parameters.x", 0, "twice"},
		"in the title":             {with(actionForm(), func(f *template.Form) { f.Title = "On ${day}" }), template.RuleParameterPlace, template.Error, "title", 0, "${day}"},
		"in code":                  {markdownForm("`${x}`", parameter("x")), template.RuleParameterPlace, template.Error, "content", 0, "markup"},
		"in a tag":                 {markdownForm("<b ${x}>", parameter("x")), template.RuleParameterPlace, template.Error, "content", 0, "markup"},
		"in a link's title":        {markdownForm(`[a](https://example.com "${x}")`, parameter("x")), template.RuleParameterPlace, template.Error, "content", 0, "markup"},
		"in brackets":              {markdownForm("<tel:${x}>", parameter("x")), template.RuleParameterPlace, template.Error, "content", 0, "markup"},
		"beside what is left open": {markdownForm("_x https://example.com/y_${x}", parameter("x")), template.RuleParameterPlace, template.Error, "content", 0, "${x} would change"},
		"beside half a tag":        {markdownForm("<!A ${x}", parameter("x")), template.RuleParameterPlace, template.Error, "content", 0, "${x} would change"},
		"half a color":             {with(rowsForm(), func(f *template.Form) { f.HeadColor = "FF${id}" }), template.RuleParameterPlace, template.Error, "head_color", 0, "color"},
		"bad name":                 {markdownForm("x", parameter("x y")), template.RuleParameterInvalid, template.Error, "parameters.x y", 0, `"x y"`},
		"bad host":                 {markdownForm("${x}", parameter("x", "https://example.com")), template.RuleParameterInvalid, template.Error, "parameters.x.hosts", 0, "no host"},
		"capital host":             {markdownForm("${x}", parameter("x", "Example.com")), template.RuleParameterInvalid, template.Error, "parameters.x.hosts", 0, "Example.com"},
		"not described":            {markdownForm("${x}", template.Parameter{Name: "x", Sample: "y"}), template.RuleDescription, template.Warning, "parameters.x.description", 0, "nothing"},
		"many parameters":          {markdownForm("${a}${b}${c}${d}${e}${f}", parameter("a"), parameter("b"), parameter("c"), parameter("d"), parameter("e"), parameter("f")), template.RuleParameterMany, template.Warning, "parameters", 0, "6 parameters"},
		"script":                   {with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "javascript:td()" }), template.RuleLink, template.Error, "actions[0].url", 0, "javascript:td()"},
		"script in text":           {markdownForm("a\n\nb [c](javascript:td())"), template.RuleLink, template.Error, "content", 3, "line 3"},
		"no address":               {with(rowsForm(), func(f *template.Form) { f.PCLink = "example.com" }), template.RuleLink, template.Error, "pc_url", 0, "example.com"},
		"open link":                {with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "${day}" }), template.RuleLinkHost, template.Error, "actions[0].url", 0, "${day} decides"},
		"open host":                {with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "https://${day}/x" }), template.RuleLinkHost, template.Error, "actions[0].url", 0, "${day} decides"},
		"end of a host":            {with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "https://example.com${day}" }), template.RuleLinkHost, template.Error, "actions[0].url", 0, "decides"},
		"open scheme":              {with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "${day}://example.com" }), template.RuleLinkHost, template.Error, "actions[0].url", 0, "decides"},
		"a port":                   {with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "https://example.com:${day}/" }), template.RuleLinkHost, template.Error, "actions[0].url", 0, "decides"},
		"wrapped link":             {with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "dingtalk://dingtalkclient/page/link?url=${day}" }), template.RuleLinkHost, template.Error, "actions[0].url", 0, "decides"},
		"open in text":             {markdownForm("x\ny [a](${x})", parameter("x")), template.RuleLinkHost, template.Error, "content", 2, "line 2: ${x} decides"},
		"bare in text":             {markdownForm("see https://example.${x}/", parameter("x")), template.RuleLinkHost, template.Error, "content", 1, "${x} decides"},
		"heading":                  {markdownForm("a\n\n## b"), template.RuleHeading, template.Error, "content", 3, "line 3: a heading"},
		"picture":                  {markdownForm("a\nb ![c](https://example.com/p.png)"), template.RulePicture, template.Error, "content", 2, "line 2: a picture"},
		"tag":                      {markdownForm("a <font color=red>b</font>"), template.RuleTag, template.Error, "content", 1, "<font color=red>"},
		"image":                    {with(actionForm(), func(f *template.Form) { f.Image = "picture.png" }), template.RuleImage, template.Error, "image", 0, "picture.png"},
		"color":                    {with(rowsForm(), func(f *template.Form) { f.HeadColor = "0xFF0958D9" }), template.RuleColor, template.Error, "head_color", 0, "0xFF0958D9"},
		"many rows":                {with(rowsForm(), func(f *template.Form) { f.Rows = append(f.Rows, make7()...) }), template.RuleRowsMany, template.Warning, "rows", 0, "8 rows"},
		"far too many rows":        {with(rowsForm(), func(f *template.Form) { f.Rows = append(make7(), append(make7(), make7()...)...) }), template.RuleRowsMany, template.Error, "rows", 0, "21 rows, the limit is 20"},
		"no action":                {with(actionForm(), func(f *template.Form) { f.Actions = nil }), template.RuleActions, template.Error, "actions", 0, "no action"},
		"sample elsewhere": {with(actionForm(), func(f *template.Form) {
			f.Actions[0].URL = "${url}"
			p := parameter("url", "example.com")
			p.Sample = "https://example.org/"
			f.Parameters = append(f.Parameters, p)
		}), template.RuleSample, template.Error, "data.url", 0, "does not list"},
	} {
		found := false
		for _, f := range mustLint(t, c.form) {
			if f.Text == "" || f.Cure == "" {
				t.Errorf("%s: %+v says too little", name, f)
			}
			found = found || f.Rule == c.rule && f.Severity == c.severity && f.Field == c.field && f.Line == c.line && strings.Contains(f.Text, c.says)
		}
		if !found {
			t.Errorf("%s: %+v", name, mustLint(t, c.form))
		}
		if _, err := template.Compile(t.Context(), c.form); c.severity == template.Error && !fault.Is(err, fault.CodeTemplateFormInvalid) {
			t.Errorf("%s: compiled: %v", name, err)
		}
	}
}

func make7() []template.Row {
	rows := make([]template.Row, 7)
	for i := range rows {
		rows[i] = template.Row{Key: "k", Value: "${who} ${id}"}
	}
	return rows
}

func TestDifference(t *testing.T) {
	t.Parallel()
	before, after := rowsForm(), rowsForm()
	if d := template.Difference(&before, &after); d != nil {
		t.Errorf("%+v", d)
	}
	after.Title = "Another"
	after.Rows = append(after.Rows, template.Row{Key: "Until", Value: "Friday"})
	after.Parameters = after.Parameters[:1]
	want := []template.Change{
		{Field: "title", Before: "A request", After: "Another"},
		{Field: "parameters.id.description", Before: "what it is"},
		{Field: "parameters.id.sample", Before: "word"},
		{Field: "rows[1].key", After: "Until"},
		{Field: "rows[1].value", After: "Friday"},
	}
	got := template.Difference(&before, &after)
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

func mustLint(t testing.TB, f template.Form) []template.Finding {
	t.Helper()
	findings, err := template.Lint(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}
