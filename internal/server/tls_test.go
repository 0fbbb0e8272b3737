package server_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/certificate"
	"github.com/tidings-im/tidings/internal/server"
)

// fixed is a client whose host is DingTalk's, on a machine whose hosts file leads there
// to a server of ours, and that trusts one authority.
func fixed(t *testing.T, n *node, authority string) (*http.Client, *tls.Config) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(authority, certificate.AuthorityCert))
	if err != nil {
		t.Fatal(err)
	}
	trust := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	trust.RootCAs.AppendCertsFromPEM(text)
	here := strings.TrimPrefix(n.base, "http://")
	transport := &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, here)
	}}
	t.Cleanup(transport.CloseIdleConnections) // the server waits for clients that keep theirs
	return &http.Client{Transport: transport}, trust
}

func mustAuthority(t *testing.T, names ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ca")
	if _, err := certificate.MakeAuthority(dir, names, time.Now()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// mustRunTLS starts a server that speaks https with an authority's certificate.
func mustRunTLS(t *testing.T, authority string) *node {
	t.Helper()
	c := settings(t, "sqlite")
	c.TLSCert, c.TLSKey = filepath.Join(authority, certificate.ServerCert), filepath.Join(authority, certificate.ServerKey)
	return mustRun(t, c, nil)
}

// A client with a fixed host sends over https and HTTP/2, and follows an inbox.
func TestFixedHostOverTLS(t *testing.T) {
	t.Parallel()
	authority := mustAuthority(t, "oapi.dingtalk.com")
	n := mustRunTLS(t, authority)
	f := n.mustFirm("Firm", "ann")
	h, _ := fixed(t, n, authority)
	dialled := countDials(h)
	c := client.New("https://oapi.dingtalk.com", client.Options{HTTP: h})
	app := c.App(f.agent, client.AppKey{Key: f.key, Secret: f.secret})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	events := make(chan client.Event, 10)
	followed := make(chan error, 1)
	connected := make(chan struct{})
	go func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://oapi.dingtalk.com/api/v1/inbox/events", http.NoBody)
		if err != nil {
			followed <- err
			return
		}
		r.Header.Set("Authorization", "Bearer "+f.tokens["ann"])
		w, err := h.Do(r)
		if err != nil {
			followed <- err
			return
		}
		defer w.Body.Close()
		if w.ProtoMajor != 2 {
			t.Errorf("the stream is %s", w.Proto)
		}
		close(connected)
		followed <- client.ReadEvents(w.Body, func(e client.Event) error { events <- e; return nil })
	}()
	select {
	case <-connected:
	case err := <-followed:
		t.Fatal(err)
	}
	for i := range 3 {
		task, err := app.Send(ctx, client.Audience{Userids: []string{"ann"}}, client.Text{Content: fmt.Sprintf("over https, %d", i)}, "")
		if err != nil || task == 0 {
			t.Fatalf("send: %d, %v", task, err)
		}
	}
	for told := 0; told < 3; {
		select {
		case e := <-events:
			if e.Name == "message" {
				told++
			}
		case err := <-followed:
			t.Fatalf("the stream ended: %v", err)
		}
	}
	// A stream leaves its connection to the calls beside it.
	if n := dialled.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
	cancel()
	<-followed
}

// countDials counts the connections that a client of fixed makes from now on.
func countDials(h *http.Client) *atomic.Int64 {
	transport, n := h.Transport.(*http.Transport), new(atomic.Int64)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		n.Add(1)
		return dial(ctx, network, address)
	}
	return n
}

