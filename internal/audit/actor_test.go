package audit_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
)

func TestActorsAreWrittenAndRead(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]audit.Actor{
		"": {}, "operator": audit.Operator(), "3/17": audit.Person(3, 17), "3/0": audit.Person(3, 0), "app:3/5": audit.App(3, 5),
	} {
		text, err := a.MarshalText()
		if err != nil || string(text) != want {
			t.Errorf("%+v is written as %q, %v; want %q", a, text, err, want)
		}
		var back audit.Actor
		if err := back.UnmarshalText(text); err != nil || back != a {
			t.Errorf("%q is read as %+v, %v; want %+v", text, back, err, a)
		}
	}
	for _, bad := range []string{"3", "3/", "/3", "0/3", "-1/3", "app:3", "app:0/1", "app:3/0", "operators", "3/4294967296", "nobody"} {
		a := audit.Operator()
		if err := a.UnmarshalText([]byte(bad)); err == nil || !a.IsNobody() {
			t.Errorf("%q is read as %v, %v; want an error and nobody", bad, a, err)
		}
	}
}

// A field that was forgotten must give no right.
func TestZeroIsNobody(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]audit.Actor{
		"zero": {}, "no organization": audit.Person(0, 7), "zero By": audit.By{}.Actor, "an app of nowhere": audit.App(0, 5),
	} {
		if !a.IsNobody() || a.IsOperator() || a.IsPerson() {
			t.Errorf("%s is %v: nobody %v, operator %v, person %v", name, a, a.IsNobody(), a.IsOperator(), a.IsPerson())
		}
	}
	if a := audit.App(3, 5); a.IsPerson() || a.IsNobody() || a.AppID() != 5 {
		t.Errorf("%v is a person or nobody", a)
	}
}
