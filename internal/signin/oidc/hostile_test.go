package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/signin"
)

// unsigned writes a JWT with a signature that is given.
func unsigned(alg string, claims object, sign func(text string) []byte) string {
	h, _ := json.Marshal(object{"alg": alg, "kid": "1"})
	c, _ := json.Marshal(claims)
	text := number(h) + "." + number(c)
	return text + "." + number(sign(text))
}

// What a provider, or somebody in its place, may answer, and nobody is signed in by.
func TestHostileTokens(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(t *testing.T, f *fake, b *signin.Back){
		"another issuer": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["iss"] = "https://other.example.com" }
		},
		"an issuer with a slash": func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { c["iss"] = f.url + "/" } },
		"no issuer":              func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { delete(c, "iss") } },
		"another audience":       func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { c["aud"] = "another" } },
		"several audiences, no azp": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["aud"] = []string{clientID, "another"} }
		},
		"another azp":        func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { c["azp"] = "another" } },
		"an azp of a number": func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { c["azp"] = 7 } },
		"expired": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["exp"] = time.Now().Add(-time.Second).Unix() }
		},
		"no expiry": func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { delete(c, "exp") } },
		"issued long ago": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["iat"] = time.Now().Add(-6 * time.Minute).Unix() }
		},
		"issued tomorrow": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["iat"] = time.Now().Add(6 * time.Minute).Unix() }
		},
		"issued never": func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { delete(c, "iat") } },
		"not yet good": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["nbf"] = time.Now().Add(6 * time.Minute).Unix() }
		},
		"another nonce": func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { c["nonce"] = "another" } },
		"no nonce":      func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { delete(c, "nonce") } },
		"another at_hash": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["at_hash"] = number(make([]byte, 16)) }
		},
		"no subject":             func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { delete(c, "sub") } },
		"a subject of a number":  func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { c["sub"] = 7 } },
		"a subject of two lines": func(_ *testing.T, f *fake, _ *signin.Back) { f.claims = func(c object) { c["sub"] = "a\nb" } },
		"an endless subject": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["sub"] = strings.Repeat("a", 256) }
		},
		"unsigned": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.sign = func(_, claims object) string { return unsigned("none", claims, func(string) []byte { return nil }) }
		},
		"signed with the public key": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.sign = func(_, claims object) string {
				return unsigned("HS256", claims, func(text string) []byte {
					h := hmac.New(sha256.New, elliptic.Marshal(elliptic.P256(), f.key.X, f.key.Y)) //nolint:staticcheck // the bytes an attacker would take
					h.Write([]byte(text))
					return h.Sum(nil)
				})
			}
		},
		"signed with the secret": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.sign = func(_, claims object) string {
				return unsigned("HS256", claims, func(text string) []byte {
					h := hmac.New(sha256.New, []byte(clientSecret))
					h.Write([]byte(text))
					return h.Sum(nil)
				})
			}
		},
		"another key": func(t *testing.T, f *fake, _ *signin.Back) {
			other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			f.sign = func(h, claims object) string { return jwt(other, h, claims) }
		},
		"a changed claim": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.sign = func(h, claims object) string {
				parts := strings.Split(jwt(f.key, h, claims), ".")
				claims["sub"] = "subject-2"
				return parts[0] + "." + strings.Split(jwt(f.key, h, claims), ".")[1] + "." + parts[2]
			}
		},
		"an algorithm that it does not announce": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.discovery = func(o object) { o["id_token_signing_alg_values_supported"] = []string{"RS256"} }
		},
		"no ID token": func(_ *testing.T, f *fake, _ *signin.Back) { f.sign = func(_, _ object) string { return "" } },
		"no token": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.token = func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, object{}) }
		},
		"a refused code": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.token = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
			}
		},
		"huge keys": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.keys = func(w http.ResponseWriter, _ *http.Request) {
				text, _ := json.Marshal(object{"keys": []object{jwk(f.key)}, "more": strings.Repeat("x", 1<<20)})
				_, _ = w.Write(text)
			}
		},
		"no keys": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.keys = func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, object{"keys": []object{}}) }
		},
		"a huge answer": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["more"] = strings.Repeat("x", 64<<10) }
		},
		"the answer of another provider": func(_ *testing.T, _ *fake, b *signin.Back) { b.HasIssuer, b.Issuer = true, "https://other.example.com" },
		"an answer without the iss that it promises": func(_ *testing.T, f *fake, _ *signin.Back) {
			f.discovery = func(o object) { o["authorization_response_iss_parameter_supported"] = true }
		},
		"an error": func(_ *testing.T, _ *fake, b *signin.Back) { b.Code, b.Refused = "", "access_denied" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, b := newFake(t), back()
			arrange(t, f, &b)
			id, err := f.world(t).identify(t, b)
			if err == nil {
				t.Fatalf("signed in as %+v", id)
			}
			if asked := f.exchanged.Load(); (b != back() || strings.Contains(name, "promises")) != (asked == 0) {
				t.Errorf("the code was shown %d times", asked)
			}
		})
	}
}

