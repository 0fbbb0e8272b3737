package outbound_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/tidings-im/tidings/internal/outbound"
)

// names is a server of names whose answers may change from one question to the next.
type names struct {
	mu    sync.Mutex
	hosts map[string][]string // each answer is some addresses with commas between them
	asked map[string]int
}

func (n *names) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	listener, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		buffer := make([]byte, 512)
		for {
			size, from, err := listener.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer := n.answer(buffer[:size]); answer != nil {
				_, _ = listener.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", listener.LocalAddr().String())
	}}
}

func (n *names) answer(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	n.mu.Lock()
	defer n.mu.Unlock()
	if q.Type == dnsmessage.TypeA {
		n.asked[q.Name.String()]++
	}
	answers := n.hosts[strings.TrimSuffix(q.Name.String(), ".")]
	if len(answers) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	for i, answer := range answers {
		if i != min(max(n.asked[q.Name.String()]-1, 0), len(answers)-1) {
			continue
		}
		for one := range strings.SplitSeq(answer, ",") {
			a := netip.MustParseAddr(one)
			h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
			if a.Is4() && q.Type == dnsmessage.TypeA {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}})
			}
			if a.Is6() && q.Type == dnsmessage.TypeAAAA {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
			}
		}
	}
	packed, _ := m.Pack()
	return packed
}

// inside is a server that nobody but the operator may reach.
func inside(t *testing.T, answer http.HandlerFunc) (address string, called *atomic.Int32) {
	t.Helper()
	called = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called.Add(1)
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, called
}

