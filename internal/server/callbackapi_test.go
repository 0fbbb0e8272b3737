package server_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	eventcall "github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/directory"
)

// toldCallback is a callback as our own API tells it.
type toldCallback struct {
	Callback *struct {
		URL           string
		HasQuery      bool `json:"has_query"`
		Events        []string
		KeyID         string `json:"key_id"`
		ByOperator    bool   `json:"by_operator"`
		Waiting       int
		GivenUp       int `json:"given_up"`
		Failures      int
		NextAttemptAt *string      `json:"next_attempt_at"`
		LastSuccessAt *string      `json:"last_success_at"`
		LastFailureAt *string      `json:"last_failure_at"`
		LastFailure   *toldFailure `json:"last_failure"`
	}
	Available []string
	TwoNames  []struct{ Older, Newer string } `json:"two_names"`
}

type toldFailure struct {
	Reason string
	Status int
}

type toldTest struct {
	Delivered bool
	Failure   *toldFailure
}

func callbackBody(url, events string) string {
	return fmt.Sprintf(`{"url":%q,"events":[%s],"token":%q,"aes_key":%q}`, url, events, hookToken, hookKey)
}

// say answers with a text, or with an encrypted failure.
func (h *hook) say(w http.ResponseWriter, text string) {
	if text != "" {
		_, _ = w.Write([]byte(text))
		return
	}
	sealed := h.cipher.Seal("failure")
	_ = json.NewEncoder(w).Encode(map[string]string{"msg_signature": h.cipher.Sign("1", "n", sealed), "timeStamp": "1", "nonce": "n", "encrypt": sealed})
}

// inside serves the hook at an address that the operator has not opened, too; "" on a
// system that has only one address of loopback.
func (h *hook) inside(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		return ""
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL + "/hook?own=1"
}

// callbackStage is an organization whose developer dev sets callbacks.
func callbackStage(t *testing.T, engine string) (s stage, f firm, path string) {
	c := settings(t, engine)
	c.OutboundAllow = loopback()
	s = stage{node: mustRun(t, c, nil)}
	f = s.mustFirm("Ours", "ann", "dev")
	s.mustRoles(f, "dev", "developer")
	return s, f, fmt.Sprint("apps/", f.agent, "/callback")
}

// A developer sets, changes, tests and removes a callback; its secrets are never told.
func TestCallbackOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s, f, path := callbackStage(t, engine)
		dev, h := f.tokens["dev"], mustHook(t, f.key)
		var told toldCallback
		s.tell(t, dev, http.MethodGet, path, "", 200, &told)
		if told.Callback != nil || len(told.Available) != 6 || told.TwoNames == nil || len(told.TwoNames) != 0 {
			t.Errorf("before: %+v", told)
		}
		s.tell(t, dev, http.MethodPut, path, callbackBody(h.url, `"user_add_org"`), 200, &told)
		c := told.Callback
		if c == nil || c.URL+"?own=1" != h.url || !c.HasQuery || c.KeyID != "app_key" || c.ByOperator || len(c.Events) != 1 || c.LastFailure != nil || c.NextAttemptAt != nil {
			t.Fatalf("set: %+v", c)
		}
		if _, text := s.ask(http.MethodGet, path, dev, ""); strings.Contains(text, hookToken) || strings.Contains(text, hookKey) || strings.Contains(text, "own=1") {
			t.Errorf("told: %s", text)
		}
		add := func(userid string) {
			_, err := s.Directory().CreateUser(t.Context(), audit.ByOperator(), f.id, directory.NewUser{Userid: userid, Name: userid})
			must(t, err)
		}
		add("eve")
		h.mustHear(t, "user_add_org [eve]")

		// What is left out stays, the query and the secrets too.
		s.tell(t, dev, http.MethodPut, path, `{"events":["user_add_org","user_leave_org"]}`, 200, &told)
		if c := told.Callback; c == nil || len(c.Events) != 2 || c.URL+"?own=1" != h.url || c.LastSuccessAt == nil {
			t.Errorf("changed: %+v", c)
		}
		add("fay")
		h.mustHear(t, "user_add_org [eve]", "user_add_org [fay]")
		var tested toldTest
		s.tell(t, dev, http.MethodPost, path+"/test", "", 200, &tested)
		if !tested.Delivered || tested.Failure != nil {
			t.Errorf("tested: %+v", tested)
		}

		for want, says := range map[string]string{"form": "success", "unreadable": `{"encrypt":"x","msg_signature":"x","nonce":"n","timeStamp":"1"}`, "not_success": ""} {
			h.set(func(w http.ResponseWriter, _ *http.Request) { h.say(w, says) })
			tested = toldTest{}
			s.tell(t, dev, http.MethodPost, path+"/test", "", 200, &tested)
			if tested.Delivered || tested.Failure == nil || *tested.Failure != (toldFailure{want, 0}) {
				t.Errorf("tested, and it says %q: %+v", says, tested)
			}
		}
		h.set(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "away", http.StatusServiceUnavailable) })
		s.tell(t, dev, http.MethodPost, path+"/test", "", 200, &tested)
		if tested.Delivered || tested.Failure == nil || *tested.Failure != (toldFailure{"status", 503}) {
			t.Errorf("tested while it is away: %+v", tested)
		}
		add("gus")
		until(t, "a failure", func() bool {
			told = toldCallback{}
			s.tell(t, dev, http.MethodGet, path, "", 200, &told)
			return told.Callback.Failures > 0
		})
		if c := told.Callback; c.Waiting != 1 || c.NextAttemptAt == nil || c.LastFailureAt == nil || c.LastFailure == nil || *c.LastFailure != (toldFailure{"status", 503}) {
			t.Errorf("failing: %+v", c)
		}
		h.set(nil)
		tested = toldTest{}
		s.tell(t, dev, http.MethodPost, path+"/test", "", 200, &tested)
		if !tested.Delivered {
			t.Errorf("tested when it is back: %+v", tested)
		}
		h.mustHear(t, "user_add_org [eve]", "user_add_org [fay]", "user_add_org [gus]")

		if status, text := s.ask(http.MethodDelete, path, dev, ""); status != http.StatusNoContent {
			t.Errorf("removed: %d %s", status, text)
		}
		told = toldCallback{}
		s.tell(t, dev, http.MethodGet, path, "", 200, &told)
		if told.Callback != nil {
			t.Errorf("afterwards: %+v", told.Callback)
		}
	})
}