// The other side of the same: what differs and is right all the same.
func TestUnusualTokens(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(f *fake, b *signin.Back){
		"several audiences with azp": func(f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["aud"], c["azp"] = []string{"another", clientID}, clientID }
		},
		"no at_hash": func(f *fake, _ *signin.Back) { f.claims = func(c object) { delete(c, "at_hash") } },
		"a clock 4 min fast": func(f *fake, _ *signin.Back) {
			f.claims = func(c object) { c["iat"] = time.Now().Add(4 * time.Minute).Unix() }
		},
		"its own iss": func(f *fake, b *signin.Back) {
			f.discovery = func(o object) { o["authorization_response_iss_parameter_supported"] = true }
			b.HasIssuer, b.Issuer = true, f.url
		},
		"keys of kinds that we do not know": func(f *fake, _ *signin.Back) {
			f.keys = func(w http.ResponseWriter, _ *http.Request) {
				answerJSON(w, object{"keys": []object{{"kty": "OKP", "crv": "X448", "x": "AA"}, {"kty": "new"}, jwk(f.key)}})
			}
		},
	} {
		f, b := newFake(t), back()
		arrange(f, &b)
		if id, err := f.world(t).identify(t, b); err != nil || id.Subject != "subject-1" {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
	}
}

// A provider that changes its keys is followed; the old key is worth nothing then.
func TestKeysChange(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	w := f.world(t)
	if _, err := w.identify(t, back()); err != nil {
		t.Fatal(err)
	}
	old := f.key
	next, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f.key = next
	if _, err := w.identify(t, back()); err != nil {
		t.Errorf("with the new key: %v", err)
	}
	f.sign = func(h, claims object) string { return jwt(old, h, claims) }
	if _, err := w.identify(t, back()); err == nil {
		t.Error("the old key still signs in")
	}
}

// UserInfo fills in what the ID token lacks, of the same person only.
func TestUserInfo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		info     object
		works    bool
		verified bool
		email    string
	}{
		{"the same person", object{"sub": "subject-1", "email": "ann@example.com", "email_verified": true, "preferred_username": "ann"}, true, true, "ann@example.com"},
		{"verified as a text", object{"sub": "subject-1", "email": "ann@example.com", "email_verified": "true", "name": "Ann"}, true, true, "ann@example.com"},
		{"somebody else", object{"sub": "subject-2", "email": "bob@example.com", "email_verified": true}, false, false, ""},
		{"nobody", object{"email": "bob@example.com", "email_verified": true}, false, false, ""},
		{"no object", nil, false, false, ""},
		{"no more than the ID token", object{"sub": "subject-1"}, true, false, ""},
	} {
		f := newFake(t)
		f.claims = func(o object) {
			for _, name := range []string{"preferred_username", "email", "email_verified"} {
				delete(o, name)
			}
		}
		f.userInfo = func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer access" {
				t.Errorf("UserInfo was asked with %q", r.Header.Get("Authorization"))
			}
			if c.info == nil {
				_, _ = w.Write([]byte("<html>"))
				return
			}
			answerJSON(w, c.info)
		}
		id, err := f.world(t, object{"match": object{"claim": "email", "field": "email"}}).identify(t, back())
		if err == nil != c.works || id.EmailVerified != c.verified || id.Claims["email"] != c.email || f.informed.Load() != 1 {
			t.Errorf("%s: %+v, %v", c.name, id, err)
		}
	}
	// Who says an address says whether it is verified.
	f := newFake(t)
	f.claims = func(o object) { delete(o, "email_verified"); delete(o, "preferred_username") }
	f.userInfo = func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, object{"sub": "subject-1", "email": "other@example.com", "email_verified": true, "employee": "7"})
	}
	id, err := f.world(t, object{"match": object{"claim": "employee", "field": "job_number"}}).identify(t, back())
	if err != nil || id.EmailVerified || id.Claims["email"] != "ann@example.com" || id.Claims["employee"] != "7" {
		t.Errorf("two addresses: %+v, %v", id, err)
	}
}

