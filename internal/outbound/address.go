package outbound

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxURL is the most bytes an address may have.
const maxURL = 2048

// Why an address is none that can be called.
var (
	errURL  = errors.New("is not http:// or https:// and a host, at most 2048 characters without spaces, # or a user's name")
	errPort = errors.New("has no port between 1 and 65535")
)

// ParseURL reads an address that somebody names: http or https, a host and perhaps a
// port, path and query. The error does not repeat it: it may hold a token.
func ParseURL(text string) (*url.URL, error) {
	if text == "" || len(text) > maxURL || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return nil, errURL
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Opaque != "" || strings.Contains(text, "#") {
		return nil, errURL
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err != nil && (strings.HasPrefix(u.Host, "[") || !hostName(strings.TrimSuffix(host, ".")) || looksNumeric(host)) {
		return nil, errURL
	}
	if strings.Contains(host, "%") { // an address of one network card
		return nil, errURL
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, errPort
		}
	}
	return u, nil
}

// hostName reports whether a text is made of labels of letters, digits, - and _.
func hostName(text string) bool {
	if text == "" || len(text) > 253 {
		return false
	}
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			return false
		}
	}
	return true
}

// looksNumeric reports whether a name is what some resolvers read as an IPv4 address:
// its last label is a number, as in 127.1, 0x7f.1 and 2130706433. No name on the
// Internet ends so.
func looksNumeric(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	last := host[strings.LastIndexByte(host, '.')+1:]
	if rest, hex := strings.CutPrefix(last, "0x"); hex {
		_, err := strconv.ParseUint("0"+rest, 16, 64)
		return err == nil
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}