// What cannot be set changes nothing, and nothing of what is inside is told.
func TestCallbackRefusedOverTheAPI(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s, f, path := callbackStage(t, engine)
		dev, h := f.tokens["dev"], mustHook(t, f.key)
		refuse := func(body, want string) {
			t.Helper()
			var p struct{ Code, Field, Detail string }
			var status int
			_, _ = fmt.Sscan(want, &status)
			s.tell(t, dev, http.MethodPut, path, body, status, &p)
			if got := fmt.Sprint(status, " ", p.Code, " ", p.Field); got != want {
				t.Errorf("%s: %s, want %s", body, got, want)
			}
			if strings.Contains(p.Detail, "10.0.0.1") || strings.Contains(p.Detail, "outbound-allow") || strings.Contains(p.Detail, "connection") {
				t.Errorf("%s tells what is inside: %s", body, p.Detail)
			}
		}
		// Whoever looks at apps, and changes none, looks at this.
		s.mustRoles(f, "ann", "auditor")
		var read toldCallback
		s.tell(t, f.tokens["ann"], http.MethodGet, path, "", 200, &read)
		for _, call := range []string{"PUT " + path, "DELETE " + path, "POST " + path + "/test"} {
			method, path, _ := strings.Cut(call, " ")
			var p struct{ Code string }
			if s.tell(t, f.tokens["ann"], method, path, `{"events":["user_add_org"]}`, 403, &p); p.Code != "permission_denied" {
				t.Errorf("%s by an auditor: %s", call, p.Code)
			}
		}
		one := `"user_add_org"`
		refuse(`{"events":["user_add_org"]}`, "400 parameter_invalid aes_key")
		refuse(`{"events":["user_add_org"],"url":"`+h.url+`","aes_key":"`+hookKey+`"}`, "400 parameter_invalid token")
		refuse(callbackBody("", one), "400 callback_url_invalid url")
		refuse(callbackBody("ftp://example.com/", one), "400 callback_url_invalid url")
		refuse(callbackBody(h.url, `"bpms_task_change"`), "400 callback_event_unknown events")
		refuse(callbackBody("http://10.0.0.1/", one), "400 callback_unreachable url")
		refuse(callbackBody("http://[::1]:1/", one), "400 callback_unreachable url")
		refuse(callbackBody("http://127.0.0.1:1/", one), "400 callback_unreachable url")
		inside := h.inside(t)
		if inside != "" { // it would answer well
			refuse(callbackBody(inside, one), "400 callback_unreachable url")
		}
		h.meet(true)
		refuse(strings.Replace(callbackBody(h.url, one), hookToken, "another", 1), "400 callback_answer_wrong url")
		h.meet(false)
		var told toldCallback
		s.tell(t, dev, http.MethodGet, path, "", 200, &told)
		if told.Callback != nil {
			t.Errorf("afterwards: %+v", told.Callback)
		}

		// An address that the operator has set is not led elsewhere inside.
		must(t, s.Callbacks().Set(t.Context(), audit.ByOperator(), eventcall.Key{Organization: f.id, AppID: s.appID(t, f)},
			eventcall.Settings{URL: h.url, Tags: eventcall.Tags(), Token: hookToken, AESKey: hookKey}))
		if inside != "" {
			refuse(`{"events":["user_add_org"],"url":"`+inside+`"}`, "400 callback_unreachable url")
		}
		s.tell(t, dev, http.MethodPut, path, `{"events":["user_add_org"]}`, 200, &told)
		if told.Callback == nil || !told.Callback.ByOperator {
			t.Errorf("what stays the operator's: %+v", told.Callback)
		}

		must(t, s.Apps().SetGrants(t.Context(), audit.ByOperator(), f.id, s.appID(t, f), app.Grants{Scopes: []string{app.ScopeSend}}))
		refuse(`{"events":["user_add_org"]}`, "403 permission_denied scopes")
	})
}
