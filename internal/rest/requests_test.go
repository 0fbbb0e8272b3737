package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/rest/route"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMessages(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                               "page 20  0 false",
		"?limit=1":                       "page 1  0 false",
		"?limit=100&before=b&app=7":      "page 100 b 7 false",
		"?unread=true&limit=":            "page 20  0 true",
		"?limit=0":                       "limit",
		"?limit=101":                     "limit",
		"?limit=x":                       "limit",
		"?limit=99999999999999999999999": "limit",
		"?app=x":                         "app",
		"?app=-1":                        "app",
		"?unread=perhaps":                "unread",
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodGet, "/api/v1/inbox/messages"+query, ours, "")
		if strings.HasPrefix(want, "page") {
			if w.Code != http.StatusOK || len(h.asked) != 1 || h.asked[0] != want {
				t.Errorf("%s: %d, asked %q, want %q", query, w.Code, h.asked, want)
			}
			continue
		}
		p := problem(t, w)
		if w.Code != http.StatusBadRequest || p.Code != fault.CodeParameterInvalid || p.Field != want || len(h.asked) > 0 {
			t.Errorf("%s: %+v", query, p)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	long := `{"message_ids":["` + strings.Repeat("x", 64<<10) + `"]}`
	exact := `{"message_ids":["` + strings.Repeat("x", 64<<10-20) + `"]}`
	for body, want := range map[string]string{
		`{"message_ids":["a","b"]}`:                    "read 1 a,b",
		`{"message_ids":[]}`:                           "read 1 ",
		`{"all":true,"through":"9007199254740"}`:       "read all 1 9007199254740 of 0",
		`{"all":true,"through":42}`:                    "read all 1 42 of 0",
		`{"all":true,"through":"42","app":"7"}`:        "read all 1 42 of 7",
		`{"all":true,"through":"42","app":7}`:          "read all 1 42 of 7",
		`{"all":true,"through":"42","app":0}`:          "parameter_invalid app",
		`{"all":true,"through":"42","app":"0"}`:        "parameter_invalid app",
		`{"all":true,"through":"42","app":"x"}`:        "parameter_invalid app",
		`{"all":true,"app":"7"}`:                       "parameter_missing through",
		`{"message_ids":["a"],"app":"7"}`:              "parameter_invalid app",
		`{"app":"7"}`:                                  "parameter_invalid app",
		`{"all":false,"message_ids":["a"]}`:            "read 1 a",
		exact:                                          "read 1 " + strings.Repeat("x", 64<<10-20),
		long:                                           "body_too_large ",
		`{"all":true}`:                                 "parameter_missing through",
		`{"all":true,"through":-1}`:                    "parameter_invalid through",
		`{"all":true,"through":1.5}`:                   "parameter_invalid through",
		`{"all":true,"through":"x"}`:                   "parameter_invalid through",
		`{"all":true,"through":true}`:                  "parameter_invalid through",
		`{"all":true,"through":"9999999999999999999"}`: "body_malformed ",
		`{"all":true,"through":1,"message_ids":["a"]}`: "parameter_invalid all",
		`{"through":1,"message_ids":["a"]}`:            "parameter_invalid through",
		`{}`:                                           "parameter_missing message_ids",
		`{"message_ids":"a"}`:                          "parameter_invalid message_ids",
		`{"message_ids":[1]}`:                          "parameter_invalid message_ids[0]",
		`{"message_ids":["a"],"extra":1}`:              "parameter_invalid extra",
		`[]`:                                           "parameter_invalid ",
		`{"message_ids":["a"]} {}`:                     "body_malformed ",
		`{"message_ids":["a"]`:                         "body_malformed ",
		`{"message_ids":["secret"`:                     "body_malformed ",
		"\xef\xbb\xbf{}":                               "body_malformed ",
		"{\"message_ids\":[\"\xff\"]}":                 "body_malformed ",
		`{"message_ids":["\u0000"]}`:                   "body_malformed ",
		"":                                             "body_malformed ",
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodPost, "/api/v1/inbox/read", ours, body)
		if strings.HasPrefix(want, "read") {
			if w.Code != http.StatusNoContent || w.Body.Len() > 0 || len(h.asked) != 1 || h.asked[0] != want {
				t.Errorf("%.60s: %d %s, asked %.60q", body, w.Code, w.Body, h.asked)
			}
			continue
		}
		if w.Body.Len() == 0 {
			t.Errorf("%.60s: accepted with %d", body, w.Code)
			continue
		}
		p := problem(t, w)
		if got := fmt.Sprintf("%s %s", p.Code, p.Field); got != want || w.Code/100 != 4 || len(h.asked) > 0 {
			t.Errorf("%.60s: %d %q (%s), want %q", body, w.Code, got, p.Detail, want)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("the body is repeated: %s", w.Body)
		}
	}
	w := ask(t, newHouse().handler(), http.MethodPost, "/api/v1/inbox/read", ours, `{"message_ids":[]}`, "Content-Type", "text/plain")
	if p := problem(t, w); p.Code != fault.CodeBodyMalformed || w.Code != http.StatusBadRequest {
		t.Errorf("as text: %+v", p)
	}
}

