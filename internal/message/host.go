package message

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// splitHost checks the authority of an address and returns its host as a
// browser would use it (an IPv6 address without brackets) and its port.
func splitHost(authority string) (host, port string, ok bool) {
	if strings.HasPrefix(authority, "[") {
		inner, after, closed := strings.Cut(authority[1:], "]")
		addr, err := netip.ParseAddr(inner)
		if !closed || err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", "", false
		}
		port, ok = portOf(after)
		return addr.String(), port, ok
	}
	name := authority
	if i := strings.IndexByte(authority, ':'); i >= 0 {
		name = authority[:i]
		if port, ok = portOf(authority[i:]); !ok {
			return "", "", false
		}
	}
	host, ok = asciiHost(name)
	return host, port, ok
}

// portOf reads "" or ":8080".
func portOf(s string) (string, bool) {
	if s == "" || s == ":" {
		return "", true
	}
	if s[0] != ':' {
		return "", false
	}
	n, err := strconv.ParseUint(s[1:], 10, 16)
	return strconv.FormatUint(n, 10), err == nil && n > 0
}

// asciiHost returns a host name in lower-case ASCII.
func asciiHost(name string) (string, bool) {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	for i, label := range labels {
		ascii, ok := asciiLabel(label)
		if !ok {
			return "", false
		}
		labels[i] = ascii
	}
	host := strings.Join(labels, ".")
	if len(host) > 253 {
		return "", false
	}
	if isNumber(labels[len(labels)-1]) {
		// Browsers take 0x7f.1 and 2130706433 for IPv4 addresses too: only
		// the form that people can read is one.
		addr, err := netip.ParseAddr(host)
		return host, err == nil && addr.Is4()
	}
	if strings.HasSuffix(name, ".") {
		host += "."
	}
	return host, true
}

func isNumber(label string) bool {
	digits, hex := strings.CutPrefix(label, "0x")
	for i := range len(digits) {
		if d, ok := hexDigit(digits[i]); !ok || d > 9 && !hex {
			return false
		}
	}
	return true
}

func asciiLabel(label string) (string, bool) {
	ascii := true
	for _, r := range label {
		switch {
		case r < 0x80:
			if c := byte(r); !isAlphanumeric(c) && c != '-' && c != '_' {
				return "", false
			}
		case isPlainHan(r):
			ascii = false
		default:
			return "", false
		}
	}
	label = strings.ToLower(label)
	if !ascii {
		label = "xn--" + punycode(label)
	}
	return label, label != "" && len(label) <= 63
}

// isPlainHan reports the Chinese characters that stand for themselves in a
// host name: not radicals or compatibility forms, which are mapped to others.
func isPlainHan(r rune) bool {
	return unicode.Is(unicode.Han, r) && (r >= 0x3400 && r <= 0x9fff || r >= 0x20000 && r < 0x2f800)
}
