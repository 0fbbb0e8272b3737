package message_test

import (
	"slices"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

func TestTrustedHosts(t *testing.T) {
	t.Parallel()
	clean, err := message.CleanTrustedHosts([]string{
		" Example.com ", "https://example.com:443", "*.example.org", "http://intranet.example.com", "build.example.com:8443",
		"http://10.0.0.7:8080", "公司.example.com",
	})
	want := message.TrustedHosts{
		"*.example.org", "build.example.com:8443", "example.com", "http://10.0.0.7:8080", "http://intranet.example.com", "xn--55qx5d.example.com",
	}
	if err != nil || !slices.Equal(clean, want) {
		t.Fatalf("%q, %v; want %q", clean, err, want)
	}
	for address, trusted := range map[string]bool{
		"https://example.com/":              true,
		"https://example.com":               true,
		"https://example.com:443/a?b":       true,
		"http://example.com/":               false,
		"https://example.com:8443/":         false,
		"https://www.example.com/":          false,
		"https://example.com.example.net/":  false,
		"https://a.example.org/":            true,
		"https://a.b.example.org/":          true,
		"https://example.org/":              false,
		"https://badexample.org/":           false,
		"http://a.example.org/":             false,
		"https://a.example.org:8443/":       false,
		"http://intranet.example.com/x":     true,
		"http://intranet.example.com:80/x":  true,
		"http://intranet.example.com:8080/": false,
		"https://intranet.example.com/":     false,
		"https://build.example.com:8443/#x": true,
		"https://build.example.com/":        false,
		"http://10.0.0.7:8080/":             true,
		"http://10.0.0.7/":                  false,
		"https://xn--55qx5d.example.com/":   true,
		"":                                  false,
		"https://":                          false,
	} {
		if clean.Trusts(address) != trusted {
			t.Errorf("%s: trusted is %v", address, !trusted)
		}
	}
	for _, entry := range []string{
		"", "https://", "*", "*.", "example.com/path", "user@example.com", "a b.example.com", "ftp://example.com", "example.com:0", "example.com:99999",
		"[::1]", "a,b.example.com", "*.*.example.com", "a.*.example.com", "exa\u200bmple.com", "0x7f.1",
	} {
		if clean, err := message.CleanTrustedHosts([]string{"ok.example.com", entry}); !fault.Is(err, fault.CodeParameterInvalid) || fault.From(err).Field != "trusted_hosts" {
			t.Errorf("%q is %q, %v", entry, clean, err)
		}
	}
}
