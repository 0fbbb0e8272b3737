package template_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/template"
)

// Whoever can tell one error only finds the first, everybody else all.
func TestFormErrorHoldsAllErrors(t *testing.T) {
	t.Parallel()
	f := template.Form{
		Kind: template.KindMarkdown, Name: "n", Title: "t", Content: "# heading\n<b>x</b> ${p}",
		Parameters: []template.Parameter{{Name: "p", Sample: "s"}},
	}
	var wrong []template.Finding
	for _, found := range mustLint(t, f) {
		if found.Severity == template.Error {
			wrong = append(wrong, found)
		}
	}
	_, err := template.Compile(t.Context(), f)
	err = fmt.Errorf("review.Submit: %w", err)
	var all *template.FormError
	if !errors.As(err, &all) || len(wrong) < 3 || !slices.Equal(all.Findings, wrong) {
		t.Fatalf("%v holds %+v, want %+v", err, all, wrong)
	}
	if first := fault.From(err); first.Code != fault.CodeTemplateFormInvalid || first.Field != wrong[0].Field || first.Text != wrong[0].Field+": "+wrong[0].Text {
		t.Errorf("the first is told as %v", first)
	}
}

func TestUsedParameters(t *testing.T) {
	t.Parallel()
	f := template.Form{
		Kind: template.KindForm, Title: "${t}", HeadText: "${b}", Content: "${a} ${b} ${a}",
		Rows:       []template.Row{{Key: "k", Value: "${r} ${"}, {Key: "${c}", Value: "v"}},
		Actions:    []template.Action{{Title: "${of another kind}"}},
		Parameters: []template.Parameter{{Name: "unused"}},
	}
	if got := template.Used(f); !slices.Equal(got, []string{"b", "t", "a", "c"}) {
		t.Errorf("used %v", got)
	}
	if got := template.Used(template.Form{}); len(got) != 0 {
		t.Errorf("an empty form uses %v", got)
	}
}
