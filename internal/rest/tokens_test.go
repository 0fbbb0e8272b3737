package rest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	handler := newHouse().handler()
	const one = `{"token_id":"tdp_ours","name":"secret_of_1","created_at":"2023-11-14T22:13:20Z","expires_at":"2023-11-14T23:13:20Z","revoked_at":null,"current":%v}`
	const old = `{"token_id":"old","name":"old","created_at":"2023-11-14T22:13:20Z","expires_at":"2023-11-14T23:13:20Z","revoked_at":"2023-11-14T22:14:20Z","current":false}`
	for current, header := range map[bool][]string{false: {"Cookie", ourCookie}, true: {"Authorization", "Bearer " + ours}} {
		want := fmt.Sprintf(`{"items":[`+one+`,`+old+`]}`, current)
		if w := ask(t, handler, http.MethodGet, "/api/v1/tokens", "", "", header...); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%v: %s", header[0], w.Body)
		}
	}
}

func TestRevokeToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id, cookie, token string
		status            int
		asked             string
	}{
		{ours, ourCookie, "", http.StatusNoContent, "revoke 1 ann " + ours},
		{"old", "", ours, http.StatusNoContent, "revoke 1 ann old"},
		{"current", "", ours, http.StatusNoContent, "revoke 1 ann " + ours},
		{"current", ourCookie, "", http.StatusNotFound, "revoke 1 ann current"},
		{ours, theirCookie, "", http.StatusNotFound, "revoke 2 ann " + ours},
		{"none", ourCookie, "", http.StatusNotFound, "revoke 1 ann none"},
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodDelete, "/api/v1/tokens/"+c.id, c.token, "", "Cookie", c.cookie)
		if w.Code != c.status || !slices.Equal(h.asked, []string{c.asked}) {
			t.Errorf("%+v: %d, asked %q", c, w.Code, h.asked)
		}
	}
}

func TestSignInHelp(t *testing.T) {
	t.Parallel()
	for contact, empty := range map[string]bool{"": true, "IT help desk, extension 5555": false} {
		h := newHouse()
		h.contact, h.empty = contact, empty
		w := ask(t, h.handler(), http.MethodGet, "/api/v1/sign-in-help", "", "")
		if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusOK || got != fmt.Sprintf(`{"contact":%q,"setup":%v}`, contact, empty) {
			t.Errorf("%d %s", w.Code, got)
		}
	}
}
