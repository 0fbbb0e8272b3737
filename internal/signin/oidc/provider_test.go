package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/signin/oidc"
)

type object = map[string]any

const (
	clientID     = "tidings"
	clientSecret = "a secret"
	nonce        = "the nonce of this sign-in"
	verifier     = "a-verifier-of-forty-three-characters-or-more-1"
	redirectURI  = "https://tidings.example.com/sign-in/17_abcdefghijklmnop/callback"
)

// fake is a provider that does what a test tells it.
type fake struct {
	url       string
	key       *ecdsa.PrivateKey
	discovery func(object) // changes what it says of itself
	claims    func(object) // changes the ID token's
	sign      func(header, claims object) string
	token     http.HandlerFunc // in place of the token endpoint
	keys      http.HandlerFunc // in place of the keys
	userInfo  http.HandlerFunc
	got       url.Values // what came to the token endpoint

	discovered, exchanged, keyed, informed atomic.Int32
}

func newFake(t *testing.T) *fake {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{key: key}
	f.sign = func(header, claims object) string { return jwt(f.key, header, claims) }
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", f.answerDiscovery)
	mux.HandleFunc("/keys", f.answerKeys)
	mux.HandleFunc("/token", f.answerToken)
	mux.HandleFunc("/userinfo", f.answerUserInfo)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

func answerJSON(w http.ResponseWriter, o any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(o)
}

func (f *fake) answerDiscovery(w http.ResponseWriter, _ *http.Request) {
	f.discovered.Add(1)
	o := object{
		"issuer": f.url, "authorization_endpoint": f.url + "/authorize", "token_endpoint": f.url + "/token", "jwks_uri": f.url + "/keys",
		"userinfo_endpoint": f.url + "/userinfo", "id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
	}
	if f.discovery != nil {
		f.discovery(o)
	}
	answerJSON(w, o)
}

func jwk(key *ecdsa.PrivateKey) object {
	return object{"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256", "x": number(key.X.FillBytes(make([]byte, 32))), "y": number(key.Y.FillBytes(make([]byte, 32)))}
}

func number(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (f *fake) answerKeys(w http.ResponseWriter, r *http.Request) {
	if f.keyed.Add(1); f.keys != nil {
		f.keys(w, r)
		return
	}
	answerJSON(w, object{"keys": []object{jwk(f.key)}})
}

func (f *fake) answerToken(w http.ResponseWriter, r *http.Request) {
	f.exchanged.Add(1)
	if f.token != nil {
		f.token(w, r)
		return
	}
	_ = r.ParseForm()
	f.got = r.PostForm
	now := time.Now()
	hash := sha256.Sum256([]byte("access"))
	claims := object{
		"iss": f.url, "aud": clientID, "sub": "subject-1", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": nonce,
		"at_hash": number(hash[:16]), "preferred_username": "ann@example.com", "email": "ann@example.com", "email_verified": true, "level": 3,
	}
	if f.claims != nil {
		f.claims(claims)
	}
	answerJSON(w, object{"access_token": "access", "token_type": "Bearer", "id_token": f.sign(object{"alg": "ES256", "kid": "1"}, claims)})
}

func (f *fake) answerUserInfo(w http.ResponseWriter, r *http.Request) {
	f.informed.Add(1)
	if f.userInfo != nil {
		f.userInfo(w, r)
		return
	}
	http.NotFound(w, r)
}

// jwt signs claims with ES256, whatever the header says.
func jwt(key *ecdsa.PrivateKey, header, claims object) string {
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	text := number(h) + "." + number(c)
	sum := sha256.Sum256([]byte(text))
	r, s, _ := ecdsa.Sign(rand.Reader, key, sum[:])
	return text + "." + number(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// world is what a test signs in with.
type world struct {
	*oidc.Provider
	source signin.Source
}

func newWorld(t *testing.T, settings object) *world {
	t.Helper()
	p := oidc.New(oidc.Deps{Caller: outbound.New(outbound.Options{}), Now: time.Now})
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	normal, err := p.Check(text, true)
	if err != nil {
		t.Fatal(err)
	}
	return &world{p, signin.Source{Organization: 17, ID: "17_abcdefghijklmnop", Kind: oidc.Kind, Name: "Example", Settings: normal, ByOperator: true}}
}

func (f *fake) world(t *testing.T, more ...object) *world {
	t.Helper()
	settings := object{"issuer": f.url, "client_id": clientID}
	for _, o := range more {
		for name, value := range o {
			settings[name] = value
		}
	}
	return newWorld(t, settings)
}

func back() signin.Back {
	return signin.Back{RedirectURI: redirectURI, Nonce: nonce, Verifier: verifier, Code: "the code"}
}

func (w *world) identify(t *testing.T, b signin.Back) (signin.Identity, error) {
	t.Helper()
	return w.Identify(t.Context(), w.source, clientSecret, b)
}

// Where the browser goes, and what the provider is shown in return.
func TestSigningIn(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.discovery = func(o object) { o["authorization_endpoint"] = f.url + "/authorize?theme=dark" }
	w := f.world(t)
	to, err := w.Address(t.Context(), w.source, signin.Ask{RedirectURI: redirectURI, State: "the state", Nonce: nonce, Verifier: verifier})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(verifier))
	for name, want := range map[string]string{
		"theme": "dark", "response_type": "code", "client_id": clientID, "redirect_uri": redirectURI, "state": "the state", "nonce": nonce,
		"code_challenge": number(sum[:]), "code_challenge_method": "S256", "scope": "openid profile email",
	} {
		if got := u.Query()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(to, clientSecret) || strings.Contains(to, verifier) {
		t.Errorf("the address tells too much: %s", to)
	}
	id, err := w.identify(t, back())
	if err != nil {
		t.Fatal(err)
	}
	if id.Subject != "subject-1" || id.Shown != "ann@example.com" || !id.EmailVerified || id.Claims["email"] != "ann@example.com" || id.Claims["nonce"] != "" || id.Claims["level"] != "" {
		t.Errorf("identity %+v", id)
	}
	if f.got.Get("code") != "the code" || f.got.Get("code_verifier") != verifier || f.got.Get("redirect_uri") != redirectURI {
		t.Errorf("the token endpoint got %v", f.got)
	}
	if f.discovered.Load() != 1 || f.informed.Load() != 0 {
		t.Errorf("asked %d times who it is, %d times for UserInfo", f.discovered.Load(), f.informed.Load())
	}
}

// How the secret is shown follows what the provider says; the code is shown once.
func TestSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		methods []string
		secret  string
		basic   bool
	}{
		{nil, clientSecret, true},
		{[]string{"client_secret_post", "client_secret_basic"}, clientSecret, true},
		{[]string{"client_secret_post"}, clientSecret, false},
		{[]string{"private_key_jwt"}, clientSecret, true},
		{nil, "", false},
	} {
		f := newFake(t)
		f.discovery = func(o object) {
			if c.methods != nil {
				o["token_endpoint_auth_methods_supported"] = c.methods
			}
		}
		var shown string
		var basic bool
		f.token = func(w http.ResponseWriter, r *http.Request) {
			_, shown, basic = r.BasicAuth()
			if !basic {
				shown = r.PostFormValue("client_secret")
			}
			http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
		}
		w := f.world(t)
		if _, err := w.Identify(t.Context(), w.source, c.secret, back()); err == nil {
			t.Errorf("%v: a refused secret signs in", c.methods)
		}
		if want := strings.ReplaceAll(c.secret, " ", "+"); basic != c.basic || shown != c.secret && shown != want || f.exchanged.Load() != 1 {
			t.Errorf("%v: basic %t, secret %q, %d calls", c.methods, basic, shown, f.exchanged.Load())
		}
	}
}