func TestEventsBegin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, header, want string }{
		{"", "", "stream now"},
		{"?after=7", "", "stream 7"},
		{"?after=7", "9", "stream 9"},
		{"?after=0", "", "stream 0"},
		{"?after=x", "9", "stream 9"},
		{"?after=x", "", "after"},
		{"?after=-1", "", "after"},
		{"?after=99999999999999999999", "", "after"},
		{"", "x", "Last-Event-ID"},
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodGet, "/api/v1/inbox/events"+c.query, ours, "", "Last-Event-ID", c.header)
		if strings.HasPrefix(c.want, "stream") {
			if len(h.asked) != 1 || h.asked[0] != c.want {
				t.Errorf("%+v: asked %v", c, h.asked)
			}
		} else if p := problem(t, w); p.Field != c.want || p.Code != fault.CodeParameterInvalid {
			t.Errorf("%+v: %+v", c, p)
		}
	}
}

// What a console is told is in the form of the requests that read it, and names 20
// tasks to watch at most.
func TestConsoleIsTold(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		"?after=1&watch=11,11,12": {
			`counts 0 {"task_id":"11","counts":{"named":4,"sent":3,"read":2,"held":1,"failed":0,"invalid":0},"counted_at":"2023-11-14T22:15:00Z"}`,
			`template 0 {"template_id":"0123456789abcdef0123456789abcdef","state":"in_review"}`, `reviews 0 {"count":7}`,
			`task 7 {"task_id":"11","revision":"7",`, `changed 8 {"task_id":"11","revision":"8"}`, `recalled 9 {"task_id":"11","revision":"9"}`,
		},
		"?after=0": {`reviews 0 {"count":7}`, `reload 9 {"revision":"9"}`},
		"?watch=x": {"watch"}, "?watch=0": {"watch"}, "?watch=1,": {"watch"}, "?after=x": {"after"},
		"?watch=1" + strings.Repeat(",1", 20): {"watch", `"limit":20`, `"actual":21`},
	} {
		w := ask(t, newHouse().handler(), http.MethodGet, "/api/v1/console/events"+query, ours, "")
		for _, text := range want {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %d, no %s in %s", query, w.Code, text, w.Body)
			}
		}
		if strings.Contains(want[0], " ") != (w.Code == http.StatusOK) {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

func TestStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		handler := h.handler()
		streams := map[string]chan struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		for name, token := range map[string]string{"desk": ours, "phone": ours, "other": theirs} {
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/inbox/events", nil)
			r.Header.Set("Authorization", "Bearer "+token)
			done := make(chan struct{})
			streams[name] = done
			go func() {
				defer close(done)
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}()
		}
		pass := time.NewTimer(time.Hour)
		<-pass.C
		ended := func(name string) bool {
			select {
			case <-streams[name]:
				return true
			default:
				return false
			}
		}
		if ended("desk") || ended("other") {
			t.Fatal("a stream ended without a reason")
		}
		h.revoke(ours)
		pass.Reset(time.Second)
		<-pass.C
		synctest.Wait()
		if !ended("desk") || !ended("phone") || ended("other") {
			t.Errorf("a second after: desk %v, phone %v, other %v", ended("desk"), ended("phone"), ended("other"))
		}
		cancel() // with nothing left to watch the watch ends: the bubble waits for it
	})
}

