package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/rest"
)

// What somebody sees while they write: findings, and as much of the card as there is.
func TestCheckTemplate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, findings, card string }{
		{`{"form":{"kind":"markdown"}}`, "field_missing name, field_missing use_case, field_missing title, field_missing content", ""},
		{`{"form":{"kind":"markdown","name":"n","use_case":"u","title":"t","content":"# Of ${who}"}}`, "parameter_unknown content who, heading content", "Of ${who}"},
		{`{"form":` + ourForm + `}`, "", "Hello, Ann"},
		{`{"form":` + ourForm + `,"values":{"who":"you"}}`, "", "Hello, you"},
		{`{"form":` + ourForm + `,"values":{"who":"$userName=ann$"}}`, "", "Hello, Ann of secret_of_1"},
		{`{"form":` + ourForm + `,"values":{"who":"` + strings.Repeat("x", 5001) + `"}}`, "value_does_not_fit values.who who", "Hello, ${who}"},
	} {
		w := ask(t, newHouse().handler(), http.MethodPost, ourTemplates+"/check", ours, c.body)
		var got struct {
			rest.Lint
			Card *inbox.Card
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", c.body, w.Code, w.Body)
		}
		var findings []string
		for _, f := range got.Findings {
			findings = append(findings, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Rule, f.Field, f.Parameter)))
		}
		if said := strings.Join(findings, ", "); said != c.findings || got.Parameters == nil || !strings.Contains(w.Body.String(), `"findings":[`) {
			t.Errorf("%s: found %s", c.body, said)
		}
		if (got.Card == nil) != (c.card == "") || got.Card != nil && (!strings.Contains(got.Card.HTML, c.card+"<") || got.Card.App.AgentID != ourAgent) {
			t.Errorf("%s: shown %s", c.body, w.Body)
		}
	}
}
