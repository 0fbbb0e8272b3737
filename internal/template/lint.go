package template

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/message"
)

// Severity says whether a finding keeps a form from being submitted.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Rule is the stable name of what a finding is about.
type Rule string

// The rules.
const (
	RuleKind               Rule = "kind_unknown"
	RuleMissing            Rule = "field_missing"
	RuleLong               Rule = "field_too_long"
	RuleCharacters         Rule = "characters_invisible"
	RuleParameterMalformed Rule = "parameter_malformed"
	RuleParameterUnknown   Rule = "parameter_unknown"
	RuleParameterUnused    Rule = "parameter_unused"
	RuleParameterTwice     Rule = "parameter_twice"
	RuleParameterPlace     Rule = "parameter_not_allowed_here"
	RuleParameterInvalid   Rule = "parameter_invalid"
	RuleParameterMany      Rule = "parameters_many"
	RuleDescription        Rule = "parameter_not_described"
	RuleSample             Rule = "sample_does_not_fit"
	RuleValue              Rule = "value_does_not_fit" // see ValueFinding
	RuleLink               Rule = "link_unsafe"
	RuleLinkHost           Rule = "link_host_open"
	RuleHeading            Rule = "heading"
	RulePicture            Rule = "picture"
	RuleTag                Rule = "tag"
	RuleImage              Rule = "image_unusable"
	RuleColor              Rule = "color_unusable"
	RuleRowsMany           Rule = "rows_many"
	RuleActions            Rule = "actions_missing"
	RuleActionsMany        Rule = "actions_many"
	RuleReferencesMany     Rule = "references_many"
)

// Finding is something that is wrong with a form, or not as good as it could
// be.
type Finding struct {
	Rule     Rule     `json:"rule" doc:"The stable name of what it is about."`
	Severity Severity `json:"severity" doc:"error, which keeps the form from being submitted, or warning."`
	Field    string   `json:"field" doc:"Where it is, such as content or rows[2].value."`
	Line     int      `json:"line,omitempty" doc:"The line of a Markdown text, from 1."`
	// Parameter is set where the finding is about one of them.
	Parameter string `json:"parameter,omitempty" doc:"The parameter that it is about; not there where it is about none, or several."`
	Text      string `json:"text" doc:"What is wrong."`
	Cure      string `json:"cure" doc:"What to do about it."`
}

// MaxFindings is how many findings Lint returns at most.
const MaxFindings = 100

// Lint returns what is wrong with a form, in the order of its fields, at most
// MaxFindings. A form with an Error in it can neither be submitted nor compiled.
//
// What a text is too long for is not looked at further, so the work is bounded
// by the limits of forms. It ends with the context, whose error is the only one.
func Lint(ctx context.Context, f Form) ([]Finding, error) {
	if !slices.Contains(Kinds(), f.Kind) {
		return []Finding{{
			Rule: RuleKind, Severity: Error, Field: "kind", Text: fmt.Sprintf("%q is no kind of template", cut(string(f.Kind))),
			Cure: "choose markdown, action_card or form",
		}}, nil
	}
	l := &linter{ctx: ctx, form: f, parameters: map[string]Parameter{}, used: map[string]bool{}}
	for _, p := range f.Parameters {
		l.parameters[p.Name] = p
	}
	l.counts()
	counted := l.findings
	l.findings = nil
	l.form.Rows = f.Rows[:min(len(f.Rows), MaxRows)]
	l.form.Actions = f.Actions[:min(len(f.Actions), MaxActions)]
	for _, field := range l.form.fields() {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("template: %w", err)
		}
		l.field(field)
	}
	l.findings = append(l.findings, counted...)
	l.declared()
	if !l.failed() {
		if err := l.samples(); err != nil {
			return nil, err
		}
	}
	return l.findings[:min(len(l.findings), MaxFindings)], nil
}

// Used returns the names of the parameters that stand in a form's texts, each
// once, in the order of its fields. What Lint calls malformed names none.
func Used(f Form) []string {
	var names []string
	seen := map[string]bool{}
	for _, field := range f.fields() {
		parts, _ := split(field.text)
		for _, p := range parts {
			if p.name != "" && !seen[p.name] {
				seen[p.name] = true
				names = append(names, p.name)
			}
		}
	}
	return names
}

type linter struct {
	ctx        context.Context
	form       Form
	references int // so far
	parameters map[string]Parameter
	used       map[string]bool
	findings   []Finding
}

func (l *linter) failed() bool {
	return slices.ContainsFunc(l.findings, func(f Finding) bool { return f.Severity == Error })
}

// error adds an Error and returns it, for what else there is to say of it.
func (l *linter) error(rule Rule, field, text, cure string) *Finding {
	return l.find(Finding{Rule: rule, Severity: Error, Field: field, Text: text, Cure: cure})
}

func (l *linter) warn(rule Rule, field, text, cure string) *Finding {
	return l.find(Finding{Rule: rule, Severity: Warning, Field: field, Text: text, Cure: cure})
}

func (l *linter) errorAt(rule Rule, field string, line int, text, cure string) *Finding {
	if line > 0 {
		text = fmt.Sprintf("line %d: %s", line, text)
	}
	return l.find(Finding{Rule: rule, Severity: Error, Field: field, Line: line, Text: text, Cure: cure})
}

func (l *linter) find(f Finding) *Finding {
	l.findings = append(l.findings, f)
	return &l.findings[len(l.findings)-1]
}

// about says which parameter a finding is about.
func (f *Finding) about(name string) { f.Parameter = short(name) }

