package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/fault"
)

var (
	ourCookie   = "tidings-1=" + ourSession
	theirCookie = "tidings-2=" + theirSession
)

func TestCookieStandsForItsPerson(t *testing.T) {
	t.Parallel()
	eachGuarded(t, func(t *testing.T, method, target, body string) {
		h := newHouse()
		handler := h.handler()
		w := ask(t, handler, method, target, "", body, "Cookie", "theme=dark; "+ourCookie)
		if w.Code >= http.StatusBadRequest || method == http.MethodGet && !strings.Contains(w.Body.String(), secret(1)) {
			t.Errorf("our own: %d %s", w.Code, w.Body)
		}
		h.revoke(ourSession)
		h.asked = nil
		for name, cookie := range map[string]string{
			"ended": ourCookie, "a token": "tidings-1=" + ours, "another's name": "tidings-2=" + ourSession, "https": "__Host-" + ourCookie,
			"a guess": "tidings-1=tds_1_" + strings.Repeat("z", 16) + "_" + strings.Repeat("z", 26),
		} {
			w := ask(t, handler, method, target, "", body, "Cookie", cookie)
			if p := problem(t, w); w.Code != http.StatusUnauthorized || p.Code != fault.CodeTokenMissing {
				t.Errorf("%s: %d %s", name, w.Code, p.Code)
			}
		}
		if len(h.asked) > 0 {
			t.Errorf("rooms were asked before the cookie: %v", h.asked)
		}
		if strings.Contains(h.log.String(), ourSession) {
			t.Error("a session is in the log")
		}
	})
}

// A session is no bearer token, and beside an Authorization header no cookie
// counts.
func TestOneWayToShowWhoOneIs(t *testing.T) {
	t.Parallel()
	h := newHouse()
	handler := h.handler()
	for _, header := range []string{"Bearer " + ourSession, "Bearer nobody", "Basic x", "Bearer", ""} {
		w := ask(t, handler, http.MethodGet, "/api/v1/me", "", "", "Authorization", header, "Cookie", ourCookie)
		if problem(t, w); w.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d", header, w.Code)
		}
	}
	w := ask(t, handler, http.MethodGet, "/api/v1/me", theirs, "", "Cookie", ourCookie)
	if !strings.Contains(w.Body.String(), secret(2)) {
		t.Errorf("the token's person is %s", w.Body)
	}
	if h.sessions != 0 {
		t.Errorf("%d questions about the cookie", h.sessions)
	}
}

func TestOneOfSeveralOrganizations(t *testing.T) {
	t.Parallel()
	both := theirCookie + "; " + ourCookie
	for _, c := range []struct {
		cookie, token, query string
		organization         int64 // 0 for nobody
		code                 fault.Code
	}{
		{both, "", "", 1, ""},
		{both, "", "?org=corp1", 1, ""},
		{both, "", "?org=corp2", 2, ""},
		{both, "", "?org=corp3", 0, fault.CodeTokenMissing}, // there is one, not ours
		{both, "", "?org=none", 0, fault.CodeTokenMissing},
		{both, "", "?org=", 0, fault.CodeTokenMissing},
		{theirCookie, "", "", 2, ""},
		{theirCookie, "", "?org=corp1", 0, fault.CodeTokenMissing},
		{"", "", "?org=corp1", 0, fault.CodeTokenMissing},
		{"tidings-1=" + strings.Replace(ourSession, "b", "x", 1) + "; " + both, "", "", 1, ""},
		{"", ours, "?org=corp1", 1, ""},
		{"", ours, "?org=corp2", 0, fault.CodeTokenMissing},
		{"", ours, "?org=none", 0, fault.CodeTokenMissing},
		{"", "tdp_guess", "?org=corp1", 0, fault.CodeTokenInvalid},
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodGet, "/api/v1/me"+c.query, c.token, "", "Cookie", c.cookie)
		if c.organization > 0 {
			if !strings.Contains(w.Body.String(), secret(c.organization)) {
				t.Errorf("%+v: %d %s", c, w.Code, w.Body)
			}
			continue
		}
		if p := problem(t, w); p.Code != c.code || w.Code != http.StatusUnauthorized {
			t.Errorf("%+v: %d %s", c, w.Code, p.Code)
		}
	}
}

