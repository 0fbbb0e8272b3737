package template

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// NewSketch prepares a form that somebody is still writing, whatever is wrong with
// it. What Sketch makes of it is shown and never sent. A parameter without a sample
// stands there as it is written, ${name}.
func NewSketch(f Form) *Template {
	f.Rows = f.Rows[:min(len(f.Rows), MaxRows)]
	f.Actions = f.Actions[:min(len(f.Actions), MaxActions)]
	f.Parameters = slices.Clone(f.Parameters)
	t := &Template{form: f, parameters: map[string]Parameter{}}
	for i := range f.Parameters {
		p := &f.Parameters[i]
		if p.Sample == "" {
			p.Sample = "${" + p.Name + "}"
		}
		t.parameters[p.Name] = *p
	}
	references := 0 // so far
	for _, field := range f.fields() {
		l := loose(field, &references)
		t.layouts = append(t.layouts, l)
		for _, p := range l.parts {
			if _, described := t.parameters[p.name]; p.name != "" && !described {
				t.parameters[p.name] = Parameter{Name: p.name, Sample: "${" + p.name + "}"}
				t.form.Parameters = append(t.form.Parameters, t.parameters[p.name])
			}
		}
	}
	return t
}

// loose is lay for a field that may have faults. What Lint would not read either
// is kept as it is written.
func loose(f field, references *int) *layout {
	parts, malformed := split(f.text)
	for _, p := range parts {
		if p.name != "" {
			*references++
		}
	}
	if malformed != "" || f.limit > 0 && utf8.RuneCountInString(written(parts, "")) > f.limit || *references > MaxReferences {
		return &layout{field: f, parts: []part{{text: f.text}}}
	}
	return lay(f)
}

// Sketch returns what can be shown of a form from NewSketch, with the given values;
// nil while there is nothing to show. No value is refused: where one, or a field
// with it, is too long, the parameter stands there as it is written.
func (t *Template) Sketch(given Values, names Names) *message.Message {
	v := t.loosely(given, names)
	texts, shown := make(map[string]string, len(t.layouts)), false
	for _, l := range t.layouts {
		texts[l.path] = l.loosely(v)
		shown = shown || l.onCard() && strings.TrimSpace(l.text) != ""
	}
	if !shown {
		return nil
	}
	raw, err := json.Marshal(t.wire(texts))
	if err != nil {
		return nil
	}
	m, err := message.Parse(raw)
	if err != nil { // such as U+0000 in a value
		return nil
	}
	return m
}

// loosely is take without refusals.
func (t *Template) loosely(given Values, names Names) values {
	texts := t.SamplesWith(given)
	for name, text := range texts {
		if names != nil && len(text) <= mentionText {
			text = translate(text, names)
		}
		if utf8.RuneCountInString(text) > MaxValue {
			text = "${" + name + "}"
		}
		texts[name] = text
	}
	return newValues(texts, t.parameters)
}

// loosely is write without refusals.
func (l *layout) loosely(v values) string {
	if l.length(v) > message.MaxText {
		return l.text
	}
	text := l.fill(v, false)
	if l.holds == markdown && !l.keepsFrame(text, v) {
		text = l.fill(v, true)
	}
	return text
}

// onCard reports whether people see a field on the card itself.
func (l *layout) onCard() bool {
	return !slices.Contains([]string{"name", "use_case", "head_text", "head_color", "mobile_url", "pc_url"}, l.path)
}

// ValueFinding is the finding about values that Message refuses with err, in a form
// that Lint finds no Error in. It keeps nothing from being submitted.
func ValueFinding(err error) Finding {
	said := fault.From(err)
	name := ofValue(said.Field)
	f := Finding{Rule: RuleValue, Severity: Warning, Field: said.Field, Text: said.Text, Cure: "choose values that could be sent"}
	if strings.HasPrefix(said.Field, "data") {
		f.Field = "values" + strings.TrimPrefix(said.Field, "data")
	}
	if name != "" {
		f.about(name)
	}
	return f
}
