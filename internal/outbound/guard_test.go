package outbound_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/tidings-im/tidings/internal/outbound"
)

// refused are networks that nobody may name, unless the operator allows it; private
// ones may be the operator's.
var refused = map[string]bool{ // → private
	"0.0.0.0/8": false, "169.254.0.0/16": false, "192.0.0.0/24": false, "192.0.2.0/24": false, "198.51.100.0/24": false,
	"203.0.113.0/24": false, "192.88.99.0/24": false, "198.18.0.0/15": false, "224.0.0.0/4": false, "240.0.0.0/4": false,
	"::/96": false, "::ffff:0:0/96": false, "64:ff9b::/96": false, "64:ff9b:1::/48": false, "100::/64": false, "2001::/23": false,
	"2001:db8::/32": false, "3fff::/20": false, "2002::/16": false, "fe80::/10": false, "fec0::/10": false, "ff00::/8": false,
	"100.100.100.200/32": false, "fd00:ec2::254/128": false, "4000::/3": false, "::1:0:0/96": false,
	"127.0.0.0/8": true, "10.0.0.0/8": true, "172.16.0.0/12": true, "192.168.0.0/16": true, "100.64.0.0/10": true, "fc00::/7": true, "::1/128": true,
}

var public = []string{
	"1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
	"169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
	"198.20.0.0", "223.255.255.255", "2001:200::1", "2001:4860:4860::8888", "2400:3200::1", "2600::", "2003::1", "3ffe:ffff::1",
}

// Each network that is refused is so at its first and last address, in every form that
// an address may be written in, and at its neighbours only if those are refused too.
func TestGuard(t *testing.T) {
	t.Parallel()
	cases := 0
	check := func(allowed outbound.Allowed, a netip.Addr, byOperator, want bool) {
		t.Helper()
		cases++
		if got := outbound.Refuse(allowed, "hook.example.com", a, byOperator) == nil; got != want {
			t.Errorf("%s, named by the operator: %t, allowed %v: may be dialled: %t, want %t", a, byOperator, allowed, got, want)
		}
	}
	for text, private := range refused {
		network := netip.MustParsePrefix(text)
		for _, a := range []netip.Addr{network.Addr(), network.Addr().Next(), last(network)} {
			if !network.Contains(a) || (a == netip.MustParseAddr("::1")) != (text == "::1/128") {
				continue
			}
			check(outbound.Allowed{}, a, false, false)
			check(outbound.Allowed{}, a, true, private)
			check(outbound.Allowed{Hosts: []string{"hook.example.com"}}, a, false, private)
			check(outbound.Allowed{Hosts: []string{"example.com"}}, a, false, false)
			check(outbound.Allowed{Prefixes: []netip.Prefix{network}}, a, false, true)
			for _, form := range forms(a) {
				check(outbound.Allowed{}, form, false, false)
			}
		}
	}
	for _, text := range public {
		a := netip.MustParseAddr(text)
		check(outbound.Allowed{}, a, false, true)
		for _, form := range forms(a) {
			check(outbound.Allowed{}, form, false, false)
			check(outbound.Allowed{}, form, true, false)
		}
	}
	if cases < 200 {
		t.Errorf("only %d cases", cases)
	}
	t.Logf("%d cases", cases)
}

// last is the last address of a network.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// forms are the ways to write an IPv4 address as one of IPv6.
func forms(a netip.Addr) []netip.Addr {
	if !a.Is4() {
		return nil
	}
	b := a.As4()
	return []netip.Addr{
		netip.MustParseAddr("::ffff:" + a.String()), netip.MustParseAddr("64:ff9b::" + a.String()), netip.MustParseAddr("::" + a.String()),
		netip.MustParseAddr(fmt.Sprintf("2002:%02x%02x:%02x%02x::1", b[0], b[1], b[2], b[3])),
		netip.MustParseAddr(fmt.Sprintf("2001:0:%02x%02x:%02x%02x::", b[0], b[1], b[2], b[3])),
	}
}

func TestParseAllowed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", " , ": "", "10.1.2.3": "10.1.2.3", "10.1.2.3/8": "10.0.0.0/8", "fd00::1/128": "fd00::1", "Hooks.Example.com.": "hooks.example.com",
		"hooks.example.com, 192.168.0.0/16": "192.168.0.0/16,hooks.example.com",
	} {
		a, err := outbound.ParseAllowed(text)
		if err != nil || a.String() != want {
			t.Errorf("%q is read as %q: %v; want %q", text, a, err, want)
		}
	}
	for _, text := range []string{"10.0.0.0/33", "http://example.com", "example.com:80", "*.example.com", "127.1", "2130706433", "0x7f000001", "fe80::1%eth0", "a b", "-a"} {
		if a, err := outbound.ParseAllowed(text); err == nil {
			t.Errorf("%q is read as %q", text, a)
		}
	}
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"http://example.com", "https://example.com/", "https://example.com:8443/a?b=c&d=%20", "http://127.0.0.1:8080/x", "http://[::1]:80/", "http://under_score.example.com/", "http://EXAMPLE.com./",
		"http://0xcafe.example.com/",
	} {
		if _, err := outbound.ParseURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "example.com", "ftp://example.com/", "//example.com", "http:/example.com", "http:example.com", "http://", "http:///x", "http://user@example.com/", "http://user:secret@example.com/",
		"http://example.com/#x", "http://example.com:0/", "http://example.com:65536/", "http://example.com:/", "http://example.com:x/", "http://exa mple.com/", "http://example.com/\r\nHost: x", "http://example.com\\@127.0.0.1/",
		"http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://017700000001/", "http://0x7f.0x0.0x0.0x1/", "http://127.0.0.1.:x/", "http://0/", "http://0x/",
		"http://[fe80::1%25eth0]/", "http://[::1/", "http://[example.com]/", "http://①②⑦.0.0.1/", "http://ｅxample.com/", "http://a..b/", "http://-a.example.com/", "http://%31%32%37.0.0.1/", "javascript:alert(1)", "file:///etc/passwd",
		"gopher://127.0.0.1:25/", "http://example.com/\x00", "HTTP//example.com", "http://256.256.256.256/", "http://127.0.0.1.2/", "http://1.2.3.4.5/",
	} {
		if _, err := outbound.ParseURL(bad); err == nil {
			t.Errorf("%q can be called", bad)
		}
	}
}
