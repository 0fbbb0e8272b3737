package rest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
)

const ourCallback = "/api/v1/apps/" + ourAgent + "/callback"

// Neither the secrets of a callback, nor the query of its address, nor what only the
// operator may know of a failure are told.
func TestCallbackIsToldWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	h := newHouse()
	w := ask(t, h.handler(), http.MethodGet, ourCallback, ours, "")
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "hidden") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	var told struct {
		Callback struct {
			URL           string
			HasQuery      bool `json:"has_query"`
			Waiting       int
			GivenUp       int     `json:"given_up"`
			NextAttemptAt *string `json:"next_attempt_at"`
			LastSuccessAt *string `json:"last_success_at"`
			LastFailure   struct {
				Reason string
				Status int
			} `json:"last_failure"`
		}
		Available []string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	c := told.Callback
	if c.URL != "https://example.com/"+secret(1) || !c.HasQuery || c.Waiting != 3 || c.GivenUp != 4 || c.NextAttemptAt == nil || c.LastSuccessAt != nil ||
		c.LastFailure.Reason != "status" || c.LastFailure.Status != 503 || len(told.Available) != 6 {
		t.Errorf("told: %s", w.Body)
	}
}

// What is saved is passed on as it was said, and a refusal names the field by our name.
func TestSaveCallback(t *testing.T) {
	t.Parallel()
	h := newHouse()
	body := `{"url":"https://example.com/?a=1","events":["user_add_org"],"token":"t","aes_key":"k"}`
	if w := ask(t, h.handler(), http.MethodPut, ourCallback, ours, body); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "aes_key") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !slices.Contains(h.asked, "save callback {1 1} https://example.com/?a=1 [user_add_org] t k") {
		t.Errorf("asked: %q", h.asked)
	}
	for body, want := range map[string]string{
		`{}`:            "parameter_missing events",
		`{"events":[]}`: "parameter_invalid events",
		`{"events":["user_add_org"],"by_operator":true}`:                          "parameter_invalid by_operator",
		`{"events":["user_add_org"],"token":"` + strings.Repeat("x", 65) + `"}`:   "parameter_invalid token",
		`{"events":["user_add_org"],"aes_key":"` + strings.Repeat("x", 44) + `"}`: "parameter_invalid aes_key",
	} {
		p := problem(t, ask(t, h.handler(), http.MethodPut, ourCallback, ours, body))
		if got := string(p.Code) + " " + p.Field; got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	p := problem(t, ask(t, h.handler(), http.MethodPut, ourCallback, ours, `{"events":["nothing"]}`))
	if p.Code != fault.CodeCallbackTag || p.Field != "events" {
		t.Errorf("refused: %+v", p)
	}
}