// What is not one's own organization answers as none does, to the letter.
func TestOtherOrganizationIsLikeNone(t *testing.T) {
	t.Parallel()
	handler := newHouse().handler()
	eachGuarded(t, func(t *testing.T, method, target, body string) {
		answer := func(query, cookie string) string {
			w := ask(t, handler, method, target+query, "", body, "Cookie", cookie)
			p := problem(t, w)
			p.RequestID = ""
			return fmt.Sprintf("%d %+v", w.Code, p)
		}
		want := answer("", "")
		for _, query := range []string{"?org=corp2", "?org=none"} {
			if got := answer(query, ourCookie); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
	})
}

func TestManyCookies(t *testing.T) {
	t.Parallel()
	h := newHouse()
	var all []string
	for n := 3; n < 200; n++ {
		all = append(all, fmt.Sprintf("tidings-%d=tds_%d_%s_%s", n, n, strings.Repeat("a", 16), strings.Repeat("a", 26)))
	}
	w := ask(t, h.handler(), http.MethodGet, "/api/v1/me", "", "", "Cookie", strings.Join(all, "; "))
	if problem(t, w); h.sessions > account.MaxHeld {
		t.Errorf("one request asks for %d sessions", h.sessions)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
	for public, cookie := range map[string]string{
		"":                             "tidings-1=" + ourSession + "; Path=/; Max-Age=15552000; HttpOnly; SameSite=Lax",
		"http://tidings.example.com":   "tidings-1=" + ourSession + "; Path=/; Max-Age=15552000; HttpOnly; SameSite=Lax",
		"https://tidings.example.com":  "__Host-tidings-1=" + ourSession + "; Path=/; Max-Age=15552000; HttpOnly; Secure; SameSite=Lax",
		"https://tidings.example.com:": "", // no origin: said in the log
	} {
		h := newHouse()
		h.public = public
		w := ask(t, h.handler(), http.MethodPost, "/api/v1/sessions", "", `{"link":"`+ourLink+`"}`, "User-Agent", agent, "Cookie", theirCookie)
		if w.Code != http.StatusCreated || cookie != "" && w.Header().Get("Set-Cookie") != cookie || len(w.Header().Values("Set-Cookie")) != 1 {
			t.Errorf("%s: %d, %q", public, w.Code, w.Header().Values("Set-Cookie"))
		}
		want := `{"corp_id":"corp1","organization_name":"secret_of_1","userid":"ann","name":"Ann"}`
		if got := strings.TrimSpace(w.Body.String()); got != want {
			t.Errorf("%s: %s", public, got)
		}
		if held := strings.Contains(h.asked[0], theirSession); !strings.HasPrefix(h.asked[0], "sign in Firefox · Linux ") || held == strings.HasPrefix(public, "https") {
			t.Errorf("%s: asked %q", public, h.asked)
		}
		if strings.Contains(h.log.String(), ourSession) || strings.Contains(h.log.String(), ourLink) {
			t.Errorf("log %s", &h.log)
		}
	}
}

// Somebody else's session is replaced only by who says so; until then the link
// is not used, and what it would do can be asked.
func TestSignInAsSomebodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse()
	handler, link := h.handler(), `{"link":"`+ourLink+`"`
	w := ask(t, handler, http.MethodPost, "/api/v1/sessions", "", link+`}`, "Cookie", ourCookie)
	if p := problem(t, w); w.Code != http.StatusConflict || p.Code != fault.CodeSignedInAsOther || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("without a word: %d %+v", w.Code, p)
	}
	const to = `"link":{"corp_id":"corp1","organization_name":"secret_of_1","userid":"ann","name":"Ann"}`
	const now = `"current":{"corp_id":"corp1","organization_name":"secret_of_1","userid":"bob","name":"Bob"}`
	for cookie, want := range map[string]string{ourCookie: `{` + to + `,` + now + `}`, theirCookie: `{` + to + `,"current":null}`, "": `{` + to + `,"current":null}`} {
		w := ask(t, handler, http.MethodPost, "/api/v1/sign-in-links/describe", "", link+`}`, "Cookie", cookie)
		if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusOK || got != want || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%.12s: %d %s", cookie, w.Code, got)
		}
	}
	w = ask(t, handler, http.MethodPost, "/api/v1/sign-in-links/describe", "", `{"link":"tdl_guess"}`, "Cookie", ourCookie)
	if p := problem(t, w); w.Code != http.StatusUnauthorized || p.Code != fault.CodeTokenInvalid {
		t.Errorf("a guess: %d %+v", w.Code, p)
	}
	w = ask(t, handler, http.MethodPost, "/api/v1/sessions", "", link+`,"replace":true}`, "Cookie", ourCookie)
	if w.Code != http.StatusCreated || w.Header().Get("Set-Cookie") == "" {
		t.Errorf("told to: %d %s", w.Code, w.Body)
	}
}

