package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/attempt"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
)

// mustBegin returns the address of the provider that a browser goes to.
func (b *browser) mustBegin(t *testing.T, source, returnTo string) string {
	t.Helper()
	status, text := b.mustAsk(t, http.MethodPost, "sign-in/begin", fmt.Sprintf(`{"source":%q,"return_to":%q}`, source, returnTo))
	var begun struct{ URL string }
	if err := json.Unmarshal([]byte(text), &begun); status != http.StatusOK || err != nil {
		t.Fatalf("begin: %d %s", status, text)
	}
	return begun.URL
}

// mustMail gives somebody a mail address.
func (n *node) mustMail(t *testing.T, f firm, userid string, roles ...string) {
	t.Helper()
	_, err := n.Directory().CreateUser(t.Context(), audit.ByOperator(), f.id, directory.NewUser{Userid: userid, Name: userid, Email: userid + "@example.com", Roles: roles})
	must(t, err)
}

const byMail = `,"match":{"claim":"email","field":"email"}`

// An employee signs in with their company's account, for the first time and again; somebody
// whom nobody knows waits until they are linked.
func TestSigningInAtAProvider(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		log := &lines{}
		n := mustRun(t, settings(t, engine), slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		f := n.mustFirm("Ours", "zoe")
		n.mustMail(t, f, "ann")
		c := mustCompany(t, "ann", "zoe")
		source := n.mustSource(t, f, c.url, byMail)
		c.knows(n, source)

		b := n.mustBrowser(t)
		want := fmt.Sprintf(`{"sources":[{"source":%q,"kind":"oidc","name":"Company"}]}`, source)
		for _, path := range []string{"sign-in", "sign-in?org=" + f.corpID} {
			if status, text := b.mustAsk(t, http.MethodGet, path, ""); status != http.StatusOK || strings.TrimSpace(text) != want {
				t.Errorf("%s: %d %s, want %s", path, status, text, want)
			}
		}
		for range 2 {
			to := b.mustBegin(t, source, "/console/apps?org=1")
			if !strings.HasPrefix(to, c.url) {
				t.Fatalf("goes to %s", to)
			}
			if at := b.mustTravel(t, c, "ann", to); at != "/console/apps?org=1" {
				t.Fatalf("comes to %s", at)
			}
			if status, text := b.mustAsk(t, http.MethodGet, "me", ""); status != http.StatusOK || !strings.Contains(text, `"userid":"ann"`) {
				t.Fatalf("signed in as %d %s", status, text)
			}
		}
		if _, text := b.mustAsk(t, http.MethodGet, "sessions", ""); strings.Count(text, "session_id") != 1 || !strings.Contains(text, `"current":true`) {
			t.Errorf("sessions %s", text)
		}

		other := n.mustBrowser(t)
		at := other.mustTravel(t, c, "zoe", other.mustBegin(t, source, "/console/"))
		page, said := mustFragment(t, at)
		ref := said.Get("ref")
		if page != "/o/"+f.corpID || !said.Has("signin_waiting") || said.Get("shown") != "zoe" || said.Get("source") != "Company" || said.Get("return_to") != "/console/" || len(ref) != 9 {
			t.Fatalf("waits at %s", at)
		}
		if status, _ := other.mustAsk(t, http.MethodGet, "me", ""); status != http.StatusUnauthorized {
			t.Errorf("who waits is signed in: %d", status)
		}
		asker, err := n.Accounts().Asker(t.Context(), audit.ByOperator())
		must(t, err)
		_, err = n.Sources().Link(t.Context(), asker, f.id, ref, "zoe")
		must(t, err)
		if at := other.mustTravel(t, c, "zoe", other.mustBegin(t, source, "//example.com")); at != "/" {
			t.Fatalf("comes to %s", at)
		}
		if _, text := other.mustAsk(t, http.MethodGet, "me", ""); !strings.Contains(text, `"userid":"zoe"`) {
			t.Errorf("signed in as %s", text)
		}
		for _, secret := range []string{companySecret, "?code=", "&state=", ref, "tds_", "try-"} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
}

// mustFragment splits an address into its page and what its fragment says.
func mustFragment(t *testing.T, address string) (string, url.Values) {
	t.Helper()
	page, fragment, _ := strings.Cut(address, "#")
	said, err := url.ParseQuery(fragment)
	must(t, err)
	return page, said
}

// careless is a provider that takes every code as often as it is shown: "ann" is a code of
// the person whose subject is ann.
type careless struct {
	url    string
	key    *ecdsa.PrivateKey
	nonce  atomic.Value
	tokens atomic.Int32
	fails  atomic.Bool
}

func mustCareless(t *testing.T) *careless {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &careless{key: key}
	mux := http.NewServeMux()
	answer := func(path string, body func(r *http.Request) any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(body(r))
		})
	}
	answer("/.well-known/openid-configuration", func(*http.Request) any {
		return map[string]any{
			"issuer": c.url, "authorization_endpoint": c.url + "/authorize", "token_endpoint": c.url + "/token", "jwks_uri": c.url + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		}
	})
	number := base64.RawURLEncoding.EncodeToString
	answer("/keys", func(*http.Request) any {
		x, y := key.X.FillBytes(make([]byte, 32)), key.Y.FillBytes(make([]byte, 32))
		return map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "kid": "1", "x": number(x), "y": number(y)}}}
	})
	answer("/token", func(r *http.Request) any {
		if c.tokens.Add(1); c.fails.Load() {
			return map[string]any{"error": "invalid_grant", "error_description": "hunter2"}
		}
		now := time.Now()
		claims, _ := json.Marshal(map[string]any{
			"iss": c.url, "aud": companyClient, "sub": r.FormValue("code"), "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": c.nonce.Load(),
			"email": r.FormValue("code") + "@example.com", "email_verified": true,
		})
		text := number([]byte(`{"alg":"ES256","kid":"1"}`)) + "." + number(claims)
		sum := sha256.Sum256([]byte(text))
		a, b, _ := ecdsa.Sign(rand.Reader, key, sum[:])
		return map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": text + "." + number(append(a.FillBytes(make([]byte, 32)), b.FillBytes(make([]byte, 32))...))}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

// mustBeginAt returns the address that a careless provider sends the browser back to.
func (c *careless) mustBeginAt(t *testing.T, b *browser, source, code string) string {
	t.Helper()
	u, err := url.Parse(b.mustBegin(t, source, "/"))
	must(t, err)
	q := u.Query()
	c.nonce.Store(q.Get("nonce"))
	to, err := url.Parse(q.Get("redirect_uri"))
	must(t, err)
	return b.base + to.Path + "?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
}

// mustCome opens an address, follows nothing, and returns the status and where it leads.
func (b *browser) mustCome(t *testing.T, method, address string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, http.NoBody)
	must(t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	steps := *b.Client
	steps.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w, err := steps.Do(r)
	must(t, err)
	_, _ = io.Copy(io.Discard, w.Body)
	_ = w.Body.Close()
	return w.StatusCode, w.Header.Get("Location")
}

// A hundred times the same answer of a provider, on two nodes: one session.
func TestOneSessionOfAHundred(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, one, two *node) {
		f := one.mustFirm("Ours")
		one.mustMail(t, f, "ann")
		c := mustCareless(t)
		source := one.mustSource(t, f, c.url, byMail)
		b := one.mustBrowser(t)
		address := c.mustBeginAt(t, b, source, "ann")
		u, err := url.Parse(address)
		must(t, err)
		var cookies []string
		for _, cookie := range b.Jar.Cookies(u) {
			cookies = append(cookies, cookie.Name+"="+cookie.Value)
		}
		var in, expired atomic.Int32
		var all sync.WaitGroup
		for i := range 100 {
			at := address
			if i%2 == 1 {
				at = strings.Replace(address, one.base, two.base, 1)
			}
			all.Go(func() {
				// A browser of its own, with the cookie: the jar of one would hold the first answer's.
				alone := &browser{&http.Client{}, one.base}
				status, to := alone.mustCome(t, http.MethodGet, at, "Cookie", strings.Join(cookies, "; "))
				switch {
				case status == http.StatusSeeOther && to == "/":
					in.Add(1)
				case status == http.StatusSeeOther && strings.Contains(to, "#signin_expired"):
					expired.Add(1)
				default:
					t.Errorf("%d %s", status, to)
				}
			})
		}
		all.Wait()
		ann, err := one.Directory().User(t.Context(), f.id, "ann")
		must(t, err)
		sessions, err := one.Accounts().Sessions(t.Context(), f.id, ann.Ordinal)
		if err != nil || len(sessions) != 1 || in.Load() != 1 || expired.Load() != 99 {
			t.Errorf("%d sessions, %d are in, %d came too late, %v", len(sessions), in.Load(), expired.Load(), err)
		}
	})
}

