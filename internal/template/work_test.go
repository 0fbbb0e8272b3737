package template_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/template"
)

// allocations counts those of one call, which stand for the work: nothing is
// parsed without them. Tests that use it are not parallel.
func allocations(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

func named(n int) (list []template.Parameter) {
	for i := range n {
		list = append(list, parameter(fmt.Sprintf("p%d", i)))
	}
	return list
}

// repeated is a text of a length with its parts in turn.
func repeated(length int, parts ...string) string {
	var b strings.Builder
	for i := 0; b.Len()+len(parts[i%len(parts)]) <= length; i++ {
		b.WriteString(parts[i%len(parts)])
	}
	return b.String()
}

// references are n parameters of a name each, with words between.
func references(n, names int, between string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "${p%d}%s", i%names, between)
	}
	return b.String()
}

// What an author may keep as a draft, however it is made, costs little to check.
func TestCheckingIsBounded(t *testing.T) {
	const most = 1_000_000
	rows := func(n int, r template.Row) template.Form {
		return with(rowsForm(), func(f *template.Form) {
			for range n {
				f.Rows = append(f.Rows, r)
			}
		})
	}
	for name, c := range map[string]struct {
		form template.Form
		rule template.Rule // which must be among the findings; "" when the form is sound
	}{
		"many references":      {markdownForm(references(600, 1, " word "), named(1)...), template.RuleReferencesMany},
		"4,000 of one":         {markdownForm(references(4000, 1, " "), named(1)...), template.RuleReferencesMany},
		"as many as possible":  {markdownForm(references(100, 20, " *word* [x](https://example.com/) "), named(20)...), template.RuleParameterMany},
		"in links":             {markdownForm(strings.Repeat("[${p0}](https://example.com/${p1}) ", 50), named(2)...), ""},
		"62 kB of emphasis":    {markdownForm(repeated(62_000, "*a_")), template.RuleLong},
		"62 kB in every place": {with(actionForm(), func(f *template.Form) { f.Title, f.Content = repeated(31_000, "*a_"), repeated(31_000, "*a_") }), template.RuleLong},
		"5,000 of emphasis":    {markdownForm(references(100, 20, " ")+repeated(4000, "*a_"), named(20)...), template.RuleParameterMany},
		"nested lists":         {markdownForm(references(100, 20, " ")+"\n"+repeated(2000, "- ")+repeated(2000, "\n"), named(20)...), ""},
		"brackets":             {markdownForm(references(100, 20, " ")+repeated(2000, "[")+repeated(2000, "](x)"), named(20)...), ""},
		"backquotes":           {markdownForm(references(100, 20, " ")+repeated(4000, "\\```\n"), named(20)...), ""},
		"tags":                 {markdownForm(repeated(5000, "<b>")), template.RuleTag},
		"headings":             {markdownForm(repeated(5000, "# a\n\n")), template.RuleHeading},
		"rows":                 {rows(2000, template.Row{}), template.RuleRowsMany},
		"rows of references":   {rows(1500, template.Row{Key: "${who}", Value: "${id}"}), template.RuleRowsMany},
		"parameters":           {markdownForm("x", named(700)...), template.RuleParameterMany},
		"hosts":                {markdownForm("${p}", parameter("p", strings.Split(repeated(30_000, "a,"), ",")...)), template.RuleParameterInvalid},
		"half a parameter":     {markdownForm(repeated(60_000, "${")), template.RuleParameterMalformed},
		"our own words":        {markdownForm(repeated(4990, "qz0v", "qz1v", "qz2v", "qz3v", "qz4v", "qz5v")), ""},
	} {
		if err := template.CheckSize(c.form); err != nil {
			t.Errorf("%s could not be a draft: %v", name, err)
		}
		var findings []template.Finding
		work := allocations(func() { findings = mustLint(t, c.form) })
		if work > most || len(findings) > template.MaxFindings {
			t.Errorf("%s: %d allocations, the limit is %d; %d findings", name, work, most, len(findings))
		}
		found := c.rule == ""
		for _, f := range findings {
			found = found || f.Rule == c.rule
		}
		if !found {
			t.Errorf("%s lacks %s: %+v", name, c.rule, findings[:min(len(findings), 3)])
		}
		if work := allocations(func() { template.Difference(&c.form, &template.Form{}) }); work > most {
			t.Errorf("%s: %d allocations to compare it", name, work)
		}
	}
}

// counted is a context that ends when it is asked for the n-th time.
type counted struct {
	context.Context
	left int
}

func (c *counted) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Whoever hangs up ends the checking, wherever it is.
func TestCheckingEndsWithItsContext(t *testing.T) {
	f := markdownForm(references(100, 20, " word "), named(20)...)
	whole := &counted{t.Context(), 1 << 30}
	all := allocations(func() {
		if _, err := template.Lint(whole, f); err != nil {
			t.Fatal(err)
		}
	})
	asked := 1<<30 - whole.left
	for _, n := range []int{0, 1, 4, 10, asked - 1} {
		var err error
		work := allocations(func() { _, err = template.Compile(&counted{t.Context(), n}, f) })
		if err == nil || fault.From(err).Code == fault.CodeTemplateFormInvalid {
			t.Errorf("after %d of %d: %v", n, asked, err)
		}
		if n < asked/2 && work > all/2 {
			t.Errorf("after %d of %d: %d of %d allocations", n, asked, work, all)
		}
	}
}

// Lengths are added up before a text is made, also where one value stands in
// many places.
func TestValuesAreMeasuredFirst(t *testing.T) {
	compiled := mustCompile(t, markdownForm(references(100, 1, " "), named(1)...))
	everywhere := mustCompile(t, with(rowsForm(), func(f *template.Form) {
		f.Rows, f.HeadText = nil, "${who}"
		for range 19 {
			f.Rows = append(f.Rows, template.Row{Key: "${who}", Value: "${who}${id}"})
		}
	}))
	big := strings.Repeat("x", 1_900_000)
	for name, c := range map[string]struct {
		template *template.Template
		values   template.Values
		field    string
		limit    int64
		actual   int64
	}{
		"1.9 MB in 100 places":     {compiled, template.Values{"p0": big}, "data.p0", 5000, 1_900_000},
		"names in 1.9 MB":          {compiled, template.Values{"p0": strings.Repeat("$userName=ann$", 100_000)}, "data.p0", 5000, 1_400_000},
		"the longest value":        {compiled, template.Values{"p0": big[:5000]}, "msg.markdown.text", 5000, 500_100},
		"escaped":                  {compiled, template.Values{"p0": strings.Repeat("*", 30)}, "msg.markdown.text", 5000, 6100},
		"in a line":                {everywhere, template.Values{"who": big[:4000], "id": "1"}, "head_text", 10, 4000},
		"a link with what it says": {everywhere, template.Values{"who": "x", "id": big[:600]}, "rows[0].value", 500, 601},
	} {
		var err error
		work := allocations(func() { _, err = c.template.Message(c.values, office{}, message.Limits{}) })
		f := fault.From(err)
		if err == nil || f.Code != fault.CodeMessageFieldLong || f.Field != c.field || f.Limit != c.limit || f.Actual != c.actual {
			t.Errorf("%s: %v %d %d, want %s", name, err, f.Limit, f.Actual, c.field)
		}
		if work > 20_000 {
			t.Errorf("%s: %d allocations", name, work)
		}
	}
}
