package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/signin"
)

// company is a provider of OpenID Connect in this process, with some people. Whoever comes
// to it is signed in as the one whom the browser's cookie "who" names.
type company struct {
	url     string
	storage *storage.Storage
	clients map[string]*storage.Client
}

// staff are the people of a company, by their ids there.
type staff map[string]*storage.User

func (s staff) GetUserByID(id string) *storage.User { return s[id] }
func (staff) ExampleClientID() string               { return "" }

func (s staff) GetUserByUsername(name string) *storage.User {
	for _, user := range s {
		if user.Username == name {
			return user
		}
	}
	return nil
}

const (
	companyClient = "tidings"
	companySecret = "a secret"
)

// mustCompany starts a provider; knows tells it where browsers come back.
func mustCompany(t *testing.T, names ...string) *company {
	t.Helper()
	people := staff{}
	for i, name := range names {
		id := fmt.Sprint("subject-", i+1)
		people[id] = &storage.User{
			ID: id, Username: name, Password: "verysecure", FirstName: name, LastName: "Example", Email: name + "@example.com", EmailVerified: true, PreferredLanguage: language.German,
		}
	}
	c := &company{clients: map[string]*storage.Client{}}
	c.storage = storage.NewStorageWithClients(people, c.clients)
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	c.url = s.URL
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte{1}, CodeMethodS256: true, AuthMethodPost: true, SupportedUILocales: []language.Tag{language.English}},
		c.storage, op.StaticIssuer(c.url), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	back := op.AuthCallbackURL(provider)
	mux.Handle("/login/username", op.NewIssuerInterceptor(provider.IssuerFromRequest).HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.FormValue("authRequestID")
		who, err := r.Cookie("who")
		if err != nil {
			http.Error(w, "nobody", http.StatusForbidden)
			return
		}
		if err := c.storage.CheckUsernamePassword(who.Value, "verysecure", id); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, back(r.Context(), id), http.StatusFound)
	}))
	mux.Handle("/", provider)
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
	var all []string
	for _, source := range sources {
		all = append(all, n.base+"/sign-in/"+source+"/callback")
	}
	c.clients[companyClient] = storage.WebClient(companyClient, companySecret, all...)
}

// mustTravel goes from an address to where our own server sends the browser in the end, and
// returns that address with its fragment.
func (b *browser) mustTravel(t *testing.T, who, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: "who", Value: who, Path: "/"}})
	steps := *b.Client
	steps.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for range 10 {
		w, err := steps.Get(address)
		must(t, err)
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
