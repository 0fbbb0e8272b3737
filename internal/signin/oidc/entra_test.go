package oidc_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/signin/oidc"
)

// elsewhere calls a fake whatever the address is.
type elsewhere struct{ to *url.URL }

func (e elsewhere) HTTP(bool, int) *http.Client { return &http.Client{Transport: e} }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = e.to.Scheme, e.to.Host
	if r.URL.Path == "/11111111-2222-3333-4444-555555555555/v2.0/.well-known/openid-configuration" {
		r.URL.Path = "/.well-known/openid-configuration"
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Entra's people are named by oid, of the tenant that the issuer names.
func TestEntra(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	to, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	f.discovery = func(o object) {
		for name, path := range map[string]string{"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys", "userinfo_endpoint": "/userinfo"} {
			o[name] = "https://login.microsoftonline.com" + path
		}
		o["issuer"] = entra
	}
	p := oidc.New(oidc.Deps{Caller: elsewhere{to}, Now: time.Now})
	normal, err := p.Check(json.RawMessage(`{"issuer":"`+entra+`","client_id":"`+clientID+`"}`), false)
	if err != nil {
		t.Fatal(err)
	}
	s := signin.Source{Organization: 17, Kind: oidc.Kind, Name: "Entra", Settings: normal}
	const tenant = "11111111-2222-3333-4444-555555555555"
	for name, c := range map[string]struct {
		claims object
		works  bool
	}{
		"its tenant":     {object{"tid": tenant, "oid": "object-1"}, true},
		"another tenant": {object{"tid": "99999999-2222-3333-4444-555555555555", "oid": "object-1"}, false},
		"no tenant":      {object{"oid": "object-1"}, false},
		"no oid":         {object{"tid": tenant}, false},
	} {
		f.claims = func(o object) {
			o["iss"] = entra
			for claim, value := range c.claims {
				o[claim] = value
			}
		}
		id, err := p.Identify(t.Context(), s, clientSecret, back())
		if err == nil != c.works || c.works && id.Subject != "object-1" {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
	}
}