func port(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

func refusal(err error) bool {
	var refused *outbound.RefusedError
	return errors.As(err, &refused)
}

// A name is judged by where it leads at the moment of dialling.
func TestResolved(t *testing.T) {
	t.Parallel()
	address, called := inside(t, nil)
	at := ":" + port(t, address) + "/hook"
	n := &names{asked: map[string]int{}, hosts: map[string][]string{
		"loopback.example.com": {"127.0.0.1"}, "six.example.com": {"::1"}, "mapped.example.com": {"::ffff:127.0.0.1"}, "private.example.com": {"10.255.255.1"},
		"all.example.com": {"127.0.0.1,::1,10.0.0.1,169.254.169.254,fe80::1,0.0.0.0"}, "metadata.example.com": {"169.254.169.254"}, "zero.example.com": {"0.0.0.0"},
		"nat64.example.com": {"64:ff9b::7f00:1"}, "rebound.example.com": {"10.255.255.1", "127.0.0.1"}, "opened.example.com": {"127.0.0.1"},
	}}
	c := outbound.New(outbound.Options{Resolver: n.resolver(t), Allowed: outbound.Allowed{Hosts: []string{"opened.example.com"}}})
	post := func(host string, byOperator bool) error {
		_, err := c.Post(t.Context(), outbound.Request{URL: "http://" + host + at, ByOperator: byOperator, Within: 5 * time.Second})
		return err
	}
	for host := range n.hosts {
		if host == "opened.example.com" {
			continue
		}
		for range 3 { // another answer, and a name that was asked before
			if err := post(host, false); !refusal(err) {
				t.Errorf("%s: %v", host, err)
			}
		}
	}
	for _, literal := range []string{"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "169.254.169.254", "0.0.0.0", "[::]", "10.0.0.1", "192.168.1.1", "[fd00::1]", "[fec0::1]", "255.255.255.255"} {
		if err := post(literal, false); !refusal(err) {
			t.Errorf("%s: %v", literal, err)
		}
	}
	if err := post("metadata.example.com", true); !refusal(err) {
		t.Errorf("the operator reaches what is nobody's to name: %v", err)
	}
	if called.Load() != 0 {
		t.Fatalf("%d calls reached a server on this machine", called.Load())
	}
	for range 2 {
		if err := post("opened.example.com", false); err != nil {
			t.Errorf("an allowed host: %v", err)
		}
		if err := post("127.0.0.1", true); err != nil {
			t.Errorf("an address of the operator: %v", err)
		}
		// The connection that the operator has left open is not lent to others.
		if err := post("127.0.0.1", false); !refusal(err) {
			t.Errorf("an address that the operator called before: %v", err)
		}
	}
	if called.Load() != 4 {
		t.Errorf("%d calls arrived, want 4", called.Load())
	}
}

// A refusal tells the operator the option that allows it.
func TestRefusalNamesTheOption(t *testing.T) {
	t.Parallel()
	_, err := outbound.New(outbound.Options{}).Post(t.Context(), outbound.Request{URL: "http://10.1.2.3/?token=secret"})
	if err == nil || !strings.Contains(err.Error(), "--outbound-allow 10.1.2.3/32") || strings.Contains(err.Error(), "secret") {
		t.Errorf("the refusal says %v", err)
	}
}

// Endpoints that do what they should not.
func TestHostile(t *testing.T) {
	t.Parallel()
	secretPlace, reached := inside(t, nil)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		right  func(outbound.Answer, error) bool
	}{
		"redirects": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, secretPlace, http.StatusTemporaryRedirect)
			},
			func(a outbound.Answer, err error) bool { return err == nil && a.Status == http.StatusTemporaryRedirect },
		},
		"an endless answer": {
			func(w http.ResponseWriter, _ *http.Request) {
				piece := make([]byte, 64<<10)
				for err := error(nil); err == nil; _, err = w.Write(piece) {
				}
			},
			func(_ outbound.Answer, err error) bool { return errors.Is(err, outbound.ErrAnswerTooLarge) },
		},
		"as much as may be": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, outbound.AnswerLimit)) },
			func(a outbound.Answer, err error) bool { return err == nil && len(a.Body) == outbound.AnswerLimit },
		},
		"huge headers": {
			func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Large", strings.Repeat("x", 1<<20)) },
			func(_ outbound.Answer, err error) bool { return err != nil },
		},
		"a bomb": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write([]byte("not unpacked"))
			},
			func(a outbound.Answer, err error) bool { return err == nil && string(a.Body) == "not unpacked" },
		},
		"silence": {
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			func(_ outbound.Answer, err error) bool { return errors.Is(err, context.DeadlineExceeded) },
		},
		"silence half-way": {
			func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte("a"))
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			},
			func(_ outbound.Answer, err error) bool { return errors.Is(err, context.DeadlineExceeded) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drained := func(w http.ResponseWriter, r *http.Request) {
				_, _ = r.Body.Read(make([]byte, 16))
				c.answer(w, r)
			}
			address, _ := inside(t, drained)
			client := outbound.New(outbound.Options{})
			defer client.CloseIdle()
			limit := 2 * time.Second
			if strings.HasPrefix(name, "silence") {
				limit = 100 * time.Millisecond
			}
			a, err := client.Post(t.Context(), outbound.Request{URL: address, ByOperator: true, Body: []byte("{}"), Within: limit})
			if !c.right(a, err) {
				t.Errorf("status %d, %d bytes, %v", a.Status, len(a.Body), err)
			}
		})
	}
	t.Cleanup(func() {
		if reached.Load() != 0 {
			t.Error("a redirect was followed")
		}
	})
}

func TestTLS(t *testing.T) {
	t.Parallel()
	for version, works := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version} //nolint:gosec // what the client must refuse
		s.Config.ErrorLog = quiet()
		s.StartTLS()
		t.Cleanup(s.Close)
		roots := x509.NewCertPool()
		roots.AddCert(s.Certificate())
		known := outbound.New(outbound.Options{TLS: &tls.Config{RootCAs: roots}})
		if _, err := known.Post(t.Context(), outbound.Request{URL: s.URL, ByOperator: true}); err == nil != works {
			t.Errorf("TLS version %x: %v", version, err)
		}
		if _, err := outbound.New(outbound.Options{}).Post(t.Context(), outbound.Request{URL: s.URL, ByOperator: true}); err == nil {
			t.Error("an unknown certificate is accepted")
		}
	}
}

// Variables of the environment that name a proxy change nothing.
func TestNoProxy(t *testing.T) {
	address, called := inside(t, nil)
	proxy, asked := inside(t, nil)
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy)
	}
	if _, err := outbound.New(outbound.Options{}).Post(t.Context(), outbound.Request{URL: address, ByOperator: true}); err != nil {
		t.Fatal(err)
	}
	if called.Load() != 1 || asked.Load() != 0 {
		t.Errorf("the server was called %d times, the proxy %d times", called.Load(), asked.Load())
	}
}