func (l *linter) field(written field) {
	if strings.TrimSpace(written.text) == "" {
		if written.required {
			l.error(RuleMissing, written.path, "nothing is written here", "fill it in")
		}
		return
	}
	if r := invisible(written.text, written.holds); r >= 0 {
		l.error(RuleCharacters, written.path, fmt.Sprintf("holds U+%04X, which nobody can see", r), "remove it")
	}
	if !l.measure(written) {
		return
	}
	f := lay(written)
	l.places(f)
	switch {
	case f.holds == color && !hasParameters(f.parts):
		if _, ok := message.ParseColor(f.text); !ok || len(f.text) != len("AARRGGBB") {
			l.error(RuleColor, f.path, fmt.Sprintf("%q is no color", cut(f.text)), "write eight hexadecimal digits, AARRGGBB, such as FF0958D9")
		}
	case f.path == "image":
		l.image(f)
	case f.holds == markdown:
		l.markdown(f)
	}
	for _, t := range f.targets {
		l.target(f, t)
	}
}

// measure checks what needs no reading, and reports whether a field is worth it.
func (l *linter) measure(f field) bool {
	parts, malformed := split(f.text)
	if malformed != "" {
		l.error(RuleParameterMalformed, f.path, fmt.Sprintf("%q names no parameter", malformed),
			"write ${name}, of letters, digits and underscores, not beginning with a digit")
		return false
	}
	for _, p := range parts {
		if p.name != "" {
			l.references++
		}
	}
	n := utf8.RuneCountInString(written(parts, ""))
	switch {
	case f.limit > 0 && n > f.limit:
		l.error(RuleLong, f.path, fmt.Sprintf("has %d characters, the limit is %d", n, f.limit), "make it shorter")
	case l.references > MaxReferences:
		l.error(RuleReferencesMany, f.path, fmt.Sprintf("parameters stand in %d places up to here, the limit is %d", l.references, MaxReferences), "write more of the text itself")
	case f.holds == color && len(f.text) > MaxName:
		l.error(RuleColor, f.path, fmt.Sprintf("%q is no color", cut(f.text)), "write eight hexadecimal digits, AARRGGBB, such as FF0958D9")
	default:
		if f.path == "content" && n > AdvisedContent {
			l.warn(RuleLong, f.path, fmt.Sprintf("has %d characters; people read about %d", n, AdvisedContent), "make it shorter")
		}
		return true
	}
	for _, p := range parts { // it is used, so that its description is not told to be too much
		l.used[p.name] = true
	}
	return false
}

// places checks that parameters are known, and stand where they may.
func (l *linter) places(f *layout) {
	for _, p := range f.parts {
		if p.name == "" {
			continue
		}
		if _, known := l.parameters[p.name]; !known && !l.used[p.name] {
			l.error(RuleParameterUnknown, f.path, fmt.Sprintf("${%s} is not described", p.name), "describe the parameter, or remove it here").about(p.name)
		}
		l.used[p.name] = true
		switch p.place {
		case forbidden:
			l.error(RuleParameterPlace, f.path, fmt.Sprintf("${%s}: this field holds no parameters", p.name), "write the text itself").about(p.name)
		case inMarkup:
			l.error(RuleParameterPlace, f.path, fmt.Sprintf("${%s} stands in markup or is a part of a color", p.name),
				"let it stand among words, in a link, or for the whole color").about(p.name)
		}
	}
}

func (l *linter) image(f *layout) {
	if hasParameters(f.parts) {
		return // told already
	}
	isMedia := strings.HasPrefix(f.text, "@") || strings.HasPrefix(f.text, "$")
	if strings.ContainsAny(f.text, "<>\\ \n") || !isMedia && message.Resolve(f.text).Kind != message.LinkWeb {
		l.error(RuleImage, f.path, fmt.Sprintf("%q is neither a media id nor a web address", cut(f.text)), "upload the picture and use its media id")
	}
}

func (l *linter) markdown(f *layout) {
	for _, m := range f.marked(message.MarkHeading) {
		l.errorAt(RuleHeading, f.path, m.Line, "a heading", "write the line in bold instead: **…**")
	}
	for _, m := range f.marked(message.MarkPicture) {
		l.errorAt(RulePicture, f.path, m.Line, "a picture", "use the image of the template instead")
	}
	for _, m := range f.marked(message.MarkTag) {
		if m.Text != "<br>" {
			l.errorAt(RuleTag, f.path, m.Line, fmt.Sprintf("%q is HTML, which is not shown", cut(m.Text)), "remove it")
		}
	}
}

// target checks where a link leads.
func (l *linter) target(f *layout, t *target) {
	if !t.decided() {
		if t.kind == message.LinkOther {
			l.errorAt(RuleLink, f.path, t.line, fmt.Sprintf("%q cannot be opened safely", cut(written(t.parts, "…"))),
				"write an address that begins with https:// and a host")
		}
		return
	}
	var names []string
	for _, p := range t.parts {
		if p.name == "" {
			continue
		}
		names = append(names, "${"+p.name+"}")
		if len(l.parameters[p.name].Hosts) > 0 {
			return
		}
	}
	found := l.errorAt(RuleLinkHost, f.path, t.line, fmt.Sprintf("%s decides where the link leads", strings.Join(names, ", ")),
		"write scheme and host yourself, or list the hosts that the parameter may lead to")
	if len(names) == 1 {
		found.about(strings.Trim(names[0], "${}"))
	}
}

// invisible returns a character of a text that would deceive a reviewer; -1
// when there is none.
func invisible(text string, what holds) rune {
	if what == markdown || what == lines {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	if r, found := message.Unseen(text); found {
		return r
	}
	if strings.ContainsRune(text, utf8.RuneError) {
		return utf8.RuneError
	}
	return -1
}