// What is not in order never reaches the provider, and changes nothing.
func TestComingBackRefused(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		log := &lines{}
		n := mustRun(t, settings(t, engine), slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		f, g := n.mustFirm("Ours"), n.mustFirm("Theirs")
		n.mustMail(t, f, "ann")
		c := mustCareless(t)
		source, theirs := n.mustSource(t, f, c.url, byMail), n.mustSource(t, g, c.url, byMail)
		b, stranger := n.mustBrowser(t), n.mustBrowser(t)
		good := c.mustBeginAt(t, b, source, "ann")
		state := good[strings.Index(good, "state=")+6:]
		at := n.base + "/sign-in/" + source + "/callback"
		for name, one := range map[string]struct {
			b       *browser
			method  string
			address string
			status  int
			to      string
		}{
			"another browser":        {stranger, http.MethodGet, good, http.StatusSeeOther, "/o/" + f.corpID + "#signin_elsewhere&source=Company"},
			"nothing":                {b, http.MethodGet, at, http.StatusSeeOther, "/o/" + f.corpID + "#signin_expired&source=Company"},
			"two states":             {b, http.MethodGet, good + "&state=" + state, http.StatusSeeOther, "/o/" + f.corpID + "#signin_expired&source=Company"},
			"another organization's": {b, http.MethodGet, strings.Replace(good, source, theirs, 1), http.StatusSeeOther, "/o/" + g.corpID + "#signin_expired&source=Company"},
			"an unknown source":      {b, http.MethodGet, strings.Replace(good, source, "1_aaaaaaaaaaaaaaaa", 1), http.StatusNotFound, ""},
			"no source":              {b, http.MethodGet, strings.Replace(good, source, "x", 1), http.StatusNotFound, ""},
			"another path":           {b, http.MethodGet, strings.Replace(good, "/callback", "/back", 1), http.StatusNotFound, ""},
			"a form":                 {b, http.MethodPost, good, http.StatusMethodNotAllowed, ""},
			"a look":                 {b, http.MethodHead, good, http.StatusMethodNotAllowed, ""},
		} {
			if status, to := one.b.mustCome(t, one.method, one.address); status != one.status || to != one.to {
				t.Errorf("%s: %d %s, want %d %s", name, status, to, one.status, one.to)
			}
		}
		if c.tokens.Load() != 0 {
			t.Fatal("the provider was shown a code")
		}
		c.fails.Store(true)
		if status, to := b.mustCome(t, http.MethodGet, good); status != http.StatusSeeOther || to != "/o/"+f.corpID+"#signin_refused&source=Company" {
			t.Errorf("a refused code: %d %s", status, to)
		}
		if !strings.Contains(log.String(), "hunter2") || strings.Contains(log.String(), state) {
			t.Error("the log says nothing of what the provider says, or tells the state")
		}
		c.fails.Store(false)
		if status, to := b.mustCome(t, http.MethodGet, good); !strings.Contains(to, "#signin_elsewhere") {
			t.Errorf("a try that was refused is kept: %d %s", status, to)
		}
		if status, text := b.mustAsk(t, http.MethodPost, "sign-in/begin", `{"source":"1_aaaaaaaaaaaaaaaa"}`); status != http.StatusNotFound {
			t.Errorf("beginning with an unknown source: %d %s", status, text)
		}
		if _, text := b.mustAsk(t, http.MethodGet, "sign-in", ""); strings.TrimSpace(text) != `{"sources":[]}` {
			t.Errorf("of several organizations: %s", text)
		}
		if _, text := b.mustAsk(t, http.MethodGet, "sign-in?org=dingnone", ""); strings.TrimSpace(text) != `{"sources":[]}` {
			t.Errorf("of none: %s", text)
		}
	})
}

