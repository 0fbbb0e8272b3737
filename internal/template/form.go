package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
)

// Kind is one of the three forms.
type Kind string

// The kinds.
const (
	KindMarkdown   Kind = "markdown"    // a text
	KindActionCard Kind = "action_card" // a text that leads to one place, or with buttons to several
	KindForm       Kind = "form"        // a card with rows, as of approvals
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{KindMarkdown, KindActionCard, KindForm} }

// The limits of a form, in characters where it is texts. What a message may
// hold after the values are filled in is checked besides.
const (
	MaxName        = 64
	MaxUseCase     = 500
	MaxTitle       = 64 // of Markdown and action card
	MaxFormTitle   = 50
	MaxContent     = 5000
	MaxFormContent = 1000
	MaxHeadText    = 10
	MaxLink        = 500
	MaxButton      = 20
	MaxRowKey      = 64
	MaxRowValue    = 500
	MaxActions     = 10
	MaxRows        = 20
	MaxParameters  = 20
	MaxDescription = 200
	MaxSample      = 1000
	MaxHosts       = 20       // of one parameter
	MaxReferences  = 100      // places in a form where a parameter stands
	MaxForm        = 64 << 10 // bytes of all of it as JSON
	MaxValue       = 5000     // of any parameter, when it is filled in

	// Beyond these it works and is told as a warning.
	AdvisedContent    = 1000
	AdvisedRows       = 6
	AdvisedParameters = 5
)

// Form is what an author writes. Fields of other kinds stay empty. A parameter
// is written ${name}; the comments say which fields may hold them.
type Form struct {
	Kind    Kind   `json:"kind" doc:"markdown (a text), action_card (a text that leads somewhere) or form (rows of a form, as of approvals)."`
	Name    string `json:"name" doc:"For people who manage templates; the limit is 64 characters."`
	UseCase string `json:"use_case" doc:"For whoever reviews it; the limit is 500 characters."`

	Title   string `json:"title" doc:"Without parameters. The limit is 64 characters, 50 of a form."`
	Content string `json:"content" doc:"Markdown, and the limit is 5,000 characters; of a form plain text, and the limit is 1,000. A parameter is written ${name}."`
	Image   string `json:"image,omitempty" doc:"The media id or web address of a picture above the content."`

	// Of action cards: one leads there from the whole card, more are buttons.
	Actions    []Action `json:"actions,omitempty" doc:"Of action cards: one leads there from the whole card, up to ten are buttons."`
	SideBySide bool     `json:"side_by_side,omitempty" doc:"The buttons stand in one row."`

	// Of forms, all with parameters.
	HeadText   string `json:"head_text,omitempty" doc:"Of forms: what the strip at the top says; the limit is 10 characters."`
	HeadColor  string `json:"head_color,omitempty" doc:"Of forms: the colour of the strip, AARRGGBB."`
	Rows       []Row  `json:"rows,omitempty" doc:"Of forms: the rows; the limit is 20."`
	MobileLink string `json:"mobile_url,omitempty" doc:"Of forms: where the card leads on a phone."`
	PCLink     string `json:"pc_url,omitempty" doc:"Of forms: where the card leads on a desktop, if elsewhere."`

	Parameters []Parameter `json:"parameters,omitempty" doc:"What senders fill in; the limit is 20. Every parameter in the texts must be described here."`
}

// CheckSize refuses a form that is too large, or not fit, to be kept as a draft.
// Whatever else is wrong with it, Lint tells. Fails with
// CodeTemplateFormInvalid.
func CheckSize(f Form) error {
	text, err := json.Marshal(f)
	switch {
	case err != nil:
		return fmt.Errorf("template: %w", err)
	case len(text) > MaxForm:
		return fault.New(fault.CodeTemplateFormInvalid, "the form has %d bytes, the limit is %d", len(text), MaxForm).
			WithLimit(MaxForm, int64(len(text)))
	case !slices.Contains(Kinds(), f.Kind):
		return fault.New(fault.CodeTemplateFormInvalid, "%q is no kind of template: choose markdown, action_card or form", cut(string(f.Kind))).WithField("kind")
	case bytes.Contains(text, []byte(`\u0000`)):
		return fault.New(fault.CodeTemplateFormInvalid, "a text holds U+0000")
	}
	return nil
}

// Action is a jump of an action card. Both fields may hold parameters.
type Action struct {
	Title string `json:"title" doc:"What it says, with parameters; the limit is 20 characters."`
	URL   string `json:"url" doc:"What it opens, with parameters."`
}

// Row is a line of a form. Both fields may hold parameters.
type Row struct {
	Key   string `json:"key" doc:"What the row is about, with parameters; the limit is 64 characters."`
	Value string `json:"value" doc:"What the row says, with parameters; the limit is 500 characters."`
}