func TestFailuresAreProblems(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, method, target, body string) {
		if route := method + " " + target; route == signInHelp || route == signInWays { // asks nobody who could fail
			return
		}
		us, as := credential(method+" "+target, ours, ourCookie)
		for _, c := range []struct {
			err    error
			status int
		}{
			{errHidden, http.StatusInternalServerError},
			{fmt.Errorf("inbox: %w", fault.New(fault.CodeBusy, "busy").WithRetryAfter(1500*time.Millisecond).Because(errHidden)), http.StatusServiceUnavailable},
		} {
			h := newHouse()
			h.fails = c.err
			w := ask(t, h.handler(), method, target, us, body, as...)
			problem(t, w)
			if w.Code != c.status || strings.Contains(w.Body.String(), errHidden.Error()) {
				t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
			}
			if c.status == http.StatusServiceUnavailable && w.Header().Get("Retry-After") != "2" {
				t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
			}
			log := h.log.String()
			if strings.Count(log, errHidden.Error()) != 1 || strings.Contains(log, ours) {
				t.Errorf("log %s", log)
			}
		}
		h := newHouse()
		h.panics = true
		w := ask(t, h.handler(), method, target, us, body, as...)
		problem(t, w)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret-of-a-panic") {
			t.Errorf("panic: %d %s", w.Code, w.Body)
		}
	})
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	handler := newHouse().handler()
	check := func(t *testing.T, method, target, token, body string) {
		t.Helper()
		h := ask(t, handler, method, target, token, body).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %q", name, h.Get(name))
			}
		}
		if cc := h.Get("Cache-Control"); cc != "no-store" && !strings.Contains(target, "/media/") {
			t.Errorf("Cache-Control %q", cc)
		}
		if h.Get("X-Request-Id") == "" {
			t.Error("no request id")
		}
	}
	each(t, func(t *testing.T, method, target, body string) {
		check(t, method, target, ours, body)
		check(t, method, target, "", body)
	})
	check(t, http.MethodGet, "/api/v1/none", "", "")
	check(t, http.MethodGet, "/api/v1/openapi.json", "", "")
}

func TestOtherSitesCannotPost(t *testing.T) {
	t.Parallel()
	h := newHouse()
	handler := h.handler()
	body := `{"message_ids":["a"]}`
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example.com"}} {
		w := ask(t, handler, http.MethodPost, "/api/v1/inbox/read", ours, body, header...)
		if p := problem(t, w); w.Code != http.StatusForbidden || p.Code != fault.CodePermissionDenied || len(h.asked) > 0 {
			t.Errorf("%v: %d", header, w.Code)
		}
	}
	if w := ask(t, handler, http.MethodPost, "/api/v1/inbox/read", ours, body, "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusNoContent {
		t.Errorf("from our own page: %d", w.Code)
	}
}

func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	for _, code := range append(fault.Codes(), "nobody_declared") {
		f := fault.New(code, "x")
		status := route.Status(f)
		if status < 400 || status > 599 || http.StatusText(status) == "" {
			t.Errorf("%s: %d", code, status)
		}
		if client := f.Kind != fault.Internal && f.Kind != fault.Unavailable && code != fault.CodeStorageFull; client != (status < 500) {
			t.Errorf("%s (%v): %d", code, f.Kind, status)
		}
	}
}

func TestMeAndUnread(t *testing.T) {
	t.Parallel()
	handler := newHouse().handler()
	for target, want := range map[string]string{
		"/api/v1/me":           `{"userid":"ann","name":"Ann secret_of_1","organization":{"corp_id":"corp1","name":"secret_of_1"},"time_zone":"Asia/Shanghai","roles":["author","reviewer","auditor","administrator","owner"],"granters":[{"userid":"boss","name":"secret_of_1"}],"pages":["templates","reviews","audit","notifications","compose","apps"],"compose_apps":[{"agent_id":"7","name":"secret_of_1","icon":"","kind":"internal","direct":true,"templates":false,"everyone":false}]}`,
		"/api/v1/inbox/unread": `{"count":1,"by_app":{"secret_of_1":1}}`,
	} {
		if w := ask(t, handler, http.MethodGet, target, ours, ""); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %s", target, w.Body)
		}
	}
}

func TestOneBearerHeader(t *testing.T) {
	t.Parallel()
	for value, status := range map[string]int{
		"Bearer " + ours: 200, "bearer " + ours: 200, "BEARER  " + ours: 200,
		ours: 401, "Basic " + ours: 401, "Bearer": 401, "Bearer " + ours + " x": 401,
	} {
		w := ask(t, newHouse().handler(), http.MethodGet, "/api/v1/me", "", "", "Authorization", value)
		if w.Code != status {
			t.Errorf("%q: %d", value, w.Code)
		}
	}
}