// A page of another site cannot begin for somebody.
func TestOtherSitesDoNotBegin(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	f := n.mustFirm("Ours")
	c := mustCareless(t)
	source := n.mustSource(t, f, c.url, "")
	status, _, text := n.call(t, "", http.MethodPost, "/api/v1/sign-in/begin", fmt.Sprintf(`{"source":%q}`, source), "Sec-Fetch-Site", "cross-site")
	if status != http.StatusForbidden || !strings.Contains(text, "permission_denied") {
		t.Errorf("%d %s", status, text)
	}
}

// Whoever comes back again and again with what a provider does not confirm has to wait.
func TestComingBackThrottled(t *testing.T) {
	t.Parallel()
	c := settings(t, "sqlite")
	c.TrustedProxies, c.ProxyHeader = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, "X-Forwarded-For"
	n := mustRun(t, c, nil)
	f := n.mustFirm("Ours")
	n.mustMail(t, f, "ann")
	p := mustCareless(t)
	source := n.mustSource(t, f, p.url, byMail)
	p.fails.Store(true)
	come := func(b *browser, peer string) string {
		t.Helper()
		_, to := b.mustCome(t, http.MethodGet, p.mustBeginAt(t, b, source, "ann"), "X-Forwarded-For", peer)
		return to
	}
	b := n.mustBrowser(t)
	for i := range attempt.Allowance + 1 {
		if to := come(b, "192.0.2.7"); !strings.Contains(to, "#signin_refused") {
			t.Fatalf("failure %d: %s", i, to)
		}
	}
	asked := p.tokens.Load()
	if to := come(b, "192.0.2.7"); to != "/#signin_throttled&minutes=1" || p.tokens.Load() != asked {
		t.Errorf("one more: %s", to)
	}
	p.fails.Store(false)
	if to := come(n.mustBrowser(t), "192.0.2.8"); to != "/" {
		t.Errorf("elsewhere: %s", to)
	}
}

