package outbound_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/outbound"
)

func get(t *testing.T, c *http.Client, address string) (status int, body string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// A client for a library reaches what Post reaches, and nothing else.
func TestHTTPReaches(t *testing.T) {
	t.Parallel()
	address, called := inside(t, nil)
	at := ":" + port(t, address) + "/"
	n := &names{asked: map[string]int{}, hosts: map[string][]string{
		"loopback.example.com": {"127.0.0.1"}, "metadata.example.com": {"169.254.169.254"}, "rebound.example.com": {"10.255.255.1", "127.0.0.1"}, "opened.example.com": {"127.0.0.1"},
	}}
	c := outbound.New(outbound.Options{Resolver: n.resolver(t), Allowed: outbound.Allowed{Hosts: []string{"opened.example.com"}}})
	everybody, operator := c.HTTP(false, 0), c.HTTP(true, 0)
	for _, host := range []string{"loopback.example.com", "metadata.example.com", "rebound.example.com", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "0.0.0.0"} {
		if _, _, err := get(t, everybody, "http://"+host+at); !refusal(err) {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, bad := range []string{"ftp://example.com/", "http://user@example.com/", "http://127.1" + at, "http://example.com/#a"} {
		if _, _, err := get(t, everybody, bad); err == nil {
			t.Errorf("%s is called", bad)
		}
	}
	if _, _, err := get(t, operator, "http://169.254.169.254"+at); !refusal(err) {
		t.Errorf("the operator reaches what is nobody's to name: %v", err)
	}
	if called.Load() != 0 {
		t.Fatalf("%d calls reached a server on this machine", called.Load())
	}
	if status, _, err := get(t, operator, address); err != nil || status != http.StatusOK {
		t.Errorf("the operator: %d, %v", status, err)
	}
	if _, _, err := get(t, everybody, address); !refusal(err) {
		t.Errorf("a connection of the operator is lent: %v", err)
	}
	if status, _, err := get(t, everybody, "http://opened.example.com"+at); err != nil || status != http.StatusOK {
		t.Errorf("an allowed host: %d, %v", status, err)
	}
}

func TestHTTPBounds(t *testing.T) {
	t.Parallel()
	secretPlace, reached := inside(t, nil)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		right  func(status int, body string, err error) bool
	}{
		"a redirect": {
			func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, secretPlace, http.StatusFound) },
			func(status int, _ string, err error) bool { return err == nil && status == http.StatusFound },
		},
		"as much as may be": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1000)) },
			func(_ int, body string, err error) bool { return err == nil && len(body) == 1000 },
		},
		"one byte more": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1001)) },
			func(_ int, body string, err error) bool {
				return errors.Is(err, outbound.ErrAnswerTooLarge) && len(body) == 1000
			},
		},
		"who asks": {
			func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.UserAgent())) },
			func(_ int, body string, err error) bool { return err == nil && body == "Tidings" },
		},
	} {
		address, _ := inside(t, c.answer)
		client := outbound.New(outbound.Options{Allowed: outbound.Allowed{Prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}})
		if status, body, err := get(t, client.HTTP(false, 1000), address); !c.right(status, body, err) {
			t.Errorf("%s: %d, %d bytes, %v", name, status, len(body), err)
		}
		client.CloseIdle()
	}
	if reached.Load() != 0 {
		t.Error("a redirect was followed")
	}
	if limit := outbound.New(outbound.Options{}).HTTP(false, 0).Timeout; limit != outbound.Within {
		t.Errorf("a call may take %v", limit)
	}
	address, _ := inside(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	patient := outbound.New(outbound.Options{}).HTTP(true, 0)
	patient.Timeout = 50 * time.Millisecond
	if _, _, err := get(t, patient, address); !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "Timeout") {
		t.Errorf("silence: %v", err)
	}
}
