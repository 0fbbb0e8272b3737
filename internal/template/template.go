package template

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// Template fills values into a form. It is immutable and safe for concurrent
// use.
type Template struct {
	form       Form
	parameters map[string]Parameter
	layouts    []*layout
}

// Compile prepares a form. The form must be free of errors, see Lint: a form
// that is not fails with CodeTemplateFormInvalid, as a *FormError. It fails with
// the context's error when that ends first.
func Compile(ctx context.Context, f Form) (*Template, error) {
	findings, err := Lint(ctx, f)
	if err != nil {
		return nil, err
	}
	wrong := slices.DeleteFunc(findings, func(f Finding) bool { return f.Severity != Error })
	if len(wrong) > 0 {
		return nil, &FormError{wrong}
	}
	return compile(f), nil
}

// FormError holds every Error that Lint found in a form, at least one. It is
// the fault that names the first, for those who have room for one only.
type FormError struct{ Findings []Finding }

// Error is the fault's.
func (e *FormError) Error() string { return e.Unwrap().Error() }

// Unwrap returns the fault.
func (e *FormError) Unwrap() error {
	first := e.Findings[0]
	return fault.New(fault.CodeTemplateFormInvalid, "%s: %s", first.Field, first.Text).WithField(first.Field)
}

// Approved prepares a form that Lint found no error in when it was submitted.
func Approved(f Form) *Template { return compile(f) }

func compile(f Form) *Template {
	t := &Template{form: f, parameters: make(map[string]Parameter, len(f.Parameters))}
	for _, p := range f.Parameters {
		t.parameters[p.Name] = p
	}
	for _, field := range f.fields() {
		t.layouts = append(t.layouts, lay(field))
	}
	return t
}

// Message fills in values and returns the message as it is sent. names
// translates ids in values; nil translates none.
//
// Fails with CodeTemplateValueMissing (a parameter has no value),
// CodeTemplateValueBad (values lead a link elsewhere, or change what the text
// around them means), CodeMessageFieldLong (a value, or a field with it, is too
// long), and as message.Decode. Lengths are added up before texts are put
// together, so that many places and a long value cost no more than few and short.
func (t *Template) Message(given Values, names Names, limits message.Limits) (*message.Message, error) {
	v, err := t.take(given, names)
	if err != nil {
		return nil, err
	}
	for _, l := range t.layouts {
		path, most := l.path, l.limit
		if l.holds == markdown {
			path, most = t.textPath(), message.MaxText
		}
		if n := l.length(v); most > 0 && n > most {
			return nil, tooLong(path, most, n)
		}
	}
	texts := make(map[string]string, len(t.layouts))
	for _, l := range t.layouts {
		if texts[l.path], err = l.write(v); err != nil {
			return nil, err
		}
	}
	raw, err := json.Marshal(t.wire(texts))
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	return message.Decode(raw, limits)
}

// Sample returns the message with the sample values in it.
func (t *Template) Sample() (*message.Message, error) {
	return t.Message(t.SamplesWith(nil), nil, message.Limits{})
}

// SamplesWith returns the given values, and the samples of all others.
func (t *Template) SamplesWith(given Values) Values {
	v := make(Values, len(t.form.Parameters))
	for _, p := range t.form.Parameters {
		v[p.Name] = p.Sample
		if text, ok := given[p.Name]; ok {
			v[p.Name] = text
		}
	}
	return v
}

// textPath is where the content stands in the message.
func (t *Template) textPath() string {
	if t.form.Kind == KindActionCard {
		return "msg.action_card.markdown"
	}
	return "msg.markdown.text"
}

type object map[string]any

// wire is the message in the form in which apps send it.
func (t *Template) wire(texts map[string]string) object {
	switch t.form.Kind {
	case KindForm:
		return object{"msgtype": message.TypeOA, string(message.TypeOA): t.wireForm(texts)}
	case KindActionCard:
		return object{"msgtype": message.TypeActionCard, string(message.TypeActionCard): t.wireActions(texts)}
	default:
		return object{"msgtype": message.TypeMarkdown, string(message.TypeMarkdown): object{
			"title": texts["title"], "text": t.pictured(texts),
		}}
	}
}

// pictured is the content below its picture.
func (t *Template) pictured(texts map[string]string) string {
	if texts["image"] == "" {
		return texts["content"]
	}
	return "![](<" + texts["image"] + ">)\n\n" + texts["content"]
}

func (t *Template) wireActions(texts map[string]string) object {
	card := object{"title": texts["title"], "markdown": t.pictured(texts)}
	if len(t.form.Actions) == 1 {
		card["single_title"], card["single_url"] = texts["actions[0].title"], texts["actions[0].url"]
		return card
	}
	buttons := make([]object, len(t.form.Actions))
	for i := range t.form.Actions {
		at := fmt.Sprintf("actions[%d].", i)
		buttons[i] = object{"title": texts[at+"title"], "action_url": texts[at+"url"]}
	}
	card["btn_json_list"], card["btn_orientation"] = buttons, "0"
	if t.form.SideBySide {
		card["btn_orientation"] = "1"
	}
	return card
}

func (t *Template) wireForm(texts map[string]string) object {
	rows := make([]object, len(t.form.Rows))
	for i := range t.form.Rows {
		at := fmt.Sprintf("rows[%d].", i)
		rows[i] = object{"key": texts[at+"key"], "value": texts[at+"value"]}
	}
	head := texts["head_text"]
	if head == "" {
		head = t.form.Name // people see the app's name there
	}
	return object{
		"message_url": texts["mobile_url"], "pc_message_url": texts["pc_url"],
		"head": object{"text": head, "bgcolor": texts["head_color"]},
		"body": object{"title": texts["title"], "content": texts["content"], "image": texts["image"], "form": rows},
	}
}
