package template_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/template"
)

// drawn is the card of a sketch.
func drawn(f template.Form, given template.Values) string {
	m := template.NewSketch(f).Sketch(given, nil)
	if m == nil {
		return ""
	}
	return m.HTML(message.RenderOptions{AppName: "app"})
}

// As much of a form is shown as there is of it, whatever is wrong.
func TestSketches(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form  template.Form
		given template.Values
		want  string // a part of the card; "" for none
	}{
		"nothing":          {template.Form{Kind: template.KindForm, Name: "n", HeadColor: "FF0958D9", MobileLink: "https://example.com"}, nil, ""},
		"only a title":     {template.Form{Kind: template.KindForm, Title: "A request"}, nil, "A request"},
		"only a text":      {template.Form{Kind: template.KindMarkdown, Content: "Hello **there**"}, nil, "Hello <strong>there</strong>"},
		"an unsafe link":   {markdownForm("Go [there](javascript:x)"), nil, "there"},
		"a heading":        {markdownForm("# Of ${who}", parameter("who")), nil, "Of word"},
		"not described":    {markdownForm("Of ${who}"), nil, "Of ${who}"},
		"without a sample": {markdownForm("Of ${who}", template.Parameter{Name: "who"}), nil, "Of ${who}"},
		"a value for it":   {markdownForm("Of ${who}"), template.Values{"who": "Ann"}, "Of Ann"},
		"half a parameter": {markdownForm("Of ${who"), nil, "Of ${who"},
		"too long a value": {markdownForm("Of ${who}"), template.Values{"who": strings.Repeat("x", template.MaxValue+1)}, "Of ${who}"},
		"too much of them": {markdownForm("Of ${who} and ${who}"), template.Values{"who": strings.Repeat("x", 4000)}, "Of ${who} and ${who}"},
		"no color":         {with(rowsForm(), func(f *template.Form) { f.HeadColor = "blue" }), nil, "A request"},
		"half a row":       {with(rowsForm(), func(f *template.Form) { f.Rows[0].Key = "" }), nil, "word"},
		"many rows": {with(rowsForm(), func(f *template.Form) {
			for range 50 {
				f.Rows = append(f.Rows, template.Row{Key: "more", Value: "x"})
			}
		}), nil, "more"},
		"half an action": {with(actionForm(), func(f *template.Form) { f.Actions[0].URL = "" }), nil, "Open"},
		"U+0000":         {rowsForm(), template.Values{"who": "\x00"}, ""},
	} {
		if got := drawn(c.form, c.given); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Of a form without errors a sketch shows what is sent.
func TestSketchOfASoundForm(t *testing.T) {
	t.Parallel()
	for _, f := range []template.Form{
		markdownForm("**${who}**: [x](https://example.com/${who})\n- _${who}_", parameter("who")), actionForm(), rowsForm(),
	} {
		for _, value := range []string{"word", "*", "中", "a_b", "<b>", "1. x"} {
			given := template.Values{}
			for _, p := range f.Parameters {
				given[p.Name] = value
			}
			compiled, err := template.Compile(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			m, err := compiled.Message(given, nil, message.Limits{})
			if err != nil {
				t.Errorf("%q: %v", value, err)
				continue
			}
			if want, got := m.HTML(message.RenderOptions{AppName: "app"}), drawn(f, given); got != want {
				t.Errorf("%q:\n%s\nwant\n%s", value, got, want)
			}
		}
	}
}

// A sketch is as cheap as a check, whatever the form and the values are.
func TestSketchingIsBounded(t *testing.T) {
	value := template.Values{"p0": strings.Repeat("*a_", 1600)}
	for name, f := range map[string]template.Form{
		"references": markdownForm(references(8000, 1, ""), named(1)...), "emphasis": markdownForm(repeated(62_000, "*a_")),
		"many of them": markdownForm(references(3000, 3000, " ")), "5,000": markdownForm(references(99, 20, " ") + repeated(4900, "*a_")),
		"rows": with(rowsForm(), func(f *template.Form) {
			for range 1500 {
				f.Rows = append(f.Rows, template.Row{Key: "${p0}", Value: "${p0}${p0}${p0}${p0}${p0}${p0}${p0}"})
			}
		}),
	} {
		most := uint64(4000) // of what Lint would not read either
		if name == "5,000" {
			most = 40_000
		}
		if n := allocations(func() { drawn(f, value) }); n > most {
			t.Errorf("%s: %d allocations", name, n)
		}
	}
}

func TestValueFindings(t *testing.T) {
	t.Parallel()
	url := parameter("url", "example.com")
	url.Sample = "https://example.com/x"
	compiled, err := template.Compile(t.Context(), markdownForm("[x](${url}) ${long}", url, parameter("long")))
	if err != nil {
		t.Fatal(err)
	}
	for want, given := range map[string]template.Values{
		"values.url url":    {"url": "https://example.org", "long": "x"},
		"values.long long":  {"url": url.Sample, "long": strings.Repeat("x", template.MaxValue+1)},
		"values.long long ": {"url": url.Sample},
	} {
		_, err := compiled.Message(given, nil, message.Limits{})
		f := template.ValueFinding(err)
		if got := f.Field + " " + f.Parameter; got != strings.TrimSpace(want) || f.Severity != template.Warning || f.Rule != template.RuleValue {
			t.Errorf("%v: %+v", err, f)
		}
	}
	if f := template.ValueFinding(errors.New("x")); f.Parameter != "" || f.Text == "" {
		t.Errorf("%+v", f)
	}
}

func TestFindingsNameTheirParameter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form template.Form
		rule template.Rule
		want string
	}{
		"unknown":     {markdownForm("a ${x}"), template.RuleParameterUnknown, "x"},
		"unused":      {markdownForm("a", parameter("x")), template.RuleParameterUnused, "x"},
		"twice":       {markdownForm("${x}", parameter("x"), parameter("x")), template.RuleParameterTwice, "x"},
		"place":       {with(actionForm(), func(f *template.Form) { f.Title = "On ${day}" }), template.RuleParameterPlace, "day"},
		"code":        {markdownForm("`${x}`", parameter("x")), template.RuleParameterPlace, "x"},
		"unsettled":   {markdownForm("<!A ${x}", parameter("x")), template.RuleParameterPlace, "x"},
		"invalid":     {markdownForm("x", parameter("x y")), template.RuleParameterInvalid, "x y"},
		"hosts":       {markdownForm("${x}", parameter("x", "Example.com")), template.RuleParameterInvalid, "x"},
		"description": {markdownForm("${x}", template.Parameter{Name: "x", Sample: "y"}), template.RuleDescription, "x"},
		"sample":      {markdownForm("[a](${x})", parameter("x", "example.com")), template.RuleSample, "x"},
		"host":        {markdownForm("[a](https://${x}/)", parameter("x")), template.RuleLinkHost, "x"},
		"two hosts":   {markdownForm("[a](https://${x}${y}/)", parameter("x"), parameter("y")), template.RuleLinkHost, ""},
		"none":        {markdownForm("# a"), template.RuleHeading, ""},
	} {
		found := false
		for _, f := range mustLint(t, c.form) {
			found = found || f.Rule == c.rule && f.Parameter == c.want
		}
		if !found {
			t.Errorf("%s: %+v", name, mustLint(t, c.form))
		}
	}
}

