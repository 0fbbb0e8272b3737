package clients_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/test/harness"
)

// signedIn is the browser of the person, who has signed in.
func (p *program) signedIn(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &harness.Reader{User: p.person, Address: p.base, HTTP: &http.Client{Jar: jar}}
	if err := r.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.HTTP
}

func (p *program) base() string { return "http://" + p.address }

// agree is what the person does whom the program sends to the step's address: signs in,
// agrees, and brings the code back.
func (p *program) agree(t *testing.T, s step) string {
	t.Helper()
	line, err := p.fill(s.line, url.QueryEscape)
	if err != nil {
		t.Fatalf("%s: %v", s.title, err)
	}
	address, err := url.Parse(strings.Fields(line)[1])
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{}
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "scope", "state", "prompt"} {
		asked[name] = address.Query().Get(name)
	}
	if strings.HasPrefix(address.Path, "/connect/") { // as our page there does
		asked["kind"], asked["client_id"] = "sns", address.Query().Get("appid")
	}
	var answer struct {
		To string `json:"redirect_url"`
	}
	p.ask(t, "authorizations", asked, &answer)
	back, err := url.Parse(answer.To)
	if err != nil {
		t.Fatal(err)
	}
	q := back.Query()
	if !strings.HasPrefix(answer.To, callback) || q.Get("state") != asked["state"] || !slices.Contains([]string{"code", "authCode"}, s.agrees.parameter) {
		t.Fatalf("%s: sent back to %s", s.title, back)
	}
	return q.Get(s.agrees.parameter)
}

// open is what the inbox does when its person opens the app's page, and the page asks for a
// code: who that was, or for what they have done there.
func (p *program) open(t *testing.T, s step) string {
	t.Helper()
	var answer struct {
		Code string `json:"code"`
	}
	host := strings.TrimPrefix(s.headers[0], "Host: ")
	asked := map[string]string{"agent_id": p.known["agent_id"], "origin": "https://" + host}
	if s.does {
		asked["kind"] = "requestOperateAuthCode"
	}
	p.ask(t, "page-codes", asked, &answer)
	return answer.Code
}

// ask makes something with our own API, as a page in the person's browser does.
func (p *program) ask(t *testing.T, path string, body map[string]string, into any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base()+"/api/v1/"+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Origin", p.base())
	w, err := p.signedIn(t).Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if err := json.NewDecoder(w.Body).Decode(into); err != nil || w.StatusCode != http.StatusCreated {
		t.Fatalf("%s %s: %d, %v", path, text, w.StatusCode, err)
	}
}
