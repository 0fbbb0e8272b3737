package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/tidings-im/tidings/internal/server"
)

// Only trusted proxies are believed, and of what they say the last address that
// is not one of them.
func TestPeers(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/64")}
	for _, c := range []struct {
		connection string
		said       []string
		want       string
	}{
		{"192.0.2.1:5", nil, "192.0.2.1"},
		{"192.0.2.1:5", []string{"198.51.100.7"}, "192.0.2.1"}, // anybody may write it
		{"10.1.2.3:5", []string{"198.51.100.7"}, "198.51.100.7"},
		{"10.1.2.3:5", nil, "10.1.2.3"},
		{"10.1.2.3:5", []string{""}, "10.1.2.3"},
		{"10.1.2.3:5", []string{"made up, 203.0.113.5, 198.51.100.7"}, "198.51.100.7"},
		{"10.1.2.3:5", []string{"203.0.113.5", "198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		{"10.1.2.3:5", []string{"10.8.8.8, 10.9.9.9"}, "10.8.8.8"}, // somebody inside
		{"10.1.2.3:5", []string{"198.51.100.7, unknown"}, "10.1.2.3"},
		{"10.1.2.3:5", []string{"198.51.100.7:4711"}, "198.51.100.7"},
		{"[2001:db8:1::1]:5", []string{"[2001:db8:2::9]:1"}, "2001:db8:2::9"},
		{"[2001:db8:1::1]:5", []string{"[2001:db8:2::9]"}, "2001:db8:2::9"},
		{"[::ffff:10.1.2.3]:5", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"pipe", []string{"198.51.100.7"}, "invalid IP"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = c.connection
		r.Header["X-Forwarded-For"] = c.said
		if got := server.PeerOf(proxies, "X-Forwarded-For", r).String(); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.connection, c.said, got, c.want)
		}
	}
}
