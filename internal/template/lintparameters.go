package template

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// counts checks how many of everything there are.
func (l *linter) counts() {
	if n := len(l.form.Rows); n > MaxRows {
		l.error(RuleRowsMany, "rows", fmt.Sprintf("there are %d rows, the limit is %d", n, MaxRows), "remove rows")
	} else if n > AdvisedRows {
		l.warn(RuleRowsMany, "rows", fmt.Sprintf("there are %d rows; %d are shown at once", n, AdvisedRows), "keep what people must see in the first six")
	}
	if l.form.Kind == KindActionCard {
		if n := len(l.form.Actions); n == 0 {
			l.error(RuleActions, "actions", "there is no action", "add one for a card that leads to one place, or several")
		} else if n > MaxActions {
			l.error(RuleActionsMany, "actions", fmt.Sprintf("there are %d actions, the limit is %d", n, MaxActions), "remove actions")
		}
	}
	if n := len(l.form.Parameters); n > MaxParameters {
		l.error(RuleParameterMany, "parameters", fmt.Sprintf("there are %d parameters, the limit is %d", n, MaxParameters), "remove parameters")
	} else if n > AdvisedParameters {
		l.warn(RuleParameterMany, "parameters", fmt.Sprintf("there are %d parameters; more than %d are hard to fill in", n, AdvisedParameters), "write more of the text itself")
	}
}

// declared checks the descriptions of the parameters.
func (l *linter) declared() {
	seen := map[string]bool{}
	for _, p := range l.form.Parameters[:min(len(l.form.Parameters), MaxParameters)] {
		at := "parameters." + short(p.Name)
		switch {
		case !isName(p.Name) || len(p.Name) > MaxName:
			l.error(RuleParameterInvalid, at, fmt.Sprintf("%q is no name of a parameter", cut(p.Name)), "use letters, digits and underscores, not a digit first; the limit is 64").about(p.Name)
			continue
		case seen[p.Name]:
			l.error(RuleParameterTwice, at, "is described twice", "describe it once").about(p.Name)
			continue
		}
		seen[p.Name] = true
		if !l.used[p.Name] {
			l.error(RuleParameterUnused, at, fmt.Sprintf("${%s} is used nowhere", p.Name), "use it, or remove its description").about(p.Name)
		}
		l.described(p, at)
	}
}

func (l *linter) described(p Parameter, at string) {
	if strings.TrimSpace(p.Description) == "" {
		l.warn(RuleDescription, at+".description", "says nothing", "say what senders fill in").about(p.Name)
	}
	for _, text := range [...]struct {
		field, text string
		limit       int
	}{{".description", p.Description, MaxDescription}, {".sample", p.Sample, MaxSample}} {
		if n := utf8.RuneCountInString(text.text); n > text.limit {
			l.error(RuleLong, at+text.field, fmt.Sprintf("has %d characters, the limit is %d", n, text.limit), "make it shorter").about(p.Name)
		}
	}
	if p.MaxLength < 0 || p.MaxLength > MaxContent {
		l.error(RuleParameterInvalid, at+".max_length", fmt.Sprintf("is %d; it is 1 to %d, or 0 for none", p.MaxLength, MaxContent), "choose a length").about(p.Name)
	}
	if n := len(p.Hosts); n > MaxHosts {
		l.error(RuleParameterInvalid, at+".hosts", fmt.Sprintf("there are %d hosts, the limit is %d", n, MaxHosts), "remove hosts").about(p.Name)
		return
	}
	for _, h := range p.Hosts {
		if l := message.Resolve("https://" + h); l.Kind == message.LinkWeb && l.Host == h {
			continue
		}
		l.error(RuleParameterInvalid, at+".hosts", fmt.Sprintf("%q is no host", cut(h)), "write a name such as example.com, in small letters").about(p.Name)
	}
}

// short cuts off what is too much for a parameter's name.
func short(name string) string { return strings.ToValidUTF8(name[:min(len(name), MaxName)], "") }

// samples fills in the samples: what does not work with them works with
// nothing. Fails with the context's error only.
func (l *linter) samples() error {
	t := compile(l.form)
	_, err := t.Sample()
	var f *fault.Fault
	switch {
	case errors.As(err, &f) && !errors.Is(err, errFrame):
		l.error(RuleSample, f.Field, f.Text, "choose samples that could be sent").about(ofValue(f.Field))
		return nil
	case err != nil && !errors.Is(err, errFrame):
		l.error(RuleSample, "parameters", "cannot be filled in", "choose samples that could be sent")
		return nil
	}
	for _, f := range t.layouts {
		name, err := t.unsettled(l.ctx, f)
		if err != nil {
			return err
		}
		if name != "" {
			l.error(RuleParameterPlace, f.path, fmt.Sprintf("some values of ${%s} would change what the text around it means", name),
				"put spaces around it; let an address stand in a link, [words](address); close what you open").about(name)
		}
	}
	if err != nil && !l.failed() {
		l.error(RuleSample, f.Field, f.Text, "choose samples that could be sent")
	}
	return nil
}

// ofValue returns the parameter that the field of a value names; "" for what is no
// parameter's.
func ofValue(field string) string {
	name, found := strings.CutPrefix(field, "data.")
	if !found {
		return ""
	}
	return name
}

// unsettled returns a parameter of a Markdown text for which there are values
// that there is no way to write there; "" when there is none. It may stand beside
// something that was left open, such as the underscore before an address that
// holds another. Tried are values that mean different things to Markdown where
// they begin and where they end, at all places of a parameter at once. Fails with
// the context's error only.
func (t *Template) unsettled(ctx context.Context, f *layout) (string, error) {
	tried := map[string]bool{}
	for _, p := range f.parts {
		if p.place != inProse && p.place != inLink || f.holds != markdown || tried[p.name] {
			continue
		}
		tried[p.name] = true
		for _, value := range [...]string{"", "0", "-", "%", "中", "\n"} {
			if err := ctx.Err(); err != nil {
				return "", fmt.Errorf("template: %w", err)
			}
			v := newValues(t.SamplesWith(Values{p.name: value}), t.parameters)
			if _, err := f.write(v); errors.Is(err, errFrame) {
				return p.name, nil
			}
		}
	}
	return "", nil
}