// Nobody talks to the server in another name, without encryption, or in an older TLS.
func TestTLSRefuses(t *testing.T) {
	t.Parallel()
	authority := mustAuthority(t, "oapi.dingtalk.com")
	n := mustRunTLS(t, authority)
	h, trust := fixed(t, n, authority)
	var wrongName x509.HostnameError
	if _, err := h.Get("https://api.dingtalk.com/gettoken"); !errors.As(err, &wrongName) {
		t.Errorf("another host: %v", err)
	}
	stranger, _ := fixed(t, n, mustAuthority(t, "oapi.dingtalk.com"))
	var unknown x509.UnknownAuthorityError
	if _, err := stranger.Get("https://oapi.dingtalk.com/gettoken"); !errors.As(err, &unknown) {
		t.Errorf("another authority: %v", err)
	}
	old := trust.Clone()
	old.ServerName, old.MinVersion, old.MaxVersion = "oapi.dingtalk.com", tls.VersionTLS10, tls.VersionTLS11
	if conn, err := tls.Dial("tcp", strings.TrimPrefix(n.base, "http://"), old); err == nil {
		t.Errorf("TLS 1.1 is spoken: %v", conn.Close())
	}
	w, err := http.DefaultClient.Do(mustGet(n.base + "/gettoken"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusBadRequest {
		t.Errorf("plain http: %s", w.Status)
	}
}

// Sessions over https have secure cookies, and browsers are told to stay with it.
func TestCookiesOverTLS(t *testing.T) {
	t.Parallel()
	authority := mustAuthority(t, "tidings.example.com")
	n := mustRunTLS(t, authority)
	f := n.mustFirm("Firm", "ann")
	h, _ := fixed(t, n, authority)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	h.Jar = jar
	b := &browser{h, "https://tidings.example.com"}
	b.mustSignIn(t, n, f, "ann")
	if status, body := b.mustAsk(t, http.MethodGet, "me", ""); status != http.StatusOK {
		t.Errorf("signed in: %d %s", status, body)
	}
	w, err := h.Get("https://tidings.example.com/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if w.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
	r := mustGet("https://tidings.example.com/")
	cookies := jar.Cookies(r.URL)
	if len(cookies) == 0 || !strings.HasPrefix(cookies[0].Name, "__Host-") {
		t.Errorf("cookies %v", cookies)
	}
}

// New connections have the new certificate, and those from before go on.
func TestCertificateIsReplaced(t *testing.T) {
	t.Parallel()
	authority := mustAuthority(t, "tidings.example.com")
	n := mustRunTLS(t, authority)
	h, _ := fixed(t, n, authority)
	ask := func(h *http.Client) *x509.Certificate {
		t.Helper()
		w, err := h.Get("https://tidings.example.com/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		if _, err := io.Copy(io.Discard, w.Body); err != nil {
			t.Fatal(err)
		}
		return w.TLS.PeerCertificates[0]
	}
	first := ask(h)
	second, err := certificate.RenewServer(authority, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	n.ReloadCertificate()
	if got := ask(h); !got.Equal(first) {
		t.Error("the connection from before was cut")
	}
	other, _ := fixed(t, n, authority)
	if got := ask(other); !got.Equal(second) {
		t.Error("a new connection has the old certificate")
	}
}

func TestStartRefusesCertificates(t *testing.T) {
	t.Parallel()
	one, other := mustAuthority(t, "a.example.com"), mustAuthority(t, "a.example.com")
	c := settings(t, "sqlite")
	c.TLSCert, c.TLSKey = filepath.Join(one, certificate.ServerCert), filepath.Join(other, certificate.ServerKey)
	if s, err := server.New(context.Background(), c, options(nil)); err == nil || !strings.Contains(err.Error(), "the key is that of another certificate") {
		t.Errorf("%v, %v", s, err)
	}
}

// What HTTP/2 does otherwise than HTTP/1.1 is answered as there: a body that is too large,
// headers that are, and a stop while a stream is open.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	authority := mustAuthority(t, "tidings.example.com")
	n := mustRunTLS(t, authority)
	f := n.mustFirm("Firm", "ann")
	h, _ := fixed(t, n, authority)
	const base = "https://tidings.example.com"
	ask := func(r *http.Request, err error) (int, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		w, err := h.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		text, err := io.ReadAll(w.Body)
		if err != nil || w.ProtoMajor != 2 {
			t.Fatalf("%s: %v", w.Proto, err)
		}
		return w.StatusCode, string(text)
	}
	large := strings.NewReader("msg=" + strings.Repeat("a", 3<<20))
	if status, text := ask(http.NewRequest(http.MethodPost, base+"/topapi/message/corpconversation/asyncsend_v2", large)); status != http.StatusRequestEntityTooLarge || !strings.Contains(text, "41101") {
		t.Errorf("a body that is too large: %d %s", status, text)
	}
	r := mustGet(base + "/api/v1/me")
	r.Header.Set("X-Long", strings.Repeat("a", 20<<10))
	if status, _ := ask(r, nil); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("headers that are too large: %d", status)
	}
	r = mustGet(base + "/api/v1/inbox/events")
	r.Header.Set("Authorization", "Bearer "+f.tokens["ann"])
	w, err := h.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, w.Body)
		ended <- err
	}()
	if err := n.mustEnd(); err != nil {
		t.Errorf("stop: %v", err)
	}
	<-ended
}
