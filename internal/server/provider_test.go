package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/test/openid"
)

// company is a provider of OpenID Connect in this process, with some people.
type company struct {
	*openid.Provider
	url      string
	subjects map[string]string // of its people, by their names
}

const (
	companyClient = "tidings"
	companySecret = "a secret"
)

// mustCompany starts a provider; knows tells it where browsers come back.
func mustCompany(t *testing.T, names ...string) *company {
	t.Helper()
	c := &company{subjects: map[string]string{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	c.url = s.URL
	o := openid.Options{Issuer: c.url, ClientID: companyClient, ClientSecret: companySecret}
	for i, name := range names {
		c.subjects[name] = fmt.Sprint("subject-", i+1)
		o.People = append(o.People, openid.Person{
			Subject: c.subjects[name], Username: name, Name: name + " Example", Email: name + "@example.com", EmailVerified: true,
		})
	}
	made, err := openid.New(o)
	must(t, err)
	c.Provider = made
	return c
}

// mustSource makes a source of an organization that people sign in with, and returns its id.
func (n *node) mustSource(t *testing.T, f firm, issuer, more string) string {
	t.Helper()
	secret := companySecret
	s, err := n.Sources().Create(context.Background(), audit.ByOperator(), f.id, signin.Input{
		Name: "Company", Kind: "oidc", Settings: []byte(fmt.Sprintf(`{"issuer":%q,"client_id":%q%s}`, issuer, companyClient, more)), Secret: &secret,
	})
	must(t, err)
	_, err = n.Sources().Enable(context.Background(), audit.ByOperator(), f.id, "Company", true)
	must(t, err)
	return s.ID
}

// knows has the company know where the browser comes back.
func (c *company) knows(n *node, sources ...string) {
	for _, source := range sources {
		c.AddRedirectURI(n.base + "/sign-in/" + source + "/callback")
	}
}

// mustTravel goes from an address to where our own server sends the browser in the end, and
// returns that address with its fragment. At the company's page it is who.
func (b *browser) mustTravel(t *testing.T, c *company, who, address string) string {
	t.Helper()
	steps := *b.Client
	steps.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for range 10 {
		w, err := steps.Get(address)
		must(t, err)
		if login := w.Request.URL; w.StatusCode == http.StatusOK && login.Path == "/login" {
			_ = w.Body.Close()
			w, err = steps.PostForm(c.url+"/login", url.Values{"id": {login.Query().Get("id")}, "sub": {c.subjects[who]}})
			must(t, err)
		}
		text, err := io.ReadAll(w.Body)
		must(t, err)
		_ = w.Body.Close()
		if w.StatusCode/100 != 3 {
			t.Fatalf("%s: %d %s", address, w.StatusCode, text)
		}
		to, err := w.Request.URL.Parse(w.Header.Get("Location"))
		must(t, err)
		if strings.HasPrefix(address, b.base+"/sign-in/") {
			if w.StatusCode != http.StatusSeeOther || w.Header.Get("Cache-Control") != "no-store" || w.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("coming back: %d %v", w.StatusCode, w.Header)
			}
			return strings.TrimPrefix(to.String(), b.base)
		}
		address = to.String()
	}
	t.Fatal("goes on and on")
	return ""
}
