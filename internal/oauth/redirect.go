package oauth

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
)

// MaxRedirectURIs is how many addresses an app may declare.
const MaxRedirectURIs = 20

const maxAddress = 2048 // bytes

// hostName is a name or an IPv4 address, in lower case. Other alphabets are written in
// their ASCII form (xn--…).
var hostName = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// answerNames are what the answer adds to the query of an address, which therefore may
// not have them already: a program would read the first of two.
var answerNames = []string{"authCode", "code", "state", "error"}

// CleanRedirectURI returns an address that an app declares in the form it is compared in:
// without its scheme's own port. An address is https://HOST/PATH, or http on the same
// machine; it has no query, and a host alone is none. Fails with CodeParameterInvalid
// (field "redirect_uri").
func CleanRedirectURI(address string) (string, error) {
	u, err := parseAddress(address)
	if err != nil {
		return "", err
	}
	if u.RawQuery != "" || u.ForceQuery {
		return "", badAddress("a declared address has no query: every query is accepted with it")
	}
	return u.String(), nil
}

// parseAddress reads an address in the one form that browsers and we understand alike.
func parseAddress(address string) (*url.URL, error) {
	if address == "" || len(address) > maxAddress {
		return nil, badAddress("an address has 1 to %d bytes", maxAddress)
	}
	for _, c := range []byte(address) {
		if c <= ' ' || c >= 0x7f {
			return nil, badAddress("an address is of ASCII without blanks: encode what is not, and write the host in its xn-- form")
		}
	}
	if strings.ContainsAny(address, "\\#") || strings.Contains(strings.ToLower(address), "%5c") {
		return nil, badAddress("an address has neither a backslash nor a fragment")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Opaque != "":
		return nil, badAddress("an address is one such as https://example.com/callback")
	case !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://"):
		return nil, badAddress("an address begins with https://, or with http:// on the same machine, in lower case")
	case u.User != nil || strings.Contains(authority(address), "@"):
		return nil, badAddress("an address names no user")
	}
	if err := cleanHost(u); err != nil {
		return nil, err
	}
	if path := u.EscapedPath(); !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || slices.ContainsFunc(strings.Split(u.Path, "/"), isDots) {
		return nil, badAddress("an address has a path without dots, / at least: https://example.com/callback")
	}
	return u, nil
}

// authority is what stands between // and the path.
func authority(address string) string {
	_, rest, _ := strings.Cut(address, "//")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		return rest
	}
	return rest[:end]
}

func isDots(segment string) bool { return segment == "." || segment == ".." }

// cleanHost checks an address's host and leaves out the port that its scheme has anyway.
func cleanHost(u *url.URL) error {
	host, port := u.Hostname(), u.Port()
	ip, err := netip.ParseAddr(host)
	isIP := err == nil && ip.Zone() == "" && ip.String() == host
	if !isIP && (!hostName.MatchString(host) || lastIsNumber(host)) {
		return badAddress("the host of an address is a name in lower case or an IP address")
	}
	if u.Scheme == "http" && host != "localhost" && !(isIP && ip.IsLoopback()) {
		return badAddress("an address takes https, but on the same machine (127.0.0.1, [::1], localhost)")
	}
	if port == "" && strings.HasSuffix(u.Host, ":") || strings.HasPrefix(port, "0") || len(port) > 5 {
		return badAddress("the port of an address is a number")
	}
	if own := map[string]string{"https": "443", "http": "80"}[u.Scheme]; port == own {
		port = ""
	}
	u.Host = host
	if strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	}
	if port != "" {
		u.Host = net.JoinHostPort(host, port)
	}
	return nil
}

// lastIsNumber reports whether browsers would read a host as an IPv4 address in a form of
// its own, such as 127.1 or 0x7f.1.
func lastIsNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x")
}

// declared returns a request's address, read, when it is one of those that an app
// declares. The query is the program's own.
func declared(list []string, address string) (*url.URL, error) {
	u, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	whole := *u
	whole.RawQuery, whole.ForceQuery = "", false
	if !slices.Contains(list, whole.String()) {
		return nil, badAddress("the app does not declare this address")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, badAddress("the query of the address cannot be read")
	}
	for _, name := range answerNames {
		if query.Has(name) {
			return nil, badAddress("the query of the address has %s, which the answer adds", name)
		}
	}
	return u, nil
}

// back is an address with an answer in its query. What the program has there stays.
func back(u *url.URL, answer url.Values) string {
	to := *u
	if to.RawQuery != "" {
		to.RawQuery += "&"
	}
	to.RawQuery += answer.Encode()
	return to.String()
}

func badAddress(format string, args ...any) error {
	return fault.New(fault.CodeParameterInvalid, format, args...).WithField("redirect_uri")
}