// Providers that do not answer, or not as one does.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(f *fake){
		"another issuer in its document":        func(f *fake) { f.discovery = func(o object) { o["issuer"] = "https://other.example.com" } },
		"an issuer with a slash":                func(f *fake) { f.discovery = func(o object) { o["issuer"] = f.url + "/" } },
		"a script to go to":                     func(f *fake) { f.discovery = func(o object) { o["authorization_endpoint"] = "javascript:alert(1)" } },
		"a place to go to that others can read": func(f *fake) { f.discovery = func(o object) { o["authorization_endpoint"] = "http://example.com/" } },
		"a token endpoint that others can read": func(f *fake) { f.discovery = func(o object) { o["token_endpoint"] = "http://example.com/" } },
		"keys that others can change":           func(f *fake) { f.discovery = func(o object) { o["jwks_uri"] = "http://example.com/" } },
		"a UserInfo that others can change":     func(f *fake) { f.discovery = func(o object) { o["userinfo_endpoint"] = "http://example.com/" } },
		"no token endpoint":                     func(f *fake) { f.discovery = func(o object) { delete(o, "token_endpoint") } },
		"a huge document":                       func(f *fake) { f.discovery = func(o object) { o["more"] = strings.Repeat("x", 1<<20) } },
	} {
		f := newFake(t)
		arrange(f)
		w := f.world(t)
		var down *signin.UnreachableError
		if to, err := w.Address(t.Context(), w.source, signin.Ask{}); !errors.As(err, &down) {
			t.Errorf("%s: goes to %q, %v", name, to, err)
		}
		if _, err := w.identify(t, back()); !errors.As(err, &down) || f.exchanged.Load() != 0 {
			t.Errorf("%s: coming back: %v, the code was shown %d times", name, err, f.exchanged.Load())
		}
		if f.discovered.Load() != 1 {
			t.Errorf("%s: a provider that does not answer was asked %d times at once", name, f.discovered.Load())
		}
	}
	broken := newFake(t)
	broken.token = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", http.StatusBadGateway) }
	var down *signin.UnreachableError
	if _, err := broken.world(t).identify(t, back()); !errors.As(err, &down) {
		t.Errorf("a token endpoint that fails: %v", err)
	}
}

// What an owner has typed reaches nothing of this machine's network: neither by the
// issuer nor by what the issuer's document names.
func TestOwnersReachNothingHere(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	w := f.world(t)
	if _, err := w.Address(t.Context(), w.source, signin.Ask{}); err != nil {
		t.Fatal(err)
	}
	w.source.ByOperator = false
	if to, err := w.Address(t.Context(), w.source, signin.Ask{}); err == nil {
		t.Errorf("goes to %q", to)
	}
	if _, err := w.identify(t, back()); err == nil {
		t.Error("signs in")
	}
	steps := w.Test(t.Context(), w.source, "")
	if len(steps) != 1 || steps[0].OK || strings.Contains(steps[0].Text, "127.0.0.1") || !strings.Contains(steps[0].Text, "--outbound-allow") {
		t.Errorf("test says %+v", steps)
	}
	if f.discovered.Load() != 1 || f.exchanged.Load() != 0 {
		t.Errorf("asked %d times who it is, shown %d codes", f.discovered.Load(), f.exchanged.Load())
	}
}

// Many who begin at once ask the provider once.
func TestAskedOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	w := f.world(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := w.Address(t.Context(), w.source, signin.Ask{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := f.discovered.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestTest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arrange func(f *fake)
		steps   []bool
		says    string
	}{
		"in order":       {func(*fake) {}, []bool{true, true}, "1 keys"},
		"another issuer": {func(f *fake) { f.discovery = func(o object) { o["issuer"] = f.url + "/" } }, []bool{false}, "slash"},
		"no keys": {func(f *fake) {
			f.keys = func(w http.ResponseWriter, _ *http.Request) {
				answerJSON(w, object{"keys": []object{{"kty": "EC", "use": "enc"}}})
			}
		}, []bool{true, false}, "no key"},
		"huge keys": {func(f *fake) {
			f.keys = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) }
		}, []bool{true, false}, "1 MiB"},
		"its own words": {func(f *fake) {
			f.keys = func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "an inner secret", http.StatusInternalServerError)
			}
		}, []bool{true, false}, "log"},
	} {
		f := newFake(t)
		c.arrange(f)
		w := f.world(t)
		steps := w.Test(t.Context(), w.source, "")
		var oks []bool
		var texts string
		for _, s := range steps {
			oks, texts = append(oks, s.OK), texts+s.Text
		}
		if len(oks) != len(c.steps) || oks[len(oks)-1] != c.steps[len(oks)-1] || !strings.Contains(texts, c.says) || strings.Contains(texts, "inner secret") {
			t.Errorf("%s: %+v", name, steps)
		}
	}
}