// An owner tries a source before others sign in with it. Whoever it would find hears that,
// and stays who they are.
func TestTryingASource(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		c := settings(t, engine)
		c.OutboundAllow = loopback()
		n := mustRun(t, c, nil)
		f := n.mustFirm("Ours", "zoe")
		n.mustMail(t, f, "ann")
		n.mustMail(t, f, "olga", string(policy.Owner))
		p := mustCareless(t)
		b := n.mustBrowser(t)
		b.mustSignIn(t, n, f, "olga")
		ask := func(want int, holds, method, path, body string) string {
			t.Helper()
			status, text := b.mustAsk(t, method, path, body)
			if status != want || !strings.Contains(text, holds) {
				t.Fatalf("%s %s: %d %s, want %d with %s", method, path, status, text, want, holds)
			}
			return text
		}
		ask(http.StatusCreated, `"state":"draft"`, http.MethodPost, "sign-in/sources",
			fmt.Sprintf(`{"name":"Company","kind":"oidc","settings":{"issuer":%q,"client_id":"tidings","match":{"claim":"email","field":"email"}},"secret":"x"}`, p.url))
		ask(http.StatusOK, `"ok":true`, http.MethodPost, "sign-in/sources/Company/test", "")
		ask(http.StatusConflict, "try it first", http.MethodPost, "sign-in/sources/Company/enable", "")
		ask(http.StatusBadRequest, "signin_expired", http.MethodPost, "sign-in/sources/Company/tried", "")
		if _, text := n.mustBrowser(t).mustAsk(t, http.MethodGet, "sign-in", ""); strings.TrimSpace(text) != `{"sources":[]}` {
			t.Errorf("a draft is offered: %s", text)
		}

		try := func(code string) string {
			t.Helper()
			var begun struct{ URL string }
			must(t, json.Unmarshal([]byte(ask(http.StatusOK, `"url"`, http.MethodPost, "sign-in/sources/Company/try", `{"return_to":"/console/sign-in/Company"}`)), &begun))
			u, err := url.Parse(begun.URL)
			must(t, err)
			p.nonce.Store(u.Query().Get("nonce"))
			_, to := b.mustCome(t, http.MethodGet, u.Query().Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {u.Query().Get("state")}}.Encode())
			return to
		}
		p.fails.Store(true)
		if to := try("ann"); to != "/console/sign-in/Company#signin_refused&source=Company" {
			t.Errorf("comes to %s", to)
		}
		p.fails.Store(false)
		for code, would := range map[string]string{"ann": `"would_match":{"userid":"ann","name":"ann"}`, "zed": `"would_match":null`, "olga": `"would_match":null`} {
			if to := try(code); to != "/console/sign-in/Company#tried" {
				t.Errorf("comes to %s", to)
			}
			told := ask(http.StatusOK, would, http.MethodPost, "sign-in/sources/Company/tried", "")
			if !strings.Contains(told, fmt.Sprintf(`{"name":"email","value":"%s@example.com"}`, code)) {
				t.Errorf("told %s", told)
			}
			ask(http.StatusOK, `"userid":"olga"`, http.MethodGet, "me", "")
			ask(http.StatusBadRequest, "signin_expired", http.MethodPost, "sign-in/sources/Company/tried", "")
		}
		ask(http.StatusOK, `"state":"on"`, http.MethodPost, "sign-in/sources/Company/enable", "")
		ask(http.StatusOK, `"items":[]`, http.MethodGet, "sign-in/waiting", "")
	})
}