func TestRefusedSignIn(t *testing.T) {
	t.Parallel()
	for body, code := range map[string]fault.Code{
		`{"link":"tdl_guess"}`:               fault.CodeTokenInvalid,
		`{"link":""}`:                        fault.CodeTokenInvalid,
		`{"link":"` + ourSession + `"}`:      fault.CodeTokenInvalid,
		`{}`:                                 fault.CodeParameterMissing,
		`{"link":7}`:                         fault.CodeParameterInvalid,
		`{"link":"tdl_ours","userid":"ann"}`: fault.CodeParameterInvalid,
		`{"link":"` + strings.Repeat("x", 201) + `"}`: fault.CodeParameterInvalid,
		`link=tdl_ours`: fault.CodeBodyMalformed,
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodPost, "/api/v1/sessions", "", body)
		if p := problem(t, w); p.Code != code || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%.40s: %d %s", body, w.Code, p.Code)
		}
		if strings.Contains(h.log.String(), ourSession) {
			t.Errorf("log %s", &h.log)
		}
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	handler := newHouse().handler()
	const one = `{"session_id":"aaaaaaaaaaaaaaaa","device":"secret_of_1","created_at":"2023-11-14T22:13:20Z","seen_at":"2023-11-14T23:13:20Z","current":%v}`
	const other = `{"session_id":"other","device":"","created_at":"2023-11-14T22:13:20Z","seen_at":"2023-11-14T22:13:20Z","current":false}`
	for current, header := range map[bool][]string{true: {"Cookie", ourCookie}, false: {"Authorization", "Bearer " + ours}} {
		want := fmt.Sprintf(`{"items":[`+one+`,`+other+`]}`, current)
		if w := ask(t, handler, http.MethodGet, "/api/v1/sessions", "", "", header...); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%v: %s", header[0], w.Body)
		}
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	const cleared = "tidings-1=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
	for _, c := range []struct {
		id, cookie, token string
		status            int
		asked             string
		cookies           []string
	}{
		{"current", ourCookie, "", http.StatusNoContent, "end 1 " + ourSessionID, []string{cleared}},
		{"current", ourCookie + "; " + theirCookie, "", http.StatusNoContent, "end 1 " + ourSessionID, []string{cleared}},
		{ourSessionID, ourCookie, "", http.StatusNoContent, "end 1 " + ourSessionID, []string{cleared}},
		{"other", ourCookie, "", http.StatusNoContent, "end 1 other", nil},
		{ourSessionID, "", ours, http.StatusNoContent, "end 1 " + ourSessionID, nil},
		{"current", "", ours, http.StatusNotFound, "end 1 current", nil},
		{ourSessionID, theirCookie, "", http.StatusNotFound, "end 2 " + ourSessionID, nil},
		{"none", ourCookie, "", http.StatusNotFound, "end 1 none", nil},
	} {
		h := newHouse()
		w := ask(t, h.handler(), http.MethodDelete, "/api/v1/sessions/"+c.id, c.token, "", "Cookie", c.cookie)
		if w.Code != c.status || !slices.Equal(h.asked, []string{c.asked}) || !slices.Equal(w.Header().Values("Set-Cookie"), c.cookies) {
			t.Errorf("%+v: %d, asked %q, cookies %q", c, w.Code, h.asked, w.Header().Values("Set-Cookie"))
		}
		var want []string // what the browser forgets
		switch {
		case c.cookies != nil && strings.Contains(c.cookie, theirCookie):
			want = []string{`"cache"`}
		case c.cookies != nil:
			want = []string{`"cache", "storage"`}
		}
		if got := w.Header().Values("Clear-Site-Data"); !slices.Equal(got, want) {
			t.Errorf("%+v: Clear-Site-Data %q, want %q", c, got, want)
		}
	}
}

func TestMemberships(t *testing.T) {
	t.Parallel()
	type memberships struct {
		Items []struct {
			CorpID   string `json:"corp_id"`
			Name     string `json:"name"`
			Userid   string `json:"userid"`
			UserName string `json:"user_name"`
		} `json:"items"`
	}
	both := theirCookie + "; " + ourCookie
	for _, c := range []struct {
		cookie, token, query string
		ended                string
		want                 []string
	}{
		{both, "", "", "", []string{"corp1", "corp2"}},
		{both + "; " + both, "", "?org=corp2", "", []string{"corp1", "corp2"}},
		{both, "", "", ourSession, []string{"corp2"}},
		{"", ours, "", "", []string{"corp1"}},
		{both, theirs, "", "", []string{"corp2"}},
		{ourCookie, "", "", ourSession, nil},
	} {
		h := newHouse()
		h.revoke(c.ended)
		w := ask(t, h.handler(), http.MethodGet, "/api/v1/me/organizations"+c.query, c.token, "", "Cookie", c.cookie)
		if len(c.want) == 0 {
			if problem(t, w); w.Code != http.StatusUnauthorized {
				t.Errorf("%+v: %d", c, w.Code)
			}
			continue
		}
		var got memberships
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%+v: %d %s", c, w.Code, w.Body)
		}
		var ids []string
		for _, m := range got.Items {
			ids = append(ids, m.CorpID)
			if !strings.HasPrefix(m.Name, "secret_of_") || m.Userid != "ann" || m.UserName != "Ann "+m.Name {
				t.Errorf("%+v: %+v", c, m)
			}
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%+v: %v", c, ids)
		}
	}
}