func TestLeads(t *testing.T) {
	t.Parallel()
	anywhere := parameter("any")
	f := with(actionForm(), func(f *template.Form) {
		f.Content = "[a](https://a.example.com/${day}) https://a.example.com/b [c](http://b.example.com) [d](${url}) [e](https://${host}/${day}) ${day}"
		f.Image = "https://pictures.example.com/a.png"
		f.Actions = []template.Action{
			{Title: "Phone", URL: "dingtalk://dingtalkclient/action/open_platform_link?pcLink=https%3A%2F%2Fpc.example.com%3A8443&mobileLink=https%3A%2F%2Fm.example.com"},
			{Title: "Program", URL: "eapp://pages/order"},
			{Title: "Open", URL: "https://${any}/"},
		}
		f.Parameters = append(f.Parameters, parameter("url", "u.example.com", "v.example.com"), parameter("host", "w.example.com"), anywhere)
	})
	got := fmt.Sprint(template.LeadsTo(f))
	want := "{[pictures.example.com a.example.com http://b.example.com pc.example.com:8443 m.example.com] " +
		"[{url [u.example.com v.example.com]} {host [w.example.com]} {any []}]}"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(template.LeadsTo(template.Form{Kind: template.KindForm, MobileLink: strings.Repeat("x", 60_000)})); got != "{[] []}" {
		t.Error(got)
	}
}