// Parameter describes what a sender fills in.
type Parameter struct {
	Name        string `json:"name" doc:"Letters, digits and underscores, not beginning with a digit."`
	Description string `json:"description" doc:"What senders fill in."`
	Sample      string `json:"sample" doc:"A value that could be sent. Previews show it."`
	// MaxLength is the longest value in characters; 0 = what the field takes.
	MaxLength int `json:"max_length,omitempty" doc:"The longest value in characters; 0 for what the field takes."`
	// Hosts are where a link may lead that this parameter decides, whole or
	// its host. Without them a parameter never decides where a link leads.
	Hosts []string `json:"hosts,omitempty" doc:"Where a link may lead whose host the parameter decides. Without them it never decides where a link leads."`
}

// holds says what a field is, and so what a value in it may be.
type holds uint8

const (
	fixed    holds = iota // no parameters
	line                  // one line
	lines                 // plain text
	markdown              // Markdown
	link                  // where something leads
	color                 // AARRGGBB
)

// field is one text of a form.
type field struct {
	path     string
	text     string
	holds    holds
	limit    int
	required bool
}

// fields returns the texts of the form's kind, in the order of a screen.
func (f *Form) fields() []field {
	list := []field{
		{"name", f.Name, fixed, MaxName, true},
		{"use_case", f.UseCase, fixed, MaxUseCase, true},
	}
	switch f.Kind {
	case KindForm:
		return append(list, f.formFields()...)
	case KindActionCard:
		list = append(list,
			field{"title", f.Title, fixed, MaxTitle, true},
			field{"image", f.Image, fixed, MaxLink, false},
			field{"content", f.Content, markdown, MaxContent, true})
		for i, a := range f.Actions {
			at := "actions[" + strconv.Itoa(i) + "]."
			list = append(list, field{at + "title", a.Title, line, MaxButton, true}, field{at + "url", a.URL, link, MaxLink, true})
		}
		return list
	default:
		return append(list,
			field{"title", f.Title, fixed, MaxTitle, true},
			field{"image", f.Image, fixed, MaxLink, false},
			field{"content", f.Content, markdown, MaxContent, true})
	}
}

func (f *Form) formFields() []field {
	list := []field{
		{"head_text", f.HeadText, line, MaxHeadText, false},
		{"head_color", f.HeadColor, color, 0, true},
		{"title", f.Title, fixed, MaxFormTitle, true},
		{"content", f.Content, lines, MaxFormContent, false},
		{"image", f.Image, fixed, MaxLink, false},
	}
	for i, r := range f.Rows {
		at := "rows[" + strconv.Itoa(i) + "]."
		list = append(list, field{at + "key", r.Key, line, MaxRowKey, true}, field{at + "value", r.Value, lines, MaxRowValue, true})
	}
	return append(list,
		field{"mobile_url", f.MobileLink, link, MaxLink, true},
		field{"pc_url", f.PCLink, link, MaxLink, false})
}

// Change is a field in which two versions of a form differ.
type Change struct {
	Field  string `json:"field" doc:"Such as title, rows[2].value or parameters.who.sample."`
	Before string `json:"before" doc:"What it was; empty if it was not there."`
	After  string `json:"after" doc:"What it is; empty if it is not there."`
}

// Difference returns the fields that differ: those of before in its order, then
// those that only after has.
func Difference(before, after *Form) []Change {
	var changes []Change
	old, now := before.texts(), after.texts()
	oldText, newText := byPath(old), byPath(now)
	for _, f := range old {
		if text := newText[f.path]; text != f.text {
			changes = append(changes, Change{f.path, f.text, text})
		}
	}
	for _, f := range now {
		if _, known := oldText[f.path]; !known && f.text != "" {
			changes = append(changes, Change{f.path, "", f.text})
		}
	}
	return changes
}

// byPath returns the texts of fields, of two with one path the first.
func byPath(list []field) map[string]string {
	texts := make(map[string]string, len(list))
	for _, f := range list {
		if _, twice := texts[f.path]; !twice {
			texts[f.path] = f.text
		}
	}
	return texts
}

// texts returns everything an author has written, parameters by their names.
func (f *Form) texts() []field {
	layout := ""
	if f.SideBySide {
		layout = "true"
	}
	list := append([]field{{path: "kind", text: string(f.Kind)}}, f.fields()...)
	list = append(list, field{path: "side_by_side", text: layout})
	for _, p := range f.Parameters {
		at, most := "parameters."+p.Name+".", ""
		if p.MaxLength > 0 {
			most = strconv.Itoa(p.MaxLength)
		}
		list = append(list,
			field{path: at + "description", text: p.Description}, field{path: at + "sample", text: p.Sample},
			field{path: at + "max_length", text: most}, field{path: at + "hosts", text: strings.Join(p.Hosts, " ")})
	}
	return list
}