// Another site's page cannot do anything in the name of who is signed in, and
// cannot sign anybody in.
func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, method, target, body string) {
		if method == http.MethodGet {
			return
		}
		h := newHouse()
		handler := h.handler()
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"}, // another port of this host
			{"Origin", "https://evil.example.com"},
			{"Origin", "null"},
			{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.com", "Content-Type", "text/plain"},
		} {
			w := ask(t, handler, method, target, "", body, append(header, "Cookie", ourCookie)...)
			if p := problem(t, w); w.Code != http.StatusForbidden || p.Code != fault.CodePermissionDenied || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%v: %d %s", header, w.Code, p.Code)
			}
		}
		if len(h.asked) > 0 || h.sessions > 0 {
			t.Errorf("rooms were asked: %v", h.asked)
		}
		if w := ask(t, handler, method, target, "", body, "Cookie", ourCookie, "Sec-Fetch-Site", "same-origin"); w.Code/100 != 2 {
			t.Errorf("from our own page: %d %s", w.Code, w.Body)
		}
	})
}

// Behind a proxy that sends a Host of its own, our own page is known by where
// people reach it.
func TestOwnPageBehindAProxy(t *testing.T) {
	t.Parallel()
	for origin, status := range map[string]int{
		"http://tidings.example.com": http.StatusNoContent, "http://evil.example.com": http.StatusForbidden,
	} {
		h := newHouse()
		h.public = "http://tidings.example.com"
		w := ask(t, h.handler(), http.MethodDelete, "/api/v1/sessions/current", "", "", "Cookie", ourCookie, "Origin", origin)
		if w.Code != status {
			t.Errorf("%s: %d", origin, w.Code)
		}
	}
}

func TestStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		handler := h.handler()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		streams := map[string]chan struct{}{"ours": make(chan struct{}), "theirs": make(chan struct{})}
		for name, cookie := range map[string]string{"ours": ourCookie, "theirs": theirCookie} {
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/inbox/events", nil)
			r.Header.Set("Cookie", cookie)
			go func() {
				defer close(streams[name])
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}()
		}
		pass := time.NewTimer(time.Hour)
		<-pass.C
		h.revoke(ourSession)
		begin := time.Now()
		<-streams["ours"]
		if took := time.Since(begin); took > 500*time.Millisecond { // the other half is for news of another process
			t.Errorf("the stream ended after %v", took)
		}
		select {
		case <-streams["theirs"]:
			t.Error("another's stream ended too")
		default:
		}
	})
}

// One person's streams are bounded, whatever they were opened with; each that
// ends makes room, and other people have room of their own.
func TestStreamsOfOnePersonAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const most = 20
		h := newHouse()
		handler := h.handler()
		var streams []context.CancelFunc
		open := func(header ...string) {
			ctx, cancel := context.WithCancel(t.Context())
			streams = append(streams, cancel)
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/inbox/events", nil)
			r.Header.Set(header[0], header[1])
			go handler.ServeHTTP(httptest.NewRecorder(), r)
			synctest.Wait()
		}
		refused := func(header ...string) bool {
			t.Helper()
			w := ask(t, handler, http.MethodGet, "/api/v1/inbox/events", "", "", header...)
			if w.Code == http.StatusOK {
				return false
			}
			p := problem(t, w)
			if w.Code != http.StatusTooManyRequests || p.Code != fault.CodeThrottled || p.Limit != most || w.Header().Get("Retry-After") == "" {
				t.Errorf("%d %+v", w.Code, p)
			}
			return true
		}
		for n := range most {
			if n%2 == 0 {
				open("Cookie", ourCookie)
			} else {
				open("Authorization", "Bearer "+ours)
			}
		}
		if !refused("Cookie", ourCookie) || !refused("Authorization", "Bearer "+ours) {
			t.Error("one too many was opened")
		}
		if refused("Cookie", theirCookie) {
			t.Error("another person has no room")
		}
		streams[3]()
		synctest.Wait()
		if refused("Cookie", ourCookie) {
			t.Error("one that ended left no room")
		}
		for _, end := range streams {
			end()
		}
		synctest.Wait()
	})
}
