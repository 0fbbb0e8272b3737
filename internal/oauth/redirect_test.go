package oauth_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/oauth"
)

// A declared address is one that browsers and we read alike.
func TestRedirectAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://example.com/cb":                "https://example.com/cb",
		"https://example.com/":                  "https://example.com/",
		"https://example.com:443/cb":            "https://example.com/cb",
		"https://example.com:8443/a/b%20c":      "https://example.com:8443/a/b%20c",
		"https://xn--fiqs8s.example.com/cb":     "https://xn--fiqs8s.example.com/cb",
		"https://192.0.2.7/cb":                  "https://192.0.2.7/cb",
		"https://[2001:db8::1]:8443/cb":         "https://[2001:db8::1]:8443/cb",
		"http://127.0.0.1:8000/cb":              "http://127.0.0.1:8000/cb",
		"http://127.0.0.1:80/cb":                "http://127.0.0.1/cb",
		"http://[::1]:8000/cb":                  "http://[::1]:8000/cb",
		"http://localhost/cb":                   "http://localhost/cb",
		"https://example.com/a/%E4%BD%A0/login": "https://example.com/a/%E4%BD%A0/login",
	} {
		got, err := oauth.CleanRedirectURI(address)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", address, got, err)
		}
	}
	for _, address := range []string{
		"", "example.com", "example.com/cb", "https://example.com", "https:example.com/cb", "https:/example.com/cb", "//example.com/cb", "/cb",
		"https:///cb", "https://example.com//cb", `https://example.com\cb`, "https://example.com/%5ccb", "https://example.com/%5Ccb",
		`https://example.com\@example.org/cb`, "https://user@example.com/cb", "https://user:word@example.com/cb", "https://@example.com/cb",
		"https://example.com/cb#", "https://example.com/cb#part", "https://example.com/cb?a=b", "https://example.com/cb?",
		"HTTPS://example.com/cb", "https://Example.com/cb", "https://例子.example.com/cb", "https://example.com/你", "https://example.com./cb",
		"https://example.com/a/../cb", "https://example.com/a/%2e%2e/cb", "https://example.com/./cb", "https://*.example.com/cb",
		"http://example.com/cb", "http://127.0.0.1.example.com/cb", "http://localhost.example.com/cb", "http://127.1/cb", "http://2130706433/cb",
		"http://0x7f.1/cb", "http://[::ffff:192.0.2.7]/cb", "http://[fe80::1%25lo]/cb", "https://example.com:/cb", "https://example.com:0443/cb", "https://example.com:99999999/cb",
		"https://example.com:a/cb", "https://exa mple.com/cb", "https://example.com/c b", "https://example.com/cb\n", "https://example.com/\x00", "\thttps://example.com/cb",
		"javascript:alert(1)", "javascript://example.com/%0aalert(1)", "data:text/html,x", "ftp://example.com/cb", "app://callback/", "https://-example.com/cb", "https://exam_ple.com/cb",
	} {
		got, err := oauth.CleanRedirectURI(address)
		if f := fault.From(err); err == nil || f.Code != fault.CodeParameterInvalid || f.Field != "redirect_uri" {
			t.Errorf("%q is taken as %q: %v", address, got, err)
		}
	}
}
